#include "core/view.h"

#include "core/base/date.h"
#include "core/effect.h"
#include "core/organization.h"

#define HASH_HEX      64
#define SCRATCH_BYTES ((size_t)16 * 1024)
#define SCRATCH_BYTES_MAX                                                                          \
    ((size_t)64 * 1024 * 1024) /* one entity's tree: an entity is far below a MiB of text */
#define LOAD_BLOCK_BYTES ((size_t)64 * 1024)

/* -- who may read */

struct role_search {
    struct id board;
    enum role role;
};

static enum err note_role(void *context, struct id board, enum role role)
{
    struct role_search *search = context;
    if (id_eq(search->board, board)) search->role = role;
    return ERR_OK;
}

static enum err nothing_here(struct fault *fault)
{
    return fault_set(fault, ERR_NOT_FOUND, "idBoard", "names no board that you can see",
            "the id of a board that you are a member of");
}

enum err board_view_open(struct view *v, const struct actor *actor, struct id board, enum perm perm,
        struct board_view *ret_view, struct fault *fault)
{
    struct role_search search = {.board = board, .role = actor->system ? ROLE_ADMIN : ROLE_NONE};
    struct board_head head;
    if (id_is_none(actor->member) && !actor->system)
        return fault_set(fault, ERR_UNAUTHORIZED, "", "came without a valid session or token",
                "a signed-in member");
    enum err err = v->ops->head(v, board, &head);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && head.deleted)) return nothing_here(fault);
    if (err == ERR_OK && !actor->system && !id_is_none(board))
        err = v->ops->memberships(v, actor->member, note_role, &search);
    bool visitor = false;
    if (err == ERR_OK && search.role == ROLE_NONE && perm != PERM_NONE && !id_is_none(board))
        err = organization_lets_read(v, board, actor->member, &visitor);
    if (visitor) search.role = ROLE_OBSERVER;
    if (err != ERR_OK) return fault_set(fault, err, "", "could not be read", "readable storage");
    if (!actor->system && perm != PERM_NONE) {
        if (search.role == ROLE_NONE) return nothing_here(fault);
        if (!perm_allows(search.role, perm))
            return fault_setf(fault, ERR_FORBIDDEN, "", "a member whose role allows it",
                    "you are %.*s of this board", SLICE_ARG(role_name(search.role)));
    }
    *ret_view = (struct board_view){.view = v,
            .board = board,
            .head = head,
            .actor = *actor,
            .role = search.role,
            .visitor = visitor};
    return ERR_OK;
}

/* -- loading */

struct loader {
    struct board *board;
    struct arena scratch;
    struct fault *fault;
};

static enum err load_entity(void *context, enum kind kind, struct id id, struct slice json)
{
    struct loader *l = context;
    struct object *o;
    struct fault why = {0};
    if (!kind_known(kind))
        return fault_set(
                l->fault, ERR_CORRUPT, "", "is of an unknown kind", "a kind of this version");
    arena_reset(&l->scratch);
    if (object_read(kind, &l->scratch, json, &o, &why) != ERR_OK)
        return fault_setf(l->fault, ERR_CORRUPT, why.field, why.expected, "a stored %s %s",
                kind_info(kind)->name.ptr, why.wrong);
    if (!id_eq(o->id, id) || board_find(l->board, id) != NULL) {
        object_free(o);
        return fault_set(
                l->fault, ERR_CORRUPT, "id", "is not the stored object's own", "each id once");
    }
    o->sum = entity_sum(kind, id, json);
    board_fill(l->board, o);
    return ERR_OK;
}

/* Kinds of the mask, each run of neighbours in one scan. */
static enum err load_kinds(struct view *v, struct board *b, uint64_t kinds, struct fault *fault)
{
    struct loader l = {.board = b, .fault = fault};
    enum err err = ERR_OK;
    arena_init(&l.scratch, SCRATCH_BYTES, SCRATCH_BYTES_MAX);
    for (unsigned from = 1; from < KIND_LIMIT && err == ERR_OK; from++) {
        if ((kinds >> from & 1) == 0) continue;
        unsigned to = from;
        while (to + 1 < KIND_LIMIT && (kinds >> (to + 1) & 1) != 0)
            to++;
        err = v->ops->entities(v, b->id, (enum kind)from, (enum kind)to, load_entity, &l);
        from = to;
    }
    arena_fini(&l.scratch);
    board_fill_end(b);
    return err;
}

enum err board_view_load(
        struct board_view *bv, uint64_t kinds, struct board **ret_board, struct fault *fault)
{
    struct board *b = board_new(bv->board);
    b->head = bv->head;
    kinds |= UINT64_C(1) << KIND_BOARD | UINT64_C(1) << KIND_MEMBERSHIP;
    enum err err = load_kinds(bv->view, b, kinds, fault);
    if (err != ERR_OK) {
        board_free(b);
        return err;
    }
    *ret_board = b;
    return ERR_OK;
}

static enum err load_part(void *context, enum kind kind, struct id id, struct slice json)
{
    struct loader *l = context;
    struct object *o;
    if (board_find(l->board, id) != NULL) return ERR_OK;
    arena_reset(&l->scratch);
    if (!kind_known(kind) || object_read(kind, &l->scratch, json, &o, NULL) != ERR_OK)
        return fault_set(l->fault, ERR_CORRUPT, "", "is damaged", "a part as it was stored");
    board_insert(l->board, o);
    return ERR_OK;
}

enum err board_view_parts(
        struct board_view *bv, struct board *b, struct id card, struct fault *fault)
{
    struct loader l = {.board = b, .fault = fault};
    arena_init(&l.scratch, SCRATCH_BYTES, SCRATCH_BYTES_MAX);
    enum err err = bv->view->ops->parts(bv->view, b->id, card, load_part, &l);
    arena_fini(&l.scratch);
    return err;
}

struct client_rows {
    struct board_load *load;
    uint32_t cap;
};

static enum err load_client(void *context, const struct client_row *row)
{
    struct client_rows *rows = context;
    struct board_load *load = rows->load;
    if (load->client_count == rows->cap) {
        uint32_t cap = rows->cap == 0 ? 16 : rows->cap * 2;
        struct client_row *grown = ARENA_NEW_ARRAY(&load->arena, struct client_row, cap);
        if (load->client_count > 0)
            memcpy(grown, load->clients, load->client_count * sizeof(*grown));
        load->clients = grown;
        rows->cap = cap;
    }
    struct client_row *copy = &load->clients[load->client_count++];
    *copy = *row;
    copy->cl = arena_dup(&load->arena, row->cl);
    return ERR_OK;
}

struct event_chain_end {
    struct board_load *load;
    struct event **next;
};

static enum err load_event(
        void *context, uint64_t seq, struct slice public_json, struct slice old_json)
{
    struct event_chain_end *end = context;
    (void)old_json;
    struct event *e = ARENA_NEW(&end->load->arena, struct event);
    e->seq = seq;
    e->public_json = arena_dup(&end->load->arena, public_json);
    *end->next = e;
    end->next = &e->next;
    return ERR_OK;
}

static enum err load_all(struct board_load *load, struct view *v)
{
    struct client_rows rows = {.load = load};
    struct event_chain_end end = {.load = load, .next = &load->events};
    struct board_head head;
    enum err err = v->ops->head(v, load->board, &head);
    if (err != ERR_OK) return err;
    load->state = board_new(load->board);
    load->state->head = head;
    err = load_kinds(v, load->state, UINT64_MAX, NULL);
    if (err == ERR_OK) err = v->ops->clients(v, load->board, load_client, &rows);
    if (err == ERR_OK && load->after < head.seq)
        err = v->ops->events(v, load->board, load->after + 1, load_event, &end);
    return err;
}

void board_load_run(struct board_load *load, struct view *v)
{
    arena_init(&load->arena, LOAD_BLOCK_BYTES, SIZE_MAX / 2);
    load->state = NULL;
    load->clients = NULL;
    load->client_count = 0;
    load->events = NULL;
    load->err = load_all(load, v);
    if (load->err != ERR_OK) load->state = board_free(load->state);
}

void board_load_fini(struct board_load *load)
{
    load->state = board_free(load->state);
    arena_fini(&load->arena);
}

/* -- sessions */

static enum err session_actor(struct object *o, const char hex[HASH_HEX], int64_t now_ms,
        bool (*equal)(const void *a, const void *b, size_t len), struct actor *ret_actor)
{
    struct slice stored = value_slice(object_value(o, F_SESSION_HASH));
    int64_t expires_ms;
    if (stored.len != HASH_HEX || !equal(stored.ptr, hex, HASH_HEX)) return ERR_UNAUTHORIZED;
    if (!date_parse(value_slice(object_value(o, F_SESSION_EXPIRES)), &expires_ms))
        return ERR_CORRUPT;
    if (expires_ms <= now_ms) return ERR_UNAUTHORIZED;
    *ret_actor =
            (struct actor){.member = object_value(o, F_SESSION_ID_MEMBER)->id, .session = o->id};
    return ERR_OK;
}

enum err session_find(struct view *v, const uint8_t hash[32], int64_t now_ms,
        bool (*equal)(const void *a, const void *b, size_t len), struct actor *ret_actor)
{
    struct id id;
    struct slice json;
    struct object *o;
    struct fault ignored;
    memcpy(id.bytes, hash, ID_BYTES);
    enum err err = v->ops->entity(v, DIRECTORY_ID, KIND_SESSION, id, &json);
    if (err == ERR_NOT_FOUND) return ERR_UNAUTHORIZED;
    if (err != ERR_OK) return err;
    if (object_read(KIND_SESSION, v->arena, json, &o, &ignored) != ERR_OK) return ERR_CORRUPT;
    char text[HASH_HEX + 1];
    struct buf hex = {.ptr = text, .cap = sizeof(text), .bytes_max = sizeof(text)};
    buf_add_hex(&hex, hash, 32);
    err = session_actor(o, text, now_ms, equal, ret_actor);
    object_free(o);
    return err;
}
