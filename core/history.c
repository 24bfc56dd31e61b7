#include "core/history.h"

#include "core/base/limits.h"
#include "core/walk.h"

#define WINDOW_FIRST     64
#define WINDOW_MAX       1024
#define EVENT_BLOCK_BYTES KIB(64)
/* what one event becomes when it is decoded, generously */
#define EVENT_ARENA_BYTES_MAX (64 * EVENT_BYTES_MAX)

struct record {
    struct slice public_json, old_json;
};

struct window { /* records from .. from + count - 1, in the view's memory */
    struct record *at;
    uint64_t from;
    uint32_t count, wanted;
};

static enum err window_take(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct window *w = context;
    CHECK(seq == w->from + w->count);
    w->at[w->count++] = (struct record){public_json, old_json};
    return w->count == w->wanted ? ERR_BUSY : ERR_OK; /* enough */
}

static enum err window_read(struct board_view *bv, struct window *w)
{
    enum err err = bv->view->ops->events(bv->view, bv->board, w->from, window_take, w);
    if (err == ERR_BUSY && w->count == w->wanted) return ERR_OK;
    return err == ERR_OK ? ERR_CORRUPT : err; /* the log ended early */
}

/* The log is read upwards, so it is walked down in pieces: small ones first, as most who ask want
 * the newest few. */
enum err history_walk(
        struct board_view *bv, uint64_t from, uint64_t to, history_fn *fn, void *context)
{
    struct window w = {.at = MEM_NEW_ARRAY(struct record, WINDOW_MAX)};
    uint32_t size = WINDOW_FIRST;
    uint64_t next = from;
    enum err err = ERR_OK;
    CHECK(to > bv->head.floor && from <= bv->head.seq);
    while (err == ERR_OK && next >= to) {
        uint64_t left = next - to + 1;
        w.wanted = left < size ? (uint32_t)left : size;
        w.from = next - w.wanted + 1;
        w.count = 0;
        err = window_read(bv, &w);
        for (uint32_t i = w.count; i > 0 && err == ERR_OK; i--)
            err = fn(context, w.from + i - 1, w.at[i - 1].public_json, w.at[i - 1].old_json);
        next = w.from - 1;
        if (size < WINDOW_MAX) size *= 2;
    }
    mem_free(w.at);
    return err;
}

/* -- times */

static enum err time_take(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    int64_t *time_ms = context;
    struct slice json;
    (void)seq, (void)old_json;
    if (!walk_find(public_json, SLICE("ts"), &json) || !slice_to_i64(json, time_ms))
        return ERR_CORRUPT;
    return ERR_BUSY; /* enough */
}

enum err history_time_of(struct board_view *bv, uint64_t seq, int64_t *ret_time_ms)
{
    CHECK(seq > bv->head.floor && seq <= bv->head.seq);
    enum err err = bv->view->ops->events(bv->view, bv->board, seq, time_take, ret_time_ms);
    if (err == ERR_BUSY) return ERR_OK;
    return err == ERR_OK ? ERR_CORRUPT : err;
}

enum err history_gone(const struct board_view *bv, struct fault *fault, const char *field)
{
    char expected[FAULT_TEXT_MAX];
    snprintf(expected, sizeof expected, "a position from %llu to %llu",
            (unsigned long long)bv->head.floor, (unsigned long long)bv->head.seq);
    return fault_set(fault, ERR_GONE_POSITION, field, "is older than what is kept", expected);
}

enum err history_seq_at(
        struct board_view *bv, int64_t time_ms, uint64_t *ret_seq, struct fault *fault)
{
    uint64_t low = bv->head.floor, high = bv->head.seq; /* the answer is in low .. high */
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        int64_t ms;
        enum err err = history_time_of(bv, middle, &ms);
        if (err != ERR_OK) return err;
        if (ms <= time_ms)
            low = middle;
        else
            high = middle - 1;
    }
    /* Of the event at the floor itself the time is not kept. */
    if (low == bv->head.floor && low > 0) return history_gone(bv, fault, "time");
    *ret_seq = low;
    return ERR_OK;
}

/* -- back */

struct rewind {
    struct board *board;
    struct arena arena; /* of one event at a time */
    struct fault *fault;
};

static enum err rewind_one(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct rewind *r = context;
    struct event event;
    CHECK(seq == r->board->head.seq);
    arena_reset(&r->arena);
    enum err err = event_decode(&r->arena, public_json, old_json, &event, r->fault);
    if (err != ERR_OK) return err;
    event_unapply(r->board, &event, &r->arena);
    event_fini(&event);
    return ERR_OK;
}

enum err history_check(const struct board_view *bv, uint64_t seq, struct fault *fault)
{
    if (seq > bv->head.seq)
        return fault_setf(fault, ERR_INVALID, "at", "a position that was reached",
                "is beyond the newest event, %llu", (unsigned long long)bv->head.seq);
    if (seq < bv->head.floor) return history_gone(bv, fault, "at");
    if (bv->head.seq - seq > HISTORY_EVENTS_MAX)
        return fault_setf(fault, ERR_TOO_LARGE, "at", "a newer one",
                "lies %llu events back, of which %u can be taken back at once",
                (unsigned long long)(bv->head.seq - seq), HISTORY_EVENTS_MAX);
    return ERR_OK;
}

enum err history_rewind(struct board_view *bv, struct board *b, uint64_t seq, struct fault *fault)
{
    struct rewind r = {.board = b, .fault = fault};
    enum err err = history_check(bv, seq, fault);
    if (err != ERR_OK || seq == bv->head.seq) return err;
    arena_init(&r.arena, EVENT_BLOCK_BYTES, EVENT_ARENA_BYTES_MAX);
    err = history_walk(bv, bv->head.seq, seq + 1, rewind_one, &r);
    arena_fini(&r.arena);
    return err;
}
