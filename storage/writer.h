/* writer.h - the one thread that writes: batches of all boards in, one transaction and one sync,
 * answers out.
 *
 *   inbox -> drain -> [ one transaction: check bases, claim ids, put rows ] -> commit -> answered
 *
 * A board's batch is judged by itself (VOID: its base is not the stored head; REFUSED: an id is
 * taken) without hurting the others; one with a twin, on another board, with it: both or neither.
 * A transaction that fails as a whole is tried again board by board, a pair as a pair. When the
 * disk or the map is full the batches are REFUSED and everything stored stays readable; the program
 * is read-only until there is room. After any other failed commit nobody can say what is stored:
 * UNKNOWN, and the environment is closed, opened and read again; the third such failure in a row
 * ends the program. Between drains: stale reader slots, free space, the log's floor, files that
 * nothing names. */
#ifndef TAVLA_STORAGE_WRITER_H
#define TAVLA_STORAGE_WRITER_H

#include "core/oplog.h"
#include "storage/db.h"
#include "storage/sweep.h"
#include "storage/trim.h"

struct writer;

struct writer *writer_new(struct db *db, struct oplog *log, const struct trim_limits *trim,
        const struct sweep_limits *sweep); /* starts the thread */
struct writer *writer_free(
        struct writer *w); /* commits and answers what was posted, then ends the thread */
void writer_post(struct writer *w, struct batch *batch); /* any thread */
bool writer_read_only(const struct writer *w);           /* any thread */

#endif
