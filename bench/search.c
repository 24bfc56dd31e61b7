/* search.c - what a search costs on the board of big_board.h, in a real store, found in one read
 * transaction as a reader thread does it. The goal is GOAL_MS for each query. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/big_board.h"
#include "bench/cost.h"
#include "core/base/json.h"
#include "storage/store.h"

#define GOAL_MS 10.0

static const struct {
    const char *query, *what;
} queries[] = {
        {"shelf", "a word that many have"},
        {"zebra", "a word that none has"},
        {"quarter budget", "two words"},
        {"de", "two letters"},
        {"CAF\xc3\x89", "with an accent"},
        {"grosser desc:monday", "in the description alone"},
        {"\"paint kitchen\" -@me", "a text in quotes"},
        {"\xd0\xb4\xd0\xbe\xd1\x81\xd0\xba\xd0\xb0", "Cyrillic"},
        {"\xd0\xbf\xd0\xb8\xd0\xbb\xd0\xb0", "Cyrillic, none"},
        {"\xd9\x84\xd9\x88\xd8\xad\xd8\xa9", "Arabic"},
        {"\xe7\x9c\x8b\xe6\x9d\xbf", "Chinese"},
        {"\xe7\x9c\x8b\xe8\xa7\x81", "Chinese, none"},
        {"-shelf is:open", "cards without a word"},
        {"list:\"list 7\" has:description", "by list"},
        {"name:review", "in the name alone"},
        {"has:due sort:due", "no text"},
};

int main(void)
{
    char dir[] = "/tmp/tavla-bench-XXXXXX";
    struct oplog *oplog;
    struct buf why;
    struct rig rig;
    json_start();
    buf_init(&why, KIB(4));
    CHECK(mkdtemp(dir));
    if (store_open(dir, NULL, &oplog, &why) != ERR_OK) {
        fprintf(stderr, "%.*s\n", (int)why.len, why.ptr);
        return 1;
    }
    rig_init(&rig, oplog);
    big_board_make(&rig);
    printf("ms of processor time for one query over %d cards, the median of some runs; goal %.0f\n",
            BIG_CARDS, GOAL_MS);
    for (size_t i = 0; i < ARRAY_COUNT(queries); i++) {
        double ms = search_cost(oplog, big_board_id(), big_member_id(), queries[i].query);
        printf("  %8.2f  %-26s %s%s\n", ms, queries[i].what, queries[i].query,
                ms > GOAL_MS ? "  over the goal" : "");
    }
    rig_fini(&rig);
    store_close(oplog);
    printf("left in %s\n", dir);
    buf_fini(&why);
    return 0;
}
