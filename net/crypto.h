/* crypto.h - the door to OpenSSL's digests and random numbers. Any thread.
 *
 * These cannot fail in a way a caller could mend: a library that cannot hash or read the
 * system's randomness is a broken machine, and going on with predictable tokens would be worse
 * than stopping, so they CHECK. Passwords are not hashed here (Argon2 has its own door), and
 * checksums against accidents are in core/base/hash.h. */
#ifndef TAVLA_NET_CRYPTO_H
#define TAVLA_NET_CRYPTO_H

#include "core/base/slice.h"

#define CRYPTO_SHA1_BYTES   20
#define CRYPTO_SHA256_BYTES 32

void crypto_random(void *ret_bytes, size_t len); /* from the system's generator, for secrets */
/* RFC 6455 asks for it; not for secrets */
void crypto_sha1(struct slice bytes, uint8_t ret_digest[CRYPTO_SHA1_BYTES]);
void crypto_sha256(struct slice bytes, uint8_t ret_digest[CRYPTO_SHA256_BYTES]);
/* in a time that does not tell where they differ */
bool crypto_equal(const void *a, const void *b, size_t len);

#endif
