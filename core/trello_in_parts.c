#include "core/attachment.h"
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf.h"
#include "core/cover.h"
#include "core/trello_in_impl.h"

#define NAME_BYTES_IN_NOTES 40

/* -- checklists */

static enum err import_check_item(struct trello_in *t, const struct import_made *checklist,
        struct id card, size_t index, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    if (!import_cut(t, KIND_CHECK_ITEM, json, &p)) return ERR_OK;
    struct slice name = import_text(t, import_field(&p, F_CHECK_ITEM_NAME));
    m.id = import_id(t, ENTRY_USED, import_text(t, p.id));
    import_take(t, KIND_CHECK_ITEM, &p, name, &m);
    import_default_pos(&m, F_CHECK_ITEM_POS, index);
    import_person(t, F_CHECK_ITEM_ID_MEMBER, &p, SLICE("checkItemMembers"), &m);
    import_made_put(&m, F_CHECK_ITEM_ID_CARD, value_id(card));
    import_made_put(&m, F_CHECK_ITEM_ID_CHECKLIST, value_id(checklist->id));
    t->items_sent++;
    return import_emit(t, KIND_CHECK_ITEM, &m);
}

enum err import_checklist(struct trello_in *t, size_t index, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    struct id card;
    struct slice item;
    size_t count = 0;
    if (!import_cut(t, KIND_CHECKLIST, json, &p)) return ERR_OK;
    struct slice name = import_text(t, import_field(&p, F_CHECKLIST_NAME));
    if (!import_find(t, ENTRY_CARD, import_text(t, import_field(&p, F_CHECKLIST_ID_CARD)), &card)) {
        import_note(t, "checklist \"%.*s\": its card is not in the file; left out",
                SLICE_ARG(utf_head(name, NAME_BYTES_IN_NOTES)));
        return ERR_OK;
    }
    m.id = import_id(t, ENTRY_USED, import_text(t, p.id));
    import_take(t, KIND_CHECKLIST, &p, name, &m);
    import_default_pos(&m, F_CHECKLIST_POS, index);
    import_made_put(&m, F_CHECKLIST_ID_CARD, value_id(card));
    t->checklists_sent++;
    enum err err = import_emit(t, KIND_CHECKLIST, &m);
    struct walk w = walk_of(p.check_items);
    if (err != ERR_OK || !walk_is(&w, '[') || !walk_take(&w, '[')) return err;
    while (err == ERR_OK && walk_element(&w, &count) && walk_value(&w, &item))
        err = import_check_item(t, &m, card, count, item);
    return err;
}

/* -- attachments */

/* Covers that are no colour. */
static void count_pictures(struct trello_in *t, struct slice cover)
{
    static const char *const names[] = {"idAttachment", "idUploadedBackground", "url"};
    struct slice json;
    for (size_t i = 0; i < ARRAY_COUNT(names); i++)
        if (cover.len > 0 && walk_find(cover, slice_cstr(names[i]), &json) && json.len > 0 &&
                json.ptr[0] == '"') {
            import_unsupported(t, SLICE("covers with a picture"), 1);
            return;
        }
}

/* The stored file that it is; empty: none is known here. */
static struct slice file_of(struct trello_in *t, const struct import_parts *p)
{
    struct slice file = {0};
    if (t->options.files) file = import_text(t, import_field(p, F_ATTACHMENT_FILE));
    return file_hash_valid(file) ? file : (struct slice){0};
}

/* Whether the card has this one, with its file. */
static bool picture_there(struct trello_in *t, const struct import_parts *card, struct slice id)
{
    struct walk w = walk_of(card->attachments);
    struct import_parts p;
    struct slice one;
    size_t count = 0;
    if (!walk_is(&w, '[') || !walk_take(&w, '[')) return false;
    while (walk_element(&w, &count) && walk_value(&w, &one))
        if (import_cut(t, KIND_ATTACHMENT, one, &p) && slice_eq(import_text(t, p.id), id))
            return file_of(t, &p).len > 0;
    return false;
}

void import_cover(struct trello_in *t, const struct import_parts *p, struct import_made *m)
{
    struct value *value = &m->values[field_info(F_CARD_COVER)->slot];
    struct slice json, picture = {0};
    struct cover cover;
    if (value->type == VALUE_JSON && walk_find(value_slice(value), SLICE("idAttachment"), &json))
        picture = import_text(t, json);
    if (picture.len > 0 && picture_there(t, p, picture) &&
            cover_tidy(&t->scratch, value, NULL) == ERR_OK && cover_read(value, &cover)) {
        cover.attachment = import_id(t, ENTRY_ATTACHMENT, picture);
        value_fini(value);
        *value = cover_value(&cover);
        return;
    }
    count_pictures(t, import_field(p, F_CARD_COVER));
    cover_import(&t->scratch, value);
}

/* A file's bytes are not in an export: what is left of it is where they were. */
static enum err import_attachment(
        struct trello_in *t, struct id card, size_t index, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    if (!import_cut(t, KIND_ATTACHMENT, json, &p)) return ERR_OK;
    struct slice name = import_text(t, import_field(&p, F_ATTACHMENT_NAME)), file = file_of(t, &p);
    struct slice old = import_text(t, p.id);
    if (file.len == 0 &&
            !attachment_url_valid(import_text(t, import_field(&p, F_ATTACHMENT_URL)))) {
        import_note(t, "attachment \"%.*s\": it leads nowhere; left out",
                SLICE_ARG(utf_head(name, NAME_BYTES_IN_NOTES)));
        return ERR_OK;
    }
    if (!import_find(t, ENTRY_ATTACHMENT, old, &m.id)) m.id = import_id(t, ENTRY_USED, old);
    import_take(t, KIND_ATTACHMENT, &p, name, &m);
    import_default_pos(&m, F_ATTACHMENT_POS, index);
    import_person(t, F_ATTACHMENT_ID_MEMBER, &p, SLICE("attachmentMembers"), &m);
    import_made_put(&m, F_ATTACHMENT_ID_CARD, value_id(card));
    if (file.len > 0) {
        import_made_put(&m, F_ATTACHMENT_FILE, value_str(file));
        import_made_put(&m, F_ATTACHMENT_IS_UPLOAD, value_bool(true));
        import_made_put(&m, F_ATTACHMENT_URL, value_str(SLICE("")));
    } else {
        t->files_left += slice_eq(import_field(&p, F_ATTACHMENT_IS_UPLOAD), SLICE("true"));
    }
    t->attachments_sent++;
    return import_emit(t, KIND_ATTACHMENT, &m);
}

enum err import_attachments(struct trello_in *t, struct slice json)
{
    struct import_parts p;
    struct id card;
    struct slice one;
    size_t count = 0;
    enum err err = ERR_OK;
    if (!import_cut(t, KIND_CARD, json, &p) ||
            !import_find(t, ENTRY_CARD, import_text(t, p.id), &card))
        return ERR_OK;
    struct walk w = walk_of(p.attachments);
    if (!walk_is(&w, '[') || !walk_take(&w, '[')) return ERR_OK;
    while (err == ERR_OK && walk_element(&w, &count) && walk_value(&w, &one))
        err = import_attachment(t, card, count, one);
    return err;
}

/* -- comments */

/* Who wrote it is known by name only, when that person is nobody here. */
static struct slice author_of(struct trello_in *t, struct slice action)
{
    struct slice creator, name;
    if (!walk_find(action, SLICE("memberCreator"), &creator)) return (struct slice){0};
    if (walk_find(creator, SLICE("fullName"), &name)) {
        name = import_text(t, name);
        if (name.len > 0) return name;
    }
    return walk_find(creator, SLICE("username"), &name) ? import_text(t, name)
                                                        : (struct slice){0};
}

static void put_from(struct trello_in *t, struct import_made *m, enum field f, struct slice object,
        struct slice name)
{
    struct slice json;
    struct value v;
    if (walk_find(object, name, &json) && import_value(t, f, json, SLICE("a comment"), &v))
        import_made_put(m, f, v);
}

static enum err import_comment(struct trello_in *t, struct slice action)
{
    struct slice data, card_json, id_json = {0}, old = {0}, author = author_of(t, action);
    struct import_made m = {0};
    struct id card, by;
    if (walk_find(action, SLICE("id"), &id_json)) old = import_text(t, id_json);
    if (!walk_find(action, SLICE("data"), &data) || !walk_find(data, SLICE("card"), &card_json) ||
            !walk_find(card_json, SLICE("id"), &id_json) ||
            !import_find(t, ENTRY_CARD, import_text(t, id_json), &card)) {
        import_unsupported(t, SLICE("comments of deleted cards"), 1);
        return ERR_OK;
    }
    put_from(t, &m, F_COMMENT_TEXT, data, SLICE("text"));
    if (!m.has[field_info(F_COMMENT_TEXT)->slot]) return ERR_OK;
    m.id = import_id(t, ENTRY_USED, old);
    put_from(t, &m, F_COMMENT_DATE, action, SLICE("date"));
    put_from(t, &m, F_COMMENT_DATE_LAST_EDITED, data, SLICE("dateLastEdited"));
    import_made_put(&m, F_COMMENT_ID_CARD, value_id(card));
    if (import_author(t, action, &by))
        import_made_put(&m, F_COMMENT_ID_MEMBER_CREATOR, value_id(by));
    else if (author.len > 0)
        import_made_put(&m, F_COMMENT_AUTHOR, value_str(author));
    t->comments_sent++;
    return import_emit(t, KIND_COMMENT, &m);
}

enum err import_action(struct trello_in *t, struct slice json)
{
    struct slice type;
    if (walk_find(json, SLICE("type"), &type) && slice_eq(type, SLICE("\"commentCard\"")))
        return import_comment(t, json);
    import_unsupported(t, SLICE("actions"), 1);
    return ERR_OK;
}
