#include "core/base/limits.h"
#include "core/resolve.h"

static size_t limit_of(enum kind kind)
{
    switch (kind) {
    case KIND_LIST: return LISTS_PER_BOARD_MAX;
    case KIND_CARD: return CARDS_PER_BOARD_MAX;
    case KIND_LABEL: return LABELS_PER_BOARD_MAX;
    case KIND_MEMBERSHIP: return MEMBERS_PER_BOARD_MAX;
    case KIND_NONE:
    case KIND_BOARD:
    case KIND_MEMBER:
    case KIND_SESSION:
    case KIND_LINK:
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

/* What every card must have, when the file has it not. */
static enum err complete_card(struct change *ch, struct id id, struct value *values)
{
    struct value *list = values_at(values, F_CARD_ID_LIST);
    struct value *id_short = values_at(values, F_CARD_ID_SHORT);
    struct value *short_link = values_at(values, F_CARD_SHORT_LINK);
    char text[SHORT_LINK_TEXT + 1];
    if (list->type != VALUE_ID || board_get(ch->board, KIND_LIST, list->id) == NULL)
        return fault_set(ch->fault, ERR_INVALID, "idList", "names no list of this board",
                "a list that was added before");
    if (!(id_short->num >= 1 && id_short->num < UINT32_MAX))
        *id_short = value_num(ch->board->head.next_short > 0 ? ch->board->head.next_short : 1);
    if (!short_link_valid(value_slice(short_link))) {
        short_link_make(id, text);
        value_fini(short_link);
        *short_link = value_str(slice_cstr(text));
    }
    return ERR_OK;
}

static enum err add_object(struct change *ch, enum kind kind, json_t *fields)
{
    struct slice text, desc = {0};
    struct id id;
    if (!json_get_slice(fields, "id", &text) || !id_parse(text, &id) || id_is_none(id))
        return fault_set(ch->fault, ERR_INVALID, "id", "is no id", "24 lower-case hex digits");
    enum err err = change_fresh(ch, id);
    if (!err) err = change_quota(ch, kind, limit_of(kind));
    if (err) return err;
    struct value *values = values_new(ch, kind);
    err = read_members(ch, kind, fields, values, &desc);
    if (!err && kind == KIND_CARD) err = complete_card(ch, id, values);
    if (err) {
        for (unsigned i = 0; i < kind_info(kind)->count; i++)
            value_fini(&values[i]);
        return err;
    }
    change_add_text(ch, kind, id, values, desc);
    return ERR_OK;
}

enum err resolve_import(struct change *ch, const struct op *op)
{
    const json_t *objects = json_object_get(op->raw, "objects");
    for (size_t i = 0; i < json_array_size(objects); i++) {
        const json_t *pair = json_array_get(objects, i);
        enum kind kind;
        if (!kind_parse(json_slice(json_array_get(pair, 0)), &kind) || limit_of(kind) == 0)
            return fault_set(ch->fault, ERR_INVALID, "objects", "has an unknown kind",
                    "list, card, label or membership");
        enum err err = add_object(ch, kind, json_array_get(pair, 1));
        if (err) return err;
    }
    return ERR_OK;
}
