/* crypto.c - thin calls into libcrypto; see crypto.h. */
#include "net/crypto.h"

#include <limits.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "core/base/check.h"

void crypto_random(void *ret_bytes, size_t len)
{
    CHECK(len <= INT_MAX);
    if (len == 0) return;
    int ok = RAND_bytes(ret_bytes, (int)len);
    CHECK(ok == 1);
}

void crypto_sha1(struct slice bytes, uint8_t ret_digest[CRYPTO_SHA1_BYTES])
{
    const unsigned char *digest =
            SHA1((const unsigned char *)(bytes.len > 0 ? bytes.ptr : ""), bytes.len, ret_digest);
    CHECK(digest == ret_digest);
}

void crypto_sha256(struct slice bytes, uint8_t ret_digest[CRYPTO_SHA256_BYTES])
{
    const unsigned char *digest =
            SHA256((const unsigned char *)(bytes.len > 0 ? bytes.ptr : ""), bytes.len, ret_digest);
    CHECK(digest == ret_digest);
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}
