#include "core/search.h"

#include "core/base/check.h"

#define DAYS_MAX 36500

struct word_row {
    enum search_op op;
    struct slice name, value;
};

/* clang-format off */
#define TEXT(literal) {"" literal, sizeof(literal) - 1}
static const struct { enum search_op op; struct slice name; } text_rows[] = {
#define X(op, name) {SEARCH_##op, TEXT(name)},
        SEARCH_TEXT_TABLE(X)
#undef X
        {SEARCH_DESC, TEXT("desc")},
};
static const struct word_row word_rows[] = {
#define X(op, name, value) {SEARCH_##op, TEXT(name), TEXT(value)},
        SEARCH_WORD_TABLE(X)
#undef X
        {SEARCH_IS_ARCHIVED, TEXT("is"), TEXT("closed")},
        {SEARCH_HAS_CHECKLIST, TEXT("has"), TEXT("checklists")},
};
static const struct { struct slice name; uint32_t days; } spans[] = {
        {TEXT("day"), 1}, {TEXT("week"), 7}, {TEXT("month"), 28},
};
static const struct { enum search_op op; struct slice name; } span_rows[] = {
        {SEARCH_DUE, TEXT("due")}, {SEARCH_CREATED, TEXT("created")}, {SEARCH_EDITED, TEXT("edited")},
};
static const struct { enum search_sort sort; struct slice name; } sorts[] = {
        {SEARCH_BY_CREATED, TEXT("created")}, {SEARCH_BY_EDITED, TEXT("edited")}, {SEARCH_BY_DUE, TEXT("due")},
};
/* clang-format on */

struct slice search_op_name(enum search_op op)
{
    static const char *const names[] = {
            [SEARCH_TEXT] = "",
            [SEARCH_ME] = "@me",
#define X(op, name) [SEARCH_##op] = name,
            SEARCH_TEXT_TABLE(X)
#undef X
#define X(op, name, value) [SEARCH_##op] = name ":" value,
                    SEARCH_WORD_TABLE(X)
#undef X
                            [SEARCH_DUE] = "due",
            [SEARCH_CREATED] = "created",
            [SEARCH_EDITED] = "edited",
    };
    CHECK((size_t)op < ARRAY_COUNT(names));
    return slice_cstr(names[op]);
}

/* -- what is typed, piece by piece */

struct piece {
    bool negated;
    bool quoted;           /* the value was */
    struct slice operator; /* in front of the colon; "@" or "#"; empty: none */
    struct slice value;
    struct slice whole; /* without the minus */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Up to the next space, or the closing quote if it begins with one. An open quote ends with the
 * query. */
static struct slice value_take(struct slice *rest, bool *ret_quoted)
{
    size_t end = 0;
    *ret_quoted = rest->len > 0 && rest->ptr[0] == '"';
    if (*ret_quoted) {
        *rest = slice_from(*rest, 1);
        while (end < rest->len && rest->ptr[end] != '"')
            end++;
        struct slice value = slice_head(*rest, end);
        *rest = slice_from(*rest, end < rest->len ? end + 1 : end);
        return value;
    }
    while (end < rest->len && !is_space(rest->ptr[end]))
        end++;
    struct slice value = slice_head(*rest, end);
    *rest = slice_from(*rest, end);
    return value;
}

/* Letters in front of a colon with something behind it. */
static size_t operator_len(struct slice text)
{
    size_t len = 0;
    while (len < text.len && ((text.ptr[len] | 0x20) >= 'a' && (text.ptr[len] | 0x20) <= 'z'))
        len++;
    return len > 0 && len + 1 < text.len && text.ptr[len] == ':' && !is_space(text.ptr[len + 1])
                   ? len
                   : 0;
}

static bool piece_take(struct slice *rest, struct piece *ret)
{
    struct piece p = {0};
    while (rest->len > 0 && is_space(rest->ptr[0]))
        *rest = slice_from(*rest, 1);
    if (rest->len == 0) return false;
    if (rest->ptr[0] == '-' && rest->len > 1 && !is_space(rest->ptr[1])) {
        p.negated = true;
        *rest = slice_from(*rest, 1);
    }
    const char *start = rest->ptr;
    size_t len = operator_len(*rest);
    if (len > 0) {
        p.operator= slice_head(*rest, len);
        *rest = slice_from(*rest, len + 1);
    } else if (rest->len > 1 && (rest->ptr[0] == '@' || rest->ptr[0] == '#') &&
               !is_space(rest->ptr[1])) {
        p.operator= slice_head(*rest, 1);
        *rest = slice_from(*rest, 1);
    }
    p.value = value_take(rest, &p.quoted);
    p.whole = slice_of(start, (size_t)(rest->ptr - start));
    *ret = p;
    return true;
}

/* -- what it means */

static bool read_days(struct slice value, uint32_t *ret_days)
{
    uint64_t days;
    for (size_t i = 0; i < ARRAY_COUNT(spans); i++) {
        if (!slice_eq_nocase(value, spans[i].name)) continue;
        *ret_days = spans[i].days;
        return true;
    }
    if (!slice_to_u64(value, &days) || days > DAYS_MAX) return false;
    *ret_days = (uint32_t)days;
    return true;
}

/* sort:due, sort:-due, -sort:due. */
static bool read_sort(const struct piece *p, struct search *s)
{
    struct slice value = p->value;
    bool reversed = p->negated;
    if (!slice_eq_nocase(p->operator, SLICE("sort"))) return false;
    if (slice_starts(value, SLICE("-"))) {
        value = slice_from(value, 1);
        reversed = !reversed;
    }
    for (size_t i = 0; i < ARRAY_COUNT(sorts); i++) {
        if (!slice_eq_nocase(value, sorts[i].name)) continue;
        s->sort = sorts[i].sort;
        s->reversed = reversed;
        return true;
    }
    return false;
}

/* False: not an operator, or not with that value. */
static bool read_operator(const struct piece *p, struct search_term *t)
{
    for (size_t i = 0; i < ARRAY_COUNT(text_rows); i++) {
        if (!slice_eq_nocase(p->operator, text_rows[i].name)) continue;
        t->op = text_rows[i].op;
        t->plain = p->value;
        return p->value.len > 0;
    }
    for (size_t i = 0; i < ARRAY_COUNT(word_rows); i++) {
        if (!slice_eq_nocase(p->operator, word_rows[i].name) ||
                !slice_eq_nocase(p->value, word_rows[i].value))
            continue;
        t->op = word_rows[i].op;
        return true;
    }
    for (size_t i = 0; i < ARRAY_COUNT(span_rows); i++) {
        if (!slice_eq_nocase(p->operator, span_rows[i].name)) continue;
        t->op = span_rows[i].op;
        return read_days(p->value, &t->days);
    }
    return false;
}

static void read_term(const struct piece *p, struct search_term *t)
{
    bool at = slice_eq(p->operator, SLICE("@")), hash = slice_eq(p->operator, SLICE("#"));
    *t = (struct search_term){.negated = p->negated, .quoted = p->quoted};
    if (at || hash) {
        t->op = hash ? SEARCH_LABEL : SEARCH_MEMBER;
        t->plain = p->value;
    } else if (p->operator.len == 0 || !read_operator(p, t)) {
        t->op = SEARCH_TEXT;
        t->days = 0;
        t->plain = p->operator.len> 0 ? p->whole : p->value;
    }
    if (t->op == SEARCH_MEMBER && slice_eq_nocase(t->plain, SLICE("me"))) {
        t->op = SEARCH_ME;
        t->plain = (struct slice){0};
    }
}

void search_parse(struct arena *a, struct slice query, struct search *ret)
{
    struct piece p;
    struct buf folded;
    memset(ret, 0, sizeof *ret);
    buf_init(&folded, SIZE_MAX / 2);
    while (ret->count < SEARCH_TERMS_MAX && piece_take(&query, &p)) {
        struct search_term *t = &ret->terms[ret->count];
        if (read_sort(&p, ret)) continue;
        read_term(&p, t);
        buf_clear(&folded);
        fold_add(&folded, t->plain);
        t->plain = arena_dup(a, t->plain);
        t->text = arena_dup(a, buf_slice(&folded));
        bool wants_text =
                t->op == SEARCH_TEXT || (t->op >= SEARCH_NAME && t->op <= SEARCH_CHECKLIST);
        if (!wants_text || t->text.len > 0) ret->count++;
    }
    buf_fini(&folded);
}
