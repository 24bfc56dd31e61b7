#include "tests/unit/storage/engine_rig.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/mem.h"

enum { MAIL_ANSWER = 1, MAIL_LOAD, MAIL_TEXT };

static void post(struct rig *r, struct mail *m, uint32_t kind)
{
    m->kind = kind;
    if (inbox_post(&r->inbox, m)) doorbell_ring(&r->bell);
}

static void rig_answered(void *context, struct batch *batch)
{
    post(context, &batch->mail, MAIL_ANSWER);
}

static void rig_append(void *context, struct batch *batch)
{
    struct rig *r = context;
    if (r->tap) r->tap(r, batch);
    r->oplog->append(r->oplog, batch);
}

struct load_job {
    struct read_job job;
    struct rig *rig;
    struct board_load load;
};

static void load_run(struct read_job *job, struct view *v)
{
    board_load_run(&CONTAINER_OF(job, struct load_job, job)->load, v);
}

static void load_finished(struct read_job *job)
{
    post(CONTAINER_OF(job, struct load_job, job)->rig, &job->mail, MAIL_LOAD);
}

static void rig_load(void *context, struct id board, uint64_t after)
{
    struct rig *r = context;
    struct load_job *j = MEM_NEW(struct load_job);
    *j = (struct load_job){.job = {.run = load_run, .finished = load_finished},
            .rig = r,
            .load = {.board = board, .after = after}};
    r->oplog->read(r->oplog, &j->job);
}

struct text_job {
    struct read_job job;
    struct rig *rig;
    struct id board, id;
    enum field field;
    enum err err;
    uint64_t s;
    struct buf text;
};

static void text_run(struct read_job *job, struct view *v)
{
    struct text_job *j = CONTAINER_OF(job, struct text_job, job);
    struct slice text = {.len = 0};
    j->err = v->ops->text(v, j->board, j->id, j->field, &j->s, &text);
    buf_add(&j->text, text);
}

static void text_finished(struct read_job *job)
{
    post(CONTAINER_OF(job, struct text_job, job)->rig, &job->mail, MAIL_TEXT);
}

static void rig_load_text(void *context, struct id board, struct id id, enum field field)
{
    struct rig *r = context;
    struct text_job *j = MEM_NEW(struct text_job);
    *j = (struct text_job){.job = {.run = text_run, .finished = text_finished},
            .rig = r,
            .board = board,
            .id = id,
            .field = field};
    buf_init(&j->text, SIZE_MAX);
    r->oplog->read(r->oplog, &j->job);
}

static void rig_answer(void *context, struct command *c)
{
    struct rig *r = context;
    if (c->verdict == VERDICT_ACCEPTED) {
        r->accepted++;
    } else {
        r->rejected++;
        snprintf(r->last_fault, sizeof(r->last_fault), "%s: %s %s", c->fault.field,
                err_name(c->fault.err), c->fault.wrong);
    }
    if (r->answer) r->answer(r, c);
    command_free(c);
}

static void rig_publish(void *context, struct id board, uint64_t loops, const struct event *event)
{
    (void)context;
    (void)board;
    (void)loops;
    (void)event;
}

static void rig_barrier(
        void *context, struct id board, uint64_t loops, struct id member, uint64_t seq)
{
    (void)context;
    (void)board;
    (void)loops;
    (void)member;
    (void)seq;
}

static void rig_attached(void *context, struct attach *attach)
{
    (void)context;
    arena_fini(&attach->arena);
    mem_free(attach);
}

static void rig_pause(void *context, struct id board, bool on)
{
    (void)context;
    (void)board;
    (void)on;
}

void rig_init(struct rig *r, struct oplog *oplog)
{
    const struct engine_out out = {.answer = rig_answer,
            .publish = rig_publish,
            .barrier = rig_barrier,
            .attached = rig_attached,
            .append = rig_append,
            .load = rig_load,
            .load_text = rig_load_text,
            .pause = rig_pause};
    *r = (struct rig){.oplog = oplog, .now_ms = 1700000000000};
    inbox_init(&r->inbox);
    doorbell_init(&r->bell);
    oplog->answered = rig_answered;
    oplog->context = r;
    r->engine = engine_new(&out, r);
}

void rig_fini(struct rig *r)
{
    rig_settle(r);
    r->engine = engine_free(r->engine);
}

bool rig_submit(
        struct rig *r, struct id board, struct id member, bool internal, const char *ops, ...)
{
    char text[4096];
    va_list args;
    struct fault fault;
    struct actor actor = {.member = member, .system = internal};
    va_start(args, ops);
    int len = vsnprintf(text, sizeof(text), ops, args);
    va_end(args);
    CHECK(len > 0 && (size_t)len < sizeof(text));
    struct command *c = command_new(board, &actor);
    if (command_decode(c, slice_of(text, (size_t)len), internal, &fault) != ERR_OK) {
        snprintf(r->last_fault, sizeof(r->last_fault), "%s: %s", fault.field, fault.wrong);
        command_free(c);
        return false;
    }
    engine_submit(r->engine, c, r->now_ms);
    return true;
}

static void take(struct rig *r, struct mail *m)
{
    if (m->kind == MAIL_ANSWER) {
        engine_answer(r->engine, CONTAINER_OF(m, struct batch, mail), r->now_ms);
    } else if (m->kind == MAIL_LOAD) {
        struct load_job *j =
                CONTAINER_OF(CONTAINER_OF(m, struct read_job, mail), struct load_job, job);
        engine_loaded(r->engine, &j->load, r->now_ms);
        board_load_fini(&j->load);
        mem_free(j);
    } else {
        struct text_job *j =
                CONTAINER_OF(CONTAINER_OF(m, struct read_job, mail), struct text_job, job);
        struct text_read read = {.board = j->board,
                .id = j->id,
                .field = j->field,
                .err = j->err,
                .s = j->s,
                .text = buf_slice(&j->text)};
        engine_text(r->engine, &read, r->now_ms);
        buf_fini(&j->text);
        mem_free(j);
    }
}

static bool take_all(struct rig *r)
{
    struct mail *m = inbox_take(&r->inbox);
    bool any = m != NULL;
    for (struct mail *next; m != NULL; m = next) {
        next = m->next;
        take(r, m);
    }
    return any;
}

void rig_turn(struct rig *r, int wait_ms)
{
    r->now_ms++;
    bool any = take_all(r);
    engine_turn(r->engine, r->now_ms); /* before the wait: what was submitted must be on its way */
    if (any || wait_ms == 0) return;
    doorbell_wait(&r->bell, wait_ms);
    if (take_all(r)) engine_turn(r->engine, r->now_ms);
}

void rig_settle(struct rig *r)
{
    rig_turn(r, 0);
    while (!engine_idle(r->engine))
        rig_turn(r, 100);
}
