/* fuzz_engine.c - whatever is asked, and whatever the store answers, the engine gives one verdict a
 * command and keeps what was committed.
 *
 * A line is one command: who (a an admin, b a member, e a stranger, else the system), what becomes
 * of its batch (r refused, u unknown, else committed), and its ops as JSON, or #N to take event N
 * back. Beside the engine stands a follower that hears only committed events:
 *
 *   P1 every event decodes and applies     P2 the follower has what the engine has, after every
 *   batch, refused ones included           P5 taken back from the end, each state comes again */
#include "tests/fuzz/fuzz.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/engine.h"

#define NOW       INT64_C(1700000000000)
#define LINES_MAX 48
#define EVENTS    (LINES_MAX + 8)

static const struct id board_id = {{1}};
static const struct id people[] = {{{0x65, 1}}, {{0x65, 2}}, {{0x65, 3}}};

struct record {
    struct slice public_json, old_json;
    uint64_t text; /* hash of the board's text behind it */
};

static struct stage {
    struct engine *engine;
    struct board *follower;
    struct board_head stored; /* as the last commit left it */
    struct batch *batch;      /* appended, not answered */
    struct record log[EVENTS];
    struct arena arena;
    uint64_t sent, answered, load_after;
    bool load_asked, behind;
} stage;

static uint64_t text_of(const struct board *b)
{
    struct buf text;
    buf_init(&text, MIB(64));
    struct json_out j = json_out(&text);
    board_objects_write(b, KIND_LIMIT, &j);
    uint64_t hash = hash64(buf_slice(&text), 0);
    buf_fini(&text);
    return hash;
}

/* -- what the engine says */

static void take_answer(void *context, struct command *c)
{
    (void)context;
    CHECK(c->verdict == VERDICT_ACCEPTED || c->verdict == VERDICT_REJECTED ||
            c->verdict == VERDICT_UNKNOWN);
    CHECK(IMPLIES(c->verdict == VERDICT_REJECTED,
            c->fault.wrong[0] != '\0' && c->fault.expected[0] != '\0'));
    stage.answered++;
    command_free(c);
}

static void take_event(void *context, struct id board, uint64_t loops, const struct event *event)
{
    (void)context, (void)loops;
    CHECK(id_is_none(board) || event->seq <= stage.follower->head.seq);
}

static void take_barrier(
        void *context, struct id board, uint64_t loops, struct id member, uint64_t seq)
{
    (void)context, (void)board, (void)loops, (void)member, (void)seq;
}

static void take_attach(void *context, struct attach *attach)
{
    (void)context, (void)attach;
    UNREACHABLE(); /* nobody asked */
}

static void take_batch(void *context, struct batch *batch)
{
    (void)context;
    CHECK(stage.batch == NULL && batch->answer == OPLOG_PENDING);
    stage.batch = batch;
}

static void take_load(void *context, struct id board, uint64_t after)
{
    (void)context;
    if (!id_eq(board, board_id)) {
        struct board_load none = {.board = board, .err = ERR_NOT_FOUND};
        engine_loaded(stage.engine, &none, NOW);
        return;
    }
    stage.load_asked = true;
    stage.load_after = after;
}

static void take_text_wish(void *context, struct id board, struct id id, enum field field)
{
    (void)context;
    CHECK(id_eq(board, board_id));
    const struct doc *doc = board_doc(stage.follower, id, field);
    struct text_read read = {
            .board = board, .id = id, .field = field, .err = doc == NULL ? ERR_NOT_FOUND : ERR_OK};
    if (doc != NULL) {
        read.s = doc->s;
        read.text = doc->text;
    }
    engine_text(stage.engine, &read, NOW);
}

static void take_pause(void *context, struct id board, bool on)
{
    (void)context, (void)board, (void)on;
}

/* -- the store */

/* The state as it is stored: without texts, each object with its sum. */
static struct board *stored_board(struct arena *a)
{
    struct board *b = board_new(board_id);
    struct buf text;
    buf_init(&text, MIB(1));
    b->head = stage.stored;
    for (struct object *o = stage.follower->objects; o != NULL; o = o->hh.next) {
        struct object *copy;
        buf_clear(&text);
        object_write(o, &text);
        CHECK(object_read(o->kind, a, buf_slice(&text), &copy, NULL) == ERR_OK);
        copy->sum = entity_sum(o->kind, o->id, buf_slice(&text));
        board_fill(b, copy);
    }
    board_fill_end(b);
    buf_fini(&text);
    return b;
}

static void serve_load(void)
{
    struct board_load load = {.board = board_id, .after = stage.load_after};
    arena_init(&load.arena, KIB(16), MIB(64));
    stage.load_asked = stage.behind = false;
    if (stage.follower->head.seq == 0) {
        load.err = ERR_NOT_FOUND;
    } else {
        load.state = stored_board(&load.arena);
        struct event **link = &load.events;
        for (uint64_t s = stage.load_after + 1; s != 0 && s <= stage.stored.seq; s++) {
            *link = ARENA_NEW(&load.arena, struct event);
            (*link)->seq = s;
            (*link)->public_json = stage.log[s].public_json;
            link = &(*link)->next;
        }
    }
    engine_loaded(stage.engine, &load, NOW);
    board_load_fini(&load);
}

static void follow(const struct event *sealed)
{
    struct event e = {0};
    struct slice none = {0};
    struct record *r = &stage.log[sealed->seq];
    CHECK(sealed->seq == stage.follower->head.seq + 1 && sealed->seq < EVENTS);
    r->public_json = arena_dup(&stage.arena, sealed->public_json);
    r->old_json = arena_dup(&stage.arena, sealed->old_json);
    CHECK(event_decode(&stage.arena, r->public_json, none, &e, NULL) == ERR_OK);
    for (uint32_t i = 0; i < e.effect_count; i++) {
        const struct effect *fx = &e.effects[i];
        if (fx->form == EFFECT_TXT && board_doc(stage.follower, fx->ids[0], fx->field) == NULL)
            board_doc_put(stage.follower, fx->ids[0], fx->field, 0, none); /* it was empty so far */
    }
    event_apply(stage.follower, &e, &stage.arena);
    e.chain = sealed->chain;
    event_follow(stage.follower, &e);
    event_fini(&e);
    r->text = text_of(stage.follower);
}

static void answer(struct batch *batch, enum oplog_answer what)
{
    bool board = id_eq(batch->board, board_id);
    stage.batch = NULL;
    batch->answer = board ? what : OPLOG_COMMITTED;
    if (batch->after.number == 0) batch->after.number = 7;
    if (what == OPLOG_REFUSED) batch->err = ERR_STORAGE;
    if (board && what == OPLOG_UNKNOWN) stage.behind = true;
    if (board && what != OPLOG_REFUSED) {
        for (const struct event *e = batch->events; e != NULL; e = e->next)
            follow(e);
        stage.stored = batch->after;
    }
    engine_answer(stage.engine, batch, NOW);
}

/* Until nothing is left to do. The board answers as asked the first time, then commits. */
static void settle(enum oplog_answer what)
{
    for (int i = 0; i < 40 && !(i > 3 && engine_idle(stage.engine)); i++) {
        engine_turn(stage.engine, NOW + i * 1000);
        if (stage.load_asked) serve_load();
        if (stage.batch == NULL) continue;
        bool board = id_eq(stage.batch->board, board_id);
        answer(stage.batch, what);
        if (board) what = OPLOG_COMMITTED;
    }
    CHECK(stage.sent == stage.answered && stage.batch == NULL);
    const struct board *b = engine_board(stage.engine, board_id);
    /* After an unknown answer the engine has what it followed so far, until it loads again. */
    if (b != NULL && !stage.behind) CHECK(text_of(b) == text_of(stage.follower));
}

/* -- the people */

static void ask(struct id board, const struct actor *actor, bool internal, struct slice ops)
{
    struct command *c = command_new(board, actor);
    struct fault fault = {0};
    if (command_decode(c, ops, internal, &fault) != ERR_OK) {
        command_free(c);
        return;
    }
    stage.sent++;
    engine_submit(stage.engine, c, NOW);
}

static void ask_back(const struct actor *who, struct slice number)
{
    uint64_t seq;
    struct buf ops;
    if (!slice_to_u64(number, &seq) || seq == 0 || seq > stage.follower->head.seq) return;
    buf_init(&ops, MIB(4));
    buf_add_format(&ops, "[{\"op\":\"event.revert\",\"record\":[%.*s,%.*s]}]",
            SLICE_ARG(stage.log[seq].public_json), SLICE_ARG(stage.log[seq].old_json));
    ask(board_id, who, true, buf_slice(&ops));
    buf_fini(&ops);
}

static struct actor actor_of(char c)
{
    switch (c) {
    case 'a': return (struct actor){.member = people[0]};
    case 'b': return (struct actor){.member = people[1]};
    case 'e': return (struct actor){.member = people[2]};
    default: return (struct actor){.system = true};
    }
}

static void setup(void)
{
    static const struct engine_out out = {take_answer, take_event, take_barrier, take_attach,
            take_batch, take_load, take_text_wish, take_pause};
    const struct actor system = {.system = true}, admin = {.member = people[0]};
    char text[256], id[ID_TEXT + 1];
    memset(&stage, 0, sizeof stage);
    arena_init(&stage.arena, KIB(64), MIB(256));
    stage.follower = board_new(board_id);
    stage.engine = engine_new(&out, NULL);
    engine_turn(stage.engine, NOW);
    for (size_t i = 0; i < 3; i++) {
        id_format(people[i], id);
        snprintf(text, sizeof text,
                "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Some One\"}]", id);
        ask(DIRECTORY_ID, &system, true, slice_cstr(text));
        settle(OPLOG_COMMITTED);
    }
    ask(board_id, &admin, false, SLICE("[{\"op\":\"board.create\",\"name\":\"Home\"}]"));
    settle(OPLOG_COMMITTED);
    ask(board_id, &admin, false,
            SLICE("[{\"op\":\"member.add\",\"idMember\":\"650200000000000000000000\",\"role\":"
                  "\"normal\"},{\"op\":\"list.create\",\"id\":\"100000000000000000000000\","
                  "\"name\":\"One\"},{\"op\":\"card.create\",\"id\":\"400000000000000000000000\","
                  "\"idList\":\"100000000000000000000000\",\"name\":\"Milk\"}]"));
    settle(OPLOG_COMMITTED);
    CHECK(stage.follower->head.seq == 2);
}

/* From the newest to the oldest, each by what it replaced. */
static void take_all_back(void)
{
    struct arena arena;
    struct board *b = stored_board(&stage.arena);
    arena_init(&arena, KIB(64), MIB(256));
    for (uint64_t s = b->head.seq; s > 1; s--) {
        struct event e = {0};
        CHECK(text_of(b) == stage.log[s].text);
        CHECK(event_decode(&arena, stage.log[s].public_json, stage.log[s].old_json, &e, NULL) ==
                ERR_OK);
        event_unapply(b, &e, &arena);
        event_fini(&e);
    }
    CHECK(text_of(b) == stage.log[1].text);
    arena_fini(&arena);
    board_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size}, line;
    static bool started;
    if (!started) json_start();
    started = true;
    setup();
    for (int i = 0; i < LINES_MAX && slice_cut(&rest, '\n', &line); i++) {
        if (line.len < 3) continue;
        char becomes = line.ptr[1];
        struct actor who = actor_of(line.ptr[0]);
        if (line.ptr[2] == '#')
            ask_back(&who, slice_from(line, 3));
        else
            ask(board_id, &who, who.system, slice_from(line, 2));
        settle(becomes == 'r'   ? OPLOG_REFUSED
                : becomes == 'u' ? OPLOG_UNKNOWN
                                 : OPLOG_COMMITTED);
    }
    take_all_back();
    engine_free(stage.engine);
    board_free(stage.follower);
    arena_fini(&stage.arena);
    return 0;
}
