/* text.c - what merging costs at the largest: a delta on a text of TEXT_UNITS_MAX units, moved past
 * CHANGES deltas that others made meanwhile. The goal is GOAL_US for each.
 *
 * Three kinds of change: a keystroke, a paragraph replaced, and one that touches every line, which
 * is the dearest that a person can make with one paste or replace-all. */
#include <stdio.h>
#include <time.h>

#include "core/base/limits.h"
#include "core/base/rng.h"
#include "core/text.h"

#define CHANGES     50
#define ROUNDS      200
#define LINE        64
#define GOAL_US     20.0
#define ARENA_BYTES ((size_t)64 << 20)

enum shape { KEYSTROKE, PARAGRAPH, EVERY_LINE };

static struct arena arena;

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void part(struct delta *d, int64_t count, struct slice text)
{
    d->parts[d->count++] = (struct delta_part){.count = count, .text = text};
}

static struct delta change(enum shape shape, struct rng *rng, struct slice filler)
{
    struct delta d = {.parts = ARENA_NEW_ARRAY(&arena, struct delta_part, TEXT_UNITS_MAX / 8)};
    int64_t at = (int64_t)rng_below(rng, TEXT_UNITS_MAX / 2) + 1;
    switch (shape) {
    case KEYSTROKE:
        part(&d, at, (struct slice){0});
        part(&d, 0, SLICE("x"));
        break;
    case PARAGRAPH:
        part(&d, at, (struct slice){0});
        part(&d, 0, slice_head(filler, 1000));
        part(&d, -1000, (struct slice){0});
        break;
    case EVERY_LINE:
        for (int64_t line = 0; line < TEXT_UNITS_MAX / LINE; line++) {
            part(&d, LINE - 2, (struct slice){0});
            part(&d, 0, SLICE("- "));
            part(&d, -2, (struct slice){0});
        }
        break;
    }
    return d;
}

static double measure(enum shape mine, enum shape theirs, struct slice filler)
{
    struct rng rng;
    double best = 1e9;
    rng_init(&rng, 1);
    for (int round = 0; round < ROUNDS; round++) {
        struct delta d = change(mine, &rng, filler), over[CHANGES];
        for (int i = 0; i < CHANGES; i++)
            over[i] = change(theirs, &rng, filler);
        double from = now_us();
        for (int i = 0; i < CHANGES; i++)
            delta_transform(&arena, &d, &over[i], false, &d);
        double each = (now_us() - from) / CHANGES;
        if (each < best) best = each;
        arena_reset(&arena);
    }
    return best;
}

int main(void)
{
    static const char *const names[] = {"keystroke", "paragraph", "every line"};
    static char bytes[TEXT_UNITS_MAX];
    memset(bytes, 'x', sizeof bytes);
    arena_init(&arena, 1 << 20, ARENA_BYTES);
    printf("us for one transform at %d units, the best of %d runs over %d changes; goal %.0f\n",
            TEXT_UNITS_MAX, ROUNDS, CHANGES, GOAL_US);
    for (int mine = KEYSTROKE; mine <= EVERY_LINE; mine++)
        for (int theirs = KEYSTROKE; theirs <= EVERY_LINE; theirs++) {
            double us =
                    measure((enum shape)mine, (enum shape)theirs, slice_of(bytes, sizeof bytes));
            printf("  %-10s over %-10s %8.2f%s\n", names[mine], names[theirs], us,
                    us > GOAL_US ? "  over the goal" : "");
        }
    arena_fini(&arena);
    return 0;
}
