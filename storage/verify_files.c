/* verify_files.c - the uploaded files: each has the content it is named after, and whatever an
 * attachment refers to is there. What only records of logs name is kept for them (sweep.h); what
 * nothing names is on its way out. */
#include <sys/stat.h>

#include "core/attachment.h"
#include "core/base/json.h"
#include "core/base/mem.h"
#include "storage/files.h"
#include "storage/verify_board.h"

struct wanted { /* files that attachments refer to, sorted when all are known */
    char (*at)[SHA256_TEXT];
    size_t count, cap;
};

struct file_walk {
    struct verify *v;
    struct wanted wanted;
    struct wanted logged; /* by records; here a file may stand many times */
};

static int by_hash(const void *a, const void *b)
{
    return memcmp(a, b, SHA256_TEXT);
}

static void want(struct wanted *w, struct slice hash)
{
    if (w->count == w->cap) {
        size_t cap = w->cap == 0 ? 64 : 2 * w->cap;
        char(*more)[SHA256_TEXT] = mem_new(cap * sizeof *more);
        if (w->count > 0) memcpy(more, w->at, w->count * sizeof *more);
        mem_free(w->at);
        w->at = more;
        w->cap = cap;
    }
    memcpy(w->at[w->count++], hash.ptr, SHA256_TEXT);
}

static void check_attachment(struct file_walk *f, struct slice key, struct slice json)
{
    char path[4096];
    struct stat about;
    struct slice hash;
    json_t *tree;
    uint64_t bytes;
    if (json_read(&f->v->scratch, json, &tree, NULL) != ERR_OK ||
            !json_get_slice(tree, "file", &hash))
        return; /* a link */
    if (!file_hash_valid(hash)) {
        verify_finding(f->v, TABLE_ENTITIES, key, "names no file");
        return;
    }
    want(&f->wanted, hash);
    snprintf(path, sizeof path, "%s/files/%.2s/%.*s", f->v->db->dir, hash.ptr, SLICE_ARG(hash));
    if (stat(path, &about) != 0)
        verify_finding(
                f->v, TABLE_ENTITIES, key, "its file %.*s is missing", SLICE_ARG(hash));
    else if (json_get_u64(tree, "bytes", &bytes) && bytes != (uint64_t)about.st_size)
        verify_finding(f->v, TABLE_ENTITIES, key, "its file %.*s has %llu bytes, not %llu",
                SLICE_ARG(hash), (unsigned long long)about.st_size, (unsigned long long)bytes);
}

static void look_at_attachments(struct file_walk *f)
{
    struct scan scan;
    struct slice key, value;
    struct key start = {.len = 0};
    struct id board, id;
    enum kind kind;
    enum err err;
    if (scan_open(&scan, f->v->db, f->v->txn, TABLE_ENTITIES, &start, 0) != ERR_OK) return;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK || err == ERR_CORRUPT) {
        if (err == ERR_OK && key_entity_read(key, &board, &kind, &id) && kind == KIND_ATTACHMENT)
            check_attachment(f, key, value);
        arena_reset(&f->v->scratch);
    }
    scan_close(&scan);
}

static void look_at_records(struct file_walk *f)
{
    struct scan scan;
    struct slice key, value, hash;
    struct key start = {.len = 0};
    enum err err;
    if (scan_open(&scan, f->v->db, f->v->txn, TABLE_EVENTS, &start, 0) != ERR_OK) return;
    while ((err = scan_next(&scan, &key, &value)) == ERR_OK || err == ERR_CORRUPT)
        while (err == ERR_OK && files_name_next(value, &hash, &value)) want(&f->logged, hash);
    scan_close(&scan);
}

static void sort(struct wanted *w)
{
    if (w->count > 0) qsort(w->at, w->count, SHA256_TEXT, by_hash);
}

static bool has(const struct wanted *w, struct slice name)
{
    return name.len == SHA256_TEXT && w->count > 0 &&
           bsearch(name.ptr, w->at, w->count, SHA256_TEXT, by_hash) != NULL;
}

static void file_finding(struct verify *v, struct slice name, const char *what)
{
    char line[512];
    snprintf(line, sizeof line, "files %.*s: %s", SLICE_ARG(slice_head(name, 100)), what);
    v->report.findings++;
    if (v->out->finding) v->out->finding(v->out->context, line);
}

static enum err check_file(void *context, struct slice name, const char *path)
{
    struct file_walk *f = context;
    char hash[SHA256_TEXT + 1];
    f->v->report.files++;
    if (files_hash(path, hash) != ERR_OK)
        file_finding(f->v, name, "cannot be read");
    else if (!slice_eq(name, slice_cstr(hash)))
        file_finding(f->v, name, "has another content than it is named after");
    if (!has(&f->wanted, name)) {
        f->v->report.files_unused++;
        f->v->report.files_unnamed += !has(&f->logged, name);
    }
    return ERR_OK;
}

void verify_files(struct verify *v)
{
    struct file_walk f = {.v = v};
    look_at_attachments(&f);
    look_at_records(&f);
    sort(&f.wanted);
    sort(&f.logged);
    files_walk(v->db->dir, check_file, &f);
    mem_free(f.wanted.at);
    mem_free(f.logged.at);
}
