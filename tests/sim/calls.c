/* What pages ask over HTTP, beside their live connection: a whole board, where cards may go, and
 * to have cards back that went. Requests and answers are lost on the way, and a server that dies
 * takes what it was asked with it: then a page does not know what became of it.
 *
 *   page --request--> call_begin .. answered from what is stored ------------------> page_answer
 *                       |                                                               ^
 *                       +-- a change: command --> engine --verdict--> call_judged ------+ */
#include "core/base/json.h"
#include "core/base/json_write.h"
#include "tests/sim/sim.h"

#define LOST 0 /* the status of no answer */

struct call {
    struct call *next; /* of those with the engine */
    struct page *page;
    uint64_t life, request;
    struct buf asked; /* method, path, body */
    const struct command *command;
    struct id card;
    bool moved; /* across boards, by this call */
    unsigned status;
    struct buf text;
};

static struct client_sim *asker(struct world *w, const struct call *call)
{
    return &w->clients[call->page->client];
}

static void call_arrives(struct world *w, void *thing, uint64_t number)
{
    struct call *call = thing;
    (void)number;
    page_answer(w, call->page, call->life, call->request, call->status, buf_slice(&call->text));
    buf_fini(&call->asked);
    buf_fini(&call->text);
    mem_free(call);
}

static void call_end(struct world *w, struct call *call, unsigned status)
{
    bool lost = !w->calm && rng_chance(&w->rng, 5);
    call->status = lost ? LOST : status;
    world_at(w, (int64_t)rng_below(&w->rng, 80), call_arrives, call, 0);
}

/* -- reading */

static unsigned read_state(struct world *w, struct call *call)
{
    if (!server_member(w, asker(w, call))) return 404;
    wire_state(w, asker(w, call)->board, &call->text);
    return 200;
}

static bool says(struct slice json, const char *member)
{
    return memmem(json.ptr, json.len, member, strlen(member)) != NULL;
}

static void put_all(struct buf *out, const struct port_board *pb, enum kind kind, const char *only)
{
    bool first = true;
    BUF_ADD(out, "[");
    for (const struct port_entity *e = pb->entities; e != NULL; e = e->hh.next) {
        if (e->key[0] != (char)kind || !says(e->json, only)) continue;
        if (!first) BUF_ADD(out, ",");
        buf_add(out, e->json);
        first = false;
    }
    BUF_ADD(out, "]");
}

/* Open boards that this person is on, with their open lists and who else is. */
static unsigned read_boards(struct world *w, struct call *call)
{
    char id[ID_TEXT + 1];
    bool first = true;
    BUF_ADD(&call->text, "[");
    for (size_t i = 0; i < BOARDS; i++) {
        const struct port_board *pb = port_board(&w->port, w->boards[i]);
        struct board *b = port_state(&w->port, w->boards[i]);
        struct object *self = board_self(b);
        bool shown = board_role(b, asker(w, call)->member) != ROLE_NONE && self != NULL &&
                     !object_value(self, F_BOARD_CLOSED)->boolean;
        board_free(b);
        if (!shown) continue;
        id_format(w->boards[i], id);
        buf_add_format(&call->text,
                "%s{\"id\":\"%s\",\"name\":\"Board %zu\",\"shortLink\":\"\",\"lists\":",
                first ? "" : ",", id, i);
        put_all(&call->text, pb, KIND_LIST, "\"closed\":false");
        BUF_ADD(&call->text, ",\"memberships\":");
        put_all(&call->text, pb, KIND_MEMBERSHIP, "");
        BUF_ADD(&call->text, "}");
        first = false;
    }
    BUF_ADD(&call->text, "]");
    return 200;
}

static struct id board_of(struct world *w, struct id id) /* the none id: nothing has that id */
{
    struct port_id *known;
    HASH_FIND(hh, w->port.ids, &id, sizeof id, known);
    return known == NULL ? (struct id){0} : known->board;
}

static unsigned read_cards(struct world *w, struct call *call, struct id list)
{
    struct id board = board_of(w, list);
    char id[ID_TEXT + 1];
    bool first = true;
    if (board_index(w, board) == BOARDS) return 404;
    struct board *b = port_state(&w->port, board);
    bool may = board_role(b, asker(w, call)->member) != ROLE_NONE;
    const struct siblings *cards = board_children(b, KIND_CARD, list);
    BUF_ADD(&call->text, "[");
    for (size_t i = 0; may && cards != NULL && i < cards->count; i++) {
        if (object_value(cards->at[i], F_CARD_CLOSED)->boolean) continue;
        id_format(cards->at[i]->id, id);
        buf_add_format(&call->text, "%s{\"id\":\"%s\"}", first ? "" : ",", id);
        first = false;
    }
    BUF_ADD(&call->text, "]");
    board_free(b);
    return may ? 200 : 404;
}

/* -- a card that comes back: to its board as one message, then its place, labels and people */

static void put_op(struct json_out *j, const char *op, struct id card)
{
    json_object_begin(j);
    JSON_KEY(j, "op");
    json_str(j, slice_cstr(op));
    JSON_KEY(j, "id");
    json_id(j, card);
}

static void put_member(struct json_out *j, const json_t *body, const char *name)
{
    json_key(j, slice_cstr(name));
    json_tree(j, json_object_get(body, name));
}

static void put_tag(struct json_out *j, const char *op, struct id card, struct id element, bool on)
{
    put_op(j, op, card);
    JSON_KEY(j, "element");
    json_id(j, element);
    JSON_KEY(j, "on");
    json_bool(j, on);
    json_object_end(j);
}

/* The whole set given: what is missing is put in, what is too much is taken out. */
static void put_set(struct json_out *j, const char *op, struct id card, const json_t *wanted,
        const struct value *have)
{
    struct value want = {.type = VALUE_SET};
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        struct id id;
        CHECK(id_parse(json_slice(json_array_get(wanted, i)), &id));
        if (value_set_put(&want, id, true) && !value_set_has(have, id))
            put_tag(j, op, card, id, true);
    }
    for (uint32_t i = 0; have->set != NULL && i < have->set->count; i++)
        if (!value_set_has(&want, have->set->ids[i]))
            put_tag(j, op, card, have->set->ids[i], false);
    value_fini(&want);
}

static void put_ops(
        struct world *w, struct call *call, struct id board, const json_t *body, struct json_out *j)
{
    struct slice wanted;
    struct id home = {0};
    CHECK(json_get_slice(body, "idBoard", &wanted) && id_parse(wanted, &home));
    bool away = !id_eq(home, board);
    struct board *b = port_state(&w->port, board);
    struct object *card = board_get(b, KIND_CARD, call->card);
    json_array_begin(j);
    if (away || !call->moved) {
        put_op(j, away ? "card.transfer" : "card.move", call->card);
        if (away) put_member(j, body, "idBoard");
        put_member(j, body, "idList");
        put_member(j, body, "pos");
        json_object_end(j);
    }
    if (!away && card != NULL) {
        put_set(j, "card.label", call->card, json_object_get(body, "idLabels"),
                object_value(card, F_CARD_ID_LABELS));
        put_set(j, "card.member", call->card, json_object_get(body, "idMembers"),
                object_value(card, F_CARD_ID_MEMBERS));
    }
    json_array_end(j);
    call->moved = away;
    board_free(b);
}

static void call_submit(struct world *w, struct call *call, struct id board, struct slice ops)
{
    struct actor actor = {.member = asker(w, call)->member};
    struct command *command = command_new(board, &actor);
    struct fault fault = {0};
    enum err err = command_decode(command, ops, false, &fault);
    if (err) {
        fault_json(&fault, &call->text);
        command_free(command);
        call_end(w, call, (unsigned)err_http(err));
        return;
    }
    call->command = command;
    call->next = w->calls;
    w->calls = call;
    server_ask(w, asker(w, call), command);
}

/* life: of the server that was asked. */
static void bring_back(struct world *w, void *thing, uint64_t life)
{
    struct call *call = thing;
    struct id board = board_of(w, call->card);
    struct slice rest = buf_slice(&call->asked), part;
    struct arena arena;
    struct buf ops;
    json_t *body;
    if (life != w->life || board_index(w, board) == BOARDS) {
        call_end(w, call, life != w->life ? LOST : 404);
        return;
    }
    CHECK(slice_cut(&rest, ' ', &part) && slice_cut(&rest, ' ', &part));
    arena_init(&arena, KIB(4), MIB(1));
    buf_init(&ops, MIB(1));
    CHECK(json_read(&arena, rest, &body, NULL) == ERR_OK);
    struct json_out j = json_out(&ops);
    put_ops(w, call, board, body, &j);
    if (slice_eq(buf_slice(&ops), SLICE("[]")))
        call_end(w, call, 200);
    else
        call_submit(w, call, board, buf_slice(&ops));
    buf_fini(&ops);
    arena_fini(&arena);
}

static void judged(struct world *w, struct call *call, const struct command *command)
{
    switch (command->verdict) {
    case VERDICT_ACCEPTED:
        w->counts.returns += call->moved;
        if (call->moved)
            world_at(w, (int64_t)rng_below(&w->rng, 20), bring_back, call, w->life);
        else
            call_end(w, call, 200);
        break;
    case VERDICT_REJECTED:
        fault_json(&command->fault, &call->text);
        call_end(w, call, (unsigned)err_http(command->fault.err));
        break;
    case VERDICT_UNKNOWN: call_end(w, call, (unsigned)err_http(ERR_UNKNOWN)); break;
    case VERDICT_NONE:
    case VERDICT_DUPLICATE: SIM_CHECK(w, false, "a verdict that no call can have"); break;
    }
}

void call_judged(struct world *w, const struct command *command)
{
    for (struct call **link = &w->calls; *link != NULL; link = &(*link)->next) {
        struct call *call = *link;
        if (call->command != command) continue;
        *link = call->next;
        call->command = NULL;
        judged(w, call, command);
        return;
    }
}

void calls_lost(struct world *w)
{
    while (w->calls != NULL) {
        struct call *call = w->calls;
        w->calls = call->next;
        call_end(w, call, LOST);
    }
}

/* -- asking */

static bool asks(struct slice *path, struct slice start)
{
    if (!slice_starts(*path, start)) return false;
    *path = slice_from(*path, start.len);
    return true;
}

static struct id asked_id(struct world *w, struct slice path)
{
    struct id id;
    SIM_CHECK(w, id_parse(slice_head(path, ID_TEXT), &id), "a page asks for what has no id");
    return id;
}

static void call_run(struct world *w, void *thing, uint64_t number)
{
    struct call *call = thing;
    struct slice path = buf_slice(&call->asked);
    (void)number;
    if (!w->calm && rng_chance(&w->rng, 15)) {
        call_end(w, call, LOST);
    } else if (asks(&path, SLICE("GET /v1/boards/"))) {
        call_end(w, call, read_state(w, call));
    } else if (asks(&path, SLICE("GET /1/members/me/boards?"))) {
        call_end(w, call, read_boards(w, call));
    } else if (asks(&path, SLICE("GET /1/lists/"))) {
        call_end(w, call, read_cards(w, call, asked_id(w, path)));
    } else {
        SIM_CHECK(w, asks(&path, SLICE("PUT /1/cards/")), "a page asks for what is not here");
        call->card = asked_id(w, path);
        bring_back(w, call, w->life);
    }
}

void call_begin(struct world *w, struct page *p, uint64_t request, struct slice asked)
{
    struct call *call = MEM_NEW(struct call);
    *call = (struct call){.page = p, .life = p->life, .request = request};
    buf_init(&call->asked, MIB(1));
    buf_init(&call->text, MIB(64));
    buf_add(&call->asked, asked);
    world_at(w, (int64_t)rng_below(&w->rng, 30), call_run, call, 0);
}
