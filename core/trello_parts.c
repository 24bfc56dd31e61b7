/* What hangs on cards, and custom fields, as Trello shows them. */
#include "core/base/limits.h"
#include "core/trello_out.h"
#include "core/walk.h"

/* -- checklists */

static void write_children(const struct trello_writer *w, enum kind kind, const struct object *o)
{
    static const struct trello_fields all = {.all = true};
    const struct siblings *s = board_children(w->b, kind, o->id);
    json_array_begin(w->j);
    for (size_t i = 0; s != NULL && i < s->count; i++) {
        json_object_begin(w->j);
        trello_members(w, s->at[i], &all);
        json_object_end(w->j);
    }
    json_array_end(w->j);
}

static void write_check_items(const struct trello_writer *w, const struct object *o)
{
    write_children(w, KIND_CHECK_ITEM, o);
}

static const struct member checklist_members[] = {
        STORED("name", F_CHECKLIST_NAME),
        MADE("idBoard", trello_id_board),
        STORED("idCard", F_CHECKLIST_ID_CARD),
        STORED("pos", F_CHECKLIST_POS),
        CONSTANT("limits", "{}"),
        MADE("checkItems", write_check_items),
        CONSTANT("creationMethod", "null"),
};

static const struct member check_item_members[] = {
        STORED("name", F_CHECK_ITEM_NAME),
        CONSTANT("nameData", "{\"emoji\":{}}"),
        STORED("pos", F_CHECK_ITEM_POS),
        STORED("state", F_CHECK_ITEM_STATE),
        STORED("due", F_CHECK_ITEM_DUE),
        STORED("dueReminder", F_CHECK_ITEM_DUE_REMINDER),
        STORED("idMember", F_CHECK_ITEM_ID_MEMBER),
        STORED("idChecklist", F_CHECK_ITEM_ID_CHECKLIST),
};

/* -- attachments */

/* As a part of a path (RFC 3986 section 2.3). */
static void add_encoded(struct buf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '.' || c == '_' || c == '~';
        if (plain)
            buf_add_char(out, c);
        else
            buf_add_format(out, "%%%02X", (unsigned)(unsigned char)c);
    }
}

/* Of a file its address here, Trello's own. */
static void write_attachment_url(const struct trello_writer *w, const struct object *o)
{
    char card[ID_TEXT + 1], id[ID_TEXT + 1];
    struct slice name = value_slice(value_of(o, F_ATTACHMENT_FILE_NAME));
    struct buf url;
    if (value_slice(value_of(o, F_ATTACHMENT_FILE)).len == 0) {
        value_write(w->j, value_of(o, F_ATTACHMENT_URL));
        return;
    }
    id_format(value_of(o, F_ATTACHMENT_ID_CARD)->id, card);
    id_format(o->id, id);
    buf_init(&url, KIB(16));
    buf_add(&url, w->options->base_url);
    buf_add_format(&url, "/1/cards/%s/attachments/%s/download/", card, id);
    add_encoded(&url, name.len > 0 ? name : SLICE("file"));
    CHECK(buf_ok(&url)); /* a file's name has SHORT_TEXT_UNITS_MAX units */
    json_str(w->j, buf_slice(&url));
    buf_fini(&url);
}

static const struct member attachment_members[] = {
        STORED("bytes", F_ATTACHMENT_BYTES),
        STORED("date", F_ATTACHMENT_DATE),
        CONSTANT("edgeColor", "null"),
        STORED("idMember", F_ATTACHMENT_ID_MEMBER),
        CONSTANT("isMalicious", "false"),
        STORED("isUpload", F_ATTACHMENT_IS_UPLOAD),
        STORED("mimeType", F_ATTACHMENT_MIME_TYPE),
        STORED("name", F_ATTACHMENT_NAME),
        CONSTANT("previews", "[]"),
        MADE("url", write_attachment_url),
        STORED("pos", F_ATTACHMENT_POS),
        STORED("fileName", F_ATTACHMENT_FILE_NAME),
};

/* -- custom fields */

static void write_display(const struct trello_writer *w, const struct object *o)
{
    struct slice json, stored = value_slice(value_of(o, F_CUSTOM_FIELD_DISPLAY));
    bool front = walk_find(stored, SLICE("cardFront"), &json) && slice_eq(json, SLICE("true"));
    json_object_begin(w->j);
    JSON_KEY(w->j, "cardFront");
    json_bool(w->j, front);
    json_object_end(w->j);
}

static void write_options(const struct trello_writer *w, const struct object *o)
{
    write_children(w, KIND_FIELD_OPTION, o);
}

static void write_option_value(const struct trello_writer *w, const struct object *o)
{
    json_object_begin(w->j);
    JSON_KEY(w->j, "text");
    value_write(w->j, value_of(o, F_FIELD_OPTION_TEXT));
    json_object_end(w->j);
}

static void write_option_color(const struct trello_writer *w, const struct object *o)
{
    const struct value *color = value_of(o, F_FIELD_OPTION_COLOR);
    json_str(w->j, color->type == VALUE_NULL ? SLICE("none") : value_slice(color));
}

static const struct member custom_field_members[] = {
        MADE("idModel", trello_id_board),
        CONSTANT("modelType", "\"board\""),
        MADE("display", write_display),
        STORED("name", F_CUSTOM_FIELD_NAME),
        STORED("pos", F_CUSTOM_FIELD_POS),
        MADE("options", write_options),
        STORED("type", F_CUSTOM_FIELD_TYPE),
        CONSTANT("isSuggestedField", "false"),
};

static const struct member field_option_members[] = {
        STORED("idCustomField", F_FIELD_OPTION_ID_CUSTOM_FIELD),
        MADE("value", write_option_value),
        MADE("color", write_option_color),
        STORED("pos", F_FIELD_OPTION_POS),
};

static const struct member field_item_members[] = {
        STORED("value", F_FIELD_ITEM_VALUE),
        STORED("idValue", F_FIELD_ITEM_ID_VALUE),
        STORED("idCustomField", F_FIELD_ITEM_ID_CUSTOM_FIELD),
        STORED("idModel", F_FIELD_ITEM_ID_CARD),
        CONSTANT("modelType", "\"card\""),
};

struct members trello_part_members(enum kind kind)
{
    if (kind == KIND_CHECKLIST) return MEMBERS(checklist_members);
    if (kind == KIND_CHECK_ITEM) return MEMBERS(check_item_members);
    if (kind == KIND_ATTACHMENT) return MEMBERS(attachment_members);
    if (kind == KIND_CUSTOM_FIELD) return MEMBERS(custom_field_members);
    if (kind == KIND_FIELD_OPTION) return MEMBERS(field_option_members);
    CHECK(kind == KIND_FIELD_ITEM);
    return MEMBERS(field_item_members);
}
