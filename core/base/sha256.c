#include "core/base/sha256.h"

#include <openssl/evp.h>

#include "core/base/check.h"
#include "core/base/digits.h"

void sha256_init(struct sha256 *s)
{
    s->ctx = EVP_MD_CTX_new();
    CHECK(s->ctx != NULL);
    int ok = EVP_DigestInit_ex(s->ctx, EVP_sha256(), NULL);
    CHECK(ok == 1);
}

void sha256_add(struct sha256 *s, struct slice bytes)
{
    if (bytes.len == 0) return;
    int ok = EVP_DigestUpdate(s->ctx, bytes.ptr, bytes.len);
    CHECK(ok == 1);
}

void sha256_end(struct sha256 *s, char ret_hex[SHA256_TEXT + 1])
{
    uint8_t digest[SHA256_BYTES];
    int ok = EVP_DigestFinal_ex(s->ctx, digest, NULL);
    CHECK(ok == 1);
    hex_put(ret_hex, digest, SHA256_BYTES);
    ret_hex[SHA256_TEXT] = '\0';
    sha256_drop(s);
}

void sha256_drop(struct sha256 *s)
{
    EVP_MD_CTX_free(s->ctx);
    s->ctx = NULL;
}
