/* Keys, envelopes and values by themselves: order, round trips, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/limits.h"
#include "core/base/rng.h"
#include "storage/envelope.h"
#include "storage/key.h"
#include "storage/record.h"

static void test_key__sorts_events_by_number_within_their_board(void **state)
{
    struct id a = id_make(1, 1), b = id_make(1, 2);
    struct rng rng;
    (void)state;
    rng_init(&rng, 1);
    for (unsigned i = 0; i < 2000; i++) {
        uint64_t x = rng_next(&rng) >> rng_below(&rng, 64),
                 y = rng_next(&rng) >> rng_below(&rng, 64);
        struct key kx = key_event(a, x), ky = key_event(a, y), other = key_event(b, 0);
        int order = slice_cmp(key_slice(&kx), key_slice(&ky));
        assert_true((x < y) == (order < 0) && (x == y) == (order == 0));
        assert_true(slice_cmp(key_slice(&kx), key_slice(&other)) < 0);
    }
}

static void test_key__reads_back_what_it_was_made_of(void **state)
{
    struct id board = id_make(7, 0x1122334455667788), id = id_make(9, 42), b, i;
    enum kind kind;
    uint64_t seq;
    struct slice cl;
    (void)state;
    struct key entity = key_entity(board, KIND_CARD, id), event = key_event(board, UINT64_MAX - 1),
               client = key_client(board, id, SLICE("tab-1")), member = key_member(id, board);
    assert_true(key_entity_read(key_slice(&entity), &b, &kind, &i) && id_eq(b, board) &&
                id_eq(i, id) && kind == KIND_CARD);
    assert_true(key_event_read(key_slice(&event), &b, &seq) && seq == UINT64_MAX - 1);
    assert_true(key_client_read(key_slice(&client), &b, &i, &cl) && id_eq(i, id) &&
                slice_eq(cl, SLICE("tab-1")));
    assert_true(key_pair_read(key_slice(&member), &i, &b) && id_eq(i, id) && id_eq(b, board));
    entity.bytes[ID_BYTES] = 63; /* no such kind */
    assert_false(key_entity_read(key_slice(&entity), &b, &kind, &i));
    assert_false(key_event_read(slice_head(key_slice(&event), 19), &b, &seq));
}

static void test_envelope__opens_only_under_its_own_table_and_key(void **state)
{
    char stored[ENVELOPE_BYTES + 5] = "";
    struct slice value;
    (void)state;
    memcpy(stored + ENVELOPE_BYTES, "hello", 5);
    envelope_seal(stored, 3, SLICE("key"), 5);
    struct slice s = slice_of(stored, sizeof(stored));
    assert_int_equal(envelope_open(3, SLICE("key"), s, &value), ERR_OK);
    assert_true(slice_eq(value, SLICE("hello")));
    assert_int_equal(envelope_open(4, SLICE("key"), s, &value), ERR_CORRUPT);
    assert_int_equal(envelope_open(3, SLICE("kez"), s, &value), ERR_CORRUPT);
    assert_int_equal(envelope_open(3, SLICE("key"), slice_head(s, s.len - 1), &value), ERR_CORRUPT);
    assert_int_equal(
            envelope_open(3, SLICE("key"), slice_head(s, ENVELOPE_BYTES - 1), &value), ERR_CORRUPT);
    for (size_t bit = 0; bit < sizeof(stored) * 8; bit++) {
        stored[bit / 8] ^= (char)(1 << bit % 8);
        assert_int_equal(envelope_open(3, SLICE("key"), s, &value), ERR_CORRUPT);
        stored[bit / 8] ^= (char)(1 << bit % 8);
    }
}

static void test_record_head__comes_back_whole(void **state)
{
    struct board_head head = {.number = UINT32_MAX,
                              .seq = ((uint64_t)1 << 53) - 1,
                              .floor = 17,
                              .ts = 1700000000123,
                              .sum = UINT64_MAX - 3,
                              .entities = 200000,
                              .next_short = 12345,
                              .deleted = true},
                      back;
    struct arena a;
    struct buf text;
    (void)state;
    memset(head.chain.bytes, 0xa5, sizeof(head.chain));
    memset(head.floor_chain.bytes, 0x0f, sizeof(head.floor_chain));
    memset(&back, 0, sizeof(back));
    arena_init(&a, KIB(4), KIB(64));
    buf_init(&text, KIB(4));
    record_head_write(&head, &text);
    assert_int_equal(record_head_read(&a, buf_slice(&text), &back), ERR_OK);
    assert_memory_equal(&head.chain, &back.chain, sizeof(head.chain));
    assert_memory_equal(&head.floor_chain, &back.floor_chain, sizeof(head.chain));
    assert_true(back.number == head.number && back.seq == head.seq && back.floor == 17 &&
                back.ts == head.ts && back.sum == head.sum);
    assert_true(back.entities == 200000 && back.next_short == 12345 && back.deleted);
    assert_int_equal(record_head_read(&a, SLICE("{}"), &back), ERR_CORRUPT);
    assert_int_equal(record_head_read(&a, SLICE("[]"), &back), ERR_CORRUPT);
    buf_fini(&text);
    arena_fini(&a);
}

static void test_record_client__comes_back_whole(void **state)
{
    struct client_row row = {.last_n = UINT64_MAX,
                              .seq = 5,
                              .used_ms = 1700000000123,
                              .refused_count = REFUSED_KEPT},
                      back;
    char stored[1024];
    (void)state;
    for (unsigned i = 0; i < REFUSED_KEPT; i++)
        row.refused[i] = UINT64_MAX - i;
    for (row.refused_count = 0; row.refused_count <= REFUSED_KEPT; row.refused_count++) {
        size_t bytes = record_client_bytes(&row);
        record_client_write(&row, stored);
        assert_true(record_client_read(slice_of(stored, bytes), &back));
        assert_true(back.last_n == row.last_n && back.seq == 5 && back.used_ms == row.used_ms &&
                    back.refused_count == row.refused_count);
        assert_memory_equal(back.refused, row.refused, row.refused_count * sizeof(uint64_t));
        assert_false(record_client_read(slice_of(stored, bytes - 1), &back));
    }
}

static void test_record_event__comes_back_whole(void **state)
{
    struct event e = {.public_json = SLICE("{\"t\":\"op\",\"b\":\"x\",\"s\":1,\"by\":null,\"ts\":"
                                           "1700000000123,\"e\":[],\"h\":\"00000000000000ff\"}"),
            .old_json = SLICE("[1]")};
    char stored[256];
    struct slice public_json, old_json;
    int64_t ts;
    uint64_t h;
    (void)state;
    record_event_write(&e, stored);
    struct slice value = slice_of(stored, record_event_bytes(&e));
    assert_true(record_event_read(value, &public_json, &old_json));
    assert_true(slice_eq(public_json, e.public_json) && slice_eq(old_json, e.old_json));
    assert_true(record_event_ts(public_json, &ts) && ts == 1700000000123);
    assert_true(record_event_h(public_json, &h) && h == 255);
    assert_false(record_event_read(slice_head(value, 3), &public_json, &old_json));
    assert_false(record_event_read(slice_head(value, 40), &public_json, &old_json));
    assert_false(record_event_h(SLICE("{\"h\":\"00\"}"), &h));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_key__sorts_events_by_number_within_their_board),
            cmocka_unit_test(test_key__reads_back_what_it_was_made_of),
            cmocka_unit_test(test_envelope__opens_only_under_its_own_table_and_key),
            cmocka_unit_test(test_record_head__comes_back_whole),
            cmocka_unit_test(test_record_client__comes_back_whole),
            cmocka_unit_test(test_record_event__comes_back_whole),
    };
    json_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
