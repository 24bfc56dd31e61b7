#include "storage/view_lmdb.h"

#include "core/base/log.h"
#include "core/base/metric.h"
#include "storage/record.h"

static struct view_lmdb *self(struct view *v)
{
    return CONTAINER_OF(v, struct view_lmdb, view);
}

/* A row whose checksum holds but whose form is not the table's: damage before it was stored. */
static enum err malformed(enum table t)
{
    metric_add(METRIC_corrupt_records_total, 1);
    log_error("storage-malformed", "table=%s", table_name(t));
    return ERR_CORRUPT;
}

static enum err get(struct view *v, enum table t, const struct key *key, struct slice *ret_value)
{
    return db_get(self(v)->db, self(v)->txn, t, key, ret_value);
}

static enum err view_head(struct view *v, struct id board, struct board_head *ret_head)
{
    struct slice value;
    struct key key = key_id(board);
    enum err err = get(v, TABLE_HEADS, &key, &value);
    if (err != ERR_OK) return err;
    err = record_head_read(v->arena, value, ret_head);
    return err == ERR_OK ? ERR_OK : malformed(TABLE_HEADS);
}

static enum err view_entity(
        struct view *v, struct id board, enum kind kind, struct id id, struct slice *ret_json)
{
    struct key key = key_entity(board, kind, id);
    return get(v, TABLE_ENTITIES, &key, ret_json);
}

typedef enum err entity_fn(void *context, enum kind kind, struct id id, struct slice json);

static enum err view_entities(
        struct view *v, struct id board, enum kind from, enum kind to, entity_fn *fn, void *context)
{
    struct scan scan;
    struct slice key, json;
    struct key start = key_entity_kind(board, from);
    enum err err = scan_open(&scan, self(v)->db, self(v)->txn, TABLE_ENTITIES, &start, ID_BYTES);
    if (err != ERR_OK) return err;
    while ((err = scan_next(&scan, &key, &json)) == ERR_OK) {
        struct id of, id;
        enum kind kind;
        if (!key_entity_read(key, &of, &kind, &id)) {
            err = malformed(TABLE_ENTITIES);
            break;
        }
        if (kind > to) {
            err = ERR_NOT_FOUND;
            break;
        }
        if ((err = fn(context, kind, id, json)) != ERR_OK) {
            scan_close(&scan);
            return err; /* fn's own, whatever it is */
        }
    }
    scan_close(&scan);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err view_parts(
        struct view *v, struct id board, struct id card, entity_fn *fn, void *context)
{
    struct scan scan;
    struct slice key, value, json;
    struct key start = key_parts(board, card);
    enum err err = scan_open(&scan, self(v)->db, self(v)->txn, TABLE_PARTS, &start, 2 * ID_BYTES);
    if (err != ERR_OK) return err;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK) {
        struct id of, on, id;
        enum kind kind;
        if (!key_part_read(key, &of, &on, &kind, &id) ||
                view_entity(v, board, kind, id, &json) != ERR_OK) {
            err = malformed(TABLE_PARTS);
            break;
        }
        if ((err = fn(context, kind, id, json)) != ERR_OK) {
            scan_close(&scan);
            return err; /* fn's own, whatever it is */
        }
    }
    scan_close(&scan);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err view_text(struct view *v, struct id board, struct id id, enum field field,
        uint64_t *ret_s, struct slice *ret_text)
{
    struct slice value;
    struct key key = key_text(board, id, field);
    enum err err =
            db_get_near(self(v)->db, self(v)->txn, TABLE_TEXTS, &self(v)->texts, &key, &value);
    if (err != ERR_OK) return err;
    return record_text_read(value, ret_s, ret_text) ? ERR_OK : malformed(TABLE_TEXTS);
}

typedef enum err event_fn(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json);

struct events_walk {
    uint64_t next; /* the seq that must come */
    event_fn *fn;
    void *context;
    bool stopped; /* by fn */
};

static enum err event_visit(struct events_walk *walk, struct slice key, struct slice value)
{
    struct id board;
    uint64_t seq;
    struct slice public_json, old_json;
    if (!key_event_read(key, &board, &seq) || seq != walk->next ||
            !record_event_read(value, &public_json, &old_json))
        return malformed(TABLE_EVENTS);
    walk->next++;
    enum err err = walk->fn(walk->context, seq, public_json, old_json);
    walk->stopped = err != ERR_OK;
    return err;
}

static enum err view_events(
        struct view *v, struct id board, uint64_t from, event_fn *fn, void *context)
{
    struct scan scan;
    struct board_head head;
    struct slice key, value;
    enum err err = view_head(v, board, &head);
    if (err != ERR_OK) return err;
    if (from <= head.floor) return ERR_GONE_POSITION;
    if (from > head.seq) return ERR_OK;
    struct key start = key_event(board, from);
    err = scan_open(&scan, self(v)->db, self(v)->txn, TABLE_EVENTS, &start, ID_BYTES);
    if (err != ERR_OK) return err;
    struct events_walk walk = {.next = from, .fn = fn, .context = context};
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK &&
            (err = event_visit(&walk, key, value)) == ERR_OK)
        ;
    scan_close(&scan);
    if (walk.stopped || err != ERR_NOT_FOUND) return err;
    return walk.next == head.seq + 1 ? ERR_OK : malformed(TABLE_EVENTS); /* a lost tail */
}

static enum err view_event_h(struct view *v, struct id board, uint64_t seq, uint64_t *ret_h)
{
    struct board_head head;
    struct slice value, public_json, old_json;
    enum err err = view_head(v, board, &head);
    if (err != ERR_OK) return err;
    if (seq == head.seq || seq == head.floor) {
        *ret_h = hash_head(seq == head.seq ? head.chain : head.floor_chain);
        return ERR_OK;
    }
    if (seq < head.floor) return ERR_GONE_POSITION;
    if (seq > head.seq) return ERR_NOT_FOUND;
    struct key key = key_event(board, seq);
    err = get(v, TABLE_EVENTS, &key, &value);
    if (err == ERR_NOT_FOUND) return malformed(TABLE_EVENTS); /* a hole in the log */
    if (err != ERR_OK) return err;
    if (!record_event_read(value, &public_json, &old_json) || !record_event_h(public_json, ret_h))
        return malformed(TABLE_EVENTS);
    return ERR_OK;
}

/* Rows of ids and short links outlive their object, so that no id is ever given to another; only
 * what exists is found. */
static enum err still_there(
        struct view *v, const struct location *at, struct location *ret_location)
{
    struct slice json;
    struct key key = key_entity(at->board, at->kind, at->id);
    enum err err = get(v, TABLE_ENTITIES, &key, &json);
    if (err == ERR_OK) *ret_location = *at;
    return err;
}

static enum err view_locate(struct view *v, struct id id, struct location *ret_location)
{
    struct slice value;
    struct location at = {.id = id};
    struct key key = key_id(id);
    enum err err = get(v, TABLE_IDS, &key, &value);
    if (err != ERR_OK) return err;
    if (value.len != LOCATION_BYTES || !record_location_read(value, &at))
        return malformed(TABLE_IDS);
    return still_there(v, &at, ret_location);
}

static enum err view_locate_short(
        struct view *v, struct slice short_link, struct location *ret_location)
{
    struct slice value;
    struct location at = {.kind = KIND_NONE};
    if (!short_link_valid(short_link)) return ERR_NOT_FOUND;
    struct key key = key_bytes(short_link);
    enum err err = get(v, TABLE_SHORTS, &key, &value);
    if (err != ERR_OK) return err;
    if (value.len != LOCATION_SHORT_BYTES || !record_location_read(value, &at))
        return malformed(TABLE_SHORTS);
    return still_there(v, &at, ret_location);
}

static enum err view_known(struct view *v, struct id id, struct slice short_link, bool *ret_known)
{
    struct slice value;
    struct key key = id_is_none(id) ? key_bytes(short_link) : key_id(id);
    enum err err = get(v, id_is_none(id) ? TABLE_SHORTS : TABLE_IDS, &key, &value);
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
    *ret_known = err == ERR_OK;
    return ERR_OK;
}

typedef enum err membership_fn(void *context, struct id board, enum role role);

static enum err view_memberships(struct view *v, struct id member, membership_fn *fn, void *context)
{
    struct scan scan;
    struct slice key, value;
    struct key start = key_id(member);
    enum err err = scan_open(&scan, self(v)->db, self(v)->txn, TABLE_MEMBERS, &start, ID_BYTES);
    if (err != ERR_OK) return err;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK) {
        struct id of, board;
        enum role role;
        if (key.len != 2 * ID_BYTES || !key_pair_read(key, &of, &board) ||
                !record_role_read(value, &role)) {
            err = malformed(TABLE_MEMBERS);
            break;
        }
        if ((err = fn(context, board, role)) != ERR_OK) {
            scan_close(&scan);
            return err;
        }
    }
    scan_close(&scan);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

typedef enum err client_fn(void *context, const struct client_row *row);

static enum err view_clients(struct view *v, struct id board, client_fn *fn, void *context)
{
    struct scan scan;
    struct slice key, value;
    struct key start = key_id(board);
    enum err err = scan_open(&scan, self(v)->db, self(v)->txn, TABLE_CLIENTS, &start, ID_BYTES);
    if (err != ERR_OK) return err;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK) {
        struct id of;
        struct client_row row;
        if (!key_client_read(key, &of, &row.actor, &row.cl) || !record_client_read(value, &row)) {
            err = malformed(TABLE_CLIENTS);
            break;
        }
        if ((err = fn(context, &row)) != ERR_OK) {
            scan_close(&scan);
            return err;
        }
    }
    scan_close(&scan);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static const struct view_ops ops = {
        .head = view_head,
        .entity = view_entity,
        .entities = view_entities,
        .parts = view_parts,
        .text = view_text,
        .events = view_events,
        .event_h = view_event_h,
        .locate = view_locate,
        .locate_short = view_locate_short,
        .known = view_known,
        .memberships = view_memberships,
        .clients = view_clients,
};

struct view *view_lmdb_init(struct view_lmdb *v, struct db *db, MDB_txn *txn, struct arena *arena)
{
    *v = (struct view_lmdb){.view = {.ops = &ops, .arena = arena}, .db = db, .txn = txn};
    return &v->view;
}

void view_lmdb_fini(struct view_lmdb *v)
{
    if (v->texts != NULL) mdb_cursor_close(v->texts);
    v->texts = NULL;
}
