/* first.h - the first start on an empty data folder: an administrator, a way in, and perhaps a
 * demo board. Loop 0 only. */
#ifndef TAVLA_API_FIRST_H
#define TAVLA_API_FIRST_H

#include "net/api/shard.h"

/* Makes the member, a one-time sign-in link, prints it; `done` once, on loop 0. */
void first_start(struct shard *s, bool demo, void (*done)(struct server *server, enum err err));

#endif
