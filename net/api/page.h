/* page.h - the few pages a browser gets from the server itself: small, without script, under a
 * strict policy. Loop thread only. */
#ifndef TAVLA_API_PAGE_H
#define TAVLA_API_PAGE_H

#include "net/api/rest.h"

/* Answers with a page around `body`, which is HTML already. fields: further field lines. */
void page_answer(
        struct rest *r, int status, const char *title, struct slice fields, struct slice body);
/* A person's browser asks, not a program: it names HTML among what it takes. */
bool page_wanted(const struct http_request *q);
void page_missing(struct conn *conn); /* 404: no route has this address */
void html_text(struct buf *out, struct slice text); /* escaped for text and attribute values */

#endif
