/* From wire JSON to struct op. One row of `payloads` says which keys an op takes; one row of
 * `keys` how each is read. */
#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/base/utf.h"
#include "core/cover.h"
#include "core/op_keys.h"

enum sets { SETS_NONE, SETS_PLAIN, SETS_CREATE, SETS_ALL };

struct payload {
    uint32_t required, optional;
    enum sets sets;   /* which fields of the target's kind may stand beside the keys */
    enum field named; /* a field that must be among them; FIELD_COUNT: none */
};

#define B(key) (1u << KEY_##key)
#define PLACES (B(AFTER) | B(BEFORE) | B(POS))

static const struct payload payloads[OP_COUNT] = {
        [OP_BOARD_CREATE] = {0, B(DESC) | B(LISTS), SETS_CREATE, F_BOARD_NAME},
        [OP_BOARD_SET] = {0, B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_BOARD_CLOSE] = {0, B(IF), SETS_NONE, FIELD_COUNT},
        [OP_BOARD_REOPEN] = {0, B(IF), SETS_NONE, FIELD_COUNT},
        [OP_BOARD_DELETE] = {0, B(FORCE) | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_LIST_CREATE] = {B(ID), PLACES, SETS_CREATE, F_LIST_NAME},
        [OP_LIST_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_LIST_MOVE] = {B(ID), PLACES | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_LIST_CLOSE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_LIST_REOPEN] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_LIST_SORT] = {B(ID) | B(BY), B(DESCENDING), SETS_NONE, FIELD_COUNT},
        [OP_LIST_ARCHIVE_CARDS] = {B(ID), 0, SETS_NONE, FIELD_COUNT},
        [OP_LIST_MOVE_CARDS] = {B(ID) | B(ID_LIST), 0, SETS_NONE, FIELD_COUNT},
        [OP_LIST_DELETE] = {B(ID), B(ID_LIST) | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CARD_CREATE] = {B(ID) | B(ID_LIST), PLACES | B(DESC), SETS_CREATE, F_CARD_NAME},
        [OP_CARD_COPY] = {B(ID) | B(SOURCE) | B(ID_LIST), PLACES | B(DESC) | B(KEEP), SETS_CREATE,
                FIELD_COUNT},
        [OP_CARD_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_CARD_MOVE] = {B(ID), B(ID_LIST) | PLACES | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CARD_TRANSFER] = {B(ID_BOARD), B(ID) | B(IDS) | B(ID_LIST) | PLACES | B(IF), SETS_NONE,
                FIELD_COUNT},
        [OP_CARD_CLOSE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CARD_REOPEN] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CARD_DELETE] = {B(ID), B(FORCE) | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CARD_LABEL] = {B(ID) | B(ELEMENT) | B(ON), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CARD_MEMBER] = {B(ID) | B(ELEMENT) | B(ON), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CARD_VOTE] = {B(ID) | B(ON), 0, SETS_NONE, FIELD_COUNT},
        [OP_CARDS_MOVE] = {B(IDS) | B(ID_LIST), PLACES, SETS_NONE, FIELD_COUNT},
        [OP_CARDS_SET] = {B(IDS), B(FIELDS), SETS_PLAIN, FIELD_COUNT},
        [OP_CARDS_BADGES] = {B(IDS), 0, SETS_NONE, FIELD_COUNT},
        [OP_CHECKLIST_CREATE] = {B(ID) | B(ID_CARD), PLACES, SETS_CREATE, F_CHECKLIST_NAME},
        [OP_CHECKLIST_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_CHECKLIST_MOVE] = {B(ID), PLACES | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CHECKLIST_DELETE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CHECK_ITEM_CREATE] = {B(ID) | B(ID_CHECKLIST), PLACES, SETS_CREATE, F_CHECK_ITEM_NAME},
        [OP_CHECK_ITEM_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_CHECK_ITEM_MOVE] = {B(ID), B(ID_CHECKLIST) | PLACES | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CHECK_ITEM_DELETE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_COMMENT_CREATE] = {B(ID) | B(ID_CARD), 0, SETS_CREATE, F_COMMENT_TEXT},
        [OP_COMMENT_SET] = {B(ID), B(IF), SETS_PLAIN, F_COMMENT_TEXT},
        [OP_COMMENT_DELETE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_COMMENT_REACT] = {B(ID) | B(EMOJI) | B(ON), 0, SETS_NONE, FIELD_COUNT},
        [OP_ATTACHMENT_CREATE] = {B(ID) | B(ID_CARD), PLACES, SETS_CREATE, F_ATTACHMENT_URL},
        [OP_ATTACHMENT_FILE] = {B(ID) | B(ID_CARD), PLACES, SETS_ALL, F_ATTACHMENT_FILE},
        [OP_ATTACHMENT_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_ATTACHMENT_MOVE] = {B(ID), PLACES | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_ATTACHMENT_DELETE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CUSTOM_FIELD_CREATE] = {B(ID), PLACES, SETS_CREATE, F_CUSTOM_FIELD_NAME},
        [OP_CUSTOM_FIELD_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_CUSTOM_FIELD_MOVE] = {B(ID), PLACES | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_CUSTOM_FIELD_DELETE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_FIELD_OPTION_CREATE] = {B(ID), PLACES, SETS_CREATE, F_FIELD_OPTION_ID_CUSTOM_FIELD},
        [OP_FIELD_OPTION_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_FIELD_OPTION_MOVE] = {B(ID), PLACES | B(IF), SETS_NONE, FIELD_COUNT},
        [OP_FIELD_OPTION_DELETE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_FIELD_ITEM_SET] = {B(ID) | B(ID_CARD), 0, SETS_ALL, F_FIELD_ITEM_ID_CUSTOM_FIELD},
        [OP_LABEL_CREATE] = {B(ID), 0, SETS_CREATE, FIELD_COUNT},
        [OP_LABEL_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_LABEL_DELETE] = {B(ID), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_TEXT] = {B(KIND) | B(ID) | B(FIELD) | B(DELTA), 0, SETS_NONE, FIELD_COUNT},
        [OP_TEXT_PUT] = {B(KIND) | B(ID) | B(FIELD) | B(TEXT), B(IF), SETS_NONE, FIELD_COUNT},
        [OP_MEMBER_ADD] = {B(MEMBER) | B(ROLE), 0, SETS_NONE, FIELD_COUNT},
        [OP_MEMBER_REMOVE] = {B(MEMBER), 0, SETS_NONE, FIELD_COUNT},
        [OP_MEMBER_ROLE] = {B(MEMBER) | B(ROLE), 0, SETS_NONE, FIELD_COUNT},
        [OP_MEMBER_JOIN] = {0, 0, SETS_NONE, FIELD_COUNT},
        [OP_ORG_CREATE] = {B(ID), 0, SETS_CREATE, F_ORGANIZATION_DISPLAY_NAME},
        [OP_ORG_SET] = {B(ID), B(IF), SETS_PLAIN, FIELD_COUNT},
        [OP_ORG_DELETE] = {B(ID), 0, SETS_NONE, FIELD_COUNT},
        [OP_ORG_MEMBER_ADD] = {B(ID) | B(MEMBER) | B(ROLE), 0, SETS_NONE, FIELD_COUNT},
        [OP_ORG_MEMBER_ROLE] = {B(ID) | B(MEMBER) | B(ROLE), 0, SETS_NONE, FIELD_COUNT},
        [OP_ORG_MEMBER_REMOVE] = {B(ID) | B(MEMBER), 0, SETS_NONE, FIELD_COUNT},
        [OP_IMPORT_ADD] = {B(OBJECTS), B(FILES), SETS_NONE, FIELD_COUNT},
        [OP_LIST_COPY] = {B(OBJECTS), PLACES, SETS_NONE, FIELD_COUNT},
        [OP_REVERT] = {B(RECORD), B(ID), SETS_NONE, FIELD_COUNT},
        [OP_DIR_MEMBER] = {B(ID), 0, SETS_ALL, F_MEMBER_FULL_NAME},
        [OP_DIR_LINK] = {B(ID), 0, SETS_ALL, F_LINK_HASH},
        [OP_DIR_UNLINK] = {B(ID), 0, SETS_NONE, FIELD_COUNT},
        [OP_DIR_SIGN_IN] = {B(ID) | B(LINK) | B(LINK_HASH), 0, SETS_ALL, F_SESSION_HASH},
        [OP_DIR_SIGN_OUT] = {B(ID), 0, SETS_NONE, FIELD_COUNT},
        [OP_DIR_STAR] = {B(ID), 0, SETS_ALL, F_SHELF_STAR},
        [OP_DIR_WATCH] = {B(ID) | B(ELEMENT) | B(ON), 0, SETS_ALL, F_SHELF_ID_BOARD},
};

/* Some fields that only resolvers change later may be given when the object is made. */
static bool settable(const struct payload *p, enum field f)
{
    const struct field_info *info = field_info(f);
    if (info->type == FIELD_TEXT || p->sets == SETS_NONE) return false;
    if (p->sets == SETS_ALL || info->write != WRITE_SYS) return true;
    return p->sets == SETS_CREATE &&
           (f == F_CARD_ID_LABELS || f == F_CARD_ID_MEMBERS || f == F_LIST_CLOSED ||
                   f == F_BOARD_CLOSED || f == F_CUSTOM_FIELD_TYPE ||
                   f == F_FIELD_OPTION_ID_CUSTOM_FIELD || f == F_ATTACHMENT_URL ||
                   f == F_ATTACHMENT_MIME_TYPE);
}

static const struct effect_column *set_find(const struct op *op, enum field f)
{
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == f) return &op->sets[i];
    return NULL;
}

/* A day alone or another zone is read too; what is stored, and answered, is a moment in UTC in its
 * one form. */
static void tidy_date(struct value *value)
{
    char text[DATE_TEXT + 1];
    int64_t ms = 0;
    if (value->type != VALUE_STR) return;
    bool read = date_parse(value_slice(value), &ms);
    CHECK(read);
    date_format(ms, text);
    value_fini(value);
    *value = value_str(slice_of(text, DATE_TEXT));
}

static enum err read_set(struct decode *d, enum field f, const json_t *json)
{
    struct value *value = ARENA_NEW(d->arena, struct value);
    if (set_find(d->op, f) != NULL)
        return fault_set(d->fault, ERR_INVALID, d->name, "is given twice", "each field once");
    enum err err = value_read(f, json, value, d->fault);
    if (!err && f == F_CARD_COVER) {
        err = cover_tidy(d->arena, value, d->fault);
        if (err) value_fini(value);
    }
    if (err) return err;
    if (field_info(f)->type == FIELD_DATE) tidy_date(value);
    d->op->sets[d->op->set_count++] =
            (struct effect_column){.field = f, .count = 1, .values = value};
    return ERR_OK;
}

static enum err unknown_field(struct decode *d)
{
    const struct slice wire = op_info(d->op->name)->wire;
    return fault_setf(d->fault, ERR_INVALID, d->name, "only the fields that the op knows",
            "is not a field of %.*s", SLICE_ARG(wire));
}

enum err op_fields_read(struct decode *d, const json_t *json)
{
    const struct payload *p = &payloads[d->op->name];
    if (!json_is_object(json)) return op_bad(d, json, "an object of fields");
    for (void *it = json_object_iter((json_t *)(uintptr_t)json); it != NULL;
            it = json_object_iter_next((json_t *)(uintptr_t)json, it)) {
        enum field f;
        d->name = json_object_iter_key(it);
        if (!field_parse(d->op->kind, slice_cstr(d->name), &f) || !settable(p, f))
            return unknown_field(d);
        enum err err = read_set(d, f, json_object_iter_value(it));
        if (err) return err;
    }
    return ERR_OK;
}

static enum err read_one(struct decode *d, const json_t *json, uint32_t *seen)
{
    const struct payload *p = &payloads[d->op->name];
    enum field f;
    for (unsigned k = 0; k < OP_KEY_COUNT; k++) {
        if (!((p->required | p->optional) & (1u << k)) || strcmp(op_key(k)->wire, d->name) != 0)
            continue;
        *seen |= 1u << k;
        return op_key(k)->read(d, json);
    }
    if (kind_known(d->op->kind) && field_parse(d->op->kind, slice_cstr(d->name), &f) &&
            settable(p, f))
        return read_set(d, f, json);
    return unknown_field(d);
}

static enum err missing(struct decode *d, const char *name)
{
    return fault_setf(d->fault, ERR_INVALID, name, "this field", "is missing from %.*s",
            SLICE_ARG(op_info(d->op->name)->wire));
}

/* One card or several: `ids` names them all. */
static enum err one_or_many(struct decode *d, uint32_t seen)
{
    struct op *op = d->op;
    if ((seen & B(ID)) != 0 && (seen & B(IDS)) != 0)
        return fault_set(d->fault, ERR_INVALID, "ids", "comes together with `id`", "one of them");
    if ((seen & (B(ID) | B(IDS))) == 0) return missing(d, "id");
    if ((seen & B(IDS)) != 0) return ERR_OK;
    op->ids = &op->id;
    op->id_count = 1;
    return ERR_OK;
}

/* What one member alone cannot say: nothing required is absent, and the op asks for something. */
static enum err finish(struct decode *d, uint32_t seen)
{
    struct op *op = d->op;
    const struct payload *p = &payloads[op->name];
    for (unsigned k = 0; k < OP_KEY_COUNT; k++)
        if ((p->required & ~seen) & (1u << k)) return missing(d, op_key(k)->wire);
    if (p->named != FIELD_COUNT && set_find(op, p->named) == NULL) {
        struct slice name = field_info(p->named)->name;
        return missing(d, arena_cstr(d->arena, name));
    }
    if (p->sets == SETS_PLAIN && op->set_count == 0)
        return fault_set(d->fault, ERR_INVALID, "", "names no field to set", "at least one field");
    for (uint32_t i = 0; i < op->set_count; i++)
        if (field_never_empty(op->sets[i].field) && value_slice(&op->sets[i].values[0]).len == 0)
            return fault_set(d->fault, ERR_INVALID, field_info(op->sets[i].field)->name.ptr,
                    "is empty", "at least one character");
    if (op->name == OP_TEXT || op->name == OP_TEXT_PUT)
        op->text_field = op->kind == KIND_BOARD ? F_BOARD_DESC : F_CARD_DESC;
    return op->name == OP_CARD_TRANSFER ? one_or_many(d, seen) : ERR_OK;
}

static enum err decode_one(struct decode *d, const json_t *json)
{
    uint32_t seen = 0;
    struct op *op = d->op;
    json_t *members = (json_t *)(uintptr_t)json;
    op->kind = op_info(op->name)->kind;
    op->if_s = UINT64_MAX;
    op->place.how = PLACE_BOTTOM;
    op->keep = ~0u;
    op->raw = json;
    op->sets = ARENA_NEW_ARRAY(d->arena, struct effect_column, FIELD_COUNT);
    for (void *it = json_object_iter(members); it != NULL;
            it = json_object_iter_next(members, it)) {
        d->name = json_object_iter_key(it);
        if (strcmp(d->name, "op") == 0) continue;
        enum err err = read_one(d, json_object_iter_value(it), &seen);
        if (err) return err;
    }
    return finish(d, seen);
}

static bool is_internal(enum op_name name)
{
    return op_on_directory(name) || name == OP_CARDS_BADGES || name == OP_IMPORT_ADD ||
           name == OP_LIST_COPY || name == OP_REVERT || name == OP_ATTACHMENT_FILE;
}

/* The op's name. Rows that only the server itself may use do not exist for anyone else. */
static enum err read_name(
        struct decode *d, const json_t *json, bool internal, enum op_name *ret_name)
{
    struct slice wire;
    d->name = "op";
    if (!json_is_object(json)) return op_bad(d, json, "an object with the member \"op\"");
    if (!json_get_slice(json, "op", &wire))
        return op_bad(d, json_object_get(json, "op"), "the name of an op");
    for (unsigned i = 0; i < OP_COUNT; i++) {
        if (!slice_eq(wire, op_info((enum op_name)i)->wire)) continue;
        if (!internal && is_internal((enum op_name)i)) break;
        *ret_name = (enum op_name)i;
        return ERR_OK;
    }
    return fault_setf(d->fault, ERR_INVALID, "op", "the name of an op", "is \"%.*s\"",
            SLICE_ARG(utf_head(wire, 40)));
}

/* cards.create is so many card.create: how many ops come of this element. */
static enum err expand(struct decode *d, const json_t *json, enum op_name name, size_t *ret_count)
{
    if (name != OP_CARDS_CREATE) {
        *ret_count = 1;
        return ERR_OK;
    }
    const json_t *cards = json_object_get(json, "cards");
    d->name = "cards";
    if (json_array_size(cards) == 0) return op_bad(d, cards, "an array of at least one card");
    for (size_t i = 0; i < json_array_size(cards); i++)
        if (!json_is_object(json_array_get(cards, i)))
            return op_bad(d, json_array_get(cards, i), "an object for each card");
    if (json_object_size(json) != 2)
        return fault_set(d->fault, ERR_INVALID, "cards", "has other members beside it",
                "cards.create with the one member \"cards\"");
    *ret_count = json_array_size(cards);
    return ERR_OK;
}

static enum err decode_all(
        struct decode *d, const json_t *list, bool internal, struct op *ops, uint32_t *count)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *json = json_array_get(list, i);
        enum op_name name = OP_COUNT;
        size_t many = 0;
        enum err err = read_name(d, json, internal, &name);
        if (!err) err = expand(d, json, name, &many);
        for (size_t k = 0; !err && k < many; k++) {
            bool cards = name == OP_CARDS_CREATE;
            d->op = &ops[(*count)++];
            d->op->name = cards ? OP_CARD_CREATE : name;
            err = decode_one(d, cards ? json_array_get(json_object_get(json, "cards"), k) : json);
        }
        if (err) return err;
    }
    return ERR_OK;
}

/* Room for every op that can come of the list; wrong elements count as one and are refused
 * later. */
static size_t most_ops(const json_t *list)
{
    size_t most = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        size_t cards = json_array_size(json_object_get(json_array_get(list, i), "cards"));
        most += cards > 1 ? cards : 1;
    }
    return most;
}

enum err ops_decode(struct arena *a, const json_t *ops, bool internal, struct op **ret_ops,
        uint32_t *ret_count, struct fault *fault)
{
    struct decode d = {.arena = a, .fault = fault, .name = "ops"};
    size_t count = json_array_size(ops);
    if (count == 0) return op_bad(&d, ops, "an array of at least one op");
    if (count > OPS_PER_MESSAGE_MAX)
        return fault_setf(
                fault, ERR_TOO_LARGE, "ops", "fewer ops in one message", "has %zu ops", count);
    size_t most = most_ops(ops);
    if (most > JSON_ITEMS_MAX)
        return fault_setf(
                fault, ERR_TOO_LARGE, "ops", "fewer cards in one message", "makes %zu ops", most);
    struct op *made = ARENA_NEW_ARRAY(a, struct op, most);
    uint32_t made_count = 0;
    enum err err = decode_all(&d, ops, internal, made, &made_count);
    for (uint32_t i = 0; i < made_count && made_count > 1 && !err; i++)
        if (made[i].name == OP_CARD_TRANSFER)
            err = fault_set(fault, ERR_INVALID, "ops", "has card.transfer among others",
                    "card.transfer in a message of its own");
    if (err) {
        ops_fini(made, made_count);
        return err;
    }
    *ret_ops = made;
    *ret_count = made_count;
    return ERR_OK;
}
