/* Custom fields of the file: their options, and what cards have in them. */
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/custom_field.h"
#include "core/trello_in_impl.h"

static enum err import_option(struct trello_in *t, struct id field, size_t index, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    struct slice value, text;
    struct value v;
    if (!import_cut(t, KIND_FIELD_OPTION, json, &p)) return ERR_OK;
    m.id = import_id(t, ENTRY_OPTION, import_text(t, p.id));
    import_take(t, KIND_FIELD_OPTION, &p, SLICE("an option"), &m);
    import_default_pos(&m, F_FIELD_OPTION_POS, index);
    import_made_put(&m, F_FIELD_OPTION_ID_CUSTOM_FIELD, value_id(field));
    if (walk_find(json, SLICE("value"), &value) && walk_find(value, SLICE("text"), &text) &&
            import_value(t, F_FIELD_OPTION_TEXT, text, SLICE("an option"), &v))
        import_made_put(&m, F_FIELD_OPTION_TEXT, v);
    if (slice_eq(import_text(t, import_field(&p, F_FIELD_OPTION_COLOR)), SLICE("none")))
        import_made_put(&m, F_FIELD_OPTION_COLOR, (struct value){.type = VALUE_NULL});
    return import_emit(t, KIND_FIELD_OPTION, &m);
}

/* The type of a field is looked up by its id in the file. */
static struct slice typed(struct trello_in *t, struct slice id, struct slice type)
{
    struct buf key;
    buf_init(&key, KIB(4));
    buf_add(&key, id);
    buf_add_char(&key, '\n');
    buf_add(&key, type);
    struct slice kept = arena_dup(&t->scratch, buf_slice(&key));
    buf_fini(&key);
    return kept;
}

enum err import_custom_field(struct trello_in *t, size_t index, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    struct slice option;
    size_t count = 0;
    if (!import_cut(t, KIND_CUSTOM_FIELD, json, &p)) return ERR_OK;
    struct slice name = import_text(t, import_field(&p, F_CUSTOM_FIELD_NAME)),
                 type = import_text(t, import_field(&p, F_CUSTOM_FIELD_TYPE)),
                 old = import_text(t, p.id);
    if (!custom_field_type_known(type) || t->fields_sent >= CUSTOM_FIELDS_MAX) {
        import_unsupported(t, SLICE("customFields"), 1);
        return ERR_OK;
    }
    m.id = import_id(t, ENTRY_FIELD, old);
    import_put(t, ENTRY_FIELD, typed(t, old, type), m.id);
    import_take(t, KIND_CUSTOM_FIELD, &p, name, &m);
    import_default_pos(&m, F_CUSTOM_FIELD_POS, index);
    import_made_put(&m, F_CUSTOM_FIELD_TYPE, value_str(type));
    struct id field = m.id;
    t->fields_sent++;
    enum err err = import_emit(t, KIND_CUSTOM_FIELD, &m);
    struct walk w = walk_of(p.options);
    if (err != ERR_OK || !walk_is(&w, '[') || !walk_take(&w, '[')) return err;
    while (err == ERR_OK && walk_element(&w, &count) && walk_value(&w, &option))
        err = import_option(t, field, count, option);
    return err;
}

/* Which type the field has, by its id in the file; empty: there is none. */
static struct slice type_of(struct trello_in *t, struct slice old)
{
    static const char *const types[] = {"checkbox", "date", "list", "number", "text"};
    struct id id;
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        if (import_find(t, ENTRY_FIELD, typed(t, old, slice_cstr(types[i])), &id))
            return slice_cstr(types[i]);
    return slice_of(NULL, 0);
}

static enum err import_value_of(struct trello_in *t, struct id card, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    struct id field, option;
    if (!import_cut(t, KIND_FIELD_ITEM, json, &p)) return ERR_OK;
    struct slice old = import_text(t, import_field(&p, F_FIELD_ITEM_ID_CUSTOM_FIELD)),
                 option_old = import_text(t, import_field(&p, F_FIELD_ITEM_ID_VALUE)),
                 type = type_of(t, old);
    struct value value = {.type = VALUE_NULL};
    bool list = slice_eq(type, SLICE("list"));
    bool good = type.len > 0 && import_find(t, ENTRY_FIELD, old, &field);
    if (good && list) good = import_find(t, ENTRY_OPTION, option_old, &option);
    if (good && !list)
        good = import_value(t, F_FIELD_ITEM_VALUE, import_field(&p, F_FIELD_ITEM_VALUE),
                       SLICE("a custom field"), &value) &&
               value.type == VALUE_JSON && custom_field_value_fits(type, &value);
    if (!good) {
        value_fini(&value);
        import_unsupported(t, SLICE("customFieldItems"), 1);
        return ERR_OK;
    }
    m.id = import_id(t, ENTRY_USED, import_text(t, p.id));
    import_made_put(&m, F_FIELD_ITEM_ID_CARD, value_id(card));
    import_made_put(&m, F_FIELD_ITEM_ID_CUSTOM_FIELD, value_id(field));
    if (list)
        import_made_put(&m, F_FIELD_ITEM_ID_VALUE, value_id(option));
    else
        import_made_put(&m, F_FIELD_ITEM_VALUE, value);
    t->values_sent++;
    return import_emit(t, KIND_FIELD_ITEM, &m);
}

enum err import_card_values(struct trello_in *t, struct slice json)
{
    struct import_parts p;
    struct id card;
    struct slice item;
    size_t count = 0;
    enum err err = ERR_OK;
    if (!import_cut(t, KIND_CARD, json, &p) ||
            !import_find(t, ENTRY_CARD, import_text(t, p.id), &card))
        return ERR_OK;
    struct walk w = walk_of(p.field_items);
    if (!walk_is(&w, '[') || !walk_take(&w, '[')) return ERR_OK;
    while (err == ERR_OK && walk_element(&w, &count) && walk_value(&w, &item))
        err = import_value_of(t, card, item);
    return err;
}
