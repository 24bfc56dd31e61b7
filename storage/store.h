/* store.h - the embedded store behind core/oplog.h: one data folder, one writer thread, a few
 * reader threads.
 *
 * main opens it after the last fork and before the first loop, sets `answered` on the port it
 * gets, and closes it after the last loop ended. One store a process. */
#ifndef TAVLA_STORAGE_STORE_H
#define TAVLA_STORAGE_STORE_H

#include "core/oplog.h"
#include "storage/sweep.h"

struct store_options { /* zeroes are the defaults */
    struct db_options db;
    unsigned read_threads;
    uint64_t keep_events; /* the log's floor stays behind both */
    int64_t keep_ms;
    const struct sweep_limits *sweep; /* NULL: those of limits.h */
};

/* Opens everything and starts the threads. On failure `why` is one line for the person who
 * started the program: what is wrong, with which folder, and what to do. options may be NULL.
 * The port stays valid until store_close; its `answered` and `context` are for the caller to set
 * before the first append. */
enum err store_open(const char *dir, const struct store_options *options, struct oplog **ret_oplog,
        struct buf *why);
/* Commits and answers what was appended, runs the reads that wait, then closes. NULL is fine. */
void store_close(struct oplog *oplog);

bool store_read_only(const struct oplog *oplog); /* any thread: no room on the disk */

#endif
