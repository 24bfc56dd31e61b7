/* Comments as Trello shows them: actions. */
#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/trello_out.h"
#include "core/walk.h"

/* -- the action */

static void named(struct json_out *j, const struct object *o, enum field name)
{
    JSON_KEY(j, "id");
    json_id(j, o->id);
    JSON_KEY(j, "name");
    value_write(j, value_of(o, name));
}

static void write_card(struct json_out *j, const struct board *b, struct id id)
{
    const struct object *card = board_get(b, KIND_CARD, id);
    JSON_KEY(j, "card");
    json_object_begin(j);
    if (card == NULL) {
        JSON_KEY(j, "id");
        json_id(j, id);
    } else {
        named(j, card, F_CARD_NAME);
        JSON_KEY(j, "idShort");
        value_write(j, value_of(card, F_CARD_ID_SHORT));
        JSON_KEY(j, "shortLink");
        value_write(j, value_of(card, F_CARD_SHORT_LINK));
    }
    json_object_end(j);
    const struct object *list =
            card == NULL ? NULL : board_get(b, KIND_LIST, value_of(card, F_CARD_ID_LIST)->id);
    if (list == NULL) return;
    JSON_KEY(j, "list");
    json_object_begin(j);
    named(j, list, F_LIST_NAME);
    json_object_end(j);
}

static void write_data(struct json_out *j, const struct board *b, const struct object *comment)
{
    const struct object *self = board_self(b);
    const struct value *edited = value_of(comment, F_COMMENT_DATE_LAST_EDITED);
    json_object_begin(j);
    JSON_KEY(j, "text");
    value_write(j, value_of(comment, F_COMMENT_TEXT));
    JSON_KEY(j, "textData");
    json_raw(j, SLICE("{\"emoji\":{}}"));
    if (edited->type != VALUE_NULL) {
        JSON_KEY(j, "dateLastEdited");
        value_write(j, edited);
    }
    if (self != NULL) {
        JSON_KEY(j, "board");
        json_object_begin(j);
        named(j, self, F_BOARD_NAME);
        JSON_KEY(j, "shortLink");
        value_write(j, value_of(self, F_BOARD_SHORT_LINK));
        json_object_end(j);
    }
    write_card(j, b, value_of(comment, F_COMMENT_ID_CARD)->id);
    json_object_end(j);
}

/* Of someone who is not here only the name came along. */
static void write_creator(
        struct json_out *j, const struct object *comment, const struct trello_options *options)
{
    const struct value *by = value_of(comment, F_COMMENT_ID_MEMBER_CREATOR),
                       *author = value_of(comment, F_COMMENT_AUTHOR);
    JSON_KEY(j, "memberCreator");
    if (by->type == VALUE_ID && options->person != NULL &&
            options->person(options->context, by->id, j))
        return;
    json_object_begin(j);
    JSON_KEY(j, "id");
    value_write(j, by);
    JSON_KEY(j, "fullName");
    json_str(j, value_slice(author));
    JSON_KEY(j, "username");
    json_str(j, SLICE(""));
    JSON_KEY(j, "initials");
    json_str(j, SLICE(""));
    JSON_KEY(j, "avatarHash");
    json_nil(j);
    JSON_KEY(j, "avatarUrl");
    json_nil(j);
    json_object_end(j);
}

void trello_comment_write(struct json_out *j, const struct board *b, const struct object *comment,
        const struct trello_options *options)
{
    json_object_begin(j);
    JSON_KEY(j, "id");
    json_id(j, comment->id);
    JSON_KEY(j, "idMemberCreator");
    value_write(j, value_of(comment, F_COMMENT_ID_MEMBER_CREATOR));
    JSON_KEY(j, "data");
    write_data(j, b, comment);
    JSON_KEY(j, "appCreator");
    json_nil(j);
    JSON_KEY(j, "type");
    json_str(j, SLICE("commentCard"));
    JSON_KEY(j, "date");
    value_write(j, value_of(comment, F_COMMENT_DATE));
    JSON_KEY(j, "limits");
    json_raw(j, SLICE("{}"));
    write_creator(j, comment, options);
    json_object_end(j);
}

/* -- reactions */

struct id trello_reaction_id(struct id comment, struct slice member, struct slice emoji)
{
    uint64_t seed = hash64(slice_of(comment.bytes, ID_BYTES), 0);
    return id_make(id_seconds(comment), hash64(emoji, hash64(member, seed)));
}

struct reaction {
    struct id id;
    struct slice member, emoji; /* raw JSON strings */
};

static void write_reaction(struct json_out *j, const struct object *comment,
        const struct reaction *r, const struct trello_options *options)
{
    struct id member;
    json_object_begin(j);
    JSON_KEY(j, "id");
    json_id(j, r->id);
    JSON_KEY(j, "idMember");
    json_raw(j, r->member);
    JSON_KEY(j, "idModel");
    json_id(j, comment->id);
    JSON_KEY(j, "idEmoji");
    json_raw(j, r->emoji);
    if (options->person != NULL && id_parse(slice_of(r->member.ptr + 1, ID_TEXT), &member)) {
        struct json_out before = *j;
        size_t len = j->buf->len;
        JSON_KEY(j, "member");
        if (!options->person(options->context, member, j)) {
            j->buf->len = len;
            *j = before;
        }
    }
    JSON_KEY(j, "emoji");
    json_object_begin(j);
    JSON_KEY(j, "native");
    json_raw(j, r->emoji);
    json_object_end(j);
    json_object_end(j);
}

bool trello_reactions_write(struct json_out *j, const struct object *comment, struct id only,
        const struct trello_options *options)
{
    struct walk w = walk_of(value_slice(value_of(comment, F_COMMENT_REACTIONS)));
    bool all = id_is_none(only), found = false;
    size_t count = 0;
    if (all) json_array_begin(j);
    if (walk_is(&w, '[') && walk_take(&w, '[')) {
        while (walk_element(&w, &count) && walk_take(&w, '[')) {
            struct reaction r;
            size_t n = 0;
            if (!walk_element(&w, &n) || !walk_value(&w, &r.member) || !walk_element(&w, &n) ||
                    !walk_value(&w, &r.emoji) || walk_element(&w, &n) ||
                    r.member.len != ID_TEXT + 2)
                break;
            r.id = trello_reaction_id(comment->id, r.member, r.emoji);
            if (!all && !id_eq(r.id, only)) continue;
            write_reaction(j, comment, &r, options);
            found = true;
        }
    }
    if (all) json_array_end(j);
    return all || found;
}
