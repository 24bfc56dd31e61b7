/* walk.h - stepping through JSON text without building a tree: which member, which element,
 * where each begins and ends.
 *
 * For texts whose size json_read's limits do not fit (events that name 10,000 ids) or of which
 * little is wanted (a card in an export). It checks the structure it walks, not what it passes
 * over: a value that is kept is read with json_read. Whatever is not of the expected form sets
 * `bad`, which sticks and ends every loop. Borrows the text. One thread. */
#ifndef TAVLA_CORE_WALK_H
#define TAVLA_CORE_WALK_H

#include "core/base/slice.h"

struct walk {
    const char *at, *end;
    bool bad;
};

struct walk walk_of(struct slice text);
bool walk_is(struct walk *w, char c);   /* the next token begins with c; nothing is consumed */
bool walk_take(struct walk *w, char c); /* consumes it, or bad */
bool walk_literal(struct walk *w, struct slice text); /* exactly these bytes, or bad */
bool walk_end(struct walk *w); /* nothing but white space is left, and not bad */

/* One whole value, of any kind; its text without the white space around it. */
bool walk_value(struct walk *w, struct slice *ret_json);
/* A string without escapes, as keys and ids are; its content without quotes. */
bool walk_plain(struct walk *w, struct slice *ret_text);

/*   size_t n = 0;
 *   if (walk_take(w, '[')) while (walk_element(w, &n)) walk_value(w, &json);
 * Called at every element; false at the closing bracket, which it consumes, or when bad. */
bool walk_element(struct walk *w, size_t *count);
/* The same in an object, behind walk_take(w, '{'): it also consumes the key and the colon. A key
 * with escapes comes raw. */
bool walk_member(struct walk *w, size_t *count, struct slice *ret_key);

/* The value of a top-level member of an object's text; false: absent. */
bool walk_find(struct slice object, struct slice key, struct slice *ret_json);

#endif
