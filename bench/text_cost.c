#include "bench/cost.h"

#include <time.h>

#include "core/base/limits.h"
#include "core/base/rng.h"

#define ROUNDS      200
#define LINE        64
#define ARENA_BYTES ((size_t)64 << 20)

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

static struct delta change(enum text_shape shape, struct rng *rng, struct slice filler)
{
    struct delta d = {.parts = ARENA_NEW_ARRAY(&arena, struct delta_part, TEXT_UNITS_MAX / 8)};
    int64_t at = (int64_t)rng_below(rng, TEXT_UNITS_MAX / 2) + 1;
    switch (shape) {
    case TEXT_KEYSTROKE:
        part(&d, at, (struct slice){0});
        part(&d, 0, SLICE("x"));
        break;
    case TEXT_PARAGRAPH:
        part(&d, at, (struct slice){0});
        part(&d, 0, slice_head(filler, 1000));
        part(&d, -1000, (struct slice){0});
        break;
    case TEXT_EVERY_LINE:
        for (int64_t line = 0; line < TEXT_UNITS_MAX / LINE; line++) {
            part(&d, LINE - 2, (struct slice){0});
            part(&d, 0, SLICE("- "));
            part(&d, -2, (struct slice){0});
        }
        break;
    case TEXT_SHAPES: UNREACHABLE();
    }
    return d;
}

double text_cost(enum text_shape mine, enum text_shape theirs)
{
    static char bytes[TEXT_UNITS_MAX];
    struct slice filler = slice_of(bytes, sizeof bytes);
    struct rng rng;
    double best = 1e9;
    memset(bytes, 'x', sizeof bytes);
    arena_init(&arena, 1 << 20, ARENA_BYTES);
    rng_init(&rng, 1);
    for (int round = 0; round < ROUNDS; round++) {
        struct delta d = change(mine, &rng, filler), over[TEXT_COST_CHANGES];
        for (int i = 0; i < TEXT_COST_CHANGES; i++)
            over[i] = change(theirs, &rng, filler);
        double from = now_us();
        for (int i = 0; i < TEXT_COST_CHANGES; i++)
            delta_transform(&arena, &d, &over[i], false, &d);
        double each = (now_us() - from) / TEXT_COST_CHANGES;
        if (each < best) best = each;
        arena_reset(&arena);
    }
    arena_fini(&arena);
    return best;
}
