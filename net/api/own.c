#include "net/api/own.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "net/api/live_impl.h"

#define EVENT_BYTES KIB(64) /* an event that has grown past it is closed, and the next begun */

struct own_verdict {
    struct own_verdict *next;
    struct conn_handle conn;
    uint64_t due;
    uint64_t n;
    char cl[CLIENT_ID_CHARS_MAX + 1];
    size_t len; /* 0: accepted */
    char text[];
};

/* -- the state */

static struct slice kept(struct slice text)
{
    if (text.len == 0) return (struct slice){0};
    char *copy = mem_new(text.len);
    memcpy(copy, text.ptr, text.len);
    return slice_of(copy, text.len);
}

static void forget(struct slice text)
{
    mem_free((void *)(uintptr_t)text.ptr);
}

static uint64_t sum(enum kind kind, struct slice json)
{
    return json.len ? hash64(json, kind) : 0;
}

/* The stored text becomes the new one, and h follows. */
static void replace(struct own *own, enum kind kind, struct slice *stored, struct slice json)
{
    own->entry->head.h += sum(kind, json) - sum(kind, *stored);
    forget(*stored);
    *stored = kept(json);
}

static struct own_board *board_of(const struct own *own, struct id id)
{
    struct own_board *b;
    HASH_FIND(hh, own->boards, &id, sizeof id, b);
    return b;
}

static void board_drop(struct own *own, struct own_board *b)
{
    HASH_DEL(own->boards, b);
    forget(b->json);
    forget(b->shelf);
    mem_free(b);
}

struct own *own_new(struct shard *s, struct board_entry *e)
{
    struct own *own = MEM_NEW(struct own);
    own->shard = s;
    own->entry = e;
    own->member = e->id;
    own->all = true;
    chain_init(&own->waiting);
    return own;
}

static void verdicts_drop(struct own *own)
{
    for (struct own_verdict *v; (v = own->first) != NULL;) {
        own->first = v->next;
        mem_free(v);
    }
    own->last = NULL;
}

struct own *own_free(struct own *own)
{
    struct own_board *b, *next;
    if (!own) return NULL;
    CHECK(!own->reading && chain_empty(&own->waiting));
    if (chain_linked(&own->on_dirty)) chain_unlink(&own->on_dirty);
    HASH_ITER(hh, own->boards, b, next) board_drop(own, b);
    verdicts_drop(own);
    forget(own->me);
    return mem_free(own);
}

/* -- events */

struct writing {
    struct own *own;
    const struct own_verdict *by; /* whose op the next event is said to be; NULL: nobody's */
    struct buf text;
    struct json_out j;
    bool open;
    uint32_t events;
};

static void event_open(struct writing *w)
{
    if (w->open) return;
    w->open = true;
    buf_clear(&w->text);
    w->j = json_out(&w->text);
    json_object_begin(&w->j);
    JSON_KEY(&w->j, "t");
    json_str(&w->j, SLICE("op"));
    JSON_KEY(&w->j, "s");
    json_u64(&w->j, w->own->entry->head.seq + 1);
    JSON_KEY(&w->j, "by");
    json_id(&w->j, w->by ? w->own->member : (struct id){{0}});
    JSON_KEY(&w->j, "ts");
    json_u64(&w->j, (uint64_t)loop_wall_ms(w->own->shard->loop));
    if (w->by) {
        JSON_KEY(&w->j, "cl");
        json_str(&w->j, slice_cstr(w->by->cl));
        JSON_KEY(&w->j, "n");
        json_u64(&w->j, w->by->n);
    }
    w->by = NULL;
    JSON_KEY(&w->j, "e");
    json_array_begin(&w->j);
}

static void event_close(struct writing *w)
{
    struct board_entry *e = w->own->entry;
    char h[17];
    if (!w->open) return;
    snprintf(h, sizeof h, "%016llx", (unsigned long long)e->head.h);
    json_array_end(&w->j);
    JSON_KEY(&w->j, "h");
    json_str(&w->j, slice_cstr(h));
    json_object_end(&w->j);
    CHECK(buf_ok(&w->text));
    e->head.seq++;
    feed_append(e->feed, e->head.seq, buf_slice(&w->text));
    e->event_ms = loop_now_ms(w->own->shard->loop);
    w->open = false;
    w->events++;
}

static void fields_changed(struct json_out *j, const json_t *old, const json_t *now)
{
    const char *key;
    json_t *value;
    json_object_begin(j);
    json_object_foreach((json_t *)(uintptr_t)now, key, value)
    {
        const json_t *was = json_object_get(old, key);
        if (was && json_equal(was, value)) continue;
        json_key(j, slice_cstr(key));
        json_tree(j, value);
    }
    json_object_foreach((json_t *)(uintptr_t)old, key, value)
    {
        if (json_object_get(now, key)) continue;
        json_key(j, slice_cstr(key));
        json_nil(j);
    }
    json_object_end(j);
}

/* One object from what it was to what it is; an empty text: not there. */
static void object_changed(
        struct writing *w, enum kind kind, struct id id, struct slice *stored, struct slice json)
{
    struct arena *scratch = &w->own->shard->scratch;
    json_t *old, *now;
    if (slice_eq(*stored, json)) return;
    event_open(w);
    json_array_begin(&w->j);
    json_str(&w->j, json.len == 0 ? SLICE("del") : stored->len == 0 ? SLICE("add") : SLICE("set"));
    json_str(&w->j, kind_info(kind)->name);
    json_id(&w->j, id);
    if (json.len > 0 && stored->len == 0) {
        json_raw(&w->j, json);
    } else if (json.len > 0) {
        arena_reset(scratch);
        CHECK(json_read(scratch, *stored, &old, NULL) == ERR_OK); /* written by own_read.c */
        CHECK(json_read(scratch, json, &now, NULL) == ERR_OK);
        fields_changed(&w->j, old, now);
    }
    json_array_end(&w->j);
    replace(w->own, kind, stored, json);
}

static struct id shelf_named(struct slice json)
{
    struct id id;
    /* {"id":"... */
    CHECK(json.len > 7 + ID_TEXT && id_parse(slice_of(json.ptr + 7, ID_TEXT), &id));
    return id;
}

static void board_changed(struct writing *w, const struct own_row *row)
{
    struct own_board *b = board_of(w->own, row->board);
    if (!b && row->json.len == 0) return;
    if (!b) {
        b = MEM_NEW(struct own_board);
        b->id = row->board;
        HASH_ADD(hh, w->own->boards, id, sizeof b->id, b);
    }
    b->seen = w->own->done;
    object_changed(w, KIND_BOARD, b->id, &b->json, row->json);
    if (row->shelf.len || b->shelf.len)
        object_changed(w, KIND_SHELF, shelf_named(row->shelf.len ? row->shelf : b->shelf),
                &b->shelf, row->shelf);
    if (row->json.len == 0) board_drop(w->own, b);
    if (w->open && w->text.len > EVENT_BYTES) event_close(w);
}

static void state_take(struct writing *w, const struct own_read *r)
{
    struct own *own = w->own;
    struct own_board *b, *next;
    if (r->me.len) object_changed(w, KIND_MEMBER, own->member, &own->me, r->me);
    for (uint32_t i = 0; i < r->count; i++)
        board_changed(w, &r->rows[i]);
    if (!r->all) return;
    HASH_ITER(hh, own->boards, b, next)
    {
        if (b->seen != own->done) board_changed(w, &(struct own_row){.board = b->id});
    }
}

/* The first reading is where the stream begins: there is nobody yet who could miss anything. */
static void state_load(struct own *own, const struct own_read *r)
{
    struct board_entry *e = own->entry;
    replace(own, KIND_MEMBER, &own->me, r->me);
    for (uint32_t i = 0; i < r->count; i++) {
        struct own_board *b = MEM_NEW(struct own_board);
        b->id = r->rows[i].board;
        b->seen = own->done;
        HASH_ADD(hh, own->boards, id, sizeof b->id, b);
        replace(own, KIND_BOARD, &b->json, r->rows[i].json);
        replace(own, KIND_SHELF, &b->shelf, r->rows[i].shelf);
    }
    own->loaded = true;
    e->head.seq = 1;
    e->feed = feed_new(own->shard->loop, e->head.seq + 1);
    e->event_ms = loop_now_ms(own->shard->loop);
    e->state = ENTRY_LIVE;
}

/* -- verdicts */

static const struct own_verdict *accepted_due(const struct own *own)
{
    for (const struct own_verdict *v = own->first; v && v->due <= own->done; v = v->next)
        if (v->len == 0) return v;
    return NULL;
}

static void verdict_say(struct own *own, const struct own_verdict *v)
{
    struct conn *conn = loop_conn(own->shard->loop, v->conn);
    struct buf text = {.ptr = (char *)(uintptr_t)v->text, .len = v->len};
    if (conn) live_send_behind((struct live *)conn_ctx(conn), &text, own->entry->head.seq);
}

/* Each accepted op has exactly one event; the first of them has what changed. */
static void verdicts_due(struct writing *w, const struct own_verdict *said)
{
    struct own *own = w->own;
    for (struct own_verdict *v; (v = own->first) != NULL && v->due <= own->done;) {
        if (v->len > 0) {
            verdict_say(own, v);
        } else if (v != said || w->events == 0) {
            w->by = v;
            event_open(w);
            event_close(w);
        }
        own->first = v->next;
        if (!own->first) own->last = NULL;
        mem_free(v);
    }
}

static void own_settle(struct own *own, const struct own_read *r)
{
    struct writing w = {.own = own, .by = accepted_due(own)};
    const struct own_verdict *said = w.by;
    buf_init(&w.text, EVENT_BYTES_MAX + MIB(1));
    if (r) state_take(&w, r);
    event_close(&w);
    verdicts_due(&w, said);
    buf_fini(&w.text);
}

void own_verdict(
        struct own *own, struct conn *conn, struct slice cl, uint64_t n, const struct buf *text)
{
    size_t len = text ? text->len : 0;
    struct own_verdict *v = mem_new(sizeof *v + len);
    CHECK(cl.len < sizeof v->cl);
    v->conn = conn_handle(conn);
    v->due = own_due(own);
    v->n = n;
    memcpy(v->cl, cl.ptr, cl.len);
    v->len = len;
    if (len) memcpy(v->text, text->ptr, len);
    if (own->last)
        own->last->next = v;
    else
        own->first = v;
    own->last = v;
    if (v->due <= own->done) own_settle(own, NULL);
}

/* -- reading */

static bool dirty(const struct own *own)
{
    return own->all || own->dirty_count > 0;
}

static void queue(struct own *own)
{
    if (own->attached && !own->reading && dirty(own) && !chain_linked(&own->on_dirty))
        chain_push(&own->shard->owns_dirty, &own->on_dirty);
}

void own_attached(struct own *own)
{
    own->attached = true;
    queue(own);
}

void own_changed(struct own *own, struct id what)
{
    bool known = own->all;
    for (uint32_t i = 0; i < own->dirty_count && !known; i++)
        known = id_eq(own->dirty[i], what);
    if (id_is_none(what) || (!known && own->dirty_count == OWN_WANTED_MAX))
        own->all = true;
    else if (!known)
        own->dirty[own->dirty_count++] = what;
    queue(own);
}

uint64_t own_due(const struct own *own)
{
    return own->begun + (dirty(own) ? 1 : 0);
}

/* Those who wait may have been waiting for a later reading than this. */
static void waiting_serve(struct own *own)
{
    chain_each(&own->waiting, on) live_own_ready(chain_entry(on, struct live, on_catchups));
}

static void own_read_done(struct shard_read *read, struct shard *s, struct conn *conn)
{
    const struct own_read *r = (const struct own_read *)read;
    struct board_entry *e = own_entry(s, r->member, false);
    (void)conn;
    CHECK(e && e->own->reading);
    struct own *own = e->own;
    own->reading = false;
    if (s->ended) return;
    if (read->err != ERR_OK) {
        log_error("own_read", "%s", err_text(read->err));
        own->all = true;
        live_own_failed(e);
        verdicts_drop(own);
        return; /* read again when somebody comes back */
    }
    own->done++;
    if (own->loaded) {
        own_settle(own, r);
    } else {
        state_load(own, r);
        own_settle(own, NULL);
    }
    waiting_serve(own);
    queue(own);
}

static void own_read_begin(struct own *own)
{
    struct own_read *r = shard_read_new(own->shard, NULL, sizeof *r);
    r->member = own->member;
    r->all = own->all;
    r->wanted_count = own->dirty_count;
    memcpy(r->wanted, own->dirty, sizeof r->wanted);
    r->read.run = own_read_run;
    r->read.done = own_read_done;
    own->all = false;
    own->dirty_count = 0;
    own->reading = true;
    own->begun++;
    shard_read(own->shard, &r->read);
}

void own_turn(struct shard *s)
{
    while (!chain_empty(&s->owns_dirty)) {
        struct own *own = chain_entry(chain_pop(&s->owns_dirty), struct own, on_dirty);
        if (!own->reading && dirty(own)) own_read_begin(own);
    }
}

/* -- a snapshot, out of memory */

static void snapshot_add(struct parts *p, uint32_t *part, enum kind kind, struct slice json)
{
    struct buf *open = &p->open;
    if (json.len == 0) return;
    if (open->len > 0 && open->len + json.len + 64 > SNAPSHOT_PART_BYTES) {
        BUF_ADD(open, "],\"last\":false}");
        parts_close(p);
    }
    if (open->len == 0)
        buf_add_format(open, "{\"t\":\"snap\",\"pos\":[%llu,\"%016llx\"],\"part\":%u,\"state\":[",
                (unsigned long long)p->position.seq, (unsigned long long)p->position.h, ++*part);
    else
        buf_add_char(open, ',');
    buf_add_format(open, "[\"%s\",", kind_info(kind)->name.ptr);
    buf_add(open, json);
    buf_add_char(open, ']');
}

struct parts *own_snapshot(const struct own *own)
{
    struct parts *p = parts_new();
    uint32_t part = 0;
    p->position = own->entry->head;
    snapshot_add(p, &part, KIND_MEMBER, own->me);
    for (const struct own_board *b = own->boards; b; b = b->hh.next) {
        snapshot_add(p, &part, KIND_BOARD, b->json);
        snapshot_add(p, &part, KIND_SHELF, b->shelf);
    }
    BUF_ADD(&p->open, "],\"last\":true}");
    parts_close(p);
    return p;
}
