/* past_state.c - GET /v1/boards/{id}/state?at=SEQ or ?time=DATE: a board's tier 1 as it was.
 *
 * With &card=ID, that card's description as well.
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

/* Only a text that is in memory goes back with the rest; an empty one may not be stored. */
static enum err text_load(struct rest *r, struct board_view *bv, struct board *b, struct id *ret_id)
{
    struct slice card = params_text(&r->params, "card"), text = SLICE("");
    uint64_t s = 0;
    if (!card.ptr) return ERR_OK;
    if (!id_parse(card, ret_id))
        return fault_set(
                &r->fault, ERR_INVALID, "card", "is not an id", "24 lower-case hex digits");
    if (!board_get(b, KIND_CARD, *ret_id)) return ERR_OK; /* its deletion brings it */
    enum err err = bv->view->ops->text(bv->view, bv->board, *ret_id, F_CARD_DESC, &s, &text);
    if (err == ERR_OK || err == ERR_NOT_FOUND) board_doc_put(b, *ret_id, F_CARD_DESC, s, text);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void text_write(const struct board *b, struct id card, struct json_out *j)
{
    const struct doc *doc = board_doc(b, card, F_CARD_DESC);
    if (id_is_none(card) || !board_get(b, KIND_CARD, card)) return;
    JSON_KEY(j, "desc");
    json_str(j, doc ? doc->text : SLICE(""));
}

static enum err past_write(
        struct rest *r, struct board_view *bv, const struct board *b, struct id card)
{
    struct json_out j = json_out(&r->out);
    uint64_t h, seq = b->head.seq;
    int64_t time_ms;
    enum err err = bv->view->ops->event_h(bv->view, bv->board, seq, &h);
    if (err != ERR_OK) return err;
    json_object_begin(&j);
    text_write(b, card, &j);
    JSON_KEY(&j, "floor");
    json_u64(&j, bv->head.floor);
    JSON_KEY(&j, "head");
    json_u64(&j, bv->head.seq);
    JSON_KEY(&j, "pos");
    position_write(&j, seq, h);
    JSON_KEY(&j, "state");
    board_objects_write(b, KIND_TIER1_LAST, &j);
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
    struct id card = {{0}};
    uint64_t seq;
    enum err err = moment_read(r, bv, &seq);
    if (err == ERR_OK) err = history_check(bv, seq, &r->fault);
    /* every kind, as any of them may be in what is taken back */
    if (err == ERR_OK) err = rest_load(r, bv, UINT64_MAX, &b);
    if (err != ERR_OK) return err;
    err = text_load(r, bv, b, &card);
    if (err == ERR_OK) err = history_rewind(bv, b, seq, &r->fault);
    metric_add(METRIC_past_states_total, 1);
    metric_add(METRIC_past_events_total, bv->head.seq - seq);
    if (err == ERR_OK) err = past_write(r, bv, b, card);
    board_free(b);
    return err;
}

void past_state_get(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], past_run, NULL);
}
