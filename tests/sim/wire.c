/* The server's end of a connection that speaks the live protocol's own text: what net/api/live does
 * around the engine, in virtual time. See page.c for who is at the other end. */
#include <stdio.h>

#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/op.h"
#include "tests/sim/sim.h"

#define REPLAY_EVENTS_MAX 12   /* dearer than this: a snapshot */
#define PART_BYTES        1500 /* of a snapshot: several even of a small board */
#define LIST_EVENTS       3    /* of a message of catch-up */
#define HEARTBEAT_MS      1000

/* -- saying */

static void say(struct world *w, struct client_sim *c, struct buf *text)
{
    CHECK(buf_ok(text));
    send_down(w, c, message_new(MESSAGE_TEXT, buf_slice(text)));
    buf_fini(text);
}

/* Answers leave behind what they stand on: while the stream is not followed they wait for it. */
static void say_behind(struct world *w, struct client_sim *c, struct buf *text)
{
    if (c->joined) {
        say(w, c, text);
        return;
    }
    struct message *m = message_new(MESSAGE_TEXT, buf_slice(text)), **link = &c->behind;
    while (*link != NULL)
        link = &(*link)->next;
    m->next = NULL;
    *link = m;
    buf_fini(text);
}

static void say_err(struct world *w, struct client_sim *c, uint64_t re, enum err err)
{
    struct buf out;
    buf_init(&out, KIB(1));
    buf_add_format(&out, "{\"t\":\"err\",\"re\":%llu,\"code\":\"%s\",\"msg\":\"%s\"}",
            (unsigned long long)re, err_why(err), err_text(err));
    say(w, c, &out);
}

static void put_pos(struct buf *out, const struct port_board *pb, uint64_t seq)
{
    buf_add_format(out, "\"pos\":[%llu,\"%016llx\"]", (unsigned long long)seq,
            (unsigned long long)(seq == 0 ? 0 : pb->events[seq - 1].h));
}

static void put_refused(struct buf *out, const uint64_t *refused, uint32_t count)
{
    BUF_ADD(out, "\"refused\":[");
    for (uint32_t i = 0; i < count; i++)
        buf_add_format(out, "%s%llu", i > 0 ? "," : "", (unsigned long long)refused[i]);
    BUF_ADD(out, "]");
}

static void put_person(struct world *w, struct buf *out, struct id member)
{
    char id[ID_TEXT + 1];
    size_t i = 0;
    while (i < MEMBERS - 1 && !id_eq(w->members[i], member))
        i++;
    id_format(member, id);
    buf_add_format(out,
            "{\"id\":\"%s\",\"username\":\"m%zu\",\"fullName\":\"Member %zu\",\"initials\":\"M\","
            "\"avatar\":null}",
            id, i, i);
}

static void put_who(struct world *w, struct buf *out)
{
    BUF_ADD(out, "\"who\":[");
    for (size_t i = 0; i < MEMBERS; i++) {
        if (i > 0) BUF_ADD(out, ",");
        put_person(w, out, w->members[i]);
    }
    BUF_ADD(out, "],");
}

static void put_object(struct buf *out, const struct port_entity *e)
{
    BUF_ADD(out, "[\"");
    buf_add(out, kind_info((enum kind)e->key[0])->name);
    BUF_ADD(out, "\",");
    buf_add(out, e->json);
    BUF_ADD(out, "]");
}

/* Tier 1: this one, or the next behind it. */
static const struct port_entity *whole_next(const struct port_entity *e)
{
    while (e != NULL && e->key[0] > KIND_TIER1_LAST)
        e = e->hh.next;
    return e;
}

static int by_key(const void *x, const void *y)
{
    const struct port_entity *const *a = x, *const *b = y;
    return memcmp((*a)->key, (*b)->key, sizeof (*a)->key);
}

void wire_parts(struct world *w, struct id board, struct id card, struct buf *out)
{
    const struct port_board *pb = port_board(&w->port, board);
    const struct port_entity **found =
            MEM_NEW_ARRAY(const struct port_entity *, HASH_COUNT(pb->entities) + 1);
    char text[ID_TEXT + 1], member[ID_TEXT + 16];
    size_t count = 0;
    id_format(card, text);
    int len = snprintf(member, sizeof member, "\"idCard\":\"%s\"", text);
    for (const struct port_entity *e = pb->entities; e != NULL; e = e->hh.next)
        if (e->key[0] > KIND_TIER1_LAST &&
                memmem(e->json.ptr, e->json.len, member, (size_t)len) != NULL)
            found[count++] = e;
    qsort(found, count, sizeof *found, by_key);
    BUF_ADD(out, "[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) BUF_ADD(out, ",");
        put_object(out, found[i]);
    }
    BUF_ADD(out, "]");
    mem_free(found);
}

void wire_state(struct world *w, struct id board, struct buf *out)
{
    const struct port_board *pb = port_board(&w->port, board);
    BUF_ADD(out, "{");
    put_pos(out, pb, pb->head.seq);
    BUF_ADD(out, ",");
    put_who(w, out);
    BUF_ADD(out, "\"state\":[");
    const struct port_entity *first = whole_next(pb->entities);
    for (const struct port_entity *e = first; e != NULL; e = whole_next(e->hh.next)) {
        if (e != first) BUF_ADD(out, ",");
        put_object(out, e);
    }
    BUF_ADD(out, "]}");
}

/* -- joining */

static void say_snapshot(struct world *w, struct client_sim *c, const struct port_board *pb)
{
    const struct port_entity *e = whole_next(pb->entities);
    for (unsigned part = 1; part == 1 || e != NULL; part++) {
        struct buf out;
        buf_init(&out, MIB(16));
        BUF_ADD(&out, "{\"t\":\"snap\",");
        put_pos(&out, pb, pb->head.seq);
        buf_add_format(&out, ",\"part\":%u,", part);
        if (part == 1) put_who(w, &out);
        BUF_ADD(&out, "\"state\":[");
        for (bool first = true; e != NULL && out.len < PART_BYTES; first = false) {
            if (!first) BUF_ADD(&out, ",");
            put_object(&out, e);
            e = whole_next(e->hh.next);
        }
        buf_add_format(&out, "],\"last\":%s}", e == NULL ? "true" : "false");
        say(w, c, &out);
    }
    c->cursor = pb->head.seq + 1;
}

static void say_events(struct world *w, struct client_sim *c, const struct port_board *pb)
{
    while (c->cursor <= pb->head.seq) {
        struct buf out;
        buf_init(&out, MIB(16));
        BUF_ADD(&out, "{\"t\":\"ops\",\"list\":[");
        for (size_t i = 0; i < LIST_EVENTS && c->cursor <= pb->head.seq; i++, c->cursor++) {
            if (i > 0) BUF_ADD(&out, ",");
            buf_add(&out, pb->events[c->cursor - 1].public_json);
        }
        BUF_ADD(&out, "]}");
        say(w, c, &out);
    }
}

/* From here on events come as they are published; what came since the snapshot comes first. */
static void follow(struct world *w, void *thing, uint64_t round)
{
    struct client_sim *c = thing;
    struct port_board *pb = port_board(&w->port, c->board);
    struct buf out;
    if (c->round != round || c->forbidden) return;
    if (!server_member(w, c)) { /* as the read of the log finds */
        wire_forbid(w, c, ERR_FORBIDDEN);
        return;
    }
    say_events(w, c, pb);
    c->joined = c->live_said = true;
    buf_init(&out, KIB(1));
    BUF_ADD(&out, "{\"t\":\"live\",");
    put_pos(&out, pb, pb->head.seq);
    BUF_ADD(&out, ",\"roster\":[]}");
    say(w, c, &out);
    while (c->behind != NULL) {
        struct message *m = c->behind;
        c->behind = m->next;
        send_down(w, c, m);
    }
}

static void follow_soon(struct world *w, struct client_sim *c)
{
    uint64_t in_ms = rng_chance(&w->rng, 50) ? 0 : rng_below(&w->rng, 60);
    if (in_ms == 0)
        follow(w, c, c->round);
    else
        world_at(w, (int64_t)in_ms, follow, c, c->round);
}

void wire_join(struct world *w, struct client_sim *c, const struct attach *a, struct message *sub)
{
    const struct port_board *pb = port_board(&w->port, c->board);
    uint64_t since = sub->base;
    bool from = sub->n > 0, replay = from && pb->head.seq - since <= REPLAY_EVENTS_MAX;
    struct buf out;
    if (from) {
        SIM_CHECK(w, since <= pb->head.seq, "a client resumes beyond the log");
        SIM_CHECK(w, since == 0 || pb->events[since - 1].h == sub->h,
                "a client resumes from a position that never was");
    }
    buf_init(&out, KIB(8));
    buf_add_format(&out, "{\"t\":\"sub\",\"id\":%llu,", (unsigned long long)c->sub_id);
    put_pos(&out, pb, pb->head.seq);
    buf_add_format(&out, ",\"mode\":\"%s\",\"n\":%llu,", replay ? "replay" : "snapshot",
            (unsigned long long)a->last_n);
    put_refused(&out, a->refused, a->refused_count);
    BUF_ADD(&out, "}");
    say(w, c, &out);
    if (replay) {
        c->cursor = since + 1;
    } else {
        if (from) {
            buf_init(&out, KIB(1));
            BUF_ADD(&out, "{\"t\":\"resync\",\"why\":\"floor\"}");
            say(w, c, &out);
        }
        say_snapshot(w, c, pb);
    }
    follow_soon(w, c);
}

/* A reader that fell far behind: a snapshot in the middle of its stream. */
static void fall_behind(struct world *w, struct client_sim *c)
{
    struct buf out;
    if (!c->joined || !server_member(w, c)) return;
    c->joined = false;
    buf_init(&out, KIB(1));
    BUF_ADD(&out, "{\"t\":\"resync\",\"why\":\"lag\"}");
    say(w, c, &out);
    say_snapshot(w, c, port_board(&w->port, c->board));
    w->counts.lags++;
    follow_soon(w, c);
}

void wire_forbid(struct world *w, struct client_sim *c, enum err err)
{
    say_err(w, c, c->sub_id, err);
    c->forbidden = true;
    c->joined = c->live_said = false;
}

void wire_failed(struct world *w, struct client_sim *c, enum err err)
{
    say_err(w, c, c->sub_id, err);
}

/* When all is said for a while; the position is that of the last event this reader got. */
void wire_heartbeat(struct world *w, void *thing, uint64_t number)
{
    struct client_sim *c = thing;
    (void)number;
    if (c->shipped && c->joined) {
        struct buf out;
        buf_init(&out, KIB(1));
        buf_add_format(&out, "{\"t\":\"hb\",\"now\":%lld,", (long long)w->now);
        put_pos(&out, port_board(&w->port, c->board), c->cursor - 1);
        BUF_ADD(&out, "}");
        say(w, c, &out);
        if (!w->calm && rng_chance(&w->rng, 25)) fall_behind(w, c);
    }
    world_at(w, HEARTBEAT_MS, wire_heartbeat, c, 0);
}

/* -- verdicts */

void wire_answer(struct world *w, struct client_sim *c, const struct command *command)
{
    struct buf out, d;
    buf_init(&out, MIB(2));
    if (command->verdict == VERDICT_DUPLICATE) {
        buf_add_format(&out, "{\"t\":\"dup\",\"n\":%llu,\"s\":%llu,",
                (unsigned long long)command->n, (unsigned long long)command->seq);
        put_refused(&out, command->refused, command->refused_count);
        SIM_CHECK(w, !c->joined || command->seq < c->cursor, "a dup ahead of what it stands on");
    } else {
        buf_init(&d, KIB(8));
        fault_json(&command->fault, &d);
        buf_add_format(&out, "{\"t\":\"rej\",\"n\":%llu,\"why\":\"%s\",\"at\":%llu,\"d\":%.*s",
                (unsigned long long)command->n, err_why(command->fault.err),
                (unsigned long long)command->at, (int)d.len, d.ptr);
        buf_fini(&d);
        SIM_CHECK(w, !c->joined || command->at < c->cursor, "a rej ahead of what it stands on");
    }
    BUF_ADD(&out, "}");
    say_behind(w, c, &out);
}

/* -- a card's text, by a reader that takes its time */

struct card_read {
    size_t client;
    uint64_t generation, request;
    struct id card;
    struct buf out;
};

static void card_said(struct world *w, void *thing, uint64_t number)
{
    struct card_read *r = thing;
    struct client_sim *c = &w->clients[r->client];
    (void)number;
    if (c->generation == r->generation && !c->forbidden)
        say_behind(w, c, &r->out);
    else
        buf_fini(&r->out);
    mem_free(r);
}

static void card_read(struct world *w, void *thing, uint64_t number)
{
    struct card_read *r = thing;
    struct client_sim *c = &w->clients[r->client];
    struct port_board *pb = port_board(&w->port, c->board);
    struct port_entity *e;
    struct port_text *t;
    char key[1 + ID_BYTES] = {KIND_CARD};
    if (c->generation != r->generation || c->forbidden) {
        mem_free(r);
        return;
    }
    if (!c->joined || c->cursor <= pb->head.seq) { /* what it reads is not published yet */
        world_at(w, 5, card_read, r, number);
        return;
    }
    memcpy(key + 1, r->card.bytes, ID_BYTES);
    HASH_FIND(hh, pb->entities, key, sizeof key, e);
    key[0] = F_CARD_DESC;
    HASH_FIND(hh, pb->texts, key, sizeof key, t);
    if (e == NULL) {
        say_err(w, c, r->request, ERR_NOT_FOUND);
        mem_free(r);
        return;
    }
    buf_init(&r->out, MIB(1));
    buf_add_format(&r->out, "{\"t\":\"card\",\"id\":%llu,\"at\":%llu,\"card\":{\"desc\":",
            (unsigned long long)r->request, (unsigned long long)pb->head.seq);
    json_str_to(&r->out, t == NULL ? (struct slice){0} : t->text);
    BUF_ADD(&r->out, ",");
    buf_add(&r->out, slice_from(e->json, 1));
    BUF_ADD(&r->out, ",\"parts\":");
    wire_parts(w, c->board, r->card, &r->out);
    BUF_ADD(&r->out, "}");
    world_at(w, (int64_t)rng_below(&w->rng, 40), card_said, r, 0);
}

/* -- hearing */

static void hear_hello(struct world *w, struct client_sim *c, const json_t *tree)
{
    struct slice cl;
    struct buf out;
    SIM_CHECK(w, json_get_slice(tree, "cl", &cl), "a hello without a client id");
    SIM_CHECK(w, cl.len > 0 && cl.len <= CLIENT_ID_CHARS_MAX, "a client id of another length");
    snprintf(c->cl, sizeof c->cl, "%.*s", SLICE_ARG(cl));
    c->greeted = true;
    buf_init(&out, KIB(4));
    BUF_ADD(&out, "{\"t\":\"hello\",\"v\":1,\"sid\":\"0123456789abcdef\",\"me\":");
    put_person(w, &out, c->member);
    buf_add_format(&out,
            ",\"now\":%lld,\"hb\":1,\"max\":{\"op\":131072,\"msg\":1048576},"
            "\"version\":\"sim\"}",
            (long long)w->now);
    say(w, c, &out);
}

static void hear_sub(struct world *w, struct client_sim *c, const json_t *tree)
{
    struct message *m = message_new(MESSAGE_SUB, (struct slice){0});
    const json_t *since = json_object_get(tree, "since");
    SIM_CHECK(w, json_get_u64(tree, "id", &c->sub_id), "a sub without an id");
    c->joined = c->live_said = false;
    m->round = ++c->round;
    if (json_is_array(since)) {
        char h[17];
        m->n = 1;
        m->base = (uint64_t)json_integer_value(json_array_get(since, 0));
        snprintf(h, sizeof h, "%s", json_string_value(json_array_get(since, 1)));
        m->h = strtoull(h, NULL, 16);
    }
    server_attach(w, c, m);
}

static void hear_op(struct world *w, struct client_sim *c, const json_t *tree, struct slice text)
{
    struct actor actor = {.member = c->member};
    struct fault fault = {0};
    uint64_t n = 0;
    SIM_CHECK(w, json_get_u64(tree, "n", &n) && n > 0, "an op without a number");
    page_sent(w, c, n, text);
    SIM_CHECK(w, c->live_said, "an op before live");
    struct command *command = command_new(c->board, &actor);
    command->cl = arena_dup(&command->arena, slice_cstr(c->cl));
    command->n = n;
    SIM_CHECK(w, json_get_u64(tree, "base", &command->base), "an op without a base");
    SIM_CHECK(w, command->base <= port_board(&w->port, c->board)->head.seq, "a base to come");
    json_t *own; /* raw ops live as long as the command */
    CHECK(json_read(&command->arena, text, &own, &fault) == ERR_OK);
    enum err err = ops_decode(&command->arena, json_object_get(own, "ops"), false, &command->ops,
            &command->op_count, &fault);
    if (err) {
        SIM_CHECK(w, err == ERR_INVALID || err == ERR_TOO_LARGE, fault.wrong);
        struct fault *unfit = ARENA_NEW(&command->arena, struct fault);
        *unfit = fault;
        command->unfit = unfit;
    }
    c->unanswered++;
    server_submit(w, c, command);
}

static void hear_get(struct world *w, struct client_sim *c, const json_t *tree)
{
    struct card_read *r = MEM_NEW(struct card_read);
    struct slice card;
    r->client = c->index;
    r->generation = c->generation;
    SIM_CHECK(w, json_get_u64(tree, "id", &r->request), "a get without an id");
    SIM_CHECK(
            w, json_get_slice(tree, "card", &card) && id_parse(card, &r->card), "a get of no card");
    world_at(w, (int64_t)rng_below(&w->rng, 30), card_read, r, 0);
}

void wire_message(struct world *w, struct client_sim *c, struct message *m)
{
    struct arena arena;
    struct fault fault = {0};
    struct slice type;
    json_t *tree;
    if (c->forbidden) { /* closing: nothing more in or out */
        message_free(m);
        return;
    }
    arena_init(&arena, KIB(16), MIB(4));
    SIM_CHECK(w, json_read(&arena, m->text, &tree, &fault) == ERR_OK, fault.wrong);
    SIM_CHECK(w, json_get_slice(tree, "t", &type), "a message without a type");
    SIM_CHECK(w, c->greeted != slice_eq(type, SLICE("hello")), "hello comes first, and once");
    if (slice_eq(type, SLICE("hello"))) {
        hear_hello(w, c, tree);
    } else if (slice_eq(type, SLICE("sub"))) {
        hear_sub(w, c, tree);
    } else if (slice_eq(type, SLICE("op"))) {
        hear_op(w, c, tree, m->text);
    } else if (slice_eq(type, SLICE("get"))) {
        hear_get(w, c, tree);
    } else {
        struct buf pong;
        SIM_CHECK(w, slice_eq(type, SLICE("ping")), "a message of an unknown type");
        buf_init(&pong, KIB(1));
        BUF_ADD(&pong, "{\"t\":\"pong\",\"x\":1}");
        say(w, c, &pong);
    }
    arena_fini(&arena);
    message_free(m);
}
