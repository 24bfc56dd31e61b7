/* text.h - deltas over long text: retain n, delete -n, insert "text"; the unit is the UTF-16 code
 * unit.
 *
 * Canonical: no empty or zero parts, equal neighbours merged, insert before delete at the same
 * spot, no trailing retain. A boundary that would split a surrogate pair is refused. Arrays live in
 * the caller's arena. */
#ifndef TAVLA_CORE_TEXT_H
#define TAVLA_CORE_TEXT_H

#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/json_write.h"

struct delta_part {
    int64_t count;     /* > 0 retain, < 0 delete, 0: insert */
    struct slice text; /* insert: valid UTF-8, not empty */
};

struct delta {
    struct delta_part *parts;
    uint32_t count;
};

/* canonical form or ERR_INVALID */
enum err delta_read(
        struct arena *a, const json_t *json, struct delta *ret_delta, struct fault *fault);
void delta_write(struct json_out *j, const struct delta *d);
/* ERR_INVALID: beyond the end or inside a pair; ERR_TOO_LARGE: the result passes units_max. Else
 * how many bytes it has. */
enum err delta_check(struct slice text, const struct delta *d, size_t units_max, size_t *ret_bytes,
        struct fault *fault);
/* The same, and makes it. */
enum err delta_apply(struct arena *a, struct slice text, const struct delta *d, size_t units_max,
        struct slice *ret_text, struct fault *fault);
/* text before d */
enum err delta_invert(
        struct arena *a, struct slice text, const struct delta *d, struct delta *ret_inverse);
/* d as it reads behind `over`, another change of the same text: for any two, x and y as well as
 * y and x over each other come to one text. first: where both insert at one spot, d's stands left;
 * the sides must disagree about it. Pure of the text: what leads beyond it still does. Texts are
 * borrowed from d. */
void delta_transform(struct arena *a, const struct delta *d, const struct delta *over, bool first,
        struct delta *ret_delta);
/* d, then `then`, as one delta. It applies as the two do; transforming over it is not the same as
 * over one, then the other: an insert behind a text that is deleted later stands before it then.
 * ERR_INVALID: `then` cuts a pair that d inserts. Texts are borrowed
 * from both. */
enum err delta_compose(
        struct arena *a, const struct delta *d, const struct delta *then, struct delta *ret_delta);
/* The smallest single replacement that turns `from` into `to`, cut at whole characters. */
void delta_diff(struct arena *a, struct slice from, struct slice to, struct delta *ret_delta);

#endif
