/* sha256.h - SHA-256 (FIPS 180-4) over bytes that come in pieces: the name of a stored file.
 *
 * The layers below net/crypto.h have this one thing of OpenSSL. It cannot fail in a way a caller
 * could mend, so it CHECKs. Any thread. */
#ifndef TAVLA_BASE_SHA256_H
#define TAVLA_BASE_SHA256_H

#include "core/base/slice.h"

#define SHA256_BYTES 32
#define SHA256_TEXT  64

struct sha256 {
    struct evp_md_ctx_st *ctx; /* OpenSSL's; NULL: ended, or never begun */
};

/* Ends with sha256_end or sha256_drop. */
void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, struct slice bytes);
void sha256_end(struct sha256 *s, char ret_hex[SHA256_TEXT + 1]); /* lower case */
void sha256_drop(struct sha256 *s);                               /* the hash is not wanted */

#endif
