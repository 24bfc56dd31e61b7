/* rest_search.c - finding cards, boards and people, in Trello's shape. Only on boards of whoever
 * asks; see core/search_run.h for how. */
#include "core/search_run.h"
#include "core/walk.h"
#include "net/api/rest_organization.h"

const struct param_spec search_params[] = {
        {"query", PARAM_TEXT, NULL},
        {"modelTypes", PARAM_ANY, NULL},
        {"idBoards", PARAM_ANY, NULL},
        {"idCards", PARAM_IDS, NULL},
        {"idOrganizations", PARAM_IDS, NULL},
        {"partial", PARAM_BOOL, NULL},
        {"cards_limit", PARAM_NUMBER, NULL},
        {"cards_page", PARAM_NUMBER, NULL},
        {"card_fields", PARAM_ANY, NULL},
        {"card_board", PARAM_BOOL, NULL},
        {"card_list", PARAM_BOOL, NULL},
        {"card_members", PARAM_BOOL, NULL},
        {"boards_limit", PARAM_NUMBER, NULL},
        {"board_fields", PARAM_ANY, NULL},
        {"members_limit", PARAM_NUMBER, NULL},
        {"organizations_limit", PARAM_NUMBER, NULL},
        {0},
};
const struct param_spec search_members_params[] = {
        {"query", PARAM_TEXT, NULL},
        {"limit", PARAM_NUMBER, NULL},
        {"idBoard", PARAM_ID, NULL},
        {0},
};

/* clang-format off */
#define MODEL_TABLE(X) X(ACTIONS, "actions") X(BOARDS, "boards") X(CARDS, "cards") \
    X(MEMBERS, "members") X(ORGANIZATIONS, "organizations")
/* clang-format on */
enum model {
#define X(name, text) MODEL_##name,
    MODEL_TABLE(X)
#undef X
            MODEL_COUNT
};
static const char *const model_names[] = {
#define X(name, text) text,
        MODEL_TABLE(X)
#undef X
};

struct ids { /* in the request's arena */
    struct arena *arena;
    struct id *at;
    size_t count, cap;
};

struct asked {
    struct search search;
    unsigned models; /* 1 << enum model */
    bool partial;
    struct ids boards; /* of the actor; those looked at */
    bool named;        /* boards were named: closed ones too */
    struct ids cards;  /* only these, when given */
    bool has_cards;
    uint64_t cards_limit, cards_page, boards_limit, members_limit, organizations_limit;
    bool card_board, card_list, card_members;
    struct trello_fields card_fields, board_fields;
};

/* -- what is asked */

static enum err ids_add(void *context, struct id id)
{
    struct ids *list = context;
    if (list->count == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 32;
        struct id *grown = ARENA_NEW_ARRAY(list->arena, struct id, cap);
        if (list->count) memcpy(grown, list->at, list->count * sizeof *grown);
        list->at = grown;
        list->cap = cap;
    }
    list->at[list->count++] = id;
    return ERR_OK;
}

static int by_id(const void *a, const void *b)
{
    return id_cmp(*(const struct id *)a, *(const struct id *)b);
}

static void ids_sort(struct ids *list)
{
    if (list->count > 0) qsort(list->at, list->count, sizeof list->at[0], by_id);
}

static enum err own_board(void *context, struct id board, enum role role)
{
    (void)role;
    return ids_add(context, board);
}

static enum err number_read(
        struct rest *r, const char *name, uint64_t most, uint64_t otherwise, uint64_t *ret)
{
    struct slice text = params_text(&r->params, name);
    *ret = otherwise;
    if (!text.ptr || text.len == 0) return ERR_OK;
    if (slice_to_u64(text, ret) && *ret <= most) return ERR_OK;
    return fault_setf(&r->fault, ERR_INVALID, name, "a whole number up to 1000 (cards_page: 100)",
            "is \"%.*s\"", SLICE_ARG(slice_head(text, 40)));
}

static enum err models_read(struct rest *r, struct asked *a)
{
    struct slice list = params_text(&r->params, "modelTypes"), one;
    if (!list.len || slice_eq(list, SLICE("all"))) {
        a->models = (1u << MODEL_COUNT) - 1;
        return ERR_OK;
    }
    while (slice_next(&list, ',', &one)) {
        unsigned found = 0;
        for (unsigned i = 0; i < MODEL_COUNT; i++)
            found |= slice_eq(one, slice_cstr(model_names[i])) ? 1u << i : 0;
        if (!found)
            return fault_setf(&r->fault, ERR_INVALID, "modelTypes",
                    "all, or some of actions, boards, cards, members, organizations",
                    "has \"%.*s\"", SLICE_ARG(slice_head(one, 40)));
        a->models |= found;
    }
    return ERR_OK;
}

static enum err query_read(struct rest *r, struct asked *a)
{
    struct slice query = params_text(&r->params, "query");
    if (query.len == 0 || query.len > SEARCH_QUERY_BYTES_MAX)
        return fault_set(&r->fault, ERR_INVALID, "query", query.len ? "is too long" : "is missing",
                "1 to 8192 bytes of text");
    search_parse(&r->arena, query, &a->search);
    return ERR_OK;
}

static enum err ids_read(struct rest *r, const char *name, struct ids *list)
{
    const struct param *p = params_find(&r->params, name);
    enum err err = param_ids(p, ids_add, list, &r->fault);
    if (err != ERR_OK) snprintf(r->fault.field, sizeof r->fault.field, "%s", name);
    return err;
}

/* Only boards of these organizations stay. */
static enum err organizations_read(struct rest *r, struct view *v, struct asked *a)
{
    struct ids named = {.arena = &r->arena};
    size_t count = 0;
    if (!params_find(&r->params, "idOrganizations")) return ERR_OK;
    enum err err = ids_read(r, "idOrganizations", &named);
    ids_sort(&named);
    for (size_t i = 0; i < a->boards.count && err == ERR_OK; i++) {
        struct slice json, text;
        struct id id, board = a->boards.at[i];
        err = v->ops->entity(v, board, KIND_BOARD, board, &json);
        if (err == ERR_OK && walk_find(json, SLICE("idOrganization"), &text) &&
                text.len == ID_TEXT + 2 && id_parse(slice_of(text.ptr + 1, ID_TEXT), &id) &&
                bsearch(&id, named.at, named.count, sizeof named.at[0], by_id))
            a->boards.at[count++] = board;
        if (err == ERR_NOT_FOUND) err = ERR_OK; /* was deleted */
    }
    a->boards.count = count;
    return err;
}

/* idBoards: "mine", which is all that there is, or ids; those of others are not there. */
static enum err boards_read(struct rest *r, struct view *v, struct asked *a)
{
    struct ids own = {.arena = &r->arena}, named = {.arena = &r->arena};
    struct slice text = params_text(&r->params, "idBoards");
    enum err err = v->ops->memberships(v, r->actor.member, own_board, &own);
    a->boards = own;
    if (err != ERR_OK || !text.len || slice_eq(text, SLICE("mine"))) return err;
    err = ids_read(r, "idBoards", &named);
    if (err != ERR_OK) return err;
    ids_sort(&named);
    a->named = true;
    a->boards.count = 0;
    for (size_t i = 0; i < own.count; i++) {
        if (bsearch(&own.at[i], named.at, named.count, sizeof named.at[0], by_id))
            own.at[a->boards.count++] = own.at[i];
    }
    return ERR_OK;
}

static enum err asked_read(struct rest *r, struct view *v, struct asked *a)
{
    *a = (struct asked){.card_fields.all = true,
            .board_fields = {.list = SLICE("name,idOrganization")},
            .cards.arena = &r->arena};
    enum err err = query_read(r, a);
    if (err == ERR_OK) err = models_read(r, a);
    if (err == ERR_OK) err = params_bool(&r->params, "partial", &a->partial, &r->fault);
    if (err == ERR_OK) err = params_bool(&r->params, "card_board", &a->card_board, &r->fault);
    if (err == ERR_OK) err = params_bool(&r->params, "card_list", &a->card_list, &r->fault);
    if (err == ERR_OK) err = params_bool(&r->params, "card_members", &a->card_members, &r->fault);
    const uint64_t most = SEARCH_FOUND_MAX, some = SEARCH_FOUND_DEFAULT;
    if (err == ERR_OK) err = number_read(r, "cards_limit", most, some, &a->cards_limit);
    if (err == ERR_OK) err = number_read(r, "cards_page", SEARCH_PAGE_MAX, 0, &a->cards_page);
    if (err == ERR_OK) err = number_read(r, "boards_limit", most, some, &a->boards_limit);
    if (err == ERR_OK) err = number_read(r, "members_limit", most, some, &a->members_limit);
    if (err == ERR_OK)
        err = number_read(r, "organizations_limit", most, some, &a->organizations_limit);
    if (err == ERR_OK) err = rest_fields(r, "card_fields", KIND_CARD, &a->card_fields);
    if (err == ERR_OK) err = rest_fields(r, "board_fields", KIND_BOARD, &a->board_fields);
    a->has_cards = params_find(&r->params, "idCards") != NULL;
    if (err == ERR_OK && a->has_cards) err = ids_read(r, "idCards", &a->cards);
    ids_sort(&a->cards);
    if (err == ERR_OK) err = boards_read(r, v, a);
    return err == ERR_OK ? organizations_read(r, v, a) : err;
}

/* -- what was understood */

static void text_objects(
        struct json_out *j, const char *key, const struct search *s, bool modifiers)
{
    json_key(j, slice_cstr(key));
    json_array_begin(j);
    for (uint32_t i = 0; i < s->count; i++) {
        const struct search_term *t = &s->terms[i];
        if ((t->op != SEARCH_TEXT) != modifiers) continue;
        json_object_begin(j);
        JSON_KEY(j, "text");
        json_str(j, modifiers ? search_op_name(t->op) : t->plain);
        if (modifiers && t->plain.len) {
            JSON_KEY(j, "value");
            json_str(j, t->plain);
        }
        if (t->negated) {
            JSON_KEY(j, "negated");
            json_bool(j, true);
        }
        json_object_end(j);
    }
    json_array_end(j);
}

static void options_write(const struct asked *a, struct json_out *j)
{
    JSON_KEY(j, "options");
    json_object_begin(j);
    text_objects(j, "terms", &a->search, false);
    text_objects(j, "modifiers", &a->search, true);
    JSON_KEY(j, "modelTypes");
    json_array_begin(j);
    for (unsigned i = 0; i < MODEL_COUNT; i++) {
        if (a->models >> i & 1) json_str(j, slice_cstr(model_names[i]));
    }
    json_array_end(j);
    JSON_KEY(j, "partial");
    json_bool(j, a->partial);
    json_object_end(j);
}

/* -- boards that are looked at */

struct opened { /* opened once, loaded when something of it is shown */
    struct board_view bv;
    bool there;
    struct board *board;
};

static enum err opened_load(struct rest *r, struct opened *p)
{
    return p->board ? ERR_OK : rest_load(r, &p->bv, KINDS(LIST) | KINDS(LABEL), &p->board);
}

static enum err opened_read(struct rest *r, struct view *v, struct id board, struct opened *ret)
{
    struct slice json, closed;
    enum err err = board_view_open(v, &r->actor, board, PERM_READ, &ret->bv, &r->fault);
    if (err == ERR_NOT_FOUND) {
        r->fault = (struct fault){0};
        return ERR_OK;
    }
    if (err == ERR_OK) err = v->ops->entity(v, board, KIND_BOARD, board, &json);
    if (err != ERR_OK) return err;
    ret->there = !walk_find(json, SLICE("closed"), &closed) || !slice_eq(closed, SLICE("true"));
    return ERR_OK;
}

/* -- writing what was found */

static enum err card_parts(struct rest *r, struct opened *p, const struct asked *a,
        const struct object *card, struct json_out *j)
{
    struct trello_options options = rest_trello_options(r, &p->bv);
    if (a->card_board) {
        options.fields = a->board_fields;
        JSON_KEY(j, "board");
        trello_write(j, p->board, board_self(p->board), &options);
    }
    const struct object *list = object_id(p->board, card, F_CARD_ID_LIST, KIND_LIST);
    if (a->card_list && list) {
        options.fields = (struct trello_fields){.list = SLICE("name,closed,pos,idBoard")};
        JSON_KEY(j, "list");
        trello_write(j, p->board, list, &options);
    }
    const struct value *ids = &card->fields[field_info(F_CARD_ID_MEMBERS)->slot];
    if (a->card_members) {
        JSON_KEY(j, "members");
        json_array_begin(j);
        for (uint32_t i = 0; ids->set && i < ids->set->count; i++)
            rest_member_write(r, p->bv.view, ids->set->ids[i], j);
        json_array_end(j);
    }
    return ERR_OK;
}

static enum err card_write(
        struct rest *r, struct opened *p, const struct asked *a, struct id id, struct json_out *j)
{
    struct trello_options options = rest_trello_options(r, &p->bv);
    struct object *card;
    enum err err = opened_load(r, p);
    if (err == ERR_OK) err = load_entity(r, &p->bv, p->board, KIND_CARD, id, &card);
    if (err != ERR_OK) return err;
    options.fields = a->card_fields;
    trello_write(j, p->board, card, &options);
    if (a->card_board || a->card_list || a->card_members) {
        struct json_out inside = object_reopen(r);
        err = card_parts(r, p, a, card, &inside);
        json_object_end(&inside);
    }
    return err;
}

static enum err cards_write(
        struct rest *r, const struct asked *a, struct opened *places, struct json_out *j)
{
    struct search_run run = {.search = &a->search,
            .how = a->partial ? FOLD_STARTS_WORD : FOLD_WORDS,
            .me = r->actor.member,
            .now_ms = r->now_ms,
            .only = a->has_cards ? a->cards.at : NULL,
            .only_count = a->cards.count,
            .keep = (size_t)(a->cards_limit * (a->cards_page + 1))};
    enum err err = ERR_OK;
    if (run.keep == 0 || a->search.count == 0 || (a->has_cards && a->cards.count == 0))
        return ERR_OK;
    search_run_init(&run);
    for (uint32_t i = 0; i < a->boards.count && err == ERR_OK; i++) {
        if (places[i].there) err = search_run_board(&run, &places[i].bv, i);
    }
    search_run_sort(&run);
    for (size_t i = (size_t)(a->cards_limit * a->cards_page); i < run.hit_count && err == ERR_OK;
            i++)
        err = card_write(r, &places[run.hits[i].board], a, run.hits[i].id, j);
    search_run_fini(&run);
    return err;
}

static enum err boards_write(
        struct rest *r, const struct asked *a, struct opened *places, struct json_out *j)
{
    struct search_run run = {
            .search = &a->search, .how = a->partial ? FOLD_STARTS_WORD : FOLD_WORDS, .keep = 1};
    uint64_t count = 0;
    enum err err = ERR_OK;
    search_run_init(&run);
    for (size_t i = 0; i < a->boards.count && count < a->boards_limit && err == ERR_OK; i++) {
        struct opened *p = &places[i];
        if (!p->bv.view || a->search.count == 0) continue;
        err = opened_load(r, p);
        if (err != ERR_OK) break;
        struct object *self = board_self(p->board);
        struct trello_options options = rest_trello_options(r, &p->bv);
        if (!search_run_name(&run, value_slice(object_value(self, F_BOARD_NAME)),
                    object_value(self, F_BOARD_CLOSED)->boolean, options.shelf->starred))
            continue;
        options.fields = a->board_fields;
        trello_write(j, p->board, self, &options);
        count++;
    }
    search_run_fini(&run);
    return err;
}

/* -- people: those on the boards of whoever asks */

struct people_search {
    struct rest *rest;
    struct view *view;
    struct search_run run;
    struct ids seen; /* sorted once all are there */
};

static enum err person_note(void *context, enum kind kind, struct id id, struct slice json)
{
    struct people_search *s = context;
    struct slice member;
    (void)kind;
    if (walk_find(json, SLICE("idMember"), &member) && member.len == ID_TEXT + 2 &&
            id_parse(slice_of(member.ptr + 1, ID_TEXT), &id))
        return ids_add(&s->seen, id);
    return ERR_OK;
}

static bool person_holds(struct people_search *s, struct id member)
{
    struct slice json, text;
    if (s->view->ops->entity(s->view, DIRECTORY_ID, KIND_MEMBER, member, &json) != ERR_OK)
        return false;
    const char *const keys[] = {"fullName", "username"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        if (walk_find(json, slice_cstr(keys[i]), &text) && text.len > 2 &&
                search_run_name(&s->run, slice_of(text.ptr + 1, text.len - 2), false, false))
            return true;
    }
    return false;
}

static enum err people_write(struct rest *r, struct view *v, const struct asked *a,
        const struct opened *places, struct json_out *j)
{
    struct people_search s = {.rest = r,
            .view = v,
            .run = {.search = &a->search, .how = FOLD_STARTS_WORD, .keep = 1},
            .seen.arena = &r->arena};
    uint64_t count = 0;
    enum err err = ERR_OK;
    for (size_t i = 0; i < a->boards.count && err == ERR_OK; i++) {
        if (!places[i].bv.view) continue;
        err = v->ops->entities(
                v, a->boards.at[i], KIND_MEMBERSHIP, KIND_MEMBERSHIP, person_note, &s);
    }
    if (err != ERR_OK) return err;
    ids_sort(&s.seen);
    search_run_init(&s.run);
    for (size_t i = 0; i < s.seen.count && count < a->members_limit; i++) {
        if (i > 0 && id_eq(s.seen.at[i], s.seen.at[i - 1])) continue;
        if (a->search.count > 0 && person_holds(&s, s.seen.at[i]))
            count += rest_member_write(r, v, s.seen.at[i], j) ? 1 : 0;
    }
    search_run_fini(&s.run);
    return ERR_OK;
}

static enum err organizations_search(
        struct rest *r, struct view *v, const struct asked *a, struct json_out *j)
{
    struct search_run run = {.search = &a->search, .how = FOLD_STARTS_WORD, .keep = 1};
    if (a->search.count == 0) return ERR_OK;
    search_run_init(&run);
    enum err err = organizations_found(r, v, &run, a->organizations_limit, j);
    search_run_fini(&run);
    return err;
}

/* -- the answer */

static enum err model_write(struct rest *r, struct view *v, const struct asked *a,
        struct opened *places, enum model model, struct json_out *j)
{
    switch (model) {
    case MODEL_BOARDS: return boards_write(r, a, places, j);
    case MODEL_CARDS: return cards_write(r, a, places, j);
    case MODEL_MEMBERS: return people_write(r, v, a, places, j);
    case MODEL_ORGANIZATIONS: return organizations_search(r, v, a, j);
    case MODEL_ACTIONS: /* what was done is not searched */
    case MODEL_COUNT: break;
    }
    return ERR_OK;
}

static struct opened *places_open(
        struct rest *r, struct view *v, const struct asked *a, enum err *ret_err)
{
    struct opened *places = ARENA_NEW_ARRAY(&r->arena, struct opened, a->boards.count + 1);
    *ret_err = ERR_OK;
    for (size_t i = 0; i < a->boards.count && *ret_err == ERR_OK; i++) {
        *ret_err = opened_read(r, v, a->boards.at[i], &places[i]);
        if (a->named && places[i].bv.view) places[i].there = true;
    }
    return places;
}

static void places_close(struct opened *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        board_free(places[i].board);
}

static enum err search_run_all(struct rest *r, struct board_view *bv)
{
    struct view *v = bv->view;
    struct json_out j = json_out(&r->out);
    struct asked *a = ARENA_NEW(&r->arena, struct asked);
    enum err err = asked_read(r, v, a);
    if (err != ERR_OK) return err;
    struct opened *places = places_open(r, v, a, &err);
    json_object_begin(&j);
    options_write(a, &j);
    for (unsigned model = 0; model < MODEL_COUNT && err == ERR_OK; model++) {
        if (!(a->models >> model & 1)) continue;
        json_key(&j, slice_cstr(model_names[model]));
        json_array_begin(&j);
        err = model_write(r, v, a, places, (enum model)model, &j);
        json_array_end(&j);
    }
    json_object_end(&j);
    places_close(places, a->boards.count);
    return err;
}

void search_get(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, search_run_all, NULL);
}

static enum err search_people_run(struct rest *r, struct board_view *bv)
{
    struct view *v = bv->view;
    struct json_out j = json_out(&r->out);
    struct asked *a = ARENA_NEW(&r->arena, struct asked);
    struct id board;
    enum err err = query_read(r, a);
    if (err == ERR_OK) err = number_read(r, "limit", SEARCH_FOUND_MAX, 8, &a->members_limit);
    if (err == ERR_OK) err = boards_read(r, v, a);
    if (err != ERR_OK) return err;
    struct slice only = params_text(&r->params, "idBoard");
    if (only.len && id_parse(only, &board)) {
        size_t count = 0;
        for (size_t i = 0; i < a->boards.count; i++)
            count = id_eq(a->boards.at[i], board) ? 1 : count;
        a->boards = (struct ids){.arena = &r->arena};
        if (count > 0) ids_add(&a->boards, board);
    }
    struct opened *places = places_open(r, v, a, &err);
    json_array_begin(&j);
    if (err == ERR_OK) err = people_write(r, v, a, places, &j);
    json_array_end(&j);
    places_close(places, a->boards.count);
    return err;
}

void search_people(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, search_people_run, NULL);
}
