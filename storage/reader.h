/* reader.h - a small pool of threads that run read jobs, each in one read transaction.
 *
 * Any thread posts. A job may take as long as it says itself; while it runs, pages it can see
 * are not reused, so it should end soon. The queue is bounded by those who post: each waits for
 * its own job. */
#ifndef TAVLA_STORAGE_READER_H
#define TAVLA_STORAGE_READER_H

#include "core/oplog.h"
#include "storage/db.h"

struct reader_pool;

struct reader_pool *reader_pool_new(struct db *db, unsigned threads);
struct reader_pool *reader_pool_free(
        struct reader_pool *p); /* runs what is queued, then ends the threads */
void reader_pool_post(struct reader_pool *p, struct read_job *job);

#endif
