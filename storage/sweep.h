/* sweep.h - removes uploaded files that nothing names any more: no attachment of any board, and no
 * record of a log that could bring one back.
 *
 *   REST -> LIST -> ROWS -> LOG -> WAIT -> REMOVE -> REST
 *           files   (spare what they     what nobody
 *           to look  name)               spared
 *           at
 *
 * A round takes small steps over many transactions, while everybody goes on, so a name may move
 * from where the walk has not been to where it was: an attachment that is deleted stands in a new
 * record, one that is brought back in a new row. Therefore every batch that is stored during a
 * round spares what it names (sweep_spare), before it is stored, and so does a file that is put
 * there once more (files.c). What stays doomed after ROWS and LOG was named nowhere at LOG's end.
 *
 * Left is what is on its way: an upload that is kept and whose event is not stored yet, a copy that
 * read an attachment, a revert that read a record which was trimmed since. It gets WAIT: what
 * read a name before LOG's end has grace_ms to be stored, and spares it then.
 *
 * A row or record that cannot be read may name anything: the round ends and removes nothing. A
 * crash loses a round. Writer thread only. */
#ifndef TAVLA_STORAGE_SWEEP_H
#define TAVLA_STORAGE_SWEEP_H

#include "core/oplog.h"
#include "storage/db.h"

struct sweep_limits {
    int64_t first_ms; /* after the start, then every_ms after each round */
    int64_t every_ms;
    int64_t grace_ms;
    int64_t step_ms; /* between steps: nobody's latency is to show one */
    uint32_t rows_max, files_max, names_max; /* of one step, one REMOVE, about one round */
    size_t bytes_max;                        /* of one step */
};

enum sweep_state { SWEEP_REST, SWEEP_LIST, SWEEP_ROWS, SWEEP_LOG, SWEEP_WAIT, SWEEP_REMOVE };

struct sweep {
    struct db *db;
    struct files *files;
    struct sweep_limits limits;
    enum sweep_state state;
    unsigned folder;  /* LIST goes on there, in the next round too */
    unsigned folders; /* listed in this round */
    struct key at;    /* ROWS and LOG go on there */
    int64_t due_ms;   /* of the monotonic clock */
};

void sweep_init(struct sweep *s, struct db *db, struct files *files,
        const struct sweep_limits *limits, int64_t now_ms);
void sweep_step(struct sweep *s, int64_t now_ms); /* nothing before due_ms */
void sweep_spare(struct sweep *s, const struct batch *batch);

#endif
