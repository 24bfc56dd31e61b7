#include "core/tail.h"

#include "core/base/limits.h"

struct touch {
    struct id id;
    uint16_t field; /* enum field, or one of the two below */
};

#define TOUCH_ADDED   FIELD_COUNT
#define TOUCH_DELETED (FIELD_COUNT + 1)

struct kept_text { /* one block, with the parts and their texts behind it */
    struct kept_text *next;
    size_t bytes;
    struct id id;
    enum field field;
    struct tail_text text;
};

struct tail_event {
    uint64_t seq;
    struct id by;
    struct touch *touches;
    size_t count;
    struct kept_text *texts;
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
    if (t->deletions == NULL) return;
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

/* -- texts */

struct block { /* being filled: parts from the front, bytes from behind */
    struct delta_part *parts;
    char *bytes;
};

static size_t delta_bytes(const struct delta *d)
{
    size_t bytes = d->count * sizeof(struct delta_part);
    for (uint32_t i = 0; i < d->count; i++)
        bytes += d->parts[i].text.len;
    return bytes;
}

static struct slice block_text(struct block *b, struct slice text)
{
    if (text.len > 0) memcpy(b->bytes, text.ptr, text.len);
    struct slice copy = slice_of(b->bytes, text.len);
    b->bytes += text.len;
    return copy;
}

static struct delta block_delta(struct block *b, const struct delta *d)
{
    struct delta copy = {.parts = b->parts, .count = d->count};
    for (uint32_t i = 0; i < d->count; i++)
        copy.parts[i] = (struct delta_part){d->parts[i].count,
                d->parts[i].count == 0 ? block_text(b, d->parts[i].text) : (struct slice){0}};
    b->parts += d->count;
    return copy;
}

static struct kept_text *kept_new(const struct event *e, const struct effect *fx)
{
    static const struct delta none;
    const struct delta *inverse = fx->has_inverse ? &fx->inverse : &none;
    size_t bytes =
            sizeof(struct kept_text) + e->cl.len + delta_bytes(&fx->delta) + delta_bytes(inverse);
    struct kept_text *kept = mem_raw(bytes);
    struct block b = {.parts = (struct delta_part *)(kept + 1)};
    b.bytes = (char *)(b.parts + fx->delta.count + inverse->count);
    *kept = (struct kept_text){.bytes = bytes, .id = fx->ids[0], .field = fx->field};
    kept->text = (struct tail_text){.seq = e->seq, .by = e->by, .has_inverse = fx->has_inverse};
    kept->text.cl = block_text(&b, e->cl);
    kept->text.delta = block_delta(&b, &fx->delta);
    kept->text.inverse = block_delta(&b, inverse);
    return kept;
}

static size_t texts_keep(struct tail_event *newest, const struct event *e)
{
    struct kept_text **link = &newest->texts;
    size_t bytes = 0;
    for (uint32_t i = 0; i < e->effect_count; i++) {
        if (e->effects[i].form != EFFECT_TXT) continue;
        *link = kept_new(e, &e->effects[i]);
        bytes += (*link)->bytes;
        link = &(*link)->next;
    }
    return bytes;
}

/* Frees what an event brought; returns how much it was. */
static size_t event_free(struct tail_event *e)
{
    size_t bytes = e->count * sizeof(struct touch);
    for (struct kept_text *next; e->texts != NULL; e->texts = next) {
        next = e->texts->next;
        bytes += e->texts->bytes;
        mem_free(e->texts);
    }
    e->touches = mem_free(e->touches);
    return bytes;
}

uint32_t tail_texts(const struct tail *t, struct arena *a, const struct doc *doc, uint64_t after,
        const struct tail_text ***ret_texts)
{
    uint32_t count = 0, at = 0;
    CHECK(after >= t->floor);
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) *ret_texts = ARENA_NEW_ARRAY(a, const struct tail_text *, count);
        for (size_t i = after - t->floor; i < t->count; i++) {
            const struct tail_event *e = &t->events[(t->first + i) % TAIL_EVENTS_MAX];
            for (const struct kept_text *k = e->texts; k != NULL; k = k->next) {
                if (k->field != doc->field || !id_eq(k->id, doc->id)) continue;
                if (pass == 0)
                    count++;
                else
                    (*ret_texts)[at++] = &k->text;
            }
        }
    }
    return count;
}

/* -- life */

void tail_init(struct tail *t, uint64_t seq)
{
    *t = (struct tail){.floor = seq};
}

void tail_fini(struct tail *t)
{
    struct tail_deletion *d, *next;
    for (size_t i = 0; i < t->count; i++)
        event_free(&t->events[(t->first + i) % TAIL_EVENTS_MAX]);
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
    deletions_take(t, oldest);
    t->bytes -= event_free(oldest);
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
    if (count > 0) newest->touches = mem_raw(count * sizeof(struct touch));
    for (uint32_t i = 0, at = 0; at < count; i++)
        at += (uint32_t)touches_write(&e->effects[i], newest->touches + at);
    t->bytes += count * sizeof(struct touch) + texts_keep(newest, e);
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
    deletions_take(t, newest);
    t->bytes -= event_free(newest);
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
