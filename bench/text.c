/* text.c - what merging costs at the largest: a delta on a text of TEXT_UNITS_MAX units, moved past
 * the deltas that others made meanwhile. The goal is GOAL_US for each. */
#include <stdio.h>

#include "bench/cost.h"
#include "core/base/limits.h"

#define GOAL_US 20.0

int main(void)
{
    static const char *const names[] = {"keystroke", "paragraph", "every line"};
    printf("us for one transform at %d units, the best of some runs over %d changes; goal %.0f\n",
            TEXT_UNITS_MAX, TEXT_COST_CHANGES, GOAL_US);
    for (unsigned mine = 0; mine < TEXT_SHAPES; mine++)
        for (unsigned theirs = 0; theirs < TEXT_SHAPES; theirs++) {
            double us = text_cost((enum text_shape)mine, (enum text_shape)theirs);
            printf("  %-10s over %-10s %8.2f%s\n", names[mine], names[theirs], us,
                    us > GOAL_US ? "  over the goal" : "");
        }
    return 0;
}
