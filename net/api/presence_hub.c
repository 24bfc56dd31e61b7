#include "net/api/presence_hub.h"

#include "core/base/metric.h"
#include "core/presence.h"

#define FRAME_BYTES_MAX MIB(1) /* PRESENCE_LISTED_MAX seats are far below it */
#define SWEEP_MS        1000

struct hall { /* a board's table, while somebody is on it or a loop follows it */
    struct id board;
    struct presence_table table;
    uint64_t loops;   /* who gets its frames */
    uint64_t version; /* of `whole`; 0: none was made */
    struct blob *whole;
    struct chain_link on_waiting;
    UT_hash_handle hh;
};

struct presence_hub {
    struct presence_home home;
    struct hall *halls;   /* by board */
    struct chain waiting; /* halls with something to tell */
    uint64_t version;     /* over all halls: one that comes back never repeats one */
    int64_t swept_ms;
    struct buf step, whole;
};

struct presence_hub *presence_hub_new(const struct presence_home *home)
{
    struct presence_hub *h = MEM_NEW(struct presence_hub);
    h->home = *home;
    chain_init(&h->waiting);
    buf_init(&h->step, FRAME_BYTES_MAX);
    buf_init(&h->whole, FRAME_BYTES_MAX);
    return h;
}

/* -- halls */

static struct hall *hall_find(const struct presence_hub *h, struct id board)
{
    struct hall *hall;
    HASH_FIND(hh, h->halls, &board, sizeof board, hall);
    return hall;
}

static struct hall *hall_get(struct presence_hub *h, struct id board)
{
    struct hall *hall = hall_find(h, board);
    if (hall) return hall;
    hall = MEM_NEW(struct hall);
    hall->board = board;
    presence_init(&hall->table);
    HASH_ADD(hh, h->halls, board, sizeof hall->board, hall);
    return hall;
}

static void hall_free(struct presence_hub *h, struct hall *hall)
{
    if (chain_linked(&hall->on_waiting)) chain_unlink(&hall->on_waiting);
    HASH_DEL(h->halls, hall);
    metric_sub(METRIC_presence_sessions, hall->table.count);
    presence_fini(&hall->table);
    blob_unref(hall->whole);
    mem_free(hall);
}

/* After a change of its table or its loops. */
static void hall_changed(struct presence_hub *h, struct hall *hall, uint32_t count_before)
{
    metric_add(METRIC_presence_sessions, hall->table.count);
    metric_sub(METRIC_presence_sessions, count_before);
    if (hall->table.count == 0 && hall->loops == 0) {
        hall_free(h, hall);
    } else if (presence_wants(&hall->table) && !chain_linked(&hall->on_waiting)) {
        chain_push(&h->waiting, &hall->on_waiting);
    }
}

struct presence_hub *presence_hub_free(struct presence_hub *h)
{
    if (!h) return NULL;
    struct hall *hall, *next;
    HASH_ITER(hh, h->halls, hall, next) hall_free(h, hall);
    buf_fini(&h->step);
    buf_fini(&h->whole);
    return mem_free(h);
}

/* -- in */

void presence_hub_take(struct presence_hub *h, struct mail_presence *m, int64_t now_ms)
{
    bool leaves = m->verb == PRESENCE_LEAVE;
    struct hall *hall = leaves ? hall_find(h, m->board) : hall_get(h, m->board);
    if (hall) {
        uint32_t before = hall->table.count;
        if (leaves) {
            presence_drop(&hall->table, m->sid, now_ms);
        } else if (presence_has(&hall->table, m->sid) ||
                   h->home.is_member(h->home.context, m->board, m->member)) {
            presence_put(&hall->table, m->sid, m->member, &m->at, now_ms);
        }
        hall_changed(h, hall, before);
    }
    mem_free(m);
}

static void hall_send(struct presence_hub *h, const struct hall *hall, uint32_t loop, uint64_t from,
        struct blob *step)
{
    struct mail_present *m = MEM_NEW(struct mail_present);
    m->board = hall->board;
    m->from = from;
    m->to = hall->version;
    m->step = step ? blob_ref(step) : NULL;
    m->whole = blob_ref(hall->whole);
    h->home.send(h->home.context, loop, &m->mail, MAIL_PRESENT);
}

void presence_hub_attach(struct presence_hub *h, struct id board, uint32_t loop)
{
    struct hall *hall = hall_get(h, board);
    uint64_t bit = (uint64_t)1 << loop;
    if (hall->loops & bit) return;
    hall->loops |= bit;
    if (hall->whole) hall_send(h, hall, loop, 0, NULL);
}

void presence_hub_detach(struct presence_hub *h, struct id board, uint32_t loop)
{
    struct hall *hall = hall_find(h, board);
    if (!hall) return;
    hall->loops &= ~((uint64_t)1 << loop);
    hall_changed(h, hall, hall->table.count);
}

void presence_hub_forget(struct presence_hub *h, struct id board, struct id member)
{
    struct hall *hall = hall_find(h, board);
    if (!hall) return;
    uint32_t before = hall->table.count;
    presence_forget(&hall->table, member);
    hall_changed(h, hall, before);
}

/* -- out */

static void hall_tell(struct presence_hub *h, struct hall *hall, int64_t now_ms)
{
    uint64_t from = hall->version;
    buf_clear(&h->step);
    buf_clear(&h->whole);
    presence_tell(&hall->table, now_ms, &h->step, &h->whole);
    CHECK(buf_ok(&h->step) && buf_ok(&h->whole));
    metric_add(METRIC_presence_steps_total, 1);
    hall->version = ++h->version;
    blob_unref(hall->whole);
    hall->whole = blob_copy(buf_slice(&h->whole));
    struct blob *step = blob_copy(buf_slice(&h->step));
    for (uint64_t rest = hall->loops; rest != 0; rest &= rest - 1)
        hall_send(h, hall, (uint32_t)__builtin_ctzll(rest), from, step);
    blob_unref(step);
}

static void hub_sweep(struct presence_hub *h, int64_t now_ms)
{
    if (now_ms - h->swept_ms < SWEEP_MS) return;
    h->swept_ms = now_ms;
    struct hall *hall, *next;
    HASH_ITER(hh, h->halls, hall, next)
    {
        uint32_t before = hall->table.count;
        presence_sweep(&hall->table, now_ms);
        hall_changed(h, hall, before);
    }
}

void presence_hub_turn(struct presence_hub *h, int64_t now_ms)
{
    hub_sweep(h, now_ms);
    chain_each(&h->waiting, on)
    {
        struct hall *hall = chain_entry(on, struct hall, on_waiting);
        bool wants = presence_wants(&hall->table);
        bool pressed = wants && h->home.is_pressed(h->home.context, hall->board);
        if (wants && !presence_due(&hall->table, now_ms, pressed)) continue;
        chain_unlink(on);
        if (wants) hall_tell(h, hall, now_ms);
    }
}
