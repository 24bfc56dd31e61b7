#include "storage/verify.h"

#include <stdarg.h>

#include "core/base/limits.h"
#include "storage/record.h"
#include "storage/verify_board.h"

void verify_finding(struct verify *v, enum table t, struct slice key, const char *format, ...)
{
    char line[512], hex[2 * KEY_BYTES_MAX + 1] = "";
    va_list args;
    for (size_t i = 0; i < key.len && i < KEY_BYTES_MAX; i++)
        snprintf(hex + 2 * i, 3, "%02x", (uint8_t)key.ptr[i]);
    int len = snprintf(line, sizeof(line), "%s %s: ", table_name(t), hex);
    va_start(args, format);
    vsnprintf(line + len, sizeof(line) - (size_t)len, format, args);
    va_end(args);
    v->report.findings++;
    if (v->out->finding) v->out->finding(v->out->context, line);
}

static void progress(struct verify *v, enum table t)
{
    char line[128];
    if (!v->out->progress) return;
    snprintf(line, sizeof(line), "%s: %llu rows", table_name(t),
            (unsigned long long)v->report.rows[t]);
    v->out->progress(v->out->context, line);
}

/* -- tables that hang on no board's own walk: each row's form, and that what it points to exists */

static void check_location(struct verify *v, enum table t, struct slice key, struct slice value)
{
    struct location at = {.kind = KIND_NONE};
    struct slice head;
    size_t bytes = t == TABLE_IDS ? LOCATION_BYTES : LOCATION_SHORT_BYTES;
    size_t key_bytes_wanted = t == TABLE_IDS ? ID_BYTES : SHORT_LINK_TEXT;
    if (key.len != key_bytes_wanted || value.len != bytes || !record_location_read(value, &at)) {
        verify_finding(v, t, key, "is not a location");
        return;
    }
    struct key board = key_id(at.board);
    if (db_get(v->db, v->txn, TABLE_HEADS, &board, &head) == ERR_NOT_FOUND)
        verify_finding(v, t, key, "points to a board that does not exist");
}

static void check_member(struct verify *v, struct slice key, struct slice value)
{
    struct id member, board;
    enum role role;
    if (key.len != 2 * ID_BYTES || !key_pair_read(key, &member, &board) ||
            !record_role_read(value, &role))
        verify_finding(v, TABLE_MEMBERS, key, "is not a membership");
    /* That it has its entity follows from counting: each entity finds its own row, so a row too
     * many shows at the end. */
}

/* What it points to, and that it points back. That a part has its row: by counting, as above. */
static bool check_part(struct verify *v, struct slice key)
{
    struct id board, card, id, of;
    enum kind kind;
    struct slice json, text;
    json_t *tree;
    if (!key_part_read(key, &board, &card, &kind, &id)) return false;
    struct key k = key_entity(board, kind, id);
    if (db_get(v->db, v->txn, TABLE_ENTITIES, &k, &json) != ERR_OK ||
            json_read(&v->scratch, json, &tree, NULL) != ERR_OK ||
            !json_get_slice(tree, "idCard", &text) || !id_parse(text, &of) || !id_eq(of, card))
        verify_finding(v, TABLE_PARTS, key, "stands for no part of that card");
    return true;
}

static void check_owned(struct verify *v, enum table t, struct slice key, struct slice value)
{
    struct id board, second;
    struct slice rest, head;
    struct client_row client;
    uint64_t s;
    bool formed = key_board(key, &board);
    if (formed && t == TABLE_TEXTS)
        formed = key_pair_read(key, &board, &second) && key.len > 2 * ID_BYTES &&
                 record_text_read(value, &s, &rest);
    if (formed && t == TABLE_CLIENTS)
        formed = key_client_read(key, &board, &second, &rest) && record_client_read(value, &client);
    if (formed && t == TABLE_PARTS) formed = check_part(v, key);
    if (!formed) {
        verify_finding(v, t, key, "is not of its table's form");
        return;
    }
    if (v->owner_known && id_eq(board, v->owner)) return;
    v->owner = board;
    v->owner_known = true;
    struct key k = key_id(board);
    if (db_get(v->db, v->txn, TABLE_HEADS, &k, &head) == ERR_NOT_FOUND)
        verify_finding(v, t, key, "belongs to a board that does not exist");
}

static void check_row(struct verify *v, enum table t, struct slice key, struct slice value)
{
    switch (t) {
    case TABLE_META: return; /* its format record was checked when it was opened */
    case TABLE_HEADS: verify_board(v, key, value); return;
    case TABLE_ENTITIES:
    case TABLE_EVENTS:
    case TABLE_TEXTS:
    case TABLE_PARTS:
    case TABLE_CLIENTS: check_owned(v, t, key, value); return;
    case TABLE_IDS:
    case TABLE_SHORTS: check_location(v, t, key, value); return;
    case TABLE_MEMBERS: check_member(v, key, value); return;
    case TABLE_COUNT: UNREACHABLE();
    }
}

static enum err check_table(struct verify *v, enum table t)
{
    struct scan scan;
    struct slice key, value;
    struct key start = {.len = 0};
    v->owner_known = false;
    enum err err = scan_open(&scan, v->db, v->txn, t, &start, 0);
    if (err != ERR_OK) return err;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK || err == ERR_CORRUPT) {
        v->report.rows[t]++;
        if (err == ERR_CORRUPT)
            verify_finding(v, t, key, "fails its checksum");
        else
            check_row(v, t, key, value);
        arena_reset(&v->scratch);
    }
    scan_close(&scan);
    progress(v, t);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err verify_run(struct db *db, const struct verify_out *out, struct verify_report *ret_report)
{
    struct db_reader reader;
    struct verify v = {.db = db, .out = out};
    enum err err = ERR_OK;
    db_reader_init(db, &reader);
    v.txn = db_read_begin(db, &reader);
    if (v.txn == NULL) {
        db_reader_fini(db, &reader);
        return ERR_STORAGE;
    }
    arena_init(&v.scratch, KIB(64), MIB(256));
    for (unsigned t = 0; t < TABLE_COUNT && err == ERR_OK; t++)
        err = check_table(&v, (enum table)t);
    if (err == ERR_OK && v.memberships < v.report.rows[TABLE_MEMBERS]) {
        struct key none = {.len = 0};
        verify_finding(&v, TABLE_MEMBERS, key_slice(&none), "%llu rows stand for no membership",
                (unsigned long long)(v.report.rows[TABLE_MEMBERS] - v.memberships));
    }
    if (err == ERR_OK && v.parts > v.report.rows[TABLE_PARTS]) {
        struct key none = {.len = 0};
        verify_finding(&v, TABLE_PARTS, key_slice(&none), "%llu parts of cards have no row",
                (unsigned long long)(v.parts - v.report.rows[TABLE_PARTS]));
    }
    if (err == ERR_OK) verify_files(&v);
    arena_fini(&v.scratch);
    db_read_end(db, &reader);
    db_reader_fini(db, &reader);
    *ret_report = v.report;
    return err;
}

int verify_folder(const char *dir, bool force, const struct verify_out *out,
        struct verify_report *ret_report, struct buf *why)
{
    struct db db;
    struct db_options options = {.force = force};
    if (db_open(&db, dir, &options, why) != ERR_OK) return 2;
    enum err err = verify_run(&db, out, ret_report);
    db_close(&db);
    if (err != ERR_OK) {
        buf_add_format(why, "%s: reading stopped: %s", dir, err_text(err));
        return 2;
    }
    return ret_report->findings > 0 ? 1 : 0;
}
