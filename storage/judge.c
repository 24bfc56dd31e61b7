#include "storage/judge.h"

#include "core/base/limits.h"
#include "core/base/log.h"
#include "storage/put.h"
#include "storage/record.h"

#define HEAD_BYTES_MAX 512
#define NUMBER_KEY     SLICE("next_number")

static void verdict(struct batch *b, enum oplog_answer answer, enum err err)
{
    b->answer = answer;
    b->err = err;
}

/* One record that took the place, copied into the batch. NULL: damaged, or there is no room for
 * it. */
static struct event *winner(
        struct batch *b, uint64_t seq, struct hash128 before, struct slice value)
{
    struct slice public_json, old_json;
    struct hash128 chain;
    if (!record_event_read(value, &public_json, &old_json) ||
            !event_chain(before, public_json, old_json, &chain))
        return NULL;
    struct event *e = arena_try(&b->arena, sizeof(*e));
    char *text = e != NULL ? arena_try(&b->arena, public_json.len + old_json.len) : NULL;
    if (text == NULL) return NULL;
    memcpy(text, public_json.ptr, public_json.len);
    memcpy(text + public_json.len, old_json.ptr, old_json.len);
    e->seq = seq;
    e->public_json = slice_of(text, public_json.len);
    e->old_json = slice_of(text + public_json.len, old_json.len);
    e->chain = chain;
    (void)record_event_ts(e->public_json, &e->ts);
    return e;
}

static void judge_void(struct judge *j, struct batch *b, const struct board_head *stored)
{
    struct event *first = NULL, **last = &first;
    struct hash128 chain = b->before.chain;
    verdict(b, OPLOG_UNKNOWN, ERR_UNKNOWN);
    /* A log behind the base, or trimmed beyond it, cannot tell what came instead. */
    if (stored->seq <= b->before.seq || stored->floor > b->before.seq) return;
    for (uint64_t seq = b->before.seq + 1; seq <= stored->seq; seq++) {
        struct slice value;
        struct key key = key_event(b->board, seq);
        if (db_get(j->db, j->txn, TABLE_EVENTS, &key, &value) != ERR_OK) return;
        struct event *e = winner(b, seq, chain, value);
        if (e == NULL) return;
        chain = e->chain;
        *last = e;
        last = &e->next;
    }
    /* Only records that follow from the base can be applied to it. */
    if (memcmp(&chain, &stored->chain, sizeof(chain)) != 0) return;
    b->winners = first;
    verdict(b, OPLOG_VOID, ERR_OK);
}

/* Boards are numbered from 1 in the order in which they came to this server. */
static int number_take(struct judge *j, uint32_t *ret_number)
{
    struct slice value;
    struct key key = key_bytes(NUMBER_KEY);
    uint64_t next = 1;
    char text[24];
    enum err err = db_get(j->db, j->txn, TABLE_META, &key, &value);
    if (err == ERR_OK && !slice_to_u64(value, &next)) err = ERR_CORRUPT;
    if (err != ERR_OK && err != ERR_NOT_FOUND) return MDB_CORRUPTED;
    CHECK(next <= UINT32_MAX);
    int len = snprintf(text, sizeof(text), "%llu", (unsigned long long)next + 1);
    *ret_number = (uint32_t)next;
    return put_value(j->db, j->txn, TABLE_META, &key, slice_of(text, (size_t)len));
}

static int head_put(struct judge *j, const struct batch *b, const struct board_head *stored,
        struct board_head *ret_head)
{
    struct board_head head = b->after;
    struct buf text;
    int rc = 0;
    /* The floor is storage's: the engine's copy may be older than the last trim. */
    head.floor = stored->floor;
    head.floor_chain = stored->floor_chain;
    if (head.number == 0) head.number = stored->number;
    if (head.number == 0) rc = number_take(j, &head.number);
    if (rc != 0) return rc;
    buf_init(&text, HEAD_BYTES_MAX);
    record_head_write(&head, &text);
    CHECK(buf_ok(&text));
    struct key key = key_id(b->board);
    rc = put_value(j->db, j->txn, TABLE_HEADS, &key, buf_slice(&text));
    buf_fini(&text);
    if (rc == 0) *ret_head = head;
    return rc;
}

static enum err head_get(struct judge *j, struct id board, struct board_head *ret_head)
{
    struct slice value;
    struct key key = key_id(board);
    enum err err = db_get(j->db, j->txn, TABLE_HEADS, &key, &value);
    if (err == ERR_NOT_FOUND) {
        *ret_head = (struct board_head){.seq = 0};
        return ERR_OK;
    }
    if (err != ERR_OK) return err;
    err = record_head_read(j->scratch, value, ret_head);
    arena_reset(j->scratch);
    return err;
}

/* Is its base the stored head? Otherwise it has its verdict. */
static bool judge_base(struct judge *j, struct batch *b, struct board_head *ret_stored)
{
    CHECK(b->after.seq == b->before.seq + b->event_count);
    b->winners = NULL;
    enum err err = head_get(j, b->board, ret_stored);
    if (err != ERR_OK) {
        verdict(b, OPLOG_REFUSED,
                err); /* a damaged head: this board is read-only until it is repaired */
        return false;
    }
    if (ret_stored->seq == b->before.seq &&
            memcmp(&ret_stored->chain, &b->before.chain, sizeof(ret_stored->chain)) == 0)
        return true;
    judge_void(j, b, ret_stored);
    return false;
}

/* Of a pair whose halves do not both stand: VOID only if no half has a worse verdict. The one that
 * stands has no winners. */
static void judge_apart(struct batch *b, bool stands, bool twin_stands)
{
    const struct batch *twin = b->twin;
    if (twin_stands || (!stands && b->answer != OPLOG_VOID)) return;
    verdict(b, twin->answer, twin->err);
}

int judge_batch(struct judge *j, struct judged *ret_judged)
{
    struct batch *b = ret_judged->batch, *twin = b->twin;
    struct board_head stored = {.seq = 0}, twin_stored = {.seq = 0};
    struct id taken;
    bool stands = judge_base(j, b, &stored);
    bool twin_stands = twin == NULL || judge_base(j, twin, &twin_stored);
    if (!stands || !twin_stands) {
        judge_apart(b, stands, twin_stands);
        return 0;
    }
    int rc = put_claims(j->db, j->txn, b, &taken);
    if (rc != 0) return rc;
    if (!id_is_none(taken)) {
        b->taken = taken;
        verdict(b, OPLOG_REFUSED, ERR_EXISTS);
        return 0;
    }
    verdict(b, OPLOG_COMMITTED, ERR_OK);
    rc = head_put(j, b, &stored, &ret_judged->head);
    if (rc == 0 && twin != NULL) rc = head_put(j, twin, &twin_stored, &ret_judged->twin_head);
    return rc;
}
