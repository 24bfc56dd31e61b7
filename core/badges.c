#include "core/badges.h"

#include "core/attachment.h"
#include "core/base/date.h"
#include "core/base/json_write.h"
#include "core/walk.h"

#define BADGES_BYTES_MAX 1024

static uint32_t number(struct slice badges, struct slice name)
{
    struct slice json;
    uint64_t n;
    if (!walk_find(badges, name, &json) || !slice_to_u64(json, &n) || n > UINT32_MAX) return 0;
    return (uint32_t)n;
}

struct badges badges_of(const struct object *card)
{
    CHECK(card->kind == KIND_CARD);
    struct slice stored = value_slice(&card->fields[field_info(F_CARD_BADGES)->slot]), json;
    struct badges badges = {
            .attachments = number(stored, SLICE("attachments")),
            .check_items = number(stored, SLICE("checkItems")),
            .check_items_checked = number(stored, SLICE("checkItemsChecked")),
            .comments = number(stored, SLICE("comments")),
    };
    if (walk_find(stored, SLICE("attachmentsByType"), &json) &&
            walk_find(json, SLICE("trello"), &json)) {
        badges.links_to_boards = number(json, SLICE("board"));
        badges.links_to_cards = number(json, SLICE("card"));
    }
    if (walk_find(stored, SLICE("checkItemsEarliestDue"), &json) && json.len > 2 &&
            json.ptr[0] == '"')
        badges.earliest_due = slice_of(json.ptr + 1, json.len - 2);
    if (walk_find(stored, SLICE("description"), &json))
        badges.description = slice_eq(json, SLICE("true"));
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

struct badges badges_count(const struct board *b, const struct object *card)
{
    struct badges badges = {.description = badges_of(card).description};
    const struct siblings *checklists = board_children(b, KIND_CHECKLIST, card->id);
    for (size_t i = 0; checklists != NULL && i < checklists->count; i++)
        count_items(b, checklists->at[i]->id, &badges);
    const struct siblings *comments = board_children(b, KIND_COMMENT, card->id);
    badges.comments = comments == NULL ? 0 : (uint32_t)comments->count;
    count_attachments(b, card->id, &badges);
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
    char text[BADGES_BYTES_MAX];
    struct buf out = {.ptr = text, .cap = sizeof(text), .bytes_max = sizeof(text)};
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
    if (badges->description) {
        JSON_KEY(&j, "description");
        json_bool(&j, true);
    }
    json_object_end(&j);
    CHECK(buf_ok(&out));
    return arena_dup(a, buf_slice(&out));
}
