#include "core/board.h"

#include "core/base/limits.h"
#include "core/walk.h"

#define SEQ_MAX ((uint64_t)POS_MAX - 1)

static struct object *object_blank(enum kind kind)
{
    const struct kind_info *info = kind_info(kind);
    struct object *o = mem_new(sizeof(*o) + info->count * sizeof(struct value));
    o->kind = kind;
    for (unsigned i = 0; i < info->count; i++)
        o->fields[i] = value_default((enum field)((unsigned)info->first + i));
    return o;
}

struct object *object_new(enum kind kind, struct id id)
{
    CHECK(!id_is_none(id));
    struct object *o = object_blank(kind);
    o->id = id;
    return o;
}

struct object *object_free(struct object *o)
{
    if (o == NULL) return NULL;
    for (unsigned i = 0; i < kind_info(o->kind)->count; i++)
        value_fini(&o->fields[i]);
    return mem_free(o);
}

void object_write(const struct object *o, struct buf *out)
{
    const struct kind_info *info = kind_info(o->kind);
    struct json_out j = json_out(out);
    json_object_begin(&j);
    for (unsigned i = 0; i <= info->count; i++) {
        if (i == info->id_slot) {
            JSON_KEY(&j, "id");
            json_id(&j, o->id);
        }
        if (i == info->s_slot) {
            JSON_KEY(&j, "s");
            json_u64(&j, o->s);
        }
        if (i == info->count) break;
        const struct field_info *f = field_info((enum field)((unsigned)info->first + i));
        if (f->type == FIELD_TEXT) continue;
        json_begin(&j, f->key);
        value_write(&j, &o->fields[i]);
    }
    json_object_end(&j);
}

/* -- reading */

static bool read_id(struct slice json, struct object *o)
{
    struct walk w = walk_of(json);
    struct slice text;
    bool second = !id_is_none(o->id);
    return !second && walk_plain(&w, &text) && id_parse(text, &o->id) && !id_is_none(o->id);
}

static bool read_seq(struct slice json, struct object *o)
{
    bool second = o->s != 0, zeros = json.ptr[0] == '0'; /* no object has been there since 0 */
    return !second && !zeros && slice_to_u64(json, &o->s) && o->s <= SEQ_MAX;
}

static bool read_field(
        enum field f, struct slice json, struct arena *scratch, struct object *o)
{
    const struct field_info *info = field_info(f);
    if (info->type == FIELD_TEXT) return false;
    if (value_text_default(f, json)) return true;
    return value_read_text(f, scratch, json, &o->fields[info->slot], NULL) == ERR_OK;
}

/* Of a text as object_write writes it: members in order, each read where it stands; only values
 * with escapes or nesting become trees. False: it is not such a text, or is wrong. */
static bool read_in_order(struct object *o, struct arena *scratch, struct slice json)
{
    const struct kind_info *info = kind_info(o->kind);
    enum field f = info->first, end = (enum field)((unsigned)info->first + info->count);
    struct walk w = walk_of(json);
    struct slice name, text;
    size_t count = 0;
    if (!walk_take(&w, '{')) return false;
    while (walk_member(&w, &count, &name) && walk_value(&w, &text)) {
        if (slice_eq(name, SLICE("id"))) {
            if (!read_id(text, o)) return false;
        } else if (slice_eq(name, SLICE("s"))) {
            if (!read_seq(text, o)) return false;
        } else {
            while (f < end && !slice_eq(field_info(f)->name, name))
                f++;
            if (f == end || !read_field(f++, text, scratch, o)) return false;
        }
    }
    return walk_end(&w) && o->s != 0 && !id_is_none(o->id);
}

/* One member into o. Text and what no row of the table names are dropped. */
static enum err read_member(
        struct object *o, struct slice name, const json_t *json, struct fault *fault)
{
    enum field f;
    if (!field_parse(o->kind, name, &f)) return ERR_OK;
    const struct field_info *info = field_info(f);
    if (info->type == FIELD_TEXT) return ERR_OK;
    struct slice text = json_is_string(json) ? json_slice(json) : (struct slice){0};
    bool undated = info->type == FIELD_DATE && json_is_string(json) && text.len == 0;
    if ((json_is_null(json) || undated) && !info->null_allowed) return ERR_OK;
    struct value v;
    enum err err = value_read(f, json, &v, fault);
    if (err != ERR_OK) return err;
    value_fini(&o->fields[info->slot]);
    o->fields[info->slot] = v;
    return ERR_OK;
}

/* Of any object: older, newer, or wrong, which it explains. */
static enum err read_tree(
        struct object *o, struct arena *scratch, struct slice json, struct fault *fault)
{
    json_t *tree;
    struct slice id_text;
    enum err err = json_read(scratch, json, &tree, fault);
    if (err != ERR_OK) return err;
    if (!json_is_object(tree) || !json_get_slice(tree, "id", &id_text) ||
            !id_parse(id_text, &o->id) || id_is_none(o->id))
        return fault_set(fault, ERR_INVALID, "id", "is not an id", "24 hexadecimal digits");
    if (!json_get_u64(tree, "s", &o->s) || o->s > SEQ_MAX)
        return fault_set(fault, ERR_INVALID, "s", "is not a sequence number", "a whole number");
    for (void *i = json_object_iter(tree); i != NULL && err == ERR_OK;
            i = json_object_iter_next(tree, i)) {
        struct slice name = slice_of(json_object_iter_key(i), json_object_iter_key_len(i));
        err = read_member(o, name, json_object_iter_value(i), fault);
    }
    return err;
}

enum err object_read(enum kind kind, struct arena *scratch, struct slice json,
        struct object **ret_object, struct fault *fault)
{
    struct object *o = object_blank(kind);
    enum err err = ERR_OK;
    if (!read_in_order(o, scratch, json)) {
        object_free(o);
        o = object_blank(kind);
        err = read_tree(o, scratch, json, fault);
    }
    if (err != ERR_OK) {
        object_free(o);
        return err;
    }
    *ret_object = o;
    return ERR_OK;
}

uint64_t entity_sum(enum kind kind, struct id id, struct slice json)
{
    char key[1 + ID_BYTES];
    key[0] = (char)kind;
    memcpy(key + 1, id.bytes, ID_BYTES);
    return hash64(json, hash64(slice_of(key, sizeof(key)), 0));
}
