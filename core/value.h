/* value.h - one field's content. Owns its memory; moved, never shared. One thread at a time. */
#ifndef TAVLA_CORE_VALUE_H
#define TAVLA_CORE_VALUE_H

#include "core/base/err.h"
#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/model.h"

enum value_type { VALUE_NULL, VALUE_BOOL, VALUE_NUM, VALUE_STR, VALUE_ID, VALUE_SET, VALUE_JSON };

struct text_bytes { /* heap, immutable */
    uint32_t len;
    char bytes[];
};

struct id_set { /* heap; in the order in which the elements came */
    uint32_t count, cap;
    struct id ids[];
};

struct value {
    enum value_type type;
    union {
        bool boolean;
        double num;
        /* VALUE_STR and VALUE_JSON (canonical); NULL is "" and {}: read through value_slice */
        struct text_bytes *str;
        struct id id;
        struct id_set *set; /* NULL is the empty set */
    };
};

void value_fini(struct value *v); /* becomes null */
struct value value_str(struct slice text);
struct value value_json(struct slice canonical);
struct value value_num(double n);
struct value value_bool(bool b);
struct value value_id(struct id id);
struct value value_copy(const struct value *v);
bool value_eq(const struct value *a, const struct value *b);
struct slice value_slice(const struct value *v); /* STR, JSON; empty for null */

bool value_set_has(const struct value *v, struct id element);
bool value_set_put(struct value *v, struct id element, bool on); /* true: it changed */

size_t value_set_index(const struct value *v, struct id element); /* SIZE_MAX: not in it */
/* undo of a removal: back at its place */
void value_set_insert(struct value *v, size_t index, struct id element);
size_t value_bytes(const struct value *v); /* heap memory behind it */

#define ID_SHORT_MAX 4294967294u /* next_short is 32 bits */

/* brackets in a JSON field: leaves room for what ops and events put around it */
#define VALUE_JSON_DEPTH_MAX 8

/* From wire JSON, checked against the field's type and limits. fault names the field and says what
 * was expected. FIELD_TEXT is read as VALUE_STR. null where the field may not be null is refused;
 * import leaves such members out. */
enum err value_read(enum field f, const json_t *json, struct value *ret_value, struct fault *fault);
/* The same of the value's text, without white space around it. Most texts need no tree. */
enum err value_read_text(enum field f, struct arena *scratch, struct slice json,
        struct value *ret_value, struct fault *fault);
/* Of a field that may not be null, what stands for its default in what was stored: null, as the
 * none id is written, or the empty text of a date that nobody gave. */
bool value_text_default(enum field f, struct slice json);
bool field_never_empty(enum field f);    /* by what a client sends */
size_t field_units_max(enum field f);    /* UTF-16 units that a string there may have */
size_t field_elements_max(enum field f); /* that a set there may have */
void value_write(struct json_out *j, const struct value *v);
struct value value_default(enum field f); /* null where allowed, else false, 0, "", {}, [] */

#endif
