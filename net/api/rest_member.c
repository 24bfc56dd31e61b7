/* rest_member.c - people: oneself, those one shares a board with, and who is on a board. */
#include "core/base/json.h"
#include "net/api/rest_nouns.h"

const struct param_spec member_put_params[] = {
        {"type", PARAM_ANY, NULL}, {"allowBillableGuest", PARAM_ANY, NULL}, {0}};
const struct param_spec me_params[] = {
        {"fields", PARAM_ANY, NULL},
        {"boards", PARAM_ANY, NULL},
        {"board_fields", PARAM_ANY, NULL},
        {"organizations", PARAM_ANY, NULL},
        {"boardStars", PARAM_ANY, NULL},
        {0},
};
const struct param_spec my_boards_params[] = {
        {"filter", PARAM_ANY, NULL},
        {"fields", PARAM_ANY, NULL},
        {"lists", PARAM_ANY, NULL},
        {"memberships", PARAM_ANY, NULL},
        {0},
};

/* -- whom one may know of: oneself, and everyone on one's boards */

struct board_ids {
    struct arena *arena;
    struct id *ids;
    size_t count, cap;
};

static enum err board_ids_add(void *context, struct id board, enum role role)
{
    struct board_ids *list = context;
    (void)role;
    if (list->count == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 32;
        struct id *grown = ARENA_NEW_ARRAY(list->arena, struct id, cap);
        if (list->count) memcpy(grown, list->ids, list->count * sizeof *grown);
        list->ids = grown;
        list->cap = cap;
    }
    list->ids[list->count++] = board;
    return ERR_OK;
}

static bool board_ids_have(const struct board_ids *list, struct id board)
{
    for (size_t i = 0; i < list->count; i++) {
        if (id_eq(list->ids[i], board)) return true;
    }
    return false;
}

/* Boards of `member` that the actor is on too. */
static enum err shared_boards(
        struct rest *r, struct view *v, struct id member, struct board_ids *ret_boards)
{
    struct board_ids theirs = {.arena = &r->arena}, mine = {.arena = &r->arena};
    enum err err = v->ops->memberships(v, member, board_ids_add, &theirs);
    if (err != ERR_OK || r->actor.system || id_eq(member, r->actor.member)) {
        *ret_boards = theirs;
        return err;
    }
    err = v->ops->memberships(v, r->actor.member, board_ids_add, &mine);
    *ret_boards = (struct board_ids){.arena = &r->arena};
    for (size_t i = 0; i < theirs.count && err == ERR_OK; i++) {
        if (board_ids_have(&mine, theirs.ids[i]))
            err = board_ids_add(ret_boards, theirs.ids[i], ROLE_NONE);
    }
    return err;
}

struct name_search {
    struct slice username;
    struct arena *arena;
    struct id found;
};

static enum err name_look(void *context, enum kind kind, struct id id, struct slice json)
{
    struct name_search *search = context;
    struct slice username;
    json_t *tree;
    (void)kind;
    if (json_read(search->arena, json, &tree, NULL) == ERR_OK &&
            json_get_slice(tree, "username", &username) &&
            slice_eq_nocase(username, search->username)) {
        search->found = id;
    }
    return ERR_OK;
}

enum err person_find(struct rest *r, struct view *v, struct slice key, struct id *ret_member)
{
    struct name_search search = {.username = key, .arena = v->arena};
    struct slice json;
    enum err err = ERR_OK;
    if (slice_eq_nocase(key, SLICE("me")))
        search.found = r->actor.member;
    else if (id_parse(key, &search.found))
        err = v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, search.found, &json);
    else
        err = v->ops->entities(v, DIRECTORY_ID, KIND_MEMBER, KIND_MEMBER, name_look, &search);
    if (err == ERR_OK && id_is_none(search.found)) err = ERR_NOT_FOUND;
    if (err == ERR_OK) *ret_member = search.found;
    return err;
}

/* "me", an id, or a user name. Who shares no board is not there. */
static enum err member_find(
        struct rest *r, struct view *v, struct id *ret_member, struct board_ids *ret_boards)
{
    struct id found;
    enum err err = person_find(r, v, r->args[0], &found);
    if (err == ERR_OK) err = shared_boards(r, v, found, ret_boards);
    if (err == ERR_OK && ret_boards->count == 0 && !r->actor.system &&
            !id_eq(found, r->actor.member))
        err = ERR_NOT_FOUND;
    if (err == ERR_OK) *ret_member = found;
    return err;
}

/* -- boards of a member */

struct boards_out {
    struct trello_options options;
    struct trello_nested nested;
    enum trello_filter filter;
    bool starred; /* only those */
    struct buf one; /* a board at a time: trello_board_write begins at the beginning */
};

static enum err boards_options(struct rest *r, const char *fields, struct boards_out *o)
{
    *o = (struct boards_out){.filter = TRELLO_ALL,
            .nested = {.list_fields.all = true, .card_fields.all = true, .label_fields.all = true}};
    o->options =
            (struct trello_options){.base_url = r->shard->server->base_url, .fields.all = true};
    struct slice filter = r->args[1].len ? r->args[1] : params_text(&r->params, "filter");
    o->starred = slice_eq(filter, SLICE("starred"));
    if (slice_eq(filter, SLICE("members")) || o->starred)
        filter = SLICE("all");
    enum err err = rest_filter(r, filter, "filter", &o->filter);
    if (err == ERR_OK) err = rest_fields(r, fields, KIND_BOARD, &o->options.fields);
    if (err == ERR_OK)
        err = rest_filter(r, params_text(&r->params, "lists"), "lists", &o->nested.lists);
    o->nested.memberships = params_find(&r->params, "memberships") != NULL;
    return err;
}

static bool board_wanted(struct object *board, enum trello_filter filter)
{
    bool closed = object_value(board, F_BOARD_CLOSED)->boolean;
    return filter == TRELLO_ALL ||
           (filter == TRELLO_CLOSED ? closed : filter != TRELLO_NONE && !closed);
}

static enum err boards_write(struct rest *r, struct view *v, const struct board_ids *boards,
        struct boards_out *o, struct json_out *j)
{
    json_array_begin(j);
    for (size_t i = 0; i < boards->count; i++) {
        struct board_view bv;
        struct board *b;
        enum err err = board_view_open(v, &r->actor, boards->ids[i], PERM_READ, &bv, &r->fault);
        if (err == ERR_NOT_FOUND) continue;
        if (err == ERR_OK)
            err = rest_load(r, &bv, o->nested.lists != TRELLO_NONE ? KINDS(LIST) : 0, &b);
        if (err != ERR_OK) return err;
        struct object *self = board_self(b);
        struct trello_options options = rest_trello_options(r, &bv);
        options.fields = o->options.fields;
        if (self && board_wanted(self, o->filter) && (!o->starred || options.shelf->starred)) {
            struct buf one;
            buf_init(&one, MIB(8));
            err = trello_board_write(&one, b, &options, &o->nested, NULL, NULL);
            if (err == ERR_OK) json_raw(j, buf_slice(&one));
            buf_fini(&one);
        }
        board_free(b);
        if (err != ERR_OK) return err;
    }
    json_array_end(j);
    return ERR_OK;
}

static enum err member_boards_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct board_ids boards;
    struct boards_out o;
    struct id member;
    enum err err = boards_options(r, "fields", &o);
    if (err == ERR_OK) err = member_find(r, bv->view, &member, &boards);
    return err == ERR_OK ? boards_write(r, bv->view, &boards, &o, &j) : err;
}

enum err boards_of(struct rest *r, struct view *v, struct id owner, struct json_out *j)
{
    struct board_ids boards = {.arena = &r->arena};
    struct boards_out o;
    enum err err = boards_options(r, "fields", &o);
    if (err == ERR_OK) err = v->ops->memberships(v, owner, board_ids_add, &boards);
    return err == ERR_OK ? boards_write(r, v, &boards, &o, j) : err;
}

void member_boards(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, member_boards_run, NULL);
}

/* -- open cards that a member is on */

static enum err member_cards_of(
        struct rest *r, struct view *v, struct id board, struct id member, struct json_out *j)
{
    struct board_view bv;
    struct board *b;
    enum err err = board_view_open(v, &r->actor, board, PERM_READ, &bv, &r->fault);
    if (err == ERR_NOT_FOUND) return ERR_OK;
    if (err == ERR_OK)
        err = rest_load(r, &bv, KINDS(LIST) | KINDS(CARD) | KINDS(LABEL) | KINDS(CHECKLIST), &b);
    if (err != ERR_OK) return err;
    struct trello_options options = rest_trello_options(r, &bv);
    err = rest_fields(r, "fields", KIND_CARD, &options.fields);
    for (struct object *o = b->objects; o && err == ERR_OK; o = o->hh.next) {
        if (o->kind != KIND_CARD || !value_set_has(object_value(o, F_CARD_ID_MEMBERS), member))
            continue;
        if (trello_filter_allows(b, o, TRELLO_VISIBLE)) trello_write(j, b, o, &options);
    }
    board_free(b);
    return err;
}

static enum err member_cards_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct board_ids boards;
    struct id member;
    enum err err = member_find(r, bv->view, &member, &boards);
    json_array_begin(&j);
    for (size_t i = 0; err == ERR_OK && i < boards.count; i++)
        err = member_cards_of(r, bv->view, boards.ids[i], member, &j);
    json_array_end(&j);
    return err;
}

void member_cards(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, member_cards_run, NULL);
}

/* -- what a member did, on boards that the asker sees, too */

static enum err member_actions_run(struct rest *r, struct board_view *bv)
{
    struct actions_by *by;
    struct board_ids boards;
    struct id member;
    enum err err = member_find(r, bv->view, &member, &boards);
    if (err == ERR_OK) err = actions_by_begin(r, member, &by);
    if (err != ERR_OK) return err;
    for (size_t i = 0; i < boards.count && err == ERR_OK; i++) {
        struct board_view one;
        err = board_view_open(bv->view, &r->actor, boards.ids[i], PERM_READ, &one, &r->fault);
        if (err == ERR_OK)
            err = actions_by_board(by, &one);
        else if (err == ERR_NOT_FOUND)
            err = ERR_OK; /* deleted */
    }
    if (err == ERR_OK) actions_by_end(by);
    return err;
}

void member_actions(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, member_actions_run, NULL);
}

/* -- a member */

static void id_boards_write(const struct board_ids *boards, struct json_out *j)
{
    JSON_KEY(j, "idBoards");
    json_array_begin(j);
    for (size_t i = 0; i < boards->count; i++)
        json_id(j, boards->ids[i]);
    json_array_end(j);
}

enum err only_fields(struct rest *r, struct slice list)
{
    json_t *tree;
    struct slice name;
    enum err err = json_read(&r->arena, arena_dup(&r->arena, buf_slice(&r->out)), &tree, &r->fault);
    if (err != ERR_OK || !list.len || slice_eq(list, SLICE("all"))) return err;
    buf_clear(&r->out);
    struct json_out j = json_out(&r->out);
    json_object_begin(&j);
    JSON_KEY(&j, "id");
    json_tree(&j, json_object_get(tree, "id"));
    while (slice_next(&list, ',', &name)) {
        const json_t *value = json_object_get(tree, arena_cstr(&r->arena, name));
        if (!value || slice_eq(name, SLICE("id")))
            continue; /* unknown ones are other services' fields of a person */
        json_key(&j, name);
        json_tree(&j, value);
    }
    json_object_end(&j);
    return ERR_OK;
}

static enum err member_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct board_ids boards;
    struct boards_out o;
    struct id member;
    struct slice nested = params_text(&r->params, "boards");
    enum err err = member_find(r, bv->view, &member, &boards);
    if (err != ERR_OK) return err;
    if (!rest_member_write(r, bv->view, member, &j)) return ERR_NOT_FOUND;
    j = object_reopen(r);
    id_boards_write(&boards, &j);
    json_object_end(&j);
    err = only_fields(r, params_text(&r->params, "fields"));
    if (err == ERR_OK && says_yes(r, "boardStars")) {
        j = object_reopen(r);
        err = stars_nested(r, bv, &j);
        json_object_end(&j);
    }
    if (err != ERR_OK || !nested.len || slice_eq(nested, SLICE("none"))) return err;
    err = boards_options(r, "board_fields", &o);
    if (err == ERR_OK && !slice_eq(nested, SLICE("true")))
        err = rest_filter(r, nested, "boards", &o.filter);
    if (err != ERR_OK) return err;
    j = object_reopen(r);
    JSON_KEY(&j, "boards");
    err = boards_write(r, bv->view, &boards, &o, &j);
    json_object_end(&j);
    return err;
}

void member_get(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, member_run, NULL);
}

/* -- who is on a board */

static enum err board_people_run(struct rest *r, struct board_view *bv)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    json_object_begin(&j);
    JSON_KEY(&j, "id");
    json_id(&j, bv->board);
    JSON_KEY(&j, "members");
    rest_members_write(r, bv, b, &j);
    JSON_KEY(&j, "memberships");
    json_array_begin(&j);
    for (size_t i = 0; i < b->count[KIND_MEMBERSHIP]; i++)
        trello_write(&j, b, b->memberships[i], &options);
    json_array_end(&j);
    json_object_end(&j);
    board_free(b);
    return ERR_OK;
}

static enum err member_of_path(struct rest *r, struct id *ret_member)
{
    if (slice_eq_nocase(r->args[1], SLICE("me"))) {
        *ret_member = r->actor.member;
        return ERR_OK;
    }
    if (id_parse(r->args[1], ret_member)) return ERR_OK;
    return fault_set(
            &r->fault, ERR_INVALID, "idMember", "is not an id", "24 lower-case hex digits");
}

static enum err board_member_put_run(struct rest *r, struct board_view *bv)
{
    struct slice type = params_text(&r->params, "type");
    struct board *b;
    struct id member;
    enum role role;
    if (!role_parse(type.len ? type : SLICE("normal"), &role))
        return fault_setf(&r->fault, ERR_INVALID, "type", "admin, normal or observer",
                "is \"%.*s\"", SLICE_ARG(slice_head(type, 40)));
    enum err err = member_of_path(r, &member);
    if (err == ERR_OK) err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    bool there = board_role(b, member) != ROLE_NONE;
    bool joins = bv->visitor && id_eq(member, r->actor.member);
    board_free(b);
    r->want_kind = KIND_BOARD;
    r->want_id = bv->board;
    r->want_run = board_people_run;
    struct ops_out ops = rest_ops(r);
    if (joins && role != ROLE_NORMAL)
        return fault_set(&r->fault, ERR_FORBIDDEN, "type", "is not for oneself to say",
                "normal, where one joins by oneself");
    op_begin(r, &ops,
            joins   ? SLICE("member.join")
            : there ? SLICE("member.role")
                    : SLICE("member.add"),
            (struct id){0});
    if (!joins) {
        JSON_KEY(&ops.j, "idMember");
        json_id(&ops.j, member);
        JSON_KEY(&ops.j, "role");
        json_str(&ops.j, role_name(role));
    }
    op_end(&ops);
    rest_ops_end(&ops);
    return ERR_OK;
}

void board_member_put(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_member_put_run, rest_submit);
}

static enum err board_member_delete_run(struct rest *r, struct board_view *bv)
{
    struct id member;
    enum err err = member_of_path(r, &member);
    if (err != ERR_OK) return err;
    r->want_kind = KIND_BOARD;
    r->want_id = bv->board;
    r->want_run = board_people_run;
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("member.remove"), (struct id){0});
    JSON_KEY(&ops.j, "idMember");
    json_id(&ops.j, member);
    op_end(&ops);
    rest_ops_end(&ops);
    return ERR_OK;
}

void board_member_delete(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_member_delete_run, rest_submit);
}
