/* search_run.h - a search over committed boards: which cards hold all terms, the best of them.
 *
 *   board --> lists, labels, people: which terms each of them fulfils, as a mask
 *   cards --> mask of its list | of its labels | of its people | of its parts | of its own fields
 *             | of its name, where still needed | of its description, where still needed
 *
 * Stored values are walked as they are: no card becomes an object, and only texts that can still
 * decide are read. One reader thread. */
#ifndef TAVLA_CORE_SEARCH_RUN_H
#define TAVLA_CORE_SEARCH_RUN_H

#include "core/base/needle.h"
#include "core/search.h"
#include "core/view.h"

struct search_hit {
    struct id id;
    uint32_t board; /* as it was numbered in search_run_board */
    bool by_name;
    int64_t key; /* Unix ms of what it is sorted by; INT64_MIN: it has none */
};

struct search_run {
    const struct search *search;
    enum fold_find how;
    struct id me;
    int64_t now_ms;
    const struct id *only; /* sorted; only these cards; NULL: all */
    size_t only_count;
    size_t keep; /* so many of the best are kept */
    /* private: */
    struct search_hit *hits;
    size_t hit_count, hit_cap;
    struct search_hit worst; /* of the kept, once so many were sorted: what is worse is not added */
    bool full;
    uint64_t terms_of[2]; /* by negated */
    struct needle needles[SEARCH_TERMS_MAX];
    struct buf folded, raw; /* scratch */
};

/* The public fields first. */
void search_run_init(struct search_run *run);
void search_run_fini(struct search_run *run);
/* Adds what is found on one board; number names it in the hits. */
enum err search_run_board(struct search_run *run, struct board_view *bv, uint32_t number);
/* In order, best first; afterwards hits[0 .. hit_count). */
void search_run_sort(struct search_run *run);

/* Does an object that is just a name (a board, a person) hold? Only terms that can be asked of it
 * count: with any other it does not. */
bool search_run_name(struct search_run *run, struct slice name, bool closed, bool starred);

#endif
