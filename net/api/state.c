/* state.c - GET /v1/boards/{id}/state: a board's tier 1 in one piece, made once for everyone who
 * asks at the same position.
 *
 *   request -> reader: may this person read it, and where is the board's log?
 *           -> made already: answer
 *           -> being made: wait for it
 *           -> else a reader makes it, plain and gzip
 *
 * It is given only to those who are members in it, and never to a request that came when the board
 * was further already: a read that began before it is followed by another.
 *
 * Each loop keeps the newest few for a moment, so that a herd that reconnects costs one encoding
 * a loop. */
#include "net/api/state.h"

#include "core/base/json_write.h"
#include "core/organization.h"
#include "net/api/parts.h"
#include "net/api/rest_nouns.h"
#include "net/api/shard_impl.h"
#include "net/deflate.h"

#define STATES_BYTES_KEPT MIB(32) /* of one loop; older ones go first */
#define STATE_KEPT_MS     10000
#define STATE_BYTES_MAX   MIB(512)
#define GZIP_LEVEL        5

struct state_waiter {
    struct rest *rest;
    uint64_t seq; /* what it may not be older than: its own write may be in there */
    struct state_waiter *next;
};

struct state {
    struct id board;
    struct position position;
    struct people people;
    struct blob *plain, *packed;
    bool making;
    struct state_waiter *waiting;
    int64_t made_ms;
    UT_hash_handle hh;
};

struct asked { /* in the rest's arena */
    struct position position;
    struct state_waiter waiter;
};

/* -- keeping */

static void state_free(struct shard *s, struct state *state)
{
    CHECK(!state->making && !state->waiting);
    HASH_DEL(s->states, state);
    blob_unref(state->plain);
    blob_unref(state->packed);
    people_fini(&state->people);
    mem_free(state);
}

void states_sweep(struct shard *s, bool all)
{
    struct state *state, *next;
    size_t bytes = 0;
    int64_t now_ms = all ? 0 : loop_now_ms(s->loop);
    HASH_ITER(hh, s->states, state, next)
    {
        if (state->making) continue;
        bytes += state->plain->len + state->packed->len;
        if (all || now_ms - state->made_ms > STATE_KEPT_MS || bytes > STATES_BYTES_KEPT)
            state_free(s, state);
    }
}

/* -- answering */

static void etag_of(struct position p, char ret_text[64])
{
    snprintf(ret_text, 64, "\"%llu-%016llx\"", (unsigned long long)p.seq, (unsigned long long)p.h);
}

static void state_answer(struct rest *r, const struct state *state)
{
    char tag[64], fields[256];
    if (!people_have(&state->people, &r->actor)) {
        rest_refuse(r, ERR_NOT_FOUND, "", "", ""); /* no member any more */
        return;
    }
    etag_of(state->position, tag);
    snprintf(fields, sizeof fields,
            "Cache-Control: private, no-cache\r\nVary: Accept-Encoding\r\nETag: %s\r\n%s", tag,
            r->gzip ? "Content-Encoding: gzip\r\n" : "");
    rest_answer_blob(r, r->gzip ? state->packed : state->plain, slice_cstr(fields));
}

/* -- making: reader thread */

struct state_read {
    struct shard_read read; /* first */
    struct id board;
    struct position position;
    struct people people;
    struct blob *plain, *packed;
};

struct state_out {
    struct buf *out;
    struct json_out j;
    struct view *view;
};

static enum err state_object(void *context, enum kind kind, struct id id, struct slice json)
{
    struct state_out *o = context;
    (void)id;
    json_array_begin(&o->j);
    json_str(&o->j, kind_info(kind)->name);
    json_raw(&o->j, json);
    json_array_end(&o->j);
    return buf_ok(o->out) ? ERR_OK : ERR_TOO_LARGE;
}

static void people_note(void *context, struct id member)
{
    people_add(context, member);
}

static enum err state_who(struct state_read *s, struct view *v, struct state_out *o)
{
    struct board_view bv;
    struct board *b;
    struct actor system = {.system = true};
    enum err err = board_view_open(v, &system, s->board, PERM_READ, &bv, &s->read.fault);
    if (err == ERR_OK) err = board_view_load(&bv, 0, &b, &s->read.fault);
    if (err != ERR_OK) return err;
    s->position = (struct position){bv.head.seq, hash_head(bv.head.chain)};
    JSON_KEY(&o->j, "pos");
    position_write(&o->j, s->position.seq, s->position.h);
    JSON_KEY(&o->j, "ts"); /* when the board changed last */
    json_num(&o->j, (double)bv.head.ts);
    JSON_KEY(&o->j, "who");
    json_array_begin(&o->j);
    for (size_t i = 0; i < b->count[KIND_MEMBERSHIP]; i++) {
        struct id member = object_value(b->memberships[i], F_MEMBERSHIP_ID_MEMBER)->id;
        struct buf one;
        buf_init(&one, MIB(1));
        people_add(&s->people, member);
        if (member_write(v, &s->read.arena, member, &one)) json_raw(&o->j, buf_slice(&one));
        buf_fini(&one);
    }
    json_array_end(&o->j);
    err = organization_people(v, board_readers(b), people_note, &s->people);
    people_ready(&s->people);
    board_free(b);
    return err;
}

static enum err state_write(struct state_read *s, struct view *v, struct buf *out)
{
    struct state_out o = {.out = out, .j = json_out(out), .view = v};
    json_object_begin(&o.j);
    enum err err = state_who(s, v, &o);
    if (err != ERR_OK) return err;
    JSON_KEY(&o.j, "state");
    json_array_begin(&o.j);
    err = v->ops->entities(v, s->board, KIND_BOARD, KIND_TIER1_LAST, state_object, &o);
    json_array_end(&o.j);
    json_object_end(&o.j);
    return err;
}

static void state_run(struct shard_read *read, struct view *v)
{
    struct state_read *s = (struct state_read *)read;
    struct buf out, packed;
    buf_init(&out, STATE_BYTES_MAX);
    buf_init(&packed, STATE_BYTES_MAX);
    read->err = state_write(s, v, &out);
    if (read->err == ERR_OK) read->err = gzip_pack(&packed, buf_slice(&out), GZIP_LEVEL);
    if (read->err == ERR_OK) {
        s->plain = blob_copy(buf_slice(&out));
        s->packed = blob_copy(buf_slice(&packed));
    }
    buf_fini(&out);
    buf_fini(&packed);
}

static void state_make(struct shard *s, struct state *state);

static void state_made(struct shard_read *read, struct shard *shard, struct conn *conn)
{
    struct state_read *s = (struct state_read *)read;
    struct state *state;
    (void)conn;
    HASH_FIND(hh, shard->states, &s->board, sizeof s->board, state);
    CHECK(state && state->making);
    state->making = false;
    struct state_waiter *waiting = state->waiting, *next;
    state->waiting = NULL;
    if (read->err == ERR_OK) {
        blob_unref(state->plain);
        blob_unref(state->packed);
        state->plain = s->plain;
        state->packed = s->packed;
        people_fini(&state->people);
        state->people = s->people;
        s->people = (struct people){0};
        state->position = s->position;
        state->made_ms = loop_now_ms(shard->loop);
    }
    for (; waiting; waiting = next) {
        struct rest *r = waiting->rest;
        next = waiting->next;
        if (!r->conn) {
            rest_unref(r);
            continue;
        }
        if (read->err == ERR_OK && state->position.seq < waiting->seq) {
            waiting->next = state->waiting; /* this read began before that request */
            state->waiting = waiting;
            continue;
        }
        r->pending--;
        if (read->err == ERR_OK) {
            state_answer(r, state);
        } else {
            fault_set(&r->fault, read->err, "", "", "");
            rest_fail(r);
        }
    }
    people_fini(&s->people);
    if (state->waiting)
        state_make(shard, state);
    else if (!state->plain)
        state_free(shard, state);
    states_sweep(shard, false);
}

static void state_make(struct shard *s, struct state *state)
{
    CHECK(!state->making);
    state->making = true;
    struct state_read *read = shard_read_new(s, NULL, sizeof *read);
    read->board = state->board;
    read->read.run = state_run;
    read->read.done = state_made;
    shard_read(s, &read->read);
}

/* -- the request */

const struct param_spec state_params[] = {{"at", PARAM_ANY, NULL}, {"time", PARAM_ANY, NULL},
        {"card", PARAM_ID, NULL}, /* beside one of them */
        {0}};

static void state_checked(struct rest *r)
{
    struct asked *asked = r->user;
    struct shard *s = r->shard;
    struct state *state;
    char tag[64];
    etag_of(asked->position, tag);
    if (slice_eq(r->if_none_match, slice_cstr(tag))) {
        char fields[128];
        snprintf(fields, sizeof fields, "Cache-Control: private, no-cache\r\nETag: %s\r\n", tag);
        rest_answer(r, 304, (struct slice){0}, slice_cstr(fields), (struct slice){0});
        return;
    }
    HASH_FIND(hh, s->states, &r->at.board, sizeof r->at.board, state);
    if (state && state->plain && !state->making && state->position.seq >= asked->position.seq) {
        state_answer(r, state);
        return;
    }
    if (!state) {
        state = MEM_NEW(struct state);
        state->board = r->at.board;
        HASH_ADD(hh, s->states, board, sizeof state->board, state);
    }
    asked->waiter =
            (struct state_waiter){.rest = r, .seq = asked->position.seq, .next = state->waiting};
    state->waiting = &asked->waiter;
    r->pending++;
    if (!state->making) state_make(s, state);
}

static enum err state_check_run(struct rest *r, struct board_view *bv)
{
    struct asked *asked = r->user;
    asked->position = (struct position){bv->head.seq, hash_head(bv->head.chain)};
    return ERR_OK;
}

void state_get(struct rest *r)
{
    if (params_find(&r->params, "at") || params_find(&r->params, "time")) {
        past_state_get(r);
        return;
    }
    r->user = ARENA_NEW(&r->arena, struct asked);
    rest_read(r, KIND_BOARD, r->args[0], state_check_run, state_checked);
}
