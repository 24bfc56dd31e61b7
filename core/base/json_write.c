#include "core/base/json_write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/check.h"
#include "core/base/digits.h"
#include "core/base/mem.h"

#define SAFE_INTEGER_MAX                                                                           \
    9007199254740991.0      /* 2^53 - 1: every integer up to it has its own double */
#define DIGITS_MAX       17 /* 17 significant digits tell any two doubles apart */
#define MEMBERS_ON_STACK 32
#define FIXED_DIGITS     6
#define FIXED_SCALE      1e6

/* -- structure: who puts the commas */

struct json_out json_out(struct buf *buf)
{
    return (struct json_out){.buf = buf};
}

/* Room for a value of so many bytes, behind the comma that it may want; NULL: refused. */
static char *value_room(struct json_out *j, size_t bytes)
{
    bool comma = j->comma;
    char *to = buf_more(j->buf, bytes + comma);
    j->comma = true;
    if (to != NULL && comma) *to++ = ',';
    return to;
}

static inline void put(struct json_out *j, struct slice text)
{
    char *to = value_room(j, text.len);
    if (to != NULL) memcpy(to, text.ptr, text.len);
}

void json_object_begin(struct json_out *j)
{
    json_begin(j, SLICE("{"));
}

void json_object_end(struct json_out *j)
{
    buf_add_char(j->buf, '}');
    j->comma = true; /* the container itself is a value of the level outside */
}

void json_array_begin(struct json_out *j)
{
    json_begin(j, SLICE("["));
}

void json_array_end(struct json_out *j)
{
    buf_add_char(j->buf, ']');
    j->comma = true;
}

void json_key(struct json_out *j, struct slice key)
{
    json_str(j, key);
    buf_add_char(j->buf, ':');
    j->comma = false; /* the value follows the colon, not a comma */
}

void json_begin(struct json_out *j, struct slice text)
{
    put(j, text);
    j->comma = false;
}

/* -- scalars */

void json_num(struct json_out *j, double value)
{
    /* most are whole; -0 is written 0 */
    if (value >= 0 && value <= SAFE_INTEGER_MAX && value == (double)(uint64_t)value) {
        json_u64(j, (uint64_t)value);
        return;
    }
    if (j->comma) buf_add_char(j->buf, ',');
    json_num_to(j->buf, value);
    j->comma = true;
}

void json_u64(struct json_out *j, uint64_t value)
{
    char room[DECIMAL_DIGITS_MAX];
    CHECK(value <= (uint64_t)SAFE_INTEGER_MAX);
    json_raw(j, decimal_of(value, room));
}

void json_bool(struct json_out *j, bool value)
{
    if (value)
        put(j, SLICE("true"));
    else
        put(j, SLICE("false"));
}

void json_nil(struct json_out *j)
{
    put(j, SLICE("null"));
}

void json_id(struct json_out *j, struct id id)
{
    if (id_is_none(id)) {
        json_nil(j);
        return;
    }
    char *to = value_room(j, ID_TEXT + 2);
    if (to == NULL) return;
    to[0] = '"';
    hex_put(to + 1, id.bytes, ID_BYTES);
    to[ID_TEXT + 1] = '"';
}

void json_raw(struct json_out *j, struct slice json)
{
    if (json.len > 0) put(j, json);
}

/* -- strings (RFC 8785 3.2.2.2) */

/* 0: stands for itself; 'u': \u00xx; otherwise the letter behind the backslash. */
static const char escapes[256] = {
        ['\b'] = 'b',
        ['\t'] = 't',
        ['\n'] = 'n',
        ['\f'] = 'f',
        ['\r'] = 'r',
        ['"'] = '"',
        ['\\'] = '\\',
        [0x00] = 'u',
        [0x01] = 'u',
        [0x02] = 'u',
        [0x03] = 'u',
        [0x04] = 'u',
        [0x05] = 'u',
        [0x06] = 'u',
        [0x07] = 'u',
        [0x0b] = 'u',
        [0x0e] = 'u',
        [0x0f] = 'u',
        [0x10] = 'u',
        [0x11] = 'u',
        [0x12] = 'u',
        [0x13] = 'u',
        [0x14] = 'u',
        [0x15] = 'u',
        [0x16] = 'u',
        [0x17] = 'u',
        [0x18] = 'u',
        [0x19] = 'u',
        [0x1a] = 'u',
        [0x1b] = 'u',
        [0x1c] = 'u',
        [0x1d] = 'u',
        [0x1e] = 'u',
        [0x1f] = 'u',
};

static void add_escape(struct buf *buf, uint8_t c)
{
    static const char digits[] = "0123456789abcdef";
    char text[6] = {'\\', escapes[c], '0', '0', digits[c >> 4], digits[c & 15]};
    buf_add(buf, slice_of(text, escapes[c] == 'u' ? 6 : 2));
}

/* Not 0 where one of the eight bytes wants an escape. Only bits above one that is rightly set may
 * be wrong (a borrow goes upwards). */
static uint64_t escapes_in(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    return (((word - ones * 0x20) | (quote - ones) | (backslash - ones)) & ~word) & highs;
}

/* How many bytes at the front stand for themselves. */
static size_t plain_run(struct slice value)
{
    size_t i = 0;
    uint64_t word;
    for (; value.len - i >= sizeof word; i += sizeof word) {
        memcpy(&word, value.ptr + i, sizeof word);
        if (escapes_in(word) != 0) break;
    }
    while (i < value.len && escapes[(uint8_t)value.ptr[i]] == 0)
        i++;
    return i;
}

void json_str_to(struct buf *buf, struct slice value)
{
    buf_add_char(buf, '"');
    for (;;) {
        size_t plain = plain_run(value);
        buf_add(buf, slice_head(value, plain));
        if (plain == value.len) break;
        add_escape(buf, (uint8_t)value.ptr[plain]);
        value = slice_from(value, plain + 1);
    }
    buf_add_char(buf, '"');
}

void json_str(struct json_out *j, struct slice value)
{
    if (plain_run(value) < value.len) {
        if (j->comma) buf_add_char(j->buf, ',');
        json_str_to(j->buf, value);
        j->comma = true;
        return;
    }
    char *to = value_room(j, value.len + 2);
    if (to == NULL) return;
    to[0] = '"';
    if (value.len > 0) memcpy(to + 1, value.ptr, value.len);
    to[value.len + 1] = '"';
}

/* -- numbers (RFC 8785 3.2.2.3, which is ECMAScript's Number::toString)
 *
 * value = 0.d1 d2 ... dn * 10^point with the fewest digits that read back as the same double. */
struct decimal {
    char digits[DIGITS_MAX + 1];
    int count;
    int point;
};

/* The `count` digits nearest to value, by the C library, which rounds correctly. */
static void decimal_nearest(double value, int count, struct decimal *ret)
{
    char text[40]; /* d.ddde-ddd */
    snprintf(text, sizeof(text), "%.*e", count - 1, value);
    ret->digits[0] = text[0];
    if (count > 1) memcpy(ret->digits + 1, text + 2, (size_t)count - 1);
    ret->digits[count] = '\0';
    ret->count = count;
    const char *exponent = text + (count > 1 ? count + 1 : 1);
    ret->point = (int)strtol(exponent + 1, NULL, 10) + 1;
}

static bool decimal_is(const struct decimal *d, double value)
{
    char text[40];
    snprintf(text, sizeof(text), "0.%se%d", d->digits, d->point);
    return strtod(text, NULL) == value;
}

/* One more in the last digit. */
static void decimal_next(struct decimal *d)
{
    int at = d->count - 1;
    while (at >= 0 && d->digits[at] == '9')
        d->digits[at--] = '0';
    if (at >= 0) {
        d->digits[at]++;
        return;
    }
    d->digits[0] = '1'; /* 99 -> 10, one place up */
    d->point++;
}

static void decimal_strip(struct decimal *d)
{
    while (d->count > 1 && d->digits[d->count - 1] == '0')
        d->count--;
    d->digits[d->count] = '\0';
}

/* Any decimal of at most 15 digits survives the way through a normal double, so when 15 digits read
 * back, they are the shortest form plus zeros. Subnormals have fewer bits and are searched from one
 * digit. At a power of two the doubles below lie twice as dense as above, so the nearest decimal
 * may miss where its upper neighbour still reads back. */
static void decimal_shortest(double value, struct decimal *ret)
{
    int exponent;
    bool power_of_two = frexp(value, &exponent) == 0.5;
    for (int count = fabs(value) < 0x1p-1022 ? 1 : 15; count < DIGITS_MAX; count++) {
        decimal_nearest(value, count, ret);
        bool found = decimal_is(ret, value);
        if (!found && power_of_two) {
            decimal_next(ret);
            found = decimal_is(ret, value);
        }
        if (found) {
            decimal_strip(ret);
            return;
        }
    }
    decimal_nearest(value, DIGITS_MAX, ret);
    decimal_strip(ret);
}

static void add_zeros(struct buf *buf, int count)
{
    for (int i = 0; i < count; i++)
        buf_add_char(buf, '0');
}

static void add_decimal(struct buf *buf, const struct decimal *d)
{
    struct slice digits = slice_of(d->digits, (size_t)d->count);
    if (d->count <= d->point && d->point <= 21) { /* 123000 */
        buf_add(buf, digits);
        add_zeros(buf, d->point - d->count);
    } else if (d->point > 0 && d->point <= 21) { /* 12.3 */
        buf_add(buf, slice_head(digits, (size_t)d->point));
        buf_add_char(buf, '.');
        buf_add(buf, slice_from(digits, (size_t)d->point));
    } else if (d->point > -6 && d->point <= 0) { /* 0.00123 */
        BUF_ADD(buf, "0.");
        add_zeros(buf, -d->point);
        buf_add(buf, digits);
    } else { /* 1.23e-7 */
        buf_add(buf, slice_head(digits, 1));
        if (d->count > 1) {
            buf_add_char(buf, '.');
            buf_add(buf, slice_from(digits, 1));
        }
        buf_add_format(buf, "e%+d", d->point - 1);
    }
}

/* Positions between neighbours: up to six digits behind the point, fifteen in all, without the C
 * library's formatter. The quotient of two exact integers is rounded correctly, so when it is the
 * value, these digits read back as it; and of so few digits the shortest are these
 * without zeros. */
static bool decimal_fixed(double value, struct decimal *ret)
{
    if (value < 1 || value >= 1e9) return false;
    uint64_t scaled = (uint64_t)(value * FIXED_SCALE + 0.5);
    if ((double)scaled / FIXED_SCALE != value) return false;
    char digits[20];
    int at = (int)sizeof(digits);
    for (uint64_t rest = scaled; rest > 0; rest /= 10)
        digits[--at] = (char)('0' + rest % 10);
    ret->count = (int)sizeof(digits) - at;
    CHECK(ret->count <= 15);
    memcpy(ret->digits, digits + at, (size_t)ret->count);
    ret->point = ret->count - FIXED_DIGITS;
    decimal_strip(ret);
    return true;
}

void json_num_to(struct buf *buf, double value)
{
    CHECK(isfinite(value));
    if (value < 0) buf_add_char(buf, '-');
    value = fabs(value); /* -0 is written 0 */
    if (value <= SAFE_INTEGER_MAX && value == floor(value)) {
        buf_add_u64(buf, (uint64_t)value);
        return;
    }
    struct decimal d;
    if (!decimal_fixed(value, &d)) decimal_shortest(value, &d);
    add_decimal(buf, &d);
}

/* -- trees */

struct tree_member {
    const char *key;
    size_t len;
    json_t *value;
};

/* RFC 8785 3.2.3 sorts by UTF-16 units. That is the order of UTF-8 bytes, except that characters
 * above U+FFFF (lead bytes F0 and up), whose units are surrogates D800-DFFF, come before
 * U+E000-U+FFFF (lead bytes EE and EF). */
static int by_key(const void *left, const void *right)
{
    const struct tree_member *a = left, *b = right;
    size_t common = a->len < b->len ? a->len : b->len;
    for (size_t i = 0; i < common; i++) {
        uint8_t x = (uint8_t)a->key[i], y = (uint8_t)b->key[i];
        if (x == y) continue;
        if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0)) return x >= 0xf0 ? -1 : 1;
        return x < y ? -1 : 1;
    }
    return (a->len > b->len) - (a->len < b->len);
}

static void tree_object(struct json_out *j, const json_t *tree)
{
    struct tree_member few[MEMBERS_ON_STACK];
    struct tree_member *members = few;
    size_t count = 0, size = json_object_size(tree);
    json_t *object =
            (json_t *)(uintptr_t)tree; /* Jansson's iterators want it writable and do not write */
    if (size > ARRAY_COUNT(few)) members = MEM_NEW_ARRAY(struct tree_member, size);
    for (void *i = json_object_iter(object); i != NULL; i = json_object_iter_next(object, i)) {
        members[count++] = (struct tree_member){
                .key = json_object_iter_key(i),
                .len = json_object_iter_key_len(i),
                .value = json_object_iter_value(i),
        };
    }
    CHECK(count == size);
    qsort(members, count, sizeof(members[0]), by_key);
    json_object_begin(j);
    for (size_t i = 0; i < count; i++) {
        json_key(j, slice_of(members[i].key, members[i].len));
        json_tree(j, members[i].value);
    }
    json_object_end(j);
    if (members != few) mem_free(members);
}

/* Recursion is bounded by JSON_DEPTH_MAX: trees come from json_read. */
void json_tree(struct json_out *j, const json_t *tree)
{
    switch (json_typeof(tree)) {
    case JSON_OBJECT: tree_object(j, tree); break;
    case JSON_ARRAY:
        json_array_begin(j);
        for (size_t i = 0; i < json_array_size(tree); i++)
            json_tree(j, json_array_get(tree, i));
        json_array_end(j);
        break;
    case JSON_STRING:
        json_str(j, slice_of(json_string_value(tree), json_string_length(tree)));
        break;
    case JSON_INTEGER: json_num(j, (double)json_integer_value(tree)); break;
    case JSON_REAL: json_num(j, json_real_value(tree)); break;
    case JSON_TRUE: json_bool(j, true); break;
    case JSON_FALSE: json_bool(j, false); break;
    case JSON_NULL: json_nil(j); break;
    }
}
