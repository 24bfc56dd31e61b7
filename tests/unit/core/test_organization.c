/* Organizations, who is in them, and what that lets them do on boards: the directory's and the
 * board's sides of one engine. */
#include "core/organization.h"
#include "core/base/limits.h"
#include "tests/unit/core/engine_fixture.h"

#define ORG  "500000000000000000000000"
#define ORG2 "510000000000000000000000"
#define ADA  "650100000000000000000000"
#define BOB  "650200000000000000000000"
#define EVE  "650300000000000000000000"

static void directory_send(struct fixture *f, struct id member, const char *ops)
{
    struct actor actor = {.member = member, .system = id_is_none(member)};
    struct command *c = command_new(DIRECTORY_ID, &actor);
    struct fault fault = {0};
    if (command_decode(c, slice_cstr(ops), true, &fault))
        fail_msg("%s: %s; expected %s", fault.field, fault.wrong, fault.expected);
    engine_submit(f->engine, c, NOW);
    turn(f);
}

static enum err directory(struct fixture *f, struct id member, const char *ops)
{
    forget(f);
    directory_send(f, member, ops);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0]->fault.err;
}

static void held_answer(struct fixture *f, enum oplog_answer answer)
{
    struct batch *batch = f->held;
    assert_non_null(batch);
    f->held = NULL;
    batch->answer = answer;
    engine_answer(f->engine, batch, NOW);
    turn(f);
}

static struct id parsed(const char *text)
{
    struct id id;
    assert_true(id_parse(slice_cstr(text), &id));
    return id;
}

static enum role role_in(struct fixture *f, const char *organization, struct id member)
{
    return organization_role(
            engine_board(f->engine, DIRECTORY_ID), parsed(organization), member);
}

static struct slice text_of(struct fixture *f, const char *organization, enum field field)
{
    struct object *o = board_get(
            engine_board(f->engine, DIRECTORY_ID), KIND_ORGANIZATION, parsed(organization));
    assert_non_null(o);
    return value_slice(object_value(o, field));
}

#define CREATE(id, name)                                                                           \
    "[{\"op\":\"organization.create\",\"id\":\"" id "\",\"displayName\":\"" name "\"}]"
#define MEMBER(verb, id, member, more)                                                             \
    "[{\"op\":\"organization.member" verb "\",\"id\":\"" id "\",\"idMember\":"               \
    "\"" member "\"" more "}]"
#define ROLE(role) ",\"role\":\"" role "\""
#define SET(more)  "[{\"op\":\"organization.set\",\"id\":\"" ORG "\"," more "}]"
#define DELETE(id) "[{\"op\":\"organization.delete\",\"id\":\"" id "\"}]"

/* Bob's organization with eve in it; the board is ada's, and bob is on it as an admin. */
static int org_setup(void **state)
{
    fixture_setup(state);
    struct fixture *f = *state;
    assert_int_equal(directory(f, bob, CREATE(ORG, "Caf\xc3\xa9 Crew")), ERR_OK);
    assert_int_equal(directory(f, bob, MEMBER("Add", ORG, EVE, ROLE("normal"))), ERR_OK);
    run_ok(f, ada, "[{\"op\":\"member.role\",\"idMember\":\"" BOB "\",\"role\":\"admin\"}]");
    forget(f);
    return 0;
}

#define JOIN_ORG "{\"op\":\"board.set\",\"idOrganization\":\"" ORG "\"}"
#define LEVEL(level, more)                                                                         \
    "{\"op\":\"board.set\",\"prefs\":{\"permissionLevel\":\"" level "\"" more "}}"

static void test_organization__has_a_name_of_its_own_and_a_first_admin(void **state)
{
    struct fixture *f = *state;
    assert_true(slice_eq(text_of(f, ORG, F_ORGANIZATION_NAME), SLICE("caf_crew")));
    assert_int_equal(text_of(f, ORG, F_ORGANIZATION_DATE_CREATED).len, 24);
    assert_int_equal(role_in(f, ORG, bob), ROLE_ADMIN);
    assert_int_equal(role_in(f, ORG, ada), ROLE_NONE);
    assert_int_equal(directory(f, ada, CREATE(ORG2, "Caf\xc3\xa9 Crew")), ERR_OK);
    assert_true(slice_eq(text_of(f, ORG2, F_ORGANIZATION_NAME), SLICE("caf_crew2")));
    assert_int_equal(directory(f, ada, CREATE(ORG, "Again")), ERR_EXISTS);
    assert_int_equal(directory(f, (struct id){{0}}, CREATE("520000000000000000000000", "Nobody's")),
            ERR_FORBIDDEN);
    assert_int_equal(directory(f, ada, CREATE("520000000000000000000000", "!")), ERR_OK);
    assert_true(slice_eq(text_of(f, "520000000000000000000000", F_ORGANIZATION_NAME),
            SLICE("workspace")));
}

static void test_organization__names_are_checked(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(directory(f, ada, CREATE(ORG2, "Other")), ERR_OK);
    assert_int_equal(directory(f, bob, SET("\"name\":\"other\"")), ERR_EXISTS);
    assert_int_equal(directory(f, bob, SET("\"name\":\"Crew\"")), ERR_INVALID);
    assert_int_equal(directory(f, bob, SET("\"name\":\"ab\"")), ERR_INVALID);
    assert_int_equal(directory(f, bob, SET("\"name\":\"" EVE "\"")), ERR_INVALID);
    assert_int_equal(directory(f, bob, SET("\"name\":\"caf_crew\"")), ERR_OK);
    assert_int_equal(directory(f, bob, SET("\"website\":\"javascript:x\"")), ERR_INVALID);
    assert_int_equal(
            directory(f, bob, SET("\"website\":\"https://x.example\",\"desc\":\"D\"")), ERR_OK);
    assert_int_equal(directory(f, bob, SET("\"desc\":\"E\",\"if\":1")), ERR_CONFLICT);
    assert_true(slice_eq(text_of(f, ORG, F_ORGANIZATION_DESC), SLICE("D")));
}

#define TEN "abcdefghij"

static void test_organization__names_have_bounds(void **state)
{
    struct fixture *f = *state;
    static const char named[] = "[{\"op\":\"organization.create\",\"id\":\"" ORG2
                                "\",\"displayName\":\"X\",\"name\":\"a_1\"}]";
    static const char third[] = "520000000000000000000000", fourth[] = "530000000000000000000000";
    static const char *const bad[] = {SET("\"name\":\"a-b\""), SET("\"name\":\"a~b\""),
            SET("\"name\":\"" TEN TEN TEN TEN TEN TEN "k\"")};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++)
        assert_int_equal(directory(f, bob, bad[i]), ERR_INVALID);
    assert_int_equal(directory(f, bob, SET("\"name\":\"" TEN TEN TEN TEN TEN TEN "\"")), ERR_OK);
    assert_int_equal(directory(f, bob, SET("\"website\":\"http://x.example\"")), ERR_OK);
    assert_int_equal(directory(f, ada, named), ERR_OK);
    assert_true(slice_eq(text_of(f, ORG2, F_ORGANIZATION_NAME), SLICE("a_1")));
    /* one made from what is displayed leaves room for a number, and is no id */
    assert_int_equal(
            directory(f, ada, CREATE("520000000000000000000000", TEN TEN TEN TEN "klm")), ERR_OK);
    assert_true(slice_eq(text_of(f, third, F_ORGANIZATION_NAME), SLICE(TEN TEN TEN TEN)));
    assert_int_equal(directory(f, ada, CREATE("530000000000000000000000", EVE)), ERR_OK);
    assert_true(slice_eq(text_of(f, fourth, F_ORGANIZATION_NAME), SLICE("workspace")));
}

static void test_organization__others_stay_when_one_is_deleted(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(directory(f, ada, CREATE(ORG2, "Other")), ERR_OK);
    assert_int_equal(directory(f, bob, MEMBER("Role", ORG, BOB, ROLE("admin"))), ERR_OK);
    assert_int_equal(directory(f, bob, DELETE(ORG)), ERR_OK);
    assert_int_equal(role_in(f, ORG, bob), ROLE_NONE);
    assert_int_equal(role_in(f, ORG2, ada), ROLE_ADMIN);
}

static void test_organization__is_not_there_for_strangers(void **state)
{
    struct fixture *f = *state;
    static const char *const all[] = {SET("\"desc\":\"x\""), DELETE(ORG), DELETE(ORG2),
            MEMBER("Add", ORG, ADA, ROLE("normal")), MEMBER("Remove", ORG, BOB, ""),
            MEMBER("Remove", ORG, ADA, "")};
    for (size_t i = 0; i < ARRAY_COUNT(all); i++)
        assert_int_equal(directory(f, ada, all[i]), ERR_NOT_FOUND);
    assert_int_equal(directory(f, eve, SET("\"desc\":\"x\"")), ERR_FORBIDDEN);
    assert_int_equal(directory(f, eve, DELETE(ORG)), ERR_FORBIDDEN);
    assert_int_equal(directory(f, eve, MEMBER("Remove", ORG, BOB, "")), ERR_FORBIDDEN);
    assert_int_equal(directory(f, eve, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    assert_int_equal(directory(f, eve, DELETE(ORG)), ERR_NOT_FOUND);
}

static void test_organization__keeps_an_admin(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, BOB, "")), ERR_CONFLICT);
    assert_int_equal(directory(f, bob, MEMBER("Role", ORG, BOB, ROLE("normal"))), ERR_CONFLICT);
    assert_int_equal(directory(f, bob, MEMBER("Role", ORG, EVE, ROLE("observer"))), ERR_INVALID);
    assert_int_equal(directory(f, bob, MEMBER("Role", ORG, ADA, ROLE("admin"))), ERR_NOT_FOUND);
    assert_int_equal(directory(f, bob, MEMBER("Role", ORG, EVE, ROLE("admin"))), ERR_OK);
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, BOB, "")), ERR_OK);
    assert_int_equal(role_in(f, ORG, bob), ROLE_NONE);
    assert_int_equal(role_in(f, ORG, eve), ROLE_ADMIN);
}

static void test_organization__members_come_back_and_are_people(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(directory(f, bob, MEMBER("Add", ORG, EVE, ROLE("admin"))), ERR_CONFLICT);
    assert_int_equal(directory(f, bob, MEMBER("Add", ORG, ORG2, ROLE("normal"))), ERR_NOT_FOUND);
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    assert_int_equal(directory(f, bob, MEMBER("Add", ORG, EVE, ROLE("admin"))), ERR_OK);
    assert_int_equal(role_in(f, ORG, eve), ROLE_ADMIN);
}

static void test_organization__goes_with_its_memberships(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(directory(f, bob, DELETE(ORG)), ERR_OK);
    const struct board *d = engine_board(f->engine, DIRECTORY_ID);
    assert_int_equal(d->count[KIND_ORGANIZATION], 0);
    assert_int_equal(d->count[KIND_ORG_MEMBERSHIP], 0);
    assert_int_equal(directory(f, bob, CREATE(ORG, "Crew")), ERR_EXISTS);
}

static void test_organization__one_is_in_a_bounded_number(void **state)
{
    struct fixture *f = *state;
    char text[200];
    for (unsigned i = 0; i <= ORGANIZATIONS_PER_MEMBER_MAX; i++) {
        snprintf(text, sizeof text,
                "[{\"op\":\"organization.create\",\"id\":\"53%022x\",\"displayName\":\"C\"}]", i);
        assert_int_equal(directory(f, ada, text),
                i < ORGANIZATIONS_PER_MEMBER_MAX ? ERR_OK : ERR_QUOTA);
    }
}

static void test_organization__only_its_members_put_boards_into_it(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(run_err(f, ada, "[" JOIN_ORG "]"), ERR_NOT_FOUND);
    assert_int_equal(run_err(f, bob, "[{\"op\":\"board.set\",\"idOrganization\":\"" ORG2 "\"}]"),
            ERR_NOT_FOUND);
    run_ok(f, bob, "[" JOIN_ORG "]");
    assert_null(strstr(f->last, LEVEL("org", "")));
    run_ok(f, ada, "[{\"op\":\"board.set\",\"idOrganization\":null}]");
    /* the operator, of one that is there */
    run_ok(f, (struct id){{0}}, "[" JOIN_ORG "]");
    assert_int_equal(run_err(f, (struct id){{0}},
                             "[{\"op\":\"board.set\",\"idOrganization\":\"" ORG2 "\"}]"),
            ERR_NOT_FOUND);
}

static void test_organization__a_visitor_reads_and_does_nothing_else(void **state)
{
    struct fixture *f = *state;
    static const char close[] = "[{\"op\":\"card.close\",\"id\":\"400000000000000000000000\"}]";
    static const char vote[] =
            "[{\"op\":\"card.vote\",\"id\":\"400000000000000000000000\",\"on\":true}]";
    run_ok(f, bob, "[" JOIN_ORG "]");
    assert_int_equal(run_err(f, eve, close), ERR_NOT_FOUND);
    run_ok(f, ada, "[" LEVEL("org", ",\"voting\":\"observers\"") "]");
    assert_int_equal(run_err(f, eve, close), ERR_FORBIDDEN);
    assert_int_equal(run_err(f, eve, vote), ERR_FORBIDDEN);
    assert_int_equal(run_err(f, eve, "[{\"op\":\"member.join\"}]"), ERR_FORBIDDEN);
    run_ok(f, ada, "[" LEVEL("org", ",\"selfJoin\":false") "]");
    assert_int_equal(run_err(f, eve, "[{\"op\":\"member.join\"}]"), ERR_FORBIDDEN);
    run_ok(f, ada, "[" LEVEL("org", ",\"selfJoin\":true") "]");
    run_ok(f, eve, "[{\"op\":\"member.join\"}]");
    assert_int_equal(run_err(f, eve, "[{\"op\":\"member.join\"}]"), ERR_CONFLICT);
    run_ok(f, eve, close);
}

static enum verdict numbered(struct fixture *f, uint64_t n, const char *ops)
{
    forget(f);
    send(f, eve, "c", n, ops);
    turn(f);
    if (f->batch != NULL) answer(f, OPLOG_COMMITTED);
    assert_int_equal(f->answer_count, 1);
    return f->answers[0]->verdict;
}

/* Who visits, joins, and goes again: what was judged is not judged again, whoever one is now. */
static void test_organization__a_number_is_judged_once_whoever_one_is(void **state)
{
    static const char join[] = "[{\"op\":\"member.join\"}]";
    struct fixture *f = *state;
    char leave[128];
    snprintf(leave, sizeof leave, "[{\"op\":\"member.remove\",\"idMember\":\"" EVE "\"}]");
    run_ok(f, bob, "[" JOIN_ORG "," LEVEL("org", ",\"selfJoin\":true") "]");
    assert_int_equal(numbered(f, 1, join), VERDICT_ACCEPTED);
    assert_int_equal(numbered(f, 2, leave), VERDICT_ACCEPTED);
    uint64_t left = f->answers[0]->seq;
    run_ok(f, ada, "[{\"op\":\"board.set\",\"name\":\"later\"}]");
    assert_int_equal(numbered(f, 2, join), VERDICT_DUPLICATE);
    assert_int_equal(f->answers[0]->at, left); /* nothing of what came since */
    assert_int_equal(numbered(f, 1, join), VERDICT_DUPLICATE);
    assert_int_equal(board_role(engine_board(f->engine, board_id), eve), ROLE_NONE);
    assert_int_equal(numbered(f, 3, join), VERDICT_ACCEPTED);
}

/* -- followers */

static enum err attach(struct fixture *f, struct attach *a, struct id member)
{
    *a = (struct attach){.board = board_id, .actor = {.member = member}};
    f->attach_count = 0;
    engine_attach(f->engine, a, NOW);
    turn(f);
    return f->attach_count == 0 ? ERR_BUSY : a->err;
}

static void readable(struct fixture *f)
{
    run_ok(f, bob, "[" JOIN_ORG "," LEVEL("org", "") "]");
}

static bool said(struct fixture *f, const char *what)
{
    for (size_t i = 0; i < f->said_count; i++)
        if (strcmp(f->said[i], what) == 0) return true;
    return false;
}

static void test_organization__a_visitor_is_cut_off_when_the_membership_goes(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    assert_int_equal(attach(f, &a, eve), ERR_NOT_FOUND);
    readable(f);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    assert_int_equal(attach(f, &a, eve), ERR_OK); /* twice, as with two windows */
    assert_int_equal(a.role, ROLE_OBSERVER);
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    assert_true(said(f, "barrier 5")); /* the board is at 4 */
    assert_int_equal(attach(f, &a, eve), ERR_NOT_FOUND);
    forget(f);
    run_ok(f, ada, "[" LEVEL("private", "") "]");
    assert_false(said(f, "barrier 5")); /* nobody is left to be cut off */
}

static void test_organization__a_visitor_is_cut_off_by_the_board(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    readable(f);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    run_ok(f, ada, "[" LEVEL("private", "") "]");
    assert_string_equal(f->said[0], "barrier 5");
    assert_string_equal(f->said[1], "publish 5");
    run_ok(f, ada, "[" LEVEL("org", "") "]");
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    run_ok(f, ada, "[{\"op\":\"board.set\",\"idOrganization\":null}]");
    assert_string_equal(f->said[0], "barrier 7");
}

static void test_organization__a_visitor_is_cut_off_when_it_is_deleted(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    readable(f);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    assert_int_equal(directory(f, bob, DELETE(ORG)), ERR_OK);
    assert_true(said(f, "barrier 5"));
    assert_int_equal(attach(f, &a, eve), ERR_NOT_FOUND);
}

static void test_organization__who_joined_is_no_visitor_any_more(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    run_ok(f, bob, "[" JOIN_ORG "," LEVEL("org", ",\"selfJoin\":true") "]");
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    run_ok(f, eve, "[{\"op\":\"member.join\"}]");
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    run_ok(f, ada, "[" LEVEL("private", "") "]");
    for (size_t i = 0; i < f->said_count; i++)
        assert_true(strncmp(f->said[i], "barrier", 7) != 0);
}

static void test_organization__only_what_is_committed_lets_somebody_in(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    readable(f);
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    f->hold = true;
    directory_send(f, bob, MEMBER("Add", ORG, EVE, ROLE("normal")));
    assert_int_equal(attach(f, &a, eve), ERR_BUSY); /* waits */
    forget(f);
    send(f, eve, "", 0, "[{\"op\":\"card.close\",\"id\":\"400000000000000000000000\"}]");
    turn(f);
    assert_int_equal(f->answer_count, 0); /* and so does this */
    held_answer(f, OPLOG_REFUSED);
    assert_int_equal(f->attach_count, 1);
    assert_int_equal(a.err, ERR_NOT_FOUND);
    assert_int_equal(f->answers[1]->fault.err, ERR_NOT_FOUND);
    directory_send(f, bob, MEMBER("Add", ORG, EVE, ROLE("normal")));
    assert_int_equal(attach(f, &a, eve), ERR_BUSY);
    held_answer(f, OPLOG_COMMITTED);
    assert_int_equal(a.err, ERR_OK);
}

/* The board goes private, and while that is on its way the membership goes too: neither may take
 * the other for having seen to it. */
static void test_organization__two_losses_on_their_way_cut_off_once(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    readable(f);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    f->hold = true;
    directory_send(f, bob, MEMBER("Remove", ORG, EVE, ""));
    send(f, ada, "", 0, "[" LEVEL("private", "") "]");
    turn(f);
    forget(f);
    answer(f, OPLOG_COMMITTED); /* the board's */
    assert_string_equal(f->said[0], "barrier 5");
    forget(f);
    held_answer(f, OPLOG_COMMITTED);
    assert_false(said(f, "barrier 6"));
}

/* A board that is read again after an unknown answer is another's by then. */
static void test_organization__visitors_are_cut_off_by_what_was_not_seen(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    readable(f);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    send(f, ada, "c", 1, "[" LEVEL("private", "") "]");
    turn(f);
    forget(f);
    answer(f, OPLOG_UNKNOWN);
    struct board_load load = {.board = board_id, .state = board_new(board_id)};
    load.state->head = engine_board(f->engine, board_id)->head; /* nothing of it was written */
    arena_init(&load.arena, KIB(4), MIB(1));
    engine_loaded(f->engine, &load, NOW);
    assert_true(said(f, "barrier 5"));
    arena_fini(&load.arena);
}

static void test_organization__who_left_is_not_cut_off(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    readable(f);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    engine_detach(f->engine, (struct id){{9}}, 0); /* of a board that nobody reads */
    engine_detach(f->engine, board_id, 1);         /* eve's loop is 0 */
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    assert_true(said(f, "barrier 5"));
    assert_int_equal(directory(f, bob, MEMBER("Add", ORG, EVE, ROLE("normal"))), ERR_OK);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    engine_detach(f->engine, board_id, 0);
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    assert_false(said(f, "barrier 5"));
}

/* The directory as it is, as the store would give it; without the memberships of one. */
static void directory_again(struct fixture *f, struct id without)
{
    const struct board *before = engine_board(f->engine, DIRECTORY_ID);
    struct board_load load = {.board = DIRECTORY_ID, .state = board_new(DIRECTORY_ID)};
    load.state->head = before->head;
    arena_init(&load.arena, KIB(64), MIB(1));
    for (struct object *o = before->objects; o != NULL; o = o->hh.next) {
        struct object *copy;
        struct buf text;
        if (o->kind == KIND_ORG_MEMBERSHIP &&
                id_eq(object_value(o, F_ORG_MEMBERSHIP_ID_MEMBER)->id, without))
            continue;
        buf_init(&text, KIB(64));
        object_write(o, &text);
        assert_int_equal(
                object_read(o->kind, &load.arena, buf_slice(&text), &copy, NULL), ERR_OK);
        board_insert(load.state, copy);
        buf_fini(&text);
    }
    engine_loaded(f->engine, &load, NOW);
    turn(f);
    arena_fini(&load.arena);
}

/* So is the directory. */
static void test_organization__visitors_are_cut_off_by_a_directory_read_again(void **state)
{
    struct fixture *f = *state;
    struct attach a;
    readable(f);
    assert_int_equal(attach(f, &a, eve), ERR_OK);
    f->hold = true;
    for (int gone = 0; gone < 2; gone++) {
        forget(f);
        f->load_asked = false;
        directory_send(f, bob, MEMBER("Remove", ORG, EVE, ""));
        held_answer(f, OPLOG_UNKNOWN);
        assert_true(f->load_asked && id_is_none(f->load_id));
        directory_again(f, gone ? eve : (struct id){{0}});
        assert_int_equal(said(f, "barrier 5"), gone);
    }
    assert_int_equal(attach(f, &a, eve), ERR_NOT_FOUND);
}

#define BRINGS(id, member, role)                                                                   \
    "[{\"op\":\"import.add\",\"objects\":[[\"membership\",{\"id\":\"" id                           \
    "\",\"idMember\":\"" member "\",\"memberType\":\"" role "\"}]]}]"

/* And only after that are they on cards. */
static void test_organization__a_file_brings_its_members_only(void **state)
{
    struct fixture *f = *state;
    const struct board *b = engine_board(f->engine, board_id);
    run_ok(f, ada, BRINGS("530000000000000000000000", EVE, "normal"));
    assert_int_equal(board_role(b, eve), ROLE_NONE); /* the board is nobody else's */
    run_ok(f, bob, "[" JOIN_ORG "]");
    assert_int_equal(directory(f, bob, MEMBER("Remove", ORG, EVE, "")), ERR_OK);
    run_ok(f, ada, BRINGS("530000000000000000000000", EVE, "normal"));
    assert_int_equal(board_role(b, eve), ROLE_NONE);
    assert_int_equal(directory(f, bob, MEMBER("Add", ORG, EVE, ROLE("normal"))), ERR_OK);
    assert_int_equal(
            run_err(f, ada, BRINGS("530000000000000000000000", EVE, "admin")), ERR_INVALID);
    assert_int_equal(
            run_err(f, ada, BRINGS("530000000000000000000000", EVE, "boss")), ERR_INVALID);
    run_ok(f, ada,
            "[{\"op\":\"import.add\",\"objects\":["
            "[\"card\",{\"id\":\"540000000000000000000000\",\"name\":\"before\","
            "\"idList\":\"100000000000000000000000\",\"idMembers\":[\"" EVE "\",\"" BOB "\"],"
            "\"idMembersVoted\":[\"" EVE "\"]}],"
            "[\"checklist\",{\"id\":\"550000000000000000000000\",\"name\":\"k\",\"idCard\":"
            "\"540000000000000000000000\"}],"
            "[\"checkItem\",{\"id\":\"560000000000000000000000\",\"name\":\"i\","
            "\"idChecklist\":\"550000000000000000000000\",\"idMember\":\"" EVE "\"}],"
            "[\"membership\",{\"id\":\"530000000000000000000000\",\"idMember\":\"" EVE
            "\",\"memberType\":\"observer\"}],"
            "[\"membership\",{\"id\":\"531000000000000000000000\",\"idMember\":\"" EVE
            "\",\"memberType\":\"normal\"}],"
            "[\"card\",{\"id\":\"570000000000000000000000\",\"name\":\"after\","
            "\"idList\":\"100000000000000000000000\",\"idMembers\":[\"" EVE "\"]}]]}]");
    struct object *before = object_at(f, KIND_CARD, "540000000000000000000000"),
                  *after = object_at(f, KIND_CARD, "570000000000000000000000");
    assert_int_equal(board_role(b, eve), ROLE_OBSERVER);
    assert_int_equal(b->count[KIND_MEMBERSHIP], 3); /* once */
    assert_false(value_set_has(object_value(before, F_CARD_ID_MEMBERS), eve));
    assert_true(value_set_has(object_value(before, F_CARD_ID_MEMBERS), bob));
    assert_false(value_set_has(object_value(before, F_CARD_ID_MEMBERS_VOTED), eve));
    assert_int_equal(object_value(object_at(f, KIND_CHECK_ITEM, "560000000000000000000000"),
                             F_CHECK_ITEM_ID_MEMBER)
                             ->type,
            VALUE_NULL);
    assert_true(value_set_has(object_value(after, F_CARD_ID_MEMBERS), eve));
}

int main(void)
{
    json_start();
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(test_organization__##name, org_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
            TEST(has_a_name_of_its_own_and_a_first_admin),
            TEST(names_are_checked),
            TEST(names_have_bounds),
            TEST(others_stay_when_one_is_deleted),
            TEST(is_not_there_for_strangers),
            TEST(keeps_an_admin),
            TEST(members_come_back_and_are_people),
            TEST(goes_with_its_memberships),
            TEST(one_is_in_a_bounded_number),
            TEST(only_its_members_put_boards_into_it),
            TEST(a_visitor_reads_and_does_nothing_else),
            TEST(a_number_is_judged_once_whoever_one_is),
            TEST(a_visitor_is_cut_off_when_the_membership_goes),
            TEST(a_visitor_is_cut_off_by_the_board),
            TEST(a_visitor_is_cut_off_when_it_is_deleted),
            TEST(who_joined_is_no_visitor_any_more),
            TEST(only_what_is_committed_lets_somebody_in),
            TEST(two_losses_on_their_way_cut_off_once),
            TEST(visitors_are_cut_off_by_what_was_not_seen),
            TEST(visitors_are_cut_off_by_a_directory_read_again),
            TEST(who_left_is_not_cut_off),
            TEST(a_file_brings_its_members_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
