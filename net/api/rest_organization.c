/* rest_organization.c - organizations (workspaces) in Trello's shape. Whoever is in one sees it;
 * for everybody else it is not there. Who may change what, the directory's home says.
 *
 *   reader: which one, is the actor in it? -> op for the directory -> what became of it
 *
 * DELETE takes the boards out first, one after the other, so that none is left that names what is
 * gone. */
#include "net/api/rest_organization.h"

#include "core/organization.h"
#include "net/api/shard_impl.h"

const struct param_spec organization_params[] = {
        {"name", PARAM_TEXT, "name"},
        {"displayName", PARAM_TEXT, "displayName"},
        {"desc", PARAM_TEXT, "desc"},
        {"website", PARAM_OPTION, "website"},
        {"prefs/...", PARAM_ANY, NULL},
        {0},
};
const struct param_spec organization_post_params[] = {
        {"displayName", PARAM_TEXT, "displayName"},
        {"name", PARAM_TEXT, "name"},
        {"desc", PARAM_TEXT, "desc"},
        {"website", PARAM_OPTION, "website"},
        {0},
};
const struct param_spec organization_get_params[] = {
        {"fields", PARAM_ANY, NULL},
        {"members", PARAM_ANY, NULL},
        {"memberships", PARAM_ANY, NULL},
        {0},
};

/* -- finding one */

struct name_search {
    struct slice name;
    struct arena *arena;
    struct id found;
};

static enum err name_look(void *context, enum kind kind, struct id id, struct slice json)
{
    struct name_search *search = context;
    struct slice name;
    json_t *tree;
    (void)kind;
    if (json_read(search->arena, json, &tree, NULL) == ERR_OK &&
            json_get_slice(tree, "name", &name) && slice_eq(name, search->name))
        search->found = id;
    return ERR_OK;
}

enum err organization_open(
        struct rest *r, struct view *v, struct slice key, struct organization *ret)
{
    struct name_search search = {.name = key, .arena = v->arena};
    struct slice json;
    struct organization o = {.role = r->actor.system ? ROLE_ADMIN : ROLE_NONE};
    enum err err = ERR_OK;
    if (!id_parse(key, &search.found))
        err = v->ops->entities(
                v, DIRECTORY_ID, KIND_ORGANIZATION, KIND_ORGANIZATION, name_look, &search);
    o.id = search.found;
    if (err == ERR_OK && !r->actor.system)
        err = organization_role_read(v, o.id, r->actor.member, &o.role);
    if (err == ERR_OK && o.role == ROLE_NONE) err = ERR_NOT_FOUND;
    if (err == ERR_OK) err = v->ops->entity(v, DIRECTORY_ID, KIND_ORGANIZATION, o.id, &json);
    if (err == ERR_OK) err = json_read(v->arena, json, &o.json, NULL);
    if (err == ERR_OK) *ret = o;
    return err;
}

/* -- memberships: of one organization, or of one member */

struct memberships {
    struct rest *rest;
    struct view *view;
    struct id organization, member; /* the none id: any */
    struct search_run *search;      /* by what they are called; NULL: all */
    uint64_t limit;
    void (*visit)(struct memberships *m, struct id id, const struct org_member *one);
    struct json_out *j;
};

static enum err membership_look(void *context, enum kind kind, struct id id, struct slice json)
{
    struct memberships *m = context;
    struct org_member one;
    struct slice organization, member, type;
    json_t *tree;
    (void)kind;
    if (json_read(m->view->arena, json, &tree, NULL) != ERR_OK ||
            !json_get_slice(tree, "idOrganization", &organization) ||
            !id_parse(organization, &one.organization) ||
            !json_get_slice(tree, "idMember", &member) || !id_parse(member, &one.member) ||
            !json_get_slice(tree, "memberType", &type) || !role_parse(type, &one.role))
        return ERR_CORRUPT;
    bool fits = (id_is_none(m->organization) || id_eq(m->organization, one.organization)) &&
                (id_is_none(m->member) || id_eq(m->member, one.member));
    if (fits) m->visit(m, id, &one);
    return ERR_OK;
}

static enum err memberships_walk(struct memberships *m)
{
    return m->view->ops->entities(m->view, DIRECTORY_ID, KIND_ORG_MEMBERSHIP, KIND_ORG_MEMBERSHIP,
            membership_look, m);
}

static void membership_write(struct memberships *m, struct id id, const struct org_member *one)
{
    json_object_begin(m->j);
    JSON_KEY(m->j, "id");
    json_id(m->j, id);
    JSON_KEY(m->j, "idMember");
    json_id(m->j, one->member);
    JSON_KEY(m->j, "memberType");
    json_str(m->j, role_name(one->role));
    JSON_KEY(m->j, "unconfirmed");
    json_bool(m->j, false);
    JSON_KEY(m->j, "deactivated");
    json_bool(m->j, false);
    json_object_end(m->j);
}

static void person_write(struct memberships *m, struct id id, const struct org_member *one)
{
    (void)id;
    rest_member_write(m->rest, m->view, one->member, m->j);
}

static enum err people_write(struct rest *r, struct view *v, struct id organization,
        void (*write)(struct memberships *m, struct id id, const struct org_member *one),
        struct json_out *j)
{
    struct memberships m = {
            .rest = r, .view = v, .organization = organization, .visit = write, .j = j};
    json_array_begin(j);
    enum err err = memberships_walk(&m);
    json_array_end(j);
    return err;
}

/* -- in Trello's form */

static void text_member(struct json_out *j, const char *key, const json_t *tree)
{
    json_key(j, slice_cstr(key));
    json_tree(j, json_object_get(tree, key));
}

struct board_ids_out {
    struct rest *rest;
    struct view *view;
    struct json_out *j;
};

/* Those that the actor may read. */
static enum err board_id_write(void *context, struct id board, enum role role)
{
    struct board_ids_out *out = context;
    struct board_view bv;
    struct fault why;
    (void)role;
    enum err err = board_view_open(out->view, &out->rest->actor, board, PERM_READ, &bv, &why);
    if (err == ERR_OK) json_id(out->j, board);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err organization_write(
        struct rest *r, struct view *v, const struct organization *o, struct json_out *j)
{
    static const char *const stored[] = {"name", "displayName", "desc", "website", "dateCreated"};
    char url[256];
    struct slice name = SLICE("");
    json_get_slice(o->json, "name", &name);
    snprintf(url, sizeof url, "%.*s/w/%.*s", SLICE_ARG(slice_head(r->shard->server->base_url, 160)),
            SLICE_ARG(slice_head(name, 80)));
    json_object_begin(j);
    JSON_KEY(j, "id");
    json_id(j, o->id);
    for (size_t i = 0; i < ARRAY_COUNT(stored); i++)
        text_member(j, stored[i], o->json);
    JSON_KEY(j, "descData");
    json_raw(j, SLICE("{\"emoji\":{}}"));
    JSON_KEY(j, "url");
    json_str(j, slice_cstr(url));
    JSON_KEY(j, "logoHash");
    json_nil(j);
    JSON_KEY(j, "logoUrl");
    json_nil(j);
    JSON_KEY(j, "products");
    json_raw(j, SLICE("[]"));
    JSON_KEY(j, "powerUps");
    json_raw(j, SLICE("[]"));
    JSON_KEY(j, "prefs");
    json_raw(j, SLICE("{\"permissionLevel\":\"private\"}"));
    JSON_KEY(j, "idBoards");
    json_array_begin(j);
    struct board_ids_out ids = {.rest = r, .view = v, .j = j};
    enum err err = v->ops->memberships(v, o->id, board_id_write, &ids);
    json_array_end(j);
    JSON_KEY(j, "memberships");
    if (err == ERR_OK) err = people_write(r, v, o->id, membership_write, j);
    json_object_end(j);
    return err;
}

static enum err organization_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct organization o;
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    if (err == ERR_OK) err = organization_write(r, bv->view, &o, &j);
    if (err == ERR_OK && !r->wrote) err = only_fields(r, params_text(&r->params, "fields"));
    if (err != ERR_OK || r->wrote || !says_yes(r, "members")) return err;
    j = object_reopen(r);
    JSON_KEY(&j, "members");
    err = people_write(r, bv->view, o.id, person_write, &j);
    json_object_end(&j);
    return err;
}

void organization_get(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, organization_run, NULL);
}

static enum err organization_field_run(struct rest *r, struct board_view *bv)
{
    enum err err = organization_run(r, bv);
    return err == ERR_OK ? rest_one_field(r, r->args[1]) : err;
}

void organization_get_field(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, organization_field_run, NULL);
}

static enum err organization_boards_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct organization o;
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    return err == ERR_OK ? boards_of(r, bv->view, o.id, &j) : err;
}

void organization_boards(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, organization_boards_run, NULL);
}

static enum err organization_members_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct organization o;
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    return err == ERR_OK ? people_write(r, bv->view, o.id, person_write, &j) : err;
}

void organization_members(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, organization_members_run, NULL);
}

enum err organization_memberships_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct organization o;
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    return err == ERR_OK ? people_write(r, bv->view, o.id, membership_write, &j) : err;
}

void organization_memberships(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, organization_memberships_run, NULL);
}

/* -- of a member: oneself; of others, those one is in as well */

static void own_write(struct memberships *m, struct id id, const struct org_member *one)
{
    char text[ID_TEXT + 1];
    struct organization o;
    (void)id;
    id_format(one->organization, text);
    struct slice key = arena_dup(&m->rest->arena, slice_cstr(text));
    if (organization_open(m->rest, m->view, key, &o) != ERR_OK) return;
    if (m->search != NULL) {
        struct slice name = SLICE(""), display_name = SLICE("");
        json_get_slice(o.json, "name", &name);
        json_get_slice(o.json, "displayName", &display_name);
        if (m->limit == 0 || (!search_run_name(m->search, name, false, false) &&
                                     !search_run_name(m->search, display_name, false, false)))
            return;
        m->limit--;
    }
    (void)organization_write(m->rest, m->view, &o, m->j); /* what is damaged says so elsewhere */
}

enum err organizations_found(struct rest *r, struct view *v, struct search_run *search,
        uint64_t limit, struct json_out *j)
{
    struct memberships m = {.rest = r,
            .view = v,
            .member = r->actor.member,
            .search = search,
            .limit = limit,
            .visit = own_write,
            .j = j};
    return id_is_none(m.member) ? ERR_OK : memberships_walk(&m);
}

static enum err organizations_write(
        struct rest *r, struct view *v, struct id member, struct json_out *j)
{
    struct memberships m = {.rest = r, .view = v, .member = member, .visit = own_write, .j = j};
    json_array_begin(j);
    enum err err = memberships_walk(&m);
    json_array_end(j);
    return err;
}

static enum err member_organizations_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct id member;
    enum err err = person_find(r, bv->view, r->args[0], &member);
    return err == ERR_OK ? organizations_write(r, bv->view, member, &j) : err;
}

void member_organizations(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, member_organizations_run, NULL);
}

/* -- of a board */

static enum err of_board(struct rest *r, struct board_view *bv, struct organization *ret)
{
    struct slice json, text;
    json_t *tree;
    enum err err = bv->view->ops->entity(bv->view, bv->board, KIND_BOARD, bv->board, &json);
    if (err == ERR_OK) err = json_read(bv->view->arena, json, &tree, NULL);
    if (err != ERR_OK) return err;
    if (!json_get_slice(tree, "idOrganization", &text)) return ERR_NOT_FOUND;
    return organization_open(r, bv->view, text, ret);
}

static enum err board_organization_run(struct rest *r, struct board_view *bv)
{
    struct json_out j = json_out(&r->out);
    struct organization o;
    enum err err = of_board(r, bv, &o);
    if (err == ERR_OK) err = organization_write(r, bv->view, &o, &j);
    return err == ERR_OK ? only_fields(r, params_text(&r->params, "fields")) : err;
}

void board_organization(struct rest *r)
{
    rest_read(r, KIND_BOARD, r->args[0], board_organization_run, NULL);
}

enum err organization_nested(struct rest *r, struct board_view *bv)
{
    struct organization o;
    enum err err = of_board(r, bv, &o);
    bool there = err == ERR_OK;
    if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
    struct json_out j = object_reopen(r);
    JSON_KEY(&j, "organization");
    if (there)
        err = organization_write(r, bv->view, &o, &j);
    else
        json_nil(&j);
    json_object_end(&j);
    return there ? err : ERR_OK;
}

/* -- writing */

/* The home's verdict: what became of it is read again. */
static void organization_judged(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    (void)s, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    /* a create that came twice under one key: its id is made from that */
    bool again = c->fault.err == ERR_EXISTS && r->idempotency.len > 0 &&
                 strcmp(c->fault.field, "id") == 0;
    if (c->verdict != VERDICT_ACCEPTED && !again) {
        r->fault = c->fault;
        if (r->fault.err == ERR_OK) fault_set(&r->fault, ERR_UNKNOWN, "", "", "");
        rest_fail(r);
        return;
    }
    if (r->fixed.len) {
        rest_answer_json(r, r->fixed);
        return;
    }
    r->wrote = !again;
    rest_read(r, KIND_NONE, (struct slice){0}, r->want_run, NULL);
}

void organization_submit(struct rest *r)
{
    r->trusted = true; /* of the server's making; who may, the home asks of the actor */
    rest_submit_for(r, &r->actor, DIRECTORY_ID, organization_judged);
}

void organization_post(struct rest *r)
{
    char text[ID_TEXT + 1];
    if (!required(r, "displayName").ptr) return;
    struct id id = rest_keyed_id(r);
    struct ops_out ops = rest_ops(r);
    op_begin(r, &ops, SLICE("organization.create"), id);
    enum err err = op_sets(r, &ops, organization_post_params);
    op_end(&ops);
    rest_ops_end(&ops);
    if (err != ERR_OK) {
        rest_fail(r);
        return;
    }
    id_format(id, text);
    r->args[0] = arena_dup(&r->arena, slice_cstr(text));
    r->want_run = organization_run;
    organization_submit(r);
}

/* Nobody but members sees a workspace, so there is one value. */
static enum err check_prefs(struct rest *r)
{
    for (uint32_t i = 0; i < r->params.count; i++) {
        const struct param *p = &r->params.at[i];
        if (!slice_starts(p->name, SLICE("prefs/")) && !slice_starts(p->name, SLICE("prefs_")))
            continue;
        if (!slice_eq(slice_from(p->name, 6), SLICE("permissionLevel")) ||
                !slice_eq(p->text, SLICE("private")))
            return fault_set(&r->fault, ERR_INVALID, "prefs", "asks for what is not here",
                    "permissionLevel, which is private");
    }
    return ERR_OK;
}

static enum err organization_put_run(struct rest *r, struct board_view *bv)
{
    struct organization o;
    char text[ID_TEXT + 1];
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    if (err == ERR_OK) err = check_prefs(r);
    if (err != ERR_OK) return err;
    struct ops_out ops = rest_ops(r);
    if (any_sets(r, organization_params)) {
        op_begin(r, &ops, SLICE("organization.set"), o.id);
        op_if(r, &ops);
        err = op_sets(r, &ops, organization_params);
        op_end(&ops);
    }
    rest_ops_end(&ops);
    id_format(o.id, text); /* its name may be another afterwards */
    r->args[0] = arena_dup(&r->arena, slice_cstr(text));
    r->want_run = organization_run;
    return err;
}

static void organization_put_submit(struct rest *r)
{
    if (r->out.len > 2)
        organization_submit(r);
    else
        organization_get(r); /* nothing to change */
}

void organization_put(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, organization_put_run, organization_put_submit);
}

void organization_put_field(struct rest *r)
{
    if (value_as_field(r, organization_params, r->args[1])) organization_put(r);
}

/* -- deleting: its boards leave first */

struct leaving { /* in the rest's arena */
    struct rest *rest;
    struct view *view;
    struct id organization;
    struct id *boards;
    uint64_t *seqs; /* of each board as it was read */
    size_t count, cap, next;
};

static enum err leaving_add(void *context, struct id board, enum role role)
{
    struct leaving *l = context;
    struct board_head head;
    (void)role;
    enum err err = l->view->ops->head(l->view, board, &head);
    if (err != ERR_OK) return err;
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        struct id *boards = ARENA_NEW_ARRAY(&l->rest->arena, struct id, cap);
        uint64_t *seqs = ARENA_NEW_ARRAY(&l->rest->arena, uint64_t, cap);
        if (l->count) memcpy(boards, l->boards, l->count * sizeof *boards);
        if (l->count) memcpy(seqs, l->seqs, l->count * sizeof *seqs);
        l->boards = boards;
        l->seqs = seqs;
        l->cap = cap;
    }
    l->boards[l->count] = board;
    l->seqs[l->count++] = head.seq;
    return ERR_OK;
}

static enum err organization_delete_run(struct rest *r, struct board_view *bv)
{
    struct leaving *l = ARENA_NEW(&r->arena, struct leaving);
    struct organization o;
    enum err err = organization_open(r, bv->view, r->args[0], &o);
    if (err == ERR_OK && o.role != ROLE_ADMIN)
        err = fault_set(&r->fault, ERR_FORBIDDEN, "", "you are no admin of this workspace",
                "one of its admins");
    if (err != ERR_OK) return err;
    *l = (struct leaving){.rest = r, .view = bv->view, .organization = o.id};
    r->user = l;
    return bv->view->ops->memberships(bv->view, o.id, leaving_add, l);
}

static void board_leaves(struct rest *r);

/* Refused: it went elsewhere since, or is deleted. */
static void board_left(struct shard *s, struct conn *conn, struct command *c, void *data)
{
    struct rest *r = data;
    (void)s, (void)conn;
    if (!r->conn) {
        rest_unref(r);
        return;
    }
    r->pending--;
    if (c->verdict == VERDICT_UNKNOWN) {
        fault_set(&r->fault, ERR_UNKNOWN, "", "", "");
        rest_fail(r);
        return;
    }
    board_leaves(r);
}

static void board_leaves(struct rest *r)
{
    struct leaving *l = r->user;
    struct ops_out ops = rest_ops(r);
    if (l->next == l->count) {
        op_begin(r, &ops, SLICE("organization.delete"), l->organization);
        op_end(&ops);
        rest_ops_end(&ops);
        r->fixed = SLICE("{\"_value\":null}");
        organization_submit(r);
        return;
    }
    op_begin(r, &ops, SLICE("board.set"), (struct id){0});
    JSON_KEY(&ops.j, "idOrganization");
    json_nil(&ops.j);
    JSON_KEY(&ops.j, "if");
    json_object_begin(&ops.j);
    JSON_KEY(&ops.j, "idOrganization");
    json_u64(&ops.j, l->seqs[l->next]);
    json_object_end(&ops.j);
    op_end(&ops);
    rest_ops_end(&ops);
    rest_submit_for(r, &(struct actor){.system = true}, l->boards[l->next++], board_left);
}

void organization_delete(struct rest *r)
{
    rest_read(r, KIND_NONE, (struct slice){0}, organization_delete_run, board_leaves);
}
