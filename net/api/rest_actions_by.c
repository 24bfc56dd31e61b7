/* rest_actions_by.c - the actions of one person on many boards, newest first: each board gives its
 * own, of which only as many are kept as will be told. */
#include "net/api/rest_actions.h"

struct found_action {
    int64_t ts;
    struct id id;
    size_t at, len; /* in out */
};

struct actions_by {
    struct rest *rest;
    struct action_query query;
    bool count;
    uint32_t skip, most; /* most: with those that are skipped */
    uint64_t total;
    struct found_action *found; /* twice most */
    uint32_t found_count;
    struct action_writer writer;
};

enum err actions_by_begin(struct rest *r, struct id member, struct actions_by **ret_by)
{
    struct actions_by *by = ARENA_NEW(&r->arena, struct actions_by);
    struct slice format = params_text(&r->params, "format");
    *by = (struct actions_by){.rest = r, .count = slice_eq(format, SLICE("count"))};
    enum err err = actions_limits(r, &by->query);
    if (err != ERR_OK) return err;
    by->skip = by->query.skip;
    by->most = by->query.skip + by->query.limit;
    by->query.by = member;
    by->query.skip = 0;
    by->query.limit = by->most;
    by->found = ARENA_NEW_ARRAY(&r->arena, struct found_action, 2 * (size_t)by->most + 1);
    *ret_by = by;
    return ERR_OK;
}

static enum err keep_action(void *context, struct past *past, const struct action *action)
{
    struct actions_by *by = context;
    size_t at = by->rest->out.len;
    by->writer.j.comma = false;
    enum err err = action_write(&by->writer, past, action);
    if (err == ERR_OK && by->rest->out.len > at)
        by->found[by->found_count++] = (struct found_action){
                action->event->ts, action->id, at, by->rest->out.len - at};
    return err;
}

static int newer_first(const void *a, const void *b)
{
    const struct found_action *x = a, *y = b;
    if (x->ts != y->ts) return x->ts > y->ts ? -1 : 1;
    return id_cmp(y->id, x->id);
}

/* The newest of all in their order, the others' bytes dropped. */
static void keep_newest(struct actions_by *by)
{
    struct buf *out = &by->rest->out, all;
    qsort(by->found, by->found_count, sizeof *by->found, newer_first);
    if (by->found_count > by->most) by->found_count = by->most;
    buf_init(&all, out->bytes_max);
    buf_add(&all, buf_slice(out));
    buf_clear(out);
    for (uint32_t i = 0; i < by->found_count; i++) {
        struct found_action *one = &by->found[i];
        struct slice json = slice_of(all.ptr + one->at, one->len);
        one->at = out->len;
        buf_add(out, json);
    }
    buf_fini(&all);
}

enum err actions_by_board(struct actions_by *by, struct board_view *bv)
{
    struct action_query q = by->query;
    struct action_page page = {0};
    enum err err = actions_bounds(by->rest, bv, &q);
    if (err == ERR_OK) err = action_writer_init(&by->writer, by->rest, bv);
    if (err != ERR_OK) return err;
    err = actions_find(bv, &q, by->count ? action_count : keep_action, by, &page);
    action_writer_fini(&by->writer);
    by->total += page.count;
    if (!by->count) keep_newest(by);
    return err;
}

void actions_by_end(struct actions_by *by)
{
    struct buf *out = &by->rest->out, all;
    struct json_out j = json_out(out);
    if (by->count) {
        action_count_write(&j, by->total);
        return;
    }
    buf_init(&all, out->bytes_max);
    buf_add(&all, buf_slice(out));
    buf_clear(out);
    json_array_begin(&j);
    for (uint32_t i = by->skip; i < by->found_count; i++)
        json_raw(&j, slice_of(all.ptr + by->found[i].at, by->found[i].len));
    json_array_end(&j);
    buf_fini(&all);
}
