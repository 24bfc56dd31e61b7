#include "core/trello_out.h"

#include "core/base/date.h"
#include "core/cover.h"
#include "core/walk.h"

#define SLUG_BYTES_MAX 60

/* -- links */

static struct slice short_link_of(const struct object *o, char scratch[SHORT_LINK_TEXT + 1])
{
    enum field f = o->kind == KIND_CARD ? F_CARD_SHORT_LINK : F_BOARD_SHORT_LINK;
    struct slice stored = value_slice(value_of(o, f));
    if (stored.len > 0) return stored;
    short_link_make(o->id, scratch);
    return slice_of(scratch, SHORT_LINK_TEXT);
}

/* Letters and digits in lower case, one hyphen for whatever lies between them. */
static size_t slug_make(struct slice name, char ret_slug[SLUG_BYTES_MAX])
{
    size_t len = 0;
    bool gap = false;
    for (size_t i = 0; i < name.len && len + 2 <= SLUG_BYTES_MAX; i++) {
        char c = name.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + ('a' - 'A'));
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            gap = len > 0;
            continue;
        }
        if (gap) ret_slug[len++] = '-';
        gap = false;
        ret_slug[len++] = c;
    }
    return len;
}

static void write_link(const struct trello_writer *w, const struct object *o, bool with_slug)
{
    char scratch[SHORT_LINK_TEXT + 1], slug[SLUG_BYTES_MAX], text[256];
    struct slice base = w->options->base_url, link = short_link_of(o, scratch);
    struct buf url = {.ptr = text, .cap = sizeof(text), .bytes_max = sizeof(text)};
    bool card = o->kind == KIND_CARD;
    /* base_url is configuration, checked there; a longer one leaves the path alone, which
     * browsers resolve as well. */
    if (base.len < sizeof(text) / 2) buf_add(&url, base);
    buf_add(&url, card ? SLICE("/c/") : SLICE("/b/"));
    buf_add(&url, link);
    size_t len = slug_make(value_slice(value_of(o, card ? F_CARD_NAME : F_BOARD_NAME)), slug);
    if (with_slug && (card || len > 0)) buf_add_char(&url, '/');
    if (with_slug && card) buf_add_u64(&url, (uint64_t)value_of(o, F_CARD_ID_SHORT)->num);
    if (with_slug && card && len > 0) buf_add_char(&url, '-');
    if (with_slug) buf_add(&url, slice_of(slug, len));
    json_str(w->j, buf_slice(&url));
}

static void write_url(const struct trello_writer *w, const struct object *o)
{
    write_link(w, o, true);
}

static void write_short_url(const struct trello_writer *w, const struct object *o)
{
    write_link(w, o, false);
}

static void write_short_link(const struct trello_writer *w, const struct object *o)
{
    char scratch[SHORT_LINK_TEXT + 1];
    json_str(w->j, short_link_of(o, scratch));
}

/* -- common */

void trello_id_board(const struct trello_writer *w, const struct object *o)
{
    (void)o;
    json_id(w->j, w->b->id);
}

static void write_desc(const struct trello_writer *w, const struct object *o)
{
    enum field f = o->kind == KIND_CARD ? F_CARD_DESC : F_BOARD_DESC;
    json_str(w->j,
            w->options->text == NULL ? SLICE("") : w->options->text(w->options->context, o->id, f));
}

/* -- what the reader keeps for themself */

static void write_subscribed(const struct trello_writer *w, const struct object *o)
{
    json_bool(w->j, shelf_watches(w->options->shelf, o->id));
}

static void write_starred(const struct trello_writer *w, const struct object *o)
{
    (void)o;
    json_bool(w->j, w->options->shelf != NULL && w->options->shelf->starred);
}

/* -- cards */

struct badge {
    struct slice name;
    struct slice json; /* unless the card's stored badges say otherwise; empty: made of `field` */
    enum field field;
    member_fn *fn;
};

/* Votes are counted: their set stands on the card. */
static void badge_votes(const struct trello_writer *w, const struct object *o)
{
    const struct id_set *set = value_of(o, F_CARD_ID_MEMBERS_VOTED)->set;
    json_u64(w->j, set == NULL ? 0 : set->count);
}

static void badge_voted(const struct trello_writer *w, const struct object *o)
{
    json_bool(w->j, !id_is_none(w->options->viewer) &&
                            value_set_has(value_of(o, F_CARD_ID_MEMBERS_VOTED),
                                    w->options->viewer));
}

static void badge_location(const struct trello_writer *w, const struct object *o)
{
    json_bool(w->j, value_of(o, F_CARD_COORDINATES)->type != VALUE_NULL ||
                            value_of(o, F_CARD_LOCATION_NAME)->type != VALUE_NULL);
}

/* clang-format off */
#define BADGE(text, raw)  {NAME(text), .json = {"" raw, sizeof(raw) - 1}}
#define BADGE_OF(text, f) {NAME(text), .field = (f)}
#define BADGE_MADE(text, f) {NAME(text), .fn = (f)}
/* clang-format on */

static const struct badge badges[] = {
        BADGE("attachments", "0"),
        BADGE("attachmentsByType", "{\"trello\":{\"board\":0,\"card\":0}}"),
        BADGE("checkItems", "0"),
        BADGE("checkItemsChecked", "0"),
        BADGE("checkItemsEarliestDue", "null"),
        BADGE("comments", "0"),
        BADGE("description", "false"),
        BADGE_OF("due", F_CARD_DUE),
        BADGE_OF("dueComplete", F_CARD_DUE_COMPLETE),
        BADGE("fogbugz", "\"\""),
        BADGE_MADE("location", badge_location),
        BADGE_OF("start", F_CARD_START),
        BADGE_MADE("subscribed", write_subscribed),
        BADGE_MADE("viewingMemberVoted", badge_voted),
        BADGE_MADE("votes", badge_votes),
};

static void write_badges(const struct trello_writer *w, const struct object *o)
{
    struct slice stored = value_slice(value_of(o, F_CARD_BADGES)), own;
    json_object_begin(w->j);
    for (size_t i = 0; i < ARRAY_COUNT(badges); i++) {
        json_key(w->j, badges[i].name);
        if (badges[i].fn != NULL)
            badges[i].fn(w, o);
        else if (badges[i].json.len == 0)
            value_write(w->j, value_of(o, badges[i].field));
        else
            json_raw(w->j, walk_find(stored, badges[i].name, &own) ? own : badges[i].json);
    }
    json_object_end(w->j);
}

static void id_or_nil(struct json_out *j, struct id id)
{
    if (id_is_none(id))
        json_nil(j);
    else
        json_id(j, id);
}

static void write_cover(const struct trello_writer *w, const struct object *o)
{
    struct cover cover;
    cover_read(value_of(o, F_CARD_COVER), &cover);
    json_object_begin(w->j);
    JSON_KEY(w->j, "idAttachment");
    id_or_nil(w->j, cover.attachment);
    JSON_KEY(w->j, "color");
    if (cover.color.len > 0)
        json_str(w->j, cover.color);
    else
        json_nil(w->j);
    JSON_KEY(w->j, "idUploadedBackground");
    json_nil(w->j);
    JSON_KEY(w->j, "size");
    json_str(w->j, cover.full ? SLICE("full") : SLICE("normal"));
    JSON_KEY(w->j, "brightness");
    json_str(w->j, cover.light ? SLICE("light") : SLICE("dark"));
    JSON_KEY(w->j, "idPlugin");
    json_nil(w->j);
    json_object_end(w->j);
}

static void write_cover_id(const struct trello_writer *w, const struct object *o)
{
    struct cover cover;
    cover_read(value_of(o, F_CARD_COVER), &cover);
    id_or_nil(w->j, cover.attachment);
}

static void write_cover_chosen(const struct trello_writer *w, const struct object *o)
{
    struct cover cover;
    cover_read(value_of(o, F_CARD_COVER), &cover);
    json_bool(w->j, !id_is_none(cover.attachment));
}

/* Inside a card without `uses`: counting carriers for every label of every card would be
 * quadratic. */
static void write_labels(const struct trello_writer *w, const struct object *o)
{
    const struct id_set *set = value_of(o, F_CARD_ID_LABELS)->set;
    json_array_begin(w->j);
    for (size_t i = 0; set != NULL && i < set->count; i++) {
        const struct object *label = board_get(w->b, KIND_LABEL, set->ids[i]);
        if (label == NULL) continue;
        json_object_begin(w->j);
        JSON_KEY(w->j, "id");
        json_id(w->j, label->id);
        JSON_KEY(w->j, "idBoard");
        json_id(w->j, w->b->id);
        JSON_KEY(w->j, "name");
        value_write(w->j, value_of(label, F_LABEL_NAME));
        JSON_KEY(w->j, "color");
        value_write(w->j, value_of(label, F_LABEL_COLOR));
        json_object_end(w->j);
    }
    json_array_end(w->j);
}

static void write_id_checklists(const struct trello_writer *w, const struct object *o)
{
    const struct siblings *s = board_children(w->b, KIND_CHECKLIST, o->id);
    json_array_begin(w->j);
    for (size_t i = 0; s != NULL && i < s->count; i++)
        json_id(w->j, s->at[i]->id);
    json_array_end(w->j);
}

static const struct member card_members[] = {
        STORED("idShort", F_CARD_ID_SHORT),
        MADE("shortLink", write_short_link),
        MADE("shortUrl", write_short_url),
        MADE("url", write_url),
        STORED("name", F_CARD_NAME),
        MADE("desc", write_desc),
        CONSTANT("descData", "{\"emoji\":{}}"),
        STORED("closed", F_CARD_CLOSED),
        STORED("pos", F_CARD_POS),
        MADE("idBoard", trello_id_board),
        STORED("idList", F_CARD_ID_LIST),
        STORED("idLabels", F_CARD_ID_LABELS),
        MADE("labels", write_labels),
        STORED("idMembers", F_CARD_ID_MEMBERS),
        STORED("idMembersVoted", F_CARD_ID_MEMBERS_VOTED),
        MADE("idChecklists", write_id_checklists),
        MADE("idAttachmentCover", write_cover_id),
        MADE("manualCoverAttachment", write_cover_chosen),
        MADE("cover", write_cover),
        MADE("badges", write_badges),
        CONSTANT("checkItemStates", "[]"),
        STORED("due", F_CARD_DUE),
        STORED("start", F_CARD_START),
        STORED("dueComplete", F_CARD_DUE_COMPLETE),
        STORED("dueReminder", F_CARD_DUE_REMINDER),
        STORED("dateLastActivity", F_CARD_DATE_LAST_ACTIVITY),
        STORED("isTemplate", F_CARD_IS_TEMPLATE),
        MADE("subscribed", write_subscribed),
        CONSTANT("email", "null"),
        STORED("address", F_CARD_ADDRESS),
        STORED("locationName", F_CARD_LOCATION_NAME),
        STORED("coordinates", F_CARD_COORDINATES),
        CONSTANT("staticMapUrl", "null"),
        STORED("cardRole", F_CARD_CARD_ROLE),
        CONSTANT("mirrorSourceId", "null"),
        CONSTANT("pinned", "false"),
        CONSTANT("creationMethod", "null"),
        CONSTANT("limits", "{}"),
};

/* -- lists, labels, memberships */

static const struct member list_members[] = {
        STORED("name", F_LIST_NAME),
        STORED("closed", F_LIST_CLOSED),
        STORED("color", F_LIST_COLOR),
        MADE("idBoard", trello_id_board),
        STORED("pos", F_LIST_POS),
        MADE("subscribed", write_subscribed),
        STORED("softLimit", F_LIST_SOFT_LIMIT),
        CONSTANT("type", "null"),
        CONSTANT("datasource", "{\"filter\":false}"),
        CONSTANT("creationMethod", "null"),
        CONSTANT("limits", "{}"),
};

static void write_uses(const struct trello_writer *w, const struct object *o)
{
    uint64_t uses = 0;
    if (w->counted) {
        struct label_uses *found;
        HASH_FIND(hh, (struct label_uses *)(uintptr_t)w->uses, o->id.bytes, ID_BYTES, found);
        uses = found == NULL ? 0 : found->count;
    } else {
        for (const struct object *card = w->b->objects; card != NULL; card = card->hh.next)
            uses += card->kind == KIND_CARD &&
                                    value_set_has(value_of(card, F_CARD_ID_LABELS), o->id)
                            ? 1
                            : 0;
    }
    json_u64(w->j, uses);
}

static const struct member label_members[] = {
        MADE("idBoard", trello_id_board),
        STORED("name", F_LABEL_NAME),
        STORED("color", F_LABEL_COLOR),
        MADE("uses", write_uses),
};

static const struct member membership_members[] = {
        STORED("idMember", F_MEMBERSHIP_ID_MEMBER),
        STORED("memberType", F_MEMBERSHIP_MEMBER_TYPE),
        CONSTANT("unconfirmed", "false"),
        CONSTANT("deactivated", "false"),
};

/* -- boards */

static const char *const colors[] = {"green", "yellow", "orange", "red", "purple", "blue", "sky",
        "lime", "pink", "black", "green_dark", "yellow_dark", "orange_dark", "red_dark",
        "purple_dark", "blue_dark", "sky_dark", "lime_dark", "pink_dark", "black_dark",
        "green_light", "yellow_light", "orange_light", "red_light", "purple_light", "blue_light",
        "sky_light", "lime_light", "pink_light", "black_light"};

/* Each colour with the name of its oldest label. */
static void write_label_names(const struct trello_writer *w, const struct object *o)
{
    const struct object *oldest[ARRAY_COUNT(colors)] = {NULL};
    (void)o;
    for (const struct object *label = w->b->objects; label != NULL; label = label->hh.next) {
        if (label->kind != KIND_LABEL) continue;
        struct slice color = value_slice(value_of(label, F_LABEL_COLOR));
        for (size_t i = 0; i < ARRAY_COUNT(colors); i++) {
            if (!slice_eq(color, slice_cstr(colors[i]))) continue;
            if (oldest[i] == NULL || id_cmp(label->id, oldest[i]->id) < 0) oldest[i] = label;
        }
    }
    json_object_begin(w->j);
    for (size_t i = 0; i < ARRAY_COUNT(colors); i++) {
        json_key(w->j, slice_cstr(colors[i]));
        json_str(w->j,
                oldest[i] == NULL ? SLICE("") : value_slice(value_of(oldest[i], F_LABEL_NAME)));
    }
    json_object_end(w->j);
}

/* What a client may look for in prefs of a board that never set it. */
static const struct {
    const char *name, *json;
} prefs[] = {
        {"background", "\"blue\""},
        {"backgroundBrightness", "\"dark\""},
        {"backgroundImage", "null"},
        {"backgroundImageScaled", "null"},
        {"backgroundTile", "false"},
        {"calendarFeedEnabled", "false"},
        {"canBeEnterprise", "true"},
        {"canBeOrg", "true"},
        {"canBePrivate", "true"},
        {"canBePublic", "true"},
        {"canInvite", "true"},
        {"cardAging", "\"regular\""},
        {"cardCounts", "false"},
        {"cardCovers", "true"},
        {"comments", "\"members\""},
        {"hiddenPluginBoardButtons", "[]"},
        {"hideVotes", "false"},
        {"invitations", "\"members\""},
        {"isTemplate", "false"},
        {"permissionLevel", "\"private\""},
        {"selfJoin", "false"},
        {"switcherViews", "[]"},
        {"voting", "\"disabled\""},
};

static void write_prefs(const struct trello_writer *w, const struct object *o)
{
    struct slice stored = value_slice(value_of(o, F_BOARD_PREFS)), key, json;
    struct walk walk = walk_of(stored);
    size_t count = 0;
    json_object_begin(w->j);
    walk_take(&walk, '{');
    while (walk_member(&walk, &count, &key) && walk_value(&walk, &json)) {
        if (w->j->comma) buf_add_char(w->j->buf, ',');
        buf_add_char(w->j->buf, '"'); /* the key is raw, escapes and all */
        buf_add(w->j->buf, key);
        BUF_ADD(w->j->buf, "\":");
        buf_add(w->j->buf, json);
        w->j->comma = true;
    }
    for (size_t i = 0; i < ARRAY_COUNT(prefs); i++) {
        if (walk_find(stored, slice_cstr(prefs[i].name), &json)) continue;
        json_key(w->j, slice_cstr(prefs[i].name));
        json_raw(w->j, slice_cstr(prefs[i].json));
    }
    json_object_end(w->j);
}

static void write_ix_update(const struct trello_writer *w, const struct object *o)
{
    char text[24];
    (void)o;
    snprintf(text, sizeof(text), "%llu", (unsigned long long)w->b->head.seq);
    json_str(w->j, slice_cstr(text));
}

/* Of a board it is not stored: every event would have to change the board. */
static void write_board_activity(const struct trello_writer *w, const struct object *o)
{
    char text[DATE_TEXT + 1];
    (void)o;
    if (w->b->head.ts == 0) {
        json_nil(w->j);
        return;
    }
    date_format(w->b->head.ts, text);
    json_str(w->j, slice_cstr(text));
}

static const struct member board_members[] = {
        STORED("name", F_BOARD_NAME),
        MADE("desc", write_desc),
        CONSTANT("descData", "{\"emoji\":{}}"),
        STORED("closed", F_BOARD_CLOSED),
        CONSTANT("dateClosed", "null"),
        STORED_OR_NOT("idOrganization", F_BOARD_ID_ORGANIZATION),
        CONSTANT("idEnterprise", "null"),
        STORED("idMemberCreator", F_BOARD_ID_MEMBER_CREATOR),
        CONSTANT("idBoardSource", "null"),
        MADE("shortLink", write_short_link),
        MADE("shortUrl", write_short_url),
        MADE("url", write_url),
        CONSTANT("pinned", "false"),
        MADE("starred", write_starred),
        MADE("subscribed", write_subscribed),
        CONSTANT("powerUps", "[]"),
        CONSTANT("idTags", "[]"),
        MADE("dateLastActivity", write_board_activity),
        CONSTANT("dateLastView", "null"),
        CONSTANT("datePluginDisable", "null"),
        CONSTANT("creationMethod", "null"),
        MADE("ixUpdate", write_ix_update),
        CONSTANT("enterpriseOwned", "false"),
        CONSTANT("templateGallery", "null"),
        CONSTANT("premiumFeatures", "[]"),
        MADE("labelNames", write_label_names),
        CONSTANT("limits", "{}"),
        MADE("prefs", write_prefs),
};

/* -- which members */

static struct members members_of(enum kind kind)
{
    if (kind == KIND_BOARD) return MEMBERS(board_members);
    if (kind == KIND_LIST) return MEMBERS(list_members);
    if (kind == KIND_CARD) return MEMBERS(card_members);
    if (kind == KIND_LABEL) return MEMBERS(label_members);
    if (kind == KIND_MEMBERSHIP) return MEMBERS(membership_members);
    return trello_part_members(kind);
}

enum err trello_fields_read(
        enum kind kind, struct slice text, struct trello_fields *ret_fields, struct fault *fault)
{
    struct members members = members_of(kind);
    struct trello_fields fields = {.list = text};
    struct slice rest = text.len == 0 ? slice_of(NULL, 0) : text, part;
    while (slice_next(&rest, ',', &part)) {
        bool known = slice_eq(part, SLICE("id")) || slice_eq(part, SLICE("all"));
        fields.all |= slice_eq(part, SLICE("all"));
        for (size_t i = 0; i < members.count && !known; i++)
            known = slice_eq(members.at[i].name, part);
        if (!known)
            return fault_setf(fault, ERR_INVALID, "fields",
                    "all, or a comma list of the object's fields", "names \"%.*s\"",
                    SLICE_ARG(slice_head(part, 60)));
    }
    *ret_fields = fields;
    return ERR_OK;
}

static bool wanted(const struct trello_fields *fields, struct slice name)
{
    struct slice rest = fields->list, part;
    if (fields->all) return true;
    if (rest.len == 0) return false;
    while (slice_next(&rest, ',', &part)) {
        if (slice_eq(part, name)) return true;
    }
    return false;
}

void trello_members(
        const struct trello_writer *w, const struct object *o, const struct trello_fields *fields)
{
    struct members members = members_of(o->kind);
    JSON_KEY(w->j, "id");
    json_id(w->j, o->id);
    for (size_t i = 0; i < members.count; i++) {
        const struct member *m = &members.at[i];
        if (!wanted(fields, m->name)) continue;
        if (fields->all && m->skip_null && value_of(o, m->field)->type == VALUE_NULL) continue;
        json_key(w->j, m->name);
        switch (m->from) {
        case FROM_FIELD: value_write(w->j, value_of(o, m->field)); break;
        case FROM_CONSTANT: json_raw(w->j, m->json); break;
        case FROM_FUNCTION: m->fn(w, o); break;
        }
    }
    if (w->options->files && o->kind == KIND_ATTACHMENT) {
        JSON_KEY(w->j, "file");
        value_write(w->j, value_of(o, F_ATTACHMENT_FILE));
    }
}

void trello_children_write(struct json_out *j, const struct board *b, enum kind kind,
        struct id parent, const struct trello_options *options)
{
    const struct siblings *s = board_children(b, kind, parent);
    json_array_begin(j);
    for (size_t i = 0; s != NULL && i < s->count; i++)
        trello_write(j, b, s->at[i], options);
    json_array_end(j);
}

void trello_write(struct json_out *j, const struct board *b, const struct object *o,
        const struct trello_options *options)
{
    struct trello_writer w = {.j = j, .b = b, .options = options};
    json_object_begin(j);
    trello_members(&w, o, &options->fields);
    json_object_end(j);
}
