/* rest_organization_people.c - who is in an organization, and as what. */
#include "core/organization.h"
#include "net/api/rest_organization.h"

const struct param_spec organization_member_params[] = {{"type", PARAM_ANY, NULL}, {0}};

static void member_op(struct rest *r, const struct organization *o, struct slice name,
        struct id member, struct slice role)
{
    char text[ID_TEXT + 1];
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, name, o->id);
    JSON_KEY(&ops.j, "idMember");
    json_id(&ops.j, member);
    if (role.len) {
        JSON_KEY(&ops.j, "role");
        json_str(&ops.j, role);
    }
    op_end(&ops);
    rest_ops_end(&ops);
    id_format(o->id, text);
    r->args[0] = arena_dup(&r->arena, slice_cstr(text));
    r->want_run = organization_memberships_run;
}

/* Somebody who is not in it yet comes in. */
static enum err member_put_run(struct rest *r, struct board_view *bv)
{
    struct slice type = params_text(&r->params, "type");
    struct organization o;
    struct id member;
    enum role role, now = ROLE_NONE;
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    if (err == ERR_OK && o.role != ROLE_ADMIN)
        err = fault_set(&r->fault, ERR_FORBIDDEN, "", "you are no admin of this workspace",
                "one of its admins"); /* and learns nothing of who has an account */
    if (err == ERR_OK && (!role_parse(type.len ? type : SLICE("normal"), &role) ||
                                 role == ROLE_OBSERVER))
        err = fault_setf(&r->fault, ERR_INVALID, "type", "admin or normal", "is \"%.*s\"",
                SLICE_ARG(slice_head(type, 40)));
    if (err != ERR_OK) return err;
    err = person_find(r, bv->view, r->args[1], &member);
    if (err == ERR_NOT_FOUND)
        return fault_set(&r->fault, ERR_NOT_FOUND, "idMember", "names nobody with an account here",
                "the id or the user name of a person");
    if (err == ERR_OK) err = organization_role_read(bv->view, o.id, member, &now);
    if (err == ERR_OK)
        member_op(r, &o,
                now == ROLE_NONE ? SLICE("organization.memberAdd")
                                 : SLICE("organization.memberRole"),
                member, role_name(role));
    return err;
}

void organization_member_put(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, member_put_run, organization_submit);
}

static enum err member_delete_run(struct rest *r, struct board_view *bv)
{
    struct organization o;
    struct id member;
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    if (err == ERR_OK) err = person_find(r, bv->view, r->args[1], &member);
    if (err != ERR_OK) return err;
    member_op(r, &o, SLICE("organization.memberRemove"), member, (struct slice){0});
    r->fixed = SLICE("{\"_value\":null}");
    return ERR_OK;
}

void organization_member_delete(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, member_delete_run, organization_submit);
}
