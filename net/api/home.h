/* home.h - the engine's place in the world: its commands come as mail, its answers and events
 * leave as mail.
 *
 *   MAIL_COMMAND, ATTACH, DETACH --> engine --> oplog.append ... MAIL_BATCH --> engine -->
 * ANSWER, BARRIER, EVENT ...
 *                                      |  ^
 *                            load, text v  | MAIL_READ
 *                                  reader threads
 *
 * Everything the engine says to one loop keeps its order: to other loops through their inboxes,
 * to loop 0 itself through a local queue that is worked off once the engine has returned, in the
 * same turn (a handler may submit again, and the engine is not re-entered). Loop 0's thread
 * only. */
#ifndef TAVLA_API_HOME_H
#define TAVLA_API_HOME_H

#include "net/api/shard.h"

struct home;

struct home *home_new(struct server *server); /* sets oplog.answered */
/* after the store is closed and every mail was taken */
struct home *home_free(struct home *h);

/* First turn: loads the directory and follows it. `ready` is called once, on loop 0: ERR_OK,
 * members so far. */
void home_start(
        struct home *h, void (*ready)(struct server *server, enum err err, uint64_t members));
void home_mail(struct home *h, struct mail *mail); /* COMMAND, ATTACH, DETACH, PRESENCE, BATCH */
void home_turn(struct home *h);
/* nothing queued, nothing with the writer or a reader */
bool home_idle(const struct home *h);

#endif
