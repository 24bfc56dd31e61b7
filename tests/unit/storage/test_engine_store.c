/* What the engine has in memory is what the store gives back: after thousands of ops, reloads
 * and a restart. */
#include "tests/unit/storage/engine_rig.h"
#include "tests/unit/storage/store_case.h"

#include <stdlib.h>

#include "core/base/limits.h"

enum { LISTS = 5, CARDS = 60, OPS = 3000 };

struct world {
    struct id board, member;
    struct id lists[LISTS];
    struct id cards[CARDS];
    uint32_t next; /* ids */
};

static void text_id(struct id id, char text[ID_TEXT + 1])
{
    id_format(id, text);
}

static void must(struct rig *r)
{
    rig_settle(r);
    if (r->rejected > 0) fail_msg("%s", r->last_fault);
}

static struct id new_id(struct world *w)
{
    return id_make(1700000100, (uint64_t)w->board.bytes[11] << 32 | ++w->next);
}

static void found(struct rig *r, struct world *w, uint32_t number)
{
    char id[ID_TEXT + 1];
    *w = (struct world){
            .board = id_make(1700000001, number), .member = id_make(1700000002, number)};
    text_id(w->member, id);
    assert_true(rig_submit(r, DIRECTORY_ID, w->member, true,
            "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Ada\"}]", id));
    must(r);
    assert_true(rig_submit(
            r, w->board, w->member, false, "[{\"op\":\"board.create\",\"name\":\"board\"}]"));
    must(r);
    for (unsigned i = 0; i < LISTS; i++) {
        w->lists[i] = new_id(w);
        text_id(w->lists[i], id);
        assert_true(rig_submit(r, w->board, w->member, false,
                "[{\"op\":\"list.create\",\"id\":\"%s\",\"name\":\"list %u\"}]", id, i));
    }
    must(r);
    for (unsigned i = 0; i < CARDS; i++) {
        char list[ID_TEXT + 1];
        w->cards[i] = new_id(w);
        text_id(w->cards[i], id);
        text_id(w->lists[i % LISTS], list);
        assert_true(rig_submit(r, w->board, w->member, false,
                "[{\"op\":\"card.create\",\"id\":\"%s\",\"idList\":\"%s\",\"name\":\"card %u\"}]",
                id, list, i));
    }
    must(r);
}

static void send_over(struct rig *r, struct world *from, struct id card, struct world *to,
        struct rng *rng)
{
    char text[ID_TEXT + 1], board[ID_TEXT + 1], list[ID_TEXT + 1];
    text_id(card, text);
    text_id(to->board, board);
    text_id(to->lists[rng_below(rng, LISTS)], list);
    rig_submit(r, from->board, from->member, true,
            "[{\"op\":\"card.transfer\",\"id\":\"%s\",\"idBoard\":\"%s\","
            "\"idList\":\"%s\"}]",
            text, board, list);
}

/* Two cards change places, each on its way to where the other comes from. */
static void cross(struct rig *r, struct world *a, struct world *b, struct rng *rng)
{
    struct id *x = &a->cards[rng_below(rng, CARDS)], *y = &b->cards[rng_below(rng, CARDS)];
    struct id was = *x;
    if (a == b) return;
    send_over(r, a, *x, b, rng);
    send_over(r, b, *y, a, rng);
    *x = *y;
    *y = was;
}

/* One random op; rejections are part of the game. */
static void play(struct rig *r, struct world *w, struct rng *rng)
{
    char card[ID_TEXT + 1], list[ID_TEXT + 1], made[ID_TEXT + 1];
    struct id *slot = &w->cards[rng_below(rng, CARDS)];
    text_id(*slot, card);
    text_id(w->lists[rng_below(rng, LISTS)], list);
    switch (rng_below(rng, 9)) {
    case 0:
    case 1:
        rig_submit(r, w->board, w->member, false,
                "[{\"op\":\"card.move\",\"id\":\"%s\",\"idList\":\"%s\",\"pos\":\"%s\"}]", card,
                list, rng_chance(rng, 50) ? "top" : "bottom");
        break;
    case 2:
    case 3:
        rig_submit(r, w->board, w->member, false,
                "[{\"op\":\"card.set\",\"id\":\"%s\",\"name\":\"n %u\"}]", card,
                (unsigned)rng_below(rng, 999));
        break;
    case 4:
        rig_submit(r, w->board, w->member, false, "[{\"op\":\"card.close\",\"id\":\"%s\"}]", card);
        break;
    case 5:
        rig_submit(r, w->board, w->member, false, "[{\"op\":\"card.reopen\",\"id\":\"%s\"}]", card);
        break;
    case 6:
        rig_submit(r, w->board, w->member, false,
                "[{\"op\":\"text.put\",\"kind\":\"card\",\"id\":\"%s\",\"field\":\"desc\",\"text\":"
                "\"t %u\"}]",
                card, (unsigned)rng_below(rng, 999));
        break;
    case 7:
        if (!rng_chance(rng, 30)) break;
        *slot = new_id(w);
        text_id(*slot, made);
        rig_submit(r, w->board, w->member, false,
                "[{\"op\":\"card.delete\",\"id\":\"%s\",\"force\":true},"
                "{\"op\":\"card.create\",\"id\":\"%s\",\"idList\":\"%s\",\"name\":\"new\",\"desc\":"
                "\"d\"}]",
                card, made, list);
        break;
    default:
        rig_submit(r, w->board, w->member, false,
                "[{\"op\":\"list.move\",\"id\":\"%s\",\"pos\":\"top\"}]", list);
        break;
    }
}

struct compare {
    const struct engine *engine;
    struct id board;
};

static void compare(struct view *v, void *context)
{
    struct compare *c = context;
    struct board_load load = {.board = c->board, .after = UINT64_MAX};
    struct buf here, there;
    buf_init(&here, SIZE_MAX);
    buf_init(&there, SIZE_MAX);
    board_load_run(&load, v);
    assert_int_equal(load.err, ERR_OK);
    const struct board *mine = engine_board(c->engine, c->board);
    assert_non_null(mine);
    board_write(mine, &here);
    board_write(load.state, &there);
    assert_true(slice_eq(buf_slice(&here), buf_slice(&there)));
    assert_true(mine->head.sum == load.state->head.sum &&
                mine->head.entities == load.state->head.entities);
    assert_true(mine->head.number == load.state->head.number &&
                mine->head.next_short == load.state->head.next_short);
    board_load_fini(&load);
    buf_fini(&here);
    buf_fini(&there);
}

static void test_engine__and_store_hold_the_same_boards(void **state)
{
    enum { BOARDS = 3 };
    const char *dir = case_dir();
    struct case_store c;
    struct rig r;
    struct world worlds[BOARDS];
    struct rng rng;
    (void)state;
    rng_init(&rng, 31);
    case_open(&c, dir, NULL);
    rig_init(&r, c.oplog);
    for (uint32_t i = 0; i < BOARDS; i++)
        found(&r, &worlds[i], i + 1);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < OPS / 3; i++) {
            play(&r, &worlds[rng_below(&rng, BOARDS)], &rng);
            if (rng_chance(&rng, 5))
                cross(&r, &worlds[rng_below(&rng, BOARDS)], &worlds[rng_below(&rng, BOARDS)], &rng);
            if (rng_chance(&rng, 5)) rig_turn(&r, 0);
        }
        rig_settle(&r);
        for (unsigned i = 0; i < BOARDS; i++)
            case_read(&c, compare, &(struct compare){.engine = r.engine, .board = worlds[i].board});
        /* A restart: the next round goes on from what was stored. */
        rig_fini(&r);
        uint64_t accepted = r.accepted;
        case_close(&c);
        case_clean(dir);
        case_open(&c, dir, NULL);
        rig_init(&r, c.oplog);
        assert_true(accepted > OPS / 3 / 2);
    }
    rig_fini(&r);
    case_close(&c);
    case_dir_gone(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_engine__and_store_hold_the_same_boards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
