#include "storage/envelope.h"

#include <endian.h>

#include "core/base/check.h"
#include "core/base/hash.h"

static uint64_t checksum(unsigned table, struct slice key, struct slice value)
{
    /* The key's hash seeds the value's: no copy to bring both together, and a moved value fails. */
    return hash64(value, hash64(key, ((uint64_t)ENVELOPE_VERSION << 32) | table));
}

void envelope_seal(char *stored, unsigned table, struct slice key, size_t value_bytes)
{
    CHECK(stored != NULL);
    uint64_t sum = htole64(checksum(table, key, slice_of(stored + ENVELOPE_BYTES, value_bytes)));
    stored[0] = ENVELOPE_VERSION;
    memcpy(stored + 1, &sum, sizeof(sum));
}

enum err envelope_open(
        unsigned table, struct slice key, struct slice stored, struct slice *ret_value)
{
    uint64_t sum;
    if (stored.len < ENVELOPE_BYTES || stored.ptr[0] != ENVELOPE_VERSION) return ERR_CORRUPT;
    struct slice value = slice_from(stored, ENVELOPE_BYTES);
    memcpy(&sum, stored.ptr + 1, sizeof(sum));
    if (le64toh(sum) != checksum(table, key, value)) return ERR_CORRUPT;
    *ret_value = value;
    return ERR_OK;
}
