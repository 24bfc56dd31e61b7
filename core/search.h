/* search.h - what somebody typed to find cards, as terms that all have to hold.
 *
 *   plan -@me label:red due:week "to do" sort:-due
 *
 * A term is a word, a "quoted text", @name, #label or operator:value; `-` before it turns it
 * around. Every text is a query: what is not an operator of the table is looked for as it stands.
 * The browser client has the same parser (static/src/views/query.ts) and the same cases
 * (tests/vectors/search.json). Pure; any thread. */
#ifndef TAVLA_CORE_SEARCH_H
#define TAVLA_CORE_SEARCH_H

#include "core/base/arena.h"
#include "core/base/fold.h"
#include "core/base/id.h"
#include "core/base/limits.h"

/* clang-format off */
/* Operators whose value is a text. */
#define SEARCH_TEXT_TABLE(X) /* op        names of it */ \
    X(NAME,      "name")        \
    X(DESC,      "description") \
    X(LIST,      "list")        \
    X(LABEL,     "label")       \
    X(BOARD,     "board")       \
    X(MEMBER,    "member")      \
    X(COMMENT,   "comment")     \
    X(CHECKLIST, "checklist")
/* Operators with a fixed set of values. */
#define SEARCH_WORD_TABLE(X) /* op     operator  value */ \
    X(HAS_ATTACHMENTS, "has", "attachments") \
    X(HAS_CHECKLIST,   "has", "checklist")   \
    X(HAS_COMMENTS,    "has", "comments")    \
    X(HAS_COVER,       "has", "cover")       \
    X(HAS_DESCRIPTION, "has", "description") \
    X(HAS_DUE,         "has", "due")         \
    X(HAS_LABELS,      "has", "labels")      \
    X(HAS_LOCATION,    "has", "location")    \
    X(HAS_MEMBERS,     "has", "members")     \
    X(HAS_STICKERS,    "has", "stickers")    \
    X(IS_OPEN,         "is",  "open")        \
    X(IS_ARCHIVED,     "is",  "archived")    \
    X(IS_STARRED,      "is",  "starred")     \
    X(IS_TEMPLATE,     "is",  "template")    \
    X(DUE_OVERDUE,     "due", "overdue")     \
    X(DUE_COMPLETE,    "due", "complete")    \
    X(DUE_INCOMPLETE,  "due", "incomplete")
/* clang-format on */

enum search_op {
    SEARCH_TEXT, /* anywhere */
    SEARCH_ME,   /* @me */
#define X(name, operator) SEARCH_##name,
    SEARCH_TEXT_TABLE(X)
#undef X
#define X(name, operator, value) SEARCH_##name,
            SEARCH_WORD_TABLE(X)
#undef X
    /* within so many days: from now on, or up to now */
    SEARCH_DUE,
    SEARCH_CREATED,
    SEARCH_EDITED,
};

enum search_sort { SEARCH_BY_FIT, SEARCH_BY_CREATED, SEARCH_BY_EDITED, SEARCH_BY_DUE };

struct search_term {
    enum search_op op;
    bool negated;
    bool quoted;        /* the text stands as it was quoted */
    struct slice text;  /* folded; of operators that have one */
    struct slice plain; /* the same as typed */
    uint32_t days;
};

struct search {
    struct search_term terms[SEARCH_TERMS_MAX]; /* bit i of a mask is terms[i] */
    uint32_t count;
    enum search_sort sort;
    bool reversed;
};

/* At most SEARCH_TERMS_MAX terms are looked at. Texts are in the arena. */
void search_parse(struct arena *a, struct slice query, struct search *ret);
/* "label", "has:cover" ...: for whoever shows what was understood */
struct slice search_op_name(enum search_op op);

#endif
