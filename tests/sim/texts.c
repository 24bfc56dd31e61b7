/* Nothing typed is lost: of every delta that a client sent, whatever it counted from, what it
 * inserted is there afterwards, where it was put among what is still there, what it deleted is
 * gone, and nothing else is. Characters are followed one by one through the log; how deltas are
 * moved past each other is nowhere written here. */
#include "core/base/json.h"
#include "tests/sim/sim.h"

struct character {
    uint64_t serial; /* which event inserted it, and as its which */
    char bytes[5];
    size_t place; /* of one that a delta inserts: before which of its base */
};

struct text {
    struct character *at;
    size_t count, cap;
};

struct log {
    struct event *events;
    struct arena *arena;
};

static size_t lead_bytes(char lead)
{
    unsigned char c = (unsigned char)lead;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

static void put(struct text *t, struct slice s, uint64_t seq, size_t place)
{
    for (size_t i = 0; i < s.len; i += lead_bytes(s.ptr[i])) {
        CHECK(t->count < t->cap);
        struct character *c = &t->at[t->count];
        *c = (struct character){.serial = seq << 20 | t->count, .place = place};
        memcpy(c->bytes, s.ptr + i, lead_bytes(s.ptr[i]));
        t->count++;
    }
}

static struct text text_new(struct arena *a, size_t characters)
{
    return (struct text){.at = ARENA_NEW_ARRAY(a, struct character, characters), .cap = characters};
}

/* At least as many characters as the delta inserts. */
static size_t inserted_most(const struct delta *d)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < d->count; i++)
        if (d->parts[i].count == 0) bytes += d->parts[i].text.len;
    return bytes;
}

/* inserted, gone: what the delta brings and takes, if asked for. */
static void change(struct arena *a, struct text *t, const struct delta *d, uint64_t seq,
        struct text *inserted, struct text *gone)
{
    struct text after = text_new(a, t->count + inserted_most(d));
    size_t from = 0;
    for (uint32_t i = 0; i <= d->count; i++) {
        bool rest = i == d->count;
        int64_t count = rest ? INT64_MAX : d->parts[i].count;
        int64_t units = count < 0 ? -count : count;
        if (count == 0) {
            put(&after, d->parts[i].text, seq, from);
            if (inserted != NULL) put(inserted, d->parts[i].text, seq, from);
        }
        for (; units > 0 && from < t->count; from++) {
            struct text *to = count > 0 ? &after : gone;
            units -= t->at[from].bytes[3] != '\0' ? 2 : 1;
            if (to != NULL) to->at[to->count++] = t->at[from];
        }
        CHECK(rest || units == 0);
    }
    *t = after;
}

/* The text as it was at seq. */
static struct text text_at(const struct log *log, struct id id, uint64_t seq)
{
    struct text t = {0};
    for (uint64_t s = 0; s < seq; s++)
        for (uint32_t i = 0; i < log->events[s].effect_count; i++) {
            const struct effect *fx = &log->events[s].effects[i];
            if (fx->form == EFFECT_SET || fx->form == EFFECT_TAG || !id_eq(fx->ids[0], id))
                continue;
            if (fx->form == EFFECT_TXT)
                change(log->arena, &t, &fx->delta, s + 1, NULL, NULL);
            else
                t.count = 0;
            if (fx->form != EFFECT_ADD || fx->text_count == 0) continue;
            t = text_new(log->arena, fx->texts[0].text.len);
            put(&t, fx->texts[0].text, s + 1, 0);
        }
    return t;
}

static size_t find(const struct text *t, uint64_t serial)
{
    for (size_t i = 0; i < t->count; i++)
        if (t->at[i].serial == serial) return i;
    return SIZE_MAX;
}

/* What is new in `now` is what was inserted, in its places among what is left of the base. */
static void verify_inserted(struct world *w, const struct text *base, const struct text *before,
        const struct text *now, const struct text *inserted)
{
    size_t next = 0;
    for (size_t i = 0; i < now->count; i++) {
        if (find(before, now->at[i].serial) != SIZE_MAX) continue;
        SIM_CHECK(w,
                next < inserted->count && strcmp(inserted->at[next].bytes, now->at[i].bytes) == 0,
                "a text has what nobody typed");
        for (size_t k = 0; k < base->count; k++) {
            size_t at = find(now, base->at[k].serial);
            if (at == SIZE_MAX) continue;
            SIM_CHECK(w, (at < i) == (k < inserted->at[next].place),
                    "what was typed stands elsewhere");
        }
        next++;
    }
    SIM_CHECK(w, next == inserted->count, "what was typed is lost");
}

static bool deletes(const struct event *e, struct id id)
{
    for (uint32_t i = 0; i < e->effect_count; i++)
        for (uint32_t k = 0; e->effects[i].form == EFFECT_DEL && k < e->effects[i].id_count; k++)
            if (id_eq(e->effects[i].ids[k], id)) return true;
    return false;
}

static void verify_op(struct world *w, const struct log *log, const struct ledger_row *row,
        uint64_t seq, const json_t *op)
{
    struct id id;
    struct delta d;
    struct fault fault;
    CHECK(id_parse(json_slice(json_object_get(op, "id")), &id));
    /* by the same message; or before, and it was brought back: its characters are others here */
    for (uint64_t s = row->base + 1; s <= seq; s++)
        if (deletes(&log->events[s - 1], id)) return;
    CHECK(delta_read(log->arena, json_object_get(op, "delta"), &d, &fault) == ERR_OK);
    struct text base = text_at(log, id, row->base), after = base;
    struct text before = text_at(log, id, seq - 1), now = text_at(log, id, seq);
    struct text inserted = text_new(log->arena, inserted_most(&d));
    struct text gone = text_new(log->arena, base.count);
    change(log->arena, &after, &d, seq, &inserted, &gone);
    for (size_t i = 0; i < before.count; i++) {
        uint64_t serial = before.at[i].serial;
        bool there = find(&now, serial) != SIZE_MAX, deleted = find(&gone, serial) != SIZE_MAX;
        SIM_CHECK(w, there || deleted, "a text lost what nobody deleted");
        SIM_CHECK(w, !there || !deleted, "what was deleted is there");
    }
    verify_inserted(w, &base, &before, &now, &inserted);
    bool same = base.count == before.count;
    for (size_t i = 0; same && i < base.count; i++)
        same = base.at[i].serial == before.at[i].serial;
    w->counts.merged += !same;
}

static void verify_row(struct world *w, const struct log *log, const struct ledger_row *row,
        uint64_t count, struct arena *scratch)
{
    json_t *ops;
    struct fault fault;
    for (uint64_t s = 0; s < count; s++) {
        const struct event *e = &log->events[s];
        if (e->n != row->n || !id_eq(e->by, row->member) || !slice_eq(e->cl, slice_cstr(row->cl)))
            continue;
        CHECK(json_read(scratch, slice_cstr(row->ops), &ops, &fault) == ERR_OK);
        for (size_t i = 0; i < json_array_size(ops); i++) {
            const json_t *op = json_array_get(ops, i);
            struct log mine = {log->events, scratch};
            if (slice_eq(json_slice(json_object_get(op, "op")), SLICE("text")))
                verify_op(w, &mine, row, s + 1, op);
        }
        arena_reset(scratch);
    }
}

void verify_typed(struct world *w, struct port_board *pb)
{
    struct arena a, scratch;
    arena_init(&a, KIB(64), (size_t)1 << 32);
    arena_init(&scratch, MIB(1), (size_t)1 << 34);
    struct log log = {ARENA_NEW_ARRAY(&a, struct event, pb->head.seq + 1), &a};
    for (uint64_t s = 0; s < pb->head.seq; s++) {
        struct fault fault;
        CHECK(event_decode(&a, pb->events[s].public_json, (struct slice){0}, &log.events[s],
                      &fault) == ERR_OK);
    }
    for (size_t i = 0; i < w->ledger_count; i++)
        if (w->ledger[i].ops != NULL && id_eq(w->ledger[i].board, pb->id))
            verify_row(w, &log, &w->ledger[i], pb->head.seq, &scratch);
    for (uint64_t s = 0; s < pb->head.seq; s++)
        event_fini(&log.events[s]);
    arena_fini(&scratch);
    arena_fini(&a);
}
