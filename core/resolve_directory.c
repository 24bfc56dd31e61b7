/* Members, links and sessions: the directory is sequenced like a board, and only the server
 * itself writes it. */
#include "core/base/date.h"
#include "core/base/limits.h"
#include "core/resolve.h"

#define USERNAME_CHARS_MAX 60

static struct object *member_by_username(struct change *ch, struct slice username)
{
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_MEMBER &&
                slice_eq_nocase(value_slice(object_value(o, F_MEMBER_USERNAME)), username))
            return o;
    return NULL;
}

/* "Ana María Lopez" makes "anamaralopez", then "anamaralopez2", ... */
static struct slice make_username(struct change *ch, struct slice full_name)
{
    struct buf text;
    buf_init(&text, USERNAME_CHARS_MAX + 24);
    for (size_t i = 0; i < full_name.len && text.len < USERNAME_CHARS_MAX; i++) {
        char c = full_name.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) buf_add_char(&text, c);
    }
    if (text.len == 0) BUF_ADD(&text, "member");
    size_t stem = text.len;
    for (uint64_t k = 2; member_by_username(ch, buf_slice(&text)) != NULL; k++) {
        text.len = stem;
        buf_add_u64(&text, k);
    }
    struct slice made = arena_dup(ch->arena, buf_slice(&text));
    buf_fini(&text);
    return made;
}

static size_t character_bytes(unsigned char lead)
{
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* The first characters of the first and the last word, ASCII ones in upper case. */
static struct slice make_initials(struct change *ch, struct slice full_name)
{
    struct slice word, first = {0}, last = {0};
    char text[8];
    size_t len = 0;
    while (slice_next(&full_name, ' ', &word)) {
        if (word.len == 0) continue;
        if (first.len == 0)
            first = word;
        else
            last = word;
    }
    for (int i = 0; i < 2; i++) {
        struct slice from = i == 0 ? first : last;
        if (from.len == 0) continue;
        size_t bytes = character_bytes((unsigned char)from.ptr[0]);
        memcpy(text + len, from.ptr, bytes);
        if (bytes == 1 && text[len] >= 'a' && text[len] <= 'z')
            text[len] = (char)(text[len] - 'a' + 'A');
        len += bytes;
    }
    return arena_dup(ch->arena, slice_of(text, len));
}

static struct value *op_values(struct change *ch, const struct op *op, enum kind kind)
{
    struct value *values = values_new(ch, kind);
    for (uint32_t i = 0; i < op->set_count; i++)
        *values_at(values, op->sets[i].field) = value_copy(&op->sets[i].values[0]);
    return values;
}

static struct slice op_text(const struct op *op, enum field field)
{
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == field) return value_slice(&op->sets[i].values[0]);
    return (struct slice){0};
}

static enum err dir_member(struct change *ch, const struct op *op)
{
    struct slice username = op_text(op, F_MEMBER_USERNAME),
                 full_name = op_text(op, F_MEMBER_FULL_NAME);
    enum err err = change_fresh(ch, op->id);
    if (err) return err;
    if (username.len > 0 && member_by_username(ch, username) != NULL)
        return fault_set(ch->fault, ERR_EXISTS, "username", "is taken", "another user name");
    struct value *values = op_values(ch, op, KIND_MEMBER);
    if (username.len == 0)
        *values_at(values, F_MEMBER_USERNAME) = value_str(make_username(ch, full_name));
    if (op_text(op, F_MEMBER_INITIALS).len == 0) {
        value_fini(values_at(values, F_MEMBER_INITIALS));
        *values_at(values, F_MEMBER_INITIALS) = value_str(make_initials(ch, full_name));
    }
    change_add(ch, KIND_MEMBER, op->id, values);
    return ERR_OK;
}

static bool link_expired(const struct change *ch, struct object *link)
{
    int64_t expires;
    return !date_parse(value_slice(object_value(link, F_LINK_EXPIRES)), &expires) ||
           expires <= ch->event->ts;
}

/* Links past their time, of whatever board, make room for a new one: nothing else ends them. */
static void drop_expired_links(struct change *ch)
{
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, EFFECT_IDS_MAX);
    uint32_t count = 0;
    for (struct object *o = ch->board->objects; o != NULL && count < EFFECT_IDS_MAX; o = o->hh.next)
        if (o->kind == KIND_LINK && link_expired(ch, o)) ids[count++] = o->id;
    if (count > 0) change_del(ch, KIND_LINK, ids, count);
}

/* The admins of one board must not fill the directory with links. */
static enum err link_quota(struct change *ch, const struct value *board)
{
    size_t count = 0;
    if (board->type != VALUE_ID) return ERR_OK; /* the operator's */
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next) {
        if (o->kind != KIND_LINK || link_expired(ch, o)) continue;
        const struct value *other = object_value(o, F_LINK_ID_BOARD);
        count += other->type == VALUE_ID && id_eq(other->id, board->id);
    }
    if (count < LINKS_PER_BOARD_MAX) return ERR_OK;
    return fault_setf(ch->fault, ERR_QUOTA, "", "one of them withdrawn or used first",
            "the board has %zu open links", count);
}

static enum err dir_link(struct change *ch, const struct op *op)
{
    struct object *member;
    struct value *values;
    enum err err = change_fresh(ch, op->id);
    if (err) return err;
    drop_expired_links(ch);
    values = op_values(ch, op, KIND_LINK);
    err = change_find(
            ch, KIND_MEMBER, values_at(values, F_LINK_ID_MEMBER)->id, "idMember", &member);
    if (!err) err = link_quota(ch, values_at(values, F_LINK_ID_BOARD));
    if (err) {
        for (unsigned i = 0; i < kind_info(KIND_LINK)->count; i++)
            value_fini(&values[i]);
        return err;
    }
    change_add(ch, KIND_LINK, op->id, values);
    return ERR_OK;
}

/* A link works once: the same event deletes it and makes the session. All reasons to refuse look
 * alike. */
static enum err dir_sign_in(struct change *ch, const struct op *op)
{
    struct object *link = board_get(ch->board, KIND_LINK, op->element);
    enum err err = change_fresh(ch, op->id);
    if (err) return err;
    if (link == NULL || !slice_eq(value_slice(object_value(link, F_LINK_HASH)), op->text) ||
            link_expired(ch, link))
        return fault_set(ch->fault, ERR_UNAUTHORIZED, "", "the link is unknown, used up or too old",
                "a fresh sign-in link");
    struct value *values = op_values(ch, op, KIND_SESSION);
    value_fini(values_at(values, F_SESSION_CREATED));
    *values_at(values, F_SESSION_CREATED) = value_str(change_date(ch));
    *values_at(values, F_SESSION_ID_MEMBER) = value_copy(object_value(link, F_LINK_ID_MEMBER));
    change_del(ch, KIND_LINK, &op->element, 1);
    change_add(ch, KIND_SESSION, op->id, values);
    return ERR_OK;
}

static enum err dir_unlink(struct change *ch, const struct op *op)
{
    struct object *link;
    enum err err = change_find(ch, KIND_LINK, op->id, "id", &link);
    if (err) return err;
    change_del(ch, KIND_LINK, &op->id, 1);
    return ERR_OK;
}

enum err resolve_directory(struct change *ch, const struct op *op)
{
    struct object *session;
    CHECK(id_is_none(ch->board->id)); /* a board's ops were told apart before */
    if (op->name == OP_DIR_MEMBER) return dir_member(ch, op);
    if (op->name == OP_DIR_LINK) return dir_link(ch, op);
    if (op->name == OP_DIR_UNLINK) return dir_unlink(ch, op);
    if (op->name == OP_DIR_SIGN_IN) return dir_sign_in(ch, op);
    enum err err = change_find(ch, KIND_SESSION, op->id, "id", &session);
    if (err) return err;
    change_del(ch, KIND_SESSION, &op->id, 1);
    return ERR_OK;
}
