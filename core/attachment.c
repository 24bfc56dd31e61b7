#include "core/attachment.h"

#include "core/base/id.h"

/* Behind the scheme; ptr NULL: of another scheme. */
static struct slice behind_scheme(struct slice url)
{
    static const struct slice schemes[] = {{"https://", 8}, {"http://", 7}};
    for (size_t i = 0; i < 2; i++)
        if (slice_eq_nocase(slice_head(url, schemes[i].len), schemes[i]))
            return slice_from(url, schemes[i].len);
    return (struct slice){0};
}

bool attachment_url_valid(struct slice url)
{
    struct slice rest = behind_scheme(url);
    if (rest.len == 0 || rest.ptr[0] == '/') return false;
    for (size_t i = 0; i < url.len; i++)
        if ((unsigned char)url.ptr[i] <= 0x20 || url.ptr[i] == 0x7f) return false;
    return true;
}

/* host/c/abcdefgh or host/b/abcdefgh, and whatever follows behind a slash. */
enum kind attachment_url_kind(struct slice url)
{
    struct slice rest = behind_scheme(url), host, what, link;
    if (rest.len == 0 || !slice_cut(&rest, '/', &host) || !slice_cut(&rest, '/', &what))
        return KIND_NONE;
    if (!slice_cut(&rest, '/', &link)) link = rest;
    if (!short_link_valid(link)) return KIND_NONE;
    if (slice_eq(what, SLICE("c"))) return KIND_CARD;
    return slice_eq(what, SLICE("b")) ? KIND_BOARD : KIND_NONE;
}

bool file_hash_valid(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
    }
    return text.len == FILE_HASH_TEXT;
}
