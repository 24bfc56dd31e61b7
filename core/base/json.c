#include "core/base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/map.h"

#define INTEGER_DIGITS_SAFE 18 /* so many always fit 64 bits */
/* 2^53 - 1: what every peer can read, and what json_u64 can write again */
#define INTEGER_EXACT_MAX 9007199254740991
/* Commas and brackets of one text. The largest of ours, an event that sorts a full list, has some
 * 60,000; a body of 1 MiB could have 700,000 and hold up everyone else while its tree is made. */
#define PARTS_MAX 100000
/* of an arena, for what is made of the tree: a text that fills it fails here, not there */
#define HEADROOM_PARTS 4

/* Where Jansson's allocations of this thread go while json_read runs; NULL outside of it. */
static _Thread_local struct arena *reading;
static _Thread_local jmp_buf arena_full;
static bool started;

static void *hook_alloc(size_t bytes)
{
    /* A tree from another arena than the caller's would be freed under it or never; so no tree is
     * made elsewhere. */
    CHECK(reading != NULL);
    size_t room = reading->bytes_max - reading->bytes_max / HEADROOM_PARTS;
    bool fits = bytes <= room && reading->used_bytes <= room - bytes;
    void *ptr = fits ? arena_try(reading, bytes) : NULL;
    /* Not NULL to Jansson: its lexer ignores that and then reads past the text it could not keep.
     * Jumping out of it is safe, because everything it holds at that point is memory of the
     * arena. */
    if (ptr == NULL) longjmp(arena_full, 1);
    return ptr;
}

static void hook_free(void *ptr)
{
    (void)ptr; /* the arena's end frees everything */
}

void json_start(void)
{
    /* The seed keeps senders from aiming keys at one bucket; 0 would make Jansson read
     * /dev/urandom. */
    size_t seed = (size_t)(uint32_t)(map_seed ^ map_seed >> 32);
    json_set_alloc_funcs(hook_alloc, hook_free);
    json_object_seed(seed == 0 ? 1 : seed);
    started = true;
}

/* -- limits first: one pass over the text that knows brackets, strings and numbers, before anything
 * is allocated.
 *
 * It need not understand broken JSON: up to the first mistake it sees what Jansson sees, and behind
 * it Jansson refuses. */
struct scan {
    struct slice text;
    size_t at;
    uint32_t depth;
    uint32_t parts;
    uint32_t commas[JSON_DEPTH_MAX + 1]; /* by depth */
};

/* ERR_INVALID with the line and the column (in bytes) of text[at]. */
static enum err refuse(struct fault *fault, struct slice text, size_t at, const char *what)
{
    size_t line = 1, line_start = 0;
    for (size_t i = 0; i < at; i++) {
        if (text.ptr[i] == '\n') {
            line++;
            line_start = i + 1;
        }
    }
    return fault_setf(fault, ERR_INVALID, "", "JSON within the limits", "line %zu, column %zu: %s",
            line, at - line_start + 1, what);
}

/* text[at] is the opening quote; afterwards at is behind the closing one, or the end. */
static void scan_string(struct scan *s)
{
    size_t at = s->at + 1;
    while (at < s->text.len && s->text.ptr[at] != '"')
        at += s->text.ptr[at] == '\\' ? 2 : 1;
    s->at = at < s->text.len ? at + 1 : s->text.len;
}

static bool is_number_char(char c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

/* Magnitudes of 2^63 and more are refused: as integers they do not fit, and a double of that size
 * is written in canonical form as an integer that could not be read back. */
static enum err scan_number(struct scan *s, struct fault *fault)
{
    char text[JSON_NUMBER_CHARS_MAX + 1];
    size_t start = s->at, digits = 0;
    bool exponent = false;
    while (s->at < s->text.len && is_number_char(s->text.ptr[s->at])) {
        char c = s->text.ptr[s->at++];
        digits += c >= '0' && c <= '9' ? 1 : 0;
        exponent |= c == 'e' || c == 'E';
    }
    size_t len = s->at - start;
    if (len > JSON_NUMBER_CHARS_MAX)
        return refuse(fault, s->text, start, "a number of too many characters");
    if (digits <= INTEGER_DIGITS_SAFE && !exponent) return ERR_OK;
    memcpy(text, s->text.ptr + start, len);
    text[len] = '\0';
    if (fabs(strtod(text, NULL)) >= 0x1p63)
        return refuse(fault, s->text, start, "a number too large for 64 bits");
    return ERR_OK;
}

static enum err scan_text(struct slice text, struct fault *fault)
{
    struct scan s = {.text = text};
    while (s.at < text.len) {
        char c = text.ptr[s.at];
        if (c == '"') {
            scan_string(&s);
        } else if (c == '-' || (c >= '0' && c <= '9')) {
            enum err err = scan_number(&s, fault);
            if (err != ERR_OK) return err;
        } else {
            bool part = c == '[' || c == '{' || c == ',';
            if (part && ++s.parts > PARTS_MAX)
                return refuse(fault, text, s.at, "too many parts in one text");
            if (c == '[' || c == '{') {
                if (s.depth == JSON_DEPTH_MAX)
                    return refuse(fault, text, s.at, "nested too deeply");
                s.commas[++s.depth] = 0;
            } else if ((c == ']' || c == '}') && s.depth > 0) {
                s.depth--;
            } else if (c == ',' && ++s.commas[s.depth] >= JSON_ITEMS_MAX) {
                return refuse(fault, text, s.at, "too many items in one array or object");
            }
            s.at++;
        }
    }
    return ERR_OK;
}

enum err json_read(struct arena *a, struct slice text, json_t **ret_tree, struct fault *fault)
{
    CHECK(started);
    CHECK(reading == NULL);
    enum err err = scan_text(text, fault);
    if (err != ERR_OK) return err;
    json_error_t error;
    reading = a;
    if (setjmp(arena_full) != 0) {
        reading = NULL;
        return fault_set(fault, ERR_TOO_LARGE, "", "is JSON of too many parts", "less in one text");
    }
    json_t *tree = json_loadb(text.len == 0 ? "" : text.ptr, text.len,
            JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    reading = NULL;
    if (tree == NULL)
        return fault_setf(fault, ERR_INVALID, "", "JSON (RFC 8259)", "line %d, column %d: %s",
                error.line < 1 ? 1 : error.line, error.column < 1 ? 1 : error.column, error.text);
    *ret_tree = tree;
    return ERR_OK;
}

bool json_get_slice(const json_t *object, const char *key, struct slice *ret_value)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) return false;
    *ret_value = json_slice(value);
    return true;
}

bool json_get_u64(const json_t *object, const char *key, uint64_t *ret_value)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > INTEGER_EXACT_MAX)
        return false;
    *ret_value = (uint64_t)json_integer_value(value);
    return true;
}

struct slice json_slice(const json_t *string)
{
    CHECK(json_is_string(string));
    return slice_of(json_string_value(string), json_string_length(string));
}

const char *json_type_name(const json_t *value)
{
    if (value == NULL) return "absent";
    switch (json_typeof(value)) {
    case JSON_OBJECT: return "an object";
    case JSON_ARRAY: return "an array";
    case JSON_STRING: return "a string";
    case JSON_INTEGER:
    case JSON_REAL: return "a number";
    case JSON_TRUE:
    case JSON_FALSE: return "a boolean";
    case JSON_NULL: return "null";
    }
    UNREACHABLE();
}
