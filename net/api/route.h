/* route.h - from a request's method and path to the function that answers it, and who may ask.
 * Loop thread only.
 *
 * One const table (routes.c). Matching forgives what Trello's clients are used to: a slash at
 * the end, singular collections (/1/card/), other cases of letters, percent-encoded parts. The
 * first row that fits wins. */
#ifndef TAVLA_API_ROUTE_H
#define TAVLA_API_ROUTE_H

#include "net/api/params.h"
#include "net/conn.h"

#define ROUTE_ARGS_MAX 4

struct rest;

enum access {
    ACCESS_ANYONE,
    ACCESS_SIGNED_IN,
    ACCESS_READ, /* of the board */
    ACCESS_EDIT,
    ACCESS_ADMIN,
    ACCESS_OPERATOR, /* the admin socket only */
};

/* FORM: kept, unless it comes in parts with a file among them */
enum route_body { BODY_KEPT, BODY_SPOOLED, BODY_FORM };

struct route {
    const char *method;
    const char *pattern; /* "/1/cards/{id}/idLabels/{idLabel}" */
    enum access access;
    void (*fn)(struct rest *r);      /* NULL: the live protocol */
    const struct param_spec *params; /* NULL: none */
    enum route_body body;
};

extern const struct route route_table[];
extern const size_t route_count;
const char *access_name(enum access access);

/* conn_handler.request: gives exactly one answer, now or later, or makes the connection a live
 * (net/api/live.h). */
void route_request(struct conn *conn, const struct http_request *request);
/* conn_handler.line_grow: a long query is let in only behind a valid session. */
bool route_line_grow(struct conn *conn, struct slice line);

/* Does the path fit the pattern? Arguments, decoded, go to ret_args (in a). */
bool route_matches(struct arena *a, const char *pattern, struct slice path,
        struct slice ret_args[ROUTE_ARGS_MAX]);

/* Both tables as JSON, for `tavla routes --json` and `tavla ops --json`. */
void routes_json(struct buf *out);
void ops_json(struct buf *out);

#endif
