/* The follower: folds op messages into objects of named JSON fields. It shares the JSON reader with
 * the server and nothing else: what an effect
 * means is written here a second time. */
#include <stdio.h>

#include "core/base/json.h"
#include "core/base/json_write.h"
#include "core/base/utf.h"
#include "tests/sim/sim.h"

static struct buf scratch; /* one thread, one use at a time */

void model_init(struct model *m)
{
    *m = (struct model){0};
    snprintf(m->h, sizeof m->h, "0000000000000000");
    arena_init(&m->arena, KIB(16), MIB(256));
    if (scratch.bytes_max == 0) buf_init(&scratch, MIB(16));
}

static void object_drop(struct model *m, struct model_object *o)
{
    HASH_DEL(m->objects, o);
    for (size_t i = 0; i < o->field_count; i++)
        mem_free(o->fields[i].json);
    mem_free(o->desc);
    mem_free(o);
}

void model_clear(struct model *m)
{
    struct model_object *o, *next;
    HASH_ITER(hh, m->objects, o, next)
    object_drop(m, o);
    m->seq = 0;
}

void model_fini(struct model *m)
{
    model_clear(m);
    arena_fini(&m->arena);
    buf_fini(&scratch);
    scratch.bytes_max = 0;
}

static char *text_of(const json_t *json)
{
    buf_clear(&scratch);
    struct json_out j = json_out(&scratch);
    json_tree(&j, json);
    char *copy = mem_new(scratch.len + 1);
    memcpy(copy, scratch.ptr, scratch.len);
    return copy;
}

static char *dup_string(const json_t *json)
{
    struct slice s = json_slice(json);
    char *copy = mem_new(s.len + 1);
    memcpy(copy, s.ptr, s.len);
    return copy;
}

static struct model_object *find(const struct model *m, const json_t *id_json)
{
    struct id id;
    struct model_object *o;
    CHECK(id_parse(json_slice(id_json), &id));
    HASH_FIND(hh, m->objects, &id, sizeof id, o);
    return o;
}

static void set_field(struct model_object *o, const char *name, char *json)
{
    for (size_t i = 0; i < o->field_count; i++) {
        if (strcmp(o->fields[i].name, name) != 0) continue;
        mem_free(o->fields[i].json);
        o->fields[i].json = json;
        return;
    }
    CHECK(o->field_count < ARRAY_COUNT(o->fields));
    struct model_field *f = &o->fields[o->field_count++];
    snprintf(f->name, sizeof f->name, "%s", name);
    f->json = json;
}

const char *model_get(const struct model_object *o, const char *field)
{
    for (size_t i = 0; i < o->field_count; i++)
        if (strcmp(o->fields[i].name, field) == 0) return o->fields[i].json;
    return NULL;
}

static void set_all(struct model_object *o, const json_t *fields)
{
    json_t *members = (json_t *)(uintptr_t)fields;
    for (void *it = json_object_iter(members); it != NULL;
            it = json_object_iter_next(members, it)) {
        const char *name = json_object_iter_key(it);
        const json_t *value = json_object_iter_value(it);
        if (strcmp(name, "id") == 0) continue;
        if (strcmp(name, "s") == 0) {
            o->s = (uint64_t)json_integer_value(value);
        } else if (strcmp(name, "desc") == 0) {
            mem_free(o->desc);
            o->desc = dup_string(value);
        } else {
            set_field(o, name, text_of(value));
        }
    }
}

static struct model_object *add(
        struct model *m, const json_t *kind, const json_t *id, const json_t *fields)
{
    CHECK(find(m, id) == NULL);
    struct model_object *o = MEM_NEW(struct model_object);
    CHECK(id_parse(json_slice(id), &o->id));
    snprintf(o->kind, sizeof o->kind, "%s", json_string_value(kind));
    HASH_ADD(hh, m->objects, id, sizeof o->id, o);
    set_all(o, fields);
    return o;
}

void model_snapshot(struct model *m, struct slice board_text)
{
    json_t *tree;
    struct fault fault;
    model_clear(m);
    arena_reset(&m->arena);
    /* A whole board has more items than one op may have, so it is cut by hand:
     * [["card",{..}],["card",{..}]] */
    struct slice rest = board_text;
    const char *pos = NULL;
    for (size_t i = 0; i + 7 < rest.len; i++)
        if (memcmp(rest.ptr + i, "],\"pos\":", 8) == 0) pos = rest.ptr + i;
    CHECK(pos != NULL);
    size_t at = sizeof "{\"objects\":[" - 1;
    while (rest.ptr + at < pos) {
        size_t depth = 0, end = at;
        bool quoted = false;
        do {
            char c = rest.ptr[end];
            if (quoted && c == '\\')
                end++;
            else if (c == '"')
                quoted = !quoted;
            else if (!quoted && (c == '[' || c == '{'))
                depth++;
            else if (!quoted && (c == ']' || c == '}'))
                depth--;
            end++;
        } while (depth > 0);
        arena_reset(&m->arena);
        CHECK(json_read(&m->arena, slice_of(rest.ptr + at, end - at), &tree, &fault) == ERR_OK);
        const json_t *fields = json_array_get(tree, 1);
        add(m, json_array_get(tree, 0), json_object_get(fields, "id"), fields);
        at = end + (rest.ptr[end] == ',');
    }
    struct slice end = slice_of(pos + 8, (size_t)(rest.ptr + rest.len - 1 - pos - 8));
    CHECK(json_read(&m->arena, end, &tree, &fault) == ERR_OK);
    m->seq = (uint64_t)json_integer_value(json_array_get(tree, 0));
    snprintf(m->h, sizeof m->h, "%s", json_string_value(json_array_get(tree, 1)));
}

/* -- effects */

static void apply_set(struct model *m, const json_t *ids, const json_t *fields, uint64_t s)
{
    json_t *members = (json_t *)(uintptr_t)fields;
    bool many = json_is_array(ids);
    size_t count = many ? json_array_size(ids) : 1;
    for (size_t i = 0; i < count; i++) {
        struct model_object *o = find(m, many ? json_array_get(ids, i) : ids);
        CHECK(o != NULL);
        o->s = s;
        for (void *it = json_object_iter(members); it != NULL;
                it = json_object_iter_next(members, it)) {
            const json_t *value = json_object_iter_value(it);
            if (many && json_is_array(value)) {
                CHECK(json_array_size(value) == count);
                value = json_array_get(value, i);
            }
            set_field(o, json_object_iter_key(it), text_of(value));
        }
    }
}

static void apply_del(struct model *m, const json_t *ids)
{
    bool many = json_is_array(ids);
    for (size_t i = 0; i < (many ? json_array_size(ids) : 1); i++) {
        struct model_object *o = find(m, many ? json_array_get(ids, i) : ids);
        CHECK(o != NULL);
        object_drop(m, o);
    }
}

/* Sets are arrays of ids; an element comes at the end and goes from where it is. */
static void tag_one(struct model_object *o, const char *field, const char *element, bool on)
{
    char quoted[ID_TEXT + 3];
    const char *old = model_get(o, field);
    CHECK(old != NULL);
    snprintf(quoted, sizeof quoted, "\"%s\"", element);
    const char *at = strstr(old, quoted);
    if ((at != NULL) == on) return;
    size_t len = strlen(old);
    char *fresh = mem_new(len + sizeof quoted + 2);
    if (on) {
        snprintf(fresh, len + sizeof quoted + 2, "%.*s%s%s]", (int)(len - 1), old,
                len > 2 ? "," : "", quoted);
    } else {
        const char *from = at, *to = at + strlen(quoted);
        if (*to == ',')
            to++;
        else if (from[-1] == ',')
            from--;
        snprintf(fresh, len + 1, "%.*s%s", (int)(from - old), old, to);
    }
    set_field(o, field, fresh);
}

static void apply_tag(struct model *m, const json_t *effect, uint64_t s)
{
    const json_t *ids = json_array_get(effect, 2);
    bool many = json_is_array(ids), on = json_integer_value(json_array_get(effect, 5)) == 1;
    for (size_t i = 0; i < (many ? json_array_size(ids) : 1); i++) {
        struct model_object *o = find(m, many ? json_array_get(ids, i) : ids);
        CHECK(o != NULL);
        o->s = s;
        tag_one(o, json_string_value(json_array_get(effect, 3)),
                json_string_value(json_array_get(effect, 4)), on);
    }
}

/* Bytes of so many UTF-16 units from here on. */
static size_t unit_bytes(const char *text, int64_t units)
{
    size_t at = 0;
    while (units > 0) {
        unsigned char lead = (unsigned char)text[at];
        CHECK(lead != 0);
        units -= lead >= 0xf0 ? 2 : 1;
        at += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    }
    CHECK(units == 0);
    return at;
}

static void apply_txt(struct model *m, const json_t *effect, uint64_t s)
{
    struct model_object *o = find(m, json_array_get(effect, 2));
    const json_t *delta = json_array_get(effect, 4);
    CHECK(o != NULL && strcmp(json_string_value(json_array_get(effect, 3)), "desc") == 0);
    o->s = s;
    if (o->desc == NULL) return;
    const char *old = o->desc;
    buf_clear(&scratch);
    for (size_t i = 0; i < json_array_size(delta); i++) {
        const json_t *part = json_array_get(delta, i);
        if (json_is_string(part)) {
            buf_add(&scratch, json_slice(part));
            continue;
        }
        int64_t n = json_integer_value(part);
        size_t bytes = unit_bytes(old, n < 0 ? -n : n);
        if (n > 0) buf_add(&scratch, slice_of(old, bytes));
        old += bytes;
    }
    buf_add(&scratch, slice_cstr(old));
    char *fresh = mem_new(scratch.len + 1);
    memcpy(fresh, scratch.ptr, scratch.len);
    mem_free(o->desc);
    o->desc = fresh;
}

static void apply(struct model *m, const json_t *effect, uint64_t s)
{
    const char *form = json_string_value(json_array_get(effect, 0));
    const json_t *kind = json_array_get(effect, 1), *id = json_array_get(effect, 2),
                 *rest = json_array_get(effect, 3);
    if (strcmp(form, "add") == 0) {
        struct model_object *o = add(m, kind, id, rest);
        o->s = s;
        bool texts = strcmp(o->kind, "card") == 0 || strcmp(o->kind, "board") == 0;
        if (texts && o->desc == NULL) o->desc = mem_new(1);
    } else if (strcmp(form, "set") == 0) {
        apply_set(m, id, rest, s);
    } else if (strcmp(form, "del") == 0) {
        apply_del(m, id);
    } else if (strcmp(form, "tag") == 0) {
        apply_tag(m, effect, s);
    } else {
        CHECK(strcmp(form, "txt") == 0);
        apply_txt(m, effect, s);
    }
}

void model_event(struct model *m, struct slice json, struct id *ret_by,
        char ret_cl[CLIENT_ID_CHARS_MAX + 1], uint64_t *ret_n)
{
    json_t *tree;
    struct fault fault;
    struct slice by, cl;
    arena_reset(&m->arena);
    CHECK(json_read(&m->arena, json, &tree, &fault) == ERR_OK);
    uint64_t s = 0;
    CHECK(json_get_u64(tree, "s", &s) && s == m->seq + 1);
    *ret_by = (struct id){0};
    *ret_n = 0;
    ret_cl[0] = '\0';
    if (json_get_slice(tree, "by", &by)) CHECK(id_parse(by, ret_by));
    if (json_get_slice(tree, "cl", &cl))
        snprintf(ret_cl, CLIENT_ID_CHARS_MAX + 1, "%.*s", SLICE_ARG(cl));
    json_get_u64(tree, "n", ret_n);
    const json_t *effects = json_object_get(tree, "e");
    for (size_t i = 0; i < json_array_size(effects); i++)
        apply(m, json_array_get(effects, i), s);
    m->seq = s;
    snprintf(m->h, sizeof m->h, "%s", json_string_value(json_object_get(tree, "h")));
}

/* -- showing */

static int kind_number(const char *kind)
{
    static const char *const kinds[] = {"board", "list", "card", "label", "membership",
            "customField", "customFieldOption", "checklist", "checkItem", "comment",
            "customFieldItem", "attachment"};
    for (int i = 0; i < (int)ARRAY_COUNT(kinds); i++)
        if (strcmp(kinds[i], kind) == 0) return i;
    return 99;
}

static int by_kind_and_id(const void *x, const void *y)
{
    const struct model_object *a = *(struct model_object *const *)x,
                              *b = *(struct model_object *const *)y;
    int order = kind_number(a->kind) - kind_number(b->kind);
    return order != 0 ? order : memcmp(a->id.bytes, b->id.bytes, ID_BYTES);
}

static int by_name(const void *x, const void *y)
{
    return strcmp(((const struct model_field *)x)->name, ((const struct model_field *)y)->name);
}

static void write_object(const struct model_object *o, struct buf *out)
{
    struct model_field all[26];
    char id[ID_TEXT + 1], id_json[ID_TEXT + 3], s_json[24];
    size_t count = o->field_count;
    memcpy(all, o->fields, count * sizeof *all);
    id_format(o->id, id);
    snprintf(id_json, sizeof id_json, "\"%s\"", id);
    snprintf(s_json, sizeof s_json, "%llu", (unsigned long long)o->s);
    all[count++] = (struct model_field){.name = "id", .json = id_json};
    all[count++] = (struct model_field){.name = "s", .json = s_json};
    qsort(all, count, sizeof *all, by_name);
    buf_add_format(out, "[\"%s\",{", o->kind);
    for (size_t i = 0; i < count; i++) {
        buf_add_format(out, "%s\"%s\":", i > 0 ? "," : "", all[i].name);
        buf_add(out, slice_cstr(all[i].json));
    }
    BUF_ADD(out, "}]");
}

void model_text(const struct model *m, struct buf *out)
{
    size_t count = HASH_COUNT(m->objects), i = 0;
    struct model_object **sorted = MEM_NEW_ARRAY(struct model_object *, count + 1);
    for (struct model_object *o = m->objects; o != NULL; o = o->hh.next)
        sorted[i++] = o;
    qsort(sorted, count, sizeof *sorted, by_kind_and_id);
    buf_clear(out);
    BUF_ADD(out, "{\"objects\":[");
    for (i = 0; i < count; i++) {
        if (i > 0) buf_add_char(out, ',');
        write_object(sorted[i], out);
    }
    buf_add_format(out, "],\"pos\":[%llu,\"%s\"]}", (unsigned long long)m->seq, m->h);
    mem_free(sorted);
}

bool model_member(const struct model *m, struct id member)
{
    char id[ID_TEXT + 1], json[ID_TEXT + 3];
    id_format(member, id);
    snprintf(json, sizeof json, "\"%s\"", id);
    for (const struct model_object *o = m->objects; o != NULL; o = o->hh.next)
        if (strcmp(o->kind, "membership") == 0 && strcmp(model_get(o, "idMember"), json) == 0)
            return true;
    return false;
}

struct model_object *model_pick(const struct model *m, struct rng *r, const char *kind)
{
    uint64_t count = 0;
    for (const struct model_object *o = m->objects; o != NULL; o = o->hh.next)
        count += strcmp(o->kind, kind) == 0;
    if (count == 0) return NULL;
    uint64_t wanted = rng_below(r, count);
    for (struct model_object *o = m->objects; o != NULL; o = o->hh.next)
        if (strcmp(o->kind, kind) == 0 && wanted-- == 0) return o;
    return NULL;
}
