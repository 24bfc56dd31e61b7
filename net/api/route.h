/* route.h - from a request's method and path to the function that answers it. Loop thread only. */
#ifndef TAVLA_API_ROUTE_H
#define TAVLA_API_ROUTE_H

#include "net/conn.h"

/* conn_handler.request: gives exactly one answer, now or later, or makes the connection a live (net/api/live.h). */
void route_request(struct conn *conn, const struct http_request *request);
/* conn_handler.line_grow: a long query is let in only behind a valid session. */
bool route_line_grow(struct conn *conn, struct slice line);

#endif
