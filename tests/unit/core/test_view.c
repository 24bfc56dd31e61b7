#include "core/view.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "tests/unit/core/effects.h"

/* Storage that is one board in memory and one session. */
struct fake {
    struct view view;
    struct arena arena;
    struct board *board;
    struct object *session;
    struct slice extra; /* stored beside the board's own entities, as KIND_LABEL */
    uint64_t events_from;
    enum err broken;
};

static struct fake fake;

static enum err fake_head(struct view *v, struct id board, struct board_head *ret_head)
{
    (void)v;
    if (!id_eq(board, fake.board->id)) return ERR_NOT_FOUND;
    *ret_head = fake.board->head;
    return fake.broken;
}

static struct slice text_of(const struct object *o)
{
    struct buf text;
    buf_init(&text, MIB(1));
    object_write(o, &text);
    struct slice copy = arena_dup(&fake.arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static enum err fake_entity(
        struct view *v, struct id board, enum kind kind, struct id id, struct slice *ret_json)
{
    (void)v;
    if (kind != KIND_SESSION || !id_is_none(board) || fake.session == NULL ||
            !id_eq(id, fake.session->id))
        return ERR_NOT_FOUND;
    *ret_json = text_of(fake.session);
    return ERR_OK;
}

static enum err fake_entities(struct view *v, struct id board, enum kind from, enum kind to,
        enum err (*fn)(void *context, enum kind kind, struct id id, struct slice json),
        void *context)
{
    enum err err = ERR_OK;
    (void)v;
    (void)board;
    for (struct object *o = fake.board->objects; o != NULL && err == ERR_OK; o = o->hh.next) {
        if (o->kind >= from && o->kind <= to) err = fn(context, o->kind, o->id, text_of(o));
    }
    if (err == ERR_OK && fake.extra.len > 0 && from <= KIND_LABEL && to >= KIND_LABEL)
        err = fn(context, KIND_LABEL, test_id(77), fake.extra);
    return err;
}

static enum err fake_memberships(struct view *v, struct id member,
        enum err (*fn)(void *context, struct id board, enum role role), void *context)
{
    (void)v;
    enum err err = fn(context, test_id(999), ROLE_ADMIN);
    enum role role = board_role(fake.board, member);
    return err != ERR_OK || role == ROLE_NONE ? err : fn(context, fake.board->id, role);
}

static enum err fake_clients(struct view *v, struct id board,
        enum err (*fn)(void *context, const struct client_row *row), void *context)
{
    char cl[8];
    (void)v;
    (void)board;
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(cl, sizeof(cl), "c%u", i);
        struct client_row row = {.actor = test_id(i), .cl = slice_cstr(cl), .last_n = i};
        enum err err = fn(context, &row);
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

static enum err fake_events(struct view *v, struct id board, uint64_t from,
        enum err (*fn)(
                void *context, uint64_t seq, struct slice public_json, struct slice old_json),
        void *context)
{
    (void)v;
    (void)board;
    fake.events_from = from;
    for (uint64_t seq = from; seq <= fake.board->head.seq; seq++) {
        char text[16];
        snprintf(text, sizeof(text), "event %llu", (unsigned long long)seq);
        enum err err = fn(context, seq, slice_cstr(text), SLICE("[]"));
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

static const struct view_ops ops = {.head = fake_head,
        .entity = fake_entity,
        .entities = fake_entities,
        .events = fake_events,
        .memberships = fake_memberships,
        .clients = fake_clients};

static void add_member(uint32_t n, const char *type)
{
    struct object *o = object_new(KIND_MEMBERSHIP, test_id(200 + n));
    object_value(o, F_MEMBERSHIP_ID_MEMBER)->id = test_id(n);
    *object_value(o, F_MEMBERSHIP_MEMBER_TYPE) = value_str(slice_cstr(type));
    board_insert(fake.board, o);
}

static int setup(void **state)
{
    struct test_maker m = {.next_id = 1000};
    (void)state;
    memset(&fake, 0, sizeof(fake));
    arena_init(&fake.arena, 1 << 16, ARENA_TEST_BYTES);
    fake.view = (struct view){.ops = &ops, .arena = &fake.arena};
    fake.board = test_board(&fake.arena);
    rng_init(&m.rng, 4);
    for (int i = 0; i < 100; i++) {
        struct event e;
        test_make(&m, fake.board, &e, &fake.arena);
        test_commit(fake.board, &e, &fake.arena);
        event_fini(&e);
    }
    add_member(10, "observer");
    add_member(11, "normal");
    add_member(12, "admin");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    board_free(fake.board);
    object_free(fake.session);
    arena_fini(&fake.arena);
    return 0;
}

static enum err open_as(uint32_t member, enum perm perm, struct board_view *ret_view)
{
    struct actor actor = {.member = member == 0 ? (struct id){{0}} : test_id(member)};
    struct fault fault = {0};
    return board_view_open(&fake.view, &actor, fake.board->id, perm, ret_view, &fault);
}

static void test_view__opens_for_whom_the_role_allows_it(void **state)
{
    struct board_view bv;
    (void)state;
    assert_int_equal(open_as(0, PERM_READ, &bv), ERR_UNAUTHORIZED);
    assert_int_equal(open_as(13, PERM_READ, &bv), ERR_NOT_FOUND);
    assert_int_equal(open_as(10, PERM_READ, &bv), ERR_OK);
    assert_int_equal(bv.role, ROLE_OBSERVER);
    assert_int_equal(open_as(10, PERM_EDIT, &bv), ERR_FORBIDDEN);
    assert_int_equal(open_as(11, PERM_EDIT, &bv), ERR_OK);
    assert_int_equal(open_as(11, PERM_ADMIN, &bv), ERR_FORBIDDEN);
    assert_int_equal(open_as(12, PERM_ADMIN, &bv), ERR_OK);
    assert_int_equal(open_as(12, PERM_SYSTEM, &bv), ERR_FORBIDDEN);
    struct actor system = {.system = true};
    struct fault fault;
    assert_int_equal(
            board_view_open(&fake.view, &system, fake.board->id, PERM_SYSTEM, &bv, &fault), ERR_OK);
    assert_int_equal(board_view_open(&fake.view, &system, test_id(5), PERM_READ, &bv, &fault),
            ERR_NOT_FOUND);
    fake.board->head.deleted = true;
    assert_int_equal(open_as(12, PERM_READ, &bv), ERR_NOT_FOUND);
    fake.board->head.deleted = false;
    fake.broken = ERR_CORRUPT;
    assert_int_equal(open_as(12, PERM_READ, &bv), ERR_CORRUPT);
}

static struct slice whole(const struct board *b)
{
    struct buf text;
    buf_init(&text, MIB(16));
    board_write(b, &text);
    struct slice copy = arena_dup(&fake.arena, buf_slice(&text));
    buf_fini(&text);
    return copy;
}

static void test_view__loads_the_kinds_asked_for_in_order(void **state)
{
    struct board_view bv;
    struct board *b;
    struct fault fault = {0};
    (void)state;
    assert_int_equal(open_as(11, PERM_READ, &bv), ERR_OK);
    assert_int_equal(
            board_view_load(&bv,
                    UINT64_C(1) << KIND_CARD | UINT64_C(1) << KIND_LIST | UINT64_C(1) << KIND_LABEL,
                    &b, &fault),
            ERR_OK);
    assert_true(slice_eq(whole(b), whole(fake.board)));
    for (const struct siblings *s = fake.board->siblings; s != NULL; s = s->hh.next) {
        const struct siblings *loaded = board_children(b, (enum kind)s->kind, s->parent);
        assert_int_equal(loaded->count, s->count);
        for (size_t i = 0; i < s->count; i++)
            assert_true(id_eq(loaded->at[i]->id, s->at[i]->id));
    }
    const struct object *o = board_self(b);
    assert_true(o->sum == entity_sum(KIND_BOARD, o->id, text_of(o)));
    board_free(b);
    assert_int_equal(board_view_load(&bv, 0, &b, &fault), ERR_OK);
    assert_int_equal(b->count[KIND_CARD], 0);
    assert_int_equal(b->count[KIND_MEMBERSHIP], 3);
    assert_non_null(board_self(b));
    board_free(b);
}

static void test_view__what_cannot_be_read_is_corrupt(void **state)
{
    static const char *const bad[] = {"{}", "x", "{\"id\":\"65a000000000000000000001\",\"s\":1}"};
    struct board_view bv;
    struct board *b;
    (void)state;
    assert_int_equal(open_as(11, PERM_READ, &bv), ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        struct fault fault = {0};
        fake.extra = slice_cstr(bad[i]);
        assert_int_equal(board_view_load(&bv, UINT64_C(1) << KIND_LABEL, &b, &fault), ERR_CORRUPT);
        assert_true(fault.wrong[0] != '\0');
    }
}

static void test_view__a_load_brings_state_clients_and_later_events(void **state)
{
    struct board_load load = {.board = fake.board->id, .after = fake.board->head.seq - 2};
    (void)state;
    board_load_run(&load, &fake.view);
    assert_int_equal(load.err, ERR_OK);
    assert_true(slice_eq(whole(load.state), whole(fake.board)));
    assert_int_equal(load.state->head.next_short, fake.board->head.next_short);
    assert_int_equal(load.client_count, 40);
    assert_true(slice_eq(load.clients[39].cl, SLICE("c39")));
    assert_true(slice_eq(load.clients[0].cl, SLICE("c0")));
    assert_int_equal(load.events->seq, fake.board->head.seq - 1);
    assert_int_equal(load.events->next->seq, fake.board->head.seq);
    assert_null(load.events->next->next);
    board_load_fini(&load);
    load = (struct board_load){.board = fake.board->id, .after = UINT64_MAX};
    fake.events_from = 0;
    board_load_run(&load, &fake.view);
    assert_null(load.events);
    assert_int_equal(fake.events_from, 0);
    board_load_fini(&load);
    load = (struct board_load){.board = test_id(5)};
    board_load_run(&load, &fake.view);
    assert_int_equal(load.err, ERR_NOT_FOUND);
    assert_null(load.state);
    board_load_fini(&load);
}

static bool equal(const void *a, const void *b, size_t len)
{
    return memcmp(a, b, len) == 0;
}

static void test_view__a_session_is_found_by_its_whole_hash_until_it_expires(void **state)
{
    uint8_t hash[32];
    char hex[65];
    struct actor actor;
    struct id id;
    (void)state;
    for (uint8_t i = 0; i < 32; i++) {
        hash[i] = (uint8_t)(i * 7 + 1);
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    }
    memcpy(id.bytes, hash, ID_BYTES);
    fake.session = object_new(KIND_SESSION, id);
    *object_value(fake.session, F_SESSION_HASH) = value_str(slice_cstr(hex));
    *object_value(fake.session, F_SESSION_CREATED) = value_str(SLICE("2026-01-01T00:00:00.000Z"));
    *object_value(fake.session, F_SESSION_EXPIRES) = value_str(SLICE("2026-02-01T00:00:00.000Z"));
    object_value(fake.session, F_SESSION_ID_MEMBER)->id = test_id(12);
    int64_t expires_ms = 1769904000000;
    assert_int_equal(session_find(&fake.view, hash, expires_ms - 1, equal, &actor), ERR_OK);
    assert_true(id_eq(actor.member, test_id(12)));
    assert_true(id_eq(actor.session, id));
    assert_false(actor.system);
    assert_int_equal(session_find(&fake.view, hash, expires_ms, equal, &actor), ERR_UNAUTHORIZED);
    hash[31] ^= 1; /* the same id, another secret */
    assert_int_equal(session_find(&fake.view, hash, 0, equal, &actor), ERR_UNAUTHORIZED);
    hash[0] ^= 1;
    assert_int_equal(session_find(&fake.view, hash, 0, equal, &actor), ERR_UNAUTHORIZED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    test_view__opens_for_whom_the_role_allows_it, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_view__loads_the_kinds_asked_for_in_order, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_view__what_cannot_be_read_is_corrupt, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_view__a_load_brings_state_clients_and_later_events, setup, teardown),
            cmocka_unit_test_setup_teardown(
                    test_view__a_session_is_found_by_its_whole_hash_until_it_expires, setup,
                    teardown),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
