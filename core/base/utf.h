/* utf.h - UTF-8 checked piece by piece, and lengths in UTF-16 units.
 *
 * Strict UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. The checker
 * takes bytes cut anywhere and fails at the first byte that cannot continue. Any thread. */
#ifndef TAVLA_BASE_UTF_H
#define TAVLA_BASE_UTF_H

#include "core/base/slice.h"

struct utf_check {
    uint8_t need;      /* continuation bytes still owed */
    uint8_t low, high; /* range of the next continuation byte */
};

void utf_check_init(struct utf_check *u);
bool utf_check_feed(struct utf_check *u, struct slice bytes); /* false: invalid from here on */
bool utf_check_end(const struct utf_check *u);                /* false: ends inside a character */
bool utf_valid(struct slice s);

size_t utf_units(struct slice s); /* length in UTF-16 code units; s must be valid */
/* Byte offset of unit `units`. False when it lies beyond the end or between a surrogate pair. */
bool utf_offset(struct slice s, size_t units, size_t *ret_offset);
struct slice utf_head(struct slice s, size_t bytes_max); /* longest whole-character prefix */

#endif
