/* cost.h - what several benches measure with the same code: a search in a stored board, a delta
 * moved past others. */
#ifndef TAVLA_BENCH_COST_H
#define TAVLA_BENCH_COST_H

#include "core/oplog.h"

/* Processor time of one search by a reader thread, in ms: the median of some runs. */
double search_cost(struct oplog *oplog, struct id board, struct id member, const char *query);

#define TEXT_COST_CHANGES 50

/* Kinds of change: a keystroke, a paragraph replaced, and one that touches every line, which is
 * the dearest that a person can make with one paste or replace-all. */
enum text_shape { TEXT_KEYSTROKE, TEXT_PARAGRAPH, TEXT_EVERY_LINE, TEXT_SHAPES };

/* us for one of `mine` moved past one of `theirs` on a text of TEXT_UNITS_MAX units: the best of
 * some runs over TEXT_COST_CHANGES. */
double text_cost(enum text_shape mine, enum text_shape theirs);

#endif
