/* auth.h - which token a request carries, in all the places where Trello's clients put one. Loop
 * thread only. */
#ifndef TAVLA_API_AUTH_H
#define TAVLA_API_AUTH_H

#include "net/api/rest.h"

/* Tokens in the fields: Authorization (Bearer, or OAuth with oauth_token) and the session
 * cookie. */
void auth_fields(struct rest *r, const struct http_request *q);
/* Authenticates with what the fields and the parameters hold, then calls `then`; or answers 401
 * or 403 itself. Nothing at all is let through to `then` (with no member) only where the route
 * is for anyone. */
void auth_start(struct rest *r, rest_then *then);
/* Was it sent by a page that is not this server's own? What no browser sent is not. */
bool auth_foreign_page(const struct rest *r);
/* token= in the beginning of a request line; ptr NULL: none that is whole. */
struct slice auth_line_token(struct slice line);

#endif
