/* What must hold at every step, and once everything has settled. */
#include <stdio.h>

#include "core/badges.h"
#include "core/base/limits.h"
#include "core/cover.h"
#include "core/engine_room.h"
#include "tests/sim/sim.h"

static const char *pages_script; /* NULL: without pages */

void say_replay(uint64_t seed)
{
    printf("replay: ./sim%s%s --seed %llu\n", pages_script == NULL ? "" : " --pages ",
            pages_script == NULL ? "" : pages_script, (unsigned long long)seed);
}

void replay_with(const char *pages)
{
    pages_script = pages;
}

void world_fail(const struct world *w, const char *what, const char *detail)
{
    printf("seed %llu, %lld ms: %s (%s)\n", (unsigned long long)w->seed, (long long)w->now, what,
            detail);
    say_replay(w->seed);
    fflush(stdout);
    abort();
}

/* I6: every queue has its bound. */
void verify_step(struct world *w)
{
    SIM_CHECK(w, w->engine->writer_events <= WRITER_EVENTS_MAX,
            "I6: too many events with the writer");
    for (const struct room *r = w->engine->rooms; r != NULL; r = r->hh.next) {
        size_t waiting = r->queue.count + r->judged.count;
        SIM_CHECK(w, waiting <= BOARD_QUEUE_MAX + BATCH_EVENTS_MAX * 8 + SLOTS * CONN_COMMANDS_MAX,
                "I6: a board's queue grew past its bound");
        SIM_CHECK(w, r->tail.count <= TAIL_EVENTS_MAX && r->tail.bytes <= TAIL_BYTES_MAX,
                "I6: the tail grew past its bound");
        SIM_CHECK(w, HASH_COUNT(r->clients.clients) <= CLIENTS_PER_BOARD_MAX + 64,
                "I6: too many clients remembered");
    }
}

/* -- the end */

struct record {
    struct id by;
    struct slice cl;
    uint64_t n;
};

static void verify_fate(struct world *w, const struct ledger_row *row, uint64_t found, uint64_t at)
{
    const char *wrong = NULL;
    char which[128];
    if (found > 1) wrong = "an op was applied twice";
    switch (row->fate) {
    case FATE_PENDING: wrong = "I9: an op never had a verdict"; break;
    case FATE_ACKED:
        if (found == 0) wrong = "an acknowledged op is lost";
        if (found == 1 && at != row->seq) wrong = "acknowledged at another seq";
        break;
    case FATE_APPLIED:
        if (found == 0) wrong = "an op that was told to be applied is not in the log";
        break;
    case FATE_REFUSED:
        if (found > 0) wrong = "a refused op was applied";
        break;
    case FATE_DROPPED:
        if (found > 0) wrong = "an op that was taken back is applied";
        break;
    case FATE_ABANDONED: break;
    }
    snprintf(which, sizeof which, "client %zu, %s, n %llu", row->client, row->cl,
            (unsigned long long)row->n);
    if (wrong != NULL) world_fail(w, wrong, which);
}

static void verify_fates(struct world *w, struct port_board *pb, const struct record *log)
{
    for (size_t i = 0; i < w->ledger_count; i++) {
        const struct ledger_row *row = &w->ledger[i];
        uint64_t found = 0, at = 0;
        if (!id_eq(row->board, pb->id)) continue;
        for (uint64_t s = 0; s < pb->head.seq; s++) {
            if (log[s].n != row->n || !id_eq(log[s].by, row->member) ||
                    !slice_eq(log[s].cl, slice_cstr(row->cl)))
                continue;
            found++;
            at = s + 1;
        }
        verify_fate(w, row, found, at);
    }
}

/* I10: every event is by someone who was a member when it was made. */
static void verify_authors(struct world *w, struct port_board *pb, struct record *log)
{
    struct board *b = board_new(pb->id);
    struct arena a;
    arena_init(&a, KIB(64), (size_t)1 << 32);
    for (uint64_t s = 0; s < pb->head.seq; s++) {
        struct event e = {0};
        struct fault fault;
        CHECK(event_decode(&a, pb->events[s].public_json, (struct slice){0}, &e, &fault) == ERR_OK);
        CHECK(event_chain(
                b->head.chain, pb->events[s].public_json, pb->events[s].old_json, &e.chain));
        log[s] = (struct record){e.by, e.cl, e.n};
        bool may = s == 0 || id_is_none(e.by) || board_role(b, e.by) != ROLE_NONE;
        event_apply(b, &e, &a);
        SIM_CHECK(w, may || board_role(b, e.by) != ROLE_NONE, /* joined with it */
                "I10: an event by someone who is no member");
        event_follow(b, &e);
        event_fini(&e);
    }
    verify_fates(w, pb, log);
    verify_typed(w, pb);
    board_free(b);
    arena_fini(&a);
}

static void verify_people(struct world *w, const struct board *b, struct object *card, enum field f)
{
    const struct value *people = object_value(card, f);
    for (uint32_t i = 0; people->set != NULL && i < people->set->count; i++)
        SIM_CHECK(w, board_membership(b, people->set->ids[i]) != NULL,
                "a card names somebody who is not on its board");
}

/* P7: every card is in a list that is there. Order as on the board. */
static void verify_board(struct world *w, const struct port_board *pb, const struct board *b)
{
    struct arena a;
    arena_init(&a, KIB(16), MIB(64));
    for (struct object *o = b->objects; o != NULL; o = o->hh.next) {
        if (o->kind == KIND_FIELD_ITEM)
            SIM_CHECK(w,
                    board_get(b, KIND_CUSTOM_FIELD,
                            object_value(o, F_FIELD_ITEM_ID_CUSTOM_FIELD)->id) != NULL,
                    "a card has a value of a field that is not there");
        if (o->kind != KIND_CARD) continue;
        const struct object *list = board_get(b, KIND_LIST, object_value(o, F_CARD_ID_LIST)->id);
        SIM_CHECK(w, list != NULL, "P7: a card is in no list");
        const struct value *labels = object_value(o, F_CARD_ID_LABELS);
        for (uint32_t i = 0; labels->set != NULL && i < labels->set->count; i++)
            SIM_CHECK(w, board_get(b, KIND_LABEL, labels->set->ids[i]) != NULL,
                    "a card carries a label that was deleted");
        struct cover cover;
        const struct object *shown =
                cover_read(object_value(o, F_CARD_COVER), &cover) && !id_is_none(cover.attachment)
                        ? board_get(b, KIND_ATTACHMENT, cover.attachment)
                        : NULL;
        SIM_CHECK(w,
                id_is_none(cover.attachment) ||
                        (shown != NULL &&
                                id_eq(shown->fields[field_info(F_ATTACHMENT_ID_CARD)->slot].id,
                                        o->id)),
                "a cover shows what is not on its card");
        SIM_CHECK(w, badges_fields_right(&a, b, o), "a face has other values than its card");
        if (pb->removed_elsewhere) continue; /* by a record that says nothing of cards */
        verify_people(w, b, o, F_CARD_ID_MEMBERS);
        verify_people(w, b, o, F_CARD_ID_MEMBERS_VOTED);
    }
    arena_fini(&a);
}

void compare(struct world *w, const struct buf *a, const struct buf *b, const char *what)
{
    if (slice_eq(buf_slice(a), buf_slice(b))) return;
    size_t at = 0;
    while (at < a->len && at < b->len && a->ptr[at] == b->ptr[at])
        at++;
    size_t from = at > 120 ? at - 120 : 0;
    printf("%s, at byte %zu:\n  %.*s\n  %.*s\n", what, at,
            (int)(a->len - from < 300 ? a->len - from : 300), a->ptr + from,
            (int)(b->len - from < 300 ? b->len - from : 300), b->ptr + from);
    world_fail(w, what, "texts differ");
}

static void verify_texts(struct world *w, struct port_board *pb, const struct client_sim *c)
{
    for (const struct model_object *o = c->model.objects; o != NULL; o = o->hh.next) {
        struct port_text *t;
        char key[1 + ID_BYTES] = {(char)F_CARD_DESC};
        if (strcmp(o->kind, "card") != 0 || o->desc == NULL) continue;
        memcpy(key + 1, o->id.bytes, ID_BYTES);
        HASH_FIND(hh, pb->texts, key, sizeof key, t);
        struct slice stored = t == NULL ? (struct slice){0} : t->text;
        SIM_CHECK(
                w, slice_eq(stored, slice_cstr(o->desc)), "a client's text is not the stored one");
    }
}

static void verify_convergence(struct world *w, struct port_board *pb)
{
    struct buf stored, other;
    struct board *state = port_state(&w->port, pb->id), *fold = port_fold(&w->port, pb->id);
    const struct board *engine = engine_board(w->engine, pb->id);
    buf_init(&stored, MIB(64));
    buf_init(&other, MIB(64));
    board_text(state, &stored);
    board_text(fold, &other);
    compare(w, &stored, &other, "the log's fold is not what is stored");
    if (engine != NULL) {
        board_text(engine, &other);
        compare(w, &stored, &other, "the engine's board is not what is stored");
        SIM_CHECK(w,
                engine->head.sum == state->head.sum &&
                        engine->head.next_short == state->head.next_short,
                "the engine's head is not the stored one");
    }
    for (size_t i = 0; i < CLIENTS; i++) {
        struct client_sim *c = &w->clients[i];
        bool member = board_role(state, c->member) != ROLE_NONE;
        if (!id_eq(c->board, pb->id)) continue;
        if (w->pages[i].used) page_verify(w, &w->pages[i], member, server_member(w, c));
        if (w->pages[i].used || !member) continue;
        SIM_CHECK(w, c->live, "a member is not live in the end");
        model_text(&c->model, &other);
        compare(w, &stored, &other, "a client's board is not the server's");
        verify_texts(w, pb, c);
    }
    verify_board(w, pb, state);
    board_free(state);
    board_free(fold);
    buf_fini(&stored);
    buf_fini(&other);
}

void verify_end(struct world *w)
{
    SIM_CHECK(w, engine_idle(w->engine), "I9: the engine still has work after everything settled");
    SIM_CHECK(w, w->commands == 0, "I9: commands without an answer");
    SIM_CHECK(w, w->engine->writer_events == 0, "events are still counted as in flight");
    for (size_t i = 0; i < BOARDS; i++) {
        struct port_board *pb = port_board(&w->port, w->boards[i]);
        struct record *log = MEM_NEW_ARRAY(struct record, pb->head.seq + 1);
        verify_convergence(w, pb);
        verify_authors(w, pb, log);
        mem_free(log);
    }
    verify_transfers(w);
}
