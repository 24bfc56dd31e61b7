#include "core/base/limits.h"
#include "tests/sim/sim.h"

static struct slice keep(struct slice s)
{
    char *copy = mem_new(s.len + 1);
    if (s.len > 0) memcpy(copy, s.ptr, s.len);
    return slice_of(copy, s.len);
}

static void drop(struct slice *s)
{
    mem_free((void *)(uintptr_t)s->ptr);
    *s = (struct slice){0};
}

struct port_board *port_board(struct port *p, struct id id)
{
    struct port_board *b;
    HASH_FIND(hh, p->boards, &id, sizeof id, b);
    if (b != NULL) return b;
    b = MEM_NEW(struct port_board);
    b->id = id;
    HASH_ADD(hh, p->boards, id, sizeof b->id, b);
    return b;
}

static void board_drop(struct port_board *b)
{
    struct port_entity *e, *next_e;
    struct port_text *t, *next_t;
    struct port_client *c, *next_c;
    HASH_ITER(hh, b->entities, e, next_e)
    {
        HASH_DEL(b->entities, e);
        drop(&e->json);
        mem_free(e);
    }
    HASH_ITER(hh, b->texts, t, next_t)
    {
        HASH_DEL(b->texts, t);
        drop(&t->text);
        mem_free(t);
    }
    HASH_ITER(hh, b->clients, c, next_c)
    {
        HASH_DEL(b->clients, c);
        mem_free(c);
    }
    for (uint64_t i = 0; i < b->head.seq; i++) {
        drop(&b->events[i].public_json);
        drop(&b->events[i].old_json);
    }
    mem_free(b->events);
}

void port_fini(struct port *p)
{
    struct port_board *b, *next;
    struct port_id *i, *next_i;
    HASH_ITER(hh, p->boards, b, next)
    {
        HASH_DEL(p->boards, b);
        board_drop(b);
        mem_free(b);
    }
    HASH_ITER(hh, p->ids, i, next_i)
    {
        HASH_DEL(p->ids, i);
        mem_free(i);
    }
}

/* -- storing */

static void entity_put(struct port_board *b, enum kind kind, struct id id, struct slice json)
{
    char key[1 + ID_BYTES] = {(char)kind};
    struct port_entity *e;
    memcpy(key + 1, id.bytes, ID_BYTES);
    HASH_FIND(hh, b->entities, key, sizeof key, e);
    if (json.len == 0) {
        CHECK(e != NULL);
        HASH_DEL(b->entities, e);
        drop(&e->json);
        mem_free(e);
        return;
    }
    if (e == NULL) {
        e = MEM_NEW(struct port_entity);
        memcpy(e->key, key, sizeof key);
        HASH_ADD(hh, b->entities, key, sizeof e->key, e);
    }
    if (e->json.ptr != NULL) drop(&e->json);
    e->json = keep(json);
}

static void text_put(struct port_board *b, const struct text_row *row)
{
    char key[1 + ID_BYTES] = {(char)row->field};
    struct port_text *t;
    memcpy(key + 1, row->id.bytes, ID_BYTES);
    HASH_FIND(hh, b->texts, key, sizeof key, t);
    if (t != NULL) {
        HASH_DEL(b->texts, t);
        drop(&t->text);
        mem_free(t);
    }
    if (row->gone) return;
    t = MEM_NEW(struct port_text);
    memcpy(t->key, key, sizeof key);
    t->s = row->s;
    t->text = keep(row->text);
    HASH_ADD(hh, b->texts, key, sizeof t->key, t);
}

static void client_put(struct port_board *b, const struct client_row *row)
{
    char key[ID_BYTES + CLIENT_ID_CHARS_MAX] = {0};
    struct port_client *c;
    memcpy(key, row->actor.bytes, ID_BYTES);
    memcpy(key + ID_BYTES, row->cl.ptr, row->cl.len);
    HASH_FIND(hh, b->clients, key, sizeof key, c);
    if (c == NULL) {
        c = MEM_NEW(struct port_client);
        memcpy(c->key, key, sizeof key);
        HASH_ADD(hh, b->clients, key, sizeof c->key, c);
    }
    CHECK(row->last_n > c->row.last_n);
    memcpy(c->cl, row->cl.ptr, row->cl.len);
    c->row = *row;
    c->row.cl = slice_of(c->cl, row->cl.len);
}

static void event_put(struct port_board *b, const struct event *e)
{
    struct hash128 chain;
    CHECK(e->seq == b->head.seq + 1);
    CHECK(event_chain(b->head.chain, e->public_json, e->old_json, &chain));
    CHECK(memcmp(chain.bytes, e->chain.bytes, sizeof chain.bytes) == 0);
    CHECK(e->public_json.len + e->old_json.len <= EVENT_BYTES_MAX);
    if (b->event_cap < e->seq) {
        b->event_cap = b->event_cap == 0 ? 64 : b->event_cap * 2;
        b->events = mem_resize(b->events, b->event_cap * sizeof *b->events);
    }
    b->events[e->seq - 1] =
            (struct port_event){keep(e->public_json), keep(e->old_json), hash_head(e->chain)};
    b->head.seq = e->seq;
    b->head.chain = e->chain;
}

/* The head's running sum is the sum of what is there. */
static void check_sums(const struct port_board *b)
{
    uint64_t sum = 0, count = 0;
    for (const struct port_entity *e = b->entities; e != NULL; e = e->hh.next, count++) {
        struct id id;
        memcpy(id.bytes, e->key + 1, ID_BYTES);
        sum += entity_sum((enum kind)e->key[0], id, e->json);
    }
    CHECK(sum == b->head.sum);
    CHECK(count == b->head.entities);
}

static bool there(const struct port_board *b, enum kind kind, struct id id)
{
    char key[1 + ID_BYTES] = {(char)kind};
    struct port_entity *e;
    memcpy(key + 1, id.bytes, ID_BYTES);
    HASH_FIND(hh, b->entities, key, sizeof key, e);
    return e != NULL;
}

static bool deleted_by(const struct batch *batch, struct id id)
{
    for (uint32_t i = 0; i < batch->entity_count; i++)
        if (batch->entities[i].json.len == 0 && id_eq(batch->entities[i].id, id)) return true;
    return false;
}

/* What was deleted may come back: on its board, as the same kind, where nothing stands. What the
 * twin's other half deletes goes on here. */
static bool comes_back(struct port *p, const struct batch *batch, const struct batch *from,
        const struct port_id *known, enum kind kind)
{
    if (known->kind != kind) return false;
    if (from != NULL && id_eq(known->board, from->board)) return deleted_by(from, known->id);
    if (!id_eq(known->board, batch->board)) return false;
    return deleted_by(batch, known->id) || !there(port_board(p, batch->board), kind, known->id);
}

/* from: of a twin, the other half */
static bool ids_free(struct port *p, struct batch *batch, const struct batch *from)
{
    for (uint32_t i = 0; i < batch->entity_count; i++) {
        const struct entity_row *row = &batch->entities[i];
        struct port_id *known;
        HASH_FIND(hh, p->ids, &row->id, sizeof row->id, known);
        if (row->json.len > 0) CHECK(row->fresh || known != NULL);
        if (!row->fresh || known == NULL || comes_back(p, batch, from, known, row->kind)) continue;
        batch->err = ERR_EXISTS;
        batch->taken = row->id;
        return false;
    }
    return true;
}

static void ids_put(struct port *p, enum kind kind, struct id id, struct id board)
{
    struct port_id *known;
    HASH_FIND(hh, p->ids, &id, sizeof id, known);
    if (known != NULL) known->board = board; /* it comes back, or from another board */
    if (known != NULL) return;
    known = MEM_NEW(struct port_id);
    known->id = id;
    known->kind = kind;
    known->board = board;
    HASH_ADD(hh, p->ids, id, sizeof known->id, known);
}

static void check_base(struct port *p, const struct batch *batch)
{
    const struct port_board *b = port_board(p, batch->board);
    CHECK(batch->before.seq == b->head.seq);
    CHECK(memcmp(batch->before.chain.bytes, b->head.chain.bytes, sizeof b->head.chain.bytes) == 0);
    CHECK(batch->before.sum == b->head.sum);
    CHECK(batch->event_count > 0 && batch->event_count <= BATCH_EVENTS_MAX);
}

static void store_one(struct port *p, struct batch *batch)
{
    struct port_board *b = port_board(p, batch->board);
    for (const struct event *e = batch->events; e != NULL; e = e->next)
        event_put(b, e);
    for (uint32_t i = 0; i < batch->entity_count; i++) /* first, as what is deleted may be back */
        if (batch->entities[i].json.len == 0)
            entity_put(b, batch->entities[i].kind, batch->entities[i].id, (struct slice){0});
    for (uint32_t i = 0; i < batch->entity_count; i++) {
        const struct entity_row *row = &batch->entities[i];
        CHECK(row->sum == (row->json.len == 0 ? 0 : entity_sum(row->kind, row->id, row->json)));
        if (row->fresh) ids_put(p, row->kind, row->id, batch->board);
        if (row->json.len > 0) entity_put(b, row->kind, row->id, row->json);
    }
    for (uint32_t i = 0; i < batch->text_count; i++)
        text_put(b, &batch->texts[i]);
    for (uint32_t i = 0; i < batch->client_count; i++)
        client_put(b, &batch->clients[i]);
    CHECK(batch->after.seq == b->head.seq);
    CHECK(memcmp(batch->after.chain.bytes, b->head.chain.bytes, sizeof b->head.chain.bytes) == 0);
    if (batch->after.number == 0) batch->after.number = ++p->numbers;
    b->head = batch->after;
    b->exists = true;
    check_sums(b);
}

bool port_store(struct port *p, struct batch *batch)
{
    struct batch *twin = batch->twin;
    check_base(p, batch);
    if (twin != NULL) {
        check_base(p, twin);
        CHECK(batch->event_count == 1 && twin->event_count == 1 && twin->client_count == 0);
        CHECK(!id_eq(batch->board, twin->board) && twin->twin == NULL);
    }
    if (!ids_free(p, batch, NULL)) return false;
    if (twin != NULL && !ids_free(p, twin, batch)) {
        batch->err = twin->err;
        batch->taken = twin->taken;
        return false;
    }
    store_one(p, batch);
    if (twin != NULL) store_one(p, twin);
    return true;
}

/* -- another node's records */

static void win_set(struct arena *a, struct rng *r, const struct board *b, struct effect *fx)
{
    uint64_t count = 0, wanted;
    const struct object *o;
    for (o = b->objects; o != NULL; o = o->hh.next)
        count += o->kind == KIND_LIST || o->kind == KIND_CARD;
    wanted = count > 0 ? rng_below(r, count) : 0;
    for (o = b->objects; o != NULL; o = o->hh.next)
        if ((o->kind == KIND_LIST || o->kind == KIND_CARD) && wanted-- == 0) break;
    *fx = (struct effect){.form = EFFECT_SET, .kind = KIND_BOARD, .id_count = 1, .column_count = 1};
    fx->ids = ARENA_NEW(a, struct id);
    fx->ids[0] = o == NULL ? b->id : o->id;
    if (o != NULL) fx->kind = o->kind;
    fx->columns = ARENA_NEW(a, struct effect_column);
    fx->columns[0].field = o == NULL              ? F_BOARD_NAME
                           : o->kind == KIND_LIST ? F_LIST_NAME
                                                  : F_CARD_NAME;
    fx->columns[0].count = 1;
    fx->columns[0].values = ARENA_NEW(a, struct value);
    fx->columns[0].values[0] = value_str(SLICE("won by another node"));
}

static void win_add(struct arena *a, struct rng *r, const struct board *b, struct effect *fx)
{
    *fx = (struct effect){.form = EFFECT_ADD, .kind = KIND_LABEL, .id_count = 1, .column_count = 2};
    fx->ids = ARENA_NEW(a, struct id);
    fx->ids[0] = id_make((uint32_t)(b->head.ts / 1000), rng_next(r));
    fx->columns = ARENA_NEW_ARRAY(a, struct effect_column, 2);
    fx->columns[0] = (struct effect_column){
            .field = F_LABEL_COLOR, .count = 1, .values = ARENA_NEW(a, struct value)};
    fx->columns[1] = (struct effect_column){
            .field = F_LABEL_NAME, .count = 1, .values = ARENA_NEW(a, struct value)};
    fx->columns[0].values[0] = value_str(SLICE("red"));
    fx->columns[1].values[0] = value_str(SLICE("of another node"));
}

/* A normal member whom another node removes: the barrier must come from a record, not from a
 * command. */
static bool win_removal(struct arena *a, struct board *b, struct effect *fx)
{
    for (struct object *o = b->objects; o != NULL; o = o->hh.next) {
        if (o->kind != KIND_MEMBERSHIP ||
                !slice_eq(value_slice(object_value(o, F_MEMBERSHIP_MEMBER_TYPE)), SLICE("normal")))
            continue;
        *fx = (struct effect){.form = EFFECT_DEL, .kind = KIND_MEMBERSHIP, .id_count = 1};
        fx->ids = ARENA_NEW(a, struct id);
        fx->ids[0] = o->id;
        return true;
    }
    return false;
}

static void win_store(struct port *p, struct port_board *pb, struct board *b, const struct event *e)
{
    struct buf text;
    const struct effect *fx = &e->effects[0];
    struct object *o = board_find(b, fx->ids[0]);
    buf_init(&text, MIB(1));
    event_put(pb, e);
    if (o != NULL) object_write(o, &text);
    uint64_t sum = o == NULL ? 0 : entity_sum(o->kind, o->id, buf_slice(&text));
    uint64_t was = o == NULL ? fx->objects[0]->sum : o->sum;
    b->head.sum += sum - was;
    if (fx->form == EFFECT_ADD) {
        b->head.entities++;
        ids_put(p, fx->kind, fx->ids[0], pb->id);
    }
    if (fx->form == EFFECT_DEL) b->head.entities--;
    if (o != NULL) o->sum = sum;
    entity_put(pb, fx->kind, fx->ids[0], buf_slice(&text));
    pb->head = b->head;
    buf_fini(&text);
    check_sums(pb);
}

void port_win(struct port *p, struct rng *r, struct batch *batch)
{
    struct port_board *pb = port_board(p, batch->board);
    struct board *b = port_state(p, batch->board);
    struct event **link = &batch->winners;
    CHECK(pb->exists);
    for (uint64_t left = 1 + rng_below(r, 3); left > 0; left--) {
        struct arena *a = &batch->arena;
        struct event *e = ARENA_NEW(a, struct event);
        struct buf public_json, old_json;
        buf_init(&public_json, MIB(1));
        buf_init(&old_json, MIB(1));
        e->effects = ARENA_NEW(a, struct effect);
        e->effect_count = 1;
        e->ts = b->head.ts + 1;
        uint64_t choice = rng_below(r, 10);
        bool removed = choice == 0 && win_removal(a, b, e->effects);
        pb->removed_elsewhere |= removed;
        if (!removed) {
            if (choice < 4)
                win_add(a, r, b, e->effects);
            else
                win_set(a, r, b, e->effects);
        }
        struct json_out j = json_out(&public_json);
        effects_write(&j, e->effects, 1);
        event_apply(b, e, a);
        j = json_out(&old_json);
        effects_write_old(&j, e->effects, 1);
        event_seal(b, e, a, buf_slice(&public_json), buf_slice(&old_json));
        win_store(p, pb, b, e);
        event_fini(e);
        e->effect_count = 0;
        *link = e;
        link = &e->next;
        buf_fini(&public_json);
        buf_fini(&old_json);
    }
    board_free(b);
}

/* -- reading, by the product's own loading */

struct port_view {
    struct view view;
    struct port *port;
};

static enum err view_head(struct view *v, struct id board, struct board_head *ret_head)
{
    struct port_board *b = port_board(((struct port_view *)v)->port, board);
    if (!b->exists) return ERR_NOT_FOUND;
    *ret_head = b->head;
    return ERR_OK;
}

static int by_key(struct port_entity *a, struct port_entity *b)
{
    return memcmp(a->key, b->key, sizeof a->key);
}

static enum err view_entities(struct view *v, struct id board, enum kind from, enum kind to,
        enum err (*fn)(void *context, enum kind kind, struct id id, struct slice json),
        void *context)
{
    struct port_board *b = port_board(((struct port_view *)v)->port, board);
    HASH_SORT(b->entities, by_key);
    for (struct port_entity *e = b->entities; e != NULL; e = e->hh.next) {
        struct id id;
        if ((unsigned)e->key[0] < (unsigned)from || (unsigned)e->key[0] > (unsigned)to) continue;
        memcpy(id.bytes, e->key + 1, ID_BYTES);
        enum err err = fn(context, (enum kind)e->key[0], id, e->json);
        if (err) return err;
    }
    return ERR_OK;
}

static enum err view_events(struct view *v, struct id board, uint64_t from,
        enum err (*fn)(
                void *context, uint64_t seq, struct slice public_json, struct slice old_json),
        void *context)
{
    struct port_board *b = port_board(((struct port_view *)v)->port, board);
    for (uint64_t seq = from; seq <= b->head.seq; seq++) {
        enum err err =
                fn(context, seq, b->events[seq - 1].public_json, b->events[seq - 1].old_json);
        if (err) return err;
    }
    return ERR_OK;
}

static enum err view_clients(struct view *v, struct id board,
        enum err (*fn)(void *context, const struct client_row *row), void *context)
{
    struct port_board *b = port_board(((struct port_view *)v)->port, board);
    for (struct port_client *c = b->clients; c != NULL; c = c->hh.next) {
        enum err err = fn(context, &c->row);
        if (err) return err;
    }
    return ERR_OK;
}

void port_load(struct port *p, struct board_load *load)
{
    static const struct view_ops ops = {.head = view_head,
            .entities = view_entities,
            .events = view_events,
            .clients = view_clients};
    struct arena arena;
    struct port_view v = {.view = {.ops = &ops, .arena = &arena}, .port = p};
    arena_init(&arena, KIB(16), MIB(64));
    board_load_run(load, &v.view);
    arena_fini(&arena);
}

struct board *port_state(struct port *p, struct id id)
{
    struct board_load load = {.board = id, .after = UINT64_MAX};
    port_load(p, &load);
    struct board *b = load.state;
    load.state = NULL;
    board_load_fini(&load);
    CHECK(b != NULL);
    return b;
}

struct board *port_fold(struct port *p, struct id id)
{
    struct port_board *pb = port_board(p, id);
    struct board *b = board_new(id);
    struct arena a;
    arena_init(&a, KIB(64), (size_t)1 << 32);
    for (uint64_t seq = 1; seq <= pb->head.seq; seq++) {
        struct event e = {0};
        struct fault fault;
        const struct port_event *record = &pb->events[seq - 1];
        CHECK(event_decode(&a, record->public_json, (struct slice){0}, &e, &fault) == ERR_OK);
        CHECK(event_chain(b->head.chain, record->public_json, record->old_json, &e.chain));
        event_apply(b, &e, &a);
        event_follow(b, &e);
        event_fini(&e);
        arena_reset(&a);
    }
    arena_fini(&a);
    return b;
}

void board_text(const struct board *b, struct buf *out)
{
    buf_clear(out);
    board_write(b, out);
    CHECK(buf_ok(out));
}
