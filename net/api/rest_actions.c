/* rest_actions.c - what happened: Trello's actions of a board, a list or a card, and one by its
 * id. core/action.h makes them out of the log. */
#include "net/api/rest_actions.h"

#include "core/base/date.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/history.h"

#define LIMIT_DEFAULT 50

/* What clients ask for beside and we have one answer to: people are always named, with the same
 * members. */
#define ACTION_PARAMS                                                                              \
    {"fields", PARAM_ANY, NULL}, {"memberCreator", PARAM_BOOL, NULL},                              \
            {"memberCreator_fields", PARAM_ANY, NULL}, {"member", PARAM_BOOL, NULL},               \
            {"member_fields", PARAM_ANY, NULL}, {"display", PARAM_BOOL, NULL},                     \
            {"entities", PARAM_BOOL, NULL}, {"reactions", PARAM_BOOL, NULL}

const struct param_spec actions_params[] = {
        {"filter", PARAM_ANY, NULL},
        {"limit", PARAM_NUMBER, NULL},
        {"page", PARAM_NUMBER, NULL},
        {"before", PARAM_ANY, NULL},
        {"since", PARAM_ANY, NULL},
        {"format", PARAM_ANY, NULL},
        {"idModels", PARAM_ANY, NULL},
        ACTION_PARAMS,
        {0},
};
const struct param_spec action_get_params[] = {ACTION_PARAMS, {0}};
const struct param_spec activity_params[] = {
        {"card", PARAM_ID, NULL},
        {"filter", PARAM_ANY, NULL},
        {"limit", PARAM_NUMBER, NULL},
        {"before", PARAM_ANY, NULL},
        {0},
};

/* -- one action */

static bool field_wanted(const struct action_writer *w, struct slice name)
{
    struct slice fields = w->fields, part;
    if (fields.len == 0 || slice_eq(fields, SLICE("all"))) return true;
    while (slice_next(&fields, ',', &part))
        if (slice_eq(slice_trim(part), name)) return true;
    return false;
}

static bool key_wanted(struct action_writer *w, struct slice name)
{
    if (!field_wanted(w, name)) return false;
    json_key(&w->j, name);
    return true;
}

static void write_person(struct action_writer *w, struct slice key, struct id member)
{
    json_key(&w->j, key);
    if (id_is_none(member) || !rest_member_write(w->rest, w->bv->view, member, &w->j))
        json_nil(&w->j);
}

/* Comments are shown as they are now: whoever deletes one wants it gone. */
static enum err write_comment(struct action_writer *w, struct id id)
{
    enum err err =
            w->lists == NULL ? rest_load(w->rest, w->bv, KINDS(LIST), &w->lists) : ERR_OK;
    if (err != ERR_OK) return err;
    w->found |= comment_action_write(w->rest, w->bv, w->lists, id, &w->j);
    return buf_ok(&w->rest->out) ? ERR_OK : ERR_TOO_LARGE;
}

void action_writer_fini(struct action_writer *w)
{
    board_free(w->lists);
}

enum err action_write(void *context, struct past *past, const struct action *action)
{
    struct action_writer *w = context;
    char date[DATE_TEXT + 1];
    if (!id_is_none(w->only) && !id_eq(w->only, action->id)) return ERR_OK;
    if (action->effect->kind == KIND_COMMENT && action->effect->form == EFFECT_ADD)
        return w->without_comments ? ERR_OK : write_comment(w, action->id);
    w->found = true;
    date_format(action->event->ts, date);
    json_object_begin(&w->j);
    JSON_KEY(&w->j, "id");
    json_id(&w->j, action->id);
    if (key_wanted(w, SLICE("idMemberCreator"))) json_id(&w->j, action->event->by);
    if (key_wanted(w, SLICE("data"))) action_data_write(&w->j, past, action);
    if (key_wanted(w, SLICE("appCreator"))) json_nil(&w->j);
    if (key_wanted(w, SLICE("type"))) json_str(&w->j, action->type);
    if (key_wanted(w, SLICE("date"))) json_str(&w->j, slice_cstr(date));
    if (key_wanted(w, SLICE("limits"))) json_nil(&w->j);
    if (w->creator) write_person(w, SLICE("memberCreator"), action->event->by);
    if (!id_is_none(action->member)) write_person(w, SLICE("member"), action->member);
    if (w->seq) {
        JSON_KEY(&w->j, "s");
        json_u64(&w->j, action->event->seq);
    }
    json_object_end(&w->j);
    return buf_ok(&w->rest->out) ? ERR_OK : ERR_TOO_LARGE;
}

enum err action_count(void *context, struct past *past, const struct action *action)
{
    (void)context, (void)past, (void)action;
    return ERR_OK;
}

enum err action_writer_init(struct action_writer *w, struct rest *r, struct board_view *bv)
{
    *w = (struct action_writer){.rest = r, .bv = bv, .j = json_out(&r->out), .creator = true};
    w->fields = params_text(&r->params, "fields");
    return params_find(&r->params, "memberCreator")
                   ? params_bool(&r->params, "memberCreator", &w->creator, &r->fault)
                   : ERR_OK;
}

/* -- many */

static enum err number_read(struct rest *r, const char *name, uint64_t most, uint32_t *number)
{
    struct slice text = params_text(&r->params, name);
    uint64_t value;
    if (text.len == 0) return ERR_OK;
    if (!slice_to_u64(text, &value) || value > most)
        return fault_setf(&r->fault, ERR_INVALID, name, "a whole number from 0 to 1000",
                "is \"%.*s\"", SLICE_ARG(slice_head(text, 40)));
    *number = (uint32_t)value;
    return ERR_OK;
}

/* Everything before that moment. */
static enum err before_time(
        struct rest *r, struct board_view *bv, int64_t ms, struct action_mark *ret_mark)
{
    uint64_t seq;
    enum err err = history_seq_at(bv, ms - 1, &seq, &r->fault);
    if (err == ERR_GONE_POSITION) seq = bv->head.floor; /* nothing is left of what was before */
    if (err != ERR_OK && err != ERR_GONE_POSITION) return err;
    *ret_mark = (struct action_mark){seq + 1, 0};
    return ERR_OK;
}

static bool bound_given(struct slice text)
{
    return text.len > 0 && !slice_eq(text, SLICE("null")) && !slice_eq(text, SLICE("lastView"));
}

/* A date, an id of an action of this board, any other id (which has a time in it), or, where the
 * request is one of ours, a seq. */
static enum err bound_read(struct rest *r, struct board_view *bv, const char *name,
        struct action_mark *ret_mark, int64_t *ret_ms)
{
    struct slice text = params_text(&r->params, name);
    struct id id;
    uint64_t seq;
    if (id_parse(text, &id)) {
        if (action_id_read(id, bv->head.number, ret_mark) && ret_mark->seq <= bv->head.seq)
            return ERR_OK;
        *ret_mark = (struct action_mark){0};
        *ret_ms = (int64_t)id_seconds(id) * 1000;
        return ERR_OK;
    }
    if (r->native && slice_to_u64(text, &seq) && seq > 0) {
        *ret_mark = (struct action_mark){seq, 0};
        return ERR_OK;
    }
    if (date_parse(text, ret_ms)) return ERR_OK;
    return fault_setf(&r->fault, ERR_INVALID, name, "a date, the id of an action, or null",
            "is \"%.*s\"", SLICE_ARG(slice_head(text, 40)));
}

enum err actions_bounds(struct rest *r, struct board_view *bv, struct action_query *q)
{
    int64_t ms = 0;
    enum err err = ERR_OK;
    if (bound_given(params_text(&r->params, "before"))) {
        err = bound_read(r, bv, "before", &q->before, &ms);
        if (err == ERR_OK && q->before.seq == 0) err = before_time(r, bv, ms, &q->before);
    }
    if (err == ERR_OK && bound_given(params_text(&r->params, "since")))
        err = bound_read(r, bv, "since", &q->since, &q->since_ms);
    return err;
}

enum err actions_limits(struct rest *r, struct action_query *ret_query)
{
    struct action_query q = {.limit = LIMIT_DEFAULT, .filter = params_text(&r->params, "filter")};
    uint32_t page = 0;
    enum err err = number_read(r, "limit", ACTIONS_PAGE_MAX, &q.limit);
    if (err == ERR_OK) err = number_read(r, "page", ACTIONS_PAGE_MAX, &page);
    if (err == ERR_OK && page * q.limit > ACTIONS_PAGE_MAX)
        err = fault_set(&r->fault, ERR_INVALID, "page", "lies too far back",
                "limit * page of at most 1000; `before` reaches further");
    if (err != ERR_OK) return err;
    q.skip = page * q.limit;
    *ret_query = q;
    return ERR_OK;
}

static enum err query_read(struct rest *r, struct board_view *bv, struct action_query *ret_query)
{
    struct action_query q;
    enum err err = actions_limits(r, &q);
    if (err == ERR_OK) err = actions_bounds(r, bv, &q);
    if (err != ERR_OK) return err;
    if (r->at.kind == KIND_CARD) q.card = r->at.id;
    if (r->at.kind == KIND_LIST) q.list = r->at.id;
    /* what Trello tells of a card unless it is asked for more */
    if (r->at.kind == KIND_CARD && !q.filter.ptr) q.filter = SLICE("commentCard,updateCard:idList");
    *ret_query = q;
    return ERR_OK;
}

void action_count_write(struct json_out *j, uint64_t count)
{
    json_object_begin(j);
    JSON_KEY(j, "_value");
    json_u64(j, count);
    json_object_end(j);
}

static enum err actions_run(struct rest *r, struct board_view *bv)
{
    struct slice format = params_text(&r->params, "format");
    bool count = slice_eq(format, SLICE("count"));
    struct action_query q;
    struct action_page page;
    struct action_writer w;
    if (format.len > 0 && !count && !slice_eq(format, SLICE("list")))
        return fault_set(&r->fault, ERR_INVALID, "format", "is not known", "list or count");
    enum err err = query_read(r, bv, &q);
    if (err == ERR_OK) err = action_writer_init(&w, r, bv);
    if (err != ERR_OK) return err;
    if (!count) json_array_begin(&w.j);
    err = actions_find(bv, &q, count ? action_count : action_write, &w, &page);
    action_writer_fini(&w);
    if (!count)
        json_array_end(&w.j);
    else
        action_count_write(&w.j, page.count);
    return err;
}

void board_actions(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], actions_run, NULL);
}

void list_actions(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], actions_run, NULL);
}

/* Comments alone are all there, also those that came in an import. */
static enum err card_actions_run(struct rest *r, struct board_view *bv)
{
    bool comments = slice_eq(params_text(&r->params, "filter"), SLICE("commentCard")) &&
                    !slice_eq(params_text(&r->params, "format"), SLICE("count"));
    return comments ? card_comments_run(r, bv) : actions_run(r, bv);
}

void card_actions(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_actions_run, NULL);
}

/* -- inside of a board or a card */

static enum err actions_nested(
        struct rest *r, struct board_view *bv, struct slice filter, uint32_t limit)
{
    struct action_query q = {.filter = filter, .limit = limit};
    struct action_page page;
    struct action_writer w = {.rest = r, .bv = bv, .creator = true};
    if (r->at.kind == KIND_CARD) q.card = r->at.id;
    w.fields = params_text(&r->params, "action_fields");
    w.j = object_reopen(r);
    JSON_KEY(&w.j, "actions");
    json_array_begin(&w.j);
    enum err err = actions_find(bv, &q, action_write, &w, &page);
    action_writer_fini(&w);
    json_array_end(&w.j);
    json_object_end(&w.j);
    return err;
}

/* All comments, wherever they came from, and what the log tells of the rest. */
enum err actions_export(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct action_query q = {.filter = SLICE("all"), .limit = ACTIONS_PAGE_MAX};
    struct action_page page;
    struct action_writer w = {.rest = r, .bv = bv, .creator = true, .without_comments = true};
    struct board *b;
    enum err err = rest_load(r, bv, KINDS(LIST) | KINDS(CARD) | KINDS(COMMENT), &b);
    if (err != ERR_OK) return err;
    w.j = object_reopen(r);
    JSON_KEY(&w.j, "actions");
    json_array_begin(&w.j);
    err = trello_comments_write(&w.j, b, &options, rest_flush, r);
    if (err == ERR_OK) err = actions_find(bv, &q, action_write, &w, &page);
    json_array_end(&w.j);
    json_object_end(&w.j);
    board_free(b);
    return err;
}

enum err actions_asked(struct rest *r, struct board_view *bv)
{
    struct slice filter = params_text(&r->params, "actions");
    uint32_t limit = LIMIT_DEFAULT;
    if (filter.len == 0 || slice_eq(filter, SLICE("none")) || slice_eq(filter, SLICE("false")))
        return ERR_OK;
    if (slice_eq(filter, SLICE("true"))) filter = SLICE("all");
    enum err err = number_read(r, "actions_limit", ACTIONS_PAGE_MAX, &limit);
    r->s = 0; /* more than the object: no tag of one */
    return err == ERR_OK ? actions_nested(r, bv, filter, limit) : err;
}

/* -- ours: the same, with a way on where it ends early */

static void write_next(struct json_out *j, const struct board_view *bv, struct action_mark next)
{
    JSON_KEY(j, "before");
    if (next.index == 0) { /* all of an event */
        char text[24];
        snprintf(text, sizeof text, "%llu", (unsigned long long)next.seq);
        json_str(j, slice_cstr(text));
    } else {
        json_id(j, action_id_make(bv->head.ts, bv->head.number, next));
    }
}

static enum err activity_run(struct rest *r, struct board_view *bv)
{
    struct slice card = params_text(&r->params, "card");
    struct action_query q;
    struct action_page page = {0};
    struct action_writer w;
    enum err err = query_read(r, bv, &q);
    if (err == ERR_OK) err = action_writer_init(&w, r, bv);
    if (err == ERR_OK && card.len > 0 && !id_parse(card, &q.card))
        err = fault_set(&r->fault, ERR_INVALID, "card", "is not an id", "24 lower-case hex digits");
    if (err != ERR_OK) return err;
    w.seq = true;
    json_object_begin(&w.j);
    JSON_KEY(&w.j, "list");
    json_array_begin(&w.j);
    err = actions_find(bv, &q, action_write, &w, &page);
    action_writer_fini(&w);
    json_array_end(&w.j);
    if (page.more) write_next(&w.j, bv, page.next);
    JSON_KEY(&w.j, "floor");
    json_u64(&w.j, bv->head.floor);
    JSON_KEY(&w.j, "pos");
    position_write(&w.j, bv->head.seq, hash_head(bv->head.chain));
    json_object_end(&w.j);
    return err;
}

void board_activity(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], activity_run, NULL);
}

/* -- one by its id: its number names the board, among those that the asker may see */

struct board_search {
    struct view *view;
    uint32_t number;
    struct id board;
};

static enum err board_look(void *context, struct id board, enum role role)
{
    struct board_search *search = context;
    struct board_head head;
    (void)role;
    if (search->view->ops->head(search->view, board, &head) == ERR_OK &&
            head.number == search->number)
        search->board = board;
    return ERR_OK;
}

static enum err action_open(
        struct rest *r, struct view *v, struct id id, struct board_view *ret_view)
{
    struct board_search search = {.view = v, .number = action_id_number(id)};
    enum err err = v->ops->memberships(v, r->actor.member, board_look, &search);
    if (err != ERR_OK) return err;
    if (id_is_none(search.board)) return fault_set(&r->fault, ERR_NOT_FOUND, "", "", "");
    return board_view_open(v, &r->actor, search.board, PERM_READ, ret_view, &r->fault);
}

/* A comment has an id of its own, which leads to it. */
static bool comment_find(struct rest *r, struct board_view *outside)
{
    struct view *v = outside->view;
    struct id id;
    return id_parse(r->args[0], &id) && v->ops->locate(v, id, &r->at) == ERR_OK &&
           r->at.kind == KIND_COMMENT;
}

static enum err comment_at(struct rest *r, struct board_view *outside, rest_run *run)
{
    struct board_view bv;
    enum err err = board_view_open(
            outside->view, &r->actor, r->at.board, PERM_READ, &bv, &r->fault);
    return err == ERR_OK ? run(r, &bv) : err;
}

static enum err action_run(struct rest *r, struct board_view *outside)
{
    struct board_view bv;
    struct action_query q = {.limit = ACTION_INDEX_MAX, .every_edit = true};
    struct action_page page;
    struct action_mark mark;
    struct action_writer w;
    struct id id;
    if (!id_parse(r->args[0], &id))
        return fault_set(&r->fault, ERR_INVALID, "id", "is not an id", "24 lower-case hex digits");
    if (comment_find(r, outside)) return comment_at(r, outside, comment_run);
    enum err err = action_open(r, outside->view, id, &bv);
    if (err == ERR_OK) err = action_writer_init(&w, r, &bv);
    if (err != ERR_OK) return err;
    w.only = id;
    if (action_id_read(id, bv.head.number, &mark)) {
        q.before = (struct action_mark){mark.seq + 1, 0};
        q.since = (struct action_mark){mark.seq - 1, ACTION_INDEX_MAX};
        if (mark.seq > bv.head.floor && mark.seq <= bv.head.seq)
            err = actions_find(&bv, &q, action_write, &w, &page);
    }
    if (err == ERR_OK && !w.found) return fault_set(&r->fault, ERR_NOT_FOUND, "", "", "");
    return err;
}

void action_get(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, action_run, NULL);
}

/* What it is about, as it is now. */
static enum err action_object(
        struct rest *r, struct board_view *outside, const json_t *action, enum kind kind)
{
    const json_t *object = json_object_get(
            json_object_get(action, "data"), arena_cstr(&r->arena, kind_info(kind)->name));
    struct board_view bv;
    struct slice text;
    struct id id;
    id_parse(r->args[0], &id);
    enum err err = action_open(r, outside->view, id, &bv);
    if (err != ERR_OK) return err;
    if (!json_get_slice(object, "id", &text) || !id_parse(text, &id))
        return fault_set(&r->fault, ERR_NOT_FOUND, "", "", "");
    r->at = (struct location){.board = bv.board, .kind = kind, .id = id};
    buf_clear(&r->out);
    return rest_object_run(r, &bv);
}

/* A field of it, or a person or object it names: those come bare. */
static enum err action_field_run(struct rest *r, struct board_view *bv)
{
    struct slice field = r->args[1];
    json_t *action;
    enum kind kind;
    if (comment_find(r, bv)) return comment_at(r, bv, comment_field_run);
    enum err err = action_run(r, bv);
    if (err == ERR_OK)
        err = json_read(
                &r->arena, arena_dup(&r->arena, buf_slice(&r->out)), &action, &r->fault);
    if (err != ERR_OK) return err;
    if (kind_parse(field, &kind) && (kind == KIND_BOARD || kind == KIND_LIST || kind == KIND_CARD))
        return action_object(r, bv, action, kind);
    const json_t *person = json_object_get(action, arena_cstr(&r->arena, field));
    if (!slice_starts(field, SLICE("member")) || !json_is_object(person))
        return rest_one_field(r, field);
    buf_clear(&r->out);
    struct json_out j = json_out(&r->out);
    json_tree(&j, person);
    return ERR_OK;
}

void action_get_field(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, action_field_run, NULL);
}
