#include "net/api/sign_in_link.h"

#include "net/api/shard.h"

static void hex_of(const uint8_t *bytes, size_t len, char *ret_text)
{
    struct buf hex = {.ptr = ret_text, .cap = 2 * len + 1, .bytes_max = 2 * len + 1};
    buf_add_hex(&hex, bytes, len);
    ret_text[2 * len] = '\0';
}

void sign_in_link_make(struct sign_in_link *link, int64_t now_ms)
{
    uint8_t secret[SIGN_IN_TOKEN_BYTES], hash[CRYPTO_SHA256_BYTES];
    crypto_random(secret, sizeof secret);
    hex_of(secret, sizeof secret, link->token);
    token_hash(slice_cstr(link->token), hash);
    hex_of(hash, sizeof hash, link->hash);
    memcpy(link->id.bytes, hash, ID_BYTES);
    date_format(now_ms + (int64_t)SIGN_IN_LINK_DAYS * 86400000, link->expires);
}

void sign_in_link_op(
        const struct sign_in_link *link, struct id member, struct id board, struct json_out *j)
{
    json_object_begin(j);
    JSON_KEY(j, "op");
    json_str(j, SLICE("dir.link"));
    JSON_KEY(j, "id");
    json_id(j, link->id);
    JSON_KEY(j, "hash");
    json_str(j, slice_cstr(link->hash));
    JSON_KEY(j, "idBoard");
    json_id(j, board);
    JSON_KEY(j, "idMember");
    json_id(j, member);
    JSON_KEY(j, "expires");
    json_str(j, slice_cstr(link->expires));
    json_object_end(j);
}

void sign_in_link_url(const struct sign_in_link *link, struct slice base_url, struct json_out *j)
{
    struct buf url;
    buf_init(&url, KIB(4));
    buf_add(&url, base_url);
    buf_add_format(&url, "/link/%s", link->token);
    json_str(j, buf_slice(&url));
    buf_fini(&url);
}
