#include "storage/reader.h"

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "storage/view_lmdb.h"

/* An inbox has one consumer and here are several, so the queue is a plain one under a lock: a
 * post costs next to nothing beside the read it asks for. */
struct reader_pool {
    struct db *db;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct mail *first, **last;
    bool stopping;
    unsigned count;
    pthread_t threads[];
};

static struct read_job *next_job(struct reader_pool *p)
{
    struct read_job *job = NULL;
    CHECK(pthread_mutex_lock(&p->lock) == 0);
    while (p->first == NULL && !p->stopping)
        pthread_cond_wait(&p->wake, &p->lock);
    if (p->first != NULL) {
        job = CONTAINER_OF(p->first, struct read_job, mail);
        p->first = job->mail.next;
        if (p->first == NULL) p->last = &p->first;
        job->mail.next = NULL;
    }
    pthread_mutex_unlock(&p->lock);
    return job;
}

static void run(struct db *db, struct db_reader *r, struct arena *arena, struct read_job *job)
{
    struct view_lmdb v;
    MDB_txn *txn = db_read_begin(db, r);
    if (txn == NULL) {
        job->err = ERR_STORAGE;
    } else {
        job->err = ERR_OK;
        job->run(job, view_lmdb_init(&v, db, txn, arena));
        view_lmdb_fini(&v);
        db_read_end(db, r);
        arena_reset(arena);
    }
    job->finished(job); /* gives it away */
}

static void *reader_thread(void *context)
{
    struct reader_pool *p = context;
    struct db_reader r;
    struct arena arena;
    struct read_job *job;
    db_reader_init(p->db, &r);
    arena_init(&arena, KIB(64), STORAGE_VIEW_BYTES_MAX);
    while ((job = next_job(p)) != NULL)
        run(p->db, &r, &arena, job);
    arena_fini(&arena);
    db_reader_fini(p->db, &r);
    return NULL;
}

struct reader_pool *reader_pool_new(struct db *db, unsigned threads)
{
    CHECK(threads > 0);
    struct reader_pool *p = mem_new(sizeof(*p) + threads * sizeof(p->threads[0]));
    p->db = db;
    p->last = &p->first;
    p->count = threads;
    CHECK(pthread_mutex_init(&p->lock, NULL) == 0);
    CHECK(pthread_cond_init(&p->wake, NULL) == 0);
    for (unsigned i = 0; i < threads; i++)
        CHECK(pthread_create(&p->threads[i], NULL, reader_thread, p) == 0);
    return p;
}

struct reader_pool *reader_pool_free(struct reader_pool *p)
{
    if (p == NULL) return NULL;
    CHECK(pthread_mutex_lock(&p->lock) == 0);
    p->stopping = true;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i < p->count; i++)
        pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    return mem_free(p);
}

void reader_pool_post(struct reader_pool *p, struct read_job *job)
{
    job->mail.next = NULL;
    CHECK(pthread_mutex_lock(&p->lock) == 0);
    CHECK(!p->stopping);
    *p->last = &job->mail;
    p->last = &job->mail.next;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
}
