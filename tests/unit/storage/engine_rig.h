/* engine_rig.h - the real engine over the real store, turned by one thread: what a loop does,
 * without sockets. */
#ifndef TAVLA_TESTS_ENGINE_RIG_H
#define TAVLA_TESTS_ENGINE_RIG_H

#include "core/engine.h"

struct rig {
    struct oplog *oplog;
    struct engine *engine;
    struct inbox inbox;
    struct doorbell bell;
    int64_t now_ms;
    uint64_t accepted, rejected;
    char last_fault[256]; /* of the last rejection */
    /* Each may be NULL. tap: every batch on its way to the store; answer: each command, before
     * it is freed. */
    void (*tap)(struct rig *r, struct batch *batch);
    void (*answer)(struct rig *r, struct command *c);
    void *context;
};

void rig_init(struct rig *r, struct oplog *oplog);
void rig_fini(struct rig *r); /* the engine; the store is the caller's */
/* ops: the JSON array of one message. internal: PERM_SYSTEM rows too. Returns false when it does
 * not decode. */
bool rig_submit(struct rig *r, struct id board, struct id member, bool internal, const char *ops,
        ...) __attribute__((format(printf, 5, 6)));
void rig_turn(struct rig *r,
        int wait_ms);           /* takes what came, waits so long for something when nothing did */
void rig_settle(struct rig *r); /* until nothing is queued or in flight */

#endif
