/* envelope.h - what stands before every stored value.
 *
 *   | 1 byte: format version | 8 bytes: checksum, little-endian | value ...
 *
 * The checksum (64-bit XXH3) covers table, key and value, so that a value that was damaged, or
 * that came to lie under another key or in another table, is not taken for data. LMDB checks
 * nothing itself. Checked at every read. Any thread. */
#ifndef TAVLA_STORAGE_ENVELOPE_H
#define TAVLA_STORAGE_ENVELOPE_H

#include "core/base/err.h"

#define ENVELOPE_BYTES   9
#define ENVELOPE_VERSION 1

/* The value is in place already, ENVELOPE_BYTES behind `stored`; this writes what stands before
 * it. */
void envelope_seal(char *stored, unsigned table, struct slice key, size_t value_bytes);
/* ERR_CORRUPT: too short, another version, or the checksum is not this value's. */
enum err envelope_open(
        unsigned table, struct slice key, struct slice stored, struct slice *ret_value);

#endif
