/* action_data.c - `data` of an action: the board, list, card ... it is about, by the names they had
 * right after it, the new value of what was changed, and in `old` the one before. */
#include "core/action_impl.h"
#include "core/base/limits.h"
#include "core/organization.h"
#include "core/walk.h"

struct data {
    struct json_out *j;
    struct past *past;
    const struct action *action;
    struct object *subject; /* NULL: nothing is known of it */
};

static const struct effect_column *column_of(const struct action *a)
{
    return a->effect->form == EFFECT_SET ? &a->effect->columns[a->column] : NULL;
}

static void field_of(struct json_out *j, struct object *o, enum field f)
{
    json_key(j, field_info(f)->name);
    value_write(j, object_value(o, f));
}

/* -- what was changed */

/* Of {"a":1,"b":2} and {"a":1,"b":3} only b. */
static void changed_members(struct json_out *j, struct slice json, struct slice other)
{
    struct walk w = walk_of(json);
    struct slice key, value, there;
    size_t count = 0;
    json_object_begin(j);
    walk_take(&w, '{');
    while (walk_member(&w, &count, &key) && walk_value(&w, &value)) {
        if (walk_find(other, key, &there) && slice_eq(value, there)) continue;
        json_key(j, key);
        json_raw(j, value);
    }
    json_object_end(j);
}

static void changed_value(
        struct json_out *j, enum field f, const struct value *value, const struct value *other)
{
    json_key(j, field_info(f)->name);
    if (f == F_BOARD_PREFS)
        changed_members(j, value_slice(value), value_slice(other));
    else
        value_write(j, value);
}

static void write_new(struct data *d)
{
    const struct effect_column *c = column_of(d->action);
    const struct effect *fx = d->action->effect;
    if (fx->form == EFFECT_TXT) {
        json_key(d->j, field_info(fx->field)->name);
        json_str(d->j, past_text(d->past, fx->ids[0], fx->field));
    }
    if (c == NULL || d->subject == NULL) return;
    /* what it is called is there already */
    if (slice_eq(field_info(c->field)->name, SLICE("name")) || c->field == F_FIELD_OPTION_TEXT ||
            fx->kind == KIND_LABEL)
        return;
    changed_value(d->j, c->field, object_value(d->subject, c->field),
            &c->values[d->action->at]);
}

static void write_old(struct data *d)
{
    const struct effect_column *c = column_of(d->action);
    const struct effect *fx = d->action->effect;
    struct slice text;
    struct arena scratch;
    if (c == NULL && fx->form != EFFECT_TXT) return;
    JSON_KEY(d->j, "old");
    json_object_begin(d->j);
    if (c != NULL && d->subject != NULL)
        changed_value(d->j, c->field, &c->values[d->action->at],
                object_value(d->subject, c->field));
    if (fx->form == EFFECT_TXT && fx->has_inverse) {
        arena_init(&scratch, KIB(64), MIB(16));
        if (delta_apply(&scratch, past_text(d->past, fx->ids[0], fx->field), &fx->inverse, SIZE_MAX,
                    &text, NULL) == ERR_OK) {
            json_key(d->j, field_info(fx->field)->name);
            json_str(d->j, text);
        }
        arena_fini(&scratch);
    }
    json_object_end(d->j);
}

/* -- the objects */

static void write_board(struct data *d)
{
    struct object *board = past_get(d->past, KIND_BOARD, d->past->bv->board);
    JSON_KEY(d->j, "board");
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, d->past->bv->board);
    if (board != NULL) {
        field_of(d->j, board, F_BOARD_NAME);
        field_of(d->j, board, F_BOARD_SHORT_LINK);
    }
    if (d->action->effect->kind == KIND_BOARD) write_new(d);
    json_object_end(d->j);
}

/* Where a card came from, or went. By name only for who may read that board. */
static void write_other_board(struct data *d)
{
    struct board_view *bv = d->past->bv, other;
    struct fault ignored;
    struct slice member, json, name;
    struct id id;
    bool to = walk_find(d->action->event->tx, SLICE("to"), &member);
    if (!to && !walk_find(d->action->event->tx, SLICE("from"), &member)) return;
    if (member.len != ID_TEXT + 2 || !id_parse(slice_of(member.ptr + 1, ID_TEXT), &id)) return;
    if (to)
        JSON_KEY(d->j, "boardTarget");
    else
        JSON_KEY(d->j, "boardSource");
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, id);
    if (board_view_open(bv->view, &bv->actor, id, PERM_READ, &other, &ignored) == ERR_OK &&
            bv->view->ops->entity(bv->view, id, KIND_BOARD, id, &json) == ERR_OK &&
            walk_find(json, SLICE("name"), &name)) {
        JSON_KEY(d->j, "name");
        json_raw(d->j, name);
    }
    json_object_end(d->j);
}

static void write_list(struct data *d, struct slice key, struct id id, bool subject)
{
    struct object *list = subject ? d->subject : past_get(d->past, KIND_LIST, id);
    json_key(d->j, key);
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, id);
    if (list != NULL) field_of(d->j, list, F_LIST_NAME);
    if (subject) write_new(d);
    json_object_end(d->j);
}

static void write_card_lists(struct data *d, struct object *card)
{
    const struct effect_column *c = column_of(d->action);
    struct id list = object_value(card, F_CARD_ID_LIST)->id;
    if (c == NULL || c->field != F_CARD_ID_LIST) {
        write_list(d, SLICE("list"), list, false);
        return;
    }
    write_list(d, SLICE("listAfter"), list, false);
    write_list(d, SLICE("listBefore"), c->values[d->action->at].id, false);
}

static void write_card(struct data *d, struct id id)
{
    bool subject = d->action->effect->kind == KIND_CARD;
    struct object *card = subject ? d->subject : past_get(d->past, KIND_CARD, id);
    JSON_KEY(d->j, "card");
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, id);
    if (card != NULL) {
        field_of(d->j, card, F_CARD_ID_SHORT);
        field_of(d->j, card, F_CARD_NAME);
        field_of(d->j, card, F_CARD_SHORT_LINK);
    }
    if (subject) write_new(d);
    json_object_end(d->j);
    if (card != NULL) write_card_lists(d, card);
}

static void write_label(struct data *d, struct id id, bool subject)
{
    struct object *label = subject ? d->subject : past_get(d->past, KIND_LABEL, id);
    JSON_KEY(d->j, "label");
    json_object_begin(d->j);
    if (label != NULL) field_of(d->j, label, F_LABEL_COLOR);
    JSON_KEY(d->j, "id");
    json_id(d->j, id);
    if (label != NULL) field_of(d->j, label, F_LABEL_NAME);
    json_object_end(d->j);
    if (subject || label == NULL) return;
    JSON_KEY(d->j, "text");
    value_write(d->j, object_value(label, F_LABEL_NAME));
}

/* Of people only the name of today is known. */
static void write_member(struct data *d)
{
    struct view *v = d->past->bv->view;
    struct id id = d->action->member;
    struct slice json, name;
    if (id_is_none(id)) return;
    if (d->action->effect->form == EFFECT_ADD)
        JSON_KEY(d->j, "idMemberAdded");
    else
        JSON_KEY(d->j, "idMember");
    json_id(d->j, id);
    JSON_KEY(d->j, "member");
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, id);
    if (v->ops->entity(v, DIRECTORY_ID, KIND_MEMBER, id, &json) == ERR_OK &&
            walk_find(json, SLICE("fullName"), &name)) {
        JSON_KEY(d->j, "name");
        json_raw(d->j, name);
    }
    json_object_end(d->j);
}

/* The workspace that a board came to, or left. By name only for who is in it. */
static void write_organization(struct data *d)
{
    const struct effect_column *c = column_of(d->action);
    struct view *v = d->past->bv->view;
    enum role role = ROLE_NONE;
    struct slice json, name;
    if (c == NULL || c->field != F_BOARD_ID_ORGANIZATION || d->subject == NULL) return;
    const struct value *now = object_value(d->subject, c->field);
    struct id id = now->type == VALUE_ID ? now->id : c->values[d->action->at].id;
    JSON_KEY(d->j, "organization");
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, id);
    if (organization_role_read(v, id, d->past->bv->actor.member, &role) == ERR_OK &&
            role != ROLE_NONE &&
            v->ops->entity(v, DIRECTORY_ID, KIND_ORGANIZATION, id, &json) == ERR_OK &&
            walk_find(json, SLICE("displayName"), &name)) {
        JSON_KEY(d->j, "name");
        json_raw(d->j, name);
    }
    json_object_end(d->j);
}

static void write_custom_field(struct data *d, struct id id)
{
    struct object *field = past_get(d->past, KIND_CUSTOM_FIELD, id);
    JSON_KEY(d->j, "customField");
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, id);
    if (field != NULL) field_of(d->j, field, F_CUSTOM_FIELD_NAME);
    json_object_end(d->j);
}

/* What hangs on a card and has no shape of its own here: {"id","name"}, by the name of its kind.
 * A comment is one of Trello's actions. */
static void write_part(struct data *d)
{
    enum kind kind = d->action->effect->kind;
    enum field name, card;
    json_key(d->j, kind == KIND_COMMENT ? SLICE("action") : kind_info(kind)->name);
    json_object_begin(d->j);
    JSON_KEY(d->j, "id");
    json_id(d->j, d->action->effect->ids[d->action->at]);
    if (d->subject != NULL && field_parse(kind, SLICE("name"), &name))
        field_of(d->j, d->subject, name);
    if (d->subject != NULL && kind == KIND_FIELD_OPTION)
        field_of(d->j, d->subject, F_FIELD_OPTION_TEXT);
    if (kind == KIND_ATTACHMENT && d->subject != NULL &&
            value_slice(object_value(d->subject, F_ATTACHMENT_URL)).len > 0)
        field_of(d->j, d->subject, F_ATTACHMENT_URL);
    write_new(d);
    json_object_end(d->j);
    if (d->subject != NULL && field_parse(kind, SLICE("idCard"), &card))
        write_card(d, object_value(d->subject, card)->id);
    if (d->subject != NULL && kind == KIND_FIELD_OPTION)
        write_custom_field(d, object_value(d->subject, F_FIELD_OPTION_ID_CUSTOM_FIELD)->id);
}

void action_data_write(struct json_out *j, struct past *past, const struct action *action)
{
    const struct effect *fx = action->effect;
    struct id id = fx->ids[action->at];
    struct data d = {.j = j, .past = past, .action = action};
    d.subject = fx->form == EFFECT_DEL ? fx->objects[action->at] : past_get(past, fx->kind, id);
    json_object_begin(j);
    write_board(&d);
    write_organization(&d);
    if (fx->kind == KIND_CARD && action->event->tx.len > 0) write_other_board(&d);
    if (fx->kind == KIND_LIST)
        write_list(&d, SLICE("list"), id, true);
    else if (fx->kind == KIND_CARD)
        write_card(&d, id);
    else if (fx->kind == KIND_LABEL)
        write_label(&d, id, true);
    else if (fx->kind != KIND_BOARD && fx->kind != KIND_MEMBERSHIP)
        write_part(&d);
    if (fx->form == EFFECT_TAG && fx->field == F_CARD_ID_LABELS)
        write_label(&d, fx->element, false);
    if (fx->form == EFFECT_TAG && fx->field == F_CARD_ID_MEMBERS_VOTED) {
        JSON_KEY(j, "voted");
        json_bool(j, fx->on);
    }
    write_member(&d);
    if (fx->kind == KIND_MEMBERSHIP && d.subject != NULL)
        field_of(j, d.subject, F_MEMBERSHIP_MEMBER_TYPE);
    write_old(&d);
    json_object_end(j);
}
