/* map.h - the door to uthash: intrusive hash maps with a seeded hash.
 *
 * Include this, never uthash.h. Keys are hashed by XXH3 with map_seed, which main sets once at
 * start from the system's randomness (tests leave it 0), so that nobody outside can aim at one
 * bucket. Iteration is in insertion order whatever the seed, so core stays deterministic. A table
 * belongs to one thread. */
#ifndef TAVLA_BASE_MAP_H
#define TAVLA_BASE_MAP_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/mem.h"

extern uint64_t map_seed;
unsigned map_hash(const void *key, size_t len); /* XXH3 under map_seed, folded to 32 bits */

/* Memory comes from mem.h, which aborts when there is none, so uthash's own out-of-memory paths
 * never run. */
#define uthash_malloc(bytes)                 mem_new(bytes)
#define uthash_free(ptr, bytes)              ((void)mem_free(ptr))
#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = map_hash((keyptr), (keylen)))
#include <uthash.h>
/* Chains grow to 6, not to 10, before a table does: each step looks at an object that is nowhere
 * near the processor, and a bucket costs 16 bytes. */
#undef HASH_BKT_CAPACITY_THRESH
#define HASH_BKT_CAPACITY_THRESH 6U
#include <utlist.h>

#endif
