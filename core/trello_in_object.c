#include "core/trello_in_impl.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf.h"

#define MEMBER_BYTES_KEPT   256 /* of a JSON field that must shrink: larger members go */
#define CANDIDATE_BYTES_MAX ((size_t)8 * 1024)
#define NAME_BYTES_IN_NOTES 40
/* Of a value that becomes a tree, which takes some 50 times as much. */
#define TREE_BYTES_MAX (2 * JSON_FIELD_BYTES_MAX)

struct slice import_field(const struct import_parts *p, enum field f)
{
    return p->fields[field_info(f)->slot];
}

uint64_t import_elements(struct slice array)
{
    struct walk w = walk_of(array);
    struct slice json;
    size_t count = 0;
    if (!walk_is(&w, '[') || !walk_take(&w, '[')) return 0;
    while (walk_element(&w, &count) && walk_value(&w, &json))
        ;
    return count;
}

/* What a card holds that has no place here yet. The posting address (email) is a secret of
 * Trello's, and is not even counted. */
static void count_left_out(struct trello_in *t, struct slice key, struct slice json)
{
    static const char *const names[] = {"pluginData", "stickers"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (slice_eq(key, slice_cstr(names[i]))) import_unsupported(t, key, import_elements(json));
    }
}

bool import_cut(
        struct trello_in *t, enum kind kind, struct slice json, struct import_parts *ret_parts)
{
    struct walk w = walk_of(json);
    struct slice key, value;
    size_t count = 0;
    enum field f;
    CHECK(kind_info(kind)->count <= IMPORT_SLOTS_MAX);
    memset(ret_parts, 0, sizeof(*ret_parts));
    if (!walk_is(&w, '{') || !walk_take(&w, '{')) return false;
    while (walk_member(&w, &count, &key) && walk_value(&w, &value)) {
        if (slice_eq(key, SLICE("id"))) ret_parts->id = value;
        if (slice_eq(key, SLICE("labels"))) ret_parts->labels = value;
        if (slice_eq(key, SLICE("checkItems"))) ret_parts->check_items = value;
        if (slice_eq(key, SLICE("options"))) ret_parts->options = value;
        if (slice_eq(key, SLICE("customFieldItems"))) ret_parts->field_items = value;
        if (slice_eq(key, SLICE("attachments"))) ret_parts->attachments = value;
        if (field_parse(kind, key, &f)) ret_parts->fields[field_info(f)->slot] = value;
        if (kind == KIND_CARD && t->pass == 2) count_left_out(t, key, value);
    }
    return !w.bad;
}

struct slice import_text(struct trello_in *t, struct slice json)
{
    json_t *tree;
    if (json.len == 0 || json.ptr[0] != '"') return slice_of(NULL, 0);
    if (json_read(&t->scratch, json, &tree, NULL) != ERR_OK) return slice_of(NULL, 0);
    return json_slice(tree);
}

/* -- single fields */

static struct slice cut_text(struct slice text, size_t units)
{
    size_t bytes;
    if (utf_offset(text, units, &bytes)) return slice_head(text, bytes);
    CHECK(utf_offset(text, units - 1, &bytes)); /* the limit fell between a pair */
    return slice_head(text, bytes);
}

/* The members that are small; the rest is named in a note. */
static struct slice shrink_json(
        struct trello_in *t, enum field f, struct slice json, struct slice of)
{
    struct walk w = walk_of(json);
    struct slice key, value;
    size_t count = 0, kept = 0;
    char *text = arena_alloc(&t->scratch, json.len + 2);
    struct buf out = {.ptr = text, .cap = json.len + 2, .bytes_max = json.len + 2};
    buf_add_char(&out, '{');
    if (!walk_is(&w, '{') || !walk_take(&w, '{')) return slice_of(NULL, 0);
    while (walk_member(&w, &count, &key) && walk_value(&w, &value)) {
        if (value.len > MEMBER_BYTES_KEPT) {
            import_note(t, "\"%.*s\": %s.%.*s is too large and left out",
                    SLICE_ARG(utf_head(of, NAME_BYTES_IN_NOTES)), field_info(f)->name.ptr,
                    SLICE_ARG(key));
            continue;
        }
        buf_add(&out, kept++ > 0 ? SLICE(",\"") : SLICE("\""));
        buf_add(&out, key);
        BUF_ADD(&out, "\":");
        buf_add(&out, value);
    }
    buf_add_char(&out, '}');
    CHECK(buf_ok(&out));
    return buf_slice(&out);
}

static bool mend(struct trello_in *t, enum field f, struct slice json, struct slice of,
        struct value *ret_value)
{
    json_t *tree;
    enum field_type type = field_info(f)->type;
    of = utf_head(of, NAME_BYTES_IN_NOTES);
    if (type == FIELD_STR || type == FIELD_TEXT) {
        struct slice text = import_text(t, json);
        size_t max = field_units_max(f);
        if (text.len == 0 || utf_units(text) <= max) return false;
        import_note(t, "\"%.*s\": %s of %zu characters is cut to %zu", SLICE_ARG(of),
                field_info(f)->name.ptr, utf_units(text), max);
        *ret_value = value_str(cut_text(text, max));
        return true;
    }
    if (type != FIELD_JSON) return false;
    struct slice small = shrink_json(t, f, json, of);
    return small.len > 0 && small.len <= TREE_BYTES_MAX &&
           json_read(&t->scratch, small, &tree, NULL) == ERR_OK &&
           value_read(f, tree, ret_value, NULL) == ERR_OK;
}

bool import_value(struct trello_in *t, enum field f, struct slice json, struct slice of,
        struct value *ret_value)
{
    json_t *tree;
    struct fault fault = {0};
    const struct field_info *info = field_info(f);
    if (json.len == 0 || (slice_eq(json, SLICE("null")) && !info->null_allowed)) return false;
    if (json.ptr[0] != '"' && json.len > TREE_BYTES_MAX)
        fault_set(&fault, ERR_TOO_LARGE, "", "is too large", "");
    else if (json_read(&t->scratch, json, &tree, &fault) == ERR_OK &&
             value_read(f, tree, ret_value, &fault) == ERR_OK)
        return true;
    if (mend(t, f, json, of, ret_value)) return true;
    import_note(t, "\"%.*s\": %s %s; left out", SLICE_ARG(utf_head(of, NAME_BYTES_IN_NOTES)),
            info->name.ptr, fault.wrong);
    return false;
}

/* -- objects out */

void import_made_put(struct import_made *m, enum field f, struct value v)
{
    uint8_t slot = field_info(f)->slot;
    value_fini(&m->values[slot]);
    m->values[slot] = v;
    m->has[slot] = true;
}

void import_write(struct trello_in *t, enum kind kind, struct import_made *m)
{
    const struct kind_info *info = kind_info(kind);
    buf_clear(&t->out);
    struct json_out j = json_out(&t->out);
    json_array_begin(&j);
    json_str(&j, info->name);
    json_object_begin(&j);
    for (unsigned i = 0; i <= info->count; i++) {
        if (i == info->id_slot) {
            JSON_KEY(&j, "id");
            json_id(&j, m->id);
        }
        if (i == info->count) break;
        if (m->has[i]) {
            json_key(&j, field_info((enum field)((unsigned)info->first + i))->name);
            value_write(&j, &m->values[i]);
        }
        value_fini(&m->values[i]);
    }
    json_object_end(&j);
    json_array_end(&j);
}

void import_take(struct trello_in *t, enum kind kind, const struct import_parts *p, struct slice of,
        struct import_made *m)
{
    const struct kind_info *info = kind_info(kind);
    for (unsigned i = 0; i < info->count; i++) {
        enum field f = (enum field)((unsigned)info->first + i);
        enum field_type type = field_info(f)->type;
        struct value v;
        bool own = type == FIELD_ID || type == FIELD_SET || f == F_CARD_BADGES ||
                   f == F_CARD_SHORT_LINK || f == F_CARD_ID_SHORT || f == F_ATTACHMENT_FILE ||
                   f == F_ATTACHMENT_IS_UPLOAD;
        if (!own && import_value(t, f, p->fields[i], of, &v)) import_made_put(m, f, v);
    }
}

void import_default_pos(struct import_made *m, enum field f, uint64_t index)
{
    if (!m->has[field_info(f)->slot])
        import_made_put(m, f, value_num(POS_STEP * (double)(index + 1)));
}

enum err import_emit(struct trello_in *t, enum kind kind, struct import_made *m)
{
    import_write(t, kind, m);
    if (!buf_ok(&t->out))
        return fault_set(
                t->fault, ERR_TOO_LARGE, kind_info(kind)->name.ptr, "is too large", "1 MiB");
    return t->options.emit(t->options.context, kind, buf_slice(&t->out));
}

static enum err refuse_quota(struct trello_in *t, const char *field, size_t max)
{
    char expected[40];
    snprintf(expected, sizeof(expected), "at most %zu", max);
    return fault_set(t->fault, ERR_QUOTA, field, "are too many for one board", expected);
}

/* Lists and labels wait for pass 2: the board does not exist yet. */
static enum err keep_early(struct trello_in *t, char letter)
{
    if (!buf_ok(&t->out) || !buf_add_char(&t->early, letter) ||
            !buf_add(&t->early, buf_slice(&t->out)) || !buf_add_char(&t->early, '\n'))
        return fault_set(t->fault, ERR_TOO_LARGE, "lists", "and labels are larger than 32 MiB",
                "a board's export");
    return ERR_OK;
}

enum err import_list(struct trello_in *t, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    if (!import_cut(t, KIND_LIST, json, &p)) return ERR_OK;
    if (t->lists >= LISTS_PER_BOARD_MAX) return refuse_quota(t, "lists", LISTS_PER_BOARD_MAX);
    struct slice name = import_text(t, import_field(&p, F_LIST_NAME));
    m.id = import_id(t, ENTRY_LIST, import_text(t, p.id));
    import_take(t, KIND_LIST, &p, name, &m);
    import_default_pos(&m, F_LIST_POS, t->lists);
    double pos = m.values[field_info(F_LIST_POS)->slot].num;
    bool closed = m.has[field_info(F_LIST_CLOSED)->slot] &&
                  m.values[field_info(F_LIST_CLOSED)->slot].boolean;
    /* Open before closed, then by place. */
    bool better = closed == t->fallback_closed ? pos < t->fallback_pos : t->fallback_closed;
    if (t->lists == 0 || better) {
        t->fallback_list = m.id;
        t->fallback_pos = pos;
        t->fallback_closed = closed;
    }
    t->lists++;
    import_write(t, KIND_LIST, &m);
    return keep_early(t, 'L');
}

enum err import_list_made(struct trello_in *t)
{
    import_note(t, "the file has cards but no lists: they are put into one");
    return import_list(t, SLICE("{\"name\":\"Imported\",\"pos\":65536}"));
}

/* The file's name for a label: its id, or colour and name where there was none (before 2015). */
static struct slice label_key(struct trello_in *t, const struct import_parts *p)
{
    struct slice id = import_text(t, p->id);
    if (id.len > 0) return id;
    struct slice color = import_text(t, import_field(p, F_LABEL_COLOR)),
                 name = import_text(t, import_field(p, F_LABEL_NAME));
    char *key = arena_alloc(&t->scratch, color.len + name.len + 1);
    if (color.len > 0) memcpy(key, color.ptr, color.len);
    key[color.len] = '\n';
    if (name.len > 0) memcpy(key + color.len + 1, name.ptr, name.len);
    return slice_of(key, color.len + name.len + 1);
}

enum err import_label(struct trello_in *t, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    struct id known;
    if (!import_cut(t, KIND_LABEL, json, &p)) return ERR_OK;
    struct slice key = label_key(t, &p);
    if (import_find(t, ENTRY_LABEL, key, &known)) return ERR_OK;
    if (t->labels >= LABELS_PER_BOARD_MAX) return refuse_quota(t, "labels", LABELS_PER_BOARD_MAX);
    m.id = import_id(t, ENTRY_LABEL, key);
    import_take(t, KIND_LABEL, &p, import_text(t, import_field(&p, F_LABEL_NAME)), &m);
    t->labels++;
    import_write(t, KIND_LABEL, &m);
    return keep_early(t, 'B');
}

enum err import_card_labels(struct trello_in *t, struct slice json)
{
    struct import_parts p, label;
    struct slice element;
    size_t count = 0;
    uint64_t id_short;
    struct id none = {{0}};
    if (!import_cut(t, KIND_CARD, json, &p)) return ERR_OK;
    if (++t->cards > CARDS_PER_BOARD_MAX) return refuse_quota(t, "cards", CARDS_PER_BOARD_MAX);
    if (slice_to_u64(import_field(&p, F_CARD_ID_SHORT), &id_short) && id_short > t->id_short_max &&
            id_short < UINT32_MAX / 2)
        t->id_short_max = id_short;
    struct walk w = walk_of(p.labels);
    if (!walk_is(&w, '[') || !walk_take(&w, '[')) return ERR_OK;
    while (buf_ok(&t->candidates) && walk_element(&w, &count) && walk_value(&w, &element)) {
        if (element.len > CANDIDATE_BYTES_MAX || memchr(element.ptr, '\n', element.len) != NULL ||
                !import_cut(t, KIND_LABEL, element, &label))
            continue;
        if (!import_put(t, ENTRY_CANDIDATE, label_key(t, &label), none)) continue;
        buf_add(&t->candidates, element);
        buf_add_char(&t->candidates, '\n');
    }
    return ERR_OK;
}

enum err import_rebuilt_labels(struct trello_in *t)
{
    struct slice rest = buf_slice(&t->candidates), line;
    uint64_t before = t->labels;
    enum err err = ERR_OK;
    while (err == ERR_OK && rest.len > 0 && slice_cut(&rest, '\n', &line)) {
        arena_reset(&t->scratch);
        err = import_label(t, line);
    }
    if (t->labels > before)
        import_note(t, "%llu labels were missing from the board and are rebuilt from its cards",
                (unsigned long long)(t->labels - before));
    buf_clear(&t->candidates);
    buf_shrink(&t->candidates);
    return err;
}

/* -- cards */

static void put_label(struct trello_in *t, struct value *set, struct slice key, uint64_t *unknown)
{
    struct id id;
    if (!import_find(t, ENTRY_LABEL, key, &id))
        (*unknown)++;
    else if (set->set == NULL || set->set->count < SET_ELEMENTS_MAX)
        value_set_put(set, id, true);
}

static void card_labels(
        struct trello_in *t, const struct import_parts *p, struct slice of, struct import_made *m)
{
    struct value set = {.type = VALUE_SET};
    struct slice ids = import_field(p, F_CARD_ID_LABELS), element;
    bool by_id = ids.len > 0 && ids.ptr[0] == '[';
    struct walk w = walk_of(by_id ? ids : p->labels);
    uint64_t unknown = 0;
    size_t count = 0;
    struct import_parts label;
    if (walk_is(&w, '[') && walk_take(&w, '[')) {
        while (walk_element(&w, &count) && walk_value(&w, &element)) {
            if (by_id)
                put_label(t, &set, import_text(t, element), &unknown);
            else if (import_cut(t, KIND_LABEL, element, &label))
                put_label(t, &set, label_key(t, &label), &unknown);
        }
    }
    if (unknown > 0)
        import_note(t, "\"%.*s\": %llu labels that the file does not describe are left out",
                SLICE_ARG(utf_head(of, NAME_BYTES_IN_NOTES)), (unsigned long long)unknown);
    import_made_put(m, F_CARD_ID_LABELS, set);
}

static void card_list(
        struct trello_in *t, const struct import_parts *p, struct slice of, struct import_made *m)
{
    struct id list = t->fallback_list;
    if (!import_find(t, ENTRY_LIST, import_text(t, import_field(p, F_CARD_ID_LIST)), &list))
        import_note(t, "\"%.*s\": its list is not in the file; put into the first one",
                SLICE_ARG(utf_head(of, NAME_BYTES_IN_NOTES)));
    import_made_put(m, F_CARD_ID_LIST, value_id(list));
}

static void card_numbers(struct trello_in *t, const struct import_parts *p, struct import_made *m)
{
    char short_link[SHORT_LINK_TEXT + 1];
    uint64_t id_short;
    import_short_link(t, import_text(t, import_field(p, F_CARD_SHORT_LINK)), m->id, short_link);
    import_made_put(m, F_CARD_SHORT_LINK, value_str(slice_cstr(short_link)));
    if (!slice_to_u64(import_field(p, F_CARD_ID_SHORT), &id_short) || id_short == 0 ||
            id_short > t->id_short_max)
        id_short = ++t->id_short_max;
    import_made_put(m, F_CARD_ID_SHORT, value_num((double)id_short));
}

static uint64_t comments_said(const struct import_parts *p)
{
    struct slice json, badges = import_field(p, F_CARD_BADGES);
    uint64_t count = 0;
    if (badges.len > 0 && walk_find(badges, SLICE("comments"), &json)) slice_to_u64(json, &count);
    return count;
}

enum err import_card(struct trello_in *t, size_t index, struct slice json)
{
    struct import_parts p;
    struct import_made m = {0};
    if (!import_cut(t, KIND_CARD, json, &p)) return ERR_OK;
    struct slice name = import_text(t, import_field(&p, F_CARD_NAME));
    m.id = import_id(t, ENTRY_CARD, import_text(t, p.id));
    import_take(t, KIND_CARD, &p, name, &m);
    import_default_pos(&m, F_CARD_POS, index);
    card_labels(t, &p, name, &m);
    card_list(t, &p, name, &m);
    card_numbers(t, &p, &m);
    import_people(t, F_CARD_ID_MEMBERS, &p, &m);
    import_people(t, F_CARD_ID_MEMBERS_VOTED, &p, &m);
    import_cover(t, &p, &m);
    bool has_desc = value_slice(&m.values[field_info(F_CARD_DESC)->slot]).len > 0;
    import_made_put(&m, F_CARD_BADGES,
            value_json(has_desc ? SLICE("{\"description\":true}") : SLICE("{}")));
    t->comments_known += comments_said(&p);
    t->cards_sent++;
    return import_emit(t, KIND_CARD, &m);
}
