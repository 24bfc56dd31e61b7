#include "net/api/jobs.h"

#include <pthread.h>

struct lane {
    struct jobs *jobs;
    struct inbox inbox;
    struct doorbell doorbell;
    pthread_t thread;
};

struct jobs {
    struct server *server;
    _Atomic bool stopping;
    bool stopped;
    pthread_mutex_t lock; /* no job slips in behind the end of its lane */
    struct lane lanes[JOBS_LANES];
};

static void job_done(struct job_mail *m, struct shard *shard)
{
    struct job *job = (struct job *)(void *)m;
    job->done(job, shard);
}

static void lane_run(struct mail *mail)
{
    while (mail) {
        struct mail *next = mail->next;
        struct job *job = (struct job *)(void *)mail;
        mail->next = NULL;
        job->run(job);
        job_post(job->server, job->loop, &job->mail, job_done);
        mail = next;
    }
}

static void *lane_main(void *data)
{
    struct lane *lane = data;
    for (;;) {
        struct mail *mail = inbox_take(&lane->inbox);
        if (mail) {
            lane_run(mail);
            continue;
        }
        if (atomic_load(&lane->jobs->stopping)) return NULL;
        doorbell_wait(&lane->doorbell, -1);
    }
}

struct jobs *jobs_new(struct server *server)
{
    struct jobs *jobs = MEM_NEW(struct jobs);
    jobs->server = server;
    pthread_mutex_init(&jobs->lock, NULL);
    for (uint32_t i = 0; i < JOBS_LANES; i++) {
        struct lane *lane = &jobs->lanes[i];
        lane->jobs = jobs;
        inbox_init(&lane->inbox);
        doorbell_init(&lane->doorbell);
        CHECK(pthread_create(&lane->thread, NULL, lane_main, lane) == 0);
    }
    return jobs;
}

void jobs_stop(struct jobs *jobs)
{
    if (jobs->stopped) return;
    pthread_mutex_lock(&jobs->lock);
    atomic_store(&jobs->stopping, true);
    pthread_mutex_unlock(&jobs->lock);
    for (uint32_t i = 0; i < JOBS_LANES; i++)
        doorbell_ring(&jobs->lanes[i].doorbell);
    for (uint32_t i = 0; i < JOBS_LANES; i++) {
        pthread_join(jobs->lanes[i].thread, NULL);
        lane_run(inbox_take(&jobs->lanes[i].inbox));
    }
    jobs->stopped = true;
}

struct jobs *jobs_free(struct jobs *jobs)
{
    if (!jobs) return NULL;
    jobs_stop(jobs);
    pthread_mutex_destroy(&jobs->lock);
    return mem_free(jobs);
}

void jobs_post(struct jobs *jobs, uint32_t lane, uint32_t loop, struct job *job)
{
    CHECK(lane < JOBS_LANES);
    job->server = jobs->server;
    job->loop = loop;
    pthread_mutex_lock(&jobs->lock);
    bool late = atomic_load(&jobs->stopping);
    if (!late && inbox_post(&jobs->lanes[lane].inbox, &job->mail.mail))
        doorbell_ring(&jobs->lanes[lane].doorbell);
    pthread_mutex_unlock(&jobs->lock);
    if (late) lane_run(&job->mail.mail); /* the end of the program: nobody is left to wait for */
}

bool jobs_stopping(const struct jobs *jobs)
{
    return atomic_load(&jobs->stopping);
}
