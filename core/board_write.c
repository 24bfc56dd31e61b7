#include "core/board.h"

static int by_kind_and_id(const void *left, const void *right)
{
    struct object *const *a = left, *const *b = right;
    if ((*a)->kind != (*b)->kind) return (*a)->kind < (*b)->kind ? -1 : 1;
    return id_cmp((*a)->id, (*b)->id);
}

void board_objects_write(const struct board *b, enum kind last, struct json_out *j)
{
    size_t count = HASH_COUNT(b->objects), used = 0;
    struct object **sorted = MEM_NEW_ARRAY(struct object *, count);
    for (struct object *o = b->objects; o != NULL; o = o->hh.next)
        if (o->kind <= last) sorted[used++] = o;
    qsort(sorted, used, sizeof(sorted[0]), by_kind_and_id);
    json_array_begin(j);
    for (size_t i = 0; i < used; i++) {
        json_array_begin(j);
        json_raw(j, kind_info(sorted[i]->kind)->json);
        buf_add_char(j->buf, ',');
        object_write(sorted[i], j->buf);
        json_array_end(j);
    }
    json_array_end(j);
    mem_free(sorted);
}

void board_write(const struct board *b, struct buf *out)
{
    char h[17];
    hash_head_format(b->head.chain, h);
    struct json_out j = json_out(out);
    json_object_begin(&j);
    JSON_KEY(&j, "objects");
    board_objects_write(b, KIND_LIMIT, &j);
    JSON_KEY(&j, "pos");
    json_array_begin(&j);
    json_u64(&j, b->head.seq);
    json_str(&j, slice_cstr(h));
    json_array_end(&j);
    json_object_end(&j);
}
