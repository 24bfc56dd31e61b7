#include "net/api/params.h"

#include "core/base/check.h"
#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/base/url.h"
#include "core/base/utf.h"

/* Names that Trello's clients send as a matter of course. What they ask for does not exist here
 * yet, and leaving it out tells no lie: the answer simply has not the collection. */
static const char *const harmless[] = {"key", "token", "oauth_consumer_key", "oauth_token",
        "limits", "actions", "actions_limit", "actions_format", "actions_since", "actions_display",
        "actions_entities", "action_fields", "action_member", "action_member_fields",
        "action_memberCreator", "action_memberCreator_fields", "attachments", "attachment_fields",
        "boardStars", "boardPlugins", "card_attachments", "card_attachment_fields",
        "card_checklists", "card_customFieldItems", "card_members", "card_member_fields",
        "card_pluginData", "card_stickers", "checkItemStates", "checkItem_fields", "checkItems",
        "checklist_fields", "checklists", "customFieldItems", "customFields", "labels_limit",
        "lists_limit", "memberVoted_fields", "member_fields", "membersInvited",
        "membersInvited_fields", "memberships_member", "memberships_member_fields",
        "memberships_orgMemberType", "members_limit", "myPrefs", "organization",
        "organization_fields", "organization_memberships", "organization_pluginData", "plugins",
        "pluginData", "sticker_fields", "stickers", "tags", "boardsInvited",
        "notifications", "paid_account", "savedSearches", "tokens", "cache", "updateSubscription"};

static struct param *params_add(struct arena *a, struct params *p, struct slice name)
{
    if (p->count == PARAMS_MAX) return NULL;
    if (!p->at) p->at = ARENA_NEW_ARRAY(a, struct param, PARAMS_MAX);
    for (uint32_t i = 0; i < p->count; i++) {
        if (!slice_eq(p->at[i].name, name)) continue;
        p->at[i] = (struct param){.name = name};
        return &p->at[i];
    }
    p->at[p->count] = (struct param){.name = name};
    return &p->at[p->count++];
}

bool params_put(struct arena *a, struct params *p, struct slice name, struct slice text)
{
    struct param *param = params_add(a, p, name);
    if (param) param->text = text;
    return param != NULL;
}

static enum err too_many(struct fault *fault)
{
    return fault_set(fault, ERR_INVALID, "", "the request has too many parameters", "at most 200");
}

enum err params_query(struct arena *a, struct params *p, struct slice query, struct fault *fault)
{
    struct slice name, value;
    bool bad = false;
    while (url_query_next(a, &query, &name, &value, &bad)) {
        if (name.len == 0 && value.len == 0) continue;
        struct param *param = params_add(a, p, name);
        if (!param) return too_many(fault);
        param->text = value;
    }
    if (bad)
        return fault_set(fault, ERR_INVALID, "", "a parameter is not percent-encoded UTF-8",
                "%XX escapes of UTF-8 text");
    return ERR_OK;
}

static struct slice json_text(struct arena *a, const json_t *value)
{
    if (json_is_string(value)) return json_slice(value);
    struct buf text;
    buf_init(&text, MIB(8));
    struct json_out j = json_out(&text);
    json_tree(&j, value);
    struct slice made = buf_ok(&text) ? arena_dup(a, buf_slice(&text)) : SLICE("");
    buf_fini(&text);
    return made;
}

enum err params_json(struct arena *a, struct params *p, struct slice body, struct fault *fault)
{
    json_t *tree;
    enum err err = json_read(a, body, &tree, fault);
    if (err != ERR_OK) return err;
    if (!json_is_object(tree))
        return fault_setf(fault, ERR_INVALID, "body", "an object of parameters", "is %s",
                json_type_name(tree));
    for (void *it = json_object_iter(tree); it; it = json_object_iter_next(tree, it)) {
        struct param *param = params_add(a, p, slice_cstr(json_object_iter_key(it)));
        if (!param) return too_many(fault);
        param->json = json_object_iter_value(it);
        param->text = json_text(a, param->json);
    }
    return ERR_OK;
}

const struct param *params_find(const struct params *p, const char *name)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (slice_eq(p->at[i].name, slice_cstr(name))) return &p->at[i];
    }
    return NULL;
}

struct slice params_text(const struct params *p, const char *name)
{
    const struct param *param = params_find(p, name);
    return param ? param->text : (struct slice){0};
}

static enum err wrong(const struct param *p, const char *expected, struct fault *fault)
{
    char name[48];
    snprintf(name, sizeof name, "%.*s", SLICE_ARG(utf_head(p->name, sizeof name - 1)));
    if (p->json && (json_is_number(p->json) || json_is_boolean(p->json)))
        return fault_setf(
                fault, ERR_INVALID, name, expected, "is %.*s", SLICE_ARG(utf_head(p->text, 60)));
    if (p->json && !json_is_string(p->json))
        return fault_setf(fault, ERR_INVALID, name, expected, "is %s", json_type_name(p->json));
    return fault_setf(
            fault, ERR_INVALID, name, expected, "is \"%.*s\"", SLICE_ARG(utf_head(p->text, 60)));
}

enum err params_bool(const struct params *p, const char *name, bool *ret_value, struct fault *fault)
{
    const struct param *param = params_find(p, name);
    if (!param) return ERR_OK;
    return slice_to_bool(param->text, ret_value) ? ERR_OK : wrong(param, "true or false", fault);
}

const struct param_spec *params_spec(const struct param_spec *specs, struct slice name)
{
    for (; specs && specs->name; specs++) {
        struct slice known = slice_cstr(specs->name);
        if (slice_eq(known, name)) return specs;
        if (!slice_ends(known, SLICE("..."))) continue;
        size_t stem = known.len - 4;
        if (name.len > stem + 1 && slice_eq(slice_head(name, stem), slice_head(known, stem)) &&
                (name.ptr[stem] == '/' || name.ptr[stem] == '_')) {
            return specs;
        }
    }
    return NULL;
}

enum err params_check(const struct params *p, const struct param_spec *specs, struct fault *fault)
{
    for (uint32_t i = 0; i < p->count; i++) {
        struct slice name = p->at[i].name;
        bool known = params_spec(specs, name) != NULL;
        for (size_t k = 0; !known && k < ARRAY_COUNT(harmless); k++)
            known = slice_eq(name, slice_cstr(harmless[k]));
        if (known) continue;
        char text[48];
        snprintf(text, sizeof text, "%.*s", SLICE_ARG(utf_head(name, sizeof text - 1)));
        return fault_set(fault, ERR_INVALID, text, "is not a parameter of this address",
                "only parameters it knows");
    }
    return ERR_OK;
}

/* -- as JSON */

static bool is_null(const struct param *p)
{
    return p->text.len == 0 || slice_eq(p->text, SLICE("null"));
}

static enum err write_number(
        struct json_out *j, const struct param *p, const char *expected, struct fault *fault)
{
    double number;
    if (!slice_to_double(p->text, &number)) return wrong(p, expected, fault);
    json_num(j, number);
    return ERR_OK;
}

static enum err write_pos(struct json_out *j, const struct param *p, struct fault *fault)
{
    static const char expected[] = "a positive number, \"top\" or \"bottom\"";
    double number;
    if (slice_eq(p->text, SLICE("top")) || slice_eq(p->text, SLICE("bottom"))) {
        json_str(j, p->text);
        return ERR_OK;
    }
    if (!slice_to_double(p->text, &number) || !(number > 0)) return wrong(p, expected, fault);
    json_num(j, number);
    return ERR_OK;
}

static enum err write_json(struct json_out *j, const struct param *p, struct fault *fault)
{
    if (p->json && json_is_object(p->json)) {
        json_tree(j, p->json);
        return ERR_OK;
    }
    if (is_null(p)) {
        json_nil(j);
        return ERR_OK;
    }
    struct arena a;
    json_t *tree;
    arena_init(&a, KIB(4), MIB(4));
    enum err err = json_read(&a, p->text, &tree, NULL);
    if (err == ERR_OK && json_is_object(tree))
        json_tree(j, tree);
    else
        err = wrong(p, "an object", fault);
    arena_fini(&a);
    return err;
}

/* Both are Trello's: the pair goes in, the object comes out. */
static enum err write_place(struct json_out *j, const struct param *p, struct fault *fault)
{
    struct slice rest = p->text, latitude;
    double north, east;
    bool pair = slice_cut(&rest, ',', &latitude) && slice_to_double(slice_trim(latitude), &north) &&
                slice_to_double(slice_trim(rest), &east);
    if (!pair) return write_json(j, p, fault);
    json_object_begin(j);
    JSON_KEY(j, "latitude");
    json_num(j, north);
    JSON_KEY(j, "longitude");
    json_num(j, east);
    json_object_end(j);
    return ERR_OK;
}

static enum err write_id(void *context, struct id id)
{
    json_id(context, id);
    return ERR_OK;
}

static enum err write_text(struct json_out *j, const struct param *p, struct fault *fault)
{
    if (p->json && !json_is_string(p->json) && !json_is_number(p->json))
        return wrong(p, "text", fault);
    json_str(j, p->text);
    return ERR_OK;
}

enum err param_write(
        struct json_out *j, const struct param *p, enum param_type type, struct fault *fault)
{
    struct id id;
    bool truth;
    int64_t ms;
    enum err err;
    switch (type) {
    case PARAM_TEXT: return write_text(j, p, fault);
    case PARAM_BOOL:
        if (!slice_to_bool(p->text, &truth)) return wrong(p, "true or false", fault);
        json_bool(j, truth);
        return ERR_OK;
    case PARAM_NUMBER:
        if (!is_null(p)) return write_number(j, p, "a number or null", fault);
        json_nil(j);
        return ERR_OK;
    case PARAM_POS: return write_pos(j, p, fault);
    case PARAM_KEY:
    case PARAM_ID_OPTION:
    case PARAM_ID:
        if (type == PARAM_ID_OPTION && is_null(p)) {
            json_nil(j);
            return ERR_OK;
        }
        if (!id_parse(p->text, &id)) return wrong(p, "an id of 24 lower-case hex digits", fault);
        json_id(j, id);
        return ERR_OK;
    case PARAM_IDS:
        json_array_begin(j);
        err = param_ids(p, write_id, j, fault);
        json_array_end(j);
        return err;
    case PARAM_DATE:
        if (!is_null(p) && !date_parse(p->text, &ms))
            return wrong(p, "an ISO 8601 date or null", fault);
        if (is_null(p))
            json_nil(j);
        else
            json_str(j, p->text);
        return ERR_OK;
    case PARAM_OPTION:
        if (!is_null(p)) return write_text(j, p, fault);
        json_nil(j);
        return ERR_OK;
    case PARAM_JSON: return write_json(j, p, fault);
    case PARAM_PLACE: return write_place(j, p, fault);
    case PARAM_ANY: break;
    }
    UNREACHABLE();
}

enum err param_ids(const struct param *p, enum err (*fn)(void *context, struct id id),
        void *context, struct fault *fault)
{
    static const char expected[] = "ids of 24 lower-case hex digits, with commas between";
    struct slice rest = p->text, part;
    struct id id;
    if (json_is_array(p->json)) {
        for (size_t i = 0; i < json_array_size(p->json); i++) {
            const json_t *one = json_array_get(p->json, i);
            if (!json_is_string(one) || !id_parse(json_slice(one), &id))
                return wrong(p, expected, fault);
            enum err err = fn(context, id);
            if (err != ERR_OK) return err;
        }
        return ERR_OK;
    }
    if (is_null(p)) return ERR_OK;
    while (slice_next(&rest, ',', &part)) {
        if (!id_parse(slice_trim(part), &id)) return wrong(p, expected, fault);
        enum err err = fn(context, id);
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}
