#include "core/board.h"

#include "core/base/limits.h"

struct object *object_new(enum kind kind, struct id id)
{
    const struct kind_info *info = kind_info(kind);
    CHECK(!id_is_none(id));
    struct object *o = mem_new(sizeof(*o) + info->count * sizeof(struct value));
    o->id = id;
    o->kind = kind;
    for (unsigned i = 0; i < info->count; i++)
        o->fields[i] = value_default((enum field)((unsigned)info->first + i));
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
        json_key(&j, f->name);
        value_write(&j, &o->fields[i]);
    }
    json_object_end(&j);
}

/* One member into o. Text and what no row of the table names are dropped. */
static enum err read_member(
        struct object *o, struct slice name, const json_t *json, struct fault *fault)
{
    enum field f;
    if (!field_parse(o->kind, name, &f)) return ERR_OK;
    const struct field_info *info = field_info(f);
    if (info->type == FIELD_TEXT) return ERR_OK;
    /* The none id is written as null. */
    if (json_is_null(json) && !info->null_allowed) return ERR_OK;
    struct value v;
    enum err err = value_read(f, json, &v, fault);
    if (err != ERR_OK) return err;
    value_fini(&o->fields[info->slot]);
    o->fields[info->slot] = v;
    return ERR_OK;
}

enum err object_read(enum kind kind, struct arena *scratch, struct slice json,
        struct object **ret_object, struct fault *fault)
{
    json_t *tree;
    struct id id;
    struct slice id_text;
    uint64_t s;
    enum err err = json_read(scratch, json, &tree, fault);
    if (err != ERR_OK) return err;
    if (!json_is_object(tree) || !json_get_slice(tree, "id", &id_text) || !id_parse(id_text, &id) ||
            id_is_none(id))
        return fault_set(fault, ERR_INVALID, "id", "is not an id", "24 hexadecimal digits");
    if (!json_get_u64(tree, "s", &s) || s > (uint64_t)POS_MAX - 1)
        return fault_set(fault, ERR_INVALID, "s", "is not a sequence number", "a whole number");
    struct object *o = object_new(kind, id);
    o->s = s;
    for (void *i = json_object_iter(tree); i != NULL && err == ERR_OK;
            i = json_object_iter_next(tree, i)) {
        struct slice name = slice_of(json_object_iter_key(i), json_object_iter_key_len(i));
        err = read_member(o, name, json_object_iter_value(i), fault);
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
