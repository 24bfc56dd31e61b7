/* resolve_organization.c - workspaces and who is in them: ops of the directory that people send in
 * their own name. Whoever is not in one learns nothing of it, not even whether it exists. */
#include "core/base/limits.h"
#include "core/organization.h"
#include "core/resolve.h"

#define NAME_CHARS_MIN 3

static struct slice op_text(const struct op *op, enum field field)
{
    for (uint32_t i = 0; i < op->set_count; i++)
        if (op->sets[i].field == field) return value_slice(&op->sets[i].values[0]);
    return (struct slice){0};
}

static enum err nothing_here(struct change *ch, const char *field)
{
    return fault_set(ch->fault, ERR_NOT_FOUND, field, "names no workspace that you can see",
            "the id of a workspace that you are a member of");
}

enum err organization_check(struct change *ch, const struct value *organization)
{
    const struct actor *actor = &ch->grant.actor;
    if (organization->type != VALUE_ID) return ERR_OK; /* out of any */
    bool there = ALWAYS(ch->directory != NULL) && /* no command with one is judged before */
                 (actor->system ? board_get(ch->directory, KIND_ORGANIZATION, organization->id) !=
                                          NULL
                                : organization_role(ch->directory, organization->id,
                                          actor->member) != ROLE_NONE);
    return there ? ERR_OK : nothing_here(ch, "idOrganization");
}

/* -- names: lower-case, and one workspace each */

static struct object *by_name(struct change *ch, struct slice name)
{
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_ORGANIZATION &&
                slice_eq(value_slice(object_value(o, F_ORGANIZATION_NAME)), name))
            return o;
    return NULL;
}

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static enum err check_name(struct change *ch, struct slice name, const struct object *self)
{
    struct id ignored;
    bool good = name.len >= NAME_CHARS_MIN && name.len <= ORGANIZATION_NAME_CHARS_MAX;
    for (size_t i = 0; i < name.len; i++)
        good = good && name_char(name.ptr[i]);
    if (!good || id_parse(name, &ignored)) /* where a name may stand an id may, too */
        return fault_set(ch->fault, ERR_INVALID, "name", "is no short name",
                "3 to 60 lower-case letters, digits and underscores that are no id");
    const struct object *other = by_name(ch, name);
    if (other == NULL || other == self) return ERR_OK;
    return fault_set(ch->fault, ERR_EXISTS, "name", "is taken", "another short name");
}

/* "Café Crew" makes "caf_crew"; what is taken, or too short, goes on with a number. */
static struct slice make_name(struct change *ch, struct slice display_name)
{
    struct buf text;
    struct id ignored;
    buf_init(&text, ORGANIZATION_NAME_CHARS_MAX + 24);
    for (size_t i = 0; i < display_name.len && text.len < ORGANIZATION_NAME_CHARS_MAX - 20; i++) {
        char c = display_name.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c - 'A' + 'a');
        if (c == ' ') c = '_';
        if (name_char(c)) buf_add_char(&text, c);
    }
    if (text.len < NAME_CHARS_MIN || id_parse(buf_slice(&text), &ignored)) {
        buf_clear(&text);
        BUF_ADD(&text, "workspace");
    }
    size_t stem = text.len;
    for (uint64_t k = 2; by_name(ch, buf_slice(&text)) != NULL; k++) {
        text.len = stem;
        buf_add_u64(&text, k);
    }
    struct slice made = arena_dup(ch->arena, buf_slice(&text));
    buf_fini(&text);
    return made;
}

static enum err check_texts(struct change *ch, const struct op *op, const struct object *self)
{
    struct slice name = op_text(op, F_ORGANIZATION_NAME),
                 website = op_text(op, F_ORGANIZATION_WEBSITE);
    if (website.len > 0 && !slice_starts(website, SLICE("https://")) &&
            !slice_starts(website, SLICE("http://")))
        return fault_set(ch->fault, ERR_INVALID, "website", "is no address of a page",
                "one that starts with http:// or https://");
    return name.ptr == NULL ? ERR_OK : check_name(ch, name, self);
}

/* -- memberships */

struct census {
    size_t members, admins; /* of one organization */
    size_t joined;          /* organizations of one member */
};

static struct census census(const struct change *ch, struct id organization, struct id member)
{
    struct census n = {0};
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next) {
        if (o->kind != KIND_ORG_MEMBERSHIP) continue;
        n.joined += id_eq(object_value(o, F_ORG_MEMBERSHIP_ID_MEMBER)->id, member);
        if (!id_eq(object_value(o, F_ORG_MEMBERSHIP_ID_ORGANIZATION)->id, organization)) continue;
        n.members++;
        n.admins += slice_eq(value_slice(object_value(o, F_ORG_MEMBERSHIP_MEMBER_TYPE)),
                role_name(ROLE_ADMIN));
    }
    return n;
}

static enum err check_room(struct change *ch, struct id organization, struct id member)
{
    struct census n = census(ch, organization, member);
    if (n.members >= MEMBERS_PER_ORGANIZATION_MAX)
        return fault_setf(ch->fault, ERR_QUOTA, "idMember", "fewer of them",
                "the workspace has %zu members", n.members);
    if (n.joined >= ORGANIZATIONS_PER_MEMBER_MAX)
        return fault_setf(ch->fault, ERR_QUOTA, "idMember", "fewer of them",
                "the member is in %zu workspaces", n.joined);
    return ERR_OK;
}

static void org_membership_add(
        struct change *ch, struct id organization, struct id member, enum role role)
{
    struct value *values = values_new(ch, KIND_ORG_MEMBERSHIP);
    *values_at(values, F_ORG_MEMBERSHIP_ID_ORGANIZATION) = value_id(organization);
    *values_at(values, F_ORG_MEMBERSHIP_ID_MEMBER) = value_id(member);
    *values_at(values, F_ORG_MEMBERSHIP_MEMBER_TYPE) = value_str(role_name(role));
    change_add(ch, KIND_ORG_MEMBERSHIP, org_membership_id(organization, member), values);
}

static enum err member_add(struct change *ch, const struct op *op)
{
    struct object *there =
            board_get(ch->board, KIND_ORG_MEMBERSHIP, org_membership_id(op->id, op->member));
    if (there != NULL)
        return change_refuse(ch, ERR_CONFLICT, there,
                (struct why){"idMember", "is a member already", "someone who is not yet a member"});
    if (board_get(ch->board, KIND_MEMBER, op->member) == NULL)
        return fault_set(ch->fault, ERR_NOT_FOUND, "idMember", "names no member of this server",
                "the id of a person who has an account");
    enum err err = check_room(ch, op->id, op->member);
    if (!err) org_membership_add(ch, op->id, op->member, op->role);
    return err;
}

static enum err member_change(struct change *ch, const struct op *op)
{
    struct columns c = {0};
    struct object *o =
            board_get(ch->board, KIND_ORG_MEMBERSHIP, org_membership_id(op->id, op->member));
    bool removes = op->name == OP_ORG_MEMBER_REMOVE;
    if (o == NULL)
        return fault_set(ch->fault, ERR_NOT_FOUND, "idMember", "names no member of this workspace",
                "a member of the workspace");
    bool admin = organization_role(ch->board, op->id, op->member) == ROLE_ADMIN;
    if (admin && (removes || op->role != ROLE_ADMIN) && census(ch, op->id, op->member).admins < 2)
        return change_refuse(ch, ERR_CONFLICT, o,
                (struct why){"idMember", "is the workspace's last admin",
                        "another admin first, or the workspace deleted"});
    if (removes) {
        change_del(ch, KIND_ORG_MEMBERSHIP, &o->id, 1);
        return ERR_OK;
    }
    columns_put(ch, &c, F_ORG_MEMBERSHIP_MEMBER_TYPE, value_str(role_name(op->role)));
    change_set_one(ch, o, &c);
    return ERR_OK;
}

/* -- the organization itself */

static enum err org_create(struct change *ch, const struct op *op)
{
    struct id member = ch->grant.actor.member;
    enum err err = change_fresh(ch, op->id);
    if (!err && id_is_none(member))
        err = fault_set(ch->fault, ERR_FORBIDDEN, "", "comes from nobody in particular",
                "a member, who will be its first admin");
    if (!err) err = check_texts(ch, op, NULL);
    if (!err) err = check_room(ch, op->id, member);
    if (err) return err;
    struct value *values = values_new(ch, KIND_ORGANIZATION);
    values_sets(values, op);
    if (op_text(op, F_ORGANIZATION_NAME).len == 0)
        *values_at(values, F_ORGANIZATION_NAME) =
                value_str(make_name(ch, op_text(op, F_ORGANIZATION_DISPLAY_NAME)));
    value_fini(values_at(values, F_ORGANIZATION_DATE_CREATED));
    *values_at(values, F_ORGANIZATION_DATE_CREATED) = value_str(change_date(ch));
    change_add(ch, KIND_ORGANIZATION, op->id, values);
    org_membership_add(ch, op->id, member, ROLE_ADMIN);
    return ERR_OK;
}

static enum err org_set(struct change *ch, const struct op *op, struct object *organization)
{
    struct columns c = {0};
    enum err err = change_if(ch, op, organization);
    if (!err) err = check_texts(ch, op, organization);
    if (err) return err;
    columns_sets(ch, &c, op);
    change_set_one(ch, organization, &c);
    return ERR_OK;
}

/* Its memberships go in the same event, each by name: whoever read a board by one is cut off. */
static void org_delete(struct change *ch, struct object *organization)
{
    struct id *ids = ARENA_NEW_ARRAY(ch->arena, struct id, ch->board->count[KIND_ORG_MEMBERSHIP]);
    uint32_t count = 0;
    for (struct object *o = ch->board->objects; o != NULL; o = o->hh.next)
        if (o->kind == KIND_ORG_MEMBERSHIP &&
                id_eq(object_value(o, F_ORG_MEMBERSHIP_ID_ORGANIZATION)->id, organization->id))
            ids[count++] = o->id;
    struct id id = organization->id;
    change_del(ch, KIND_ORG_MEMBERSHIP, ids, count);
    change_del(ch, KIND_ORGANIZATION, &id, 1);
}

/* ERR_NOT_FOUND for whoever is not in it, ERR_FORBIDDEN for a member who is no admin. */
static enum err org_open(struct change *ch, const struct op *op, struct object **ret_organization)
{
    const struct actor *actor = &ch->grant.actor;
    struct object *o = board_get(ch->board, KIND_ORGANIZATION, op->id);
    enum role role =
            actor->system ? ROLE_ADMIN : organization_role(ch->board, op->id, actor->member);
    bool leaves = op->name == OP_ORG_MEMBER_REMOVE && id_eq(op->member, actor->member);
    if (o == NULL || role == ROLE_NONE) return nothing_here(ch, "id");
    if (role != ROLE_ADMIN && !leaves)
        return fault_set(ch->fault, ERR_FORBIDDEN, "", "you are no admin of this workspace",
                "one of its admins");
    *ret_organization = o;
    return ERR_OK;
}

enum err resolve_organization(struct change *ch, const struct op *op)
{
    struct object *organization;
    CHECK(id_is_none(ch->board->id)); /* a board's ops were told apart before */
    if (op->name == OP_ORG_CREATE) return org_create(ch, op);
    enum err err = org_open(ch, op, &organization);
    if (err) return err;
    if (op->name == OP_ORG_SET) return org_set(ch, op, organization);
    if (op->name == OP_ORG_DELETE) {
        org_delete(ch, organization);
        return ERR_OK;
    }
    if (op->name != OP_ORG_MEMBER_REMOVE && op->role == ROLE_OBSERVER)
        return fault_set(
                ch->fault, ERR_INVALID, "role", "is \"observer\"", "\"admin\" or \"normal\"");
    return op->name == OP_ORG_MEMBER_ADD ? member_add(ch, op) : member_change(ch, op);
}
