#include "storage/sweep.h"

#include "core/base/check.h"
#include "core/base/log.h"
#include "storage/files.h"

#define FOLDERS 256

void sweep_init(struct sweep *s, struct db *db, struct files *files,
        const struct sweep_limits *limits, int64_t now_ms)
{
    *s = (struct sweep){
            .db = db, .files = files, .limits = *limits, .due_ms = now_ms + limits->first_ms};
}

void sweep_spare(struct sweep *s, const struct batch *batch)
{
    if (s->state == SWEEP_REST || files_doomed(s->files) == 0) return;
    for (const struct event *e = batch->events; e != NULL; e = e->next) {
        files_spare(s->files, e->public_json);
        files_spare(s->files, e->old_json);
    }
    for (uint32_t i = 0; i < batch->entity_count; i++)
        if (batch->entities[i].kind == KIND_ATTACHMENT)
            files_spare(s->files, batch->entities[i].json);
    if (batch->twin != NULL) sweep_spare(s, batch->twin);
}

static void rest(struct sweep *s, int64_t now_ms)
{
    files_spare_all(s->files);
    s->state = SWEEP_REST;
    s->due_ms = now_ms + s->limits.every_ms;
}

/* The next state, or none of them: nothing is left to look for. */
static void go_on(struct sweep *s, enum sweep_state state, int64_t now_ms)
{
    if (files_doomed(s->files) == 0) {
        rest(s, now_ms);
        return;
    }
    s->state = state;
    s->at = (struct key){.len = 0};
    s->due_ms = now_ms + (state == SWEEP_WAIT ? s->limits.grace_ms : s->limits.step_ms);
}

static void list(struct sweep *s, int64_t now_ms)
{
    files_doom(s->files, s->folder);
    s->folder = (s->folder + 1) % FOLDERS;
    s->due_ms = now_ms + s->limits.step_ms;
    if (++s->folders < FOLDERS && files_doomed(s->files) < s->limits.names_max) return;
    s->folders = 0;
    go_on(s, SWEEP_ROWS, now_ms);
}

/* -- what names a file */

/* The first key behind this one. */
static struct key key_behind(struct slice bytes)
{
    struct key key = {.len = bytes.len + 1};
    CHECK(key.len <= sizeof key.bytes);
    memcpy(key.bytes, bytes.ptr, bytes.len);
    return key;
}

/* The first key behind all that start with this one. False: there is none. */
static bool key_past(struct key *key)
{
    for (; key->len > 0; key->len--)
        if (++key->bytes[key->len - 1] != 0) return true;
    return false;
}

/* A row that is no attachment: where the next one could be. False: nowhere. */
static bool skip_to(struct key *at, struct id board, enum kind kind)
{
    struct key wanted = key_entity_kind(board, KIND_ATTACHMENT);
    if (kind < KIND_ATTACHMENT) {
        *at = wanted;
        return true;
    }
    *at = key_id(board);
    return key_past(at);
}

/* From s->at on. ERR_OK: there may be more; ERR_NOT_FOUND: that was all. */
static enum err look(struct sweep *s, MDB_txn *txn, enum table table)
{
    struct scan scan;
    struct slice key, value;
    size_t bytes = 0;
    uint32_t rows = 0;
    enum err err = scan_open(&scan, s->db, txn, table, &s->at, 0);
    if (err != ERR_OK) return err;
    while (rows++ < s->limits.rows_max && bytes < s->limits.bytes_max &&
            (err = scan_next(&scan, &key, &value)) == ERR_OK) {
        struct id board, id;
        enum kind kind;
        s->at = key_behind(key);
        if (table == TABLE_ENTITIES && !key_entity_read(key, &board, &kind, &id)) {
            err = ERR_CORRUPT;
            break;
        }
        if (table == TABLE_ENTITIES && kind != KIND_ATTACHMENT) {
            scan_close(&scan);
            if (!skip_to(&s->at, board, kind)) return ERR_NOT_FOUND;
            err = scan_open(&scan, s->db, txn, table, &s->at, 0);
            if (err != ERR_OK) return err;
            continue;
        }
        files_spare(s->files, value);
        bytes += value.len;
    }
    scan_close(&scan);
    return err;
}

static void look_step(struct sweep *s, enum table table, enum sweep_state next, int64_t now_ms)
{
    MDB_txn *txn;
    int rc = mdb_txn_begin(s->db->env, NULL, MDB_RDONLY, &txn);
    enum err err = rc == 0 ? look(s, txn, table) : ERR_STORAGE;
    if (rc == 0) mdb_txn_abort(txn);
    s->due_ms = now_ms + s->limits.step_ms;
    if (err == ERR_NOT_FOUND) {
        go_on(s, next, now_ms);
    } else if (err != ERR_OK) {
        log_warn("files-kept", "why=\"%s\"", err_text(err));
        rest(s, now_ms);
    }
}

void sweep_step(struct sweep *s, int64_t now_ms)
{
    if (now_ms < s->due_ms) return;
    switch (s->state) {
    case SWEEP_REST: s->state = SWEEP_LIST; break;
    case SWEEP_LIST: list(s, now_ms); break;
    case SWEEP_ROWS: look_step(s, TABLE_ENTITIES, SWEEP_LOG, now_ms); break;
    case SWEEP_LOG: look_step(s, TABLE_EVENTS, SWEEP_WAIT, now_ms); break;
    case SWEEP_WAIT: go_on(s, SWEEP_REMOVE, now_ms); break;
    case SWEEP_REMOVE:
        files_remove(s->files, s->limits.files_max);
        go_on(s, SWEEP_REMOVE, now_ms);
        break;
    }
}
