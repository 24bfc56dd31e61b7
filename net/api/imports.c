/* imports.c - the imports the server knows of: how many, how far, who may ask. */
#include <pthread.h>

#include "core/trello_in.h"
#include "net/api/rest_import.h"

struct imports {
    pthread_mutex_t lock;
    struct import *at[IMPORTS_REMEMBERED];
    uint32_t count;
    uint32_t next_lane;
};

struct imports *imports_new(void)
{
    struct imports *all = MEM_NEW(struct imports);
    pthread_mutex_init(&all->lock, NULL);
    return all;
}

static void import_free(struct import *i)
{
    spool_free(i->spool);
    buf_fini(&i->report);
    buf_fini(&i->ops);
    mem_free(i);
}

struct imports *imports_free(struct imports *all)
{
    if (!all) return NULL;
    for (uint32_t i = 0; i < all->count; i++)
        import_free(all->at[i]);
    pthread_mutex_destroy(&all->lock);
    return mem_free(all);
}

/* Not by its state alone: the mail that says so may still be on its way to the loop. */
static bool is_over(const struct import *i)
{
    return i->ended;
}

static void drop(struct imports *all, uint32_t index)
{
    import_free(all->at[index]);
    memmove(&all->at[index], &all->at[index + 1], (all->count - index - 1) * sizeof all->at[0]);
    all->count--;
}

bool import_add(struct server *server, struct import *made)
{
    struct imports *all = server->imports;
    uint32_t waiting = 0, oldest = UINT32_MAX;
    pthread_mutex_lock(&all->lock);
    for (uint32_t i = all->count; i-- > 0;) {
        if (is_over(all->at[i]))
            oldest = i;
        else
            waiting++;
    }
    bool room = waiting < IMPORTS_WAITING_MAX;
    if (room) {
        if (all->count == IMPORTS_REMEMBERED) drop(all, oldest);
        made->server = server;
        made->lane = 1 + all->next_lane++ % IMPORTS_AT_ONCE;
        buf_init(&made->report, MIB(1));
        all->at[all->count++] = made;
    }
    pthread_mutex_unlock(&all->lock);
    if (!room) import_free(made);
    return room;
}

void import_forget(struct server *server, struct import *import)
{
    struct imports *all = server->imports;
    pthread_mutex_lock(&all->lock);
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->at[i] != import) continue;
        drop(all, i);
        break;
    }
    pthread_mutex_unlock(&all->lock);
}

void import_enter(struct import *import, enum import_state state)
{
    struct imports *all = import->server->imports;
    pthread_mutex_lock(&all->lock);
    import->state = state;
    pthread_mutex_unlock(&all->lock);
}

void import_progress(struct import *import, uint64_t bytes, uint64_t objects)
{
    struct imports *all = import->server->imports;
    pthread_mutex_lock(&all->lock);
    import->bytes = bytes;
    import->objects = objects;
    pthread_mutex_unlock(&all->lock);
}

static void import_ended(struct job *job, struct shard *shard)
{
    struct import *i = (struct import *)job;
    struct imports *all = i->server->imports;
    (void)shard;
    i->spool = spool_free(i->spool);
    if (i->then) i->then(i->waiting, i->state, i->board, &i->fault);
    pthread_mutex_lock(&all->lock);
    i->ended = true; /* from here on it may be forgotten */
    pthread_mutex_unlock(&all->lock);
}

void import_start(struct server *server, struct import *import, uint32_t loop)
{
    import->total = TRELLO_IN_PASSES * import->spool->bytes;
    import_enter(import, IMPORT_WAITING);
    import->job.run = import_run;
    import->job.done = import_ended;
    jobs_post(server->jobs, import->lane, loop, &import->job);
}

static void status_write(const struct import *i, struct json_out *j)
{
    static const char *const states[] = {"reading", "waiting", "importing", "done", "failed"};
    json_object_begin(j);
    JSON_KEY(j, "bytes");
    json_u64(j, i->bytes);
    if (i->state == IMPORT_FAILED) {
        struct buf text;
        buf_init(&text, KIB(4));
        fault_text(&i->fault, &text);
        JSON_KEY(j, "error");
        json_str(j, buf_slice(&text));
        buf_fini(&text);
    }
    JSON_KEY(j, "id");
    json_id(j, i->id);
    JSON_KEY(j, "idBoard");
    json_id(j, i->state == IMPORT_DONE ? i->board : (struct id){0});
    JSON_KEY(j, "objects");
    json_u64(j, i->objects);
    JSON_KEY(j, "report");
    if (i->state == IMPORT_DONE && i->report.len)
        json_raw(j, buf_slice(&i->report));
    else
        json_nil(j);
    JSON_KEY(j, "state");
    json_str(j, slice_cstr(states[i->state]));
    JSON_KEY(j, "total");
    json_u64(j, i->total);
    json_object_end(j);
}

bool import_status(
        struct server *server, const struct actor *actor, struct id id, struct json_out *j)
{
    struct imports *all = server->imports;
    bool found = false;
    pthread_mutex_lock(&all->lock);
    for (uint32_t i = 0; i < all->count && !found; i++) {
        const struct import *one = all->at[i];
        if (!id_eq(one->id, id) || (!actor->system && !id_eq(one->member, actor->member))) continue;
        status_write(one, j);
        found = true;
    }
    pthread_mutex_unlock(&all->lock);
    return found;
}
