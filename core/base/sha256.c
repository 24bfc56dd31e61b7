#include "core/base/sha256.h"

#include <openssl/evp.h>

#include "core/base/check.h"

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
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[SHA256_BYTES];
    int ok = EVP_DigestFinal_ex(s->ctx, digest, NULL);
    CHECK(ok == 1);
    for (unsigned i = 0; i < SHA256_TEXT; i++)
        ret_hex[i] = digits[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
    ret_hex[SHA256_TEXT] = '\0';
    sha256_drop(s);
}

void sha256_drop(struct sha256 *s)
{
    EVP_MD_CTX_free(s->ctx);
    s->ctx = NULL;
}
