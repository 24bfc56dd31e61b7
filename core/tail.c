#include "core/tail.h"

#include "core/base/limits.h"

struct touch {
    struct id id;
    uint16_t field; /* enum field, or one of the two below */
};

#define TOUCH_ADDED   FIELD_COUNT
#define TOUCH_DELETED (FIELD_COUNT + 1)

struct tail_event {
    uint64_t seq;
    struct id by;
    struct touch *touches;
    size_t count;
};

/* So that a new id, which is what is nearly always asked for, does not cost a walk. */
struct tail_deletion {
    struct id id;
    uint32_t count;
    UT_hash_handle hh;
};

static void deletions_add(struct tail *t, const struct tail_event *e)
{
    for (size_t i = 0; i < e->count; i++) {
        struct tail_deletion *d;
        if (e->touches[i].field != TOUCH_DELETED) continue;
        HASH_FIND(hh, t->deletions, &e->touches[i].id, sizeof d->id, d);
        if (d == NULL) {
            d = MEM_NEW(struct tail_deletion);
            d->id = e->touches[i].id;
            HASH_ADD(hh, t->deletions, id, sizeof d->id, d);
        }
        d->count++;
    }
}

static void deletions_take(struct tail *t, const struct tail_event *e)
{
    for (size_t i = 0; i < e->count; i++) {
        struct tail_deletion *d;
        if (e->touches[i].field != TOUCH_DELETED) continue;
        HASH_FIND(hh, t->deletions, &e->touches[i].id, sizeof d->id, d);
        CHECK(d != NULL && d->count > 0);
        if (--d->count > 0) continue;
        HASH_DEL(t->deletions, d);
        mem_free(d);
    }
}

void tail_init(struct tail *t, uint64_t seq)
{
    *t = (struct tail){.floor = seq};
}

void tail_fini(struct tail *t)
{
    struct tail_deletion *d, *next;
    for (size_t i = 0; i < t->count; i++)
        mem_free(t->events[(t->first + i) % TAIL_EVENTS_MAX].touches);
    HASH_ITER(hh, t->deletions, d, next)
    {
        HASH_DEL(t->deletions, d);
        mem_free(d);
    }
    mem_free(t->events);
    *t = (struct tail){0};
}

static size_t touches_of(const struct effect *e)
{
    switch (e->form) {
    case EFFECT_ADD:
    case EFFECT_DEL:
    case EFFECT_TAG:
    case EFFECT_TXT: return e->id_count;
    case EFFECT_SET: return (size_t)e->id_count * e->column_count;
    }
    UNREACHABLE();
}

static size_t touches_write(const struct effect *e, struct touch *out)
{
    size_t count = 0;
    for (uint32_t i = 0; i < e->id_count; i++) {
        switch (e->form) {
        case EFFECT_ADD: out[count++] = (struct touch){e->ids[i], TOUCH_ADDED}; break;
        case EFFECT_DEL: out[count++] = (struct touch){e->ids[i], TOUCH_DELETED}; break;
        case EFFECT_TAG:
        case EFFECT_TXT: out[count++] = (struct touch){e->ids[i], (uint16_t)e->field}; break;
        case EFFECT_SET:
            for (uint32_t c = 0; c < e->column_count; c++)
                out[count++] = (struct touch){e->ids[i], (uint16_t)e->columns[c].field};
            break;
        }
    }
    return count;
}

static void drop_oldest(struct tail *t)
{
    struct tail_event *oldest = &t->events[t->first];
    CHECK(t->count > 0);
    t->floor = oldest->seq;
    t->bytes -= oldest->count * sizeof(struct touch);
    deletions_take(t, oldest);
    oldest->touches = mem_free(oldest->touches);
    t->first = (t->first + 1) % TAIL_EVENTS_MAX;
    t->count--;
}

void tail_push(struct tail *t, const struct event *e)
{
    size_t count = 0;
    CHECK(e->seq == t->floor + t->count + 1);
    if (t->events == NULL) t->events = MEM_NEW_ARRAY(struct tail_event, TAIL_EVENTS_MAX);
    for (uint32_t i = 0; i < e->effect_count; i++)
        count += touches_of(&e->effects[i]);
    if (t->count == TAIL_EVENTS_MAX) drop_oldest(t);
    struct tail_event *newest = &t->events[(t->first + t->count++) % TAIL_EVENTS_MAX];
    *newest = (struct tail_event){.seq = e->seq, .by = e->by, .count = count};
    if (count > 0) newest->touches = MEM_NEW_ARRAY(struct touch, count);
    for (uint32_t i = 0, at = 0; i < e->effect_count; i++)
        at += (uint32_t)touches_write(&e->effects[i], newest->touches + at);
    t->bytes += count * sizeof(struct touch);
    deletions_add(t, newest);
    while (t->bytes > TAIL_BYTES_MAX)
        drop_oldest(t);
}

void tail_pop(struct tail *t, uint64_t seq)
{
    if (t->count == 0) {
        CHECK(t->floor >= seq);
        t->floor = seq - 1; /* dropped already, and now it never was */
        return;
    }
    struct tail_event *newest = &t->events[(t->first + t->count - 1) % TAIL_EVENTS_MAX];
    CHECK(newest->seq == seq);
    t->bytes -= newest->count * sizeof(struct touch);
    deletions_take(t, newest);
    newest->touches = mem_free(newest->touches);
    t->count--;
}

static bool touches(const struct tail_event *e, struct id id, enum field field)
{
    for (size_t i = 0; i < e->count; i++)
        if ((e->touches[i].field == field || e->touches[i].field >= TOUCH_ADDED) &&
                id_eq(e->touches[i].id, id))
            return true;
    return false;
}

bool tail_find(const struct tail *t, struct id id, enum field field, uint64_t after,
        struct tail_hit *ret_hit)
{
    for (size_t i = t->count; i-- > 0;) {
        const struct tail_event *e = &t->events[(t->first + i) % TAIL_EVENTS_MAX];
        if (e->seq <= after) return false;
        if (!touches(e, id, field)) continue;
        *ret_hit = (struct tail_hit){e->seq, e->by};
        return true;
    }
    return false;
}

bool tail_deleted(const struct tail *t, struct id id)
{
    const struct tail_deletion *d;
    HASH_FIND(hh, t->deletions, &id, sizeof id, d);
    if (d == NULL) return false;
    for (size_t i = t->count; i-- > 0;) {
        const struct tail_event *e = &t->events[(t->first + i) % TAIL_EVENTS_MAX];
        for (size_t k = e->count; k-- > 0;)
            if (id_eq(e->touches[k].id, id)) return e->touches[k].field == TOUCH_DELETED;
    }
    return false;
}
