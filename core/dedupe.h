/* dedupe.h - what has been judged of each client on one board: the key is (actor, cl), never cl
 * alone, because cl is broadcast.
 *
 * n strictly increases per client. n <= last_n was judged; which of those were not accepted is in
 * `refused` (of the last REFUSED_KEPT numbers): all that were passed over, because somebody may
 * have been refused who was a stranger then, and of whom nothing is remembered. A refusal with
 * nothing accepted after it is judged again when it comes again. Every change made for a batch can
 * be undone. When CLIENTS_PER_BOARD_MAX are remembered, a new one takes the place of those with
 * nothing accepted and of those that are past their time, oldest first. Home thread. */
#ifndef TAVLA_CORE_DEDUPE_H
#define TAVLA_CORE_DEDUPE_H

#include "core/base/limits.h"
#include "core/view.h"

enum client_age { CLIENT_UNACCEPTED, CLIENT_REQUEST, CLIENT_LASTING, CLIENT_AGES };

struct client { /* heap */
    struct client_row row;
    /* answered UNKNOWN and not judged since, ascending: nothing later may be accepted before
     * them */
    uint64_t unknown[REFUSED_KEPT];
    uint32_t unknown_count;
    bool in_batch; /* an undo record of the current batch holds it */
    enum client_age age;
    struct client *prev, *next; /* in dedupe.oldest[age] */
    UT_hash_handle hh;
    char key[]; /* actor, then cl: row.cl points here */
};

struct dedupe {
    struct client *clients;
    struct client *oldest[CLIENT_AGES]; /* lists, oldest first */
    int64_t now_ms;                     /* the newest time anything was accepted at */
};

struct dedupe_undo { /* in the batch's arena, newest first */
    struct dedupe_undo *next;
    struct client *client;
    struct client_row row;
};

/* The `cl` of a REST request with an Idempotency-Key is this and CLIENT_REQUEST_HEX digits of the
 * key's hash. */
#define CLIENT_REQUEST_MARK 'k'
#define CLIENT_REQUEST_HEX  31

int64_t client_kept_ms(struct slice cl); /* for so long after its last use its row is kept */

void dedupe_init(struct dedupe *d);
void dedupe_fini(struct dedupe *d);
void dedupe_load(struct dedupe *d, const struct client_row *rows, uint32_t count, int64_t now_ms);
/* NULL: never seen */
struct client *dedupe_find(const struct dedupe *d, struct id actor, struct slice cl);
/* made when new */
struct client *dedupe_get(struct dedupe *d, struct id actor, struct slice cl);
/* Before the first change of a batch to this client: remembers it. */
void dedupe_save(struct client *c, struct arena *a, struct dedupe_undo **undo);
void dedupe_accept(struct dedupe *d, struct client *c, uint64_t n, uint64_t seq, int64_t now_ms);
void client_unknown(struct client *c, uint64_t n);
/* false: something before n still waits to be sent again */
bool client_in_order(struct client *c, uint64_t n);
/* After a reload: what only memory knew of the old one's clients, as far as the stored rows have
 * not overtaken it. */
void dedupe_adopt(struct dedupe *d, const struct dedupe *old);
void dedupe_rollback(struct dedupe *d, struct dedupe_undo *undo);
/* The batch is durable: rows changed since `undo` began are what is stored. */
void dedupe_commit(struct dedupe_undo *undo);

#endif
