#include "storage/store.h"

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "storage/files.h"
#include "storage/reader.h"
#include "storage/writer.h"

#define DAY_MS ((int64_t)24 * 60 * 60 * 1000)

struct store {
    struct oplog oplog; /* what others hold */
    struct db db;
    struct writer *writer;
    struct reader_pool *readers;
};

static struct store *self(struct oplog *log)
{
    return CONTAINER_OF(log, struct store, oplog);
}

static void store_append(struct oplog *log, struct batch *batch)
{
    CHECK(log->answered != NULL);
    writer_post(self(log)->writer, batch);
}

static void store_read(struct oplog *log, struct read_job *job)
{
    CHECK(job->run != NULL && job->finished != NULL);
    reader_pool_post(self(log)->readers, job);
}

enum err store_open(const char *dir, const struct store_options *options, struct oplog **ret_oplog,
        struct buf *why)
{
    struct store_options o = {.read_threads = 0};
    if (options != NULL) o = *options;
    struct store *s = MEM_NEW(struct store);
    enum err err = db_open(&s->db, dir, &o.db, why);
    if (err != ERR_OK) {
        mem_free(s);
        return err;
    }
    struct trim_limits trim = {
            .keep_events = o.keep_events > 0 ? o.keep_events : LOG_KEEP_EVENTS,
            .keep_ms = o.keep_ms > 0 ? o.keep_ms : LOG_KEEP_DAYS * DAY_MS,
            .client_ms = CLIENT_ROW_DAYS * DAY_MS,
            .records_max = STORAGE_TRIM_RECORDS,
    };
    struct sweep_limits sweep = {
            .first_ms = SWEEP_FIRST_MS,
            .every_ms = SWEEP_EVERY_MS,
            .grace_ms = SWEEP_GRACE_MS,
            .step_ms = SWEEP_STEP_MS,
            .rows_max = SWEEP_ROWS_MAX,
            .bytes_max = SWEEP_BYTES_MAX,
            .files_max = SWEEP_FILES_MAX,
            .names_max = SWEEP_NAMES_MAX,
    };
    if (o.sweep != NULL) sweep = *o.sweep;
    s->oplog = (struct oplog){.append = store_append,
            .read = store_read,
            .files = files_new(dir, &o.db.space)};
    s->readers =
            reader_pool_new(&s->db, o.read_threads > 0 ? o.read_threads : STORAGE_READ_THREADS);
    s->writer = writer_new(&s->db, &s->oplog, &trim, &sweep);
    *ret_oplog = &s->oplog;
    return ERR_OK;
}

void store_close(struct oplog *oplog)
{
    if (oplog == NULL) return;
    struct store *s = self(oplog);
    s->writer = writer_free(s->writer);
    s->readers = reader_pool_free(s->readers);
    files_free(s->oplog.files);
    db_close(&s->db);
    mem_free(s);
}

bool store_read_only(const struct oplog *oplog)
{
    const struct store *s = (const struct store *)(const void *)((const char *)oplog -
                                                                 offsetof(struct store, oplog));
    return writer_read_only(s->writer);
}
