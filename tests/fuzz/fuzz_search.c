/* fuzz_search.c - any text is a query: what is read of it holds together, and asked of itself, of a
 * card and of a text nothing crashes. The first half is the query, the second a card or a text. */
#include "tests/fuzz/fuzz.h"

#include "core/base/utf.h"
#include "core/search_card.h"
#include "core/search_run.h"

#define ARENA_BYTES_MAX ((size_t)64 << 20)
#define NOW_MS          INT64_C(1795255200000)

static void check_term(const struct search_term *t)
{
    bool wants = t->op == SEARCH_TEXT || (t->op >= SEARCH_NAME && t->op <= SEARCH_CHECKLIST);
    CHECK(wants == (t->text.len > 0));
    CHECK(IMPLIES(t->days > 0, t->op >= SEARCH_DUE));
    CHECK(IMPLIES(t->op != SEARCH_TEXT, search_op_name(t->op).len > 0));
}

static void ask(const struct search *s, struct slice text, struct arena *arena)
{
    struct search_run run = {.search = s, .how = FOLD_ANYWHERE, .keep = 1};
    struct search_card card;
    struct buf folded;
    search_run_init(&run);
    buf_init(&folded, ARENA_BYTES_MAX);
    fold_add(&folded, text);
    struct slice once = arena_dup(arena, buf_slice(&folded));
    for (uint32_t i = 0; i < s->count; i++) {
        struct slice needle = s->terms[i].text;
        bool anywhere = fold_has(once, needle, FOLD_ANYWHERE);
        CHECK(IMPLIES(fold_has(once, needle, FOLD_STARTS_WORD), anywhere));
        CHECK(IMPLIES(
                fold_has(once, needle, FOLD_WORDS), fold_has(once, needle, FOLD_STARTS_WORD)));
        for (enum fold_find how = FOLD_ANYWHERE; how <= FOLD_WORDS && utf_valid(text); how++)
            CHECK(needle_in(&run.needles[i], text, how, &folded) == fold_has(once, needle, how));
    }
    search_run_name(&run, text, false, false);
    if (search_card_read((struct id){{0}}, text, &card)) {
        for (uint32_t i = 0; i < s->count; i++)
            search_card_holds(&card, &s->terms[i], NOW_MS);
        struct slice labels = search_card_member(&card, CARD_LABELS);
        while (search_id_next(&labels, &card.id)) {
        }
        json_text(search_card_member(&card, CARD_NAME), &folded);
    }
    buf_fini(&folded);
    search_run_fini(&run);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    if (size > SEARCH_QUERY_BYTES_MAX) return 0;
    struct slice query = slice_of(data, size / 2),
                 text = slice_of(data + size / 2, size - size / 2);
    arena_init(&arena, 4096, ARENA_BYTES_MAX);
    struct search *s = ARENA_NEW(&arena, struct search);
    search_parse(&arena, query, s);
    CHECK(s->count <= SEARCH_TERMS_MAX);
    for (uint32_t i = 0; i < s->count; i++)
        check_term(&s->terms[i]);
    ask(s, text, &arena);
    arena_fini(&arena);
    return 0;
}
