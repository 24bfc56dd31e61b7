#include "core/search_card.h"

#include "core/base/check.h"
#include "core/base/date.h"
#include "core/walk.h"

#define DAY_MS INT64_C(86400000)

/* -- strings */

static void unescape(struct walk *w, struct buf *out)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char c = w->at < w->end ? *w->at++ : '\\';
    const char *simple = memchr(from, c, sizeof from - 1);
    if (c != 'u') {
        buf_add_char(out, simple ? to[simple - from] : c);
        return;
    }
    /* Our writer escapes only control characters so: there is nothing to find in them. */
    for (int i = 0; i < 4 && w->at < w->end; i++)
        w->at++;
    buf_add_char(out, ' ');
}

struct slice json_text(struct slice json, struct buf *scratch)
{
    if (json.len < 2 || json.ptr[0] != '"') return SLICE("");
    struct slice text = slice_of(json.ptr + 1, json.len - 2);
    if (!memchr(text.ptr, '\\', text.len)) return text;
    struct walk w = walk_of(text);
    buf_clear(scratch);
    while (w.at < w.end) {
        if (*w.at == '\\') {
            w.at++;
            unescape(&w, scratch);
        } else {
            buf_add_char(scratch, *w.at++);
        }
    }
    return buf_slice(scratch);
}

static struct slice plain(struct slice json) /* of a string without escapes, or null */
{
    return json.len > 2 && json.ptr[0] == '"' ? slice_of(json.ptr + 1, json.len - 2) : SLICE("");
}

static bool is_true(struct slice json)
{
    return slice_eq(json, SLICE("true"));
}

static bool is_there(struct slice json)
{
    return json.len > 0 && !slice_eq(json, SLICE("null"));
}

/* -- members
 *
 * Stored text is canonical: no white space, keys in order. So this steps faster than core/walk,
 * from quote to quote. */

static const char *string_end(const char *at, const char *end) /* behind it; NULL: it has none */
{
    for (const char *quote = at; (quote = memchr(quote, '"', (size_t)(end - quote))); quote++) {
        const char *slash = quote;
        while (slash > at && slash[-1] == '\\')
            slash--;
        if ((quote - slash) % 2 == 0) return quote + 1;
    }
    return NULL;
}

static const char *nested_end(const char *at, const char *end)
{
    size_t depth = 0;
    while (at < end) {
        char c = *at++;
        if (c == '"') {
            if (!(at = string_end(at, end))) return NULL;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if ((c == '}' || c == ']') && --depth == 0) {
            return at;
        }
    }
    return NULL;
}

static inline const char *value_end(const char *at, const char *end)
{
    if (end - at > 4 && memcmp(at, "null", 4) == 0) return at + 4;
    if (*at == '"') return string_end(at + 1, end);
    if (*at == '{' || *at == '[') {
        bool empty = end - at > 1 && (at[1] == '}' || at[1] == ']');
        return empty ? at + 2 : nested_end(at, end);
    }
    while (at < end && *at != ',' && *at != '}')
        at++;
    return at;
}

/* clang-format off */
static const struct slice keys[CARD_MEMBER_COUNT] = {
#define X(name, key) {"" key, sizeof(key) - 1},
        SEARCH_CARD_TABLE(X)
#undef X
};
/* clang-format on */

/* A key comes before the wanted one, or is it, or the wanted one is not there. */
static int key_order(const char *key, size_t len, struct slice want)
{
    size_t least = len < want.len ? len : want.len;
    for (size_t i = 0; i < least; i++) {
        if (key[i] != want.ptr[i]) return (uint8_t)key[i] < (uint8_t)want.ptr[i] ? -1 : 1;
    }
    return len < want.len ? -1 : len > want.len;
}

/* Any object. */
static bool read_members(struct slice json, struct search_card *ret)
{
    const char *at = json.ptr, *end = json.ptr + json.len;
    size_t next = 0;
    memset(ret->members, 0, sizeof ret->members);
    if (json.len < 2 || *at++ != '{') return false;
    while (next < CARD_MEMBER_COUNT && at < end && *at == '"') {
        const char *key = ++at;
        if (!(at = string_end(at, end)) || at >= end || *at++ != ':' || at >= end) return false;
        size_t key_len = (size_t)(at - key) - 2;
        const char *value = at;
        if (!(at = value_end(at, end)) || at >= end) return false;
        int order = 1;
        while (next < CARD_MEMBER_COUNT && (order = key_order(key, key_len, keys[next])) > 0)
            next++;
        if (order == 0) ret->members[next++] = slice_of(value, (size_t)(at - value));
        at++; /* the comma, or the end */
    }
    return true;
}

/* Inline, so that each key is compared in a step or two. */
__attribute__((always_inline)) static inline const char *take_member(
        const char *at, const char *end, const char *key, size_t key_len, struct slice *ret_json)
{
    if (!at || (size_t)(end - at) <= key_len || memcmp(at, key, key_len) != 0) return NULL;
    const char *value = at + key_len;
    at = value_end(value, end);
    if (!at || at == end) return NULL;
    *ret_json = slice_of(value, (size_t)(at - value));
    return at + 1;
}

_Static_assert((int)CARD_NAME == F_CARD_NAME - F_CARD_ADDRESS,
        "all of a stored card up to its name: id is no field, desc is not in it");

/* Of a card that has all members, which are most: no key need be read, each must be the next. */
static bool read_all_members(struct slice json, struct search_card *ret)
{
    const char *at = json.ptr, *end = json.ptr + json.len;
    if (json.len < 2 || *at++ != '{') return false;
#define X(name, key)                                                                               \
    at = take_member(at, end, "\"" key "\":", sizeof(key) + 2, &ret->members[CARD_##name]);
    SEARCH_CARD_TABLE(X)
#undef X
    return at != NULL;
}

bool search_card_read(struct id id, struct slice json, struct search_card *ret)
{
    if (!read_all_members(json, ret) && !read_members(json, ret)) return false;
    ret->id = id;
    ret->archived = is_true(search_card_member(ret, CARD_CLOSED));
    return true;
}

struct slice search_card_member(const struct search_card *c, enum card_member member)
{
    return c->members[member];
}

bool search_id_next(struct slice *at, struct id *ret_id)
{
    while (at->len >= ID_TEXT + 2) {
        const char *quote = memchr(at->ptr, '"', at->len);
        if (!quote) return false;
        *at = slice_from(*at, (size_t)(quote - at->ptr) + 1);
        if (at->len < ID_TEXT + 1) return false;
        struct slice text = slice_head(*at, ID_TEXT);
        *at = slice_from(*at, ID_TEXT + 1);
        if (id_parse(text, ret_id)) return true;
    }
    return false;
}

int64_t search_date(struct slice json)
{
    int64_t ms;
    return date_parse(plain(json), &ms) ? ms : INT64_MIN;
}

/* -- terms */

#define MEMBER(name) search_card_member(c, CARD_##name)

static uint64_t badge(const struct search_card *c, struct slice name)
{
    struct slice value;
    uint64_t count = 0;
    if (walk_find(MEMBER(BADGES), name, &value)) slice_to_u64(value, &count);
    return count;
}

bool search_card_described(const struct search_card *c)
{
    struct slice value;
    if (MEMBER(BADGES).len <= 2) return false; /* {} */
    return walk_find(MEMBER(BADGES), SLICE("description"), &value) && is_true(value);
}

static bool has_cover(const struct search_card *c)
{
    struct slice color, attachment;
    if (!is_there(MEMBER(COVER))) return false;
    return (walk_find(MEMBER(COVER), SLICE("color"), &color) && is_there(color)) ||
           (walk_find(MEMBER(COVER), SLICE("idAttachment"), &attachment) && is_there(attachment));
}

static bool within(int64_t ms, int64_t from_ms, int64_t to_ms)
{
    return ms != INT64_MIN && ms >= from_ms && ms <= to_ms;
}

static bool date_holds(const struct search_card *c, const struct search_term *t, int64_t now_ms)
{
    int64_t span_ms = t->days * DAY_MS;
    if (t->op == SEARCH_DUE) return within(search_date(MEMBER(DUE)), now_ms, now_ms + span_ms);
    int64_t ms = t->op == SEARCH_CREATED ? (int64_t)id_seconds(c->id) * 1000
                                         : search_date(MEMBER(ACTIVITY));
    return within(ms, now_ms - span_ms, INT64_MAX);
}

/* #12 is a card's number too. */
static bool is_number(const struct search_card *c, const struct search_term *t)
{
    uint64_t wanted_number, number;
    return slice_to_u64(t->text, &wanted_number) && slice_to_u64(MEMBER(NUMBER), &number) &&
           wanted_number == number;
}

bool search_card_holds(const struct search_card *c, const struct search_term *t, int64_t now_ms)
{
    switch (t->op) {
    case SEARCH_HAS_ATTACHMENTS: return badge(c, SLICE("attachments")) > 0;
    case SEARCH_HAS_CHECKLIST: return badge(c, SLICE("checkItems")) > 0;
    case SEARCH_HAS_COMMENTS: return badge(c, SLICE("comments")) > 0;
    case SEARCH_HAS_COVER: return has_cover(c);
    case SEARCH_HAS_DESCRIPTION: return search_card_described(c);
    case SEARCH_HAS_DUE: return is_there(MEMBER(DUE));
    case SEARCH_HAS_LABELS: return MEMBER(LABELS).len > 2;
    case SEARCH_HAS_LOCATION: return is_there(MEMBER(COORDINATES)) || is_there(MEMBER(LOCATION));
    case SEARCH_HAS_MEMBERS: return MEMBER(MEMBERS).len > 2;
    case SEARCH_IS_OPEN: return !c->archived;
    case SEARCH_IS_ARCHIVED: return c->archived;
    case SEARCH_IS_TEMPLATE: return is_true(MEMBER(TEMPLATE));
    case SEARCH_DUE_COMPLETE: return is_true(MEMBER(COMPLETE));
    case SEARCH_DUE_INCOMPLETE: return is_there(MEMBER(DUE)) && !is_true(MEMBER(COMPLETE));
    case SEARCH_DUE_OVERDUE:
        return within(search_date(MEMBER(DUE)), INT64_MIN + 1, now_ms) &&
               !is_true(MEMBER(COMPLETE));
    case SEARCH_DUE:
    case SEARCH_CREATED:
    case SEARCH_EDITED: return date_holds(c, t, now_ms);
    case SEARCH_LABEL: return is_number(c, t);
    case SEARCH_HAS_STICKERS: /* there are none */
    case SEARCH_IS_STARRED:   /* the board, not the card */
    case SEARCH_TEXT:
    case SEARCH_ME:
    case SEARCH_NAME:
    case SEARCH_DESC:
    case SEARCH_LIST:
    case SEARCH_BOARD:
    case SEARCH_MEMBER:
    case SEARCH_COMMENT:
    case SEARCH_CHECKLIST: return false;
    }
    UNREACHABLE();
}
