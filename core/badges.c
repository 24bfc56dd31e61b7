#include "core/badges.h"

#include "core/attachment.h"
#include "core/base/date.h"
#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/base/limits.h"
#include "core/base/utf.h"
#include "core/walk.h"

#define BADGES_BYTES_MAX   JSON_FIELD_BYTES_MAX
#define FACE_TEXT_BYTES    100      /* of a text: more than the width of a face */
#define FACE_VALUE_BYTES   KIB(1)   /* any value, as JSON with escapes, and its field */
#define FACE_FIELDS_BYTES  KIB(12)  /* of one card; beyond it values are left out */
#define FIELDS_NAME        SLICE("customFields")

_Static_assert(FACE_TEXT_BYTES * 6 + 64 <= FACE_VALUE_BYTES, "the longest text is a value");
_Static_assert(FACE_FIELDS_BYTES + FACE_VALUE_BYTES + KIB(1) <= BADGES_BYTES_MAX,
        "all badges of a card fit one field");

static uint32_t number(struct slice json)
{
    uint64_t n;
    return slice_to_u64(json, &n) && n <= UINT32_MAX ? (uint32_t)n : 0;
}

static void take_links(struct badges *badges, struct slice by_type)
{
    struct slice links, json;
    if (!walk_find(by_type, SLICE("trello"), &links)) return;
    if (walk_find(links, SLICE("board"), &json)) badges->links_to_boards = number(json);
    if (walk_find(links, SLICE("card"), &json)) badges->links_to_cards = number(json);
}

static void take_member(struct badges *badges, struct slice name, struct slice json)
{
    if (slice_eq(name, SLICE("attachments"))) badges->attachments = number(json);
    if (slice_eq(name, SLICE("attachmentsByType"))) take_links(badges, json);
    if (slice_eq(name, SLICE("checkItems"))) badges->check_items = number(json);
    if (slice_eq(name, SLICE("checkItemsChecked"))) badges->check_items_checked = number(json);
    if (slice_eq(name, SLICE("checkItemsEarliestDue")) && json.len > 2 && json.ptr[0] == '"')
        badges->earliest_due = slice_of(json.ptr + 1, json.len - 2);
    if (slice_eq(name, SLICE("comments"))) badges->comments = number(json);
    if (slice_eq(name, FIELDS_NAME)) badges->fields = json;
    if (slice_eq(name, SLICE("description"))) badges->description = slice_eq(json, SLICE("true"));
}

struct badges badges_of(const struct object *card)
{
    struct badges badges = {0};
    struct slice name, json;
    size_t count = 0;
    CHECK(card->kind == KIND_CARD);
    struct walk w = walk_of(value_slice(&card->fields[field_info(F_CARD_BADGES)->slot]));
    if (!walk_take(&w, '{')) return badges;
    while (walk_member(&w, &count, &name) && walk_value(&w, &json))
        take_member(&badges, name, json);
    return badges;
}

static bool earlier(struct slice due, struct slice than)
{
    int64_t a = 0, b = 0;
    if (!date_parse(due, &a)) return false;
    return than.len == 0 || !date_parse(than, &b) || a < b;
}

static void count_items(const struct board *b, struct id checklist, struct badges *badges)
{
    const struct siblings *items = board_children(b, KIND_CHECK_ITEM, checklist);
    for (size_t i = 0; items != NULL && i < items->count; i++) {
        struct object *item = items->at[i];
        struct slice due = value_slice(object_value(item, F_CHECK_ITEM_DUE));
        bool done =
                slice_eq(value_slice(object_value(item, F_CHECK_ITEM_STATE)), SLICE("complete"));
        badges->check_items++;
        badges->check_items_checked += done;
        if (!done && earlier(due, badges->earliest_due)) badges->earliest_due = due;
    }
}

static void count_attachments(const struct board *b, struct id card, struct badges *badges)
{
    const struct siblings *all = board_children(b, KIND_ATTACHMENT, card);
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        struct slice url = value_slice(object_value(all->at[i], F_ATTACHMENT_URL));
        enum kind to = attachment_url_kind(url);
        badges->attachments++;
        badges->links_to_boards += to == KIND_BOARD;
        badges->links_to_cards += to == KIND_CARD;
    }
}

/* -- custom fields */

static struct id field_of(const struct object *item)
{
    return item->fields[field_info(F_FIELD_ITEM_ID_CUSTOM_FIELD)->slot].id;
}

static int by_field(const void *left, const void *right)
{
    const struct object *const *a = left, *const *b = right;
    int order = id_cmp(field_of(*a), field_of(*b));
    return order != 0 ? order : id_cmp((*a)->id, (*b)->id);
}

static void put_value(struct json_out *j, struct arena *a, const struct value *value)
{
    struct slice json = value_slice(value), text;
    json_t *tree;
    if (json.len <= FACE_TEXT_BYTES || json_read(a, json, &tree, NULL) != ERR_OK ||
            !json_get_slice(tree, "text", &text)) {
        json_raw(j, json.len <= FACE_VALUE_BYTES / 2 ? json : SLICE("{}"));
        return;
    }
    json_object_begin(j);
    JSON_KEY(j, "text");
    json_str(j, utf_head(text, FACE_TEXT_BYTES));
    json_object_end(j);
}

/* Canonical: sorted by the fields' ids. */
static struct slice fields_json(struct arena *a, const struct siblings *items)
{
    char id[ID_TEXT + 1];
    struct buf out;
    size_t count = items == NULL ? 0 : items->count;
    if (count == 0) return (struct slice){0};
    struct object **sorted = ARENA_NEW_ARRAY(a, struct object *, count);
    memcpy(sorted, items->at, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], by_field);
    buf_init(&out, BADGES_BYTES_MAX);
    struct json_out j = json_out(&out);
    json_object_begin(&j);
    for (size_t i = 0; i < count && out.len < FACE_FIELDS_BYTES; i++) {
        const struct value *option = object_value(sorted[i], F_FIELD_ITEM_ID_VALUE);
        if (i > 0 && id_eq(field_of(sorted[i]), field_of(sorted[i - 1]))) continue;
        id_format(field_of(sorted[i]), id);
        json_key(&j, slice_cstr(id));
        if (option->type == VALUE_ID)
            json_id(&j, option->id);
        else
            put_value(&j, a, object_value(sorted[i], F_FIELD_ITEM_VALUE));
    }
    json_object_end(&j);
    CHECK(buf_ok(&out));
    struct slice json = arena_dup(a, buf_slice(&out));
    buf_fini(&out);
    return json;
}

/* Of a field that is gone, or an option: no value any more. */
static bool is_gone(const struct board *b, struct slice field, struct slice json)
{
    struct id id;
    if (!id_parse(field, &id) || board_get(b, KIND_CUSTOM_FIELD, id) == NULL) return true;
    return json.len == ID_TEXT + 2 && id_parse(slice_of(json.ptr + 1, ID_TEXT), &id) &&
           board_get(b, KIND_FIELD_OPTION, id) == NULL;
}

/* Every member of the one is in the other, as it is there. */
static bool within(struct slice fields, struct slice others, const struct board *unless_gone)
{
    struct walk w = walk_of(fields);
    struct slice key, json, other;
    size_t count = 0;
    if (fields.len == 0 || !walk_take(&w, '{')) return fields.len == 0;
    while (walk_member(&w, &count, &key) && walk_value(&w, &json)) {
        if (unless_gone != NULL && is_gone(unless_gone, key, json)) continue;
        if (others.len == 0 || !walk_find(others, key, &other) || !slice_eq(json, other))
            return false;
    }
    return !w.bad;
}

bool badges_fields_missing(const struct board *b, const struct object *card)
{
    const struct siblings *items = board_children(b, KIND_FIELD_ITEM, card->id);
    return items != NULL && items->count > 0 && badges_of(card).fields.len == 0;
}

bool badges_fields_right(struct arena *a, const struct board *b, const struct object *card)
{
    struct slice said = badges_of(card).fields;
    struct slice has = fields_json(a, board_children(b, KIND_FIELD_ITEM, card->id));
    return within(has, said, NULL) && within(said, has, b);
}

/* -- all of it */

struct badges badges_count(struct arena *a, const struct board *b, const struct object *card)
{
    struct badges badges = {.description = badges_of(card).description};
    const struct siblings *checklists = board_children(b, KIND_CHECKLIST, card->id);
    for (size_t i = 0; checklists != NULL && i < checklists->count; i++)
        count_items(b, checklists->at[i]->id, &badges);
    const struct siblings *comments = board_children(b, KIND_COMMENT, card->id);
    badges.comments = comments == NULL ? 0 : (uint32_t)comments->count;
    count_attachments(b, card->id, &badges);
    badges.fields = fields_json(a, board_children(b, KIND_FIELD_ITEM, card->id));
    return badges;
}

static void put_number(struct json_out *j, struct slice name, uint32_t n)
{
    if (n == 0) return;
    json_key(j, name);
    json_u64(j, n);
}

/* All of it or nothing: it is shown as it is stored. */
static void put_by_type(struct json_out *j, const struct badges *badges)
{
    if (badges->links_to_boards == 0 && badges->links_to_cards == 0) return;
    JSON_KEY(j, "attachmentsByType");
    json_object_begin(j);
    JSON_KEY(j, "trello");
    json_object_begin(j);
    JSON_KEY(j, "board");
    json_u64(j, badges->links_to_boards);
    JSON_KEY(j, "card");
    json_u64(j, badges->links_to_cards);
    json_object_end(j);
    json_object_end(j);
}

struct slice badges_json(struct arena *a, const struct badges *badges)
{
    struct buf out;
    buf_init(&out, BADGES_BYTES_MAX);
    struct json_out j = json_out(&out);
    json_object_begin(&j);
    put_number(&j, SLICE("attachments"), badges->attachments);
    put_by_type(&j, badges);
    put_number(&j, SLICE("checkItems"), badges->check_items);
    put_number(&j, SLICE("checkItemsChecked"), badges->check_items_checked);
    if (badges->earliest_due.len > 0) {
        JSON_KEY(&j, "checkItemsEarliestDue");
        json_str(&j, badges->earliest_due);
    }
    put_number(&j, SLICE("comments"), badges->comments);
    if (badges->fields.len > 0) {
        json_key(&j, FIELDS_NAME);
        json_raw(&j, badges->fields);
    }
    if (badges->description) {
        JSON_KEY(&j, "description");
        json_bool(&j, true);
    }
    json_object_end(&j);
    CHECK(buf_ok(&out));
    struct slice json = arena_dup(a, buf_slice(&out));
    buf_fini(&out);
    return json;
}
