/* People at pages of the shipped client: its modules run in one program beside this one (pipe.c),
 * every page of this world in it, and hear of time, chance and the network only from here.
 *
 *   person, timers, sockets --line--> static/test/pipe_main.ts --lines--> what came of it: here
 *
 * What the client is asked, is checked where it comes out: an op is kept before it is sent, its
 * number is never used for another; what leaves the queue was applied, refused or never sent. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/base/hash.h"
#include "core/base/json_write.h"
#include "tests/sim/sim.h"

#define TEXT_SENT 1 /* instead of a hash */

enum moves { MOVE_NONE, MOVE_ONE, MOVE_ANY }; /* what a line may do to the page's position */

static struct buf asked;    /* the line being made; one thread, one at a time */
static struct buf answered; /* the `state` it was answered with */

static void page_out(struct world *w, struct page *p, struct slice what, struct slice rest);

/* -- lines */

static struct slice word(struct slice *rest)
{
    struct slice first = *rest;
    if (slice_cut(rest, ' ', &first)) return first;
    *rest = slice_from(*rest, rest->len);
    return first;
}

static uint64_t word_u64(struct world *w, struct slice *rest)
{
    uint64_t value = 0;
    SIM_CHECK(w, slice_to_u64(word(rest), &value), "a line of the pipe has no number there");
    return value;
}

static struct client_sim *person(struct world *w, const struct page *p)
{
    return &w->clients[p->client];
}

static bool tracing;

void pages_trace(bool on)
{
    tracing = on;
}

static void traffic(struct world *w, struct slice line)
{
    bool in = slice_ends(line, SLICE("\n"));
    if (tracing) printf("%s %.*s%s", in ? ">" : "  <", SLICE_ARG(line), in ? "" : "\n");
    w->counts.lines++;
    w->counts.traffic = hash64(line, w->counts.traffic);
}

__attribute__((format(printf, 4, 5))) static void line_begin(
        struct world *w, const struct page *p, const char *what, const char *format, ...)
{
    char rest[512];
    va_list args;
    va_start(args, format);
    vsnprintf(rest, sizeof rest, format, args);
    va_end(args);
    if (asked.bytes_max == 0) buf_init(&asked, MIB(64));
    buf_clear(&asked);
    buf_add_format(&asked, "%s %zu %" PRId64 " %s", what, p->client, w->now, rest);
}

static void page_due(struct world *w, void *thing, uint64_t due);

static void page_done(struct world *w, struct page *p, struct slice rest)
{
    uint64_t next = word_u64(w, &rest);
    p->seq = word_u64(w, &rest);
    struct slice h = word(&rest), link = word(&rest), reason = word(&rest);
    p->waiting = word_u64(w, &rest);
    p->live = slice_eq(link, SLICE("live"));
    p->stopped = slice_eq(link, SLICE("stopped"));
    p->loaded = p->seq > 0;
    if (p->stopped)
        SIM_CHECK(w, slice_eq(reason, SLICE("forbidden")), "a page stopped for no reason");
    if (p->seq > 0) {
        const struct port_board *pb = port_board(&w->port, person(w, p)->board);
        char stored[17];
        SIM_CHECK(w, p->seq <= pb->head.seq, "I1: a page is beyond what is durable");
        snprintf(stored, sizeof stored, "%016" PRIx64, pb->events[p->seq - 1].h);
        SIM_CHECK(w, slice_eq(h, slice_cstr(stored)), "a page is at a position that never was");
    }
    if (next != 0 && (p->timer_at == 0 || (int64_t)next < p->timer_at)) {
        p->timer_at = (int64_t)next;
        world_at(w, p->timer_at > w->now ? p->timer_at - w->now : 0, page_due, p, next);
    }
}

/* Says the line that was begun, and takes in what comes of it. */
static void line_run(struct world *w, struct page *p, enum moves moves)
{
    struct slice line, what;
    uint64_t before = p->seq, life = p->life;
    buf_add_char(&asked, '\n');
    CHECK(buf_ok(&asked));
    traffic(w, buf_slice(&asked));
    SIM_CHECK(w, pipe_write(buf_slice(&asked)), "the client's program is gone");
    for (;;) {
        SIM_CHECK(w, pipe_line(&line), "the client's program is gone, or does not answer");
        traffic(w, line);
        what = word(&line);
        if (slice_eq(what, SLICE("done"))) break;
        page_out(w, p, what, line);
    }
    CHECK(p->life == life);
    page_done(w, p, line);
    if (moves == MOVE_NONE) SIM_CHECK(w, p->seq == before, "a page moved by itself");
    if (moves == MOVE_ONE)
        SIM_CHECK(w, p->seq == before || p->seq == before + 1, "I2: an event skipped by a page");
}

static void page_due(struct world *w, void *thing, uint64_t due)
{
    struct page *p = thing;
    if (p->timer_at != (int64_t)due) return; /* something earlier came up */
    p->timer_at = 0;
    if (!p->on) return;
    line_begin(w, p, "time", "%s", "");
    line_run(w, p, MOVE_NONE);
}

/* -- pages come and go */

static void page_start(struct world *w, void *thing, uint64_t other)
{
    struct page *p = thing;
    char board[ID_TEXT + 1];
    if (p->on || (w->ended && person(w, p)->banned)) return;
    p->on = true;
    p->life++;
    p->reloads++;
    p->timer_at = 0;
    person(w, p)->banned = false;
    id_format(person(w, p)->board, board);
    line_begin(w, p, "start", "%u %s %s %s", (unsigned)rng_below(&w->rng, UINT32_MAX),
            other ? "other" : "same", rng_chance(&w->rng, 50) ? "slow" : "quick", board);
    line_run(w, p, MOVE_ANY);
    if (p->reloads > 1) w->counts.reloads++;
}

/* A page closes a connection: what it sent before is lost, or comes before the end does. */
static void hang_up(struct world *w, struct client_sim *c)
{
    if (rng_chance(&w->rng, 50))
        conn_close(w, c);
    else
        send_up(w, c, message_new(MESSAGE_CLOSE, (struct slice){0}));
}

static void page_end(struct world *w, struct page *p, bool leaves)
{
    line_begin(w, p, "end", "%s", leaves ? "leave" : "kill");
    line_run(w, p, MOVE_ANY);
    p->on = p->live = false;
    p->timer_at = 0;
    for (size_t i = 0; i < SLOTS; i++) {
        struct client_sim *c = &w->clients[i];
        if (c->shipped && c->connected && c->page == p->client) hang_up(w, c);
    }
}

static void page_reload(struct world *w, struct page *p, int64_t within_ms)
{
    bool other = rng_chance(&w->rng, 25); /* a tab is closed, another opened */
    page_end(w, p, rng_chance(&w->rng, 60));
    world_at(w, (int64_t)rng_below(&w->rng, (uint64_t)within_ms), page_start, p, other);
}

/* It was shown the door. Someone may let it in again, so it is tried again later. */
static void page_knock(struct world *w, void *thing, uint64_t life)
{
    struct page *p = thing;
    if (p->on && p->life == life && p->stopped && !w->ended) page_reload(w, p, 100);
}

static void page_look(struct world *w, struct page *p)
{
    struct client_sim *c = person(w, p);
    if (!p->stopped || c->banned) return;
    c->banned = true;
    w->counts.cuts++;
    world_at(w, 50 + (int64_t)rng_below(&w->rng, 2000), page_knock, p, p->life);
}

void page_open(struct world *w, struct client_sim *c)
{
    struct page *p = &w->pages[c->index];
    w->counts.pages++;
    world_at(w, (int64_t)rng_below(&w->rng, 50), page_start, p, 0);
}

void page_act(struct world *w, struct client_sim *c)
{
    struct page *p = &w->pages[c->index];
    uint64_t dice = rng_below(&w->rng, 100);
    if (!p->on) return;
    if (dice < 2) {
        page_reload(w, p, 200);
        return;
    }
    for (uint64_t burst = rng_chance(&w->rng, 20) ? 6 : 1; burst > 0; burst--) {
        char ids[MEMBERS * (ID_TEXT + 1) + 1] = "-";
        for (size_t i = 0, at = 0; c->admin && i < MEMBERS; i++) {
            char id[ID_TEXT + 1];
            id_format(w->members[i], id);
            at += (size_t)snprintf(ids + at, sizeof ids - at, "%s%s", i > 0 ? "," : "", id);
        }
        line_begin(w, p, dice < 4 ? "wake" : "act", "%u %s",
                (unsigned)rng_below(&w->rng, UINT32_MAX), ids);
        line_run(w, p, MOVE_NONE);
    }
    page_look(w, p);
}

void page_calm(struct world *w, void *thing, uint64_t number)
{
    struct page *p = thing;
    (void)number;
    if (!p->on) return;
    line_begin(w, p, "wake", "%s", "");
    line_run(w, p, MOVE_NONE);
}

/* -- sockets */

struct notice { /* for a socket of a page, if both are still there */
    struct page *page;
    uint64_t life, socket;
    unsigned code; /* 0: it is open */
};

static void notify(struct world *w, void *thing, uint64_t number)
{
    struct notice n = *(struct notice *)thing;
    (void)number;
    mem_free(thing);
    if (!n.page->on || n.page->life != n.life) return;
    if (n.code == 0)
        line_begin(w, n.page, "open", "%" PRIu64, n.socket);
    else
        line_begin(w, n.page, "closed", "%" PRIu64 " %u", n.socket, n.code);
    line_run(w, n.page, MOVE_NONE);
    page_look(w, n.page);
}

static void notify_in(
        struct world *w, struct page *p, uint64_t socket, unsigned code, int64_t in_ms)
{
    struct notice *n = MEM_NEW(struct notice);
    *n = (struct notice){.page = p, .life = p->life, .socket = socket, .code = code};
    world_at(w, in_ms, notify, n, 0);
}

/* As a rule a page learns at once, now and then late, or never: then it has to find out. */
void page_lost(struct world *w, struct client_sim *c, unsigned code)
{
    struct page *p = &w->pages[c->page];
    uint64_t dice = w->calm ? 0 : rng_below(&w->rng, 100);
    if (!p->on || p->life != c->life || dice >= 97) return;
    notify_in(w, p, c->socket, code,
            (int64_t)(dice < 75 ? rng_below(&w->rng, 30) : rng_below(&w->rng, 2000)));
}

static struct client_sim *socket_slot(struct world *w, const struct page *p, uint64_t socket)
{
    for (size_t i = 0; i < SLOTS; i++) {
        struct client_sim *c = &w->clients[i];
        if (c->shipped && c->connected && c->page == p->client && c->life == p->life &&
                c->socket == socket)
            return c;
    }
    return NULL;
}

static struct client_sim *free_slot(struct world *w, const struct page *p)
{
    if (!person(w, p)->connected) return person(w, p);
    for (size_t i = CLIENTS; i < SLOTS; i++)
        if (!w->clients[i].connected) return &w->clients[i];
    return NULL;
}

static void out_socket(struct world *w, struct page *p, uint64_t socket)
{
    struct client_sim *c = free_slot(w, p);
    w->counts.sockets++;
    if (c == NULL || (!w->calm && rng_chance(&w->rng, 5))) {
        notify_in(w, p, socket, 1006, (int64_t)rng_below(&w->rng, 60));
        return;
    }
    c->shipped = c->connected = true;
    c->member = person(w, p)->member;
    c->board = person(w, p)->board;
    c->page = p->client;
    c->life = p->life;
    c->socket = socket;
    c->greeted = c->live_said = c->forbidden = false;
    c->unanswered = 0;
    c->cl[0] = '\0';
    c->up_ms = c->down_ms = w->now + (int64_t)rng_below(&w->rng, 40);
    notify_in(w, p, socket, 0, c->down_ms - w->now);
}

static void out_send(struct world *w, struct page *p, uint64_t socket, struct slice text)
{
    struct client_sim *c = socket_slot(w, p, socket);
    if (c != NULL) send_up(w, c, message_new(MESSAGE_TEXT, text)); /* else into the void */
}

static void out_close(struct world *w, struct page *p, uint64_t socket)
{
    struct client_sim *c = socket_slot(w, p, socket);
    if (c != NULL) hang_up(w, c);
}

static bool is_event(struct slice text)
{
    return slice_starts(text, SLICE("{\"t\":\"op\","));
}

static void page_state(struct world *w, struct page *p);

void page_message(struct world *w, struct client_sim *c, struct message *m)
{
    struct page *p = &w->pages[c->page];
    CHECK(m->type == MESSAGE_TEXT);
    if (p->on && p->life == c->life) {
        line_begin(w, p, "message", "%" PRIu64 " ", c->socket);
        buf_add(&asked, m->text);
        line_run(w, p, is_event(m->text) ? MOVE_ONE : MOVE_ANY);
        page_look(w, p);
        if (p->seq == port_board(&w->port, c->board)->head.seq && rng_chance(&w->rng, 2))
            page_state(w, p);
    }
    message_free(m);
}

void page_answer(struct world *w, struct page *p, uint64_t life, uint64_t request, unsigned status,
        struct slice text)
{
    if (!p->on || p->life != life) return;
    line_begin(w, p, "answer", "%" PRIu64 " %u ", request, status);
    buf_add(&asked, text);
    line_run(w, p, MOVE_ANY);
    page_look(w, p);
}

/* -- the ledger */

static struct ledger_row *ledger_find(struct world *w, size_t client, struct slice cl, uint64_t n)
{
    for (size_t i = w->ledger_count; i-- > 0;) {
        struct ledger_row *row = &w->ledger[i];
        if (row->client == client && row->n == n && slice_eq(slice_cstr(row->cl), cl)) return row;
    }
    return NULL;
}

static void out_kept(struct world *w, const struct page *p, struct slice cl, uint64_t n)
{
    SIM_CHECK(w, ledger_find(w, p->client, cl, n) == NULL, "a page uses a number twice");
    struct ledger_row *row = ledger_add(w, person(w, p), n);
    snprintf(row->cl, sizeof row->cl, "%.*s", SLICE_ARG(cl));
}

static bool is_text_op(struct slice message)
{
    static const char ops[] = "\"ops\":[{\"op\":\"text\",";
    return memmem(message.ptr, message.len, ops, sizeof ops - 1) != NULL;
}

/* From here on the op is in the server's hands: kept before, and the same every time; but for one
 * on a text, which moves past what others did to it before it is sent again. */
void page_sent(struct world *w, const struct client_sim *c, uint64_t n, struct slice text)
{
    struct ledger_row *row = ledger_find(w, c->page, slice_cstr(c->cl), n);
    uint64_t hash = is_text_op(text) ? TEXT_SENT : hash64(text, 1) | 1;
    SIM_CHECK(w, row != NULL, "a page sends an op that a reload would lose");
    SIM_CHECK(w, row->sent == 0 || row->sent == hash, "a page sends two ops under one number");
    row->sent = hash;
}

static void out_gone(struct world *w, const struct page *p, struct slice rest)
{
    struct slice cl = word(&rest);
    uint64_t n = word_u64(w, &rest);
    struct slice why = word(&rest);
    struct ledger_row *row = ledger_find(w, p->client, cl, n);
    SIM_CHECK(w, row != NULL, "an op that was never kept is dropped");
    if (slice_eq(why, SLICE("abandoned"))) {
        fate_set(w, row, FATE_ABANDONED);
    } else if (!slice_eq(why, SLICE("-"))) {
        /* what was typed on top of a refused text goes into its draft unsent */
        w->counts.drafts += row->sent != 0;
        fate_set(w, row, row->sent != 0 ? FATE_REFUSED : FATE_DROPPED);
    } else if (row->sent == TEXT_SENT) {
        fate_set(w, row, FATE_ABANDONED); /* applied; or stale, and it goes on under another n */
    } else {
        fate_set(w, row, row->sent != 0 ? FATE_APPLIED : FATE_DROPPED);
    }
}

/* -- what it says */

static void out_report(struct world *w, struct slice rest)
{
    struct slice what = word(&rest);
    char detail[512];
    if (slice_eq(what, SLICE("refused"))) return;
    /* a card was gone when its text was asked for; the sub of a board that could not be read */
    if (slice_eq(what, SLICE("error"))) return;
    snprintf(detail, sizeof detail, "%.*s %.*s", SLICE_ARG(what), SLICE_ARG(rest));
    world_fail(w, "a page reports what should not happen", detail);
}

static void check_text(struct world *w, const struct page *p, struct slice rest)
{
    struct port_board *pb = port_board(&w->port, person(w, p)->board);
    struct port_text *t;
    struct id id;
    struct buf stored;
    char key[1 + ID_BYTES];
    SIM_CHECK(w, id_parse(word(&rest), &id), "a text of nothing");
    key[0] = (char)(id_eq(id, pb->id) ? F_BOARD_DESC : F_CARD_DESC);
    memcpy(key + 1, id.bytes, ID_BYTES);
    HASH_FIND(hh, pb->texts, key, sizeof key, t);
    buf_init(&stored, MIB(1));
    json_str_to(&stored, t == NULL ? (struct slice){0} : t->text);
    SIM_CHECK(w, slice_eq(buf_slice(&stored), rest), "a page's text is not the stored one");
    buf_fini(&stored);
}

static void check_parts(struct world *w, const struct page *p, struct slice rest)
{
    struct id card;
    struct buf stored, said;
    SIM_CHECK(w, id_parse(word(&rest), &card), "parts of no card");
    buf_init(&stored, MIB(1));
    buf_init(&said, MIB(1));
    buf_add(&said, rest);
    wire_parts(w, person(w, p)->board, card, &stored);
    compare(w, &stored, &said, "what hangs on a page's card is not what is stored");
    w->counts.parts++;
    buf_fini(&stored);
    buf_fini(&said);
}

static void page_out(struct world *w, struct page *p, struct slice what, struct slice rest)
{
    if (slice_eq(what, SLICE("send"))) {
        uint64_t socket = word_u64(w, &rest);
        out_send(w, p, socket, rest);
    } else if (slice_eq(what, SLICE("socket"))) {
        out_socket(w, p, word_u64(w, &rest));
    } else if (slice_eq(what, SLICE("close"))) {
        out_close(w, p, word_u64(w, &rest));
    } else if (slice_eq(what, SLICE("request"))) {
        uint64_t request = word_u64(w, &rest);
        call_begin(w, p, request, rest);
    } else if (slice_eq(what, SLICE("kept"))) {
        struct slice cl = word(&rest);
        out_kept(w, p, cl, word_u64(w, &rest));
    } else if (slice_eq(what, SLICE("gone"))) {
        out_gone(w, p, rest);
    } else if (slice_eq(what, SLICE("report"))) {
        out_report(w, rest);
    } else if (slice_eq(what, SLICE("state"))) {
        if (answered.bytes_max == 0) buf_init(&answered, MIB(64));
        buf_clear(&answered);
        buf_add(&answered, rest);
    } else if (slice_eq(what, SLICE("text"))) {
        check_text(w, p, rest);
    } else if (slice_eq(what, SLICE("parts"))) {
        check_parts(w, p, rest);
    } else {
        char said[1024];
        snprintf(said, sizeof said, "%.*s %.*s", SLICE_ARG(what), SLICE_ARG(rest));
        world_fail(w, "a page is wrong in itself", said);
    }
}

/* -- the end */

/* What a page that has read everything holds is what is stored. */
static void page_state(struct world *w, struct page *p)
{
    struct board *state = port_state(&w->port, person(w, p)->board);
    struct object *o, *next;
    struct buf stored;
    buf_init(&stored, MIB(64));
    HASH_ITER(hh, state->objects, o, next) /* what hangs on cards is not in a snapshot */
    {
        if (o->kind <= KIND_TIER1_LAST) continue;
        board_remove(state, o);
        object_free(o);
    }
    board_text(state, &stored);
    line_begin(w, p, "state", "%s", w->ended ? "quiet" : "busy");
    line_run(w, p, MOVE_NONE);
    compare(w, &stored, &answered, "a page's board is not the server's");
    w->counts.states++;
    buf_fini(&stored);
    board_free(state);
}

void page_verify(struct world *w, struct page *p, bool member, bool reads)
{
    if (!member) {
        SIM_CHECK(w, reads || !p->on || !p->loaded,
                "a page keeps a board that it may no longer see");
        for (size_t i = 0; i < w->ledger_count; i++) /* the rest stays in a queue, for good */
            if (w->ledger[i].client == p->client && w->ledger[i].fate == FATE_PENDING)
                w->ledger[i].fate = FATE_ABANDONED;
        return;
    }
    SIM_CHECK(w, p->on && p->live, "a member's page is not live in the end");
    SIM_CHECK(w, p->waiting == 0, "a page still waits for a verdict in the end");
    page_state(w, p);
}

void pages_choose(struct world *w)
{
    size_t models = 3; /* of the honest ones; so more than half of all are pages */
    for (size_t i = 0; i < CLIENTS - 1; i++) {
        size_t left = CLIENTS - 1 - i;
        bool model = rng_below(&w->rng, left) < models;
        models -= model;
        w->clients[i].shipped = !model;
        w->pages[i] = (struct page){.used = !model, .client = i};
    }
    for (size_t i = 0; i < SLOTS; i++)
        world_at(w, (int64_t)rng_below(&w->rng, 1000), wire_heartbeat, &w->clients[i], 0);
    for (size_t i = CLIENTS; i < SLOTS; i++) {
        w->clients[i].index = i;
        w->clients[i].generation = 1;
    }
    if (asked.bytes_max == 0) buf_init(&asked, MIB(64));
    buf_clear(&asked);
    BUF_ADD(&asked, "forget 0 0 \n");
    struct slice line;
    SIM_CHECK(w, pipe_write(buf_slice(&asked)) && pipe_line(&line), "the client's program is gone");
}
