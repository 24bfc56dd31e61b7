/* sim.h - a seeded world around the real engine: a port that keeps batches in memory and fails in
 * every way the contract allows, a network that delays and
 * cuts, clients that know nothing of the core's resolvers, and checks at every step.
 *
 *   client --message--> network --> conn --command--> engine --batch--> port (stores, answers late)
 *      ^                                                 |                 |
 *      +--------- event, rej, dup, snapshot <------------+<---- answer ----+
 *
 * One thread, one seed, no clock: the same seed gives the same run. */
#ifndef TAVLA_SIM_H
#define TAVLA_SIM_H

#include "core/base/rng.h"
#include "core/engine.h"

#define BOARDS  2
#define CLIENTS 9
#define MEMBERS 6  /* some have two clients */
#define SPARE   24 /* more connections of pages: while an old one ends, for what closed tabs left */
#define SLOTS   (CLIENTS + SPARE)

struct world;

/* -- time: what happens when (world.c) */

struct happening {
    int64_t at;
    uint64_t order; /* of equal times: first come, first served */
    void (*run)(struct world *w, void *thing, uint64_t number);
    void *thing;
    uint64_t number;
};

void world_at(struct world *w, int64_t in_ms,
        void (*run)(struct world *w, void *thing, uint64_t number), void *thing, uint64_t number);

/* a message arrives, unless its connection is gone */
void world_deliver_up(struct world *w, void *thing, uint64_t number);
void world_deliver_down(struct world *w, void *thing, uint64_t number);

/* -- port.c: what is durable */

struct port_entity {
    char key[1 + ID_BYTES]; /* kind, id */
    struct slice json;
    UT_hash_handle hh;
};

struct port_text {
    char key[1 + ID_BYTES]; /* field, id */
    uint64_t s;
    struct slice text;
    UT_hash_handle hh;
};

struct port_client {
    char key[ID_BYTES + CLIENT_ID_CHARS_MAX];
    struct client_row row;
    char cl[CLIENT_ID_CHARS_MAX];
    UT_hash_handle hh;
};

struct port_event {
    struct slice public_json, old_json;
    uint64_t h;
};

struct port_board {
    struct id id;
    bool exists;
    bool removed_elsewhere; /* a member, by another node */
    struct board_head head;
    struct port_entity *entities;
    struct port_text *texts;
    struct port_client *clients;
    struct port_event *events; /* seq - 1 */
    size_t event_cap;
    UT_hash_handle hh;
};

struct port_id { /* the server-wide table of ids */
    struct id id;
    enum kind kind;
    struct id board;
    UT_hash_handle hh;
};

struct port {
    struct port_board *boards;
    struct port_id *ids;
    uint32_t numbers;
};

struct port_board *port_board(struct port *p, struct id id); /* made when new */
void port_fini(struct port *p);
/* Stores the batch, and its twin with it; false with err and taken when an id is there already.
 * CHECKs everything that a store may demand. */
bool port_store(struct port *p, struct batch *batch);
/* One to three records of another node, in the place that the batch wanted. Memory: the batch's
 * arena. */
void port_win(struct port *p, struct rng *r, struct batch *batch);
void port_load(struct port *p, struct board_load *load);
struct board *port_state(struct port *p, struct id id);  /* what is stored, in memory */
struct board *port_fold(struct port *p, struct id id);   /* what the log says */
void board_text(const struct board *b, struct buf *out); /* convergence: canonical tier 1 */

/* -- client.c: a follower that only knows effects */

struct model_field {
    char name[24];
    char *json;
};

struct model_object {
    struct id id;
    char kind[24];
    uint64_t s;
    struct model_field fields[24];
    size_t field_count;
    char *desc; /* NULL: not known */
    UT_hash_handle hh;
};

struct model {
    struct model_object *objects;
    uint64_t seq;
    char h[17];
    struct arena arena; /* scratch for reading */
};

void model_init(struct model *m);
void model_clear(struct model *m);
void model_fini(struct model *m);
void model_snapshot(struct model *m, struct slice board_text); /* as board_text writes it */
/* One op message. by, cl, n: whose it was. */
void model_event(struct model *m, struct slice json, struct id *ret_by,
        char ret_cl[CLIENT_ID_CHARS_MAX + 1], uint64_t *ret_n);
bool model_member(const struct model *m, struct id member);
void model_text(const struct model *m, struct buf *out);
/* NULL: none */
struct model_object *model_pick(const struct model *m, struct rng *r, const char *kind);
/* JSON; NULL: absent */
const char *model_get(const struct model_object *o, const char *field);

/* -- people */

/* FATE_DROPPED: never sent, by a page that took it back */
enum fate { FATE_PENDING, FATE_ACKED, FATE_APPLIED, FATE_REFUSED, FATE_ABANDONED, FATE_DROPPED };

struct ledger_row { /* every op message ever sent by a client that keeps its queue */
    struct id member;
    struct id board;
    char cl[CLIENT_ID_CHARS_MAX + 1];
    uint64_t n;
    enum fate fate;
    uint64_t seq;
    size_t client;
    char *ops; /* of a model's message with a delta, with what it counts from */
    uint64_t base;
    uint64_t sent; /* hash of the message, once it left a page; 0: not yet */
};

struct pending {
    struct pending *next;
    uint64_t n, base;
    size_t row; /* in the ledger */
    char *ops;
};

enum message_type {
    MESSAGE_SUB,
    MESSAGE_OP,
    MESSAGE_SNAPSHOT,
    MESSAGE_EVENT,
    MESSAGE_LIVE,
    MESSAGE_DUP,
    MESSAGE_REJ,
    MESSAGE_FORBIDDEN,
    MESSAGE_CLOSE,
    MESSAGE_TEXT /* as it is on the wire: of a page, or to one */
};

struct message {
    enum message_type type;
    struct message *next; /* while held at a full board */
    uint64_t generation;
    size_t client;
    uint64_t n, base;
    uint64_t h, round; /* of a page's sub */
    struct slice text; /* owned */
    uint64_t refused[REFUSED_KEPT];
    uint32_t refused_count;
};

struct client_sim {
    size_t index;
    struct id member, board;
    bool hostile, admin;
    char cl[CLIENT_ID_CHARS_MAX + 1];
    uint64_t next_n, sessions;
    struct pending *pending;
    struct model model;
    bool known; /* model holds a state */
    bool connected, live, banned;
    bool visits; /* came in by way of the organization */
    uint64_t generation;
    char stolen_cl[CLIENT_ID_CHARS_MAX + 1];
    uint64_t stolen_n;
    /* the server's end: */
    bool attached, joined;
    uint64_t cursor;        /* next seq it gets */
    int64_t up_ms, down_ms; /* last arrival each way: in order */
    struct message *held, *held_last;
    /* and where a page is at the other end (wire.c): */
    bool shipped, greeted, live_said, forbidden;
    size_t page;
    uint64_t socket, life; /* the page's number for it, and which page of its tab it was */
    uint64_t round;        /* of subs: what was begun for an older one is stale */
    uint64_t sub_id;
    size_t unanswered;
    struct message *behind; /* answers that wait until the stream is followed */
};

struct page { /* one browser, with the client's modules as they are shipped (page.c) */
    bool used, on;
    size_t client; /* its person */
    uint64_t life; /* pages that were: what was meant for an earlier one is lost */
    int64_t timer_at;
    uint64_t seq, waiting;
    bool live, stopped, loaded;
    uint64_t reloads;
};

struct counts {
    uint64_t events, answers, accepted, duplicates, rejected, unknown, voids, refusals, exists,
            unknowns, crashes, cuts, barriers, visits, pauses, loads, texts, merged, overwrites,
            drafts, reverts, transfers, sent, returns, pages, reloads, sockets, lags, states, parts,
            lines, traffic;
};

struct world {
    uint64_t seed;
    struct rng rng;
    int64_t now;
    struct happening *heap;
    size_t heap_count, heap_cap;
    uint64_t order;
    bool calm;  /* no more faults: everything must settle */
    bool ended; /* who is no member knocks no more */
    bool turn_asked;
    uint64_t life; /* of the server: answers to an earlier one are lost */
    struct engine *engine;
    struct port port;
    struct id boards[BOARDS], members[MEMBERS], organization;
    bool paused[BOARDS];
    uint64_t published[BOARDS];
    struct client_sim clients[SLOTS]; /* people, then spare connections of pages */
    struct page pages[CLIENTS];
    struct call *calls; /* with the engine */
    struct ledger_row *ledger;
    size_t ledger_count, ledger_cap;
    size_t commands; /* with the engine, unanswered */
    struct batch *flying[64];
    size_t flying_count;
    struct counts counts;
};

/* server.c: the engine's surroundings */
void server_start(struct world *w);
void server_crash(struct world *w);
void server_message(struct world *w, struct client_sim *c, struct message *m); /* takes it */
void server_turn(struct world *w);
void server_attach(struct world *w, struct client_sim *c, struct message *sub); /* takes it */
void server_submit(struct world *w, struct client_sim *c, struct command *command);
/* over HTTP: no connection hears of its verdict */
void server_ask(struct world *w, const struct client_sim *c, struct command *command);
/* Is its person a member in what is stored? */
bool server_member(struct world *w, const struct client_sim *c);
/* before the clients: answered at once */
void server_setup(struct world *w, struct id board, struct actor actor, const char *ops);
/* both ends see it, what was under way is lost */
void conn_close(struct world *w, struct client_sim *c);
void conn_close_code(struct world *w, struct client_sim *c, unsigned code);
void send_down(struct world *w, struct client_sim *c, struct message *m);

/* wire.c: a connection in the live protocol's own text, the server's end */
void wire_message(struct world *w, struct client_sim *c, struct message *m); /* takes it */
void wire_join(struct world *w, struct client_sim *c, const struct attach *a, struct message *sub);
void wire_answer(struct world *w, struct client_sim *c, const struct command *command);
void wire_forbid(struct world *w, struct client_sim *c, enum err err);
void wire_failed(struct world *w, struct client_sim *c, enum err err); /* the sub */
void wire_heartbeat(struct world *w, void *thing, uint64_t number);
void wire_state(struct world *w, struct id board, struct buf *out); /* GET .../state */
/* What hangs on a card, [[kind,{..}],..] by kind and id. */
void wire_parts(struct world *w, struct id board, struct id card, struct buf *out);

/* page.c: people at pages of the shipped client */
void pages_choose(struct world *w); /* who has one in this world */
void page_open(struct world *w, struct client_sim *c);
void page_act(struct world *w, struct client_sim *c);
void page_message(struct world *w, struct client_sim *c, struct message *m); /* takes it */
void page_lost(struct world *w, struct client_sim *c, unsigned code);        /* its connection */
void page_sent(struct world *w, const struct client_sim *c, uint64_t n, struct slice text);
/* status 0: no answer came */
void page_answer(struct world *w, struct page *p, uint64_t life, uint64_t request, unsigned status,
        struct slice text);
void page_calm(struct world *w, void *thing, uint64_t number); /* network is back */
void pages_trace(bool on);                                     /* prints every line */
/* reads: at least by way of the organization */
void page_verify(struct world *w, struct page *p, bool member, bool reads);

/* calls.c: what pages ask over HTTP */
/* asked: method, path, body */
void call_begin(struct world *w, struct page *p, uint64_t request, struct slice asked);
void call_judged(struct world *w, const struct command *command); /* perhaps one of theirs */
void calls_lost(struct world *w);                                 /* the server died */

/* pipe.c: the program they run in */
bool pipe_start(const char *script); /* false: it cannot run here */
void pipe_stop(void);
bool pipe_running(void);
bool pipe_write(struct slice text);
bool pipe_line(struct slice *ret_line); /* valid until the next call; false: the program is gone */

/* people.c: what clients do */
void client_start(struct world *w, size_t index);
void client_act(struct world *w, void *thing, uint64_t number);
void client_message(struct world *w, struct client_sim *c, struct message *m); /* takes it */
void client_connect(struct world *w, void *thing, uint64_t number);
void send_up(struct world *w, struct client_sim *c, struct message *m);
struct ledger_row *ledger_add(struct world *w, const struct client_sim *c, uint64_t n);
void fate_set(struct world *w, struct ledger_row *row, enum fate fate);
struct message *message_new(enum message_type type, struct slice text);
void message_free(struct message *m);
char *ops_make(struct world *w, struct client_sim *c); /* a random op list (ops.c); heap */

/* verify.c */
void verify_step(struct world *w);
void verify_end(struct world *w);
void verify_typed(struct world *w, struct port_board *pb); /* texts.c */
void verify_transfers(struct world *w);                    /* transfers.c */
void compare(struct world *w, const struct buf *a, const struct buf *b, const char *what);
size_t board_index(const struct world *w, struct id id); /* BOARDS: none of them */
void replay_with(const char *pages);                     /* what a replay has to be told */
void say_replay(uint64_t seed);
_Noreturn void world_fail(const struct world *w, const char *what, const char *detail);
#define SIM_CHECK(w, condition, what)                                                              \
    do {                                                                                           \
        if (!(condition)) world_fail((w), (what), #condition);                                     \
    } while (0)

#endif
