/* params.h - a request's parameters, whether they came in the query, in a form or in a JSON
 * body.
 *
 * Trello's clients send all three, sometimes mixed; later ones win. A route lists the names it
 * knows with their types; any other name is refused by name, apart from what Trello knows and we
 * do without harm (one list in params.c). Borrowed from the request's arena. */
#ifndef TAVLA_API_PARAMS_H
#define TAVLA_API_PARAMS_H

#include "core/base/id.h"
#include "core/base/json.h"
#include "core/base/json_write.h"

#define PARAMS_MAX 200 /* names in one request; when hit: 400 */

enum param_type {
    PARAM_TEXT,
    PARAM_BOOL,
    PARAM_NUMBER, /* or null */
    PARAM_POS,    /* "top", "bottom" or a number */
    PARAM_ID,     /* 24 hex digits */
    PARAM_ID_OPTION, /* the same, or null */
    PARAM_KEY,    /* an id or a short link */
    PARAM_IDS,    /* "a,b" or an array */
    PARAM_DATE,   /* ISO 8601 or null */
    PARAM_OPTION, /* text or null: colours, roles of cards */
    PARAM_JSON,   /* an object, as JSON or as its text */
    PARAM_PLACE,  /* the same, or "59.3,18.1": latitude and longitude */
    PARAM_ANY,    /* the handler looks for itself */
};

struct param_spec {
    const char *name; /* "prefs/..." stands for every name that starts with prefs/ or prefs_ */
    enum param_type type;
    const char *field; /* our op's member it becomes by itself; NULL: the handler sees to it */
};

struct param {
    struct slice name;
    struct slice text;  /* as text; of JSON strings and numbers too */
    const json_t *json; /* from a JSON body; NULL: from query or form */
};

struct params {
    struct param *at;
    uint32_t count;
};

/* Each adds to what is there. ERR_INVALID with the place or the name. */
enum err params_query(struct arena *a, struct params *p, struct slice query, struct fault *fault);
enum err params_json(struct arena *a, struct params *p, struct slice body, struct fault *fault);

/* One more, or another value of one that is there; slices live with a. False: too many. */
bool params_put(struct arena *a, struct params *p, struct slice name, struct slice text);
const struct param *params_find(const struct params *p, const char *name); /* NULL: not given */
/* Is the value "true"? False when it is absent. ERR_INVALID otherwise than true and false. */
enum err params_bool(
        const struct params *p, const char *name, bool *ret_value, struct fault *fault);
struct slice params_text(const struct params *p, const char *name); /* ptr NULL: not given */

/* Every name is in specs (ended by a NULL name, or NULL: none) or in the list of the harmless. */
enum err params_check(const struct params *p, const struct param_spec *specs, struct fault *fault);
const struct param_spec *params_spec(
        const struct param_spec *specs, struct slice name); /* NULL: unknown */

/* The value as JSON of the spec's type, or ERR_INVALID saying what was wrong and expected. */
enum err param_write(
        struct json_out *j, const struct param *p, enum param_type type, struct fault *fault);
/* Calls fn for every id of an id list. */
enum err param_ids(const struct param *p, enum err (*fn)(void *context, struct id id),
        void *context, struct fault *fault);

#endif
