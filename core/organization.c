#include "core/organization.h"

#include "core/walk.h"

struct id org_membership_id(struct id organization, struct id member)
{
    char key[2 * ID_BYTES];
    memcpy(key, organization.bytes, ID_BYTES);
    memcpy(key + ID_BYTES, member.bytes, ID_BYTES);
    return id_make(
            id_seconds(organization), hash64(slice_of(key, sizeof key), KIND_ORG_MEMBERSHIP));
}

static enum role role_of(const struct object *membership, struct id organization, struct id member)
{
    struct object *o = (struct object *)(uintptr_t)membership;
    enum role role = ROLE_NONE;
    if (id_eq(object_value(o, F_ORG_MEMBERSHIP_ID_ORGANIZATION)->id, organization) &&
            id_eq(object_value(o, F_ORG_MEMBERSHIP_ID_MEMBER)->id, member))
        role_parse(value_slice(object_value(o, F_ORG_MEMBERSHIP_MEMBER_TYPE)), &role);
    return role;
}

enum role organization_role(const struct board *directory, struct id organization, struct id member)
{
    if (id_is_none(organization) || id_is_none(member)) return ROLE_NONE;
    const struct object *o = board_get(
            directory, KIND_ORG_MEMBERSHIP, org_membership_id(organization, member));
    return o == NULL ? ROLE_NONE : role_of(o, organization, member);
}

static bool lets_organization(struct slice prefs)
{
    struct slice level;
    return walk_find(prefs, SLICE("permissionLevel"), &level) && slice_eq(level, SLICE("\"org\""));
}

struct id board_readers(const struct board *b)
{
    struct object *self = board_self(b);
    const struct value *of = self == NULL ? NULL : object_value(self, F_BOARD_ID_ORGANIZATION);
    if (of == NULL || of->type != VALUE_ID) return (struct id){{0}};
    return lets_organization(value_slice(object_value(self, F_BOARD_PREFS))) ? of->id
                                                                             : (struct id){{0}};
}

/* -- in a view */

enum err organization_role_read(
        struct view *v, struct id organization, struct id member, enum role *ret_role)
{
    struct slice json;
    struct object *o;
    struct fault ignored;
    *ret_role = ROLE_NONE;
    if (id_is_none(organization) || id_is_none(member)) return ERR_OK;
    enum err err = v->ops->entity(v, DIRECTORY_ID, KIND_ORG_MEMBERSHIP,
            org_membership_id(organization, member), &json);
    if (err == ERR_NOT_FOUND) return ERR_OK;
    if (err != ERR_OK) return err;
    if (object_read(KIND_ORG_MEMBERSHIP, v->arena, json, &o, &ignored) != ERR_OK)
        return ERR_CORRUPT;
    *ret_role = role_of(o, organization, member);
    object_free(o);
    return ERR_OK;
}

struct people_walk {
    struct view *view;
    struct id organization;
    void (*fn)(void *context, struct id member);
    void *context;
};

static enum err people_look(void *context, enum kind kind, struct id id, struct slice json)
{
    struct people_walk *w = context;
    struct object *o;
    struct fault ignored;
    (void)id;
    if (object_read(kind, w->view->arena, json, &o, &ignored) != ERR_OK) return ERR_CORRUPT;
    if (id_eq(object_value(o, F_ORG_MEMBERSHIP_ID_ORGANIZATION)->id, w->organization))
        w->fn(w->context, object_value(o, F_ORG_MEMBERSHIP_ID_MEMBER)->id);
    object_free(o);
    return ERR_OK;
}

enum err organization_people(struct view *v, struct id organization,
        void (*fn)(void *context, struct id member), void *context)
{
    struct people_walk w = {v, organization, fn, context};
    if (id_is_none(organization)) return ERR_OK;
    return v->ops->entities(
            v, DIRECTORY_ID, KIND_ORG_MEMBERSHIP, KIND_ORG_MEMBERSHIP, people_look, &w);
}

enum err organization_lets_read(struct view *v, struct id board, struct id member, bool *ret_yes)
{
    struct slice json, text, prefs;
    struct walk walk;
    struct id organization;
    enum role role = ROLE_NONE;
    *ret_yes = false;
    enum err err = v->ops->entity(v, board, KIND_BOARD, board, &json);
    if (err == ERR_NOT_FOUND) return ERR_OK;
    if (err != ERR_OK) return err;
    if (!walk_find(json, SLICE("prefs"), &prefs) || !lets_organization(prefs) ||
            !walk_find(json, SLICE("idOrganization"), &text))
        return ERR_OK;
    walk = walk_of(text);
    if (!walk_plain(&walk, &text) || !id_parse(text, &organization)) return ERR_OK; /* null */
    err = organization_role_read(v, organization, member, &role);
    *ret_yes = role != ROLE_NONE;
    return err;
}
