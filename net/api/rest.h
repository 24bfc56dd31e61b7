/* rest.h - one HTTP request from its head to its answer.
 *
 *   head -> body (kept, or spooled) -> parameters -> who is it -> handler
 *        handler: rest_answer at once
 *             or  rest_read: a reader opens the board for this actor, `run` fills `out`, then
 *             or  rest_read with `run` writing ops, then rest_submit: the board's home judges them,
 *                 then the object is read and answered
 *
 * A struct rest lives until nothing is under way for it; its connection may go away before (conn
 * is NULL then) and nothing is answered. While a reader has it, the loop touches only conn and
 * pending. Everything else: its loop's thread. */
#ifndef TAVLA_API_REST_H
#define TAVLA_API_REST_H

#include "core/op.h"
#include "core/trello.h"
#include "core/view.h"
#include "net/api/ctx.h"
#include "net/api/params.h"
#include "net/api/route.h"
#include "net/api/shard.h"
#include "net/api/spool.h"

/* ops and answers kept in memory; nested boards go to a file beyond REST_SPOOL_BYTES */
#define REST_OUT_BYTES_MAX   MIB(256)
#define REST_SPOOL_BYTES     MIB(1)
#define REST_ARENA_BYTES_MAX MIB(64) /* the tree of a body of HTTP_BODY_BYTES_MAX, generously */

struct rest;

/* On a reader thread; bv->actor has the route's permission on bv->board. */
typedef enum err rest_run(struct rest *r, struct board_view *bv);
typedef void rest_then(struct rest *r); /* on the loop, conn is there */

struct rest {
    struct ctx ctx; /* first */
    struct shard *shard;
    struct conn *conn; /* NULL: gone */
    uint32_t pending;  /* reads, commands, jobs that will come back */
    struct arena arena;
    const struct route *route;
    struct slice method, path;
    struct slice args[ROUTE_ARGS_MAX];
    uint32_t arg_count;
    bool native; /* under /v1/: faults are JSON */
    bool has_body;
    bool paused;                 /* its connection is not read, because of this request */
    bool form, json, other_type; /* the body's content type */
    struct slice boundary;       /* of a body in parts with a file; empty: it is none */
    bool gzip;                   /* the peer takes gzip */
    bool near;                   /* asked from this machine, without a proxy between */
    struct slice if_none_match, idempotency, range, if_range;
    bool has_if;
    uint64_t if_s; /* If-Match */
    struct slice origin, fetch_site;
    struct slice bearer, oauth, cookie; /* tokens as sent */
    struct params params;
    struct buf body;
    struct actor actor;
    struct slice me; /* {"fullName",..} of the actor; empty for the operator */
    int64_t now_ms;

    /* the object it is about */
    enum kind kind;
    struct slice key; /* id or short link */
    struct location at;
    enum perm perm;
    rest_run *run;
    rest_then *then;

    /* what was made of it */
    struct fault fault;
    struct buf out;
    uint64_t s;          /* ETag of a single object; 0: none */
    struct spool *spool; /* what did not fit into out */
    struct blob *blob;   /* the answer instead of out */
    struct slice fixed;  /* the answer to an accepted write; empty: the object is read again */
    enum kind want_kind;
    struct id want_id;
    rest_run *want_run; /* writes it; NULL: the object in Trello's form */
    uint64_t n;         /* of the idempotency key: made from the request */
    char cl[CLIENT_ID_CHARS_MAX + 1];
    bool wrote;     /* the write was accepted: a failed read of the result is no failure */
    rest_then *next; /* goes on when the write was accepted; NULL: it is answered */
    bool moved;     /* the card has come to the board that was asked for */
    bool trusted;   /* the ops are the server's own making, the right to them the sender's */
    struct upload *upload; /* rest_upload.c's; NULL: none has begun */
    void *user;     /* the handler's own, in the arena */
    bool streaming; /* user is rest_answer.c's */
};

/* -- life: rest.c */
void rest_open(struct conn *conn, const struct http_request *q, const struct route *route,
        const struct slice *args);
void rest_unref(struct rest *r); /* one thing less is pending */
struct id rest_new_id(struct rest *r);
struct rest *rest_of(struct conn *conn);

/* -- answers, exactly one: rest_answer.c. All of them free r when nothing is pending. */
void rest_answer(
        struct rest *r, int status, struct slice type, struct slice fields, struct slice body);
void rest_answer_json(struct rest *r, struct slice body);
void rest_answer_blob(struct rest *r, struct blob *blob,
        struct slice fields);         /* JSON that others are given too */
void rest_answer_out(struct rest *r); /* out and spool as JSON, with r->s as ETag */
/* Of the spool what lies between `from` and its end, as it is. */
void rest_answer_file(
        struct rest *r, int status, struct slice type, struct slice fields, uint64_t from);
void rest_drained(struct conn *conn, struct ctx *ctx);
void rest_fail(struct rest *r); /* r->fault */
void rest_refuse(
        struct rest *r, enum err err, const char *field, const char *wrong, const char *expected);

/* -- reading: rest_read.c */
/* key: the id or short link of an object of that kind; KIND_NONE: no board is opened, bv has
 * only view and actor. */
void rest_read(struct rest *r, enum kind kind, struct slice key, rest_run *run, rest_then *then);
enum err rest_load(struct rest *r, struct board_view *bv, uint64_t kinds, struct board **ret_board);
/* The object r->at names, in Trello's form, into out. Reader thread. */
rest_run rest_object_run;
struct trello_options rest_trello_options(struct rest *r, struct board_view *bv);
enum err rest_fields(
        struct rest *r, const char *param, enum kind kind, struct trello_fields *ret_fields);
enum err rest_filter(
        struct rest *r, struct slice text, const char *param, enum trello_filter *ret_filter);
/* Flushes out to the spool: for trello_board_write. */
enum err rest_flush(void *context, struct buf *out);
/* {"_value": x} for one field of the object that out holds. */
enum err rest_one_field(struct rest *r, struct slice field);
enum err rest_members_write(
        struct rest *r, struct board_view *bv, struct board *b, struct json_out *j);
bool rest_member_write(struct rest *r, struct view *v, struct id member, struct json_out *j);

/* -- writing: rest_write.c */
rest_then rest_submit; /* out holds ops as a JSON array, for the board at.board */
/* Its Idempotency-Key was used for this very request on another board, where the object was then.
 * Reader thread. */
enum err rest_done_elsewhere(struct rest *r, struct board_view *bv, bool *ret_done);
/* The same for any board in anybody's name, for handlers that go on by themselves: `done` gets the
 * verdict with r as data and counts one pending less. Ops that cannot be decoded are answered. */
void rest_submit_for(struct rest *r, const struct actor *actor, struct id board,
        void (*done)(struct shard *s, struct conn *conn, struct command *c, void *data));
/* Adds {"op":..,"id":.. and the members that `specs` maps to fields, `if` with the first. */
struct ops_out {
    struct json_out j;
    bool if_said;
    uint32_t count;
};
struct ops_out rest_ops(struct rest *r); /* begins the array in out */
void rest_ops_end(struct ops_out *ops);
void op_begin(struct rest *r, struct ops_out *ops, struct slice name,
        struct id id); /* id none: the op has no id */
void op_end(struct ops_out *ops);
void op_if(struct rest *r, struct ops_out *ops); /* If-Match, once a message */
enum err op_param(struct rest *r, struct ops_out *ops, const char *member, const char *param,
        enum param_type type); /* if given */

/* -- the tables of handlers: one file a noun */
typedef void rest_handler(struct rest *r);

#endif
