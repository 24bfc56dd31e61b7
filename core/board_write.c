#include "core/board.h"

static int by_kind_and_id(const void *left, const void *right)
{
    struct object *const *a = left, *const *b = right;
    if ((*a)->kind != (*b)->kind) return (*a)->kind < (*b)->kind ? -1 : 1;
    return id_cmp((*a)->id, (*b)->id);
}

void board_write(const struct board *b, struct buf *out)
{
    size_t count = HASH_COUNT(b->objects), i = 0;
    struct object **sorted = MEM_NEW_ARRAY(struct object *, count);
    for (struct object *o = b->objects; o != NULL; o = o->hh.next)
        sorted[i++] = o;
    CHECK(i == count);
    qsort(sorted, count, sizeof(sorted[0]), by_kind_and_id);

    char h[17];
    hash_head_format(b->head.chain, h);
    struct json_out j = json_out(out);
    json_object_begin(&j);
    JSON_KEY(&j, "objects");
    json_array_begin(&j);
    for (i = 0; i < count; i++) {
        json_array_begin(&j);
        json_str(&j, kind_info(sorted[i]->kind)->name);
        buf_add_char(out, ',');
        object_write(sorted[i], out);
        json_array_end(&j);
    }
    json_array_end(&j);
    JSON_KEY(&j, "pos");
    json_array_begin(&j);
    json_u64(&j, b->head.seq);
    json_str(&j, slice_cstr(h));
    json_array_end(&j);
    json_object_end(&j);
    mem_free(sorted);
}
