#include "net/api/catchup.h"

#include "core/base/json.h"
#include "core/base/json_write.h"
#include "net/api/shard_impl.h"

#define ENTITY_BYTES_GUESS 240     /* of one stored card, measured on real boards */
#define REPLAY_BYTES_CHEAP KIB(256) /* a stretch of so much is never dearer than a snapshot */

/* -- a stretch of the log */

struct stretch {
    struct parts *parts;
    uint64_t last, events;
    size_t bytes;
};

static enum err stretch_add(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    (void)old_json;
    struct stretch *s = context;
    struct buf *open = &s->parts->open;
    /* enough */
    if (s->events > 0 && s->bytes + public_json.len > CATCHUP_ROUND_BYTES) return ERR_TOO_LARGE;
    if (open->len > 0 && open->len + public_json.len > SNAPSHOT_PART_BYTES) {
        BUF_ADD(open, "]}");
        parts_close(s->parts);
    }
    if (open->len == 0) {
        BUF_ADD(open, "{\"t\":\"ops\",\"list\":[");
    } else {
        buf_add_char(open, ',');
    }
    buf_add(open, public_json);
    s->bytes += public_json.len;
    s->events++;
    s->last = seq;
    return ERR_OK;
}

/* NULL: the log has what follows `since`; otherwise why not. */
static const char *catchup_check(struct catchup *c, struct view *v, enum err *ret_err)
{
    uint64_t h = 0;
    if (c->since.seq > c->head.seq) return "position";
    enum err err = v->ops->event_h(v, c->board, c->since.seq, &h);
    if (err == ERR_GONE_POSITION || err == ERR_NOT_FOUND) return "floor";
    *ret_err = err;
    if (err == ERR_OK && c->check && h != c->since.h) return "position";
    return NULL;
}

static void catchup_stretch(struct catchup *c, struct view *v, const struct board_head *head)
{
    struct stretch s = { 0 };
    uint64_t count = head->seq - c->since.seq;
    size_t dear = (size_t)head->entities * ENTITY_BYTES_GUESS;
    if (dear < REPLAY_BYTES_CHEAP) dear = REPLAY_BYTES_CHEAP;
    if (count > LIVE_REPLAY_EVENTS_MAX) {
        c->resync = "lag";
        return;
    }
    s.parts = parts_new();
    s.parts->position = c->since;
    if (count > 0) {
        enum err err = v->ops->events(v, c->board, c->since.seq + 1, stretch_add, &s);
        if (err != ERR_OK && !(err == ERR_TOO_LARGE && s.events > 0)) {
            c->read.err = err;
        } else if (s.events == 0 || s.bytes / s.events * count > dear) {
            c->resync = "lag";
        } else {
            BUF_ADD(&s.parts->open, "]}");
            parts_close(s.parts);
            s.parts->position.seq = s.last;
            c->more = s.last < head->seq;
            c->read.err = v->ops->event_h(v, c->board, s.last, &s.parts->position.h);
        }
    }
    if (c->read.err != ERR_OK || c->resync) {
        parts_unref(s.parts);
    } else {
        c->parts = s.parts;
    }
}

/* -- a snapshot: the concatenation of stored values, cut between objects */

struct who {
    struct view *view;
    struct arena *arena;
    struct people *people;
    struct buf *out;
    bool comma;
};

static enum err who_add(void *context, enum kind kind, struct id id, struct slice json)
{
    (void)kind, (void)id;
    struct who *w = context;
    struct slice text;
    struct id member;
    json_t *tree;
    arena_reset(w->arena);
    if (json_read(w->arena, json, &tree, NULL) != ERR_OK) return ERR_CORRUPT;
    if (!json_get_slice(tree, "idMember", &text) || !id_parse(text, &member)) return ERR_OK;
    people_add(w->people, member);
    size_t before = w->out->len;
    if (w->comma) buf_add_char(w->out, ',');
    if (member_write(w->view, w->arena, member, w->out)) {
        w->comma = true;
    } else {
        w->out->len = before; /* a membership of someone who is gone */
    }
    return ERR_OK;
}

static enum err who_write(
        struct board_view *bv, struct arena *a, struct people *people, struct buf *out)
{
    struct who w = { .view = bv->view, .arena = a, .people = people, .out = out };
    enum err err = bv->view->ops->entities(
            bv->view, bv->board, KIND_MEMBERSHIP, KIND_MEMBERSHIP, who_add, &w);
    if (!bv->actor.system) people_add(people, bv->actor.member); /* allowed by this very view */
    people_ready(people);
    return err;
}

struct taking {
    struct parts *parts;
    uint32_t part;
    struct slice who; /* of the first part */
    bool comma;
};

static void taking_open(struct taking *t)
{
    struct buf *open = &t->parts->open;
    buf_add_format(open, "{\"t\":\"snap\",\"pos\":[%llu,\"%016llx\"],\"part\":%u,",
            (unsigned long long)t->parts->position.seq, (unsigned long long)t->parts->position.h,
            ++t->part);
    if (t->part == 1) {
        BUF_ADD(open, "\"who\":[");
        buf_add(open, t->who);
        BUF_ADD(open, "],");
    }
    BUF_ADD(open, "\"state\":[");
    t->comma = false;
}

static void taking_close(struct taking *t, bool last)
{
    if (last) {
        BUF_ADD(&t->parts->open, "],\"last\":true}");
    } else {
        BUF_ADD(&t->parts->open, "],\"last\":false}");
    }
    parts_close(t->parts);
}

static enum err taking_add(void *context, enum kind kind, struct id id, struct slice json)
{
    (void)id;
    struct taking *t = context;
    struct buf *open = &t->parts->open;
    if (t->comma && open->len + json.len + 64 > SNAPSHOT_PART_BYTES) {
        taking_close(t, false);
        taking_open(t);
    }
    if (t->comma) buf_add_char(open, ',');
    BUF_ADD(open, "[\"");
    buf_add(open, kind_info(kind)->name);
    BUF_ADD(open, "\",");
    buf_add(open, json);
    buf_add_char(open, ']');
    t->comma = true;
    return ERR_OK;
}

static void catchup_snapshot(struct catchup *c, struct board_view *bv)
{
    struct view *v = bv->view;
    struct buf who;
    buf_init(&who, MIB(1));
    struct taking t = { .parts = parts_new() };
    t.parts->position = c->head;
    enum err err = who_write(bv, &c->read.arena, &t.parts->people, &who);
    if (err == ERR_OK && !buf_ok(&who)) err = ERR_TOO_LARGE;
    if (err == ERR_OK) {
        t.who = buf_slice(&who);
        taking_open(&t);
        err = v->ops->entities(v, c->board, KIND_BOARD, KIND_TIER1_LAST, taking_add, &t);
    }
    if (err == ERR_OK) {
        taking_close(&t, true);
        c->parts = t.parts;
    } else {
        c->read.err = err;
        parts_unref(t.parts);
    }
    buf_fini(&who);
}

void catchup_run(struct shard_read *read, struct view *v)
{
    struct catchup *c = (struct catchup *)read;
    struct board_view bv;
    read->err = board_view_open(v, &read->actor, c->board, PERM_READ, &bv, &read->fault);
    if (read->err != ERR_OK) return;
    c->head = (struct position){ bv.head.seq, hash_head(bv.head.chain) };
    if (c->snapshot) {
        catchup_snapshot(c, &bv);
        return;
    }
    c->resync = catchup_check(c, v, &read->err);
    if (!c->resync && read->err == ERR_OK) catchup_stretch(c, v, &bv.head);
}
