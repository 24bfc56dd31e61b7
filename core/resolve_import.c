#include "core/attachment.h"
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/cover.h"
#include "core/custom_field.h"
#include "core/organization.h"
#include "core/resolve.h"

size_t kind_quota(enum kind kind)
{
    switch (kind) {
    case KIND_LIST: return LISTS_PER_BOARD_MAX;
    case KIND_CARD: return CARDS_PER_BOARD_MAX;
    case KIND_LABEL: return LABELS_PER_BOARD_MAX;
    case KIND_MEMBERSHIP: return MEMBERS_PER_BOARD_MAX;
    case KIND_CHECKLIST: return CHECKLISTS_PER_BOARD_MAX;
    case KIND_CHECK_ITEM: return CHECK_ITEMS_PER_BOARD_MAX;
    case KIND_COMMENT: return COMMENTS_PER_BOARD_MAX;
    case KIND_ATTACHMENT: return ATTACHMENTS_PER_BOARD_MAX;
    case KIND_CUSTOM_FIELD: return CUSTOM_FIELDS_MAX;
    case KIND_FIELD_OPTION: return CUSTOM_FIELDS_MAX * OPTIONS_PER_FIELD_MAX;
    case KIND_FIELD_ITEM: return FIELD_ITEMS_PER_BOARD_MAX;
    case KIND_NONE:
    case KIND_BOARD:
    case KIND_MEMBER:
    case KIND_SESSION:
    case KIND_LINK:
    case KIND_SHELF:
    case KIND_ORGANIZATION:
    case KIND_ORG_MEMBERSHIP:
    case KIND_LIMIT: break;
    }
    return 0;
}

/* Fields as they come, except what may not be absent or wrong: null takes the default. */
static enum err read_members(struct change *ch, enum kind kind, json_t *fields,
        struct value *values, struct slice *ret_desc)
{
    for (void *it = json_object_iter(fields); it != NULL; it = json_object_iter_next(fields, it)) {
        const char *name = json_object_iter_key(it);
        const json_t *json = json_object_iter_value(it);
        enum field f;
        struct value value;
        if (strcmp(name, "id") == 0 || strcmp(name, "s") == 0) continue;
        if (!field_parse(kind, slice_cstr(name), &f))
            return fault_setf(ch->fault, ERR_INVALID, name, "fields of the model",
                    "is not a field of %.*s", SLICE_ARG(kind_info(kind)->name));
        if (json_is_null(json) && !field_info(f)->null_allowed) continue;
        enum err err = value_read(f, json, &value, ch->fault);
        if (err) return err;
        if (field_info(f)->type == FIELD_TEXT) {
            *ret_desc = arena_dup(ch->arena, value_slice(&value));
            value_fini(&value);
            continue;
        }
        value_fini(values_at(values, f));
        *values_at(values, f) = value;
    }
    return ERR_OK;
}

static void set_only_known(struct change *ch, struct value *set, bool labels)
{
    for (uint32_t i = 0; set->set != NULL && i < set->set->count;) {
        struct id id = set->set->ids[i];
        bool known = labels ? board_get(ch->board, KIND_LABEL, id) != NULL
                            : board_membership(ch->board, id) != NULL;
        if (known)
            i++;
        else
            value_set_put(set, id, false);
    }
}

/* What every card must have, when the file has it not. Who left meanwhile is not on it. */
static enum err complete_card(struct change *ch, struct id id, struct value *values, bool ours)
{
    struct value *list = values_at(values, F_CARD_ID_LIST);
    struct value *id_short = values_at(values, F_CARD_ID_SHORT);
    struct value *short_link = values_at(values, F_CARD_SHORT_LINK);
    char text[SHORT_LINK_TEXT + 1];
    set_only_known(ch, values_at(values, F_CARD_ID_MEMBERS), false);
    set_only_known(ch, values_at(values, F_CARD_ID_MEMBERS_VOTED), false);
    if (!ours) cover_import(ch->arena, values_at(values, F_CARD_COVER));
    if (board_get(ch->board, KIND_LIST, list->id) == NULL) /* the none id, where it has none */
        return fault_set(ch->fault, ERR_INVALID, "idList", "names no list of this board",
                "a list that was added before");
    if (id_short->num < 1) *id_short = value_num(ch->board->head.next_short);
    if (!short_link_valid(value_slice(short_link))) {
        short_link_make(id, text);
        value_fini(short_link);
        *short_link = value_str(slice_cstr(text));
    }
    return ERR_OK;
}

static enum err complete_part(struct change *ch, const struct value *card)
{
    if (board_get(ch->board, KIND_CARD, card->id) != NULL) return ERR_OK;
    return fault_set(ch->fault, ERR_INVALID, "idCard", "names no card of this board",
            "a card that was added before");
}

static enum err complete_item(struct change *ch, struct value *values)
{
    const struct value *id = values_at(values, F_CHECK_ITEM_ID_CHECKLIST);
    struct value *state = values_at(values, F_CHECK_ITEM_STATE);
    struct value *member = values_at(values, F_CHECK_ITEM_ID_MEMBER);
    struct object *checklist = board_get(ch->board, KIND_CHECKLIST, id->id);
    if (checklist == NULL)
        return fault_set(ch->fault, ERR_INVALID, "idChecklist", "names no checklist of this board",
                "a checklist that was added before");
    *values_at(values, F_CHECK_ITEM_ID_CARD) =
            value_id(object_value(checklist, F_CHECKLIST_ID_CARD)->id);
    if (member->type == VALUE_ID && board_membership(ch->board, member->id) == NULL)
        *member = (struct value){.type = VALUE_NULL};
    if (!check_state_known(state)) {
        value_fini(state);
        *state = value_str(SLICE("incomplete"));
    }
    return ERR_OK;
}

/* A file may leave it out, and what is there has a date. */
static void complete_date(struct change *ch, struct value *date)
{
    if (value_slice(date).len > 0) return;
    value_fini(date);
    *date = value_str(change_date(ch));
}

/* Links only: no file comes with an import. A copy of a file is the file. */
static enum err complete_attachment(struct change *ch, struct value *values, bool ours)
{
    struct value *name = values_at(values, F_ATTACHMENT_NAME);
    struct slice url = value_slice(values_at(values, F_ATTACHMENT_URL));
    bool file = value_slice(values_at(values, F_ATTACHMENT_FILE)).len > 0;
    complete_date(ch, values_at(values, F_ATTACHMENT_DATE));
    if (file && ours) return ERR_OK;
    if (!attachment_url_valid(url) || file)
        return fault_set(ch->fault, ERR_INVALID, "url", "is no link", "one with http or https");
    if (value_slice(name).len == 0) {
        value_fini(name);
        *name = value_copy(values_at(values, F_ATTACHMENT_URL));
    }
    return ERR_OK;
}

static enum err complete_custom_field(struct change *ch, enum kind kind, struct value *values)
{
    enum field up = kind == KIND_FIELD_OPTION ? F_FIELD_OPTION_ID_CUSTOM_FIELD
                                              : F_FIELD_ITEM_ID_CUSTOM_FIELD;
    if (kind == KIND_CUSTOM_FIELD) {
        if (custom_field_type_known(value_slice(values_at(values, F_CUSTOM_FIELD_TYPE))))
            return ERR_OK;
        return fault_set(
                ch->fault, ERR_INVALID, "type", "is no type of field", "text, number, ...");
    }
    struct object *field = board_get(ch->board, KIND_CUSTOM_FIELD, values_at(values, up)->id);
    if (field == NULL)
        return fault_set(ch->fault, ERR_INVALID, "idCustomField", "names no field of this board",
                "one that was added before");
    if (kind == KIND_FIELD_OPTION ||
            custom_field_value_fits(value_slice(object_value(field, F_CUSTOM_FIELD_TYPE)),
                    values_at(values, F_FIELD_ITEM_VALUE)))
        return ERR_OK;
    return fault_set(ch->fault, ERR_INVALID, "value", "is none of its field's type", "such a one");
}

/* By a file nobody comes but members of the workspace that the board is in. */
static bool may_come(struct change *ch, struct id member)
{
    const struct value *of = object_value(board_self(ch->board), F_BOARD_ID_ORGANIZATION);
    return of->type == VALUE_ID && ALWAYS(ch->directory != NULL) && /* import.add waits for it */
           organization_role(ch->directory, of->id, member) != ROLE_NONE &&
           board_membership(ch->board, member) == NULL;
}

/* Nor does it make anybody an admin. */
static enum err complete_membership(struct change *ch, const struct value *values)
{
    enum role role;
    if (role_parse(value_slice(&values[field_info(F_MEMBERSHIP_MEMBER_TYPE)->slot]), &role) &&
            role != ROLE_ADMIN)
        return ERR_OK;
    return fault_set(ch->fault, ERR_INVALID, "memberType", "is no one's by import",
            "normal or observer");
}

/* ours: copied from here, by this server: files and pictures are what they say. */
static enum err complete(
        struct change *ch, enum kind kind, struct id id, struct value *values, bool ours)
{
    if (kind == KIND_CARD) return complete_card(ch, id, values, ours);
    enum err err = ERR_OK;
    if (kind == KIND_CHECK_ITEM) return complete_item(ch, values);
    if (kind == KIND_MEMBERSHIP) return complete_membership(ch, values);
    if (kind == KIND_COMMENT) complete_date(ch, values_at(values, F_COMMENT_DATE));
    if (kind == KIND_ATTACHMENT) err = complete_attachment(ch, values, ours);
    if (kind == KIND_CUSTOM_FIELD || kind == KIND_FIELD_OPTION || kind == KIND_FIELD_ITEM)
        err = complete_custom_field(ch, kind, values);
    if (err) return err;
    enum field card = kind_card_field(kind);
    if (card != FIELD_COUNT) return complete_part(ch, values_at(values, card));
    return ERR_OK;
}

static void values_drop(enum kind kind, struct value *values)
{
    for (unsigned i = 0; i < kind_info(kind)->count; i++)
        value_fini(&values[i]);
}

/* The directory may have changed since the importer looked, the board since a copy's reader did. */
static bool still_fits(struct change *ch, enum kind kind, struct value *values, bool copy)
{
    if (kind == KIND_MEMBERSHIP) return may_come(ch, values_at(values, F_MEMBERSHIP_ID_MEMBER)->id);
    if (kind != KIND_FIELD_ITEM || !copy) return true;
    const struct value *option = values_at(values, F_FIELD_ITEM_ID_VALUE);
    struct id field = values_at(values, F_FIELD_ITEM_ID_CUSTOM_FIELD)->id;
    return board_get(ch->board, KIND_CUSTOM_FIELD, field) != NULL &&
           (option->type != VALUE_ID ||
                   board_get(ch->board, KIND_FIELD_OPTION, option->id) != NULL);
}

/* -- copies */

/* Before it is added. The root stands where the op says. */
static void copied(struct change *ch, const struct op *op, enum kind kind, struct id id,
        struct value *values, bool root)
{
    enum field pos = kind_pos_field(kind);
    if (kind == KIND_CARD) {
        set_only_known(ch, values_at(values, F_CARD_ID_LABELS), true);
        change_touch(ch, id, false);
    }
    if (!root || pos == FIELD_COUNT) return;
    enum field up = kind_parent_field(kind);
    struct id parent = up == FIELD_COUNT ? ch->board->id : values_at(values, up)->id;
    double *places = change_place(ch, board_children(ch->board, kind, parent), NULL, &op->place, 1);
    *values_at(values, pos) = value_num(places[0]);
}

/* Of list.copy the first object is the root. */
static enum err add_object(
        struct change *ch, enum kind kind, json_t *fields, const struct op *op, bool root)
{
    struct slice text, desc = {0};
    bool copy = op->name == OP_LIST_COPY;
    struct id id;
    if (!json_get_slice(fields, "id", &text) || !id_parse(text, &id) || id_is_none(id))
        return fault_set(ch->fault, ERR_INVALID, "id", "is no id", "24 lower-case hex digits");
    enum err err = change_fresh(ch, id);
    if (!err) err = change_quota(ch, kind, kind_quota(kind));
    if (err) return err;
    struct value *values = values_new(ch, kind);
    err = read_members(ch, kind, fields, values, &desc);
    bool left_out = !err && !still_fits(ch, kind, values, copy);
    if (!err && !left_out) err = complete(ch, kind, id, values, copy || op->on);
    if (err || left_out) {
        values_drop(kind, values);
        return err;
    }
    enum field card = kind_card_field(kind);
    if (card != FIELD_COUNT) change_touch(ch, values_at(values, card)->id, !copy);
    if (copy) copied(ch, op, kind, id, values, root);
    change_add_text(ch, kind, id, values, desc);
    return ERR_OK;
}

enum err resolve_import(struct change *ch, const struct op *op)
{
    const json_t *objects = json_object_get(op->raw, "objects");
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *pair = json_array_get(objects, i);
        enum kind kind;
        if (!kind_parse(json_slice(json_array_get(pair, 0)), &kind) || kind_quota(kind) == 0)
            return fault_set(ch->fault, ERR_INVALID, "objects", "has an unknown kind",
                    "list, card, label, membership or a part of a card");
        enum err err = add_object(ch, kind, json_array_get(pair, 1), op, i == 0);
        if (err) return err;
    }
    return ERR_OK;
}
