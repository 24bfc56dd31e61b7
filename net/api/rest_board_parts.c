/* rest_board_parts.c - collections of a board and of a list: lists, cards, labels, memberships,
 * members. */
#include "net/api/rest_nouns.h"

const struct param_spec lists_params[] = {
        {"filter", PARAM_ANY, NULL},
        {"fields", PARAM_ANY, NULL},
        {"cards", PARAM_ANY, NULL},
        {"card_fields", PARAM_ANY, NULL},
        {0},
};
const struct param_spec cards_params[] = {
        {"filter", PARAM_ANY, NULL},
        {"fields", PARAM_ANY, NULL},
        {"limit", PARAM_NUMBER, NULL},
        {"before", PARAM_ANY, NULL},
        {"since", PARAM_ANY, NULL},
        {"members", PARAM_ANY, NULL},
        {"checklists", PARAM_ANY, NULL},
        {"customFieldItems", PARAM_ANY, NULL},
        {"attachments", PARAM_ANY, NULL},
        {0},
};
const struct param_spec members_params[] = {{"filter", PARAM_ANY, NULL},
        {"fields", PARAM_ANY, NULL}, {"limit", PARAM_NUMBER, NULL}, {0}};

/* The filter: a path segment, or filter=, or `otherwise`. */
static enum err filter_of(struct rest *r, uint32_t arg, enum trello_filter *ret_filter)
{
    struct slice text = r->args[arg].len ? r->args[arg] : params_text(&r->params, "filter");
    return rest_filter(r, text, "filter", ret_filter);
}

/* -- cards, all or page by page */

static int newest_first(const void *a, const void *b)
{
    return id_cmp((*(struct object *const *)b)->id, (*(struct object *const *)a)->id);
}

struct page {
    uint64_t limit;
    bool paged;
    struct id before, since;
};

static enum err page_bound(struct rest *r, const char *name, struct id *ret_id)
{
    struct slice text = params_text(&r->params, name);
    if (!text.len || slice_eq(text, SLICE("null")) || id_parse(text, ret_id)) return ERR_OK;
    return fault_set(&r->fault, ERR_INVALID, name, "is not an id", "the id of a card");
}

static enum err page_of(struct rest *r, struct page *p)
{
    struct slice limit = params_text(&r->params, "limit");
    *p = (struct page){.limit = UINT64_MAX};
    if (limit.len && (!slice_to_u64(limit, &p->limit) || p->limit == 0 || p->limit > 1000))
        return fault_set(&r->fault, ERR_INVALID, "limit", "is out of range",
                "a whole number from 1 to 1000");
    enum err err = page_bound(r, "before", &p->before);
    if (err == ERR_OK) err = page_bound(r, "since", &p->since);
    p->paged = limit.len > 0 || !id_is_none(p->before) || !id_is_none(p->since);
    return err;
}

struct cards_out {
    struct rest *rest;
    const struct board *board;
    struct json_out j;
    struct trello_options options;
    enum trello_filter filter;
    struct page page;
    struct object **kept; /* of a page, before it is sorted */
    size_t count;
};

static bool in_page(const struct page *p, struct id id)
{
    return (id_is_none(p->before) || id_cmp(id, p->before) < 0) &&
           (id_is_none(p->since) || id_cmp(id, p->since) > 0);
}

/* Cards name their checklists; items are only shown inside. */
static uint64_t parts_wanted(const struct rest *r)
{
    return KINDS(CHECKLIST) | (says_yes(r, "checklists") ? KINDS(CHECK_ITEM) : 0) |
           (says_yes(r, "customFieldItems") ? KINDS(FIELD_ITEM) : 0) |
           (says_yes(r, "attachments") ? KINDS(ATTACHMENT) : 0);
}

static void card_nest(
        struct cards_out *c, const struct object *card, const char *name, enum kind kind)
{
    if (!says_yes(c->rest, name)) return;
    struct trello_options all = c->options;
    all.fields = (struct trello_fields){.all = true};
    struct json_out j = object_reopen(c->rest);
    json_key(&j, slice_cstr(name));
    trello_children_write(&j, c->board, kind, card->id, &all);
    json_object_end(&j);
}

static void card_write(struct cards_out *c, const struct object *card)
{
    trello_write(&c->j, c->board, card, &c->options);
    card_nest(c, card, "checklists", KIND_CHECKLIST);
    card_nest(c, card, "customFieldItems", KIND_FIELD_ITEM);
    card_nest(c, card, "attachments", KIND_ATTACHMENT);
}

static enum err cards_of_list(struct cards_out *c, struct id list)
{
    const struct siblings *cards = board_children(c->board, KIND_CARD, list);
    for (size_t i = 0; cards && i < cards->count; i++) {
        if (!trello_filter_allows(c->board, cards->at[i], c->filter)) continue;
        if (c->page.paged) {
            if (in_page(&c->page, cards->at[i]->id)) c->kept[c->count++] = cards->at[i];
            continue;
        }
        card_write(c, cards->at[i]);
        enum err err = rest_flush(c->rest, &c->rest->out);
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

static enum err cards_page(struct cards_out *c)
{
    if (!c->page.paged) return ERR_OK;
    if (c->count) qsort(c->kept, c->count, sizeof *c->kept, newest_first);
    for (size_t i = 0; i < c->count && i < c->page.limit; i++) {
        card_write(c, c->kept[i]);
        enum err err = rest_flush(c->rest, &c->rest->out);
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

/* list none: of all lists. */
static enum err cards_write(
        struct rest *r, struct board_view *bv, struct id list, enum trello_filter filter)
{
    struct board *b;
    struct cards_out c = {.rest = r, .options = rest_trello_options(r, bv), .filter = filter};
    enum err err = page_of(r, &c.page);
    if (err == ERR_OK) err = rest_fields(r, "fields", KIND_CARD, &c.options.fields);
    if (err == ERR_OK)
        err = rest_load(r, bv, KINDS(LIST) | KINDS(CARD) | KINDS(LABEL) | parts_wanted(r), &b);
    if (err != ERR_OK) return err;
    c.board = b;
    c.j = json_out(&r->out);
    c.kept = c.page.paged ? MEM_NEW_ARRAY(struct object *, b->count[KIND_CARD] + 1) : NULL;
    json_array_begin(&c.j);
    const struct siblings *lists = board_children(b, KIND_LIST, b->id);
    if (!id_is_none(list)) err = cards_of_list(&c, list);
    for (size_t i = 0; id_is_none(list) && lists && i < lists->count && err == ERR_OK; i++)
        err = cards_of_list(&c, lists->at[i]->id);
    if (err == ERR_OK) err = cards_page(&c);
    json_array_end(&c.j);
    mem_free(c.kept);
    board_free(b);
    return err;
}

static enum err board_cards_run(struct rest *r, struct board_view *bv)
{
    enum trello_filter filter = TRELLO_VISIBLE;
    enum err err = filter_of(r, 1, &filter);
    return err == ERR_OK ? cards_write(r, bv, (struct id){0}, filter) : err;
}

static enum err list_cards_run(struct rest *r, struct board_view *bv)
{
    enum trello_filter filter = TRELLO_OPEN;
    enum err err = filter_of(r, 1, &filter);
    return err == ERR_OK ? cards_write(r, bv, r->at.id, filter) : err;
}

void list_cards(struct rest *r)
{
    rest_read(r, KIND_LIST, r->args[0], list_cards_run, NULL);
}

/* An object of this board, not of another one the actor may see too. */
static enum err board_object_run(struct rest *r, struct board_view *bv, enum kind kind)
{
    struct location at;
    struct id id;
    bool is_id = id_parse(r->args[1], &id);
    enum err err = is_id ? bv->view->ops->locate(bv->view, id, &at)
                         : bv->view->ops->locate_short(bv->view, r->args[1], &at);
    if (err == ERR_OK && (at.kind != kind || !id_eq(at.board, bv->board))) err = ERR_NOT_FOUND;
    if (err != ERR_OK) return err;
    r->at = at;
    return rest_object_run(r, bv);
}

static enum err board_card_run(struct rest *r, struct board_view *bv)
{
    return board_object_run(r, bv, KIND_CARD);
}

void board_cards(struct rest *r)
{
    enum trello_filter filter;
    bool one = r->args[1].len && !trello_filter_read(r->args[1], &filter);
    rest_read(r, KIND_BOARD, r->args[0], one ? board_card_run : board_cards_run, NULL);
}

static enum err board_label_run(struct rest *r, struct board_view *bv)
{
    return board_object_run(r, bv, KIND_LABEL);
}

void board_label(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_label_run, NULL);
}

/* -- lists */

static enum err lists_write(
        struct rest *r, struct board_view *bv, struct board *b, enum trello_filter filter)
{
    struct trello_options options = rest_trello_options(r, bv), card_options = options;
    struct json_out j = json_out(&r->out);
    enum trello_filter cards = TRELLO_NONE;
    const struct siblings *lists = board_children(b, KIND_LIST, b->id);
    enum err err = rest_fields(r, "fields", KIND_LIST, &options.fields);
    if (err == ERR_OK) err = rest_fields(r, "card_fields", KIND_CARD, &card_options.fields);
    if (err == ERR_OK) err = rest_filter(r, params_text(&r->params, "cards"), "cards", &cards);
    json_array_begin(&j);
    for (size_t i = 0; lists && i < lists->count && err == ERR_OK; i++) {
        if (!trello_filter_allows(b, lists->at[i], filter)) continue;
        trello_write(&j, b, lists->at[i], &options);
        if (cards == TRELLO_NONE) continue;
        struct json_out open = object_reopen(r);
        struct cards_out c = {
                .rest = r, .board = b, .j = open, .options = card_options, .filter = cards};
        JSON_KEY(&c.j, "cards");
        json_array_begin(&c.j);
        err = cards_of_list(&c, lists->at[i]->id);
        json_array_end(&c.j);
        json_object_end(&c.j);
    }
    json_array_end(&j);
    return err;
}

static enum err board_lists_run(struct rest *r, struct board_view *bv)
{
    enum trello_filter filter = TRELLO_OPEN;
    struct board *b;
    bool cards = params_find(&r->params, "cards") != NULL;
    enum err err = filter_of(r, 1, &filter);
    if (err == ERR_OK)
        err = rest_load(r, bv,
                KINDS(LIST) | (cards ? KINDS(CARD) | KINDS(LABEL) | KINDS(CHECKLIST) : 0), &b);
    if (err != ERR_OK) return err;
    err = lists_write(r, bv, b, filter);
    board_free(b);
    return err;
}

void board_lists(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_lists_run, NULL);
}

/* -- labels, memberships, members */

static enum err kind_write(struct rest *r, struct board_view *bv, enum kind kind)
{
    struct trello_options options = rest_trello_options(r, bv);
    struct json_out j = json_out(&r->out);
    struct board *b;
    enum err err = rest_fields(r, "fields", kind, &options.fields);
    if (err == ERR_OK)
        err = rest_load(
                r, bv, kind == KIND_LABEL ? KINDS(LABEL) | KINDS(CARD) : UINT64_C(1) << kind, &b);
    if (err != ERR_OK) return err;
    json_array_begin(&j);
    for (struct object *o = b->objects; o; o = o->hh.next) {
        if (o->kind == kind) trello_write(&j, b, o, &options);
    }
    json_array_end(&j);
    board_free(b);
    return ERR_OK;
}

static enum err board_labels_run(struct rest *r, struct board_view *bv)
{
    return kind_write(r, bv, KIND_LABEL);
}

void board_labels(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_labels_run, NULL);
}

static enum err board_memberships_run(struct rest *r, struct board_view *bv)
{
    return kind_write(r, bv, KIND_MEMBERSHIP);
}

void board_memberships(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_memberships_run, NULL);
}

static enum err board_members_run(struct rest *r, struct board_view *bv)
{
    struct slice filter = r->args[1].len ? r->args[1] : params_text(&r->params, "filter");
    struct json_out j = json_out(&r->out);
    struct board *b;
    bool admins = slice_eq(filter, SLICE("admins")) || slice_eq(filter, SLICE("owners")),
         normal = slice_eq(filter, SLICE("normal"));
    if (filter.len && !admins && !normal && !slice_eq(filter, SLICE("all")) &&
            !slice_eq(filter, SLICE("none")))
        return fault_set(&r->fault, ERR_INVALID, "filter", "is none of the known",
                "all, admins, owners, normal or none");
    enum err err = rest_load(r, bv, 0, &b);
    if (err != ERR_OK) return err;
    json_array_begin(&j);
    for (size_t i = 0; i < b->count[KIND_MEMBERSHIP] && !slice_eq(filter, SLICE("none")); i++) {
        struct id member = object_value(b->memberships[i], F_MEMBERSHIP_ID_MEMBER)->id;
        enum role role = board_role(b, member);
        if ((admins && role != ROLE_ADMIN) || (normal && role != ROLE_NORMAL)) continue;
        rest_member_write(r, bv->view, member, &j);
    }
    json_array_end(&j);
    board_free(b);
    return ERR_OK;
}

void board_members(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_members_run, NULL);
}
