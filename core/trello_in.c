#include "core/trello_in.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/trello_in_impl.h"

#define SCRATCH_BYTES ((size_t)64 * 1024)
#define SCRATCH_BYTES_MAX                                                                          \
    ((size_t)64 * IMPORT_ELEMENT_BYTES_MAX)          /* trees of one element's fields */
#define OUT_BYTES_MAX (8 * IMPORT_ELEMENT_BYTES_MAX) /* escapes may grow a text sixfold */
#define DEPTH_MAX     64

struct trello_in *trello_in_new(const struct trello_in_options *options)
{
    struct trello_in *t = MEM_NEW(struct trello_in);
    t->options = *options;
    rng_init(&t->rng, options->seed);
    arena_init(&t->scratch, SCRATCH_BYTES, SCRATCH_BYTES_MAX);
    buf_init(&t->out, OUT_BYTES_MAX);
    buf_init(&t->early, IMPORT_EARLY_BYTES_MAX);
    buf_init(&t->candidates, IMPORT_EARLY_BYTES_MAX);
    import_put(t, ENTRY_USED, slice_of(options->board.bytes, ID_BYTES), options->board);
    import_people_init(t);
    return t;
}

struct trello_in *trello_in_free(struct trello_in *t)
{
    if (t == NULL) return NULL;
    json_split_free(t->split);
    import_entries_free(t);
    import_people_fini(t);
    value_fini(&t->name);
    value_fini(&t->desc);
    value_fini(&t->prefs);
    buf_fini(&t->candidates);
    buf_fini(&t->early);
    buf_fini(&t->out);
    arena_fini(&t->scratch);
    return mem_free(t);
}

/* -- pass 1: the board, its lists, labels and people, which cards there are */

static void board_value(
        struct trello_in *t, enum field f, struct slice json, struct value *ret_value)
{
    struct value v;
    if (!import_value(t, f, json, SLICE("board"), &v)) return;
    value_fini(ret_value);
    *ret_value = v;
}

static void board_member(struct trello_in *t, struct slice key, struct slice json)
{
    if (slice_eq(key, SLICE("name"))) board_value(t, F_BOARD_NAME, json, &t->name);
    if (slice_eq(key, SLICE("desc"))) board_value(t, F_BOARD_DESC, json, &t->desc);
    if (slice_eq(key, SLICE("prefs"))) board_value(t, F_BOARD_PREFS, json, &t->prefs);
    if (slice_eq(key, SLICE("closed"))) t->closed = slice_eq(json, SLICE("true"));
}

static bool is_collection(struct slice key)
{
    return slice_eq(key, SLICE("lists")) || slice_eq(key, SLICE("cards"));
}

static enum err first_pass(void *context, struct slice key, size_t index, struct slice json)
{
    struct trello_in *t = context;
    arena_reset(&t->scratch);
    if (index == SIZE_MAX) {
        board_member(t, key, json);
        return ERR_OK;
    }
    if (is_collection(key)) t->looks_like_a_board = true;
    if (slice_eq(key, SLICE("lists"))) return import_list(t, json);
    if (slice_eq(key, SLICE("labels"))) return import_label(t, json);
    if (slice_eq(key, SLICE("cards"))) return import_card_labels(t, json);
    if (slice_eq(key, SLICE("members"))) import_member(t, json);
    if (slice_eq(key, SLICE("memberships"))) import_membership(t, json);
    return ERR_OK;
}

static enum err first_pass_end(struct trello_in *t)
{
    /* An empty array hands over no element, so a board without lists and cards is known by its
     * name. */
    if (!t->looks_like_a_board && t->name.type == VALUE_NULL)
        return fault_set(t->fault, ERR_INVALID, "", "has neither a name nor lists nor cards",
                "a board as Trello's \"Export as JSON\" writes it");
    if (t->lists == 0 && t->cards > 0) {
        enum err err = import_list_made(t);
        if (err != ERR_OK) return err;
    }
    return import_rebuilt_labels(t);
}

/* -- pass 2: people, lists and labels first, then cards as they come; the rest is counted */

static enum err send_early(struct trello_in *t)
{
    struct slice rest = buf_slice(&t->early), line;
    if (t->early_sent) return ERR_OK;
    t->early_sent = true;
    enum err err = import_people_send(t);
    /* Lines are canonical JSON, which has no bare line feed. */
    while (err == ERR_OK && rest.len > 0 && slice_cut(&rest, '\n', &line)) {
        bool list = line.ptr[0] == 'L';
        err = t->options.emit(
                t->options.context, list ? KIND_LIST : KIND_LABEL, slice_from(line, 1));
        t->lists_sent += list ? 1 : 0;
        t->labels_sent += list ? 0 : 1;
    }
    buf_clear(&t->early);
    buf_shrink(&t->early);
    return err;
}

/* What a plan or a shop of plug-ins puts there says nothing about the board. */
static bool is_noise(struct slice key)
{
    return slice_eq(key, SLICE("premiumFeatures")) || slice_eq(key, SLICE("idTags"));
}

static bool is_of_first_pass(struct slice key)
{
    return slice_eq(key, SLICE("lists")) || slice_eq(key, SLICE("labels")) ||
           slice_eq(key, SLICE("members")) || slice_eq(key, SLICE("memberships"));
}

static enum err second_pass(void *context, struct slice key, size_t index, struct slice json)
{
    struct trello_in *t = context;
    arena_reset(&t->scratch);
    bool named = slice_eq(key, SLICE("idOrganization")) && !slice_eq(json, SLICE("null"));
    if (index == SIZE_MAX && named) import_unsupported(t, SLICE("organization"), 1);
    if (index == SIZE_MAX || is_of_first_pass(key)) return ERR_OK;
    if (slice_eq(key, SLICE("cards"))) return import_card(t, index, json);
    if (slice_eq(key, SLICE("customFields"))) return import_custom_field(t, index, json);
    if (slice_eq(key, SLICE("checklists"))) return ERR_OK; /* of pass 3 */
    if (slice_eq(key, SLICE("actions"))) return ERR_OK;    /* of pass 3, too */
    if (!is_noise(key)) import_unsupported(t, key, 1);
    return ERR_OK;
}

/* -- pass 3: what hangs on cards */

static enum err third_pass(void *context, struct slice key, size_t index, struct slice json)
{
    struct trello_in *t = context;
    arena_reset(&t->scratch);
    if (index == SIZE_MAX) return ERR_OK;
    if (slice_eq(key, SLICE("checklists"))) return import_checklist(t, index, json);
    if (slice_eq(key, SLICE("actions"))) return import_action(t, json);
    if (!slice_eq(key, SLICE("cards"))) return ERR_OK;
    enum err err = import_card_values(t, json);
    if (err == ERR_OK) err = import_attachments(t, json);
    return err;
}

/* -- feeding */

static const struct json_split_limits limits = {
        .element_bytes_max = IMPORT_ELEMENT_BYTES_MAX, .depth_max = DEPTH_MAX};

static void start_pass(struct trello_in *t, int pass)
{
    static json_split_fn *const passes[] = {first_pass, second_pass, third_pass};
    CHECK(pass >= 1 && pass <= TRELLO_IN_PASSES);
    if (t->pass == pass && t->split != NULL) return;
    CHECK(t->split == NULL && t->pass == pass - 1); /* the pass before was ended */
    t->pass = pass;
    t->split = json_split_new(limits, passes[pass - 1], t);
}

enum err trello_in_feed(struct trello_in *t, int pass, struct slice bytes, struct fault *fault)
{
    start_pass(t, pass);
    t->fault = fault;
    enum err err = pass == 2 ? send_early(t) : ERR_OK;
    if (err == ERR_OK) err = json_split_feed(t->split, bytes, fault);
    t->fault = NULL;
    return err;
}

enum err trello_in_end(struct trello_in *t, int pass, struct fault *fault)
{
    start_pass(t, pass);
    t->fault = fault;
    enum err err = pass == 2 ? send_early(t) : ERR_OK;
    if (err == ERR_OK) err = json_split_end(t->split, fault);
    arena_reset(&t->scratch);
    if (err == ERR_OK && pass == 1) err = first_pass_end(t);
    t->split = json_split_free(t->split);
    t->fault = NULL;
    return err;
}

/* -- results */

static int by_name(const void *left, const void *right)
{
    const struct import_count *a = left, *b = right;
    return strcmp(a->name, b->name);
}

static void write_unsupported(struct json_out *j, const struct trello_in *t)
{
    struct import_count counts[IMPORT_COUNTS_MAX];
    memcpy(counts, t->unsupported, sizeof(counts));
    qsort(counts, t->unsupported_count, sizeof(counts[0]), by_name);
    JSON_KEY(j, "unsupported");
    json_object_begin(j);
    for (size_t i = 0; i < t->unsupported_count; i++) {
        json_key(j, slice_cstr(counts[i].name));
        json_u64(j, counts[i].count);
    }
    json_object_end(j);
}

static void write_notes(struct json_out *j, const struct trello_in *t)
{
    char more[96];
    JSON_KEY(j, "notes");
    json_array_begin(j);
    for (size_t i = 0; i < t->notes_count && i < IMPORT_NOTES_MAX; i++)
        json_str(j, slice_cstr(t->notes[i]));
    if (t->notes_count > IMPORT_NOTES_MAX) {
        snprintf(more, sizeof(more), "and %llu more notes",
                (unsigned long long)(t->notes_count - IMPORT_NOTES_MAX));
        json_str(j, slice_cstr(more));
    }
    import_people_note(t, j);
    if (t->comments_known > t->comments_sent) {
        snprintf(more, sizeof(more), "%llu of %llu comments are in the file: it has 1,000 actions",
                (unsigned long long)t->comments_sent, (unsigned long long)t->comments_known);
        json_str(j, slice_cstr(more));
    }
    if (t->files_left > 0) {
        snprintf(more, sizeof(more), "%llu attached files are not in the file: links to them are",
                (unsigned long long)t->files_left);
        json_str(j, slice_cstr(more));
    }
    if (t->short_links_made > 0) {
        snprintf(more, sizeof(more), "%llu short links are new: absent, taken or of another form",
                (unsigned long long)t->short_links_made);
        json_str(j, slice_cstr(more));
    }
    json_array_end(j);
}

void trello_in_report(const struct trello_in *t, struct buf *out)
{
    struct json_out j = json_out(out);
    json_object_begin(&j);
    JSON_KEY(&j, "imported");
    json_object_begin(&j);
    JSON_KEY(&j, "attachments");
    json_u64(&j, t->attachments_sent);
    JSON_KEY(&j, "cards");
    json_u64(&j, t->cards_sent);
    JSON_KEY(&j, "checkItems");
    json_u64(&j, t->items_sent);
    JSON_KEY(&j, "checklists");
    json_u64(&j, t->checklists_sent);
    JSON_KEY(&j, "comments");
    json_u64(&j, t->comments_sent);
    JSON_KEY(&j, "customFieldItems");
    json_u64(&j, t->values_sent);
    JSON_KEY(&j, "customFields");
    json_u64(&j, t->fields_sent);
    JSON_KEY(&j, "labels");
    json_u64(&j, t->labels_sent);
    JSON_KEY(&j, "lists");
    json_u64(&j, t->lists_sent);
    json_object_end(&j);
    JSON_KEY(&j, "mapped");
    json_u64(&j, t->mapped);
    write_notes(&j, t);
    write_unsupported(&j, t);
    json_object_end(&j);
}

void trello_in_board(const struct trello_in *t, struct buf *out)
{
    struct json_out j = json_out(out);
    struct slice name = value_slice(&t->name);
    json_object_begin(&j);
    JSON_KEY(&j, "closed");
    json_bool(&j, t->closed);
    JSON_KEY(&j, "desc");
    json_str(&j, value_slice(&t->desc));
    JSON_KEY(&j, "name");
    json_str(&j, name.len > 0 ? name : SLICE("Imported board"));
    JSON_KEY(&j, "prefs");
    json_raw(&j, t->prefs.type == VALUE_JSON ? value_slice(&t->prefs) : SLICE("{}"));
    json_object_end(&j);
}
