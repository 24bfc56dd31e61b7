/* effects.h - boards, events and random edits for tests: every form, single and many, in the
 * shapes that resolvers make. */
#ifndef TAVLA_TEST_EFFECTS_H
#define TAVLA_TEST_EFFECTS_H

#include "core/base/rng.h"
#include "core/effect.h"

#define ARENA_TEST_BYTES ((size_t)256 * 1024 * 1024)

static inline struct id test_id(uint32_t n)
{
    return id_make(1700000000u + n, n * UINT64_C(0x9e3779b97f4a7c15) | 1);
}

/* Everything that apply may change, as text: tier 1, order, documents, counts, head. */
static inline void test_dump(const struct board *b, struct buf *out)
{
    buf_clear(out);
    board_write(b, out);
    /* Maps iterate in no particular order after an un-apply, so their entries' sums are added
     * up. */
    uint64_t orders = 0, texts = 0;
    for (const struct siblings *s = b->siblings; s != NULL; s = s->hh.next) {
        uint64_t sum = hash64(slice_of(s->parent.bytes, ID_BYTES), s->kind);
        for (size_t i = 0; i < s->count; i++)
            sum = hash64(slice_of(s->at[i]->id.bytes, ID_BYTES), sum);
        orders += sum;
    }
    for (const struct doc *d = b->docs; d != NULL; d = d->hh.next)
        texts += hash64(d->text, hash64(slice_of(d->id.bytes, ID_BYTES), d->s));
    buf_add_format(out, "\norders %llx docs %u %llx\n", (unsigned long long)orders,
            HASH_COUNT(b->docs), (unsigned long long)texts);
    for (unsigned k = 0; k < KIND_LIMIT; k++)
        buf_add_format(out, "%zu ", b->count[k]);
    buf_add_format(out, "\nhead %llu %lld next %u deleted %d\n", (unsigned long long)b->head.seq,
            (long long)b->head.ts, b->head.next_short, b->head.deleted);
    buf_add_hex(out, b->head.chain.bytes, sizeof(b->head.chain.bytes));
}

static inline struct effect *test_effect(struct event *e, enum effect_form form, enum kind kind)
{
    struct effect *fx = &e->effects[e->effect_count++];
    *fx = (struct effect){.form = form, .kind = kind};
    return fx;
}

static inline void test_ids(
        struct arena *a, struct effect *fx, const struct id *ids, uint32_t count)
{
    fx->ids = ARENA_NEW_ARRAY(a, struct id, count);
    memcpy(fx->ids, ids, count * sizeof(*ids));
    fx->id_count = count;
}

static inline struct value *test_column(
        struct arena *a, struct effect *fx, enum field f, uint32_t count)
{
    if (fx->columns == NULL) fx->columns = ARENA_NEW_ARRAY(a, struct effect_column, 32);
    struct effect_column *c = &fx->columns[fx->column_count++];
    *c = (struct effect_column){
            .field = f, .count = count, .values = ARENA_NEW_ARRAY(a, struct value, count)};
    return c->values;
}

/* Applies and seals, as the engine does. */
static inline void test_commit(struct board *b, struct event *e, struct arena *a)
{
    struct buf now, old;
    buf_init(&now, (size_t)1 << 24);
    buf_init(&old, (size_t)1 << 24);
    struct json_out j = json_out(&now);
    effects_write(&j, e->effects, e->effect_count);
    event_apply(b, e, a);
    j = json_out(&old);
    effects_write_old(&j, e->effects, e->effect_count);
    event_seal(b, e, a, buf_slice(&now), buf_slice(&old));
    buf_fini(&now);
    buf_fini(&old);
}

/* -- random edits */

struct test_maker {
    struct rng rng;
    uint32_t next_id;
};

static inline struct object *test_pick(struct test_maker *m, const struct board *b, enum kind kind)
{
    if (b->count[kind] == 0) return NULL;
    uint64_t skip = rng_below(&m->rng, b->count[kind]);
    for (struct object *o = b->objects; o != NULL; o = o->hh.next) {
        if (o->kind == kind && skip-- == 0) return o;
    }
    return NULL;
}

static inline double test_pos(struct test_maker *m)
{
    return (double)(1 + rng_below(&m->rng, 8)) * 16384.0 / (double)(1 + rng_below(&m->rng, 4));
}

static inline struct value test_word(struct test_maker *m)
{
    static const char *const words[] = {
            "", "plan", "\"quoted\"", "S\xc3\xb6k", "\xf0\x9f\x8e\x89 party", "a\nb"};
    return value_str(slice_cstr(words[rng_below(&m->rng, 6)]));
}

static inline void test_make_add(
        struct test_maker *m, struct board *b, struct event *e, struct arena *a)
{
    struct id id = test_id(m->next_id++);
    struct object *list = test_pick(m, b, KIND_LIST);
    uint64_t what = list == NULL ? 0 : rng_below(&m->rng, 6);
    struct effect *fx = test_effect(e, EFFECT_ADD,
            what == 0   ? KIND_LIST
            : what == 1 ? KIND_LABEL
                        : KIND_CARD);
    test_ids(a, fx, &id, 1);
    if (fx->kind == KIND_LIST) {
        *test_column(a, fx, F_LIST_POS, 1) = value_num(test_pos(m));
        *test_column(a, fx, F_LIST_NAME, 1) = test_word(m);
    } else if (fx->kind == KIND_LABEL) {
        *test_column(a, fx, F_LABEL_NAME, 1) = test_word(m);
    } else {
        *test_column(a, fx, F_CARD_NAME, 1) = test_word(m);
        *test_column(a, fx, F_CARD_ID_LIST, 1) = value_id(list->id);
        *test_column(a, fx, F_CARD_POS, 1) = value_num(test_pos(m));
        *test_column(a, fx, F_CARD_ID_SHORT, 1) = value_num((double)rng_below(&m->rng, 300));
        if (rng_chance(&m->rng, 50)) {
            fx->texts = ARENA_NEW(a, struct effect_text);
            fx->texts[0] = (struct effect_text){.field = F_CARD_DESC, .text = SLICE("first words")};
            fx->text_count = 1;
        }
    }
}

/* Up to eight different cards. */
static inline uint32_t test_cards(struct test_maker *m, const struct board *b, struct id ret_ids[8])
{
    uint32_t count = 0, want = (uint32_t)rng_below(&m->rng, 8) + 1;
    for (uint32_t i = 0; i < want; i++) {
        struct object *o = test_pick(m, b, KIND_CARD);
        bool known = o == NULL;
        for (uint32_t k = 0; k < count && !known; k++)
            known = id_eq(ret_ids[k], o->id);
        if (!known) ret_ids[count++] = o->id;
    }
    return count;
}

static inline void test_make_set(
        struct test_maker *m, struct board *b, struct event *e, struct arena *a)
{
    struct id ids[8];
    uint32_t count = test_cards(m, b, ids);
    if (count == 0) return;
    struct effect *fx = test_effect(e, EFFECT_SET, KIND_CARD);
    test_ids(a, fx, ids, count);
    if (rng_chance(&m->rng, 60)) {
        struct value *pos = test_column(a, fx, F_CARD_POS, count);
        for (uint32_t i = 0; i < count; i++)
            pos[i] = value_num(test_pos(m));
        *test_column(a, fx, F_CARD_ID_LIST, 1) = value_id(test_pick(m, b, KIND_LIST)->id);
    }
    if (rng_chance(&m->rng, 40)) *test_column(a, fx, F_CARD_NAME, 1) = test_word(m);
    if (rng_chance(&m->rng, 30))
        *test_column(a, fx, F_CARD_COVER, 1) =
                rng_chance(&m->rng, 30) ? (struct value){.type = VALUE_NULL}
                                        : value_json(SLICE("{\"color\":\"red\",\"x\":[1,2]}"));
    if (rng_chance(&m->rng, 30))
        *test_column(a, fx, F_CARD_CLOSED, 1) = value_bool(rng_chance(&m->rng, 50));
}

static inline void test_make_tag(
        struct test_maker *m, struct board *b, struct event *e, struct arena *a)
{
    struct id ids[8];
    uint32_t count = test_cards(m, b, ids);
    struct object *label = test_pick(m, b, KIND_LABEL);
    if (count == 0 || label == NULL) return;
    struct effect *fx = test_effect(e, EFFECT_TAG, KIND_CARD);
    test_ids(a, fx, ids, count);
    fx->field = F_CARD_ID_LABELS;
    fx->element = label->id;
    fx->on = rng_chance(&m->rng, 60);
}

static inline void test_make_del(
        struct test_maker *m, struct board *b, struct event *e, struct arena *a)
{
    struct id ids[8];
    uint32_t count = test_cards(m, b, ids);
    if (count == 0) return;
    test_ids(a, test_effect(e, EFFECT_DEL, KIND_CARD), ids, count > 3 ? 3 : count);
}

static inline void test_make_txt(
        struct test_maker *m, struct board *b, struct event *e, struct arena *a)
{
    struct object *card = test_pick(m, b, KIND_CARD);
    if (card == NULL) return;
    struct doc *doc = board_doc(b, card->id, F_CARD_DESC);
    struct effect *fx = test_effect(e, EFFECT_TXT, KIND_CARD);
    test_ids(a, fx, &card->id, 1);
    fx->field = F_CARD_DESC;
    static const char *const texts[] = {
            "", "one", "one two", "\xf0\x9f\x8e\x89", "caf\xc3\xa9 one", "two"};
    struct slice from = doc == NULL ? SLICE("") : doc->text;
    delta_diff(a, from, slice_cstr(texts[rng_below(&m->rng, 6)]), &fx->delta);
}

/* An event of one to three effects. Effects of one event see each other only in that none
 * touches what another deletes or adds: each event has one form. */
static inline void test_make(
        struct test_maker *m, struct board *b, struct event *e, struct arena *a)
{
    *e = (struct event){.effects = ARENA_NEW_ARRAY(a, struct effect, 4), .ts = b->head.ts + 5};
    uint64_t form = rng_below(&m->rng, 10);
    uint64_t times = 1 + rng_below(&m->rng, 3);
    if (rng_chance(&m->rng, 50)) {
        e->by = test_id(7);
        e->cl = SLICE("tab-\"1\"");
        e->n = b->head.seq + 1;
    }
    for (uint64_t i = 0; i < times; i++) {
        if (form < 3)
            test_make_add(m, b, e, a);
        else if (form < 6)
            test_make_set(m, b, e, a);
        else if (form < 8)
            test_make_tag(m, b, e, a);
    }
    if (form == 8) test_make_del(m, b, e, a);
    if (form == 9) test_make_txt(m, b, e, a);
}

/* A board with its own object, so that later edits have something to be on. */
static inline struct board *test_board(struct arena *a)
{
    struct board *b = board_new(test_id(1));
    struct event e = {.effects = ARENA_NEW(a, struct effect), .ts = 1700000000000};
    struct effect *fx = test_effect(&e, EFFECT_ADD, KIND_BOARD);
    test_ids(a, fx, &b->id, 1);
    *test_column(a, fx, F_BOARD_NAME, 1) = value_str(SLICE("Test"));
    test_commit(b, &e, a);
    event_fini(&e);
    return b;
}

#endif
