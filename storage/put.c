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

static struct claim claim_id(const struct batch *b, const struct entity_row *row)
{
    struct claim c = {.table = TABLE_IDS, .key = key_id(row->id), .bytes = LOCATION_BYTES};
    record_location_write(b->board, row->kind, c.value);
    return c;
}

static struct claim claim_short(const struct batch *b, const struct entity_row *row)
{
    struct claim c = {.table = TABLE_SHORTS, .key = key_bytes(slice_cstr(row->short_link))};
    c.bytes = LOCATION_SHORT_BYTES;
    record_location_write(b->board, row->kind, c.value);
    memcpy(c.value + LOCATION_BYTES, row->id.bytes, ID_BYTES);
    return c;
}

enum claimed { CLAIM_NEW, CLAIM_AGAIN, CLAIM_TAKEN };

static int claim_put(struct db *db, MDB_txn *txn, const struct claim *c, enum claimed *ret_claimed)
{
    char stored[ENVELOPE_BYTES + LOCATION_SHORT_BYTES];
    memcpy(stored + ENVELOPE_BYTES, c->value, c->bytes);
    envelope_seal(stored, c->table, key_slice(&c->key), c->bytes);
    MDB_val k = val_of(key_slice(&c->key)), v = {ENVELOPE_BYTES + c->bytes, stored};
    int rc = mdb_put(txn, db->dbi[c->table], &k, &v, MDB_NOOVERWRITE);
    if (rc != 0 && rc != MDB_KEYEXIST) return rc;
    *ret_claimed = CLAIM_NEW;
    if (rc == MDB_KEYEXIST) {
        /* The same words would be written: the object was here before, on this board and as this
         * kind. */
        bool same =
                v.mv_size == ENVELOPE_BYTES + c->bytes && memcmp(v.mv_data, stored, v.mv_size) == 0;
        *ret_claimed = same ? CLAIM_AGAIN : CLAIM_TAKEN;
    }
    return 0;
}

/* An id that comes back must not stand for something that is there and stays. */
static bool stands(struct db *db, MDB_txn *txn, const struct batch *b, const struct entity_row *row)
{
    for (uint32_t i = 0; i < b->entity_count; i++)
        if (b->entities[i].json.len == 0 && b->entities[i].kind == row->kind &&
                id_eq(b->entities[i].id, row->id))
            return false;
    struct slice json;
    struct key key = key_entity(b->board, row->kind, row->id);
    return db_get(db, txn, TABLE_ENTITIES, &key, &json) != ERR_NOT_FOUND;
}

static int row_claim(struct db *db, MDB_txn *txn, const struct batch *b,
        const struct entity_row *row, unsigned *ret_made)
{
    enum claimed claimed = CLAIM_NEW;
    struct claim id = claim_id(b, row);
    *ret_made = 0;
    int rc = claim_put(db, txn, &id, &claimed);
    if (rc != 0) return rc;
    if (claimed == CLAIM_TAKEN || (claimed == CLAIM_AGAIN && stands(db, txn, b, row)))
        return MDB_KEYEXIST;
    if (claimed == CLAIM_NEW) *ret_made |= 1;
    if (row->short_link[0] == '\0') return 0;
    struct claim link = claim_short(b, row);
    rc = claim_put(db, txn, &link, &claimed);
    if (rc != 0) return rc;
    if (claimed == CLAIM_TAKEN) return MDB_KEYEXIST;
    if (claimed == CLAIM_NEW) *ret_made |= 2;
    return 0;
}

static int claim_back(struct db *db, MDB_txn *txn, const struct batch *b,
        const struct entity_row *row, unsigned made)
{
    int rc = 0;
    struct claim id = claim_id(b, row);
    MDB_val k = val_of(key_slice(&id.key));
    if (made & 1) rc = mdb_del(txn, db->dbi[TABLE_IDS], &k, NULL);
    if (rc == 0 && (made & 2)) {
        struct claim link = claim_short(b, row);
        k = val_of(key_slice(&link.key));
        rc = mdb_del(txn, db->dbi[TABLE_SHORTS], &k, NULL);
    }
    return rc;
}

int put_claims(struct db *db, MDB_txn *txn, const struct batch *b, struct id *ret_taken)
{
    /* What was made is remembered in a bit pair a row, so that a refused batch leaves nothing in
     * a transaction that others share. */
    uint8_t *made = NULL;
    uint32_t i;
    int rc = 0;
    *ret_taken = (struct id){{0}};
    for (i = 0; i < b->entity_count; i++) {
        unsigned bits;
        if (!b->entities[i].fresh) continue;
        CHECK(b->entities[i].json.len > 0);
        if (made == NULL) made = mem_new(b->entity_count);
        rc = row_claim(db, txn, b, &b->entities[i], &bits);
        made[i] = (uint8_t)bits;
        if (rc != 0) break;
    }
    if (rc == MDB_KEYEXIST) {
        *ret_taken = b->entities[i].id;
        rc = 0;
        for (uint32_t k = 0; k <= i && rc == 0; k++)
            if (b->entities[k].fresh) rc = claim_back(db, txn, b, &b->entities[k], made[k]);
    }
    mem_free(made);
    return rc;
}
