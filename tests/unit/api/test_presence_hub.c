/* The home's side of presence, with a home that writes down what is sent to the loops. */
#include "net/api/presence_hub.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static const struct id board = {{1}}, ada = {{2}}, ben = {{3}};

static struct presence_hub *hub;
static struct mail_present *sent[8]; /* newest of each loop */
static uint32_t sent_count;
static struct id stranger; /* who is no member */
static bool pressed;

static void drop(struct mail_present *m)
{
    if (!m) return;
    blob_unref(m->step);
    blob_unref(m->whole);
    mem_free(m);
}

static void send(void *context, uint32_t loop, struct mail *mail, enum mail_kind kind)
{
    (void)context;
    assert_int_equal(kind, MAIL_PRESENT);
    drop(sent[loop]);
    sent[loop] = CONTAINER_OF(mail, struct mail_present, mail);
    assert_true(id_eq(sent[loop]->board, board));
    sent_count++;
}

static bool is_member(void *context, struct id b, struct id member)
{
    (void)context;
    assert_true(id_eq(b, board));
    return !id_eq(member, stranger);
}

static bool is_pressed(void *context, struct id b)
{
    (void)context, (void)b;
    return pressed;
}

static int setup(void **state)
{
    (void)state;
    memset(sent, 0, sizeof sent);
    sent_count = 0;
    stranger = (struct id){{9}};
    pressed = false;
    const struct presence_home home = {
            .send = send, .is_member = is_member, .is_pressed = is_pressed};
    hub = presence_hub_new(&home);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(sent); i++)
        drop(sent[i]);
    hub = presence_hub_free(hub);
    return 0;
}

static void say(enum presence_verb verb, uint64_t sid, struct id member, int64_t now_ms)
{
    struct mail_presence *m = MEM_NEW(struct mail_presence);
    *m = (struct mail_presence){.board = board, .member = member, .sid = sid, .verb = verb};
    presence_hub_take(hub, m, now_ms);
}

static bool names(const struct blob *frame, const char *text)
{
    return frame && memmem(frame->bytes, frame->len, text, strlen(text));
}

static void test_hub__tells_every_loop_the_same(void **state)
{
    (void)state;
    presence_hub_attach(hub, board, 0);
    presence_hub_attach(hub, board, 3);
    say(PRESENCE_PUT, 1, ada, 1000);
    presence_hub_turn(hub, 1000);
    assert_int_equal(sent_count, 0); /* alone */
    say(PRESENCE_PUT, 2, ben, 1000);
    presence_hub_turn(hub, 1000);
    assert_int_equal(sent_count, 2);
    assert_ptr_equal(sent[0]->step, sent[3]->step);
    assert_true(names(sent[0]->step, "\"0000000000000002\""));
    assert_true(sent[0]->from == 0 && sent[0]->to == sent[3]->to && sent[0]->to > 0);
    uint64_t last = sent[0]->to;
    presence_hub_detach(hub, board, 3);
    say(PRESENCE_LEAVE, 2, ben, 1100);
    presence_hub_turn(hub, 1200);
    presence_hub_turn(hub, 1100 + PRESENCE_GRACE_MS);
    presence_hub_turn(hub, 2200 + PRESENCE_GRACE_MS);
    assert_int_equal(sent_count, 3); /* to loop 0 only */
    assert_int_equal(sent[0]->from, last);
    assert_true(names(sent[0]->step, "\"x\":[\"0000000000000002\"]"));
}

static void test_hub__gives_a_loop_that_comes_what_there_is(void **state)
{
    (void)state;
    presence_hub_attach(hub, board, 0);
    say(PRESENCE_PUT, 1, ada, 0);
    say(PRESENCE_PUT, 2, ben, 0);
    presence_hub_turn(hub, 1000);
    presence_hub_attach(hub, board, 1);
    assert_int_equal(sent_count, 2);
    assert_null(sent[1]->step);
    assert_true(names(sent[1]->whole, "\"0000000000000001\""));
    presence_hub_attach(hub, board, 1);
    assert_int_equal(sent_count, 2); /* it has it */
}

static void test_hub__takes_no_word_of_who_is_no_member(void **state)
{
    (void)state;
    presence_hub_attach(hub, board, 0);
    say(PRESENCE_PUT, 1, ada, 0);
    say(PRESENCE_PUT, 2, ben, 0);
    presence_hub_turn(hub, 1000);
    stranger = ben;
    presence_hub_forget(hub, board, ben);
    say(PRESENCE_PUT, 2, ben, 1001); /* was on its way */
    presence_hub_turn(hub, 1001);
    assert_int_equal(sent_count, 2);
    assert_true(names(sent[0]->step, "\"x\":[\"0000000000000002\"]"));
    assert_false(names(sent[0]->whole, "\"0000000000000002\""));
    say(PRESENCE_LEAVE, 2, ben, 1002);
    presence_hub_turn(hub, 9000);
    assert_int_equal(sent_count, 2);
}

static void test_hub__waits_while_the_board_is_pressed(void **state)
{
    (void)state;
    presence_hub_attach(hub, board, 0);
    say(PRESENCE_PUT, 1, ada, 0);
    say(PRESENCE_PUT, 2, ben, 0);
    presence_hub_turn(hub, 5000);
    assert_int_equal(sent_count, 1);
    pressed = true;
    say(PRESENCE_PUT, 3, ben, 5000);
    presence_hub_turn(hub, 5000 + PRESENCE_PACE_MS);
    assert_int_equal(sent_count, 1);
    presence_hub_turn(hub, 5000 + PRESENCE_PACE_PRESSED_MS);
    assert_int_equal(sent_count, 2);
}

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE(hub__tells_every_loop_the_same),
            CASE(hub__gives_a_loop_that_comes_what_there_is),
            CASE(hub__takes_no_word_of_who_is_no_member),
            CASE(hub__waits_while_the_board_is_pressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
