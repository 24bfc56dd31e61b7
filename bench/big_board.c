#include "bench/big_board.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/limits.h"
#include "core/base/rng.h"
#include "core/base/utf.h"

#define PER_MESSAGE 20
#define DESC_MEAN   400

static const char *const words[] = {"paint", "kitchen", "caf\xc3\xa9", "order", "chairs", "quarter",
        "gr\xc3\xb6\xc3\x9f\x65r", "review", "\xd0\xb4\xd0\xbe\xd1\x81\xd0\xba\xd0\xb0",
        "\xd0\xbf\xd0\xbb\xd0\xb0\xd0\xbd", "\xd9\x84\xd9\x88\xd8\xad\xd8\xa9",
        "\xe7\x9c\x8b\xe6\x9d\xbf", "\xe8\xae\xa1\xe5\x88\x92", "\xf0\x9f\x8e\xa8", "shelf",
        "budget", "Monday", "deliver"};

struct id big_board_id(void)
{
    return id_make(1700000001, 1);
}

struct id big_member_id(void)
{
    return id_make(1700000002, 1);
}

struct id big_list_id(unsigned i)
{
    return id_make(1700000003, i);
}

struct id big_card_id(unsigned i)
{
    return id_make(1700000004, i);
}

struct id big_label_id(unsigned i)
{
    return id_make(1700000005, i);
}

struct command *big_command(struct slice ops)
{
    struct actor actor = {.member = big_member_id()};
    struct fault fault = {0};
    struct command *c = command_new(big_board_id(), &actor);
    if (command_decode(c, ops, false, &fault) == ERR_OK) return c;
    fprintf(stderr, "%s: %s\n", fault.field, fault.wrong);
    exit(1);
}

static void words_add(struct buf *out, struct rng *rng, size_t units)
{
    for (size_t have = 0;;) {
        struct slice word = slice_cstr(words[rng_below(rng, ARRAY_COUNT(words))]);
        have += utf_units(word) + 1;
        if (have > units) return;
        buf_add(out, word);
        buf_add_char(out, ' ');
    }
}

/* u^k is DESC_MEAN / TEXT_UNITS_MAX on average: most are short or empty, a few are very long. */
static size_t desc_units(struct rng *rng, unsigned card)
{
    double u = (double)rng_below(rng, 1u << 30) / (double)(1u << 30);
    if (card == 0) return TEXT_UNITS_MAX;
    return (size_t)(TEXT_UNITS_MAX * pow(u, (double)TEXT_UNITS_MAX / DESC_MEAN - 1));
}

static void card_add(struct buf *ops, struct rng *rng, unsigned i)
{
    char card[ID_TEXT + 1], list[ID_TEXT + 1], label[ID_TEXT + 1], member[ID_TEXT + 1];
    id_format(big_card_id(i), card);
    id_format(big_list_id(i % BIG_LISTS), list);
    id_format(big_label_id(i % BIG_LABELS), label);
    id_format(big_member_id(), member);
    buf_add_format(ops, "{\"op\":\"card.create\",\"id\":\"%s\",\"idList\":\"%s\",", card, list);
    if (i % 3 == 0) buf_add_format(ops, "\"idLabels\":[\"%s\"],", label);
    if (i % 4 == 0) buf_add_format(ops, "\"idMembers\":[\"%s\"],", member);
    if (i % 5 == 0) BUF_ADD(ops, "\"due\":\"2026-11-22T10:00:00.000Z\",");
    BUF_ADD(ops, "\"name\":\"");
    words_add(ops, rng, 30);
    BUF_ADD(ops, "\",\"desc\":\"");
    words_add(ops, rng, desc_units(rng, i));
    BUF_ADD(ops, "\"}");
}

static void columns_make(struct rig *r)
{
    struct id board = big_board_id(), me = big_member_id();
    char id[ID_TEXT + 1];
    id_format(me, id);
    CHECK(rig_submit(r, DIRECTORY_ID, me, true,
            "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Ada\"}]", id));
    rig_settle(r);
    CHECK(rig_submit(r, board, me, false, "[{\"op\":\"board.create\",\"name\":\"Big\"}]"));
    for (unsigned i = 0; i < BIG_LISTS; i++) {
        id_format(big_list_id(i), id);
        CHECK(rig_submit(r, board, me, false,
                "[{\"op\":\"list.create\",\"id\":\"%s\",\"name\":\"list %u\"}]", id, i));
    }
    for (unsigned i = 0; i < BIG_LABELS; i++) {
        id_format(big_label_id(i), id);
        CHECK(rig_submit(r, board, me, false,
                "[{\"op\":\"label.create\",\"id\":\"%s\",\"name\":\"label %u\",\"color\":"
                "\"red\"}]",
                id, i));
    }
    rig_settle(r);
}

void big_board_make(struct rig *r)
{
    struct rng rng;
    struct buf ops;
    rng_init(&rng, 1);
    buf_init(&ops, MIB(4));
    columns_make(r);
    for (unsigned i = 0; i < BIG_CARDS;) {
        buf_clear(&ops);
        buf_add_char(&ops, '[');
        for (unsigned k = 0; k < PER_MESSAGE; k++, i++) {
            if (k > 0) buf_add_char(&ops, ',');
            card_add(&ops, &rng, i);
        }
        buf_add_char(&ops, ']');
        CHECK(buf_ok(&ops));
        engine_submit(r->engine, big_command(buf_slice(&ops)), r->now_ms);
        rig_settle(r);
    }
    buf_fini(&ops);
    if (r->rejected > 0) fprintf(stderr, "rejected: %s\n", r->last_fault);
    CHECK(r->rejected == 0);
}
