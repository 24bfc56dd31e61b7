/* rest_download.c - the bytes of an attached file, to whoever may read its board.
 *
 * They are somebody's, and come from our own address: so nothing but a few kinds of images is
 * shown by itself, told by their first bytes; everything else is a download of no type, and
 * whatever is shown all the same runs nothing (sandbox). One range of it may be asked for (RFC
 * 9110 section 14); its name is its content, so the tag never changes. */
#include <errno.h>
#include <unistd.h>

#include "core/attachment.h"
#include "core/base/log.h"
#include "net/api/file_type.h"
#include "net/api/jobs.h"
#include "net/api/rest_nouns.h"

#define FILE_FIELDS                                                                                \
    "Cache-Control: private, no-cache\r\nAccept-Ranges: bytes\r\n"                                 \
    "Content-Security-Policy: sandbox; default-src 'none'\r\n"                                     \
    "Cross-Origin-Resource-Policy: same-origin\r\n"

struct download {   /* in the rest's arena */
    struct job job; /* first */
    struct rest *rest;
    char hash[SHA256_TEXT + 1];
    struct slice name;
    int fd; /* -1: the file is not there */
    uint64_t bytes;
    char first[FILE_TYPE_BYTES];
    size_t first_len;
};

/* -- which bytes */

enum range { RANGE_ALL, RANGE_PART, RANGE_NONE };

/* "bytes=5-9", "bytes=5-", "bytes=-5"; several, and what is no range at all, mean everything. */
static enum range range_read(
        struct slice text, uint64_t bytes, uint64_t *ret_from, uint64_t *ret_end)
{
    struct slice from;
    uint64_t first = 0, last = 0;
    if (!slice_starts(text, SLICE("bytes="))) return RANGE_ALL;
    text = slice_from(text, 6);
    if (!slice_cut(&text, '-', &from)) return RANGE_ALL;
    if ((from.len > 0 && !slice_to_u64(from, &first)) ||
            (text.len > 0 && !slice_to_u64(text, &last)) || (from.len == 0 && text.len == 0))
        return RANGE_ALL;
    if (from.len == 0) { /* so many of the last */
        if (last == 0 || bytes == 0) return RANGE_NONE;
        *ret_from = last < bytes ? bytes - last : 0;
        *ret_end = bytes;
        return RANGE_PART;
    }
    if (text.len > 0 && last < first) return RANGE_ALL;
    if (first >= bytes) return RANGE_NONE;
    *ret_from = first;
    *ret_end = text.len > 0 && last < bytes ? last + 1 : bytes;
    return RANGE_PART;
}

static enum range range_asked(
        const struct rest *r, const struct download *d, uint64_t *ret_from, uint64_t *ret_end)
{
    char tag[SHA256_TEXT + 3];
    *ret_from = 0;
    *ret_end = d->bytes;
    snprintf(tag, sizeof tag, "\"%s\"", d->hash);
    if (r->range.len == 0) return RANGE_ALL;
    if (r->if_range.len > 0 && !slice_eq(r->if_range, slice_cstr(tag))) return RANGE_ALL;
    return range_read(r->range, d->bytes, ret_from, ret_end);
}

/* -- the answer */

static void add_disposition(struct buf *fields, struct slice name, bool shown)
{
    buf_add(fields, shown ? SLICE("Content-Disposition: inline")
                          : SLICE("Content-Disposition: attachment"));
    BUF_ADD(fields, "; filename*=UTF-8''");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_';
        if (plain)
            buf_add_char(fields, c);
        else
            buf_add_format(fields, "%%%02X", (unsigned)(unsigned char)c);
    }
    BUF_ADD(fields, "\r\n");
}

static void download_answer(struct rest *r, struct download *d)
{
    uint64_t from, end;
    struct slice type = file_image_type(slice_of(d->first, d->first_len));
    struct buf fields;
    enum range range = range_asked(r, d, &from, &end);
    buf_init(&fields, KIB(8));
    buf_add_format(&fields, FILE_FIELDS "ETag: \"%s\"\r\n", d->hash);
    add_disposition(&fields, d->name, type.ptr != NULL);
    if (!type.ptr) type = SLICE("application/octet-stream");
    if (range == RANGE_NONE)
        buf_add_format(&fields, "Content-Range: bytes */%llu\r\n", (unsigned long long)d->bytes);
    if (range == RANGE_PART)
        buf_add_format(&fields, "Content-Range: bytes %llu-%llu/%llu\r\n", (unsigned long long)from,
                (unsigned long long)end - 1, (unsigned long long)d->bytes);
    CHECK(buf_ok(&fields));
    struct slice head = arena_dup(&r->arena, buf_slice(&fields));
    buf_fini(&fields);
    if (range == RANGE_NONE) {
        close(d->fd);
        rest_answer(r, 416, (struct slice){0}, head, (struct slice){0});
        return;
    }
    r->spool = spool_of(d->fd, end);
    rest_answer_file(r, range == RANGE_PART ? 206 : 200, type, head, from);
}

static void download_not_there(struct rest *r, const struct download *d)
{
    log_warn("files", "file=%s is missing", d->hash);
    rest_refuse(r, ERR_STORAGE, "file", "is not where it was put", "a backup that has it");
}

static void file_open(struct job *job) /* io lane */
{
    struct download *d = (struct download *)job;
    struct files *files = job->server->log->files;
    d->fd = files ? files->open(files, slice_cstr(d->hash), &d->bytes) : -1;
    if (d->fd < 0) return;
    ssize_t got;
    do
        got = pread(d->fd, d->first, sizeof d->first, 0);
    while (got < 0 && errno == EINTR);
    d->first_len = got > 0 ? (size_t)got : 0;
}

static void file_opened(struct job *job, struct shard *shard)
{
    struct download *d = (struct download *)job;
    struct rest *r = d->rest;
    (void)shard;
    if (!r->conn) {
        if (d->fd >= 0) close(d->fd);
        rest_unref(r);
        return;
    }
    r->pending--;
    if (d->fd < 0)
        download_not_there(r, d);
    else
        download_answer(r, d);
}

/* -- the request */

static enum err download_run(struct rest *r, struct board_view *bv)
{
    struct download *d = r->user;
    struct slice json;
    struct object *o;
    struct id id;
    enum err err = child_id(r, bv, F_ATTACHMENT_ID_CARD, r->args[1], &id);
    if (err == ERR_OK)
        err = bv->view->ops->entity(bv->view, bv->board, KIND_ATTACHMENT, id, &json);
    if (err == ERR_OK) err = object_read(KIND_ATTACHMENT, bv->view->arena, json, &o, &r->fault);
    if (err != ERR_OK) return err;
    struct slice hash = value_slice(object_value(o, F_ATTACHMENT_FILE));
    if (file_hash_valid(hash))
        memcpy(d->hash, hash.ptr, SHA256_TEXT);
    else
        err = ERR_NOT_FOUND; /* a link has no bytes here */
    d->name = arena_dup(&r->arena, value_slice(object_value(o, F_ATTACHMENT_FILE_NAME)));
    object_free(o);
    return err;
}

static void download_go(struct rest *r)
{
    struct download *d = r->user;
    char tag[SHA256_TEXT + 3];
    snprintf(tag, sizeof tag, "\"%s\"", d->hash);
    if (http_tag_listed(r->if_none_match, slice_cstr(tag))) {
        char fields[sizeof FILE_FIELDS + 96];
        snprintf(fields, sizeof fields, FILE_FIELDS "ETag: %s\r\n", tag);
        rest_answer(r, 304, (struct slice){0}, slice_cstr(fields), (struct slice){0});
        return;
    }
    r->pending++;
    d->job.run = file_open;
    d->job.done = file_opened;
    jobs_post(r->shard->server->jobs, JOBS_IO, r->shard->index, &d->job);
}

void attachment_download(struct rest *r)
{
    struct download *d = ARENA_NEW(&r->arena, struct download);
    d->rest = r;
    d->fd = -1;
    r->user = d;
    rest_read(r, KIND_CARD, r->args[0], download_run, download_go);
}
