/* fold_char.h - one character of what fold.h does to texts. Any thread. */
#ifndef TAVLA_BASE_FOLD_CHAR_H
#define TAVLA_BASE_FOLD_CHAR_H

#include "core/base/slice.h"

#define CHAR_BYTES_MAX 4

/* What fold_char answers when it is not one character for one. */
#define CHAR_GONE UINT32_MAX       /* a mark: nothing */
#define CHAR_LONG (UINT32_MAX - 1) /* several: fold_char_long */

/* The bytes of the character at text.ptr, and which it is; 1 and the byte itself when it is not
 * valid. */
size_t char_read(struct slice text, uint32_t *ret_point);
size_t char_write(uint32_t point, char to[CHAR_BYTES_MAX]); /* its bytes */

uint32_t fold_char(uint32_t point);
struct slice fold_char_long(uint32_t point); /* UTF-8; "": it does not become several */

/* Characters from U+0080 on that become `point`, or several with it among them; not itself. */
void fold_sources(uint32_t point, void (*each)(void *context, uint32_t source), void *context);

/* Does a word go on over the spot between two characters? Both are letters or digits of a script
 * with spaces between words. */
bool char_joins(uint32_t before, uint32_t behind);

#endif
