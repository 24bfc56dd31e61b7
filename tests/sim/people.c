/* The people at their browsers: they edit what they see, keep what is not answered, come back
 * after every cut. One of them is hostile. */
#include <stdio.h>

#include "tests/sim/sim.h"

#define PENDING_MAX CONN_COMMANDS_MAX

struct message *message_new(enum message_type type, struct slice text)
{
    struct message *m = MEM_NEW(struct message);
    char *copy = mem_new(text.len + 1);
    if (text.len > 0) memcpy(copy, text.ptr, text.len);
    m->type = type;
    m->text = slice_of(copy, text.len);
    return m;
}

void message_free(struct message *m)
{
    mem_free((void *)(uintptr_t)m->text.ptr);
    mem_free(m);
}

void send_up(struct world *w, struct client_sim *c, struct message *m)
{
    int64_t at = w->now + (int64_t)rng_below(&w->rng, 30);
    m->client = c->index;
    m->generation = c->generation;
    if (at < c->up_ms) at = c->up_ms;
    c->up_ms = at;
    world_at(w, at - w->now, world_deliver_up, m, 0);
}

static void new_session(struct world *w, struct client_sim *c)
{
    snprintf(c->cl, sizeof c->cl, "c%zu-%llu", c->index, (unsigned long long)++c->sessions);
    c->next_n = 1;
    (void)w;
}

struct ledger_row *ledger_add(struct world *w, const struct client_sim *c, uint64_t n)
{
    if (w->ledger_count == w->ledger_cap) {
        w->ledger_cap = w->ledger_cap == 0 ? 256 : w->ledger_cap * 2;
        w->ledger = mem_resize(w->ledger, w->ledger_cap * sizeof *w->ledger);
    }
    struct ledger_row *row = &w->ledger[w->ledger_count++];
    *row = (struct ledger_row){.client = c->index, .member = c->member, .board = c->board, .n = n};
    memcpy(row->cl, c->cl, sizeof row->cl);
    return row;
}

void fate_set(struct world *w, struct ledger_row *row, enum fate fate)
{
    SIM_CHECK(w, row->fate == FATE_PENDING, "I9: a second verdict for one op");
    row->fate = fate;
}

static void pending_drop(
        struct world *w, struct client_sim *c, struct pending **link, enum fate fate)
{
    struct pending *p = *link;
    *link = p->next;
    (void)c;
    fate_set(w, &w->ledger[p->row], fate);
    mem_free(p->ops);
    mem_free(p);
}

static struct pending **pending_find(struct client_sim *c, uint64_t n)
{
    struct pending **link = &c->pending;
    while (*link != NULL && (*link)->n != n)
        link = &(*link)->next;
    return link;
}

static void send_op(struct world *w, struct client_sim *c, const struct pending *p)
{
    struct message *m = message_new(MESSAGE_OP, slice_cstr(p->ops));
    m->n = p->n;
    m->base = p->base;
    send_up(w, c, m);
}

void client_connect(struct world *w, void *thing, uint64_t number)
{
    struct client_sim *c = thing;
    (void)number;
    if (c->connected || (w->ended && c->banned)) return;
    c->connected = true;
    c->up_ms = c->down_ms = 0;
    if (!w->calm && rng_chance(&w->rng, 15)) { /* the page was loaded anew; its queue is kept */
        model_clear(&c->model);
        c->known = false;
    }
    struct message *m = message_new(MESSAGE_SUB, (struct slice){0});
    m->n = c->known;
    m->base = c->model.seq;
    send_up(w, c, m);
}

/* -- acting */

static void queue_op(struct world *w, struct client_sim *c)
{
    struct pending **link = &c->pending, *p = MEM_NEW(struct pending);
    size_t count = 0;
    for (; *link != NULL; link = &(*link)->next)
        count++;
    if (count >= PENDING_MAX) {
        mem_free(p);
        return;
    }
    p->row = (size_t)(ledger_add(w, c, c->next_n) - w->ledger);
    p->n = c->next_n;
    p->base = c->model.seq;
    p->ops = ops_make(w, c);
    if (strstr(p->ops, "\"op\":\"text\",") != NULL) {
        struct ledger_row *row = &w->ledger[p->row];
        row->base = p->base;
        row->ops = mem_new(strlen(p->ops) + 1);
        memcpy(row->ops, p->ops, strlen(p->ops));
    }
    c->next_n += 1 + rng_below(&w->rng, 2);
    *link = p;
    if (c->live) send_op(w, c, p);
}

/* Sends ops under someone else's client id and a number ahead of theirs: it must not stand in
 * their way. */
static void attack(struct world *w, struct client_sim *c)
{
    if (c->stolen_cl[0] == '\0' || !c->live) return;
    char *ops = ops_make(w, c);
    struct message *m = message_new(MESSAGE_OP, slice_cstr(ops));
    m->n = c->stolen_n + rng_below(&w->rng, 50);
    m->base = c->model.seq;
    mem_free(ops);
    send_up(w, c, m);
}

void client_act(struct world *w, void *thing, uint64_t number)
{
    struct client_sim *c = thing;
    (void)number;
    if (w->calm) return;
    if (c->hostile) {
        attack(w, c);
    } else if (c->shipped) {
        page_act(w, c);
    } else if (c->known && !c->banned) {
        for (uint64_t burst = rng_chance(&w->rng, 20) ? 6 : 1; burst > 0; burst--)
            queue_op(w, c);
    }
    if (rng_chance(&w->rng, 1)) conn_close(w, c);
    world_at(w, 5 + (int64_t)rng_below(&w->rng, 90), client_act, c, 0);
}

/* -- hearing */

/* Everything up to n has a verdict: refused, or applied. */
static void judged(struct world *w, struct client_sim *c, const struct message *m, bool only)
{
    for (struct pending **link = &c->pending; *link != NULL;) {
        bool refused = false;
        uint64_t n = (*link)->n;
        if (only ? n != m->n : n > m->n) {
            link = &(*link)->next;
            continue;
        }
        for (uint32_t i = 0; i < m->refused_count; i++)
            refused = refused || m->refused[i] == n;
        w->counts.drafts += refused;
        pending_drop(w, c, link, refused ? FATE_REFUSED : FATE_APPLIED);
    }
}

static void heard_event(struct world *w, struct client_sim *c, const struct message *m)
{
    struct id by;
    char cl[CLIENT_ID_CHARS_MAX + 1];
    uint64_t n;
    model_event(&c->model, m->text, &by, cl, &n);
    /* One that came back while it was away reads of its own removal; a follower never does. */
    if (c->live && !c->visits && !model_member(&c->model, c->member))
        SIM_CHECK(w, server_member(w, c), "I10: a removed member still hears the board");
    if (c->hostile && cl[0] != '\0' && !id_eq(by, c->member)) {
        memcpy(c->stolen_cl, cl, sizeof cl);
        c->stolen_n = n;
    }
    if (!id_eq(by, c->member) || strcmp(cl, c->cl) != 0) return;
    struct pending **link = pending_find(c, n);
    if (*link == NULL) return; /* learnt by a dup or at the join */
    w->ledger[(*link)->row].seq = c->model.seq;
    pending_drop(w, c, link, FATE_ACKED);
}

static void forbidden(struct world *w, struct client_sim *c)
{
    while (c->pending != NULL)
        pending_drop(w, c, &c->pending, FATE_ABANDONED);
    model_clear(&c->model);
    c->known = c->live = false;
    c->banned = true;
    new_session(w, c);
    conn_close(w, c); /* and tries again later: someone may have let it in */
}

void client_message(struct world *w, struct client_sim *c, struct message *m)
{
    struct pending **link;
    if (c->shipped) {
        page_message(w, c, m);
        return;
    }
    switch (m->type) {
    case MESSAGE_TEXT:
    case MESSAGE_SUB:
    case MESSAGE_OP:
    case MESSAGE_CLOSE: CHECK(false); break;
    case MESSAGE_SNAPSHOT:
        model_snapshot(&c->model, m->text);
        c->known = true;
        break;
    case MESSAGE_EVENT: heard_event(w, c, m); break;
    case MESSAGE_LIVE:
        c->live = true;
        c->visits = !model_member(&c->model, c->member);
        c->banned = false;
        judged(w, c, m, false);
        for (const struct pending *p = c->pending; p != NULL; p = p->next)
            send_op(w, c, p);
        break;
    case MESSAGE_DUP: judged(w, c, m, true); break;
    case MESSAGE_REJ:
        link = pending_find(c, m->n);
        if (*link != NULL) pending_drop(w, c, link, FATE_REFUSED);
        break;
    case MESSAGE_FORBIDDEN: forbidden(w, c); break;
    }
    message_free(m);
}

void client_start(struct world *w, size_t index)
{
    struct client_sim *c = &w->clients[index];
    c->index = index;
    c->member = w->members[index % MEMBERS];
    c->board = w->boards[index % BOARDS];
    c->hostile = index == CLIENTS - 1;
    c->admin = index < 2;
    c->generation = 1;
    model_init(&c->model);
    if (c->shipped) {
        page_open(w, c);
    } else {
        new_session(w, c);
        world_at(w, (int64_t)rng_below(&w->rng, 50), client_connect, c, 0);
    }
    world_at(w, 100, client_act, c, 0);
}
