/* url.h - percent-coding and query strings (RFC 3986, and the + for space of HTML forms). Any
 * thread. */
#ifndef TAVLA_BASE_URL_H
#define TAVLA_BASE_URL_H

#include "core/base/arena.h"

/* Decoded copy in the arena; plus_is_space for query strings and forms. False on a bad %-escape,
 * NUL or invalid UTF-8. */
bool url_decode(struct arena *a, struct slice text, bool plus_is_space, struct slice *ret_text);
/* Next name=value pair of a query string or form body, decoded. False when none is left or one is
 * malformed (then *ret_bad is true). `rest` starts as the whole query without '?'. */
bool url_query_next(struct arena *a, struct slice *rest, struct slice *ret_name,
        struct slice *ret_value, bool *ret_bad);

#endif
