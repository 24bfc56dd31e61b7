/* json.h - the door to Jansson: reading one small JSON text into a tree that lives in an arena.
 *
 * For one op, one request body, one stored entity; never for state, never for a large file (see
 * json_split.h). Strict RFC 8259: duplicate keys, lone surrogates, NUL, trailing bytes, depth and
 * item counts beyond the limits are refused. The tree is freed with the arena and needs no decref.
 * Any thread, one arena each. */
#ifndef TAVLA_BASE_JSON_H
#define TAVLA_BASE_JSON_H

#include <jansson.h>

#include "core/base/arena.h"
#include "core/base/err.h"

/* Once, before the first thread and after map_seed is set: allocator hooks, seed of Jansson's
 * object hash. From then on trees come from json_read only: a Jansson call that allocates outside
 * it CHECKs. */
void json_start(void);

/* Numbers of magnitude 2^63 and more are refused: their canonical form could not be read back as an
 * integer. ERR_TOO_LARGE when the tree does not fit the arena; otherwise ERR_INVALID with "line 3,
 * column 7: ..." in fault->wrong. Any value is accepted at the top, not only objects. */
enum err json_read(struct arena *a, struct slice text, json_t **ret_tree, struct fault *fault);

/* Typed members of an object. False when absent or of another type (nothing changed). */
bool json_get_slice(const json_t *object, const char *key, struct slice *ret_value);
bool json_get_u64(const json_t *object, const char *key, uint64_t *ret_value);
struct slice json_slice(const json_t *string);   /* CHECKs json_is_string */
const char *json_type_name(const json_t *value); /* "a string", "null" ... for messages */

#endif
