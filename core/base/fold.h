/* fold.h - text as it is compared when case and accents do not count: "Café", "CAFE\u0301" and
 * "cafe" become the same bytes.
 *
 * Compatibility decomposition (NFKD) without marks, in lower case, for the scripts that have case
 * or accents; fold_table.h is the table. What is not valid UTF-8 is kept as it is. Any thread. */
#ifndef TAVLA_BASE_FOLD_H
#define TAVLA_BASE_FOLD_H

#include "core/base/buf.h"

void fold_add(struct buf *out, struct slice text);

/* Where a needle has to stand. Letters of scripts without spaces between words (Han, Kana, Hangul,
 * Thai and others from U+0E00 on) are words of their own. */
enum fold_find { FOLD_ANYWHERE, FOLD_STARTS_WORD, FOLD_WORDS };

/* Is `needle`, folded, in the folded `text`? An empty one is nowhere. */
bool fold_has(struct slice text, struct slice needle, enum fold_find how);
#endif
