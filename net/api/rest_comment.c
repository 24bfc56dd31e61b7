/* rest_comment.c - comments: actions of type commentCard, on their card and by themselves, with
 * reactions. */
#include "core/base/date.h"
#include "net/api/rest_nouns.h"

const struct param_spec comment_params[] = {
        {"text", PARAM_TEXT, "text"},
        {0},
};
const struct param_spec reaction_params[] = {
        {"native", PARAM_ANY, NULL},
        {"shortName", PARAM_ANY, NULL},
        {"skinVariation", PARAM_ANY, NULL},
        {"unified", PARAM_ANY, NULL},
        {0},
};

/* -- reading */

/* The board with its lists, the comment and its card. */
static enum err comment_open(struct rest *r, struct board_view *bv, struct board **ret_board,
        struct object **ret_comment)
{
    struct object *card;
    enum err err = rest_load(r, bv, KINDS(LIST), ret_board);
    if (err != ERR_OK) return err;
    err = load_entity(r, bv, *ret_board, KIND_COMMENT, r->at.id, ret_comment);
    if (err == ERR_OK)
        err = load_entity(r, bv, *ret_board, KIND_CARD,
                object_value(*ret_comment, F_COMMENT_ID_CARD)->id, &card);
    if (err != ERR_OK) board_free(*ret_board);
    return err;
}

enum err comment_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    struct object *comment;
    enum err err = comment_open(r, bv, &b, &comment);
    if (err != ERR_OK) return err;
    trello_comment_write(&j, b, comment, &options);
    r->s = comment->s;
    board_free(b);
    return ERR_OK;
}

bool comment_action_write(struct rest *r, struct board_view *bv, struct board *lists, struct id id,
        struct json_out *j)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct object *comment, *card;
    if (load_entity(r, bv, lists, KIND_COMMENT, id, &comment) != ERR_OK) return false;
    if (load_entity(r, bv, lists, KIND_CARD, object_value(comment, F_COMMENT_ID_CARD)->id, &card) !=
            ERR_OK)
        return false;
    trello_comment_write(j, lists, comment, &options);
    return true;
}

enum err comment_field_run(struct rest *r, struct board_view *bv)
{
    static const struct {
        const char *name;
        enum kind kind;
    } above[] = {{"board", KIND_BOARD}, {"card", KIND_CARD}, {"list", KIND_LIST}};
    struct board *b;
    struct object *comment, *card;
    enum err err = comment_open(r, bv, &b, &comment);
    if (err != ERR_OK) return err;
    card = board_get(b, KIND_CARD, object_value(comment, F_COMMENT_ID_CARD)->id);
    struct id ids[] = {bv->board, card->id, object_value(card, F_CARD_ID_LIST)->id};
    board_free(b);
    for (size_t i = 0; i < ARRAY_COUNT(above); i++) {
        if (!slice_eq(r->args[1], slice_cstr(above[i].name))) continue;
        r->at = (struct location){.board = bv->board, .kind = above[i].kind, .id = ids[i]};
        return rest_object_run(r, bv);
    }
    err = comment_run(r, bv);
    return err == ERR_OK ? rest_one_field(r, r->args[1]) : err;
}

/* -- those of a card */

static int newest_first(const void *left, const void *right)
{
    struct object *const *a = left, *const *b = right;
    int order = slice_cmp(value_slice(object_value(*b, F_COMMENT_DATE)),
            value_slice(object_value(*a, F_COMMENT_DATE)));
    return order != 0 ? order : id_cmp((*b)->id, (*a)->id);
}

struct range { /* by date, then id: newer ones first */
    uint64_t limit, skip;
    int64_t before_ms, since_ms; /* 0: none */
    struct id before;
};

/* A date, or an id: every id has a time in it. */
static enum err bound_read(struct rest *r, const char *name, struct board *b, int64_t *ret_ms)
{
    struct slice text = params_text(&r->params, name);
    struct id id;
    if (text.len == 0 || slice_eq(text, SLICE("null"))) return ERR_OK;
    if (date_parse(text, ret_ms)) return ERR_OK;
    if (!id_parse(text, &id))
        return fault_set(&r->fault, ERR_INVALID, name, "is neither", "a date, an id, or null");
    struct object *comment = board_get(b, KIND_COMMENT, id);
    *ret_ms = (int64_t)id_seconds(id) * 1000;
    if (comment != NULL) date_parse(value_slice(object_value(comment, F_COMMENT_DATE)), ret_ms);
    return ERR_OK;
}

static enum err range_read(struct rest *r, struct board *b, struct range *ret_range)
{
    struct range q = {.limit = 50};
    struct slice limit = params_text(&r->params, "limit"), page = params_text(&r->params, "page");
    if ((limit.len > 0 && !slice_to_u64(limit, &q.limit)) || q.limit > 1000 ||
            (page.len > 0 && !slice_to_u64(page, &q.skip)) || q.skip > 1000)
        return fault_set(&r->fault, ERR_INVALID, "limit", "is out of range",
                "a whole number up to 1000");
    q.skip *= q.limit;
    enum err err = bound_read(r, "before", b, &q.before_ms);
    if (err == ERR_OK) err = bound_read(r, "since", b, &q.since_ms);
    id_parse(params_text(&r->params, "before"), &q.before);
    *ret_range = q;
    return err;
}

static bool in_range(const struct range *q, struct object *comment)
{
    int64_t ms = 0;
    date_parse(value_slice(object_value(comment, F_COMMENT_DATE)), &ms);
    if (q->since_ms != 0 && ms <= q->since_ms) return false;
    if (q->before_ms == 0 || ms < q->before_ms) return true;
    return ms == q->before_ms && !id_is_none(q->before) && id_cmp(comment->id, q->before) < 0;
}

static enum err comments_write(struct rest *r, struct board_view *bv, struct board *b)
{
    struct trello_options options = rest_trello_options(r, bv);
    const struct siblings *s = board_children(b, KIND_COMMENT, r->at.id);
    struct json_out j = json_out(&r->out);
    size_t count = s == NULL ? 0 : s->count;
    struct object **sorted = ARENA_NEW_ARRAY(bv->view->arena, struct object *, count);
    struct range q = {0};
    enum err err = range_read(r, b, &q);
    if (err != ERR_OK) return err;
    if (count > 0) memcpy(sorted, s->at, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, newest_first);
    json_array_begin(&j);
    for (size_t i = 0; i < count && q.limit > 0 && err == ERR_OK; i++) {
        if (!in_range(&q, sorted[i])) continue;
        if (q.skip > 0) {
            q.skip--;
            continue;
        }
        q.limit--;
        trello_comment_write(&j, b, sorted[i], &options);
        err = rest_flush(r, &r->out);
    }
    json_array_end(&j);
    return err;
}

enum err card_comments_run(struct rest *r, struct board_view *bv)
{
    struct object *card;
    struct board *b;
    enum err err = rest_load(r, bv, KINDS(LIST), &b);
    if (err != ERR_OK) return err;
    err = load_entity(r, bv, b, KIND_CARD, r->at.id, &card);
    if (err == ERR_OK) err = board_view_parts(bv, b, r->at.id, &r->fault);
    if (err == ERR_OK) err = comments_write(r, bv, b);
    board_free(b);
    return err;
}

/* -- reactions */

static enum err reactions_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    struct object *comment;
    struct id only = {{0}};
    if (r->args[1].len > 0 && !id_parse(r->args[1], &only)) return ERR_NOT_FOUND;
    enum err err = comment_open(r, bv, &b, &comment);
    if (err != ERR_OK) return err;
    if (!trello_reactions_write(&j, comment, only, &options)) err = ERR_NOT_FOUND;
    board_free(b);
    return err;
}

void reactions_get(struct rest *r)
{
    rest_read(r, KIND_COMMENT, r->args[0], reactions_run, NULL);
}

/* -- writing */

static enum err comment_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    r->want_kind = KIND_COMMENT;
    r->want_id = rest_new_id(r);
    r->want_run = comment_run;
    op_begin(r, &ops, SLICE("comment.create"), r->want_id);
    JSON_KEY(&ops.j, "idCard");
    json_id(&ops.j, r->at.id);
    enum err err = op_sets(r, &ops, comment_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void comment_post(struct rest *r)
{
    struct slice text = required(r, "text");
    if (text.ptr) rest_read(r, KIND_CARD, r->args[0], comment_post_run, rest_submit);
}

static enum err op_set_text(struct rest *r, struct id id)
{
    struct ops_out ops = rest_ops(r);
    r->want_kind = KIND_COMMENT;
    r->want_id = id;
    r->want_run = comment_run;
    op_begin(r, &ops, SLICE("comment.set"), id);
    op_if(r, &ops);
    enum err err = op_sets(r, &ops, comment_params);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

static enum err op_delete(struct rest *r, struct id id)
{
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("comment.delete"), id);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    r->fixed = SLICE("{\"_value\":null}");
    return ERR_OK;
}

static enum err comment_put_run(struct rest *r, struct board_view *bv)
{
    (void)bv;
    return op_set_text(r, r->at.id);
}

void comment_put(struct rest *r)
{
    struct slice text = required(r, "text");
    if (text.ptr) rest_read(r, KIND_COMMENT, r->args[0], comment_put_run, rest_submit);
}

void comment_put_field(struct rest *r)
{
    if (value_as_field(r, comment_params, r->args[1])) comment_put(r);
}

static enum err comment_delete_run(struct rest *r, struct board_view *bv)
{
    (void)bv;
    return op_delete(r, r->at.id);
}

void comment_delete(struct rest *r)
{
    rest_read(r, KIND_COMMENT, r->args[0], comment_delete_run, rest_submit);
}

static enum err card_comment_put_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_COMMENT_ID_CARD, r->args[1], &id);
    return err == ERR_OK ? op_set_text(r, id) : err;
}

void card_comment_put(struct rest *r)
{
    struct slice text = required(r, "text");
    if (text.ptr) rest_read(r, KIND_CARD, r->args[0], card_comment_put_run, rest_submit);
}

static enum err card_comment_delete_run(struct rest *r, struct board_view *bv)
{
    struct id id;
    enum err err = child_id(r, bv, F_COMMENT_ID_CARD, r->args[1], &id);
    return err == ERR_OK ? op_delete(r, id) : err;
}

void card_comment_delete(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_comment_delete_run, rest_submit);
}

static void op_react(struct rest *r, struct slice emoji, bool on)
{
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("comment.react"), r->at.id);
    JSON_KEY(&ops.j, "emoji");
    json_str(&ops.j, emoji);
    JSON_KEY(&ops.j, "on");
    json_bool(&ops.j, on);
    op_end(&ops);
    rest_ops_end(&ops);
}

static enum err reaction_post_run(struct rest *r, struct board_view *bv)
{
    (void)bv;
    r->want_kind = KIND_COMMENT;
    r->want_id = r->at.id;
    r->want_run = reactions_run;
    op_react(r, params_text(&r->params, "native"), true);
    return ERR_OK;
}

/* Trello's clients may also say a short name or a code point: those would want its table. */
void reaction_post(struct rest *r)
{
    struct slice native = required(r, "native");
    if (native.ptr) rest_read(r, KIND_COMMENT, r->args[0], reaction_post_run, rest_submit);
}

static enum err reaction_delete_run(struct rest *r, struct board_view *bv)
{
    struct board *b;
    struct object *comment;
    struct id id;
    char own[ID_TEXT + 1], text[ID_TEXT + 3];
    struct slice emoji = {0};
    json_t *tree = NULL;
    if (!id_parse(r->args[1], &id)) return ERR_NOT_FOUND;
    enum err err = comment_open(r, bv, &b, &comment);
    if (err != ERR_OK) return err;
    struct slice stored = value_slice(object_value(comment, F_COMMENT_REACTIONS));
    if (stored.len > 0)
        err = json_read(bv->view->arena, arena_dup(bv->view->arena, stored), &tree, &r->fault);
    id_format(r->actor.member, own);
    snprintf(text, sizeof text, "\"%s\"", own);
    for (size_t i = 0; err == ERR_OK && i < json_array_size(tree); i++) {
        struct slice name = json_slice(json_array_get(json_array_get(tree, i), 1));
        struct buf raw;
        buf_init(&raw, KIB(1));
        json_str_to(&raw, name);
        if (id_eq(trello_reaction_id(comment->id, slice_cstr(text), buf_slice(&raw)), id))
            emoji = name;
        buf_fini(&raw);
    }
    if (err == ERR_OK && emoji.ptr == NULL) err = ERR_NOT_FOUND;
    if (err == ERR_OK) op_react(r, emoji, false);
    board_free(b);
    r->fixed = SLICE("{\"_value\":null}");
    return err;
}

void reaction_delete(struct rest *r)
{
    rest_read(r, KIND_COMMENT, r->args[0], reaction_delete_run, rest_submit);
}
