/* needle.h - a folded text, looked for in many that are not folded.
 *
 * Most texts do not have it, and folding them to see so costs more than all else in a search. So
 * one character of the needle that is rare, or has few other forms, is its anchor: the bytes of a
 * text are compared with all forms of it, sixteen at a time, and only where one stands are the
 * characters around it folded, one by one, as far as they agree with the needle.
 *
 *   needle    s h e l f        anchor `f`: "f", "F" and what begins a character that folds to it
 *   text      ... S h é l f ...
 *                 <-----^ `l` is `l`, `é` folds to `e` ...
 *
 * Finds what fold_has finds in the folded text, for every text of valid UTF-8. Any thread. */
#ifndef TAVLA_BASE_NEEDLE_H
#define TAVLA_BASE_NEEDLE_H

#include "core/base/bytes16.h"
#include "core/base/fold.h"

#define NEEDLE_FORMS_MAX  4 /* of an anchor that is not ASCII */
#define NEEDLE_RANGES_MAX 3

struct needle {
    struct slice text; /* folded; borrowed */
    /* private: */
    enum needle_scan {
        NEEDLE_FOLDED, /* no anchor: texts are folded */
        NEEDLE_PLAIN,  /* an ASCII anchor, and the byte behind it */
        NEEDLE_WIDE,   /* the last two bytes of an anchor from U+0080 on */
    } scan;
    size_t spot;     /* where in text the anchor is */
    size_t spot_end; /* behind it */
    uint32_t anchor;
    union { /* each byte sixteen times: what a block is compared with */
        struct {
            bytes16 byte, behind, byte_case,
                    behind_case; /* _case: 0x20 where case does not count */
            bytes16 last;        /* 0xff: nothing need be behind it */
            bytes16 low[NEEDLE_RANGES_MAX], span[NEEDLE_RANGES_MAX]; /* first bytes of others */
        } plain;
        struct {
            bytes16 forms[NEEDLE_FORMS_MAX][2];
            uint8_t count;
        } wide;
    };
};

void needle_init(struct needle *n, struct slice folded);
/* As fold_has with the text folded. */
bool needle_in(const struct needle *n, struct slice text, enum fold_find how, struct buf *scratch);

#endif
