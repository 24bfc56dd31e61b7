/* jobs.h - threads for what is slow: files, imports. No loop ever waits for them.
 *
 * Lanes, one thread each: JOBS_IO for short work with files, JOBS_FILES for uploads, which wait for
 * the disk to have flushed, the others one import each. A job is posted from a loop, runs on its
 * lane's thread, and comes back to that loop as MAIL_JOB. Memory of a job belongs to whoever posted
 * it and is not touched by the loop in between. */
#ifndef TAVLA_API_JOBS_H
#define TAVLA_API_JOBS_H

#include "net/api/shard.h"

#define JOBS_IO    0
#define JOBS_FILES (1 + IMPORTS_AT_ONCE)
#define JOBS_LANES (2 + IMPORTS_AT_ONCE)

struct jobs;

struct job {
    struct job_mail mail; /* first */
    struct server *server;
    uint32_t loop;
    void (*run)(struct job *job);                       /* on the lane's thread */
    void (*done)(struct job *job, struct shard *shard); /* on the loop; owns the job again */
};

struct jobs *jobs_new(struct server *server);
/* Finishes what runs and drops nothing: every posted job comes back, but only as long as the
 * loops take mail. */
struct jobs *jobs_free(struct jobs *jobs);
void jobs_post(struct jobs *jobs, uint32_t lane, uint32_t loop, struct job *job);
bool jobs_stopping(const struct jobs *jobs); /* a long job should end */
void jobs_stop(
        struct jobs *jobs); /* any thread: long jobs end soon; returns when every lane has ended */

#endif
