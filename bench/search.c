/* search.c - what a search costs: a board of CARDS cards in a real store, a third of them with a
 * description of DESC_BYTES, found in one read transaction as a reader thread does it. The goal is
 * GOAL_MS for each query. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/cost.h"
#include "core/base/json.h"
#include "core/base/rng.h"
#include "storage/store.h"
#include "tests/unit/storage/engine_rig.h"

#define CARDS       10000
#define LISTS       20
#define PER_MESSAGE 50
#define DESC_BYTES  600
#define GOAL_MS     10.0

static const char *const words[] = {"paint", "kitchen", "caf\xc3\xa9", "order", "wall", "chairs",
        "quarter", "plan", "review", "gr\303\266\303\237er", "deliver", "Monday", "shelf", "budget",
        "glass", "call"};
static const char *const queries[] = {"shelf", "quarter budget", "cafe", "-plan is:open",
        "nothingsuch", "\"paint the\" -@me", "list:\"list 7\" has:description", "name:glass",
        "has:due sort:due", "grosser desc:monday"};

static void words_add(struct buf *out, struct rng *rng, size_t bytes)
{
    size_t end = out->len + bytes;
    do {
        buf_add(out, slice_cstr(words[rng_below(rng, ARRAY_COUNT(words))]));
        buf_add_char(out, ' ');
    } while (out->len < end);
}

static void submit(struct rig *r, struct id board, struct id member, struct slice ops)
{
    struct actor actor = {.member = member};
    struct fault fault = {0};
    struct command *c = command_new(board, &actor);
    if (command_decode(c, ops, false, &fault) != ERR_OK) {
        fprintf(stderr, "%s: %s\n", fault.field, fault.wrong);
        exit(1);
    }
    engine_submit(r->engine, c, r->now_ms);
    rig_settle(r);
}

static void fill(struct rig *r, struct id board, struct id member)
{
    struct rng rng;
    struct buf ops;
    char list[ID_TEXT + 1], card[ID_TEXT + 1];
    rng_init(&rng, 1);
    buf_init(&ops, MIB(1));
    id_format(member, card);
    CHECK(rig_submit(r, DIRECTORY_ID, member, true,
            "[{\"op\":\"dir.member\",\"id\":\"%s\",\"fullName\":\"Ada\"}]", card));
    rig_settle(r);
    CHECK(rig_submit(r, board, member, false, "[{\"op\":\"board.create\",\"name\":\"Large\"}]"));
    for (unsigned i = 0; i < LISTS; i++) {
        id_format(id_make(1700000003, i), list);
        CHECK(rig_submit(r, board, member, false,
                "[{\"op\":\"list.create\",\"id\":\"%s\",\"name\":\"list %u\"}]", list, i));
    }
    rig_settle(r);
    for (unsigned i = 0; i < CARDS;) {
        buf_clear(&ops);
        buf_add_char(&ops, '[');
        for (unsigned k = 0; k < PER_MESSAGE; k++, i++) {
            id_format(id_make(1700000004, i), card);
            id_format(id_make(1700000003, i % LISTS), list);
            buf_add_format(&ops, "%s{\"op\":\"card.create\",\"id\":\"%s\",\"idList\":\"%s\",",
                    k ? "," : "", card, list);
            BUF_ADD(&ops, "\"name\":\"");
            words_add(&ops, &rng, 30);
            if (i % 5 == 0) BUF_ADD(&ops, "\",\"due\":\"2026-11-22T10:00:00.000Z");
            if (i % 3 == 0) BUF_ADD(&ops, "\",\"desc\":\"");
            if (i % 3 == 0) words_add(&ops, &rng, DESC_BYTES);
            BUF_ADD(&ops, "\"}");
        }
        buf_add_char(&ops, ']');
        CHECK(buf_ok(&ops));
        submit(r, board, member, buf_slice(&ops));
    }
    buf_fini(&ops);
    if (r->rejected > 0) fprintf(stderr, "rejected: %s\n", r->last_fault);
    CHECK(r->rejected == 0);
}

int main(void)
{
    char dir[] = "/tmp/tavla-bench-XXXXXX";
    struct oplog *oplog;
    struct buf why;
    struct rig rig;
    struct id board = id_make(1700000001, 1), member = id_make(1700000002, 1);
    json_start();
    buf_init(&why, KIB(4));
    CHECK(mkdtemp(dir));
    if (store_open(dir, NULL, &oplog, &why) != ERR_OK) {
        fprintf(stderr, "%.*s\n", (int)why.len, why.ptr);
        return 1;
    }
    rig_init(&rig, oplog);
    fill(&rig, board, member);
    printf("ms of processor time for one query over %d cards, the median of some runs; goal %.0f\n",
            CARDS, GOAL_MS);
    for (size_t i = 0; i < ARRAY_COUNT(queries); i++) {
        double ms = search_cost(oplog, board, member, queries[i]);
        printf("  %-32s %8.2f%s\n", queries[i], ms, ms > GOAL_MS ? "  over the goal" : "");
    }
    rig_fini(&rig);
    store_close(oplog);
    printf("left in %s\n", dir);
    buf_fini(&why);
    return 0;
}
