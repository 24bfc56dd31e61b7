/* json_split.h - cuts a large JSON text into elements while it is pushed through.
 *
 * For one object whose members are scalars, objects or arrays:
 * {"name":"x","lists":[{..},{..}],"cards":[..]}. Each member that is an array is handed over
 * element by element, every other member whole; only one element is ever held, so a 200 MB file
 * needs as much memory as its largest card. Pushed bytes may be cut anywhere and give the same
 * elements. A member key repeated at the top is not noticed: fn decides what a second one means. A
 * leading byte order mark is skipped. It checks structure, depth, strings and UTF-8; the elements
 * themselves are read with json_read, which is strict about the rest. One thread. */
#ifndef TAVLA_BASE_JSON_SPLIT_H
#define TAVLA_BASE_JSON_SPLIT_H

#include "core/base/err.h"
#include "core/base/utf.h"

/* index: position in the array, or SIZE_MAX for a member that is not an array. key and json are
 * borrowed for the call. Any err but OK stops the splitter, which returns it and leaves the
 * caller's fault to fn. */
typedef enum err json_split_fn(void *context, struct slice key, size_t index, struct slice json);

struct json_split_limits {
    size_t element_bytes_max;
    uint32_t depth_max; /* brackets inside one element, its own included; at most 64 */
};

struct json_split; /* heap, opaque */

struct json_split *json_split_new(
        struct json_split_limits limits, json_split_fn *fn, void *context);
struct json_split *json_split_free(struct json_split *s);
/* ERR_INVALID (fault->wrong says line and column, in bytes), ERR_TOO_LARGE (an element), or fn's
 * own. Sticky. */
enum err json_split_feed(struct json_split *s, struct slice bytes, struct fault *fault);
enum err json_split_end(struct json_split *s, struct fault *fault); /* ERR_INVALID: cut off */

#endif
