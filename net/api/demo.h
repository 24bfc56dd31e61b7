/* demo.h - a board to look at, for `serve --demo` on an empty data folder. Made through the
 * ordinary ops. Loop thread only. */
#ifndef TAVLA_API_DEMO_H
#define TAVLA_API_DEMO_H

#include "net/api/shard.h"

/* The member becomes the board's admin. `done` once. */
void demo_start(
        struct shard *s, struct id member, void (*done)(enum err err, void *data), void *data);

#endif
