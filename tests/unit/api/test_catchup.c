/* What a reader takes for whoever joins, over a view made up here: a log of equal events and a
 * board of equal cards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/json.h"
#include "net/api/catchup.h"

static struct fake {
    uint64_t head, floor;
    uint64_t entities;   /* cards */
    size_t event_bytes, card_bytes;
    bool deleted;
} fake;

static const struct id board = { { 7 } }, member = { { 9 } };

static uint64_t h_of(uint64_t seq)
{
    return seq * 0x9e3779b97f4a7c15u;
}

static enum err fake_head(struct view *v, struct id id, struct board_head *ret)
{
    (void)v;
    if (!id_eq(id, board)) return ERR_NOT_FOUND;
    *ret = (struct board_head){.seq = fake.head,
            .floor = fake.floor,
            .entities = fake.entities,
            .deleted = fake.deleted};
    for (int i = 0; i < 8; i++) ret->chain.bytes[i] = (uint8_t)(h_of(fake.head) >> (56 - 8 * i));
    return ERR_OK;
}

static enum err fake_entity(
        struct view *v, struct id in, enum kind kind, struct id id, struct slice *ret)
{
    (void)v;
    if (!id_is_none(in) || kind != KIND_MEMBER || !id_eq(id, member)) return ERR_NOT_FOUND;
    *ret = SLICE("{\"fullName\":\"Ann "
                 "Ode\",\"id\":\"090000000000000000000000\",\"initials\":\"AO\",\"s\":1,"
                 "\"username\":\"ann\"}");
    return ERR_OK;
}

static enum err fake_entities(struct view *v, struct id in, enum kind from, enum kind to,
        enum err (*fn)(void *context, enum kind kind, struct id id, struct slice json),
        void *context)
{
    (void)v, (void)in;
    enum err err = ERR_OK;
    struct buf json;
    buf_init(&json, MIB(1));
    for (uint64_t i = 0; i < fake.entities && from <= KIND_CARD && to >= KIND_CARD && err == ERR_OK;
            i++) {
        buf_clear(&json);
        buf_add_format(&json, "{\"id\":\"%024llx\",\"name\":\"", (unsigned long long)i + 1);
        while (json.len < fake.card_bytes) buf_add_char(&json, 'c');
        BUF_ADD(&json, "\"}");
        err = fn(context, KIND_CARD, id_make((uint32_t)i, i), buf_slice(&json));
    }
    if (err == ERR_OK && to >= KIND_MEMBERSHIP) {
        err = fn(context, KIND_MEMBERSHIP, id_make(1, 1),
                SLICE("{\"id\":\"110000000000000000000000\",\"idMember\":"
                      "\"090000000000000000000000\",\"memberType\":\"normal\",\"s\":1}"));
    }
    buf_fini(&json);
    return err;
}

static enum err fake_events(struct view *v, struct id in, uint64_t from,
        enum err (*fn)(
                void *context, uint64_t seq, struct slice public_json, struct slice old_json),
        void *context)
{
    (void)v, (void)in;
    if (from <= fake.floor) return ERR_GONE_POSITION;
    enum err err = ERR_OK;
    struct buf json;
    buf_init(&json, MIB(2));
    for (uint64_t seq = from; seq <= fake.head && err == ERR_OK; seq++) {
        buf_clear(&json);
        buf_add_format(&json, "{\"t\":\"op\",\"s\":%llu,\"pad\":\"", (unsigned long long)seq);
        while (json.len < fake.event_bytes) buf_add_char(&json, 'e');
        BUF_ADD(&json, "\"}");
        err = fn(context, seq, buf_slice(&json), SLICE("[]"));
    }
    buf_fini(&json);
    return err;
}

static enum err fake_event_h(struct view *v, struct id in, uint64_t seq, uint64_t *ret)
{
    (void)v, (void)in;
    if (seq < fake.floor) return ERR_GONE_POSITION;
    if (seq > fake.head) return ERR_NOT_FOUND;
    *ret = h_of(seq);
    return ERR_OK;
}

static enum err fake_memberships(struct view *v, struct id who,
        enum err (*fn)(void *context, struct id board, enum role role), void *context)
{
    (void)v;
    return id_eq(who, member) ? fn(context, board, ROLE_NORMAL) : ERR_OK;
}

static const struct view_ops fake_ops = {
    .head = fake_head,
    .entity = fake_entity,
    .entities = fake_entities,
    .events = fake_events,
    .event_h = fake_event_h,
    .memberships = fake_memberships,
};

static struct catchup *run(struct id who, bool snapshot, struct position since, bool check)
{
    struct catchup *c = MEM_NEW(struct catchup);
    struct arena scratch;
    struct view v = { .ops = &fake_ops, .arena = &scratch };
    arena_init(&scratch, KIB(4), MIB(1));
    arena_init(&c->read.arena, KIB(4), MIB(16));
    c->read.actor.member = who;
    c->board = board;
    c->snapshot = snapshot;
    c->since = since;
    c->check = check;
    catchup_run(&c->read, &v);
    arena_fini(&scratch);
    return c;
}

static void done(struct catchup *c)
{
    parts_unref(c->parts);
    arena_fini(&c->read.arena);
    mem_free(c);
}

static struct position at(uint64_t seq)
{
    return (struct position){ seq, h_of(seq) };
}

/* Reads all parts as JSON; returns how many elements their `list` or `state` have, and checks
 * the events' order. */
static size_t count_elements(const struct catchup *c, const char *key, uint64_t first)
{
    size_t count = 0;
    for (uint32_t i = 0; i < c->parts->count; i++) {
        struct arena a;
        json_t *tree;
        struct fault fault;
        assert_true(c->parts->at[i].len <= SNAPSHOT_PART_BYTES);
        arena_init(&a, KIB(64), MIB(64));
        assert_int_equal(json_read(&a, c->parts->at[i], &tree, &fault), ERR_OK);
        const json_t *list = json_object_get(tree, key);
        assert_true(json_is_array(list));
        for (size_t k = 0; k < json_array_size(list); k++) {
            uint64_t s;
            if (first > 0) {
                assert_true(json_get_u64(json_array_get(list, k), "s", &s));
                assert_int_equal(s, first + count);
            }
            count++;
        }
        arena_fini(&a);
    }
    return count;
}

static int reset(void **state)
{
    (void)state;
    fake = (struct fake){
            .head = 100, .floor = 10, .entities = 10, .event_bytes = 200, .card_bytes = 240};
    return 0;
}

static void test_catchup__gives_the_log_behind_a_position(void **state)
{
    (void)state;
    struct catchup *c = run(member, false, at(40), true);
    assert_int_equal(c->read.err, ERR_OK);
    assert_null(c->resync);
    assert_false(c->more);
    assert_int_equal(count_elements(c, "list", 41), 60);
    assert_int_equal(c->parts->position.seq, 100);
    assert_true(c->parts->position.h == h_of(100));
    done(c);
    c = run(member, false, at(100), true); /* nothing since */
    assert_null(c->resync);
    assert_int_equal(c->parts->count, 0);
    assert_int_equal(c->parts->position.seq, 100);
    done(c);
    c = run(member, false, at(10), true); /* the floor itself can still be resumed */
    assert_null(c->resync);
    assert_int_equal(count_elements(c, "list", 11), 90);
    done(c);
}

static void check_resync(struct position since, bool check, const char *why)
{
    struct catchup *c = run(member, false, since, check);
    assert_int_equal(c->read.err, ERR_OK);
    assert_non_null(c->resync);
    assert_string_equal(c->resync, why);
    assert_null(c->parts);
    done(c);
}

static void test_catchup__says_why_a_position_cannot_be_resumed(void **state)
{
    (void)state;
    check_resync((struct position){ 40, 1 }, true, "position");
    check_resync((struct position){ 101, h_of(101) }, true, "position");
    check_resync((struct position){ UINT64_MAX, 0 }, true, "position");
    check_resync(at(9), true, "floor");
    check_resync(at(0), true, "floor");
    fake.event_bytes = 20000; /* 60 of them are dearer than 10 cards */
    check_resync(at(40), true, "lag");
    reset(NULL);
    fake.head = 50 + LIVE_REPLAY_EVENTS_MAX + 1;
    check_resync(at(50), true, "lag");
}

static void test_catchup__trusts_a_position_of_its_own(void **state)
{
    (void)state;
    struct catchup *c = run(member, false, (struct position){ 40, 0 }, false);
    assert_null(c->resync);
    assert_int_equal(count_elements(c, "list", 41), 60);
    done(c);
}

static void test_catchup__goes_in_rounds_that_meet(void **state)
{
    (void)state;
    fake.entities = 100000; /* a snapshot would be dear */
    fake.event_bytes = 30000;
    uint64_t seq = 20;
    for (int rounds = 0;; rounds++) {
        struct catchup *c = run(member, false, at(seq), true);
        assert_null(c->resync);
        assert_true(c->parts->bytes <= CATCHUP_ROUND_BYTES + KIB(1));
        size_t count = count_elements(c, "list", seq + 1);
        assert_true(count > 0);
        seq += count;
        assert_int_equal(c->parts->position.seq, seq);
        assert_true(c->parts->position.h == h_of(seq));
        bool more = c->more;
        done(c);
        if (more) continue;
        assert_true(rounds >= 2);
        break;
    }
    assert_int_equal(seq, 100);
}

static void test_catchup__cuts_a_snapshot_between_objects(void **state)
{
    (void)state;
    fake.entities = 3000;
    struct catchup *c = run(member, true, (struct position){ 0 }, false);
    assert_int_equal(c->read.err, ERR_OK);
    assert_true(c->parts->count > 2);
    assert_int_equal(count_elements(c, "state", 0), 3001);
    for (uint32_t i = 0; i < c->parts->count; i++) {
        struct slice part = c->parts->at[i];
        char begin[64];
        int len = snprintf(begin, sizeof begin,
                "{\"t\":\"snap\",\"pos\":[100,\"%016llx\"],\"part\":%u,",
                (unsigned long long)h_of(100), i + 1);
        assert_true(slice_starts(part, slice_of(begin, (size_t)len)));
        assert_int_equal(slice_ends(part, SLICE("\"last\":true}")), i + 1 == c->parts->count);
    }
    const char *who =
            "\"who\":[{\"fullName\":\"Ann "
            "Ode\",\"id\":\"090000000000000000000000\",\"initials\":\"AO\",\"username\":\"ann\"}]";
    assert_non_null(memmem(c->parts->at[0].ptr, c->parts->at[0].len, who, strlen(who)));
    done(c);
}

static void test_catchup__is_for_members_of_boards_that_are_there(void **state)
{
    (void)state;
    struct catchup *c = run((struct id){ { 1 } }, true, (struct position){ 0 }, false);
    assert_int_equal(c->read.err, ERR_NOT_FOUND);
    assert_null(c->parts);
    done(c);
    c = run((struct id){ { 1 } }, false, at(40), true);
    assert_int_equal(c->read.err, ERR_NOT_FOUND);
    assert_null(c->parts);
    done(c);
    fake.deleted = true;
    c = run(member, false, at(40), true);
    assert_int_equal(c->read.err, ERR_NOT_FOUND);
    done(c);
}

static void test_catchup__a_snapshot_knows_for_whom_it_is(void **state)
{
    struct actor other = { .member = { { 1 } } }, mine = { .member = member },
                 system = { .system = true };
    (void)state;
    struct catchup *c = run(member, true, at(0), false);
    assert_true(people_have(&c->parts->people, &mine));
    assert_true(people_have(&c->parts->people, &system));
    assert_false(people_have(&c->parts->people, &other));
    done(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_catchup__gives_the_log_behind_a_position, reset),
        cmocka_unit_test_setup(test_catchup__says_why_a_position_cannot_be_resumed, reset),
        cmocka_unit_test_setup(test_catchup__trusts_a_position_of_its_own, reset),
        cmocka_unit_test_setup(test_catchup__goes_in_rounds_that_meet, reset),
        cmocka_unit_test_setup(test_catchup__cuts_a_snapshot_between_objects, reset),
        cmocka_unit_test_setup(test_catchup__a_snapshot_knows_for_whom_it_is, reset),
        cmocka_unit_test_setup(test_catchup__is_for_members_of_boards_that_are_there, reset),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
