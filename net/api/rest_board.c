#include "core/base/limits.h"
#include "net/api/rest_nouns.h"

const struct param_spec board_get_params[] = {
        {"fields", PARAM_ANY, NULL},
        {"lists", PARAM_ANY, NULL},
        {"list_fields", PARAM_ANY, NULL},
        {"cards", PARAM_ANY, NULL},
        {"card_fields", PARAM_ANY, NULL},
        {"card_attachments", PARAM_ANY, NULL},
        {"card_attachment_fields", PARAM_ANY, NULL},
        {"card_checklists", PARAM_ANY, NULL},
        {"checklists", PARAM_ANY, NULL},
        {"checklist_fields", PARAM_ANY, NULL},
        {"labels", PARAM_ANY, NULL},
        {"label_fields", PARAM_ANY, NULL},
        {"customFields", PARAM_ANY, NULL},
        {"card_customFieldItems", PARAM_ANY, NULL},
        {"memberships", PARAM_ANY, NULL},
        {"members", PARAM_ANY, NULL},
        {"organization", PARAM_ANY, NULL},
        {"organization_fields", PARAM_ANY, NULL},
        {0},
};
const struct param_spec board_put_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"desc", PARAM_TEXT, NULL},
        {"closed", PARAM_BOOL, NULL},
        {"subscribed", PARAM_BOOL, NULL},
        {"idOrganization", PARAM_ID_OPTION, "idOrganization"},
        {"prefs", PARAM_JSON, NULL},
        {"prefs/...", PARAM_ANY, NULL},
        {0},
};
const struct param_spec board_post_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"desc", PARAM_TEXT, "desc"},
        {"idOrganization", PARAM_ID_OPTION, "idOrganization"},
        {"defaultLists", PARAM_BOOL, NULL},
        {"defaultLabels", PARAM_BOOL, NULL},
        {"prefs", PARAM_JSON, NULL},
        {"prefs/...", PARAM_ANY, NULL},
        {"idBoardSource", PARAM_KEY, NULL},
        {"keepFromSource", PARAM_TEXT, NULL},
        {0},
};

/* -- reading */

struct wanted {
    struct trello_nested nested;
    struct trello_fields fields;
    bool members;
    uint64_t kinds;
};

static enum err board_wanted(struct rest *r, struct wanted *w)
{
    *w = (struct wanted){.fields.all = true,
            .nested = {.list_fields.all = true,
                    .card_fields.all = true,
                    .label_fields.all = true,
                    .checklist_fields.all = true,
                    .attachment_fields.all = true}};
    enum err err = rest_fields(r, "fields", KIND_BOARD, &w->fields);
    if (err == ERR_OK) err = rest_fields(r, "list_fields", KIND_LIST, &w->nested.list_fields);
    if (err == ERR_OK) err = rest_fields(r, "card_fields", KIND_CARD, &w->nested.card_fields);
    if (err == ERR_OK) err = rest_fields(r, "label_fields", KIND_LABEL, &w->nested.label_fields);
    if (err == ERR_OK)
        err = rest_fields(r, "checklist_fields", KIND_CHECKLIST, &w->nested.checklist_fields);
    if (err == ERR_OK)
        err = rest_fields(
                r, "card_attachment_fields", KIND_ATTACHMENT, &w->nested.attachment_fields);
    if (err == ERR_OK)
        err = rest_filter(r, params_text(&r->params, "lists"), "lists", &w->nested.lists);
    if (err == ERR_OK)
        err = rest_filter(r, params_text(&r->params, "cards"), "cards", &w->nested.cards);
    w->nested.labels = says_yes(r, "labels");
    w->nested.checklists = says_yes(r, "checklists");
    w->nested.card_checklists = says_yes(r, "card_checklists");
    w->nested.custom_fields = says_yes(r, "customFields");
    w->nested.card_field_items = says_yes(r, "card_customFieldItems");
    w->nested.card_attachments = says_yes(r, "card_attachments");
    w->nested.memberships = says_yes(r, "memberships");
    w->members = says_yes(r, "members");
    return err;
}

static enum err board_write_all(struct rest *r, struct board_view *bv, struct wanted *w)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct board *b;
    bool cards = w->nested.cards != TRELLO_NONE;
    if (cards) w->kinds |= KINDS(CARD) | KINDS(LIST) | KINDS(LABEL) | KINDS(CHECKLIST);
    if (w->nested.checklists || w->nested.card_checklists)
        w->kinds |= KINDS(CHECKLIST) | KINDS(CHECK_ITEM);
    if (w->nested.custom_fields) w->kinds |= KINDS(CUSTOM_FIELD) | KINDS(FIELD_OPTION);
    if (w->nested.card_field_items) w->kinds |= KINDS(FIELD_ITEM);
    if (w->nested.card_attachments) w->kinds |= KINDS(ATTACHMENT);
    if (w->nested.lists != TRELLO_NONE) w->kinds |= KINDS(LIST);
    if (w->nested.labels) w->kinds |= KINDS(LABEL);
    if (w->nested.labels && !cards) w->kinds |= KINDS(CARD); /* `uses` counts carriers */
    enum err err = rest_load(r, bv, w->kinds, &b);
    if (err != ERR_OK) return err;
    options.fields = w->fields;
    err = trello_board_write(&r->out, b, &options, &w->nested, rest_flush, r);
    if (err == ERR_OK && w->members) {
        struct json_out j = object_reopen(r);
        JSON_KEY(&j, "members");
        rest_members_write(r, bv, b, &j);
        json_object_end(&j);
    }
    if (w->kinds == 0 && !w->nested.memberships && !w->members) r->s = board_self(b)->s;
    board_free(b);
    return err;
}

static enum err board_run(struct rest *r, struct board_view *bv)
{
    struct wanted w;
    enum err err = board_wanted(r, &w);
    if (err == ERR_OK) err = board_write_all(r, bv, &w);
    if (err == ERR_OK && says_yes(r, "organization")) err = organization_nested(r, bv);
    return err == ERR_OK ? actions_asked(r, bv) : err;
}

void board_show(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_run, NULL);
}

/* Everything there is, as Trello's own export has it. */
static enum err board_export_run(struct rest *r, struct board_view *bv)
{
    struct wanted w = {
            .fields.all = true,
            .members = true,
            .nested = {.lists = TRELLO_ALL,
                    .cards = TRELLO_ALL,
                    .labels = true,
                    .checklists = true,
                    .custom_fields = true,
                    .card_field_items = true,
                    .card_attachments = true,
                    .memberships = true,
                    .list_fields.all = true,
                    .card_fields.all = true,
                    .label_fields.all = true,
                    .checklist_fields.all = true,
                    .attachment_fields.all = true},
    };
    enum err err = board_write_all(r, bv, &w);
    if (err == ERR_OK) err = organization_nested(r, bv);
    return err == ERR_OK ? actions_export(r, bv) : err;
}

void board_export(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_export_run, NULL);
}

static enum err board_field_run(struct rest *r, struct board_view *bv)
{
    enum err err = rest_object_run(r, bv);
    return err == ERR_OK ? rest_one_field(r, r->args[1]) : err;
}

void board_get_field(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_field_run, NULL);
}

/* -- prefs: {"prefs":{..}}, prefs_name= and prefs/name= come to the same */

static bool is_pref(struct slice name)
{
    return slice_starts(name, SLICE("prefs/")) || slice_starts(name, SLICE("prefs_"));
}

bool any_pref(const struct rest *r)
{
    for (uint32_t i = 0; i < r->params.count; i++) {
        if (is_pref(r->params.at[i].name)) return true;
    }
    return params_find(&r->params, "prefs") != NULL;
}

enum err op_prefs(struct rest *r, struct ops_out *ops)
{
    const struct param *whole = params_find(&r->params, "prefs");
    bool truth;
    if (!any_pref(r)) return ERR_OK;
    JSON_KEY(&ops->j, "prefs");
    if (whole) return param_write(&ops->j, whole, PARAM_JSON, &r->fault);
    json_object_begin(&ops->j);
    for (uint32_t i = 0; i < r->params.count; i++) {
        const struct param *p = &r->params.at[i];
        if (!is_pref(p->name)) continue;
        json_key(&ops->j, slice_from(p->name, 6));
        if (slice_to_bool(p->text, &truth))
            json_bool(&ops->j, truth);
        else
            json_str(&ops->j, p->text);
    }
    json_object_end(&ops->j);
    return ERR_OK;
}

/* -- writing */

static enum err board_put_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    bool closed = false;
    r->want_kind = KIND_BOARD;
    r->want_id = bv->board;
    enum err err = params_bool(&r->params, "closed", &closed, &r->fault);
    if (err == ERR_OK) err = watch_asked(r);
    if (err == ERR_OK && (any_sets(r, board_put_params) || any_pref(r))) {
        op_begin(r, &ops, SLICE("board.set"), (struct id){0});
        op_if(r, &ops);
        err = op_sets(r, &ops, board_put_params);
        if (err == ERR_OK) err = op_prefs(r, &ops);
        op_end(&ops);
    }
    if (err == ERR_OK) err = op_desc(r, &ops, KIND_BOARD, bv->board);
    if (err == ERR_OK && params_find(&r->params, "closed")) {
        op_begin(r, &ops, closed ? SLICE("board.close") : SLICE("board.reopen"), (struct id){0});
        op_if(r, &ops);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    return err;
}

void board_put(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_put_run, rest_submit);
}

void board_put_field(struct rest *r)
{
    if (value_as_field(r, board_put_params, r->args[1])) board_put(r);
}

void board_put_pref(struct rest *r)
{
    struct buf name;
    buf_init(&name, KIB(1));
    BUF_ADD(&name, "prefs/");
    buf_add(&name, r->args[1]);
    struct slice kept = arena_dup(&r->arena, buf_slice(&name));
    buf_fini(&name);
    if (value_as_field(r, board_put_params, kept)) board_put(r);
}

/* With a key the id follows from who asks, the key and the day, so that a repeated request means
 * the same one. */
struct id rest_keyed_id(struct rest *r)
{
    if (!r->idempotency.len) return rest_new_id(r);
    uint8_t digest[CRYPTO_SHA256_BYTES];
    uint64_t bits;
    struct buf text;
    buf_init(&text, KIB(32));
    buf_add(&text, slice_of(r->actor.member.bytes, ID_BYTES));
    buf_add(&text, r->idempotency);
    crypto_sha256(buf_slice(&text), digest);
    buf_fini(&text);
    memcpy(&bits, digest, sizeof bits);
    int64_t seconds = r->now_ms / 1000;
    return id_make((uint32_t)(seconds - seconds % 86400), bits);
}

static void op_default_labels(struct rest *r, struct ops_out *ops, struct id board)
{
    static const char *const colors[] = {"green", "yellow", "orange", "red", "purple", "blue"};
    for (size_t i = 0; i < ARRAY_COUNT(colors); i++) {
        struct id id = id_make(id_seconds(board), hash64(slice_of(board.bytes, ID_BYTES), 100 + i));
        op_begin(r, ops, SLICE("label.create"), id);
        JSON_KEY(&ops->j, "name");
        json_str(&ops->j, SLICE(""));
        JSON_KEY(&ops->j, "color");
        json_str(&ops->j, slice_cstr(colors[i]));
        op_end(ops);
    }
}

static enum err board_post_ops(struct rest *r, struct id board)
{
    struct ops_out ops = rest_ops(r);
    bool lists = true, labels = true;
    enum err err = params_bool(&r->params, "defaultLists", &lists, &r->fault);
    if (err == ERR_OK) err = params_bool(&r->params, "defaultLabels", &labels, &r->fault);
    if (err != ERR_OK) return err;
    op_begin(r, &ops, SLICE("board.create"), (struct id){0});
    err = op_sets(r, &ops, board_post_params);
    if (err == ERR_OK) err = op_prefs(r, &ops);
    JSON_KEY(&ops.j, "lists");
    json_bool(&ops.j, lists);
    op_end(&ops);
    if (labels) op_default_labels(r, &ops, board);
    rest_ops_end(&ops);
    return err;
}

void board_post(struct rest *r)
{
    if (params_text(&r->params, "idBoardSource").len) {
        board_copy(r);
        return;
    }
    struct slice name = required(r, "name");
    if (!name.ptr) return;
    struct id board = rest_keyed_id(r);
    if (board_post_ops(r, board) != ERR_OK) {
        rest_fail(r);
        return;
    }
    r->at = (struct location){.board = board, .kind = KIND_BOARD, .id = board};
    r->want_kind = KIND_BOARD;
    r->want_id = board;
    rest_submit(r);
}

static enum err board_delete_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    op_begin(r, &ops, SLICE("board.delete"), (struct id){0});
    JSON_KEY(&ops.j, "force");
    json_bool(&ops.j, true);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{\"_value\":null}");
    return ERR_OK;
}

void board_delete(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_delete_run, rest_submit);
}
