#include "core/base/limits.h"
#include "core/resolve.h"
#include "core/walk.h"

#define PREFS_MERGE_BYTES_MAX (8 * JSON_FIELD_BYTES_MAX)

static struct value short_link_value(struct id id)
{
    char text[SHORT_LINK_TEXT + 1];
    short_link_make(id, text);
    return value_str(slice_cstr(text));
}

void membership_add(struct change *ch, struct id member, enum role role)
{
    /* Made from what is sequenced, so that every replica and every retry makes the same one. */
    struct buf key;
    buf_init(&key, KIB(1));
    buf_add(&key, slice_of(ch->board->id.bytes, ID_BYTES));
    buf_add(&key, slice_of(member.bytes, ID_BYTES));
    struct id id =
            id_make((uint32_t)(ch->event->ts / 1000), hash64(buf_slice(&key), ch->event->seq));
    buf_fini(&key);
    struct value *values = values_new(ch, KIND_MEMBERSHIP);
    *values_at(values, F_MEMBERSHIP_ID_MEMBER) = value_id(member);
    *values_at(values, F_MEMBERSHIP_MEMBER_TYPE) = value_str(role_name(role));
    change_add(ch, KIND_MEMBERSHIP, id, values);
}

/* The three lists of a new board, for those who ask for them. */
static void default_lists(struct change *ch)
{
    static const char *const names[] = {"To Do", "Doing", "Done"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        uint64_t bits = hash64(slice_of(ch->board->id.bytes, ID_BYTES), i + 1);
        struct value *values = values_new(ch, KIND_LIST);
        *values_at(values, F_LIST_NAME) = value_str(slice_cstr(names[i]));
        *values_at(values, F_LIST_POS) = value_num((double)(i + 1) * POS_STEP);
        change_add(ch, KIND_LIST, id_make((uint32_t)(ch->event->ts / 1000), bits), values);
    }
}

/* To which organization a board goes is not its admins' to say alone. */
static enum err check_sets(struct change *ch, const struct op *op)
{
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < op->set_count && err == ERR_OK; i++)
        if (op->sets[i].field == F_BOARD_ID_ORGANIZATION)
            err = organization_check(ch, &op->sets[i].values[0]);
    return err;
}

static enum err board_create(struct change *ch, const struct op *op)
{
    /* of one that was deleted nobody has a grant, and without one nothing comes before it */
    if (board_self(ch->board) != NULL || NEVER(ch->board->head.deleted) ||
            NEVER(ch->board->head.seq > 0))
        return fault_set(ch->fault, ERR_EXISTS, "id", "is taken", "an id that was never used");
    if (NEVER(ch->event->effect_count > 0)) /* there was no board to make them on */
        return fault_set(ch->fault, ERR_INVALID, "op", "does not come first",
                "board.create as the first op");
    enum err err = check_sets(ch, op);
    if (err) return err;
    struct value *values = values_new(ch, KIND_BOARD);
    for (uint32_t i = 0; i < op->set_count; i++)
        *values_at(values, op->sets[i].field) = value_copy(&op->sets[i].values[0]);
    *values_at(values, F_BOARD_SHORT_LINK) = short_link_value(ch->board->id);
    struct id member = ch->grant.actor.member;
    if (!id_is_none(member)) *values_at(values, F_BOARD_ID_MEMBER_CREATOR) = value_id(member);
    change_add_text(ch, KIND_BOARD, ch->board->id, values, op->text);
    if (!id_is_none(member)) membership_add(ch, member, ROLE_ADMIN);
    if (op->on) default_lists(ch);
    return ERR_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* {"a":1,"b":2} and {"b":3} make {"a":1,"b":3}. The result is read and written once more, which
 * makes it canonical. */
static enum err merge_json(
        struct change *ch, struct slice old_text, struct slice new_text, struct value *ret_value)
{
    json_t *old, *new, *both;
    /* both were read and written here before */
    CHECK(json_read(ch->arena, old_text, &old, ch->fault) == ERR_OK);
    CHECK(json_read(ch->arena, new_text, &new, ch->fault) == ERR_OK);
    size_t count = 0;
    const char **keys =
            ARENA_NEW_ARRAY(ch->arena, const char *, json_object_size(old) + json_object_size(new));
    for (void *it = json_object_iter(old); it != NULL; it = json_object_iter_next(old, it))
        if (json_object_get(new, json_object_iter_key(it)) == NULL)
            keys[count++] = json_object_iter_key(it);
    for (void *it = json_object_iter(new); it != NULL; it = json_object_iter_next(new, it))
        keys[count++] = json_object_iter_key(it);
    if (count > 0) qsort(keys, count, sizeof *keys, compare_keys);
    struct buf text;
    buf_init(&text, PREFS_MERGE_BYTES_MAX);
    struct json_out j = json_out(&text);
    json_object_begin(&j);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_object_get(new, keys[i]);
        json_key(&j, slice_cstr(keys[i]));
        json_tree(&j, value != NULL ? value : json_object_get(old, keys[i]));
    }
    json_object_end(&j);
    /* two fields fit */
    enum err err = ALWAYS(buf_ok(&text))
                  ? json_read(ch->arena, arena_dup(ch->arena, buf_slice(&text)), &both, ch->fault)
                  : fault_set(
                            ch->fault, ERR_INVALID, "prefs", "grew too large", "fewer preferences");
    buf_fini(&text);
    return err ? err : value_read(F_BOARD_PREFS, both, ret_value, ch->fault);
}

static enum err board_set(struct change *ch, const struct op *op, struct object *board)
{
    struct columns c = {0};
    struct value merged;
    enum err wrong = check_sets(ch, op);
    if (wrong) return wrong;
    change_overwrites(ch, op, board);
    for (uint32_t i = 0; i < op->set_count; i++) {
        if (op->sets[i].field != F_BOARD_PREFS) continue;
        enum err err = merge_json(ch, value_slice(object_value(board, F_BOARD_PREFS)),
                value_slice(&op->sets[i].values[0]), &merged);
        if (err) return err;
    }
    for (uint32_t i = 0; i < op->set_count; i++) {
        bool prefs = op->sets[i].field == F_BOARD_PREFS;
        columns_put(ch, &c, op->sets[i].field, prefs ? merged : value_copy(&op->sets[i].values[0]));
    }
    change_set_one(ch, board, &c);
    return ERR_OK;
}

static enum err board_closed(struct change *ch, struct object *board, bool closed)
{
    struct columns c = {0};
    columns_put(ch, &c, F_BOARD_CLOSED, value_bool(closed));
    change_set_one(ch, board, &c);
    return ERR_OK;
}

static enum err board_delete(struct change *ch, const struct op *op, struct object *board)
{
    if (!op->force && !object_value(board, F_BOARD_CLOSED)->boolean)
        return change_refuse(ch, ERR_CONFLICT, board,
                (struct why){"closed", "is false", "a board that was closed before it is deleted"});
    change_del(ch, KIND_BOARD, &board->id, 1);
    return ERR_OK;
}

enum err resolve_board(struct change *ch, const struct op *op)
{
    if (op->name == OP_BOARD_CREATE) return board_create(ch, op);
    struct object *board = board_self(ch->board);
    if (NEVER(board == NULL)) /* then there is no grant */
        return fault_set(
                ch->fault, ERR_GONE, "idBoard", "was deleted", "a board that still exists");
    enum err err = change_if(ch, op, board);
    if (err) return err;
    if (op->name == OP_BOARD_SET) return board_set(ch, op, board);
    if (op->name == OP_BOARD_DELETE) return board_delete(ch, op, board);
    return board_closed(ch, board, op->name == OP_BOARD_CLOSE);
}

enum err change_lets(
        struct change *ch, struct slice name, struct slice otherwise, const char *what)
{
    struct slice prefs = value_slice(object_value(board_self(ch->board), F_BOARD_PREFS)), json;
    struct slice who = otherwise;
    if (walk_find(prefs, name, &json) && json.len >= 2)
        who = (struct slice){json.ptr + 1, json.len - 2}; /* a word in quotes */
    bool members = slice_eq(who, SLICE("members")),
         everyone = slice_eq(who, SLICE("observers")) || slice_eq(who, SLICE("org")) ||
                    slice_eq(who, SLICE("public"));
    if (ch->grant.visitor) /* what they left there nobody could see to, once they may not read */
        return fault_setf(ch->fault, ERR_FORBIDDEN, "", "somebody who joined the board first",
                "%s of no member of the board", what);
    if (ch->grant.actor.system || everyone) return ERR_OK;
    if (members && ch->grant.role != ROLE_OBSERVER) return ERR_OK;
    return fault_setf(ch->fault, ERR_FORBIDDEN, "", "somebody whom the board lets do it",
            "%s, which prefs.%.*s says is for %s", what, SLICE_ARG(name),
            members ? "members who are no observers" : "nobody");
}
