/* ctx.h - what a connection is being used for: the struct behind conn_user, and the server's one
 * conn_handler.
 *
 * A REST request in progress, a streamed answer and a live are different things behind one
 * pointer. Each embeds struct ctx as its first member and brings a table of what it wants to
 * hear; NULL members are not called. A connection without a ctx (conn_user NULL) is between
 * requests. ctx_handler routes: `request` and `line_grow` to net/api/route.h, everything else to
 * the ctx. Loop thread only. */
#ifndef TAVLA_API_CTX_H
#define TAVLA_API_CTX_H

#include "net/conn.h"

struct ctx;

struct ctx_ops {
    void (*body)(struct conn *conn, struct ctx *ctx, struct slice piece, bool end);
    void (*message)(struct conn *conn, struct ctx *ctx, struct slice text);
    void (*drained)(struct conn *conn, struct ctx *ctx);
    void (*stuck)(struct conn *conn, struct ctx *ctx);
    /* free it here; conn_user is NULL already */
    void (*closed)(struct conn *conn, struct ctx *ctx);
};

struct ctx {
    const struct ctx_ops *ops;
};

extern const struct conn_handler ctx_handler;

static inline struct ctx *conn_ctx(const struct conn *conn)
{
    return (struct ctx *)conn_user(conn);
}

#endif
