/* Cases shared with the browser client (tests/vectors/search_*.json): both fold, read and find
 * alike. */
#include "core/search.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/date.h"
#include "core/base/json.h"
#include "core/base/rng.h"
#include "core/search_card.h"
#include "core/search_run.h"

#define FILE_BYTES_MAX ((size_t)1 << 20)

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 16, (size_t)64 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_fini(&arena);
    return 0;
}

static const json_t *vectors(const char *name)
{
    char path[128];
    struct fault fault = {0};
    json_t *tree;
    snprintf(path, sizeof path, "tests/vectors/%s", name); /* tests run in the project's root */
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_msg("no file %s", path);
    char *text = arena_alloc(&arena, FILE_BYTES_MAX);
    size_t len = fread(text, 1, FILE_BYTES_MAX, file);
    fclose(file);
    if (json_read(&arena, slice_of(text, len), &tree, &fault) != ERR_OK)
        fail_msg("%s: %s", path, fault.wrong);
    return tree;
}

static struct slice string_of(const json_t *object, const char *key)
{
    struct slice text = SLICE("");
    json_get_slice(object, key, &text);
    return text;
}

static void assert_slice(struct slice got, struct slice expected, const char *what)
{
    if (!slice_eq(got, expected))
        fail_msg("%s: got \"%.*s\", expected \"%.*s\"", what, SLICE_ARG(got), SLICE_ARG(expected));
}

/* -- folding */

static void test_fold__case_and_accents_do_not_count(void **state)
{
    (void)state;
    const json_t *cases = vectors("search_fold.json");
    struct buf out;
    buf_init(&out, KIB(4));
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        struct slice name = string_of(one, "name");
        buf_clear(&out);
        fold_add(&out, name);
        assert_slice(buf_slice(&out), string_of(one, "folded"), arena_cstr(&arena, name));
        buf_clear(&out);
        fold_add(&out, string_of(one, "folded"));
        assert_slice(buf_slice(&out), string_of(one, "folded"), "twice");
    }
    buf_clear(&out);
    fold_add(&out, SLICE("a\xc1\xa9\xff\xc3"));
    assert_slice(buf_slice(&out), SLICE("a\xc1\xa9\xff\xc3"), "not UTF-8");
    buf_fini(&out);
}

static bool text_has(
        struct slice text, struct slice needle, enum fold_find how, struct buf *scratch)
{
    buf_clear(scratch);
    fold_add(scratch, text);
    return fold_has(buf_slice(scratch), needle, how);
}

static void test_fold__finds_at_words(void **state)
{
    static const struct {
        const char *text, *needle;
        bool anywhere, starts, words;
    } cases[] = {
            {"Repaint it", "paint", true, false, false},
            {"Paints it", "paint", true, true, false},
            {"it: paint!", "paint", true, true, true},
            {"paint paints repaint", "paint", true, true, true},
            {"repaint paint", "paint", true, true, true},
            {"caf\xc3\xa9s", "cafe", true, true, false},
            {"le caf\xc3\xa9.", "cafe", true, true, true},
            {"\xc3\xa9"
             "clair",
                    "clair", true, false, false},
            {"\xe5\xa3\x81\xe3\x82\x92", "\xe3\x82\x92", true, true, true},
            {"snake_case", "case", true, false, false},
            {"a", "ab", false, false, false},
            {"", "a", false, false, false},
            {"a", "", false, false, false},
    };
    struct buf scratch;
    (void)state;
    buf_init(&scratch, KIB(4));
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct slice text = slice_cstr(cases[i].text), needle = slice_cstr(cases[i].needle);
        bool anywhere = text_has(text, needle, FOLD_ANYWHERE, &scratch);
        bool starts = text_has(text, needle, FOLD_STARTS_WORD, &scratch);
        bool words = text_has(text, needle, FOLD_WORDS, &scratch);
        if (anywhere != cases[i].anywhere || starts != cases[i].starts || words != cases[i].words)
            fail_msg("%s in %s: %d %d %d", cases[i].needle, cases[i].text, anywhere, starts, words);
    }
    buf_fini(&scratch);
}

/* -- reading */

static void assert_term(const struct search_term *t, const json_t *expected, const char *name)
{
    uint64_t days = 0;
    json_get_u64(expected, "days", &days);
    assert_slice(search_op_name(t->op), string_of(expected, "op"), name);
    assert_slice(t->text, string_of(expected, "text"), name);
    assert_slice(t->plain, string_of(expected, "plain"), name);
    if (t->days != days) fail_msg("%s: %u days", name, t->days);
    if (t->negated != (json_object_get(expected, "negated") != NULL)) fail_msg("%s: minus", name);
}

static void test_parse__reads_what_the_client_reads(void **state)
{
    static const char *const sorts[] = {"", "created", "edited", "due"};
    const json_t *cases = vectors("search_parse.json");
    struct search *s = ARENA_NEW(&arena, struct search);
    (void)state;
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i);
        const json_t *terms = json_object_get(one, "terms");
        const char *name = arena_cstr(&arena, string_of(one, "name"));
        search_parse(&arena, string_of(one, "query"), s);
        if (s->count != json_array_size(terms)) fail_msg("%s: %u terms", name, s->count);
        for (uint32_t k = 0; k < s->count; k++)
            assert_term(&s->terms[k], json_array_get(terms, k), name);
        assert_slice(slice_cstr(sorts[s->sort]), string_of(one, "sort"), name);
        if (s->reversed != json_is_true(json_object_get(one, "reversed")))
            fail_msg("%s: order", name);
    }
}

static void test_parse__looks_at_so_many_terms(void **state)
{
    char text[4 * (SEARCH_TERMS_MAX + 9)] = "";
    struct search *s = ARENA_NEW(&arena, struct search);
    (void)state;
    for (int i = 0; i < SEARCH_TERMS_MAX + 9; i++)
        strcat(text, "ab ");
    search_parse(&arena, slice_cstr(text), s);
    assert_int_equal(s->count, SEARCH_TERMS_MAX);
}

/* -- finding, over storage that is the vectors' board */

struct row {
    enum kind kind;
    struct id id;
    struct slice json;
};

static struct row rows[64];
static size_t row_count;
static const json_t *texts;
static uint32_t texts_read;

static enum err fake_entity(
        struct view *v, struct id board, enum kind kind, struct id id, struct slice *ret_json)
{
    (void)v, (void)board;
    for (size_t i = 0; i < row_count; i++) {
        if (rows[i].kind != kind || !id_eq(rows[i].id, id)) continue;
        *ret_json = rows[i].json;
        return ERR_OK;
    }
    return ERR_NOT_FOUND;
}

static enum err fake_entities(struct view *v, struct id board, enum kind from, enum kind to,
        enum err (*fn)(void *context, enum kind kind, struct id id, struct slice json),
        void *context)
{
    enum err err = ERR_OK;
    (void)v, (void)board;
    for (size_t i = 0; i < row_count && err == ERR_OK; i++) {
        if (rows[i].kind >= from && rows[i].kind <= to)
            err = fn(context, rows[i].kind, rows[i].id, rows[i].json);
    }
    return err;
}

static enum err fake_text(struct view *v, struct id board, struct id id, enum field field,
        uint64_t *ret_s, struct slice *ret_text)
{
    char key[ID_TEXT + 1];
    (void)v, (void)board;
    assert_int_equal(field, F_CARD_DESC);
    id_format(id, key);
    texts_read++;
    *ret_s = 1;
    return json_get_slice(texts, key, ret_text) ? ERR_OK : ERR_NOT_FOUND;
}

static const struct view_ops ops = {
        .entity = fake_entity, .entities = fake_entities, .text = fake_text};

static void row_add(enum kind kind, const json_t *fields)
{
    struct buf text;
    struct object *o;
    struct fault fault = {0};
    buf_init(&text, KIB(16));
    struct json_out j = json_out(&text);
    json_tree(&j, fields);
    /* What is stored has every field, "s" too. */
    char with_s[KIB(16)];
    snprintf(with_s, sizeof with_s, "%.*s,\"s\":1}", (int)text.len - 1, text.ptr);
    if (object_read(kind, &arena, slice_cstr(with_s), &o, &fault) != ERR_OK)
        fail_msg("%s: %s %s", with_s, fault.field, fault.wrong);
    buf_clear(&text);
    object_write(o, &text);
    rows[row_count++] =
            (struct row){.kind = kind, .id = o->id, .json = arena_dup(&arena, buf_slice(&text))};
    object_free(o);
    buf_fini(&text);
}

static const json_t *stage(struct search_run *run, struct board_view *bv)
{
    static struct view view = {.ops = &ops};
    const json_t *all = vectors("search_find.json");
    const json_t *objects = json_object_get(all, "objects");
    const json_t *people = json_object_get(all, "people");
    row_count = 0;
    texts = json_object_get(all, "texts");
    for (size_t i = 0; i < json_array_size(objects); i++) {
        enum kind kind;
        const json_t *one = json_array_get(objects, i);
        assert_true(kind_parse(json_slice(json_array_get(one, 0)), &kind));
        row_add(kind, json_array_get(one, 1));
    }
    for (size_t i = 0; i < json_array_size(people); i++)
        row_add(KIND_MEMBER, json_array_get(people, i));
    *bv = (struct board_view){.view = &view, .board = rows[0].id};
    *run = (struct search_run){.keep = 100, .how = FOLD_WORDS};
    assert_true(id_parse(string_of(all, "me"), &run->me));
    assert_true(date_parse(string_of(all, "now"), &run->now_ms));
    return json_object_get(all, "find");
}

static enum fold_find how_of(struct slice name)
{
    if (slice_eq(name, SLICE("words"))) return FOLD_WORDS;
    return slice_eq(name, SLICE("starts")) ? FOLD_STARTS_WORD : FOLD_ANYWHERE;
}

static void found_text(const struct search_run *run, struct buf *out)
{
    for (size_t i = 0; i < run->hit_count; i++)
        buf_add_format(out, "%s%u", i ? "," : "",
                (unsigned)run->hits[i].id.bytes[11]); /* 0x100 + number */
}

static void test_find__finds_what_the_client_finds_in_the_same_order(void **state)
{
    struct search_run fresh;
    struct board_view bv;
    struct search *s = ARENA_NEW(&arena, struct search);
    struct buf got, expected;
    (void)state;
    const json_t *cases = stage(&fresh, &bv);
    buf_init(&got, KIB(1));
    buf_init(&expected, KIB(1));
    for (size_t i = 0; i < json_array_size(cases); i++) {
        const json_t *one = json_array_get(cases, i), *found = json_object_get(one, "found");
        struct search_run run = fresh;
        search_parse(&arena, string_of(one, "query"), s);
        run.search = s;
        run.how = how_of(string_of(one, "how"));
        search_run_init(&run);
        assert_int_equal(search_run_board(&run, &bv, 0), ERR_OK);
        search_run_sort(&run);
        buf_clear(&got);
        buf_clear(&expected);
        found_text(&run, &got);
        for (size_t k = 0; k < json_array_size(found); k++)
            buf_add_format(&expected, "%s%lld", k ? "," : "",
                    (long long)json_integer_value(json_array_get(found, k)));
        assert_slice(
                buf_slice(&got), buf_slice(&expected), arena_cstr(&arena, string_of(one, "query")));
        search_run_fini(&run);
    }
    buf_fini(&got);
    buf_fini(&expected);
}

static size_t search_for(
        const char *query, const struct search_run *fresh, struct board_view *bv, size_t keep)
{
    struct search *s = ARENA_NEW(&arena, struct search);
    struct search_run run = *fresh;
    search_parse(&arena, slice_cstr(query), s);
    run.search = s;
    run.keep = keep;
    texts_read = 0;
    search_run_init(&run);
    assert_int_equal(search_run_board(&run, bv, 0), ERR_OK);
    search_run_sort(&run);
    size_t found = run.hit_count;
    search_run_fini(&run);
    return found;
}

static void test_find__reads_no_text_that_cannot_decide(void **state)
{
    struct search_run fresh;
    struct board_view bv;
    (void)state;
    stage(&fresh, &bv);
    assert_int_equal(search_for("wall", &fresh, &bv, 9), 2);
    assert_int_equal(texts_read, 1); /* of the two with one, the other's name has it */
    assert_int_equal(search_for("nothing list:attic", &fresh, &bv, 9), 0);
    assert_int_equal(texts_read, 0);
    assert_int_equal(search_for("@me is:open", &fresh, &bv, 9), 2);
    assert_int_equal(texts_read, 0);
    assert_int_equal(search_for("name:nothing", &fresh, &bv, 9), 0);
    assert_int_equal(texts_read, 0);
}

static void test_find__keeps_the_best(void **state)
{
    struct search_run fresh;
    struct board_view bv;
    (void)state;
    stage(&fresh, &bv);
    assert_int_equal(search_for("-nothing", &fresh, &bv, 9), 7);
    assert_int_equal(search_for("-nothing", &fresh, &bv, 2), 2);
    struct id only[2];
    assert_true(id_parse(SLICE("5f0000000000000000000101"), &only[0]));
    assert_true(id_parse(SLICE("5f0000000000000000000103"), &only[1]));
    fresh.only = only;
    fresh.only_count = 2;
    assert_int_equal(search_for("-nothing", &fresh, &bv, 9), 2);
}

static void test_find__names_answer_only_what_can_be_asked_of_them(void **state)
{
    static const struct {
        const char *query, *name;
        bool closed, starred, holds;
    } cases[] = {
            {"kit", "Kitchen", false, false, true},
            {"kitchen sink", "Kitchen", false, false, false},
            {"-sink", "Kitchen", false, false, true},
            {"kitchen is:open", "Kitchen", false, false, true},
            {"kitchen is:open", "Kitchen", true, false, false},
            {"is:archived", "Kitchen", true, false, true},
            {"is:starred", "Kitchen", false, false, false},
            {"is:starred", "Kitchen", false, true, true},
            {"-is:starred", "Kitchen", false, true, false},
            {"kitchen has:due", "Kitchen", false, false, false},
            {"kitchen -label:x", "Kitchen", false, false, false},
            {"board:kit", "Kitchen", false, false, true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct search *s = ARENA_NEW(&arena, struct search);
        struct search_run run = {.search = s, .how = FOLD_STARTS_WORD, .keep = 1};
        search_parse(&arena, slice_cstr(cases[i].query), s);
        search_run_init(&run);
        if (search_run_name(&run, slice_cstr(cases[i].name), cases[i].closed, cases[i].starred) !=
                cases[i].holds)
            fail_msg("%s: %s", cases[i].query, cases[i].name);
        search_run_fini(&run);
    }
}

static void test_card__text_has_its_escapes_undone(void **state)
{
    struct buf scratch;
    (void)state;
    buf_init(&scratch, KIB(1));
    assert_slice(json_text(SLICE("\"a\""), &scratch), SLICE("a"), "plain");
    assert_slice(json_text(SLICE("\"\\\"a\\\\\\n\\u0001b\""), &scratch), SLICE("\"a\\\n b"), "all");
    assert_slice(json_text(SLICE("null"), &scratch), SLICE(""), "null");
    assert_slice(json_text(SLICE("\""), &scratch), SLICE(""), "cut");
    buf_fini(&scratch);
}

/* Values that look like the keys around them. */
static const char *const any_values[] = {"null", "true", "17", "\"2023-11-14T22:13:20.011Z\"",
        "[\"6553f1050000000000000000\",\"name\"]", "{}", "\"name: due,{[\"",
        "{\"closed\":\"name\",\"name\":{\"due\":false},\"zone\":\"}\"}",
        "\"\\\",\\\"name\\\":\\\\\""};

static void test_card__members_are_those_of_the_object(void **state)
{
    static const char *const keys[] = {
#define X(name, key) key,
            SEARCH_CARD_TABLE(X)
#undef X
    };
    struct rng rng;
    struct buf text;
    (void)state;
    rng_init(&rng, 3);
    buf_init(&text, KIB(4));
    for (int i = 0; i < 3000; i++) {
        struct search_card card;
        const char *expected[ARRAY_COUNT(keys)] = {0};
        bool whole = rng_chance(&rng, 70), others = rng_chance(&rng, 50);
        uint64_t kinds = ARRAY_COUNT(any_values) - rng_chance(&rng, 80); /* or with escapes */
        buf_clear(&text);
        buf_add_char(&text, '{');
        for (size_t k = 0; k < ARRAY_COUNT(keys); k++) {
            if (!whole && rng_chance(&rng, 20)) continue;
            expected[k] = any_values[rng_below(&rng, kinds)];
            buf_add_format(&text, "\"%s\":%s,", keys[k], expected[k]);
            if (others && rng_chance(&rng, 50)) /* not asked for */
                buf_add_format(&text, "\"%sA\":%s,", keys[k], any_values[rng_below(&rng, kinds)]);
        }
        BUF_ADD(&text, "\"pos\":1}");
        assert_true(search_card_read((struct id){{0}}, buf_slice(&text), &card));
        for (size_t k = 0; k < ARRAY_COUNT(keys); k++)
            assert_slice(search_card_member(&card, (enum card_member)k),
                    slice_cstr(expected[k] ? expected[k] : ""),
                    arena_cstr(&arena, buf_slice(&text)));
    }
    buf_fini(&text);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            CASE(fold__case_and_accents_do_not_count),
            CASE(fold__finds_at_words),
            CASE(parse__reads_what_the_client_reads),
            CASE(parse__looks_at_so_many_terms),
            CASE(find__finds_what_the_client_finds_in_the_same_order),
            CASE(find__reads_no_text_that_cannot_decide),
            CASE(find__keeps_the_best),
            CASE(find__names_answer_only_what_can_be_asked_of_them),
            CASE(card__text_has_its_escapes_undone),
            CASE(card__members_are_those_of_the_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
