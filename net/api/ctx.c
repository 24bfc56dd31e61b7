#include "net/api/ctx.h"

#include "net/api/route.h"

static void ctx_body(struct conn *conn, struct slice piece, bool end)
{
    struct ctx *ctx = conn_ctx(conn);
    if (ctx && ctx->ops->body) ctx->ops->body(conn, ctx, piece, end);
}

static void ctx_message(struct conn *conn, struct slice text)
{
    struct ctx *ctx = conn_ctx(conn);
    if (ctx && ctx->ops->message) ctx->ops->message(conn, ctx, text);
}

static void ctx_drained(struct conn *conn)
{
    struct ctx *ctx = conn_ctx(conn);
    if (ctx && ctx->ops->drained) ctx->ops->drained(conn, ctx);
}

static void ctx_stuck(struct conn *conn)
{
    struct ctx *ctx = conn_ctx(conn);
    if (ctx && ctx->ops->stuck) ctx->ops->stuck(conn, ctx);
}

static void ctx_closed(struct conn *conn)
{
    struct ctx *ctx = conn_ctx(conn);
    conn_set_user(conn, NULL);
    if (ctx && ctx->ops->closed) ctx->ops->closed(conn, ctx);
}

const struct conn_handler ctx_handler = {
    .request = route_request,
    .line_grow = route_line_grow,
    .body = ctx_body,
    .message = ctx_message,
    .drained = ctx_drained,
    .stuck = ctx_stuck,
    .closed = ctx_closed,
};
