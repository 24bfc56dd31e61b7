/* big_board.h - the board on which the core is measured: 250 lists, 10,000 cards with labels, due
 * dates, and descriptions of 0 to 16,384 units with a mean of 400, in several scripts. */
#ifndef TAVLA_BENCH_BIG_BOARD_H
#define TAVLA_BENCH_BIG_BOARD_H

#include "tests/unit/storage/engine_rig.h"

#define BIG_LISTS  250
#define BIG_CARDS  10000
#define BIG_LABELS 6

struct id big_board_id(void);
struct id big_member_id(void);
struct id big_list_id(unsigned i);
struct id big_card_id(unsigned i);
struct id big_label_id(unsigned i);

/* Makes it, by way of ordinary ops. */
void big_board_make(struct rig *r);

/* One message; exits with what was wrong where it does not decode. */
struct command *big_command(struct slice ops);

#endif
