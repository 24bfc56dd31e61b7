#include "storage/put.h"

#include <stdlib.h>

#include "storage/envelope.h"
#include "storage/record.h"

int put_value(struct db *db, MDB_txn *txn, enum table t, const struct key *key, struct slice value)
{
    MDB_val k = val_of(key_slice(key)), v = {ENVELOPE_BYTES + value.len, NULL};
    int rc = mdb_put(txn, db->dbi[t], &k, &v, MDB_RESERVE);
    if (rc != 0) return rc;
    if (value.len > 0) memcpy((char *)v.mv_data + ENVELOPE_BYTES, value.ptr, value.len);
    envelope_seal(v.mv_data, t, key_slice(key), value.len);
    return 0;
}

struct table_put {
    MDB_cursor *cursor;
    enum table table;
};

/* Room for a value of `bytes` under the key; the caller fills it, then seals. */
static int reserve(struct table_put *p, const struct key *key, size_t bytes, char **ret_stored)
{
    MDB_val k = val_of(key_slice(key)), v = {ENVELOPE_BYTES + bytes, NULL};
    int rc = mdb_cursor_put(p->cursor, &k, &v, MDB_RESERVE);
    if (rc == 0) *ret_stored = v.mv_data;
    return rc;
}

static int put_slice(struct table_put *p, const struct key *key, struct slice value)
{
    char *stored;
    int rc = reserve(p, key, value.len, &stored);
    if (rc != 0) return rc;
    if (value.len > 0) memcpy(stored + ENVELOPE_BYTES, value.ptr, value.len);
    envelope_seal(stored, p->table, key_slice(key), value.len);
    return 0;
}

static int delete_row(struct table_put *p, const struct key *key)
{
    MDB_val k = val_of(key_slice(key)), v;
    int rc = mdb_cursor_get(p->cursor, &k, &v, MDB_SET);
    if (rc == MDB_NOTFOUND) return 0;
    return rc == 0 ? mdb_cursor_del(p->cursor, 0) : rc;
}

static int put_events(struct table_put *p, const struct batch *b, struct arena *scratch)
{
    (void)scratch;
    for (const struct event *e = b->events; e != NULL; e = e->next) {
        struct key key = key_event(b->board, e->seq);
        size_t bytes = record_event_bytes(e);
        char *stored = NULL;
        int rc = reserve(p, &key, bytes, &stored);
        if (rc != 0) return rc;
        record_event_write(e, stored + ENVELOPE_BYTES);
        envelope_seal(stored, p->table, key_slice(&key), bytes);
    }
    return 0;
}

/* An object that was deleted and came back within one batch has two rows under one key: the
 * delete goes first, what is there now stays. */
static int entity_order(const void *a, const void *b)
{
    const struct entity_row *x = *(const struct entity_row *const *)a;
    const struct entity_row *y = *(const struct entity_row *const *)b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    int by_id = id_cmp(x->id, y->id);
    return by_id != 0 ? by_id : (x->json.len > 0) - (y->json.len > 0);
}

static int put_entities(struct table_put *p, const struct batch *b, struct arena *scratch)
{
    if (b->entity_count == 0) return 0;
    const struct entity_row **rows =
            ARENA_NEW_ARRAY(scratch, const struct entity_row *, b->entity_count);
    for (uint32_t i = 0; i < b->entity_count; i++)
        rows[i] = &b->entities[i];
    qsort(rows, b->entity_count, sizeof(*rows), entity_order);
    for (uint32_t i = 0; i < b->entity_count; i++) {
        struct key key = key_entity(b->board, rows[i]->kind, rows[i]->id);
        int rc = rows[i]->json.len > 0 ? put_slice(p, &key, rows[i]->json) : delete_row(p, &key);
        if (rc != 0) return rc;
    }
    return 0;
}

/* A part stays with its card, so only what is new or gone changes a row. */
static int put_parts(struct table_put *p, const struct batch *b, struct arena *scratch)
{
    (void)scratch;
    for (int deletes = 1; deletes >= 0; deletes--) {
        for (uint32_t i = 0; i < b->entity_count; i++) {
            const struct entity_row *row = &b->entities[i];
            bool gone = row->json.len == 0;
            if (id_is_none(row->card) || gone != (deletes == 1) || (!gone && !row->fresh)) continue;
            struct key key = key_part(b->board, row->card, row->kind, row->id);
            int rc = gone ? delete_row(p, &key) : put_slice(p, &key, (struct slice){0});
            if (rc != 0) return rc;
        }
    }
    return 0;
}

static int put_texts(struct table_put *p, const struct batch *b, struct arena *scratch)
{
    (void)scratch;
    for (uint32_t i = 0; i < b->text_count; i++) {
        const struct text_row *row = &b->texts[i];
        struct key key = key_text(b->board, row->id, row->field);
        size_t bytes = record_text_bytes(row->text);
        char *stored = NULL;
        int rc = row->gone ? delete_row(p, &key) : reserve(p, &key, bytes, &stored);
        if (rc != 0) return rc;
        if (row->gone) continue;
        record_text_write(row->s, row->text, stored + ENVELOPE_BYTES);
        envelope_seal(stored, p->table, key_slice(&key), bytes);
    }
    return 0;
}

static int put_clients(struct table_put *p, const struct batch *b, struct arena *scratch)
{
    (void)scratch;
    for (uint32_t i = 0; i < b->client_count; i++) {
        const struct client_row *row = &b->clients[i];
        struct key key = key_client(b->board, row->actor, row->cl);
        size_t bytes = record_client_bytes(row);
        char *stored = NULL;
        int rc = reserve(p, &key, bytes, &stored);
        if (rc != 0) return rc;
        record_client_write(row, stored + ENVELOPE_BYTES);
        envelope_seal(stored, p->table, key_slice(&key), bytes);
    }
    return 0;
}

static int put_members(struct table_put *p, const struct batch *b, struct arena *scratch)
{
    (void)scratch;
    for (uint32_t i = 0; i < b->member_count; i++) {
        const struct member_row *row = &b->members[i];
        struct key key = key_member(row->member, b->board);
        char role = (char)row->role;
        int rc = row->role == ROLE_NONE ? delete_row(p, &key)
                                        : put_slice(p, &key, slice_of(&role, 1));
        if (rc != 0) return rc;
    }
    return 0;
}

typedef int put_fn(struct table_put *p, const struct batch *b, struct arena *scratch);

static const struct {
    enum table table;
    put_fn *put;
} passes[] = {
        {TABLE_EVENTS, put_events},
        {TABLE_ENTITIES, put_entities},
        {TABLE_TEXTS, put_texts},
        {TABLE_CLIENTS, put_clients},
        {TABLE_MEMBERS, put_members},
        {TABLE_PARTS, put_parts},
};

int put_batches(struct db *db, MDB_txn *txn, struct batch *const *batches, size_t count,
        struct arena *scratch)
{
    for (size_t pass = 0; pass < ARRAY_COUNT(passes); pass++) {
        struct table_put p = {.table = passes[pass].table};
        int rc = mdb_cursor_open(txn, db->dbi[p.table], &p.cursor);
        if (rc != 0) return rc;
        for (size_t i = 0; i < count && rc == 0; i++) {
            rc = passes[pass].put(&p, batches[i], scratch);
            arena_reset(scratch);
        }
        mdb_cursor_close(p.cursor);
        if (rc != 0) return rc;
    }
    return 0;
}

struct claim { /* one id or short link of a new object */
    enum table table;
    struct key key;
    char value[LOCATION_SHORT_BYTES];
    size_t bytes;
};

static struct claim claim_id(struct id board, const struct entity_row *row)
{
    struct claim c = {.table = TABLE_IDS, .key = key_id(row->id), .bytes = LOCATION_BYTES};
    record_location_write(board, row->kind, c.value);
    return c;
}

static struct claim claim_short(struct id board, const struct entity_row *row)
{
    struct claim c = {.table = TABLE_SHORTS, .key = key_bytes(slice_cstr(row->short_link))};
    c.bytes = LOCATION_SHORT_BYTES;
    record_location_write(board, row->kind, c.value);
    memcpy(c.value + LOCATION_BYTES, row->id.bytes, ID_BYTES);
    return c;
}

enum claimed { CLAIM_NEW, CLAIM_AGAIN, CLAIM_MOVED, CLAIM_TAKEN };

static void claim_write(const struct claim *c, char to[ENVELOPE_BYTES + LOCATION_SHORT_BYTES])
{
    memcpy(to + ENVELOPE_BYTES, c->value, c->bytes);
    envelope_seal(to, c->table, key_slice(&c->key), c->bytes);
}

static bool claim_is(const struct claim *c, MDB_val v)
{
    char stored[ENVELOPE_BYTES + LOCATION_SHORT_BYTES];
    claim_write(c, stored);
    return v.mv_size == ENVELOPE_BYTES + c->bytes && memcmp(v.mv_data, stored, v.mv_size) == 0;
}

/* was: the same of the board that it leaves; NULL: it leaves none. */
static int claim_put(struct db *db, MDB_txn *txn, const struct claim *c, const struct claim *was,
        enum claimed *ret_claimed)
{
    char stored[ENVELOPE_BYTES + LOCATION_SHORT_BYTES];
    claim_write(c, stored);
    MDB_val k = val_of(key_slice(&c->key)), v = {ENVELOPE_BYTES + c->bytes, stored};
    int rc = mdb_put(txn, db->dbi[c->table], &k, &v, MDB_NOOVERWRITE);
    if (rc != 0 && rc != MDB_KEYEXIST) return rc;
    if (rc == 0) {
        *ret_claimed = CLAIM_NEW;
    } else if (claim_is(c, v)) {
        /* The same words would be written: the object was here before, on this board and as this
         * kind. */
        *ret_claimed = CLAIM_AGAIN;
    } else if (was != NULL && claim_is(was, v)) {
        *ret_claimed = CLAIM_MOVED;
        v = (MDB_val){ENVELOPE_BYTES + c->bytes, stored};
        return mdb_put(txn, db->dbi[c->table], &k, &v, 0);
    } else {
        *ret_claimed = CLAIM_TAKEN;
    }
    return 0;
}

/* The batch's row that deletes what `row` creates. */
static bool deletes(const struct batch *b, const struct entity_row *row)
{
    for (uint32_t i = 0; i < b->entity_count; i++)
        if (b->entities[i].json.len == 0 && b->entities[i].kind == row->kind &&
                id_eq(b->entities[i].id, row->id))
            return true;
    return false;
}

/* An id that comes back must not stand for something that is there and stays. */
static bool stands(struct db *db, MDB_txn *txn, const struct batch *b, const struct entity_row *row)
{
    if (deletes(b, row)) return false;
    struct slice json;
    struct key key = key_entity(b->board, row->kind, row->id);
    return db_get(db, txn, TABLE_ENTITIES, &key, &json) != ERR_NOT_FOUND;
}

/* What was made of a row's claims, so that a refused batch leaves nothing in a transaction that
 * others share. */
enum { MADE_ID = 1, MADE_LINK = 2, MOVED_ID = 4, MOVED_LINK = 8 };

/* A batch that claims; from: the one whose twin it is, or NULL. */
struct claims {
    const struct batch *b, *from;
    uint8_t *made; /* one a row */
};

static int row_claim(
        struct db *db, MDB_txn *txn, const struct claims *c, uint32_t i, enum claimed *ret_claimed)
{
    const struct entity_row *row = &c->b->entities[i];
    bool leaves = c->from != NULL && deletes(c->from, row);
    struct claim id = claim_id(c->b->board, row), was = {.bytes = 0};
    if (leaves) was = claim_id(c->from->board, row);
    int rc = claim_put(db, txn, &id, leaves ? &was : NULL, ret_claimed);
    if (rc != 0) return rc;
    if (*ret_claimed == CLAIM_AGAIN && stands(db, txn, c->b, row)) *ret_claimed = CLAIM_TAKEN;
    if (*ret_claimed == CLAIM_TAKEN) return 0;
    if (*ret_claimed == CLAIM_NEW) c->made[i] |= MADE_ID;
    if (*ret_claimed == CLAIM_MOVED) c->made[i] |= MOVED_ID;
    if (row->short_link[0] == '\0') return 0;
    struct claim link = claim_short(c->b->board, row);
    if (leaves) was = claim_short(c->from->board, row);
    rc = claim_put(db, txn, &link, leaves ? &was : NULL, ret_claimed);
    if (rc != 0) return rc;
    if (*ret_claimed == CLAIM_NEW) c->made[i] |= MADE_LINK;
    if (*ret_claimed == CLAIM_MOVED) c->made[i] |= MOVED_LINK;
    return 0;
}

static int claim_back(struct db *db, MDB_txn *txn, const struct claim *c, bool made,
        const struct claim *was)
{
    char stored[ENVELOPE_BYTES + LOCATION_SHORT_BYTES];
    MDB_val k = val_of(key_slice(&c->key));
    if (made) return mdb_del(txn, db->dbi[c->table], &k, NULL);
    if (was == NULL) return 0;
    claim_write(was, stored);
    MDB_val v = {ENVELOPE_BYTES + was->bytes, stored};
    return mdb_put(txn, db->dbi[c->table], &k, &v, 0);
}

static int claims_back(struct db *db, MDB_txn *txn, const struct claims *c)
{
    int rc = 0;
    for (uint32_t i = 0; i < c->b->entity_count && rc == 0; i++) {
        const struct entity_row *row = &c->b->entities[i];
        unsigned made = c->made[i];
        struct claim id = claim_id(c->b->board, row), link = claim_short(c->b->board, row);
        struct claim was = {.bytes = 0};
        if (made == 0) continue;
        if (made & MOVED_ID) was = claim_id(c->from->board, row);
        rc = claim_back(db, txn, &id, made & MADE_ID, made & MOVED_ID ? &was : NULL);
        if (rc != 0) break;
        if (made & MOVED_LINK) was = claim_short(c->from->board, row);
        rc = claim_back(db, txn, &link, made & MADE_LINK, made & MOVED_LINK ? &was : NULL);
    }
    return rc;
}

static int claims_put(struct db *db, MDB_txn *txn, const struct claims *c, struct id *ret_taken)
{
    for (uint32_t i = 0; i < c->b->entity_count; i++) {
        enum claimed claimed = CLAIM_NEW;
        if (!c->b->entities[i].fresh) continue;
        CHECK(c->b->entities[i].json.len > 0);
        int rc = row_claim(db, txn, c, i, &claimed);
        if (rc != 0) return rc;
        if (claimed != CLAIM_TAKEN) continue;
        *ret_taken = c->b->entities[i].id;
        return 0;
    }
    return 0;
}

int put_claims(struct db *db, MDB_txn *txn, const struct batch *b, struct id *ret_taken)
{
    struct claims all[] = {{.b = b}, {.b = b->twin, .from = b}};
    size_t count = b->twin == NULL ? 1 : 2;
    int rc = 0;
    *ret_taken = (struct id){{0}};
    for (size_t i = 0; i < count && rc == 0 && id_is_none(*ret_taken); i++) {
        all[i].made = mem_new(all[i].b->entity_count);
        rc = claims_put(db, txn, &all[i], ret_taken);
    }
    for (size_t i = count; i > 0; i--) {
        if (rc == 0 && !id_is_none(*ret_taken) && all[i - 1].made != NULL)
            rc = claims_back(db, txn, &all[i - 1]);
        mem_free(all[i - 1].made);
    }
    return rc;
}
