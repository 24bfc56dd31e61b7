#include "core/trello_out.h"

#define FLUSH_BYTES ((size_t)64 * 1024)

bool trello_filter_read(struct slice text, enum trello_filter *ret_filter)
{
    static const char *const names[] = {"none", "open", "closed", "all", "visible"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (!slice_eq(text, slice_cstr(names[i]))) continue;
        *ret_filter = (enum trello_filter)i;
        return true;
    }
    return false;
}

static bool closed(const struct object *o)
{
    return o->kind == KIND_CARD ? value_of(o, F_CARD_CLOSED)->boolean
                                : value_of(o, F_LIST_CLOSED)->boolean;
}

bool trello_filter_allows(const struct board *b, const struct object *o, enum trello_filter filter)
{
    CHECK(o->kind == KIND_CARD || o->kind == KIND_LIST);
    switch (filter) {
    case TRELLO_NONE: return false;
    case TRELLO_OPEN: return !closed(o);
    case TRELLO_CLOSED: return closed(o);
    case TRELLO_ALL: return true;
    case TRELLO_VISIBLE:
        if (closed(o) || o->kind == KIND_LIST) return !closed(o);
        const struct object *list = board_get(b, KIND_LIST, value_of(o, F_CARD_ID_LIST)->id);
        return list != NULL && !closed(list);
    }
    UNREACHABLE();
}

struct board_writer {
    struct trello_writer w;
    const struct trello_nested *nested;
    struct buf *out;
    enum err (*flush)(void *context, struct buf *out);
    void *context;
};

static enum err flush_some(struct board_writer *bw)
{
    if (!buf_ok(bw->out)) return ERR_TOO_LARGE;
    return bw->flush != NULL && bw->out->len > FLUSH_BYTES ? bw->flush(bw->context, bw->out)
                                                           : ERR_OK;
}

static enum err write_one(
        struct board_writer *bw, const struct object *o, const struct trello_fields *fields)
{
    json_object_begin(bw->w.j);
    trello_members(&bw->w, o, fields);
    if (o->kind == KIND_CARD && bw->nested->card_checklists) {
        struct trello_options options = *bw->w.options;
        options.fields = bw->nested->checklist_fields;
        JSON_KEY(bw->w.j, "checklists");
        trello_children_write(bw->w.j, bw->w.b, KIND_CHECKLIST, o->id, &options);
    }
    if (o->kind == KIND_CARD && bw->nested->card_field_items) {
        struct trello_options options = *bw->w.options;
        options.fields = (struct trello_fields){.all = true};
        JSON_KEY(bw->w.j, "customFieldItems");
        trello_children_write(bw->w.j, bw->w.b, KIND_FIELD_ITEM, o->id, &options);
    }
    if (o->kind == KIND_CARD && bw->nested->card_attachments) {
        struct trello_options options = *bw->w.options;
        options.fields = bw->nested->attachment_fields;
        JSON_KEY(bw->w.j, "attachments");
        trello_children_write(bw->w.j, bw->w.b, KIND_ATTACHMENT, o->id, &options);
    }
    json_object_end(bw->w.j);
    return flush_some(bw);
}

static enum err write_children(struct board_writer *bw, enum kind kind, struct id parent,
        enum trello_filter filter, const struct trello_fields *fields)
{
    const struct siblings *s = board_children(bw->w.b, kind, parent);
    enum err err = ERR_OK;
    for (size_t i = 0; s != NULL && i < s->count && err == ERR_OK; i++) {
        if (trello_filter_allows(bw->w.b, s->at[i], filter)) err = write_one(bw, s->at[i], fields);
    }
    return err;
}

static enum err write_cards(struct board_writer *bw, const struct trello_nested *nested)
{
    const struct siblings *lists = board_children(bw->w.b, KIND_LIST, bw->w.b->id);
    enum err err = ERR_OK;
    for (size_t i = 0; lists != NULL && i < lists->count && err == ERR_OK; i++)
        err = write_children(bw, KIND_CARD, lists->at[i]->id, nested->cards, &nested->card_fields);
    return err;
}

static int by_id(const void *left, const void *right)
{
    const struct object *const *a = left, *const *b = right;
    return id_cmp((*a)->id, (*b)->id);
}

static int by_date(const void *left, const void *right)
{
    const struct object *const *a = left, *const *b = right;
    int order = slice_cmp(value_slice(value_of(*b, F_COMMENT_DATE)),
            value_slice(value_of(*a, F_COMMENT_DATE)));
    return order != 0 ? order : id_cmp((*b)->id, (*a)->id);
}

enum err trello_comments_write(struct json_out *j, const struct board *b,
        const struct trello_options *options, enum err (*flush)(void *context, struct buf *out),
        void *context)
{
    struct board_writer bw = {.out = j->buf, .flush = flush, .context = context};
    const struct object **sorted = MEM_NEW_ARRAY(const struct object *, b->count[KIND_COMMENT]);
    size_t count = 0;
    enum err err = ERR_OK;
    for (const struct object *o = b->objects; o != NULL; o = o->hh.next) {
        if (o->kind == KIND_COMMENT) sorted[count++] = o;
    }
    if (count > 0) qsort(sorted, count, sizeof(sorted[0]), by_date);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        trello_comment_write(j, b, sorted[i], options);
        err = flush_some(&bw);
    }
    mem_free(sorted);
    return err;
}

/* Objects without an order of their own, oldest first. */
static enum err write_kind(
        struct board_writer *bw, enum kind kind, const struct trello_fields *fields)
{
    const struct board *b = bw->w.b;
    const struct object **sorted = MEM_NEW_ARRAY(const struct object *, b->count[kind]);
    size_t count = 0;
    enum err err = ERR_OK;
    for (const struct object *o = b->objects; o != NULL; o = o->hh.next) {
        if (o->kind == kind) sorted[count++] = o;
    }
    CHECK(count == b->count[kind]);
    qsort(sorted, count, sizeof(sorted[0]), by_id);
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = write_one(bw, sorted[i], fields);
    mem_free(sorted);
    return err;
}

static struct label_uses *count_uses(const struct board *b)
{
    struct label_uses *uses = NULL, *found;
    for (const struct object *o = b->objects; o != NULL; o = o->hh.next) {
        const struct id_set *set = o->kind == KIND_CARD ? value_of(o, F_CARD_ID_LABELS)->set : NULL;
        for (size_t i = 0; set != NULL && i < set->count; i++) {
            HASH_FIND(hh, uses, set->ids[i].bytes, ID_BYTES, found);
            if (found == NULL) {
                found = MEM_NEW(struct label_uses);
                found->id = set->ids[i];
                HASH_ADD(hh, uses, id, ID_BYTES, found);
            }
            found->count++;
        }
    }
    return uses;
}

static enum err write_labels_counted(struct board_writer *bw, const struct trello_fields *fields)
{
    struct label_uses *uses = count_uses(bw->w.b), *one, *next;
    bw->w.uses = uses;
    bw->w.counted = true;
    enum err err = write_kind(bw, KIND_LABEL, fields);
    bw->w.uses = NULL;
    bw->w.counted = false;
    HASH_ITER(hh, uses, one, next)
    {
        HASH_DEL(uses, one);
        mem_free(one);
    }
    return err;
}

static enum err write_nested(struct board_writer *bw, const struct trello_nested *nested)
{
    struct json_out *j = bw->w.j;
    struct trello_fields all = {.all = true};
    enum err err = ERR_OK;
    if (nested->lists != TRELLO_NONE) {
        JSON_KEY(j, "lists");
        json_array_begin(j);
        err = write_children(bw, KIND_LIST, bw->w.b->id, nested->lists, &nested->list_fields);
        json_array_end(j);
    }
    if (err == ERR_OK && nested->cards != TRELLO_NONE) {
        JSON_KEY(j, "cards");
        json_array_begin(j);
        err = write_cards(bw, nested);
        json_array_end(j);
    }
    if (err == ERR_OK && nested->labels) {
        JSON_KEY(j, "labels");
        json_array_begin(j);
        err = write_labels_counted(bw, &nested->label_fields);
        json_array_end(j);
    }
    if (err == ERR_OK && nested->checklists) {
        JSON_KEY(j, "checklists");
        json_array_begin(j);
        err = write_kind(bw, KIND_CHECKLIST, &nested->checklist_fields);
        json_array_end(j);
    }
    if (err == ERR_OK && nested->custom_fields) {
        struct trello_options options = *bw->w.options;
        options.fields = all;
        JSON_KEY(j, "customFields");
        trello_children_write(j, bw->w.b, KIND_CUSTOM_FIELD, bw->w.b->id, &options);
    }
    if (err == ERR_OK && nested->comments) {
        JSON_KEY(j, "actions");
        json_array_begin(j);
        err = trello_comments_write(j, bw->w.b, bw->w.options, bw->flush, bw->context);
        json_array_end(j);
    }
    if (err == ERR_OK && nested->memberships) {
        JSON_KEY(j, "memberships");
        json_array_begin(j);
        err = write_kind(bw, KIND_MEMBERSHIP, &all);
        json_array_end(j);
    }
    return err;
}

enum err trello_board_write(struct buf *out, const struct board *b,
        const struct trello_options *options, const struct trello_nested *nested,
        enum err (*flush)(void *context, struct buf *out), void *context)
{
    struct json_out j = json_out(out);
    struct board_writer bw = {.w = {.j = &j, .b = b, .options = options},
            .nested = nested,
            .out = out,
            .flush = flush,
            .context = context};
    const struct object *self = board_self(b);
    CHECK(self != NULL);
    json_object_begin(&j);
    trello_members(&bw.w, self, &options->fields);
    enum err err = write_nested(&bw, nested);
    json_object_end(&j);
    if (err != ERR_OK) return err;
    return buf_ok(out) ? ERR_OK : ERR_TOO_LARGE;
}
