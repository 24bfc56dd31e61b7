/* json_write.h - canonical JSON (RFC 8785) straight into a buf.
 *
 * The writer puts commas and colons; the caller gives object members in sorted key order where the
 * text must be canonical (stored entities; checked in CHECK_SLOW builds by nobody but tests).
 * Numbers are written as ECMAScript does (RFC 8785 3.2.2.3), strings with the shortest escapes.
 * Overflow shows in buf_ok. One thread. */
#ifndef TAVLA_BASE_JSON_WRITE_H
#define TAVLA_BASE_JSON_WRITE_H

#include <jansson.h>

#include "core/base/buf.h"
#include "core/base/id.h"

struct json_out {
    struct buf *buf;
    bool comma; /* a value was written at this level, so the next one wants a comma */
};

struct json_out json_out(struct buf *buf);
void json_object_begin(struct json_out *j); /* json_object is Jansson's, so are _array, _null */
void json_object_end(struct json_out *j);
void json_array_begin(struct json_out *j);
void json_array_end(struct json_out *j);
void json_key(struct json_out *j, struct slice key); /* key is written escaped */
/* Text behind which a value is to follow: a key with its quotes and colon, or brackets that open,
 * or whole members in front of these. */
void json_begin(struct json_out *j, struct slice text);
void json_str(struct json_out *j, struct slice value);
void json_num(struct json_out *j, double value);   /* CHECKs finite */
void json_u64(struct json_out *j, uint64_t value); /* CHECKs < 2^53 */
void json_bool(struct json_out *j, bool value);
void json_nil(struct json_out *j);                      /* writes null */
void json_id(struct json_out *j, struct id id);         /* the none id is written as null */
void json_raw(struct json_out *j, struct slice json);   /* one value that is JSON already */
void json_tree(struct json_out *j, const json_t *tree); /* sorted by the keys' UTF-16 units */

/* of letters and digits */
#define JSON_KEY(j, literal) json_begin((j), SLICE("\"" literal "\":"))

/* Bare pieces, for texts built by hand. */
void json_str_to(struct buf *buf, struct slice value); /* with quotes */
void json_num_to(struct buf *buf, double value);

#endif
