/* rest_card_parts.c - what hangs on a card: its board, list, members and labels. */
#include "net/api/rest_nouns.h"

const struct param_spec value_params[] = {{"value", PARAM_ANY, NULL}, {0}};
const struct param_spec card_label_post_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"color", PARAM_OPTION, "color"},
        {0},
};

/* -- reading */

/* The board with the one card, and that card. The caller frees the board. */
static enum err card_open(
        struct rest *r, struct board_view *bv, struct board **ret_board, struct object **ret_card)
{
    enum err err = rest_load(r, bv, 0, ret_board);
    if (err != ERR_OK) return err;
    err = load_entity(r, bv, *ret_board, KIND_CARD, r->at.id, ret_card);
    if (err != ERR_OK) board_free(*ret_board);
    return err;
}

static enum err card_board_run(struct rest *r, struct board_view *bv)
{
    r->at = (struct location){.board = bv->board, .kind = KIND_BOARD, .id = bv->board};
    return rest_object_run(r, bv);
}

void card_board(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_board_run, NULL);
}

static enum err card_list_run(struct rest *r, struct board_view *bv)
{
    struct board *b;
    struct object *card;
    enum err err = card_open(r, bv, &b, &card);
    if (err != ERR_OK) return err;
    struct id list = object_value(card, F_CARD_ID_LIST)->id;
    board_free(b);
    r->at = (struct location){.board = bv->board, .kind = KIND_LIST, .id = list};
    return rest_object_run(r, bv);
}

void card_list(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_list_run, NULL);
}

void card_people_write(struct rest *r, struct board_view *bv, const struct object *card,
        enum field set, struct json_out *j)
{
    const struct value *ids = &card->fields[field_info(set)->slot];
    json_array_begin(j);
    for (uint32_t i = 0; ids->set && i < ids->set->count; i++)
        rest_member_write(r, bv->view, ids->set->ids[i], j);
    json_array_end(j);
}

static enum err card_people_run(struct rest *r, struct board_view *bv, enum field set)
{
    struct json_out j = json_out(&r->out);
    struct board *b;
    struct object *card;
    enum err err = card_open(r, bv, &b, &card);
    if (err != ERR_OK) return err;
    card_people_write(r, bv, card, set, &j);
    board_free(b);
    return ERR_OK;
}

static enum err card_members_run(struct rest *r, struct board_view *bv)
{
    return card_people_run(r, bv, F_CARD_ID_MEMBERS);
}

void card_members(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_members_run, NULL);
}

/* -- labels and members on it */

static enum err card_label_ids_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct board *b;
    struct object *card;
    enum err err = card_open(r, bv, &b, &card);
    if (err != ERR_OK) return err;
    value_write(&j, object_value(card, F_CARD_ID_LABELS));
    board_free(b);
    return ERR_OK;
}

struct element {
    struct id id;
    bool on;
    const char *op;
};

static enum err card_element_run(struct rest *r, struct board_view *bv)
{
    const struct element *e = r->user;
    struct ops_out ops = rest_ops(r);
    (void)bv;
    r->want_kind = KIND_CARD;
    r->want_id = r->at.id;
    op_begin(r, &ops, slice_cstr(e->op), r->at.id);
    JSON_KEY(&ops.j, "element");
    json_id(&ops.j, e->id);
    JSON_KEY(&ops.j, "on");
    json_bool(&ops.j, e->on);
    op_if(r, &ops);
    op_end(&ops);
    rest_ops_end(&ops);
    return ERR_OK;
}

static void card_element(struct rest *r, struct slice text, const char *op, bool on)
{
    struct element *e = ARENA_NEW(&r->arena, struct element);
    *e = (struct element){.op = op, .on = on};
    if (!id_parse(text, &e->id)) {
        rest_refuse(r, ERR_INVALID, "value", "is not an id", "24 lower-case hex digits");
        return;
    }
    r->user = e;
    rest_read(r, KIND_CARD, r->args[0], card_element_run, rest_submit);
}

void card_label_add(struct rest *r)
{
    struct slice value = required(r, "value");
    r->want_run = card_label_ids_run;
    if (value.ptr) card_element(r, value, "card.label", true);
}

void card_label_remove(struct rest *r)
{
    r->fixed = SLICE("{\"_value\":null}");
    card_element(r, r->args[1], "card.label", false);
}

void card_member_add(struct rest *r)
{
    struct slice value = required(r, "value");
    r->want_run = card_members_run;
    if (value.ptr) card_element(r, value, "card.member", true);
}

void card_member_remove(struct rest *r)
{
    r->want_run = card_members_run;
    card_element(r, r->args[1], "card.member", false);
}

/* -- stickers, and what power-ups keep: there is none of it, which clients are told as a list */

static enum err nothing_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    (void)bv;
    json_array_begin(&j);
    json_array_end(&j);
    return ERR_OK;
}

void card_nothing(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], nothing_run, NULL);
}

void board_nothing(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], nothing_run, NULL);
}

/* -- votes: one's own only */

static enum err card_voters_run(struct rest *r, struct board_view *bv)
{
    return card_people_run(r, bv, F_CARD_ID_MEMBERS_VOTED);
}

void card_voters(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_voters_run, NULL);
}

static enum err card_vote_run(struct rest *r, struct board_view *bv)
{
    const struct element *e = r->user;
    struct ops_out ops = rest_ops(r);
    (void)bv;
    r->want_kind = KIND_CARD;
    r->want_id = r->at.id;
    if (!id_eq(e->id, r->actor.member))
        return fault_set(&r->fault, ERR_FORBIDDEN, "value", "is somebody else", "oneself");
    op_begin(r, &ops, slice_cstr(e->op), r->at.id);
    JSON_KEY(&ops.j, "on");
    json_bool(&ops.j, e->on);
    op_end(&ops);
    rest_ops_end(&ops);
    return ERR_OK;
}

static void card_vote(struct rest *r, struct slice who, bool on)
{
    struct element *e = ARENA_NEW(&r->arena, struct element);
    *e = (struct element){.id = r->actor.member, .op = "card.vote", .on = on};
    if (!slice_eq(who, SLICE("me")) && !id_parse(who, &e->id)) {
        rest_refuse(r, ERR_INVALID, "value", "is not an id", "one's own id, or me");
        return;
    }
    r->user = e;
    rest_read(r, KIND_CARD, r->args[0], card_vote_run, rest_submit);
}

void card_vote_add(struct rest *r)
{
    struct slice value = required(r, "value");
    r->want_run = card_voters_run;
    if (value.ptr) card_vote(r, value, true);
}

void card_vote_remove(struct rest *r)
{
    r->fixed = SLICE("{\"_value\":null}");
    card_vote(r, r->args[1], false);
}

/* A new label, put on the card in the same event. */
static enum err card_label_post_run(struct rest *r, struct board_view *bv)
{
    struct ops_out ops = rest_ops(r);
    (void)bv;
    r->want_kind = KIND_LABEL;
    r->want_id = rest_new_id(r);
    op_begin(r, &ops, SLICE("label.create"), r->want_id);
    enum err err = op_sets(r, &ops, card_label_post_params);
    op_end(&ops);
    op_begin(r, &ops, SLICE("card.label"), r->at.id);
    JSON_KEY(&ops.j, "element");
    json_id(&ops.j, r->want_id);
    JSON_KEY(&ops.j, "on");
    json_bool(&ops.j, true);
    op_end(&ops);
    rest_ops_end(&ops);
    return err;
}

void card_label_post(struct rest *r)
{
    rest_read(r, KIND_CARD, r->args[0], card_label_post_run, rest_submit);
}
