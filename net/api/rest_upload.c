#include "net/api/rest_upload.h"

#include "core/base/utf.h"
#include "net/api/file_type.h"
#include "net/api/jobs.h"
#include "net/api/rest_nouns.h"
#include "net/multipart.h"

#define UPLOAD_HELD_MAX  MIB(1) /* received and not yet on disk; then the peer is not read */
#define UPLOAD_WRITE_MIN (UPLOAD_HELD_MAX / 4)
#define FILE_NAME_BYTES_MAX 255

struct upload {     /* in the rest's arena */
    struct job job; /* first */
    struct rest *rest;
    struct files *files;
    struct file_draft *draft; /* the files lane's while busy */
    struct multipart form;
    struct buf held;    /* the loop adds */
    struct buf writing; /* the files lane has it */
    struct buf field;   /* the value of the parameter that is being read */
    struct slice field_name;
    bool in_file, has_file;
    struct slice file_name, claimed;
    uint8_t first[FILE_TYPE_BYTES];
    size_t first_len;
    uint64_t bytes; /* of the file */
    bool busy;      /* a job is under way */
    bool kept;
    bool ended; /* all of the body is here */
    bool over; /* refused, gone or done: nothing more is taken */
    enum err err;
    char hash[SHA256_TEXT + 1];
};

/* -- jobs on the files lane */

static void upload_post(struct upload *u, void (*run)(struct job *),
        void (*done)(struct job *, struct shard *))
{
    struct rest *r = u->rest;
    CHECK(!u->busy);
    u->busy = true;
    r->pending++;
    u->job.run = run;
    u->job.done = done;
    jobs_post(r->shard->server->jobs, JOBS_FILES, r->shard->index, &u->job);
}

static void draft_write(struct job *job) /* files lane */
{
    struct upload *u = (struct upload *)job;
    u->err = u->draft ? ERR_OK : u->files->begin(u->files, &u->draft);
    if (u->err == ERR_OK) u->err = u->files->add(u->draft, buf_slice(&u->writing));
}

static void draft_keep(struct job *job) /* files lane */
{
    struct upload *u = (struct upload *)job;
    u->err = u->files->keep(u->draft, u->hash);
    u->draft = NULL;
}

static void draft_drop(struct job *job) /* files lane */
{
    struct upload *u = (struct upload *)job;
    u->files->drop(u->draft);
    u->draft = NULL;
}

static void draft_dropped(struct job *job, struct shard *shard)
{
    struct upload *u = (struct upload *)job;
    (void)shard;
    u->busy = false;
    rest_unref(u->rest);
}

/* Nothing more is taken, and what was stored goes. A job that is under way sees to it itself. */
static void upload_drop(struct upload *u)
{
    u->over = true;
    if (u->busy) return;
    buf_fini(&u->held);
    buf_fini(&u->writing);
    buf_fini(&u->field);
    if (u->draft) upload_post(u, draft_drop, draft_dropped);
}

static void upload_refuse(struct upload *u, enum err err, const char *wrong, const char *expected)
{
    struct rest *r = u->rest;
    upload_drop(u);
    rest_refuse(r, err, "file", wrong, expected);
}

static void upload_fail(struct upload *u) /* rest->fault */
{
    struct rest *r = u->rest;
    upload_drop(u);
    rest_fail(r);
}

static void upload_go(struct upload *u);

static void upload_step_done(struct job *job, struct shard *shard)
{
    struct upload *u = (struct upload *)job;
    struct rest *r = u->rest;
    (void)shard;
    u->busy = false;
    u->kept = u->err == ERR_OK && u->hash[0] != '\0';
    if (!r->conn || u->over) {
        upload_drop(u);
        rest_unref(r);
        return;
    }
    r->pending--;
    if (u->err == ERR_OK)
        upload_go(u);
    else
        upload_refuse(u, u->err, "could not be stored", "free space in the data folder");
}

/* -- the event */

/* In the same event; of a file that cannot be shown there is no cover. */
static enum err op_cover(struct rest *r, struct ops_out *ops, struct slice first)
{
    bool wanted = false;
    enum err err = params_bool(&r->params, "setCover", &wanted, &r->fault);
    if (err != ERR_OK || !wanted || !file_image_type(first).ptr) return err;
    op_begin(r, ops, SLICE("card.set"), r->at.id);
    JSON_KEY(&ops->j, "cover");
    json_object_begin(&ops->j);
    JSON_KEY(&ops->j, "idAttachment");
    json_id(&ops->j, r->want_id);
    json_object_end(&ops->j);
    op_end(ops);
    return ERR_OK;
}

static enum err upload_op_run(struct rest *r, struct board_view *bv)
{
    const struct upload *u = r->upload;
    struct ops_out ops = rest_ops(r);
    struct slice name = params_text(&r->params, "name");
    struct slice claimed = params_text(&r->params, "mimeType");
    struct slice type = file_claimed_type(
            claimed.len > 0 ? claimed : u->claimed, slice_of(u->first, u->first_len));
    (void)bv;
    op_begin(r, &ops, SLICE("attachment.file"), r->want_id);
    JSON_KEY(&ops.j, "idCard");
    json_id(&ops.j, r->at.id);
    JSON_KEY(&ops.j, "bytes");
    json_u64(&ops.j, u->bytes);
    JSON_KEY(&ops.j, "file");
    json_str(&ops.j, slice_cstr(u->hash));
    JSON_KEY(&ops.j, "fileName");
    json_str(&ops.j, u->file_name);
    JSON_KEY(&ops.j, "mimeType");
    json_str(&ops.j, type.len > 0 ? type : SLICE("application/octet-stream"));
    JSON_KEY(&ops.j, "name");
    json_str(&ops.j, name.len > 0 ? name : u->file_name);
    enum err err = op_param(r, &ops, "pos", "pos", PARAM_POS);
    op_end(&ops);
    if (err == ERR_OK) err = op_cover(r, &ops, slice_of(u->first, u->first_len));
    rest_ops_end(&ops);
    return err;
}

static void upload_finish(struct upload *u)
{
    struct rest *r = u->rest;
    upload_drop(u); /* gives its memory back: there is no draft any more */
    if (!u->has_file) {
        attachment_link(r);
        return;
    }
    /* another file is another request */
    params_put(&r->arena, &r->params, SLICE("file"), slice_cstr(u->hash));
    r->trusted = true; /* the file is there: this server has just put it there */
    r->want_kind = KIND_ATTACHMENT;
    r->want_id = rest_new_id(r);
    rest_read(r, KIND_CARD, r->args[0], upload_op_run, rest_submit);
}

/* The next step: a write, the last flush, or the event. */
static void upload_go(struct upload *u)
{
    struct rest *r = u->rest;
    bool ended = u->ended;
    if (u->busy) return;
    if (r->paused && u->held.len < UPLOAD_HELD_MAX) {
        r->paused = false;
        conn_resume(r->conn);
    }
    if (u->held.len >= UPLOAD_WRITE_MIN ||
            (ended && (u->held.len > 0 || (u->has_file && !u->draft && !u->kept)))) {
        struct buf swap = u->writing;
        u->writing = u->held;
        u->held = swap;
        buf_clear(&u->held);
        upload_post(u, draft_write, upload_step_done);
    } else if (ended && u->has_file && !u->kept) {
        upload_post(u, draft_keep, upload_step_done);
    } else if (ended) {
        upload_finish(u);
    }
}

/* -- the form */

static enum err part_begin(struct upload *u)
{
    struct rest *r = u->rest;
    struct multipart *m = &u->form;
    bool file = slice_eq(m->name, SLICE("file"));
    if (m->has_file_name && !file)
        return fault_set(&r->fault, ERR_INVALID, "body", "has a file that is not called \"file\"",
                "one part named \"file\"");
    u->in_file = file;
    if (!file) {
        u->field_name = arena_dup(&r->arena, m->name);
        buf_clear(&u->field);
        return ERR_OK;
    }
    if (u->has_file)
        return fault_set(
                &r->fault, ERR_INVALID, "file", "comes twice", "one file in each request");
    u->has_file = true;
    u->file_name = file_name_clean(
            m->file_name, arena_alloc(&r->arena, FILE_NAME_BYTES_MAX), FILE_NAME_BYTES_MAX);
    u->claimed = arena_dup(&r->arena, m->type);
    return ERR_OK;
}

static enum err part_data(struct upload *u, struct slice piece)
{
    struct rest *r = u->rest;
    uint64_t most = r->shard->server->attachment_bytes_max;
    if (!u->in_file) {
        if (buf_add(&u->field, piece)) return ERR_OK;
        return fault_set(&r->fault, ERR_TOO_LARGE, "body", "has a field that is too long",
                "at most 64 KiB");
    }
    u->bytes += piece.len;
    if (u->bytes > most)
        return fault_setf(&r->fault, ERR_TOO_LARGE, "file", "a smaller one",
                "is larger than %llu MiB", (unsigned long long)(most >> 20));
    struct slice first = slice_head(piece, sizeof u->first - u->first_len);
    if (first.len > 0) memcpy(u->first + u->first_len, first.ptr, first.len);
    u->first_len += first.len;
    CHECK(buf_add(&u->held, piece));
    return ERR_OK;
}

static enum err part_end(struct upload *u)
{
    struct rest *r = u->rest;
    struct slice value = buf_slice(&u->field);
    if (u->in_file) return ERR_OK;
    if (!utf_valid(value) || !utf_valid(u->field_name))
        return fault_set(&r->fault, ERR_INVALID, "body", "has a field that is not UTF-8", "UTF-8");
    if (params_put(&r->arena, &r->params, u->field_name, arena_dup(&r->arena, value)))
        return ERR_OK;
    return fault_set(&r->fault, ERR_INVALID, "", "the request has too many parameters", "fewer");
}

static enum err form_take(struct upload *u, struct slice bytes)
{
    enum err err = ERR_OK;
    for (;;) {
        struct slice piece;
        size_t used;
        enum multipart_status status =
                multipart_read(&u->form, bytes, &used, &piece, &u->rest->fault);
        bytes = slice_from(bytes, used);
        switch (status) {
        case MULTIPART_MORE: return ERR_OK;
        case MULTIPART_PART: err = part_begin(u); break;
        case MULTIPART_DATA: err = part_data(u, piece); break;
        case MULTIPART_PART_END: err = part_end(u); break;
        case MULTIPART_END:
            err = params_check(&u->rest->params, u->rest->route->params, &u->rest->fault);
            break;
        case MULTIPART_BAD: err = ERR_INVALID; break;
        }
        if (err != ERR_OK) return err;
    }
}

void upload_body(struct conn *conn, struct ctx *ctx, struct slice piece, bool end)
{
    struct rest *r = (struct rest *)(void *)ctx;
    struct upload *u = r->upload;
    if (!u || u->over) return; /* was refused */
    enum err err = form_take(u, piece);
    if (err == ERR_OK && end && !multipart_ended(&u->form))
        err = fault_set(&r->fault, ERR_INVALID, "body", "ends before its last boundary",
                "a form as browsers send it");
    if (err != ERR_OK) {
        upload_fail(u);
        return;
    }
    if (!end && u->held.len >= UPLOAD_HELD_MAX && u->busy && !r->paused) {
        r->paused = true;
        conn_pause(conn);
    }
    u->ended = end;
    upload_go(u);
}

void upload_closed(struct conn *conn, struct ctx *ctx)
{
    struct rest *r = (struct rest *)(void *)ctx;
    (void)conn;
    r->conn = NULL;
    r->pending++;
    if (r->upload && !r->upload->over) upload_drop(r->upload);
    rest_unref(r);
}

/* -- the beginning */

static enum err upload_allowed_run(struct rest *r, struct board_view *bv)
{
    (void)r, (void)bv;
    return ERR_OK; /* the card is there, and this actor may edit its board */
}

static void upload_begin(struct rest *r)
{
    struct upload *u = ARENA_NEW(&r->arena, struct upload);
    u->rest = r;
    u->files = r->shard->server->log->files;
    buf_init(&u->held, 4 * UPLOAD_HELD_MAX);
    buf_init(&u->writing, 4 * UPLOAD_HELD_MAX);
    buf_init(&u->field, KIB(64));
    multipart_init(&u->form, r->boundary);
    r->upload = u;
    r->paused = false;
    conn_resume(r->conn);
}

void upload_start(struct rest *r)
{
    if (!r->shard->server->log->files)
        rest_refuse(r, ERR_UNIMPLEMENTED, "file", "files are not kept here", "a link");
    else
        rest_read(r, KIND_CARD, r->args[0], upload_allowed_run, upload_begin);
}
