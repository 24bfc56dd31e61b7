#include "tests/unit/storage/store_case.h"

#include <ftw.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/base/limits.h"
#include "core/base/mem.h"
#include "storage/verify.h"

const char *case_dir(void)
{
    char *dir = mem_new(64);
    const char *base = getenv("TAVLA_TEST_TMP");
    snprintf(dir, 64, "%.32s/tavla-store-XXXXXX", base ? base : "/tmp");
    assert_non_null(mkdtemp(dir));
    return dir;
}

static int gone(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void case_dir_gone(const char *dir)
{
    nftw(dir, gone, 8, FTW_DEPTH | FTW_PHYS);
    mem_free((void *)(uintptr_t)dir);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;

static void answered(void *context, struct batch *b)
{
    (void)context;
    pthread_mutex_lock(&lock);
    b->context = b; /* the mark that it came back */
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
}

void case_open(struct case_store *c, const char *dir, const struct store_options *options)
{
    static bool started;
    if (!started) json_start();
    started = true;
    buf_init(&c->why, KIB(4));
    if (store_open(dir, options, &c->oplog, &c->why) != ERR_OK)
        fail_msg("%.*s", (int)c->why.len, c->why.ptr);
    c->oplog->answered = answered;
}

void case_close(struct case_store *c)
{
    store_close(c->oplog);
    buf_fini(&c->why);
}

void case_append(struct case_store *c, struct batch *b)
{
    b->answer = OPLOG_PENDING;
    b->context = NULL;
    c->oplog->append(c->oplog, b);
}

enum oplog_answer case_wait(struct case_store *c, struct batch *b)
{
    (void)c;
    pthread_mutex_lock(&lock);
    while (b->context != b)
        pthread_cond_wait(&wake, &lock);
    pthread_mutex_unlock(&lock);
    return b->answer;
}

enum oplog_answer case_put(struct case_store *c, struct batch *b)
{
    case_append(c, b);
    return case_wait(c, b);
}

struct case_job {
    struct read_job job;
    void (*fn)(struct view *v, void *context);
    void *context;
    bool done;
};

static void job_run(struct read_job *job, struct view *v)
{
    struct case_job *j = CONTAINER_OF(job, struct case_job, job);
    j->fn(v, j->context);
}

static void job_finished(struct read_job *job)
{
    struct case_job *j = CONTAINER_OF(job, struct case_job, job);
    pthread_mutex_lock(&lock);
    j->done = true;
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&lock);
}

void case_read(struct case_store *c, void (*fn)(struct view *v, void *context), void *context)
{
    struct case_job j = {
            .job = {.run = job_run, .finished = job_finished}, .fn = fn, .context = context};
    c->oplog->read(c->oplog, &j.job);
    pthread_mutex_lock(&lock);
    while (!j.done)
        pthread_cond_wait(&wake, &lock);
    pthread_mutex_unlock(&lock);
    assert_int_equal(j.job.err, ERR_OK);
}

/* -- the twin */

static struct id made(struct twin *t)
{
    t->salt++;
    return id_make(1700000000 + (t->salt >> 24), (uint64_t)t->board.bytes[11] << 40 | t->salt);
}

void twin_init(struct twin *t, uint32_t number)
{
    memset(t, 0, sizeof(*t));
    t->board = id_make(1600000000, number);
    t->member = id_make(1500000000, number);
    t->salt = number << 12;
}

static struct slice __attribute__((format(printf, 2, 3)))
text_of(struct arena *a, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return arena_dup(a, slice_of(text, (size_t)len));
}

static struct slice card_json(struct arena *a, const struct twin_card *card)
{
    char id[ID_TEXT + 1], link[SHORT_LINK_TEXT + 1];
    id_format(card->id, id);
    short_link_make(card->id, link);
    return text_of(a, "{\"id\":\"%s\",\"name\":\"card %u\",\"s\":%llu,\"shortLink\":\"%s\"}", id,
            card->version, (unsigned long long)card->s, link);
}

static struct slice card_text(struct arena *a, const struct twin_card *card)
{
    return text_of(a, "text %u of it", card->version);
}

static struct event *event_make(struct batch *b, struct board_head *head, struct id board)
{
    struct event *e = ARENA_NEW(&b->arena, struct event);
    char id[ID_TEXT + 1], h[17];
    id_format(board, id);
    e->seq = head->seq + 1;
    head->ts += 1000;
    e->ts = head->ts;
    struct slice body = text_of(&b->arena,
            "{\"t\":\"op\",\"b\":\"%s\",\"s\":%llu,\"by\":null,\"ts\":%lld,\"e\":[]", id,
            (unsigned long long)e->seq, (long long)e->ts);
    e->old_json = text_of(&b->arena, "[%llu]", (unsigned long long)e->seq * 7);
    e->chain = hash_chain(head->chain, body, e->old_json);
    hash_head_format(e->chain, h);
    e->public_json = text_of(&b->arena, "%.*s,\"h\":\"%s\"}", SLICE_ARG(body), h);
    head->seq = e->seq;
    head->chain = e->chain;
    return e;
}

static struct entity_row *row_for(struct batch *b, enum kind kind, struct id id)
{
    for (uint32_t i = 0; i < b->entity_count; i++)
        if (b->entities[i].kind == kind && id_eq(b->entities[i].id, id)) return &b->entities[i];
    struct entity_row *row = &b->entities[b->entity_count++];
    row->kind = kind;
    row->id = id;
    return row;
}

static void card_row(struct twin *t, struct batch *b, struct twin_card *card, bool fresh, bool gone)
{
    struct entity_row *row = row_for(b, KIND_CARD, card->id);
    if (fresh) {
        row->fresh = true;
        short_link_make(card->id, row->short_link);
        t->head.entities++;
    } else {
        t->head.sum -= row->sum;
    }
    row->json = gone ? slice_of(NULL, 0) : card_json(&b->arena, card);
    row->sum = gone ? 0 : entity_sum(KIND_CARD, card->id, row->json);
    t->head.sum += row->sum;
    if (gone) t->head.entities--;
    struct text_row *text = &b->texts[b->text_count++];
    *text = (struct text_row){.id = card->id,
            .field = F_CARD_DESC,
            .s = card->s,
            .text = card_text(&b->arena, card),
            .gone = gone};
}

static void plain_row(
        struct twin *t, struct batch *b, enum kind kind, struct id id, struct slice json)
{
    struct entity_row *row = row_for(b, kind, id);
    row->json = json;
    row->sum = entity_sum(kind, id, json);
    row->fresh = true;
    t->head.sum += row->sum;
    t->head.entities++;
}

static void board_rows(struct twin *t, struct batch *b)
{
    char id[ID_TEXT + 1], member[ID_TEXT + 1], membership[ID_TEXT + 1];
    t->membership = made(t);
    id_format(t->board, id);
    id_format(t->member, member);
    id_format(t->membership, membership);
    plain_row(t, b, KIND_BOARD, t->board,
            text_of(&b->arena, "{\"id\":\"%s\",\"name\":\"board\",\"s\":1}", id));
    plain_row(t, b, KIND_MEMBERSHIP, t->membership,
            text_of(&b->arena,
                    "{\"id\":\"%s\",\"idMember\":\"%s\",\"memberType\":\"admin\",\"s\":1}",
                    membership, member));
    struct id part = made(t), card = made(t);
    char part_text[ID_TEXT + 1], card_text[ID_TEXT + 1];
    id_format(part, part_text);
    id_format(card, card_text);
    plain_row(t, b, KIND_CHECKLIST, part,
            text_of(&b->arena, "{\"id\":\"%s\",\"idCard\":\"%s\",\"name\":\"\",\"pos\":1,\"s\":1}",
                    part_text, card_text));
    row_for(b, KIND_CHECKLIST, part)->card = card;
    b->members = ARENA_NEW_ARRAY(&b->arena, struct member_row, 1);
    b->members[0] = (struct member_row){.member = t->member, .role = ROLE_ADMIN};
    b->member_count = 1;
    t->head.next_short = 1;
    t->head.ts = 1700000000000;
}

/* One card changed, made or deleted by the event that was just made. */
static void card_event(struct twin *t, struct batch *b, struct rng *rng)
{
    bool make = t->count == 0 || (t->count < TWIN_CARDS && rng_chance(rng, 50));
    if (make) {
        struct twin_card *card = &t->cards[t->count++];
        *card = (struct twin_card){
                .id = made(t), .s = t->head.seq, .version = (uint32_t)rng_below(rng, 1000)};
        card_row(t, b, card, true, false);
        return;
    }
    struct twin_card *card = &t->cards[rng_below(rng, t->count)];
    struct entity_row *row = row_for(b, KIND_CARD, card->id);
    if (row->sum == 0) row->sum = entity_sum(KIND_CARD, card->id, card_json(&b->arena, card));
    card->s = t->head.seq;
    card->version = (uint32_t)rng_below(rng, 1000);
    if (row->fresh ||
            !rng_chance(
                    rng, 20)) { /* made and gone within one batch is the engine's to leave out */
        bool fresh = row->fresh;
        card_row(t, b, card, false, false);
        row->fresh = fresh;
        return;
    }
    card_row(t, b, card, false, true);
    *card = t->cards[--t->count];
}

struct batch *twin_batch(struct twin *t, struct rng *rng, uint32_t events)
{
    struct batch *b = MEM_NEW(struct batch);
    arena_init(&b->arena, KIB(64), MIB(64));
    b->board = t->board;
    b->before = t->head;
    b->entities = ARENA_NEW_ARRAY(&b->arena, struct entity_row, events + 3);
    b->texts = ARENA_NEW_ARRAY(&b->arena, struct text_row, events);
    if (t->head.seq == 0) board_rows(t, b);
    struct event **last = &b->events;
    for (uint32_t i = 0; i < events; i++) {
        *last = event_make(b, &t->head, t->board);
        b->bytes += (*last)->public_json.len + (*last)->old_json.len;
        last = &(*last)->next;
        card_event(t, b, rng);
    }
    b->event_count = events;
    b->clients = ARENA_NEW_ARRAY(&b->arena, struct client_row, 1);
    b->client_count = 1;
    b->clients[0] = (struct client_row){.actor = t->member,
            .cl = SLICE("tab"),
            .last_n = t->head.seq,
            .seq = t->head.seq,
            .used_ms = t->head.ts,
            .refused = {3, 5},
            .refused_count = 2};
    b->after = t->head;
    return b;
}

struct batch *twin_batch_free(struct batch *b)
{
    arena_fini(&b->arena);
    return mem_free(b);
}

/* -- comparing */

struct seen {
    const struct twin *twin;
    uint64_t entities, sum, seq;
    struct hash128 chain;
    struct arena arena;
    struct view *view;
    bool board_client;
};

static const struct twin_card *card_of(const struct twin *t, struct id id)
{
    for (uint32_t i = 0; i < t->count; i++)
        if (id_eq(t->cards[i].id, id)) return &t->cards[i];
    return NULL;
}

static enum err see_entity(void *context, enum kind kind, struct id id, struct slice json)
{
    struct seen *seen = context;
    uint64_t s;
    struct slice text;
    struct location at;
    seen->entities++;
    seen->sum += entity_sum(kind, id, json);
    assert_int_equal(seen->view->ops->locate(seen->view, id, &at), ERR_OK);
    assert_true(id_eq(at.board, seen->twin->board) && at.kind == kind && id_eq(at.id, id));
    if (kind != KIND_CARD) return ERR_OK;
    const struct twin_card *card = card_of(seen->twin, id);
    assert_non_null(card);
    assert_true(slice_eq(json, card_json(&seen->arena, card)));
    assert_int_equal(
            seen->view->ops->text(seen->view, seen->twin->board, id, F_CARD_DESC, &s, &text),
            ERR_OK);
    assert_true(s == card->s && slice_eq(text, card_text(&seen->arena, card)));
    return ERR_OK;
}

static enum err see_event(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct seen *seen = context;
    uint64_t h;
    assert_int_equal(seq, seen->seq + 1);
    assert_true(event_chain(seen->chain, public_json, old_json, &seen->chain));
    assert_int_equal(seen->view->ops->event_h(seen->view, seen->twin->board, seq, &h), ERR_OK);
    assert_true(h == hash_head(seen->chain));
    seen->seq = seq;
    return ERR_OK;
}

static enum err see_client(void *context, const struct client_row *row)
{
    struct seen *seen = context;
    assert_true(id_eq(row->actor, seen->twin->member) && slice_eq(row->cl, SLICE("tab")));
    assert_true(
            row->last_n == seen->twin->head.seq && row->refused_count == 2 && row->refused[1] == 5);
    seen->board_client = true;
    return ERR_OK;
}

void twin_check(const struct twin *t, struct view *v)
{
    struct board_head head;
    struct seen seen = {.twin = t, .view = v};
    if (t->head.seq == 0) {
        assert_int_equal(v->ops->head(v, t->board, &head), ERR_NOT_FOUND);
        return;
    }
    arena_init(&seen.arena, KIB(64), MIB(64));
    assert_int_equal(v->ops->head(v, t->board, &head), ERR_OK);
    assert_true(head.seq == t->head.seq && head.sum == t->head.sum &&
                head.entities == t->head.entities);
    assert_memory_equal(&head.chain, &t->head.chain, sizeof(head.chain));
    assert_true(head.number > 0 && head.ts == t->head.ts);
    assert_int_equal(
            v->ops->entities(v, t->board, KIND_BOARD, KIND_LINK, see_entity, &seen), ERR_OK);
    assert_true(seen.entities == t->head.entities && seen.sum == t->head.sum);
    seen.seq = head.floor;
    seen.chain = head.floor_chain;
    assert_int_equal(v->ops->events(v, t->board, head.floor + 1, see_event, &seen), ERR_OK);
    assert_true(seen.seq == head.seq);
    assert_int_equal(v->ops->clients(v, t->board, see_client, &seen), ERR_OK);
    assert_true(seen.board_client);
    arena_fini(&seen.arena);
}

static void check_job(struct view *v, void *context)
{
    twin_check(context, v);
}

void twin_check_in(const struct twin *t, struct case_store *c)
{
    case_read(c, check_job, (void *)(uintptr_t)t);
}

void case_clean(const char *dir)
{
    struct verify_out out = {.finding = NULL};
    struct verify_report report;
    struct buf why;
    buf_init(&why, KIB(4));
    int status = verify_folder(dir, false, &out, &report, &why);
    if (status != 0)
        fail_msg("verify: %d, %llu findings %.*s", status, (unsigned long long)report.findings,
                SLICE_ARG(buf_slice(&why)));
    buf_fini(&why);
}

void twin_commit(struct case_store *c, struct twin *t, struct rng *rng, uint32_t events)
{
    struct batch *b = twin_batch(t, rng, events);
    assert_int_equal(case_put(c, b), OPLOG_COMMITTED);
    assert_int_equal(b->err, ERR_OK);
    t->head.number = b->after.number;
    twin_batch_free(b);
}
