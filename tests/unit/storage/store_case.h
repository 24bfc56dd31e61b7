/* store_case.h - what the tests of storage share: a folder that goes away, a board whose batches
 * can be made without the engine, and appends and reads that wait for their answer. */
#ifndef TAVLA_TESTS_STORE_CASE_H
#define TAVLA_TESTS_STORE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/rng.h"
#include "storage/store.h"

const char *case_dir(void); /* a fresh folder's path; removed by case_dir_gone */
void case_dir_gone(const char *dir);

/* The port with an `answered` that wakes whoever waits. */
struct case_store {
    struct oplog *oplog;
    struct buf why;
};

void case_open(struct case_store *c, const char *dir,
        const struct store_options *options); /* asserts that it opens */
void case_close(struct case_store *c);
void case_append(struct case_store *c, struct batch *b); /* does not wait */
enum oplog_answer case_wait(struct case_store *c, struct batch *b);
enum oplog_answer case_put(struct case_store *c, struct batch *b); /* append and wait */
void case_clean(const char *dir); /* asserts that verify finds nothing in the closed folder */
void case_read(
        struct case_store *c, void (*fn)(struct view *v, void *context), void *context); /* waits */

#define TWIN_CARDS 256

/* A board as the store must hold it. */
struct twin_card {
    struct id id;
    uint64_t s;
    uint32_t version; /* goes into the name */
};

struct twin {
    struct id board, member, membership;
    struct board_head head;
    struct twin_card cards[TWIN_CARDS];
    uint32_t count;
    uint32_t salt; /* of ids and names */
};

void twin_init(struct twin *t, uint32_t number); /* number makes its ids */
/* A batch of `events` events that creates, changes and deletes cards; the first also makes the
 * board. The twin goes on as if it were committed: copy it before, where the answer may be
 * another. */
struct batch *twin_batch(struct twin *t, struct rng *rng, uint32_t events);
struct batch *twin_batch_free(struct batch *b);
/* Asserts that the view holds exactly this board: head, cards, texts, log, chain. */
void twin_check(const struct twin *t, struct view *v);
void twin_commit(struct case_store *c, struct twin *t, struct rng *rng,
        uint32_t events); /* asserts COMMITTED */
void twin_check_in(const struct twin *t, struct case_store *c);

#endif
