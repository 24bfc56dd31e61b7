/* sign_in_link.h - a one-time link, from its making to its text.
 *
 * 256 random bits, of which only the SHA-256 goes to the directory (op dir.link): the text of a
 * link can be said once, to whoever asked for it, and never again. Pure; any thread. */
#ifndef TAVLA_API_SIGN_IN_LINK_H
#define TAVLA_API_SIGN_IN_LINK_H

#include "core/base/date.h"
#include "core/base/json_write.h"
#include "net/crypto.h"

#define SIGN_IN_TOKEN_BYTES 32
#define SIGN_IN_LINK_DAYS   7

struct sign_in_link {
    char token[2 * SIGN_IN_TOKEN_BYTES + 1]; /* the secret */
    char hash[2 * CRYPTO_SHA256_BYTES + 1];
    char expires[DATE_TEXT + 1];
    struct id id; /* in the directory: the hash's first bytes */
};

/* now_ms: Unix time */
void sign_in_link_make(struct sign_in_link *link, int64_t now_ms);
/* The op that makes it known. board: whose admins may see and withdraw it; none: nobody's. */
void sign_in_link_op(
        const struct sign_in_link *link, struct id member, struct id board, struct json_out *j);
/* What the person opens. */
void sign_in_link_url(const struct sign_in_link *link, struct slice base_url, struct json_out *j);

#endif
