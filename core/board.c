#include "core/board.h"

#define SIBLINGS_CAP_FIRST 4   /* of the pointer arrays, which double */
#define SIBLINGS_SCANNED   128

_Static_assert(offsetof(struct doc, field) == offsetof(struct doc, id) + ID_BYTES,
        "id and field of a doc are one key without a hole");
#define DOC_KEY_BYTES (ID_BYTES + sizeof(enum field))

static size_t object_bytes(const struct object *o)
{
    const struct kind_info *info = kind_info(o->kind);
    size_t bytes = sizeof(*o) + info->count * sizeof(struct value);
    for (unsigned i = 0; i < info->count; i++)
        bytes += value_bytes(&o->fields[i]);
    return bytes;
}

struct board *board_new(struct id id)
{
    struct board *b = MEM_NEW(struct board);
    b->id = id;
    b->head.next_short = 1;
    b->bytes = sizeof(*b);
    return b;
}

static void siblings_free(struct board *b, struct siblings *s)
{
    HASH_DEL(b->siblings, s);
    b->bytes -= sizeof(*s);
    mem_free(s->at);
    mem_free(s);
}

struct board *board_free(struct board *b)
{
    if (b == NULL) return NULL;
    struct object *o, *o_next;
    struct siblings *s, *s_next;
    struct doc *doc, *doc_next;
    HASH_ITER(hh, b->siblings, s, s_next)
    siblings_free(b, s);
    HASH_ITER(hh, b->docs, doc, doc_next)
    board_doc_drop(b, doc);
    HASH_ITER(hh, b->objects, o, o_next)
    {
        HASH_DEL(b->objects, o);
        object_free(o);
    }
    mem_free(b->memberships);
    return mem_free(b);
}

struct object *board_find(const struct board *b, struct id id)
{
    struct object *o = NULL;
    HASH_FIND(hh, b->objects, id.bytes, ID_BYTES, o);
    return o;
}

struct object *board_get(const struct board *b, enum kind kind, struct id id)
{
    struct object *o = board_find(b, id);
    return o != NULL && o->kind == kind ? o : NULL;
}

struct object *board_membership(const struct board *b, struct id member)
{
    if (id_is_none(member)) return NULL;
    for (size_t i = 0; i < b->count[KIND_MEMBERSHIP]; i++) {
        struct object *o = b->memberships[i];
        if (id_eq(object_value(o, F_MEMBERSHIP_ID_MEMBER)->id, member)) return o;
    }
    return NULL;
}

enum role board_role(const struct board *b, struct id member)
{
    enum role role = ROLE_NONE;
    struct object *o = board_membership(b, member);
    if (o != NULL) role_parse(value_slice(object_value(o, F_MEMBERSHIP_MEMBER_TYPE)), &role);
    return role;
}

/* -- documents */

struct doc *board_doc(const struct board *b, struct id id, enum field field)
{
    char key[DOC_KEY_BYTES];
    struct doc *doc = NULL;
    memcpy(key, id.bytes, ID_BYTES);
    memcpy(key + ID_BYTES, &field, sizeof(field));
    HASH_FIND(hh, b->docs, key, DOC_KEY_BYTES, doc);
    return doc;
}

static struct slice text_copy(struct slice text)
{
    if (text.len == 0) return slice_of(NULL, 0);
    char *copy = mem_raw(text.len);
    memcpy(copy, text.ptr, text.len);
    return slice_of(copy, text.len);
}

void board_doc_put(struct board *b, struct id id, enum field field, uint64_t s, struct slice text)
{
    struct doc *doc = board_doc(b, id, field);
    struct slice copy = text_copy(text); /* before the old one goes: text may lie in it */
    if (doc == NULL) {
        doc = MEM_NEW(struct doc);
        doc->id = id;
        doc->field = field;
        HASH_ADD(hh, b->docs, id, DOC_KEY_BYTES, doc);
        b->bytes += sizeof(*doc);
    } else {
        b->bytes -= doc->text.len;
        mem_free((void *)(uintptr_t)doc->text.ptr);
    }
    doc->s = s;
    doc->text = copy;
    b->bytes += text.len;
}

void board_doc_drop(struct board *b, struct doc *doc)
{
    HASH_DEL(b->docs, doc);
    b->bytes -= sizeof(*doc) + doc->text.len;
    mem_free((void *)(uintptr_t)doc->text.ptr);
    mem_free(doc);
}

/* -- order */

/* Asked some thirty times a move, so the slots are looked up once. */
static struct {
    int8_t pos, parent; /* -1: none */
    bool ordered;
} orders[KIND_LIMIT];

/* Behind model.c's own count. */
__attribute__((constructor(102))) static void find_orders(void)
{
    for (unsigned k = 0; k < KIND_LIMIT; k++) {
        if (!kind_known(k)) continue;
        enum field pos = kind_pos_field((enum kind)k), parent = kind_parent_field((enum kind)k);
        enum field first = kind_info((enum kind)k)->first;
        orders[k].pos = pos == FIELD_COUNT ? -1 : (int8_t)(pos - first);
        orders[k].parent = parent == FIELD_COUNT ? -1 : (int8_t)(parent - first);
        orders[k].ordered = pos != FIELD_COUNT || parent != FIELD_COUNT;
    }
}

bool field_places(enum field f)
{
    enum kind kind = field_info(f)->kind;
    return f == kind_pos_field(kind) || f == kind_parent_field(kind);
}

/* Under whom o stands; false for kinds without an order. */
static bool order_of(const struct board *b, const struct object *o, struct id *ret_parent)
{
    int parent = orders[o->kind].parent;
    if (!orders[o->kind].ordered) return false;
    *ret_parent = parent < 0 ? b->id : o->fields[parent].id;
    return true;
}

double object_pos(const struct object *o)
{
    int pos = orders[o->kind].pos;
    return pos < 0 ? 0 : o->fields[pos].num;
}

static int order_cmp(const struct object *a, const struct object *b)
{
    double x = object_pos(a), y = object_pos(b);
    if (x != y) return x < y ? -1 : 1;
    return id_cmp(a->id, b->id);
}

_Static_assert(offsetof(struct siblings, kind) == offsetof(struct siblings, parent) + ID_BYTES,
        "parent and kind of siblings are one key without a hole");
#define SIBLINGS_KEY_BYTES (ID_BYTES + 1)

static struct siblings *siblings_find(const struct board *b, enum kind kind, struct id parent)
{
    struct siblings *s = NULL;
    char key[SIBLINGS_KEY_BYTES];
    memcpy(key, parent.bytes, ID_BYTES);
    key[ID_BYTES] = (char)kind;
    HASH_FIND(hh, b->siblings, key, SIBLINGS_KEY_BYTES, s);
    return s;
}

const struct siblings *board_children(const struct board *b, enum kind kind, struct id parent)
{
    return siblings_find(b, kind, parent);
}

/* Where o stands, or would stand. */
static size_t siblings_search(const struct siblings *s, const struct object *o)
{
    size_t low = 0, high = s->count;
    /* Most come to one of the ends; others cost a look at an object for every step. */
    if (high > 0 && order_cmp(s->at[high - 1], o) < 0) return high;
    if (high > 0 && order_cmp(o, s->at[0]) < 0) return 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order_cmp(s->at[middle], o) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t siblings_index(const struct siblings *s, const struct object *o)
{
    /* Pointers lie together, objects do not: in a list of usual length this touches least. */
    for (size_t i = 0; i < s->count && i < SIBLINGS_SCANNED; i++)
        if (s->at[i] == o) return i;
    size_t index = siblings_search(s, o);
    CHECK(index < s->count && s->at[index] == o);
    return index;
}

/* Room for one more child of parent. */
static struct siblings *siblings_grow(struct board *b, enum kind kind, struct id parent)
{
    struct siblings *s = siblings_find(b, kind, parent);
    if (s == NULL) {
        s = MEM_NEW(struct siblings);
        s->parent = parent;
        s->kind = (uint8_t)kind;
        HASH_ADD(hh, b->siblings, parent, SIBLINGS_KEY_BYTES, s);
        b->bytes += sizeof(*s);
    }
    if (s->count == s->cap) {
        s->cap = s->cap == 0 ? SIBLINGS_CAP_FIRST : s->cap * 2;
        s->at = mem_resize(s->at, s->cap * sizeof(struct object *));
    }
    return s;
}

void board_place(struct board *b, struct object *o)
{
    struct id parent;
    if (!order_of(b, o, &parent)) return;
    struct siblings *s = siblings_grow(b, o->kind, parent);
    size_t index = siblings_search(s, o);
    CHECK(index == s->count || s->at[index] != o);
    memmove(&s->at[index + 1], &s->at[index], (s->count - index) * sizeof(struct object *));
    s->at[index] = o;
    s->count++;
}

void board_unplace(struct board *b, struct object *o)
{
    struct id parent;
    if (!order_of(b, o, &parent)) return;
    struct siblings *s = siblings_find(b, o->kind, parent);
    CHECK(s != NULL);
    size_t index = siblings_index(s, o);
    s->count--;
    memmove(&s->at[index], &s->at[index + 1], (s->count - index) * sizeof(struct object *));
    if (s->count == 0) siblings_free(b, s);
}

/* -- objects in and out */

static void add_membership(struct board *b, struct object *o)
{
    size_t count = b->count[KIND_MEMBERSHIP];
    if (count == b->membership_cap) {
        b->membership_cap = count == 0 ? SIBLINGS_CAP_FIRST : count * 2;
        b->memberships = mem_resize(b->memberships, b->membership_cap * sizeof(struct object *));
    }
    b->memberships[count] = o;
}

static void remove_membership(struct board *b, const struct object *o)
{
    size_t last = b->count[KIND_MEMBERSHIP] - 1, i = 0;
    while (b->memberships[i] != o)
        CHECK(++i <= last);
    b->memberships[i] = b->memberships[last];
}

static void add_object(struct board *b, struct object *o)
{
    CHECK(board_find(b, o->id) == NULL);
    HASH_ADD(hh, b->objects, id, ID_BYTES, o);
    if (o->kind == KIND_MEMBERSHIP) add_membership(b, o);
    if (id_eq(o->id, b->id) && o->kind == KIND_BOARD) b->self = o;
    b->count[o->kind]++;
    b->bytes += object_bytes(o);
}

void board_insert(struct board *b, struct object *o)
{
    add_object(b, o);
    board_place(b, o);
}

void board_remove(struct board *b, struct object *o)
{
    CHECK(b->count[o->kind] > 0);
    board_unplace(b, o);
    HASH_DEL(b->objects, o);
    if (o->kind == KIND_MEMBERSHIP) remove_membership(b, o);
    if (o == b->self) b->self = NULL;
    b->count[o->kind]--;
    b->bytes -= object_bytes(o);
}

void board_fill(struct board *b, struct object *o)
{
    struct id parent;
    add_object(b, o);
    if (!order_of(b, o, &parent)) return;
    struct siblings *s = siblings_grow(b, o->kind, parent);
    s->at[s->count++] = o;
}

static int by_order(const void *left, const void *right)
{
    struct object *const *a = left, *const *b = right;
    return order_cmp(*a, *b);
}

void board_fill_end(struct board *b)
{
    for (struct siblings *s = b->siblings; s != NULL; s = s->hh.next)
        qsort(s->at, s->count, sizeof(struct object *), by_order);
}
