/* Around the engine: one connection a client, a reader that serves snapshots and catch-up from
 * what is stored, and the port's answers. */
#include "core/base/limits.h"
#include "core/list_copy.h"
#include "core/engine_room.h"
#include "core/organization.h"
#include "tests/sim/sim.h"

struct load_wish {
    struct id board;
    struct id id;
    enum field field;
    uint64_t after;
};

size_t board_index(const struct world *w, struct id id)
{
    for (size_t i = 0; i < BOARDS; i++)
        /* the directory is none of them */
        if (!id_is_none(id) && id_eq(w->boards[i], id)) return i;
    return BOARDS;
}

static void ask_turn(struct world *w)
{
    if (!w->turn_asked) world_at(w, (int64_t)rng_below(&w->rng, 4), NULL, NULL, 0);
    w->turn_asked = true;
}

void server_turn(struct world *w)
{
    w->turn_asked = false;
    engine_turn(w->engine, w->now);
    if (!engine_idle(w->engine)) ask_turn(w);
}

/* -- connections */

void conn_close_code(struct world *w, struct client_sim *c, unsigned code)
{
    if (!c->connected) return;
    c->generation++;
    c->connected = c->live = c->attached = c->joined = false;
    for (struct message *m = c->held, *next; m != NULL; m = next) {
        next = m->next;
        message_free(m);
    }
    c->held = c->held_last = NULL;
    for (struct message *m = c->behind, *next; m != NULL; m = next) {
        next = m->next;
        message_free(m);
    }
    c->behind = NULL;
    c->round++;
    w->counts.cuts++;
    if (c->shipped) {
        page_lost(w, c, code);
        return;
    }
    world_at(w, 20 + (int64_t)rng_below(&w->rng, c->banned ? 2000 : 200), client_connect, c, 0);
}

void conn_close(struct world *w, struct client_sim *c)
{
    conn_close_code(w, c, 1006);
}

void send_down(struct world *w, struct client_sim *c, struct message *m)
{
    int64_t at = w->now + (int64_t)rng_below(&w->rng, 30);
    m->client = c->index;
    m->generation = c->generation;
    if (at < c->down_ms) at = c->down_ms;
    c->down_ms = at;
    world_at(w, at - w->now, world_deliver_down, m, 0);
}

static void send_event(struct world *w, struct client_sim *c, struct slice json, uint64_t seq)
{
    SIM_CHECK(w, seq == c->cursor, "I2: an event is skipped or repeated");
    c->cursor++;
    send_down(w, c, message_new(c->shipped ? MESSAGE_TEXT : MESSAGE_EVENT, json));
}

static void forbid(struct world *w, struct client_sim *c, enum err err)
{
    if (c->shipped)
        wire_forbid(w, c, err);
    else
        send_down(w, c, message_new(MESSAGE_FORBIDDEN, (struct slice){0}));
}

bool server_member(struct world *w, const struct client_sim *c)
{
    struct board *b = port_state(&w->port, c->board);
    bool member = board_role(b, c->member) != ROLE_NONE;
    struct id readers = board_readers(b);
    board_free(b);
    if (member || id_is_none(readers)) return member;
    struct board *directory = port_state(&w->port, DIRECTORY_ID);
    member = organization_role(directory, readers, c->member) != ROLE_NONE;
    board_free(directory);
    return member;
}

/* Who is not on the board hears its newest event only by way of its organization, as far as the
 * engine knows of that. */
static void check_visitor(struct world *w, const struct client_sim *c, const struct event *e)
{
    const struct board *b = engine_board(w->engine, c->board);
    if (b == NULL || b->head.seq != e->seq || !directory_settled(w->engine)) return;
    if (board_role(b, c->member) != ROLE_NONE) return;
    enum role role =
            organization_role(w->engine->directory->board, board_readers(b), c->member);
    SIM_CHECK(w, role != ROLE_NONE, "I10: a visitor hears what is no longer theirs");
    w->counts.visits++;
}

/* One read transaction after the attach: it sees the head that the attach named, or a later one. */
static void join(struct world *w, struct client_sim *c, struct attach *a, struct message *sub)
{
    struct port_board *pb = port_board(&w->port, c->board);
    struct message *live;
    SIM_CHECK(w, a->head.seq <= pb->head.seq, "I1: attached at a head that is not durable");
    if (!server_member(w, c)) {
        forbid(w, c, ERR_FORBIDDEN);
        return;
    }
    if (c->shipped) {
        wire_join(w, c, a, sub);
        return;
    }
    uint64_t since = sub->base;
    if (since > pb->head.seq || pb->head.seq - since > 12 || sub->n == 0) {
        struct buf text;
        struct board *b = port_state(&w->port, c->board);
        buf_init(&text, MIB(64));
        board_text(b, &text);
        send_down(w, c, message_new(MESSAGE_SNAPSHOT, buf_slice(&text)));
        buf_fini(&text);
        board_free(b);
        c->cursor = pb->head.seq + 1;
    } else {
        for (c->cursor = since + 1; c->cursor <= pb->head.seq;)
            send_event(w, c, pb->events[c->cursor - 1].public_json, c->cursor);
    }
    live = message_new(MESSAGE_LIVE, (struct slice){0});
    live->n = a->last_n;
    live->refused_count = a->refused_count;
    memcpy(live->refused, a->refused, sizeof live->refused);
    send_down(w, c, live);
    c->joined = true;
}

/* Beside what the client does live: an event of the log is to be taken back. Nobody waits for the
 * answer. */
static void submit_revert(struct world *w, const struct client_sim *c)
{
    struct actor actor = {.member = c->member};
    const struct port_board *pb = port_board(&w->port, c->board);
    struct fault fault = {0};
    struct buf ops;
    if (pb->head.seq == 0) return;
    uint64_t seq = pb->head.seq - rng_below(&w->rng, pb->head.seq < 20 ? pb->head.seq : 20);
    const struct port_event *e = &pb->events[seq - 1];
    buf_init(&ops, MIB(4));
    struct json_out j = json_out(&ops);
    BUF_ADD(&ops, "[{\"op\":\"event.revert\",\"record\":");
    json_array_begin(&j);
    json_str(&j, e->public_json);
    json_str(&j, e->old_json);
    json_array_end(&j);
    BUF_ADD(&ops, "}]");
    struct command *command = command_new(c->board, &actor);
    enum err err = command_decode(command, buf_slice(&ops), true, &fault);
    SIM_CHECK(w, err == ERR_OK, "a record of the log is not one to take back");
    buf_fini(&ops);
    server_ask(w, c, command);
}

/* Likewise: a list is copied, as the server has it now. */
static void submit_copy(struct world *w, const struct client_sim *c)
{
    struct actor actor = {.member = c->member};
    const struct board *b = engine_board(w->engine, c->board);
    const struct siblings *lists = b == NULL ? NULL : board_children(b, KIND_LIST, c->board);
    struct fault fault = {0};
    struct buf ops;
    if (lists == NULL || lists->count == 0) return;
    buf_init(&ops, MIB(4));
    struct json_out j = json_out(&ops);
    BUF_ADD(&ops, "[{\"op\":\"list.copy\",\"objects\":");
    json_array_begin(&j);
    struct list_copy copy = {.b = b,
            .source = lists->at[rng_below(&w->rng, lists->count)]->id,
            .root = id_make(1700000002u, rng_next(&w->rng)),
            .name = SLICE("Copy"),
            .j = &j};
    list_copy_write(&copy);
    json_array_end(&j);
    BUF_ADD(&ops, ",\"pos\":\"top\"}]");
    if (copy.count <= COPY_OBJECTS_MAX && ops.len <= COPY_BYTES_MAX) {
        struct command *command = command_new(c->board, &actor);
        enum err err = command_decode(command, buf_slice(&ops), true, &fault);
        SIM_CHECK(w, err == ERR_OK, "a copy is not one to add");
        server_ask(w, c, command);
    }
    buf_fini(&ops);
}

static void submit_op(struct world *w, struct client_sim *c, struct message *m)
{
    struct actor actor = {.member = c->member};
    struct command *command = command_new(c->board, &actor);
    struct fault fault = {0};
    command->cl = arena_dup(&command->arena,
            slice_cstr(c->hostile && c->stolen_cl[0] != '\0' ? c->stolen_cl : c->cl));
    command->n = m->n;
    command->base = m->base;
    enum err err = command_decode(command, m->text, false, &fault);
    if (err) {
        SIM_CHECK(w, err == ERR_INVALID || err == ERR_TOO_LARGE, fault.wrong);
        struct fault *unfit = ARENA_NEW(&command->arena, struct fault);
        *unfit = fault;
        command->unfit = unfit;
    }
    server_submit(w, c, command);
    if (rng_chance(&w->rng, 4)) submit_revert(w, c);
    if (rng_chance(&w->rng, 1)) submit_copy(w, c);
}

static void submit(struct world *w, struct command *command, uintptr_t origin)
{
    command->context = (void *)origin;
    w->commands++;
    engine_submit(w->engine, command, w->now);
    ask_turn(w);
}

void server_submit(struct world *w, struct client_sim *c, struct command *command)
{
    submit(w, command, c->index + 1 + (c->generation << 8));
}

void server_ask(struct world *w, const struct client_sim *c, struct command *command)
{
    submit(w, command, c->index + 1 + ((uint64_t)UINT32_MAX << 8));
}

void server_attach(struct world *w, struct client_sim *c, struct message *m)
{
    struct attach *a = MEM_NEW(struct attach);
    arena_init(&a->arena, KIB(1), KIB(64));
    a->board = c->board;
    a->actor.member = c->member;
    a->cl = arena_dup(&a->arena, slice_cstr(c->cl));
    a->loop = (uint32_t)(c->index % 4);
    m->client = c->index;
    m->generation = c->generation;
    a->context = m;
    engine_attach(w->engine, a, w->now);
    ask_turn(w);
}

static void message_run(struct world *w, struct client_sim *c, struct message *m)
{
    switch (m->type) {
    case MESSAGE_OP:
        submit_op(w, c, m);
        message_free(m);
        break;
    case MESSAGE_SUB: server_attach(w, c, m); break;
    case MESSAGE_TEXT: wire_message(w, c, m); break;
    case MESSAGE_CLOSE:
        message_free(m);
        conn_close(w, c);
        break;
    case MESSAGE_SNAPSHOT:
    case MESSAGE_EVENT:
    case MESSAGE_LIVE:
    case MESSAGE_DUP:
    case MESSAGE_REJ:
    case MESSAGE_FORBIDDEN: CHECK(false); break;
    }
}

/* Is this connection not read for now? */
static bool is_paused(const struct world *w, const struct client_sim *c)
{
    return w->paused[board_index(w, c->board)] || c->unanswered >= CONN_COMMANDS_MAX;
}

/* Commands for a board whose queue is full stay in their connection, unread; of a page, whatever
 * it sends. */
void server_message(struct world *w, struct client_sim *c, struct message *m)
{
    bool waits = c->shipped || m->type == MESSAGE_OP;
    if (waits && (c->held != NULL || is_paused(w, c))) {
        m->next = NULL;
        if (c->held_last != NULL)
            c->held_last->next = m;
        else
            c->held = m;
        c->held_last = m;
        return;
    }
    message_run(w, c, m);
}

static void release_one(struct world *w, struct client_sim *c)
{
    while (c->held != NULL && !is_paused(w, c)) {
        struct message *m = c->held;
        c->held = m->next;
        if (c->held == NULL) c->held_last = NULL;
        message_run(w, c, m);
    }
}

static void release(struct world *w, size_t board)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (id_eq(w->clients[i].board, w->boards[board])) release_one(w, &w->clients[i]);
}

/* -- what the engine says */

static void check_answer(struct world *w, const struct command *c)
{
    const struct port_board *pb = port_board(&w->port, c->board);
    struct port_client *row;
    char key[ID_BYTES + CLIENT_ID_CHARS_MAX] = {0};
    memcpy(key, c->actor.member.bytes, ID_BYTES);
    if (c->cl.len > 0) memcpy(key + ID_BYTES, c->cl.ptr, c->cl.len);
    HASH_FIND(hh, pb->clients, key, sizeof key, row);
    SIM_CHECK(w, c->at <= pb->head.seq, "I1: answered before what it depends on is durable");
    switch (c->verdict) {
    case VERDICT_NONE: SIM_CHECK(w, false, "I9: answered without a verdict"); break;
    case VERDICT_ACCEPTED:
        w->counts.accepted++;
        w->counts.reverts += c->op_count == 1 && c->ops[0].name == OP_REVERT;
        w->counts.transfers += c->op_count == 1 && c->ops[0].name == OP_CARD_TRANSFER;
        SIM_CHECK(w, c->seq >= 1 && c->seq <= pb->head.seq, "I1: accepted but not durable");
        SIM_CHECK(w, pb->events[c->seq - 1].h == c->position.h,
                "I1: accepted, but another event is stored");
        SIM_CHECK(w, c->cl.len == 0 || (row != NULL && row->row.last_n >= c->n),
                "I1: accepted, but its number is not stored");
        break;
    case VERDICT_DUPLICATE:
        w->counts.duplicates++;
        SIM_CHECK(w, row != NULL && row->row.last_n >= c->n, "I1: a duplicate of nothing durable");
        break;
    case VERDICT_REJECTED:
        w->counts.rejected++;
        SIM_CHECK(w,
                c->fault.err != ERR_OK && c->fault.wrong[0] != '\0' && c->fault.expected[0] != '\0',
                "a refusal says what was wrong and expected");
        break;
    case VERDICT_UNKNOWN: w->counts.unknown++; break;
    }
}

static void answer_conn(struct world *w, struct client_sim *client, struct command *c)
{
    struct message *m;
    switch (c->verdict) {
    case VERDICT_NONE:
    case VERDICT_ACCEPTED: return; /* the event is the acknowledgement */
    case VERDICT_UNKNOWN: conn_close_code(w, client, 1011); return;
    case VERDICT_DUPLICATE:
    case VERDICT_REJECTED: break;
    }
    if (client->shipped) {
        wire_answer(w, client, c);
        return;
    }
    m = message_new(c->verdict == VERDICT_REJECTED ? MESSAGE_REJ : MESSAGE_DUP, (struct slice){0});
    m->n = c->n;
    m->refused_count = c->verdict == VERDICT_REJECTED ? 0 : c->refused_count;
    memcpy(m->refused, c->refused, sizeof m->refused);
    send_down(w, client, m);
}

static void answer(void *context, struct command *c)
{
    struct world *w = context;
    uintptr_t origin = (uintptr_t)c->context;
    w->counts.answers++;
    check_answer(w, c);
    if (origin == 0) {
        /* a server that came back may not be able to read the directory at once */
        bool unread = w->counts.crashes > 0 && c->fault.err == ERR_STORAGE;
        /* a member of the workspace already, or none any more */
        bool there = c->ops[0].kind == KIND_ORGANIZATION && c->ops[0].name != OP_ORG_CREATE;
        if (c->verdict != VERDICT_ACCEPTED && !unread && !there)
            world_fail(w, "setup", c->fault.wrong);
        command_free(c);
        return;
    }
    SIM_CHECK(w, w->commands > 0, "I9: more answers than commands");
    w->commands--;
    struct client_sim *client = &w->clients[(origin & 0xff) - 1];
    bool heard = client->generation == origin >> 8;
    w->counts.sent += heard && client->shipped && c->verdict == VERDICT_ACCEPTED &&
                      c->op_count == 1 && c->ops[0].name == OP_CARD_TRANSFER;
    if (heard) answer_conn(w, client, c);
    if (client->shipped && client->generation == origin >> 8) {
        CHECK(client->unanswered > 0);
        client->unanswered--;
        release_one(w, client);
    }
    call_judged(w, c);
    command_free(c);
}

static void publish(void *context, struct id board, uint64_t loops, const struct event *e)
{
    struct world *w = context;
    size_t b = board_index(w, board);
    const struct port_board *pb = port_board(&w->port, board);
    if (b == BOARDS) return; /* the directory */
    w->counts.events++;
    SIM_CHECK(w, e->seq <= pb->head.seq, "I1: published before it is durable");
    SIM_CHECK(w, slice_eq(pb->events[e->seq - 1].public_json, e->public_json),
            "I1: published is not what is stored");
    SIM_CHECK(w, pb->events[e->seq - 1].h == hash_head(e->chain), "I1: published with another h");
    SIM_CHECK(w, w->published[b] == 0 || e->seq == w->published[b] + 1,
            "I2: a gap in what is published");
    w->published[b] = e->seq;
    for (size_t i = 0; i < SLOTS; i++) {
        struct client_sim *c = &w->clients[i];
        if (!c->joined || !id_eq(c->board, board) || e->seq < c->cursor) continue;
        SIM_CHECK(w, loops >> (i % 4) & 1, "a follower's loop is not in the mask");
        check_visitor(w, c, e);
        send_event(w, c, e->public_json, e->seq);
    }
    for (const char *at = e->public_json.ptr; at + 5 < e->public_json.ptr + e->public_json.len;
            at++)
        if (memcmp(at, "\"ow\":", 5) == 0) w->counts.overwrites++;
}

static void barrier(void *context, struct id board, uint64_t loops, struct id member, uint64_t seq)
{
    struct world *w = context;
    size_t b = board_index(w, board);
    (void)loops;
    w->counts.barriers++;
    SIM_CHECK(w, w->published[b] == 0 || w->published[b] < seq, "I10: a barrier after its event");
    for (size_t i = 0; i < SLOTS; i++) {
        struct client_sim *c = &w->clients[i];
        if (!c->attached || !id_eq(c->board, board) || !id_eq(c->member, member)) continue;
        if (c->forbidden) continue;
        if (!c->joined || c->cursor >= seq) { /* nothing beyond seq - 1 may follow */
            c->joined = false;
            forbid(w, c, ERR_FORBIDDEN);
        }
    }
}

static void attached(void *context, struct attach *a)
{
    struct world *w = context;
    struct message *sub = a->context;
    struct client_sim *c = &w->clients[sub->client];
    bool current = !c->shipped || (c->round == sub->round && !c->forbidden);
    if (c->generation == sub->generation && current) {
        if (a->err == ERR_OK) {
            c->attached = true;
            join(w, c, a, sub);
        } else if (a->err == ERR_NOT_FOUND) {
            forbid(w, c, ERR_NOT_FOUND);
        } else if (c->shipped) {
            wire_failed(w, c, a->err);
        } else {
            conn_close(w, c);
        }
    }
    message_free(sub);
    arena_fini(&a->arena);
    mem_free(a);
}

/* -- the port's answers */

static void answer_batch(struct world *w, void *thing, uint64_t life)
{
    struct batch *batch = thing;
    if (life != w->life) return; /* the server died: another batch may lie where this one was */
    for (size_t i = 0; i < w->flying_count; i++) {
        if (w->flying[i] != batch) continue;
        w->flying[i] = w->flying[--w->flying_count];
        engine_answer(w->engine, batch, w->now);
        ask_turn(w);
        return;
    }
}

/* The moment of truth: what is stored now is durable, whoever learns of it and when. */
static void decide(struct world *w, void *thing, uint64_t life)
{
    struct batch *batch = thing;
    bool ours = false;
    if (life != w->life) return;
    for (size_t i = 0; i < w->flying_count; i++)
        ours = ours || w->flying[i] == batch;
    CHECK(ours);
    uint64_t dice =
            w->calm || board_index(w, batch->board) == BOARDS ? 99 : rng_below(&w->rng, 100);
    batch->answer = OPLOG_COMMITTED;
    if (dice < 5 && port_board(&w->port, batch->board)->exists) {
        uint64_t whose = batch->twin == NULL ? 0 : rng_below(&w->rng, 3); /* of one, or of both */
        batch->answer = OPLOG_VOID;
        if (whose != 1) port_win(&w->port, &w->rng, batch);
        if (whose != 0) port_win(&w->port, &w->rng, batch->twin);
        w->counts.voids++;
    } else if (dice < 8) {
        batch->answer = OPLOG_REFUSED;
        batch->err = rng_chance(&w->rng, 50) ? ERR_STORAGE : ERR_READ_ONLY;
        w->counts.refusals++;
    } else if (dice < 12) {
        batch->answer = OPLOG_UNKNOWN;
        if (dice < 10) port_store(&w->port, batch);
        w->counts.unknowns++;
    } else if (!port_store(&w->port, batch)) {
        batch->answer = OPLOG_REFUSED;
        w->counts.exists++;
    }
    world_at(w, (int64_t)rng_below(&w->rng, 40), answer_batch, batch, life);
}

static bool flies(const struct world *w, struct id board)
{
    for (size_t i = 0; i < w->flying_count; i++) {
        const struct batch *b = w->flying[i];
        if (id_eq(b->board, board) || (b->twin != NULL && id_eq(b->twin->board, board)))
            return true;
    }
    return false;
}

static void append(void *context, struct batch *batch)
{
    struct world *w = context;
    CHECK(w->flying_count < ARRAY_COUNT(w->flying));
    SIM_CHECK(w, !flies(w, batch->board) && (batch->twin == NULL || !flies(w, batch->twin->board)),
            "two batches of one board in flight");
    w->flying[w->flying_count++] = batch;
    world_at(w, 1 + (int64_t)rng_below(&w->rng, 20), decide, batch, w->life);
}

static void loaded(struct world *w, void *thing, uint64_t life)
{
    struct load_wish *wish = thing;
    if (life == w->life) {
        struct board_load load = {.board = wish->board, .after = wish->after};
        if (!w->calm && rng_chance(&w->rng, 3)) {
            load.err = ERR_STORAGE;
        } else {
            port_load(&w->port, &load);
            if (load.err == ERR_NOT_FOUND)
                SIM_CHECK(w, !port_board(&w->port, wish->board)->exists, "load");
        }
        engine_loaded(w->engine, &load, w->now);
        board_load_fini(&load);
        ask_turn(w);
    }
    mem_free(wish);
}

static void load(void *context, struct id board, uint64_t after)
{
    struct world *w = context;
    struct load_wish *wish = MEM_NEW(struct load_wish);
    *wish = (struct load_wish){.board = board, .after = after};
    w->counts.loads++;
    world_at(w, (int64_t)rng_below(&w->rng, 20), loaded, wish, w->life);
}

static void text_loaded(struct world *w, void *thing, uint64_t life)
{
    struct load_wish *wish = thing;
    if (life == w->life) {
        struct port_board *pb = port_board(&w->port, wish->board);
        struct port_text *t;
        char key[1 + ID_BYTES] = {(char)wish->field};
        memcpy(key + 1, wish->id.bytes, ID_BYTES);
        HASH_FIND(hh, pb->texts, key, sizeof key, t);
        struct text_read read = {.board = wish->board, .id = wish->id, .field = wish->field};
        if (!w->calm && rng_chance(&w->rng, 3))
            read.err = ERR_CORRUPT;
        else if (t == NULL)
            read.err = ERR_NOT_FOUND;
        if (t != NULL) {
            read.s = t->s;
            read.text = t->text;
        }
        engine_text(w->engine, &read, w->now);
        ask_turn(w);
    }
    mem_free(wish);
}

static void load_text(void *context, struct id board, struct id id, enum field field)
{
    struct world *w = context;
    struct load_wish *wish = MEM_NEW(struct load_wish);
    *wish = (struct load_wish){.board = board, .id = id, .field = field};
    w->counts.texts++;
    world_at(w, (int64_t)rng_below(&w->rng, 10), text_loaded, wish, w->life);
}

static void pause(void *context, struct id board, bool on)
{
    struct world *w = context;
    size_t b = board_index(w, board);
    if (b == BOARDS) return;
    SIM_CHECK(w, w->paused[b] != on, "paused twice");
    w->paused[b] = on;
    w->counts.pauses += on;
    if (!on) release(w, b);
}

/* -- life and death */

void server_start(struct world *w)
{
    static const struct engine_out out = {.answer = answer,
            .publish = publish,
            .barrier = barrier,
            .attached = attached,
            .append = append,
            .load = load,
            .load_text = load_text,
            .pause = pause};
    w->engine = engine_new(&out, w);
    w->commands = 0;
    memset(w->paused, 0, sizeof w->paused);
    memset(w->published, 0, sizeof w->published);
    ask_turn(w);
}

void server_crash(struct world *w)
{
    for (size_t i = 0; i < SLOTS; i++)
        conn_close(w, &w->clients[i]);
    w->life++;
    w->counts.crashes++;
    engine_free(w->engine);
    for (size_t i = 0; i < w->flying_count; i++)
        batch_free(w->flying[i]);
    w->flying_count = 0;
    calls_lost(w);
    server_start(w);
}

void server_setup(struct world *w, struct id board, struct actor actor, const char *ops)
{
    struct fault fault = {0};
    struct command *c = command_new(board, &actor);
    enum err err = command_decode(c, slice_cstr(ops), true, &fault);
    if (err) world_fail(w, "setup", fault.wrong);
    engine_submit(w->engine, c, w->now);
    ask_turn(w);
}
