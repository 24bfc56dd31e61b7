/* rest_shelf.c - what one keeps of boards for oneself: stars, and what is watched.
 *
 *   may they see the board? -> directory: dir.star or dir.watch -> what became of it
 *
 * A star is the shelf (core/shelf.h) of its member and board, under the shelf's own id. */
#include "core/base/json.h"
#include "core/base/limits.h"
#include "net/api/rest_nouns.h"

const struct param_spec star_params[] = {
        {"idBoard", PARAM_KEY, NULL}, {"pos", PARAM_POS, NULL}, {0}};

struct star {
    struct id board;
    struct shelf shelf;
};

struct stars { /* of whoever asks, in order */
    struct rest *rest;
    struct view *view;
    struct star *at;
    size_t count, cap;
};

/* -- reading */

static enum err star_look(void *context, struct id board, enum role role)
{
    struct stars *stars = context;
    struct star one = {.board = board};
    (void)role;
    enum err err = shelf_read(stars->view, stars->rest->actor.member, board, &one.shelf);
    if (err != ERR_OK || !one.shelf.starred) return err;
    if (stars->count == stars->cap) {
        stars->cap = stars->cap ? 2 * stars->cap : 16;
        struct star *grown = ARENA_NEW_ARRAY(&stars->rest->arena, struct star, stars->cap);
        if (stars->count) memcpy(grown, stars->at, stars->count * sizeof *grown);
        stars->at = grown;
    }
    stars->at[stars->count++] = one;
    return ERR_OK;
}

static int star_order(const void *a, const void *b)
{
    const struct star *x = a, *y = b;
    if (x->shelf.star != y->shelf.star) return x->shelf.star < y->shelf.star ? -1 : 1;
    return id_cmp(x->board, y->board);
}

/* Stars are nobody else's business, so there is only "me", by whatever name. */
static enum err stars_read(struct rest *r, struct view *v, struct stars *ret_stars)
{
    struct slice key = r->args[0], json, username;
    struct id asked;
    json_t *tree;
    *ret_stars = (struct stars){.rest = r, .view = v};
    bool own = slice_eq_nocase(key, SLICE("me")) ||
               (id_parse(key, &asked) && id_eq(asked, r->actor.member));
    if (id_is_none(r->actor.member)) return ERR_NOT_FOUND; /* the operator */
    if (!own && v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, r->actor.member, &json) == ERR_OK &&
            json_read(v->arena, json, &tree, NULL) == ERR_OK)
        own = json_get_slice(tree, "username", &username) && slice_eq_nocase(username, key);
    if (!own) return ERR_NOT_FOUND;
    enum err err = v->ops->memberships(v, r->actor.member, star_look, ret_stars);
    if (err == ERR_OK && ret_stars->count)
        qsort(ret_stars->at, ret_stars->count, sizeof ret_stars->at[0], star_order);
    return err;
}

static void star_write(const struct star *star, struct json_out *j)
{
    json_object_begin(j);
    JSON_KEY(j, "id");
    json_id(j, star->shelf.id);
    JSON_KEY(j, "idBoard");
    json_id(j, star->board);
    JSON_KEY(j, "pos");
    json_num(j, star->shelf.star);
    json_object_end(j);
}

static enum err stars_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct stars stars;
    enum err err = stars_read(r, bv->view, &stars);
    json_array_begin(&j);
    for (size_t i = 0; err == ERR_OK && i < stars.count; i++)
        star_write(&stars.at[i], &j);
    json_array_end(&j);
    return err;
}

enum err stars_nested(struct rest *r, struct board_view *bv, struct json_out *j)
{
    struct stars stars;
    enum err err = stars_read(r, bv->view, &stars);
    if (err == ERR_NOT_FOUND) return ERR_OK; /* somebody else's are not shown */
    JSON_KEY(j, "boardStars");
    json_array_begin(j);
    for (size_t i = 0; err == ERR_OK && i < stars.count; i++)
        star_write(&stars.at[i], j);
    json_array_end(j);
    return err;
}

void stars_get(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, stars_run, NULL);
}

static enum err star_find(const struct stars *stars, struct slice id, const struct star **ret_star)
{
    struct id asked;
    if (!id_parse(id, &asked)) return ERR_NOT_FOUND;
    for (size_t i = 0; i < stars->count; i++) {
        if (!id_eq(stars->at[i].shelf.id, asked)) continue;
        *ret_star = &stars->at[i];
        return ERR_OK;
    }
    return ERR_NOT_FOUND;
}

static enum err star_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    const struct star *star;
    struct stars stars;
    enum err err = stars_read(r, bv->view, &stars);
    if (err == ERR_OK) err = star_find(&stars, r->args[1], &star);
    if (err == ERR_OK) star_write(star, &j);
    return err;
}

void star_get(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, star_run, NULL);
}

static enum err board_stars_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct star star = {.board = bv->board};
    enum err err = shelf_read(bv->view, r->actor.member, bv->board, &star.shelf);
    json_array_begin(&j);
    if (err == ERR_OK && star.shelf.starred) star_write(&star, &j);
    json_array_end(&j);
    return err;
}

void board_stars(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_stars_run, NULL);
}

/* All of it at once, for our own client. */
static enum err shelf_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct shelf shelf;
    enum err err = shelf_read(bv->view, r->actor.member, bv->board, &shelf);
    if (err != ERR_OK) return err;
    json_object_begin(&j);
    JSON_KEY(&j, "id");
    json_id(&j, shelf.id);
    JSON_KEY(&j, "starred");
    json_bool(&j, shelf.starred);
    JSON_KEY(&j, "subscribed");
    json_array_begin(&j);
    for (size_t i = 0; i < shelf.watched_count; i++)
        json_id(&j, shelf.watched[i]);
    json_array_end(&j);
    json_object_end(&j);
    return ERR_OK;
}

void board_shelf(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], shelf_run, NULL);
}

/* -- writing */

static void shelf_op(
        struct rest *r, struct ops_out *ops, struct slice name, struct id member, struct id board)
{
    op_begin(r, ops, name, shelf_id(member, board));
    JSON_KEY(&ops->j, "idBoard");
    json_id(&ops->j, board);
    JSON_KEY(&ops->j, "idMember");
    json_id(&ops->j, member);
}

static enum err nobody(struct rest *r)
{
    return fault_set(&r->fault, ERR_FORBIDDEN, "", "comes from nobody in particular",
            "a member, who keeps stars and watches for themself");
}

/* The directory said yes: what became of it is read again. */
static void shelf_judged(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    char text[ID_TEXT + 1];
    (void)s, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (c->verdict != VERDICT_ACCEPTED) {
        r->fault = c->fault;
        if (r->fault.err == ERR_OK) fault_set(&r->fault, ERR_UNKNOWN, "", "", "");
        rest_fail(r);
        return;
    }
    r->wrote = true;
    if (r->fixed.len) {
        rest_answer_json(r, r->fixed);
        return;
    }
    id_format(r->want_id, text);
    r->args[1] = arena_dup(&r->arena, slice_cstr(text));
    rest_read(r, r->want_kind, r->args[1], r->want_run, NULL);
}

static void shelf_submit(struct rest *r)
{
    rest_submit_for(r, &(struct actor){.system = true}, DIRECTORY_ID, shelf_judged);
}

/* Where among the others: a number as it is, `top`, or behind all. */
static enum err star_place(
        struct rest *r, const struct stars *stars, const char *name, double *ret_place)
{
    const struct param *pos = params_find(&r->params, name);
    bool none = stars->count == 0;
    struct buf text;
    json_t *tree;
    *ret_place = none ? POS_STEP : stars->at[stars->count - 1].shelf.star + POS_STEP;
    if (!pos || slice_eq(pos->text, SLICE("bottom"))) return ERR_OK;
    if (slice_eq(pos->text, SLICE("top"))) {
        *ret_place = none ? POS_STEP : stars->at[0].shelf.star / 2;
        return ERR_OK;
    }
    buf_init(&text, KIB(1));
    struct json_out j = json_out(&text);
    enum err err = param_write(&j, pos, PARAM_POS, &r->fault);
    if (err == ERR_OK)
        err = json_read(&r->arena, arena_dup(&r->arena, buf_slice(&text)), &tree, &r->fault);
    if (err == ERR_OK) *ret_place = json_number_value(tree);
    buf_fini(&text);
    return err;
}

static void star_op(struct rest *r, struct id board, const double *place)
{
    struct ops_out ops = rest_ops(r);
    shelf_op(r, &ops, SLICE("dir.star"), r->actor.member, board);
    JSON_KEY(&ops.j, "star");
    if (place)
        json_num(&ops.j, *place);
    else
        json_nil(&ops.j);
    op_end(&ops);
    rest_ops_end(&ops);
    r->want_kind = KIND_NONE;
    r->want_id = shelf_id(r->actor.member, board);
    r->want_run = star_run;
}

/* A board that is starred already keeps its place, unless it is given another. */
static enum err star_post_run(struct rest *r, struct board_view *bv)
{
    struct slice key = params_text(&r->params, "idBoard");
    struct location at = {.kind = KIND_BOARD};
    struct board_view board;
    struct stars stars;
    double place;
    enum err err = stars_read(r, bv->view, &stars);
    if (err != ERR_OK) return err;
    if (!id_parse(key, &at.board))
        err = short_link_valid(key) ? bv->view->ops->locate_short(bv->view, key, &at)
                                    : ERR_NOT_FOUND;
    if (err == ERR_OK && at.kind != KIND_BOARD) err = ERR_NOT_FOUND;
    if (err == ERR_OK)
        err = board_view_open(bv->view, &r->actor, at.board, PERM_READ, &board, &r->fault);
    if (err == ERR_OK) err = star_place(r, &stars, "pos", &place);
    if (err != ERR_OK) return err;
    for (size_t i = 0; i < stars.count; i++) {
        if (id_eq(stars.at[i].board, at.board) && !params_find(&r->params, "pos"))
            place = stars.at[i].shelf.star;
    }
    star_op(r, at.board, &place);
    return ERR_OK;
}

void star_post(struct rest *r)
{
    if (required(r, "idBoard").ptr)
        rest_read(r, KIND_NONE, (struct slice){0}, star_post_run, shelf_submit);
}

static enum err star_put_run(struct rest *r, struct board_view *bv)
{
    const struct star *star;
    struct stars stars;
    double place;
    enum err err = stars_read(r, bv->view, &stars);
    if (err == ERR_OK) err = star_find(&stars, r->args[1], &star);
    if (err == ERR_OK) err = star_place(r, &stars, "pos", &place);
    if (err != ERR_OK) return err;
    star_op(r, star->board, params_find(&r->params, "pos") ? &place : &star->shelf.star);
    return ERR_OK;
}

void star_put(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, star_put_run, shelf_submit);
}

static enum err star_delete_run(struct rest *r, struct board_view *bv)
{
    const struct star *star;
    struct stars stars;
    enum err err = stars_read(r, bv->view, &stars);
    if (err == ERR_OK) err = star_find(&stars, r->args[1], &star);
    if (err == ERR_OK) star_op(r, star->board, NULL);
    r->fixed = SLICE("{}");
    return err;
}

void star_delete(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, star_delete_run, shelf_submit);
}

/* -- watching */

static void watch_op(struct rest *r, struct ops_out *ops, struct id board, struct id what, bool on)
{
    shelf_op(r, ops, SLICE("dir.watch"), r->actor.member, board);
    JSON_KEY(&ops->j, "element");
    json_id(&ops->j, what);
    JSON_KEY(&ops->j, "on");
    json_bool(&ops->j, on);
    op_end(ops);
}

static enum err watch_run(struct rest *r, struct board_view *bv)
{
    bool on = false;
    struct shelf shelf;
    struct id gone[WATCHES_CLEARED_MAX];
    const char *name = params_find(&r->params, "subscribed") ? "subscribed" : "value";
    if (id_is_none(r->actor.member)) return nobody(r);
    if (!params_find(&r->params, name))
        return fault_set(&r->fault, ERR_INVALID, name, "is missing", "true or false");
    enum err err = params_bool(&r->params, name, &on, &r->fault);
    if (err == ERR_OK) err = shelf_read(bv->view, r->actor.member, bv->board, &shelf);
    if (err != ERR_OK) return err;
    struct ops_out ops = rest_ops(r);
    size_t count = on ? shelf_gone(bv->view, bv->board, &shelf, gone) : 0;
    for (size_t i = 0; i < count; i++)
        watch_op(r, &ops, bv->board, gone[i], false);
    watch_op(r, &ops, bv->board, r->at.id, on);
    rest_ops_end(&ops);
    r->want_kind = r->at.kind;
    r->want_id = r->at.id;
    r->want_run = rest_object_run;
    return ERR_OK;
}

static void watch_next(struct rest *r)
{
    rest_read(r, r->want_kind, r->args[0], watch_run, shelf_submit);
}

enum err watch_asked(struct rest *r)
{
    bool on = false;
    if (!params_find(&r->params, "subscribed")) return ERR_OK;
    if (id_is_none(r->actor.member)) return nobody(r);
    r->next = watch_next;
    return params_bool(&r->params, "subscribed", &on, &r->fault);
}

void card_watch(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], watch_run, shelf_submit);
}

void list_watch(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], watch_run, shelf_submit);
}

void board_watch(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], watch_run, shelf_submit);
}
