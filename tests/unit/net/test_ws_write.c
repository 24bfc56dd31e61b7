/* Frames of ours, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/ws.h"

static void assert_head(enum ws_opcode op, uint64_t payload_bytes, struct slice want)
{
    uint8_t head[WS_FRAME_HEAD_BYTES_MAX];
    memset(head, 0xee, sizeof(head));
    assert_int_equal(ws_frame_head(head, op, payload_bytes), want.len);
    assert_memory_equal(head, want.ptr, want.len);
}

static void test_heads__use_the_shortest_length(void **state)
{
    (void)state;
    assert_head(WS_OP_TEXT, 0, SLICE("\x81\x00"));
    assert_head(WS_OP_BINARY, 125, SLICE("\x82\x7d"));
    assert_head(WS_OP_TEXT, 126, SLICE("\x81\x7e\x00\x7e"));
    assert_head(WS_OP_TEXT, 65535, SLICE("\x81\x7e\xff\xff"));
    assert_head(WS_OP_TEXT, 65536, SLICE("\x81\x7f\0\0\0\0\0\1\0\0"));
    assert_head(WS_OP_TEXT, INT64_MAX, SLICE("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"));
    assert_head(WS_OP_PING, 0, SLICE("\x89\x00"));
    assert_head(WS_OP_PONG, 125, SLICE("\x8a\x7d"));
    assert_head(WS_OP_CLOSE, 2, SLICE("\x88\x02"));
    assert_head(WS_OP_TEXT_DEFLATED, 1, SLICE("\xc1\x01"));
    assert_head(WS_OP_BINARY_DEFLATED, 1, SLICE("\xc2\x01"));
}

static void test_frames__are_added_whole_or_not_at_all(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 12);
    assert_true(ws_frame_add(&out, WS_OP_TEXT, SLICE("hello")));
    assert_true(slice_eq(buf_slice(&out), SLICE("\x81\x05hello")));
    assert_false(ws_frame_add(&out, WS_OP_TEXT, SLICE("hell")));
    assert_int_equal(out.len, 7);
    buf_clear(&out);
    assert_true(ws_frame_add(&out, WS_OP_PING, SLICE("")));
    assert_true(slice_eq(buf_slice(&out), SLICE("\x89\x00")));
    buf_fini(&out);
}

static void test_closes__carry_a_code_and_a_reason_cut_at_a_character(void **state)
{
    (void)state;
    struct buf out;
    buf_init(&out, 512);
    assert_true(ws_close_add(&out, 4200, SLICE("drain")));
    assert_true(slice_eq(buf_slice(&out), SLICE("\x88\x07\x10\x68"
                                                "drain")));
    buf_clear(&out);
    assert_true(ws_close_add(&out, WS_CLOSE_NO_STATUS, SLICE("")));
    assert_true(slice_eq(buf_slice(&out), SLICE("\x88\x00")));
    buf_clear(&out);
    assert_true(ws_close_add(&out, 1000, slice_of(NULL, 0)));
    assert_true(slice_eq(buf_slice(&out), SLICE("\x88\x02\x03\xe8")));
    buf_clear(&out);
    char reason[200];
    memset(reason, 'r', sizeof(reason));
    memcpy(reason + 122, "\xe2\x82\xac", 3); /* would be cut in the middle */
    assert_true(ws_close_add(&out, 1002, slice_of(reason, sizeof(reason))));
    assert_int_equal(out.len, 2 + 2 + 122);
    assert_true(utf_valid(slice_from(buf_slice(&out), 4)));
    buf_fini(&out);
}

static void test_close_codes__are_the_ones_that_may_be_sent(void **state)
{
    (void)state;
    static const uint16_t good[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012,
            1013, 1014, 3000, 3999, 4000, 4006, 4202, 4999};
    static const uint16_t bad[] = {
            0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        assert_true(ws_close_code_is_valid(good[i]));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_false(ws_close_code_is_valid(bad[i]));
    }
}

static void test_every_error_of_the_table__closes_with_a_valid_code(void **state)
{
    (void)state;
    for (int e = 0; e < ERR_COUNT; e++) {
        assert_true(ws_close_code_is_valid(err_close((enum err)e)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_heads__use_the_shortest_length),
            cmocka_unit_test(test_frames__are_added_whole_or_not_at_all),
            cmocka_unit_test(test_closes__carry_a_code_and_a_reason_cut_at_a_character),
            cmocka_unit_test(test_close_codes__are_the_ones_that_may_be_sent),
            cmocka_unit_test(test_every_error_of_the_table__closes_with_a_valid_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
