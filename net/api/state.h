/* state.h - snapshots over HTTP that a loop keeps for a moment. Loop thread only. */
#ifndef TAVLA_API_STATE_H
#define TAVLA_API_STATE_H

#include "net/api/shard.h"

void states_sweep(struct shard *s, bool all); /* all: at the end of the program */

#endif
