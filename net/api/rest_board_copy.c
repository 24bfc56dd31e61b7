/* rest_board_copy.c - a board once more: what a reader would export of it goes to a file, and what
 * imports do with a file makes the copy of it.
 *
 *   POST /1/boards?idBoardSource=   -> waits, answers with the board
 *   POST /v1/boards/{id}/copy       -> 202 and where to ask how far it is, as of an import
 *
 * Open lists and open cards come along, with what hangs on them. People, comments and what happened
 * stay with the original. A file is named by its content, so the copy has it by its name, and who
 * may read the copy may download it. */
#include "core/base/json.h"
#include "net/api/rest_import.h"
#include "net/api/rest_nouns.h"

const struct param_spec board_copy_params[] = {
        {"name", PARAM_TEXT, NULL},
        {"keepFromSource", PARAM_TEXT, NULL},
        {"prefs", PARAM_JSON, NULL},
        {"prefs/...", PARAM_ANY, NULL},
        {0},
};

/* -- the reader's part */

static enum err copy_nested(struct rest *r, struct trello_nested *ret_nested)
{
    struct slice keep = params_text(&r->params, "keepFromSource");
    bool cards = keep.len == 0 || slice_eq(keep, SLICE("cards"));
    if (!cards && !slice_eq(keep, SLICE("none")))
        return fault_setf(&r->fault, ERR_INVALID, "keepFromSource", "cards or none",
                "is \"%.*s\"", SLICE_ARG(slice_head(keep, 40)));
    *ret_nested = (struct trello_nested){.lists = TRELLO_OPEN,
            .cards = cards ? TRELLO_VISIBLE : TRELLO_NONE,
            .labels = true,
            .checklists = cards,
            .custom_fields = true,
            .card_field_items = cards,
            .card_attachments = cards,
            .list_fields.all = true,
            .card_fields.all = true,
            .label_fields.all = true,
            .checklist_fields.all = true,
            .attachment_fields.all = true};
    return ERR_OK;
}

/* All of it to the file, also what would have stayed in memory. */
static enum err copy_spool(struct rest *r)
{
    char why[160];
    if (!buf_ok(&r->out)) return ERR_TOO_LARGE;
    if (!r->spool) r->spool = spool_new(r->shard->server->data_dir, why);
    if (!r->spool || spool_write(r->spool, buf_slice(&r->out)) != ERR_OK)
        return fault_set(&r->fault, ERR_STORAGE, "", "no room for a copy",
                "free space in the data folder");
    buf_clear(&r->out);
    return ERR_OK;
}

static enum err copy_source(struct rest *r, struct board_view *bv, struct board_view *ret_source)
{
    struct slice key = r->native ? r->args[0] : params_text(&r->params, "idBoardSource");
    struct location at = {.kind = KIND_BOARD};
    enum err err = ERR_OK;
    if (!id_parse(key, &at.board))
        err = short_link_valid(key) ? bv->view->ops->locate_short(bv->view, key, &at)
                                    : ERR_NOT_FOUND;
    if (err == ERR_OK && at.kind != KIND_BOARD) err = ERR_NOT_FOUND;
    if (err != ERR_OK) return err;
    return board_view_open(bv->view, &r->actor, at.board, PERM_READ, ret_source, &r->fault);
}

static enum err copy_run(struct rest *r, struct board_view *bv)
{
    struct trello_nested nested;
    struct board_view source;
    struct board *b;
    enum err err = copy_nested(r, &nested);
    if (err == ERR_OK) err = copy_source(r, bv, &source);
    if (err == ERR_OK)
        err = rest_load(r, &source,
                KINDS(LIST) | KINDS(CARD) | KINDS(LABEL) | KINDS(CHECKLIST) | KINDS(CHECK_ITEM) |
                        KINDS(CUSTOM_FIELD) | KINDS(FIELD_OPTION) | KINDS(FIELD_ITEM) |
                        KINDS(ATTACHMENT),
                &b);
    if (err != ERR_OK) return err;
    struct trello_options options = rest_trello_options(r, &source);
    options.files = true;
    err = trello_board_write(&r->out, b, &options, &nested, rest_flush, r);
    board_free(b);
    return err == ERR_OK ? copy_spool(r) : err;
}

/* -- the import's part */

static void copy_ended(void *waiting, enum import_state state, struct id board,
        const struct fault *fault)
{
    struct rest *r = waiting;
    char text[ID_TEXT + 1];
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (state != IMPORT_DONE) {
        r->fault = *fault;
        rest_fail(r);
        return;
    }
    r->wrote = true;
    id_format(board, text);
    rest_read(r, KIND_BOARD, arena_dup(&r->arena, slice_cstr(text)), rest_object_run, NULL);
}

/* What the copy is to be otherwise than its original: no template, and nobody else's, unless the
 * request says so. */
static enum err copy_ops(struct rest *r, struct buf *ret_ops)
{
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("board.set"), (struct id){0});
    JSON_KEY(&ops.j, "prefs");
    json_raw(&ops.j, SLICE("{\"isTemplate\":false,\"permissionLevel\":\"private\"}"));
    op_end(&ops);
    if (params_text(&r->params, "name").len > 0 || any_pref(r) ||
            params_find(&r->params, "idOrganization")) {
        op_begin(r, &ops, SLICE("board.set"), (struct id){0});
        enum err err = op_param(r, &ops, "name", "name", PARAM_TEXT);
        if (err == ERR_OK)
            err = op_param(r, &ops, "idOrganization", "idOrganization", PARAM_ID_OPTION);
        if (err == ERR_OK) err = op_prefs(r, &ops);
        if (err != ERR_OK) return err;
        op_end(&ops);
    }
    rest_ops_end(&ops);
    buf_add(ret_ops, buf_slice(&r->out));
    return ERR_OK;
}

static void copy_import(struct rest *r)
{
    struct import *import = MEM_NEW(struct import);
    import->id = rest_new_id(r);
    import->member = r->actor.member;
    import->actor = r->actor;
    import->now_ms = r->now_ms;
    import->files = true;
    buf_init(&import->ops, MIB(1));
    if (copy_ops(r, &import->ops) != ERR_OK) {
        buf_fini(&import->ops);
        mem_free(import);
        rest_fail(r);
        return;
    }
    if (!import_add(r->shard->server, import)) {
        rest_refuse(r, ERR_BUSY, "", "too many imports and copies are under way",
                "a new try in a while");
        return;
    }
    struct id job = import->id;
    import->spool = r->spool;
    r->spool = NULL;
    if (!r->native) {
        r->pending++;
        import->then = copy_ended;
        import->waiting = r;
    }
    import_start(r->shard->server, import, r->shard->index);
    if (r->native) import_answer(r, job);
}

void board_copy(struct rest *r)
{
    if (id_is_none(r->actor.member))
        rest_refuse(r, ERR_FORBIDDEN, "", "comes from nobody in particular",
                "a member, who becomes the admin of the copy");
    else if (r->idempotency.len)
        rest_refuse(r, ERR_INVALID, "Idempotency-Key", "is of no use here: every copy is another",
                "a request without it");
    else if (params_find(&r->params, "desc"))
        rest_refuse(r, ERR_INVALID, "desc", "comes with idBoardSource",
                "no desc: a copy has that of its original");
    else
        rest_read(r, KIND_NONE, (struct slice){0}, copy_run, copy_import);
}
