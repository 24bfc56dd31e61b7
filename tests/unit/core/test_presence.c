#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/json.h"
#include "core/presence.h"

static const struct id ada = {{1}}, ben = {{2}}, card = {{4}}, list = {{5}}, after = {{6}};
static const struct presence nothing;

static struct presence_table table;
static struct buf step, whole;
static struct arena arena;

static int setup(void **state)
{
    (void)state;
    presence_init(&table);
    buf_init(&step, MIB(1));
    buf_init(&whole, MIB(1));
    arena_init(&arena, KIB(4), MIB(1));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    presence_fini(&table);
    buf_fini(&step);
    buf_fini(&whole);
    arena_fini(&arena);
    return 0;
}

static void tell(int64_t now_ms)
{
    buf_clear(&step);
    buf_clear(&whole);
    presence_tell(&table, now_ms, &step, &whole);
    assert_true(buf_ok(&step) && buf_ok(&whole));
}

static void assert_text(const struct buf *b, const char *expected)
{
    char text[4096];
    assert_true(b->len < sizeof text);
    memcpy(text, b->ptr, b->len);
    text[b->len] = '\0';
    assert_string_equal(text, expected);
}

static enum err merge(struct presence *p, const char *json)
{
    json_t *tree;
    struct fault fault = {0};
    assert_int_equal(json_read(&arena, slice_cstr(json), &tree, &fault), ERR_OK);
    return presence_merge(p, tree, &fault);
}

#define ADA   "\"idMember\":\"010000000000000000000000\""
#define BEN   "\"idMember\":\"020000000000000000000000\""
#define CARD  "\"card\":\"040000000000000000000000\""
#define SID_1 "\"0000000000000001\""
#define SID_2 "\"0000000000000002\""

static void test_presence__says_nothing_to_somebody_alone(void **state)
{
    (void)state;
    presence_put(&table, 1, ada, &nothing, 1000);
    assert_false(presence_wants(&table));
    presence_put(&table, 1, ada, &(struct presence){.card = card}, 1001);
    assert_false(presence_wants(&table));
    presence_put(&table, 2, ben, &nothing, 1002);
    assert_true(presence_due(&table, 1002, false));
    tell(1002);
    assert_text(&step, "{\"t\":\"pres\",\"u\":[[" SID_1 ",{" ADA "," CARD "}],[" SID_2 ",{" BEN
                       "}]],\"x\":[],\"n\":2}");
    assert_text(&whole, "{\"t\":\"roster\",\"u\":[[" SID_1 ",{" ADA "," CARD "}],[" SID_2 ",{" BEN
                        "}]],\"n\":2}");
    assert_false(presence_wants(&table));
}

static void test_presence__tells_the_latest_of_what_was_said_between_frames(void **state)
{
    (void)state;
    struct presence at = {.card = card, .field = "desc", .has_sel = true, .seq = 9};
    presence_put(&table, 1, ada, &nothing, 0);
    presence_put(&table, 2, ben, &nothing, 0);
    tell(1000);
    for (uint32_t i = 0; i <= 7; i++) {
        at.anchor = at.head = i;
        presence_put(&table, 1, ada, &at, 1001 + i);
    }
    assert_false(presence_due(&table, 1099, false));
    assert_true(presence_due(&table, 1100, false));
    assert_false(presence_due(&table, 1100, true));
    tell(1100);
    assert_text(&step, "{\"t\":\"pres\",\"u\":[[" SID_1 ",{" CARD
                       ",\"field\":\"desc\",\"sel\":[7,7,9]}]],\"x\":[],\"n\":2}");
    presence_put(&table, 1, ada, &at, 1200); /* the same again */
    assert_false(presence_wants(&table));
}

static void test_presence__keeps_who_left_for_a_moment(void **state)
{
    (void)state;
    struct presence at = {.card = card, .field = "desc", .drag = card, .drag_list = list};
    presence_put(&table, 1, ada, &at, 0);
    presence_put(&table, 2, ben, &nothing, 0);
    tell(0);
    presence_drop(&table, 1, 1000);
    tell(1000);
    assert_text(&step, "{\"t\":\"pres\",\"u\":[[" SID_1 ",{" CARD "}]],\"x\":[],\"n\":2}");
    presence_drop(&table, 1, 3000);
    presence_sweep(&table, 1000 + PRESENCE_GRACE_MS - 1);
    assert_false(presence_wants(&table));
    presence_sweep(&table, 1000 + PRESENCE_GRACE_MS);
    tell(9000);
    assert_text(&step, "{\"t\":\"pres\",\"u\":[],\"x\":[" SID_1 "],\"n\":1}");
    assert_text(&whole, "{\"t\":\"roster\",\"u\":[[" SID_2 ",{" BEN "}]],\"n\":1}");
}

static void test_presence__gives_the_place_to_who_comes_back(void **state)
{
    (void)state;
    presence_put(&table, 1, ada, &nothing, 0);
    presence_put(&table, 2, ben, &nothing, 0);
    tell(0);
    presence_drop(&table, 1, 1000);
    presence_put(&table, 3, ada, &nothing, 1500);
    assert_false(presence_has(&table, 1));
    assert_int_equal(table.count, 2);
    tell(1500);
    assert_text(&step,
            "{\"t\":\"pres\",\"u\":[[\"0000000000000003\",{" ADA "}]],\"x\":[" SID_1 "],\"n\":2}");
}

static void test_presence__forgets_a_member_at_once(void **state)
{
    (void)state;
    presence_put(&table, 1, ada, &nothing, 0);
    presence_put(&table, 2, ben, &nothing, 0);
    presence_put(&table, 3, ada, &nothing, 0);
    tell(1000);
    presence_put(&table, 4, ada, &nothing, 1000); /* nobody heard of this one */
    presence_forget(&table, ada);
    assert_true(presence_due(&table, 1001, false));
    tell(1001);
    assert_text(&step, "{\"t\":\"pres\",\"u\":[],\"x\":[" SID_1 ",\"0000000000000003\"],\"n\":1}");
}

static void test_presence__clears_what_the_silent_were_at(void **state)
{
    (void)state;
    struct presence at = {.card = card, .drag = card, .drag_list = list, .drag_after = after};
    presence_put(&table, 1, ada, &at, 0);
    presence_put(&table, 2, ben, &(struct presence){.card = card, .field = "name"}, 10000);
    tell(10000);
    presence_sweep(&table, PRESENCE_SILENCE_MS - 1);
    assert_false(presence_wants(&table));
    presence_sweep(&table, PRESENCE_SILENCE_MS);
    tell(PRESENCE_SILENCE_MS);
    assert_text(&step, "{\"t\":\"pres\",\"u\":[[" SID_1 ",{" CARD "}]],\"x\":[],\"n\":2}");
    presence_put(&table, 2, ben, &(struct presence){.card = card, .field = "name"}, 35000);
    presence_sweep(&table, 10000 + PRESENCE_SILENCE_MS);
    assert_false(presence_wants(&table)); /* a word without news is one all the same */
}

static void test_presence__lists_so_many_and_counts_the_others(void **state)
{
    (void)state;
    uint32_t most = PRESENCE_LISTED_MAX + 3;
    for (uint64_t sid = 1; sid <= most; sid++)
        presence_put(&table, sid, (struct id){{9, (uint8_t)sid}}, &nothing, 0);
    assert_int_equal(table.listed, PRESENCE_LISTED_MAX);
    assert_true(presence_wants(&table));
    tell(1000);
    assert_false(presence_due(&table, 1000 + PRESENCE_PACE_PRESSED_MS - 1, false));
    presence_put(
            &table, most, (struct id){{9, (uint8_t)most}}, &(struct presence){.card = card}, 0);
    assert_false(presence_wants(&table)); /* not listed: nobody would see it */
    presence_forget(&table, (struct id){{9, 1}});
    assert_int_equal(table.listed, PRESENCE_LISTED_MAX);
    tell(1001);
    char expected[160];
    snprintf(expected, sizeof expected,
            "{\"t\":\"pres\",\"u\":[[\"%016x\",{\"idMember\":\"09%02x00000000000000000000\"}]],"
            "\"x\":[" SID_1 "],\"n\":%u}",
            PRESENCE_LISTED_MAX + 1, PRESENCE_LISTED_MAX + 1, most - 1);
    assert_text(&step, expected);
    /* Everybody goes: no more leave than were ever told of. */
    for (uint64_t sid = 2; sid <= most; sid++)
        presence_forget(&table, (struct id){{9, (uint8_t)sid}});
    tell(1002);
    assert_int_equal(table.count, 0);
    assert_text(&whole, "{\"t\":\"roster\",\"u\":[],\"n\":0}");
}

static void test_presence__shows_no_carets_in_a_crowd(void **state)
{
    (void)state;
    struct presence at = {.card = card, .field = "desc", .has_sel = true, .anchor = 1, .head = 2};
    for (uint64_t sid = 1; sid <= PRESENCE_FEW + 1; sid++)
        presence_put(&table, sid, (struct id){{9, (uint8_t)sid}}, &nothing, 0);
    tell(0);
    presence_put(&table, 1, (struct id){{9, 1}}, &at, 1);
    tell(1000);
    step.ptr[step.len - 1] = '\0';
    assert_null(strstr(step.ptr, "sel"));
    assert_non_null(strstr(step.ptr, "desc"));
    at.head = 3;
    presence_put(&table, 1, (struct id){{9, 1}}, &at, 1001);
    assert_false(presence_wants(&table));
}

static void test_merge__takes_over_what_is_named(void **state)
{
    (void)state;
    struct presence p = {0};
    assert_int_equal(merge(&p, "{\"card\":\"040000000000000000000000\",\"field\":\"desc\","
                               "\"sel\":[3,9,41],\"what\":1,\"idle\":true}"),
            ERR_OK);
    assert_true(id_eq(p.card, card) && p.has_sel && p.idle);
    assert_int_equal(p.anchor * 100 + p.head, 309);
    assert_int_equal(p.seq, 41);
    assert_int_equal(merge(&p, "{\"field\":null,\"sel\":null}"), ERR_OK);
    assert_true(id_eq(p.card, card) && !p.has_sel && p.field[0] == '\0');
    assert_int_equal(merge(&p, "{\"drag\":{\"card\":\"040000000000000000000000\","
                               "\"list\":\"050000000000000000000000\",\"after\":null}}"),
            ERR_OK);
    assert_true(id_eq(p.drag, card) && id_eq(p.drag_list, list) && id_is_none(p.drag_after));
    assert_int_equal(merge(&p, "{\"drag\":null,\"card\":null,\"idle\":false}"), ERR_OK);
    assert_memory_equal(&p.drag, &nothing.drag, sizeof p.drag);
    assert_false(p.idle);
}

static void test_merge__refuses_what_does_not_fit_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const wrong[] = {"1", "[]", "{\"card\":1}", "{\"card\":\"x\"}",
            "{\"field\":\"\"}", "{\"field\":\"a b\"}", "{\"field\":\"abcdefghijklmnopq\"}",
            "{\"field\":[]}", "{\"sel\":[1,2]}", "{\"sel\":[1,2,-3]}", "{\"sel\":[1,99999,3]}",
            "{\"sel\":[1.5,2,3]}", "{\"sel\":{}}", "{\"drag\":{}}", "{\"drag\":\"x\"}",
            "{\"drag\":{\"card\":\"040000000000000000000000\",\"list\":null}}",
            "{\"drag\":{\"card\":\"040000000000000000000000\",\"list\":7}}",
            "{\"sel\":[1,2,3],\"idle\":true,\"drag\":7}",
            "{\"card\":null,\"sel\":\"late\"}"};
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        struct presence p = {.card = card}, before = p;
        assert_int_equal(merge(&p, wrong[i]), ERR_INVALID);
        assert_memory_equal(&p, &before, sizeof p);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    json_start();
    const struct CMUnitTest tests[] = {
            CASE(presence__says_nothing_to_somebody_alone),
            CASE(presence__tells_the_latest_of_what_was_said_between_frames),
            CASE(presence__keeps_who_left_for_a_moment),
            CASE(presence__gives_the_place_to_who_comes_back),
            CASE(presence__forgets_a_member_at_once),
            CASE(presence__clears_what_the_silent_were_at),
            CASE(presence__lists_so_many_and_counts_the_others),
            CASE(presence__shows_no_carets_in_a_crowd),
            CASE(merge__takes_over_what_is_named),
            CASE(merge__refuses_what_does_not_fit_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
