#include "core/base/json_split.h"

#include <stdio.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/base/check.h"
#include "core/base/json.h"
#include "core/base/mem.h"

#define KEY_BYTES_MAX 1024 /* of a member's raw key: ERR_TOO_LARGE */
#define DEPTH_BITS    64

/*
 * START -{-> KEY_OR_END -"-> IN_KEY -"-> COLON -:-> MEMBER --> IN_VALUE --> AFTER_MEMBER -,-> KEY
 *                |                                    |                         |
 *                }                                    [                         } -> DONE
 *                v                                    v
 *              DONE                             ELEMENT_OR_END --> IN_VALUE -> AFTER_ELEMENT
 *                                                     |                         |  ',' -> ELEMENT
 *                                                     ] ----> AFTER_MEMBER <--- ]
 *
 * IN_VALUE follows brackets and strings only: `open` holds one bit a level, 1 for an object. */
enum state {
    STATE_START,
    STATE_KEY_OR_END,
    STATE_KEY,
    STATE_IN_KEY,
    STATE_COLON,
    STATE_MEMBER,
    STATE_ELEMENT_OR_END,
    STATE_ELEMENT,
    STATE_IN_VALUE,
    STATE_AFTER_MEMBER,
    STATE_AFTER_ELEMENT,
    STATE_DONE,
};

/* Inside a value. A scalar has no end of its own: the first byte that cannot be part of it ends
 * it. */
enum value_kind { VALUE_BRACKETS, VALUE_STRING, VALUE_SCALAR };

struct json_split {
    struct json_split_limits limits;
    json_split_fn *fn;
    void *context;
    enum err err; /* sticky */
    bool fn_refused;
    struct fault fault;
    enum state state;
    enum value_kind kind;
    bool in_string;
    bool escaped; /* the byte before was a backslash */
    bool key_has_escape;
    uint8_t mark_seen; /* bytes of a byte order mark so far */
    uint32_t depth;    /* open brackets inside the value */
    uint64_t open;
    size_t index;     /* of the array element; SIZE_MAX: the member's value itself */
    size_t value_len; /* bytes of the value so far */
    struct buf value; /* what of it came with earlier pushes */
    struct buf key;   /* without the quotes */
    struct utf_check utf;
    uint64_t offset; /* bytes before the current push */
    uint64_t line, line_start;
    struct slice bytes; /* the current push, */
    size_t at;          /* the byte of it under the eye, */
    size_t value_at;    /* and where in it the value goes on */
};

struct json_split *json_split_new(struct json_split_limits limits, json_split_fn *fn, void *context)
{
    CHECK(limits.depth_max >= 1 && limits.depth_max <= DEPTH_BITS);
    CHECK(fn != NULL);
    struct json_split *s = MEM_NEW(struct json_split);
    s->limits = limits;
    s->fn = fn;
    s->context = context;
    s->line = 1;
    buf_init(&s->value, limits.element_bytes_max);
    buf_init(&s->key, KEY_BYTES_MAX);
    return s;
}

struct json_split *json_split_free(struct json_split *s)
{
    if (s == NULL) return NULL;
    buf_fini(&s->value);
    buf_fini(&s->key);
    return mem_free(s);
}

static enum err fail(struct json_split *s, enum err err, const char *what, const char *expected)
{
    uint64_t column = s->offset + s->at - s->line_start + 1;
    return fault_setf(&s->fault, err, "", expected, "line %llu, column %llu: %s",
            (unsigned long long)s->line, (unsigned long long)column, what);
}

static enum err unexpected(struct json_split *s, const char *expected)
{
    char what[32];
    uint8_t c = (uint8_t)s->bytes.ptr[s->at];
    snprintf(what, sizeof(what),
            c > 0x20 && c < 0x7f ? "unexpected '%c'" : "unexpected byte 0x%02x", c);
    return fail(s, ERR_INVALID, what, expected);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void count_line(struct json_split *s, char c)
{
    if (c != '\n') return;
    s->line++;
    s->line_start = s->offset + s->at + 1;
}

/* A scalar's letters are only collected here; json_read judges them. */
static bool is_scalar(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' ||
           c == 'E';
}

/* -- strings: keys, values and those inside values */

static void string_begin(struct json_split *s)
{
    s->in_string = true;
    s->escaped = false;
    utf_check_init(&s->utf);
}

/* Bytes at `at` that neither end a string nor need a look; the run stops at the end of the push. */
static size_t plain_run(const struct json_split *s)
{
    size_t at = s->at;
    while (at < s->bytes.len) {
        uint8_t c = (uint8_t)s->bytes.ptr[at];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') break;
        at++;
    }
    return at - s->at;
}

/* One byte inside a string; *ret_end when it is the closing quote. */
static enum err string_byte(struct json_split *s, bool *ret_end)
{
    char c = s->bytes.ptr[s->at];
    if ((uint8_t)c < 0x20) return unexpected(s, "a string without raw control characters");
    if (!utf_check_feed(&s->utf, slice_of(&c, 1)) || ((uint8_t)c < 0x80 && !utf_check_end(&s->utf)))
        return fail(s, ERR_INVALID, "not UTF-8", "UTF-8");
    *ret_end = c == '"' && !s->escaped;
    s->escaped = c == '\\' && !s->escaped;
    if (*ret_end) s->in_string = false;
    return ERR_OK;
}

static enum err key_byte(struct json_split *s)
{
    char c = s->bytes.ptr[s->at];
    bool end;
    enum err err = string_byte(s, &end);
    if (err != ERR_OK) return err;
    s->key_has_escape |= c == '\\';
    if (end)
        s->state = STATE_COLON;
    else if (!buf_add_char(&s->key, c))
        return fail(s, ERR_TOO_LARGE, "a key is too long", "at most 1,024 bytes");
    return ERR_OK;
}

/* Keys with escapes are read by the strict reader; plain ones are what they look like. */
static enum err key_decode(struct json_split *s)
{
    if (!s->key_has_escape) return ERR_OK;
    struct arena arena;
    struct buf quoted;
    json_t *tree;
    struct fault fault;
    arena_init(&arena, KEY_BYTES_MAX, (size_t)16 * KEY_BYTES_MAX);
    buf_init(&quoted, KEY_BYTES_MAX + 2);
    buf_add_char(&quoted, '"');
    buf_add(&quoted, buf_slice(&s->key));
    buf_add_char(&quoted, '"');
    enum err err = json_read(&arena, buf_slice(&quoted), &tree, &fault);
    if (err == ERR_OK) {
        buf_clear(&s->key);
        buf_add(&s->key, json_slice(tree)); /* never longer than its escaped form */
    } else {
        err = fail(s, ERR_INVALID, "a key with a bad escape", "JSON (RFC 8259)");
    }
    buf_fini(&quoted);
    arena_fini(&arena);
    return err;
}

/* -- values */

static enum err value_begin(struct json_split *s, size_t index)
{
    char c = s->bytes.ptr[s->at];
    s->index = index;
    s->state = STATE_IN_VALUE;
    s->value_at = s->at;
    s->value_len = 0;
    s->depth = 0;
    s->open = 0;
    buf_clear(&s->value);
    if (c == '{' || c == '[')
        s->kind = VALUE_BRACKETS;
    else if (c == '"')
        s->kind = VALUE_STRING;
    else if (is_scalar(c))
        s->kind = VALUE_SCALAR;
    else
        return unexpected(s, "a value");
    return ERR_OK;
}

/* The value ends before bytes[end]. */
static enum err value_end(struct json_split *s, size_t end)
{
    struct slice here = slice_of(s->bytes.ptr + s->value_at, end - s->value_at);
    if (s->value.len > 0) { /* began in an earlier push */
        buf_add(&s->value, here);
        CHECK(buf_ok(&s->value)); /* value_take counted */
        here = buf_slice(&s->value);
    }
    CHECK(here.len == s->value_len);
    s->state = s->index == SIZE_MAX ? STATE_AFTER_MEMBER : STATE_AFTER_ELEMENT;
    enum err err = s->fn(s->context, buf_slice(&s->key), s->index, here);
    s->fn_refused = err != ERR_OK;
    return err;
}

/* Counts `count` bytes at `at` as part of the value and steps over all of them but the last, which
 * the caller judges. The cap is met at the same byte wherever the pushes were cut. */
static enum err value_take(struct json_split *s, size_t count)
{
    size_t room = s->limits.element_bytes_max - s->value_len;
    if (count > room) {
        s->at += room;
        return fail(s, ERR_TOO_LARGE, "an element is too long", "shorter elements");
    }
    s->value_len += count;
    s->at += count - 1;
    return ERR_OK;
}

static enum err bracket(struct json_split *s, char c)
{
    uint64_t object = c == '{' || c == '}';
    if (c == '{' || c == '[') {
        if (s->depth == s->limits.depth_max)
            return fail(s, ERR_INVALID, "nested too deeply", "less depth");
        s->open = s->open << 1 | object;
        s->depth++;
        return ERR_OK;
    }
    if ((s->open & 1) != object) return unexpected(s, object ? "]" : "}");
    s->open >>= 1;
    s->depth--;
    return s->depth == 0 ? value_end(s, s->at + 1) : ERR_OK;
}

static enum err value_string_byte(struct json_split *s)
{
    bool end;
    size_t run = s->escaped || !utf_check_end(&s->utf) ? 0 : plain_run(s);
    if (run > 0) return value_take(s, run);
    enum err err = value_take(s, 1);
    if (err == ERR_OK) err = string_byte(s, &end);
    if (err == ERR_OK && end && s->kind == VALUE_STRING) err = value_end(s, s->at + 1);
    return err;
}

static enum err step(struct json_split *s);

static enum err value_byte(struct json_split *s)
{
    char c = s->bytes.ptr[s->at];
    if (s->in_string) return value_string_byte(s);
    if (s->kind == VALUE_SCALAR && !is_scalar(c)) {
        enum err err = value_end(s, s->at);
        return err == ERR_OK ? step(s) : err; /* the byte belongs to what follows */
    }
    enum err err = value_take(s, 1);
    if (err != ERR_OK) return err;
    if (c == '"')
        string_begin(s);
    else if (c == '{' || c == '[' || c == '}' || c == ']')
        return bracket(s, c);
    else if (!is_scalar(c) && !is_space(c) && c != ',' && c != ':')
        return unexpected(s, "JSON");
    count_line(s, c);
    return ERR_OK;
}

/* -- the object around them */

static enum err start_byte(struct json_split *s, char c)
{
    static const char mark[3] = "\xef\xbb\xbf";
    if (s->mark_seen > 0 || s->offset + s->at == 0) {
        if (s->mark_seen < sizeof(mark) && c == mark[s->mark_seen]) {
            s->mark_seen++;
            return ERR_OK;
        }
        if (s->mark_seen > 0 && s->mark_seen < sizeof(mark)) return unexpected(s, "an object");
    }
    if (c == '[')
        return fail(s, ERR_INVALID, "an array at the top",
                "one object whose members are the lists of things");
    if (c != '{') return unexpected(s, "an object");
    s->state = STATE_KEY_OR_END;
    return ERR_OK;
}

static enum err key_start(struct json_split *s, char c)
{
    if (c == '}' && s->state == STATE_KEY_OR_END) {
        s->state = STATE_DONE;
        return ERR_OK;
    }
    if (c != '"') return unexpected(s, s->state == STATE_KEY ? "a key" : "a key or }");
    buf_clear(&s->key);
    s->key_has_escape = false;
    s->state = STATE_IN_KEY;
    string_begin(s);
    return ERR_OK;
}

static enum err member_start(struct json_split *s, char c)
{
    if (c == '[') {
        s->index = 0;
        s->state = STATE_ELEMENT_OR_END;
        return ERR_OK;
    }
    enum err err = value_begin(s, SIZE_MAX);
    return err == ERR_OK ? value_byte(s) : err;
}

static enum err element_start(struct json_split *s, char c)
{
    if (c == ']' && s->state == STATE_ELEMENT_OR_END) {
        s->state = STATE_AFTER_MEMBER;
        return ERR_OK;
    }
    enum err err = value_begin(s, s->index);
    return err == ERR_OK ? value_byte(s) : err;
}

static enum err after_value(struct json_split *s, char c)
{
    bool element = s->state == STATE_AFTER_ELEMENT;
    if (c == ',') {
        s->state = element ? STATE_ELEMENT : STATE_KEY;
        s->index += element ? 1 : 0;
        return ERR_OK;
    }
    if (c != (element ? ']' : '}')) return unexpected(s, element ? ", or ]" : ", or }");
    s->state = element ? STATE_AFTER_MEMBER : STATE_DONE;
    return ERR_OK;
}

/* The byte bytes[at], or a run that begins there; at ends on the last byte that was used. */
static enum err step(struct json_split *s)
{
    char c = s->bytes.ptr[s->at];
    if (s->state == STATE_IN_VALUE) return value_byte(s);
    if (s->state == STATE_IN_KEY) return key_byte(s);
    if (is_space(c) && (s->state != STATE_START || s->mark_seen == 0 || s->mark_seen == 3)) {
        count_line(s, c);
        return ERR_OK;
    }
    switch (s->state) {
    case STATE_START: return start_byte(s, c);
    case STATE_KEY_OR_END:
    case STATE_KEY: return key_start(s, c);
    case STATE_COLON:
        if (c != ':') return unexpected(s, ":");
        s->state = STATE_MEMBER;
        return key_decode(s);
    case STATE_MEMBER: return member_start(s, c);
    case STATE_ELEMENT_OR_END:
    case STATE_ELEMENT: return element_start(s, c);
    case STATE_AFTER_MEMBER:
    case STATE_AFTER_ELEMENT: return after_value(s, c);
    case STATE_DONE: return unexpected(s, "nothing behind the object");
    case STATE_IN_KEY:
    case STATE_IN_VALUE: break;
    }
    UNREACHABLE();
}

static enum err stop(struct json_split *s, enum err err, struct fault *fault)
{
    s->err = err;
    if (err != ERR_OK && fault != NULL && !s->fn_refused) *fault = s->fault;
    return err;
}

enum err json_split_feed(struct json_split *s, struct slice bytes, struct fault *fault)
{
    if (s->err != ERR_OK) return stop(s, s->err, fault);
    s->bytes = bytes;
    s->value_at = 0;
    for (s->at = 0; s->at < bytes.len; s->at++) {
        enum err err = step(s);
        if (err != ERR_OK) return stop(s, err, fault);
    }
    if (s->state == STATE_IN_VALUE && bytes.len > 0) {
        buf_add(&s->value, slice_from(bytes, s->value_at));
        CHECK(buf_ok(&s->value)); /* value_take counted */
    }
    s->offset += bytes.len;
    s->at = 0;
    return ERR_OK;
}

enum err json_split_end(struct json_split *s, struct fault *fault)
{
    if (s->err == ERR_OK && s->state != STATE_DONE)
        s->err = fail(s, ERR_INVALID, "the text is cut off here", "a complete object");
    return stop(s, s->err, fault);
}
