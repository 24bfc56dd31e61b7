/* past_state.c - GET /v1/boards/{id}/state?at=SEQ or ?time=DATE: a board's tier 1 as it was.
 *
 * The present is loaded and what came since is taken back (core/history.h). It is asked for seldom
 * and by one person at a time, so nothing of it is kept. */
#include "core/base/date.h"
#include "core/base/metric.h"
#include "core/history.h"
#include "net/api/rest_nouns.h"
#include "net/api/shard_impl.h"

static enum err moment_read(struct rest *r, struct board_view *bv, uint64_t *ret_seq)
{
    struct slice at = params_text(&r->params, "at"), time = params_text(&r->params, "time");
    int64_t ms;
    if (at.ptr) {
        if (slice_to_u64(at, ret_seq)) return ERR_OK;
        return fault_setf(&r->fault, ERR_INVALID, "at", "the seq of an event", "is \"%.*s\"",
                SLICE_ARG(slice_head(at, 40)));
    }
    if (date_parse(time, &ms)) return history_seq_at(bv, ms, ret_seq, &r->fault);
    return fault_setf(&r->fault, ERR_INVALID, "time", "a date as 2026-11-20T09:15:00.000Z",
            "is \"%.*s\"", SLICE_ARG(slice_head(time, 40)));
}

static void who_write(struct rest *r, struct view *v, const struct board *b, struct json_out *j)
{
    json_array_begin(j);
    for (size_t i = 0; i < b->count[KIND_MEMBERSHIP]; i++) {
        struct buf one;
        buf_init(&one, MIB(1));
        if (member_write(v, &r->arena, object_value(b->memberships[i], F_MEMBERSHIP_ID_MEMBER)->id,
                    &one))
            json_raw(j, buf_slice(&one));
        buf_fini(&one);
    }
    json_array_end(j);
}

static enum err past_write(struct rest *r, struct board_view *bv, const struct board *b)
{
    struct json_out j = json_out(&r->out);
    uint64_t h, seq = b->head.seq;
    int64_t time_ms;
    enum err err = bv->view->ops->event_h(bv->view, bv->board, seq, &h);
    if (err != ERR_OK) return err;
    json_object_begin(&j);
    JSON_KEY(&j, "floor");
    json_u64(&j, bv->head.floor);
    JSON_KEY(&j, "head");
    json_u64(&j, bv->head.seq);
    JSON_KEY(&j, "pos");
    position_write(&j, seq, h);
    JSON_KEY(&j, "state");
    board_objects_write(b, KIND_MEMBERSHIP, &j);
    if (seq > bv->head.floor) {
        err = history_time_of(bv, seq, &time_ms);
        if (err != ERR_OK) return err;
        JSON_KEY(&j, "ts");
        json_num(&j, (double)time_ms);
    }
    JSON_KEY(&j, "who");
    who_write(r, bv->view, b, &j);
    json_object_end(&j);
    return buf_ok(&r->out) ? ERR_OK : ERR_TOO_LARGE;
}

static enum err past_run(struct rest *r, struct board_view *bv)
{
    struct board *b;
    uint64_t seq;
    enum err err = moment_read(r, bv, &seq);
    if (err == ERR_OK) err = history_check(bv, seq, &r->fault);
    /* every kind, as any of them may be in what is taken back */
    if (err == ERR_OK) err = rest_load(r, bv, UINT64_MAX, &b);
    if (err != ERR_OK) return err;
    err = history_rewind(bv, b, seq, &r->fault);
    metric_add(METRIC_past_states_total, 1);
    metric_add(METRIC_past_events_total, bv->head.seq - seq);
    if (err == ERR_OK) err = past_write(r, bv, b);
    board_free(b);
    return err;
}

void past_state_get(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], past_run, NULL);
}
