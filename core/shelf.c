#include "core/shelf.h"

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/limits.h"

struct id shelf_id(struct id member, struct id board)
{
    char key[2 * ID_BYTES];
    memcpy(key, member.bytes, ID_BYTES);
    memcpy(key + ID_BYTES, board.bytes, ID_BYTES);
    return id_make(id_seconds(board), hash64(slice_of(key, sizeof key), KIND_SHELF));
}

static bool names(const json_t *tree, const char *key, struct id id)
{
    struct slice text;
    struct id named;
    return json_get_slice(tree, key, &text) && id_parse(text, &named) && id_eq(named, id);
}

enum err shelf_read(struct view *v, struct id member, struct id board, struct shelf *ret_shelf)
{
    struct shelf shelf = {.id = shelf_id(member, board)};
    struct slice json;
    json_t *tree;
    enum err err = v->ops->entity(v, DIRECTORY_ID, KIND_SHELF, shelf.id, &json);
    if (err == ERR_OK && json_read(v->arena, json, &tree, NULL) != ERR_OK) err = ERR_CORRUPT;
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
    if (err == ERR_OK && names(tree, "idMember", member) && names(tree, "idBoard", board)) {
        const json_t *star = json_object_get(tree, "star");
        const json_t *watched = json_object_get(tree, "subscribed");
        size_t count = json_array_size(watched);
        struct id *ids = ARENA_NEW_ARRAY(v->arena, struct id, count + 1);
        shelf.starred = json_is_number(star);
        shelf.star = json_number_value(star);
        for (size_t i = 0; i < count; i++)
            shelf.watched_count +=
                    id_parse(json_slice(json_array_get(watched, i)), &ids[shelf.watched_count]);
        shelf.watched = ids;
    }
    *ret_shelf = shelf;
    return ERR_OK;
}

bool shelf_watches(const struct shelf *shelf, struct id id)
{
    for (size_t i = 0; shelf != NULL && i < shelf->watched_count; i++)
        if (id_eq(shelf->watched[i], id)) return true;
    return false;
}

size_t shelf_gone(struct view *v, struct id board, const struct shelf *shelf, struct id *ret_ids)
{
    size_t count = 0;
    for (size_t i = 0; i < shelf->watched_count && count < WATCHES_CLEARED_MAX; i++) {
        struct location at;
        struct id id = shelf->watched[i];
        bool there = id_eq(id, board) ||
                     (v->ops->locate(v, id, &at) == ERR_OK && id_eq(at.board, board));
        if (!there) ret_ids[count++] = id;
    }
    return count;
}
