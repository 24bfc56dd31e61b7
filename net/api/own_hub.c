#include "net/api/own_hub.h"

#include "core/base/map.h"

struct follower {
    struct id member;
    uint64_t loops;
    UT_hash_handle hh;
};

struct own_hub {
    own_hub_tell *tell;
    void *context;
    struct follower *followers; /* by member */
};

struct own_hub *own_hub_new(own_hub_tell *tell, void *context)
{
    struct own_hub *h = MEM_NEW(struct own_hub);
    h->tell = tell;
    h->context = context;
    return h;
}

static struct follower *find(const struct own_hub *h, struct id member)
{
    struct follower *f;
    HASH_FIND(hh, h->followers, &member, sizeof member, f);
    return f;
}

static void drop(struct own_hub *h, struct follower *f)
{
    HASH_DEL(h->followers, f);
    mem_free(f);
}

struct own_hub *own_hub_free(struct own_hub *h)
{
    struct follower *f, *next;
    if (!h) return NULL;
    HASH_ITER(hh, h->followers, f, next) drop(h, f);
    return mem_free(h);
}

void own_hub_follow(struct own_hub *h, struct id member, uint32_t loop)
{
    struct follower *f = find(h, member);
    CHECK(loop < 64 && !id_is_none(member));
    if (!f) {
        f = MEM_NEW(struct follower);
        f->member = member;
        HASH_ADD(hh, h->followers, member, sizeof f->member, f);
    }
    f->loops |= UINT64_C(1) << loop;
}

void own_hub_leave(struct own_hub *h, struct id member, uint32_t loop)
{
    struct follower *f = find(h, member);
    CHECK(loop < 64);
    if (!f) return;
    f->loops &= ~(UINT64_C(1) << loop);
    if (f->loops == 0) drop(h, f);
}

/* -- what concerns whom */

static void tell_loops(struct own_hub *h, const struct follower *f, struct id board)
{
    for (uint64_t rest = f->loops; rest != 0; rest &= rest - 1)
        h->tell(h->context, (uint32_t)__builtin_ctzll(rest), f->member, board);
}

static void tell(struct own_hub *h, struct id member, struct id board)
{
    const struct follower *f = find(h, member);
    if (f) tell_loops(h, f, board);
}

/* What a list of boards shows of one. The date of the last activity is not part of it: it changes
 * with every edit. */
static bool shown(enum field f)
{
    return f == F_BOARD_CLOSED || f == F_BOARD_ID_ORGANIZATION || f == F_BOARD_NAME ||
           f == F_BOARD_PREFS || f == F_BOARD_SHORT_LINK;
}

static bool board_shows(const struct batch *batch)
{
    for (const struct event *e = batch->events; e != NULL; e = e->next)
        for (uint32_t i = 0; i < e->effect_count; i++) {
            const struct effect *fx = &e->effects[i];
            if (fx->kind != KIND_BOARD || fx->form == EFFECT_TXT) continue;
            if (fx->form != EFFECT_SET) return true;
            for (uint32_t k = 0; k < fx->column_count; k++)
                if (shown(fx->columns[k].field)) return true;
        }
    return false;
}

static void directory_rows(struct own_hub *h, const struct batch *batch)
{
    for (uint32_t i = 0; i < batch->entity_count; i++) {
        const struct entity_row *row = &batch->entities[i];
        if (row->kind == KIND_MEMBER) tell(h, row->id, row->id);
        if (row->kind != KIND_SHELF || row->object == NULL) continue;
        tell(h, object_value(row->object, F_SHELF_ID_MEMBER)->id,
                object_value(row->object, F_SHELF_ID_BOARD)->id);
    }
}

void own_hub_batch(struct own_hub *h, const struct batch *batch, const struct board *board)
{
    if (!h->followers || batch->answer == OPLOG_REFUSED) return;
    if (batch->answer != OPLOG_COMMITTED) { /* other records than these, or nobody knows */
        for (const struct follower *f = h->followers; f; f = f->hh.next)
            tell_loops(h, f, (struct id){{0}});
        return;
    }
    if (id_is_none(batch->board)) {
        directory_rows(h, batch);
        return;
    }
    for (uint32_t i = 0; i < batch->member_count; i++)
        tell(h, batch->members[i].member, batch->board);
    if (!board || !board_shows(batch)) return;
    for (size_t i = 0; i < board->count[KIND_MEMBERSHIP]; i++)
        tell(h, object_value(board->memberships[i], F_MEMBERSHIP_ID_MEMBER)->id, batch->board);
}
