/* import.c - one import on its lane's thread: reads the file twice, sends what it finds, waits
 * for verdicts. */
#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/metric.h"
#include "core/organization.h"
#include "core/trello_in.h"
#include "net/api/rest_import.h"

#define PIECE_BYTES   KIB(64)
#define BATCH_BYTES   KIB(384) /* far below EVENT_BYTES_MAX, with what the event adds */
#define IN_FLIGHT_MAX 2
#define PEOPLE_MAX    (MEMBERS_PER_ORGANIZATION_MAX + 1)

struct importing {
    struct import *import;
    struct server *server;
    struct trello_in *in;
    struct id board;
    bool made; /* the board exists */
    struct import_person people[PEOPLE_MAX];
    size_t people_count;
    struct arena names; /* theirs */
    struct buf batch;
    uint32_t batch_objects;
    uint64_t objects;
    uint64_t at;  /* bytes read, over all passes */
    enum err err; /* of a verdict; read when nothing is in flight */
    struct fault fault;
};

/* -- commands */

static void importing_judged(
        struct shard *s, struct conn *conn, struct command *c, void *data) /* loop thread */
{
    struct importing *i = data;
    (void)s, (void)conn;
    if (c->verdict != VERDICT_ACCEPTED && i->err == ERR_OK) {
        i->fault = c->fault;
        if (c->verdict != VERDICT_REJECTED) fault_set(&i->fault, ERR_UNKNOWN, "", "", "");
        i->err = i->fault.err;
    }
    struct import *import = i->import;
    atomic_fetch_sub(&import->in_flight, 1);
    doorbell_ring(&import->doorbell);
}

static void importing_wait(struct importing *i, uint32_t most)
{
    while (atomic_load(&i->import->in_flight) > most)
        doorbell_wait(&i->import->doorbell, -1);
}

static enum err importing_send(struct importing *i, const struct actor *actor, struct slice ops)
{
    struct command *c = command_new(i->board, actor);
    enum err err = command_decode(c, ops, true, &i->fault);
    if (err != ERR_OK) {
        command_free(c);
        return err;
    }
    importing_wait(i, IN_FLIGHT_MAX - 1);
    if (atomic_load(&i->import->in_flight) == 0 && i->err != ERR_OK) {
        command_free(c);
        return i->err;
    }
    atomic_fetch_add(&i->import->in_flight, 1);
    server_submit(i->server, i->import->job.loop, c,
            &(struct origin){.done = importing_judged, .data = i});
    return ERR_OK;
}

static enum err importing_verdict(struct importing *i)
{
    importing_wait(i, 0);
    return i->err;
}

/* -- a look at what is there */

struct look {
    struct read_job job; /* first */
    struct importing *importing;
    struct id id;
    struct slice short_link;
    bool known;
    struct doorbell *doorbell;
    _Atomic bool finished;
};

static void look_finished(struct read_job *job)
{
    struct look *look = (struct look *)job;
    struct doorbell *doorbell = look->doorbell;
    atomic_store(&look->finished, true); /* the job's memory is the importer's again from here on */
    doorbell_ring(doorbell);
}

static enum err importing_look(struct importing *i, struct look *look)
{
    look->importing = i;
    look->doorbell = &i->import->doorbell;
    look->job.finished = look_finished;
    i->server->log->read(i->server->log, &look->job);
    while (!atomic_load(&look->finished))
        doorbell_wait(&i->import->doorbell, -1);
    return look->job.err;
}

/* What is in use already. */
static void known_run(struct read_job *job, struct view *v)
{
    struct look *look = (struct look *)job;
    if (v->ops->known(v, look->id, look->short_link, &look->known) != ERR_OK) look->known = true;
}

static bool is_free(struct importing *i, struct id id, struct slice short_link)
{
    struct look look = {.job.run = known_run, .id = id, .short_link = short_link};
    return importing_look(i, &look) == ERR_OK && !look.known;
}

static bool id_free(void *context, struct id id)
{
    return is_free(context, id, (struct slice){0});
}

static bool short_free(void *context, struct slice short_link)
{
    return is_free(context, (struct id){0}, short_link);
}

static void person_add(void *context, struct id member)
{
    struct importing *i = context;
    if (i->people_count == PEOPLE_MAX ||
            (i->people_count > 0 && id_eq(member, i->import->member)))
        return; /* the importer is the first */
    i->people[i->people_count++] = (struct import_person){.id = member};
}

/* Whom the file can name. Whether the board comes into that workspace is said where it is put
 * there: else the import fails, and until then nobody comes. */
static void people_run(struct read_job *job, struct view *v)
{
    struct importing *i = ((struct look *)job)->importing;
    const struct import *import = i->import;
    struct slice json, username;
    json_t *tree;
    person_add(i, import->member);
    job->err = organization_people(v, import->organization, person_add, i);
    for (size_t k = 0; k < i->people_count && job->err == ERR_OK; k++) {
        struct import_person *person = &i->people[k];
        job->err = v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, person->id, &json);
        if (job->err == ERR_OK && json_read(v->arena, json, &tree, NULL) == ERR_OK &&
                json_get_slice(tree, "username", &username))
            person->username = arena_dup(&i->names, username);
    }
}

/* -- objects */

static enum err importing_flush(struct importing *i)
{
    struct actor actor = i->import->actor;
    if (i->batch_objects == 0) return ERR_OK;
    BUF_ADD(&i->batch, "]}]");
    enum err err = importing_send(i, &actor, buf_slice(&i->batch));
    buf_clear(&i->batch);
    i->batch_objects = 0;
    return err;
}

static enum err emit(void *context, enum kind kind, struct slice object)
{
    struct importing *i = context;
    (void)kind;
    if (jobs_stopping(i->server->jobs))
        return fault_set(
                &i->fault, ERR_BUSY, "", "the server is stopping", "the same import again, later");
    if (i->batch_objects == IMPORT_BATCH_OBJECTS ||
            (i->batch_objects && i->batch.len + object.len > BATCH_BYTES)) {
        enum err err = importing_flush(i);
        if (err != ERR_OK) return err;
    }
    if (i->batch_objects == 0)
        buf_add(&i->batch, i->import->files
                                   ? SLICE("[{\"op\":\"import.add\",\"files\":true,\"objects\":[")
                                   : SLICE("[{\"op\":\"import.add\",\"objects\":["));
    else
        buf_add_char(&i->batch, ',');
    i->batch_objects++;
    i->objects++;
    return buf_add(&i->batch, object) ? ERR_OK : ERR_TOO_LARGE;
}

static enum err importing_pass(struct importing *i, int pass)
{
    char *piece = mem_new(PIECE_BYTES);
    enum err err = ERR_OK;
    size_t len = 0;
    for (uint64_t at = 0; err == ERR_OK; at += len) {
        err = spool_read(i->import->spool, at, piece, PIECE_BYTES, &len);
        if (err != ERR_OK || len == 0) break;
        err = trello_in_feed(i->in, pass, slice_of(piece, len), &i->fault);
        i->at += len;
        import_progress(i->import, i->at, i->objects);
    }
    mem_free(piece);
    return err == ERR_OK ? trello_in_end(i->in, pass, &i->fault) : err;
}

/* -- the board */

static enum err importing_create(struct importing *i)
{
    struct buf fields, ops;
    buf_init(&fields, MIB(1));
    buf_init(&ops, MIB(1));
    trello_in_board(i->in, &fields);
    struct slice name = slice_cstr(i->import->name), rest = buf_slice(&fields);
    BUF_ADD(&ops, "[{\"op\":\"board.create\",\"lists\":false,");
    buf_add(&ops, slice_from(rest, 1));
    BUF_ADD(&ops, "]");
    enum err err = importing_send(i, &i->import->actor, buf_slice(&ops));
    if (err == ERR_OK) err = importing_verdict(i);
    i->made = err == ERR_OK;
    if (i->made && name.len) {
        buf_clear(&ops);
        struct json_out j = json_out(&ops);
        json_array_begin(&j);
        json_object_begin(&j);
        JSON_KEY(&j, "op");
        json_str(&j, SLICE("board.set"));
        JSON_KEY(&j, "name");
        json_str(&j, name);
        json_object_end(&j);
        json_array_end(&j);
        err = importing_send(i, &i->import->actor, buf_slice(&ops));
    }
    if (i->made && err == ERR_OK && i->import->ops.len > 0)
        err = importing_send(i, &i->import->actor, buf_slice(&i->import->ops));
    buf_fini(&fields);
    buf_fini(&ops);
    return err;
}

static void importing_undo(struct importing *i)
{
    struct actor system = {.system = true};
    importing_wait(i, 0);
    if (!i->made) return;
    i->err = ERR_OK;
    enum err err = importing_send(i, &system, SLICE("[{\"op\":\"board.delete\",\"force\":true}]"));
    if (err == ERR_OK) err = importing_verdict(i);
    if (err != ERR_OK)
        log_error("import_undo", "err=%s: a half imported board is left", err_name(err));
}

static enum err importing_try(struct importing *i)
{
    uint64_t bits[2];
    crypto_random(bits, sizeof bits);
    i->board = id_make((uint32_t)(i->import->now_ms / 1000), bits[0]);
    struct look look = {.job.run = people_run};
    enum err err = i->import->files ? ERR_OK : importing_look(i, &look); /* nobody of a copy */
    if (err != ERR_OK)
        return fault_set(&i->fault, err, "", "the server's members could not be read",
                "the same import again, later");
    struct trello_in_options options = {
            .board = i->board,
            .people = i->people,
            .people_count = i->people_count,
            .seed = bits[1],
            .now_ms = i->import->now_ms,
            .files = i->import->files,
            .id_free = id_free,
            .short_free = short_free,
            .emit = emit,
            .context = i,
    };
    i->in = trello_in_new(&options);
    err = importing_pass(i, 1);
    if (err == ERR_OK) err = importing_create(i);
    for (int pass = 2; pass <= TRELLO_IN_PASSES && err == ERR_OK; pass++)
        err = importing_pass(i, pass);
    if (err == ERR_OK) err = importing_flush(i);
    if (err == ERR_OK) err = importing_verdict(i);
    if (err == ERR_OK) trello_in_report(i->in, &i->import->report);
    i->in = trello_in_free(i->in);
    if (err != ERR_OK) {
        importing_wait(i, 0);
        if (i->fault.err != err) fault_set(&i->fault, err, "", "", "");
        struct fault fault = i->fault;
        importing_undo(i);
        i->fault = fault;
    }
    return err;
}

void import_run(struct job *job)
{
    struct import *import = (struct import *)job;
    enum err err = ERR_EXISTS;
    doorbell_init(&import->doorbell);
    import_enter(import, IMPORT_RUNNING);
    for (int tries = 0; err == ERR_EXISTS && tries < IMPORT_TRIES_MAX; tries++) {
        struct importing i = {.import = import, .server = import->server};
        buf_init(&i.batch, MIB(16));
        arena_init(&i.names, KIB(4), MIB(1));
        err = importing_try(&i);
        buf_fini(&i.batch);
        arena_fini(&i.names);
        import->board = i.board;
        import->fault = i.fault;
    }
    if (err == ERR_OK) metric_add(METRIC_imports_total, 1);
    import_enter(import, err == ERR_OK ? IMPORT_DONE : IMPORT_FAILED);
}
