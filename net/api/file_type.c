#include "net/api/file_type.h"

#include "core/base/utf.h"

#define TYPE_BYTES_MAX 100

static const struct {
    uint8_t at, len;
    const char *bytes;
    struct slice type;
} images[] = {
        {0, 8, "\x89PNG\r\n\x1a\n", {"image/png", 9}},
        {0, 3, "\xff\xd8\xff", {"image/jpeg", 10}},
        {0, 6, "GIF87a", {"image/gif", 9}},
        {0, 6, "GIF89a", {"image/gif", 9}},
        {8, 4, "WEBP", {"image/webp", 10}},
        {4, 8, "ftypavif", {"image/avif", 10}},
};

struct slice file_image_type(struct slice first)
{
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        if (first.len < (size_t)images[i].at + images[i].len) continue;
        struct slice there = slice_head(slice_from(first, images[i].at), images[i].len);
        if (!slice_eq(there, slice_of(images[i].bytes, images[i].len))) continue;
        if (images[i].at == 8 && !slice_starts(first, SLICE("RIFF"))) continue;
        return images[i].type;
    }
    return (struct slice){0};
}

static bool is_type(struct slice text)
{
    size_t slashes = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!word && strchr("!#$&-^_.+/", c) == NULL) return false;
        slashes += c == '/';
    }
    return slashes == 1 && text.len >= 3 && text.len <= TYPE_BYTES_MAX &&
           text.ptr[0] != '/' && text.ptr[text.len - 1] != '/';
}

struct slice file_claimed_type(struct slice claimed, struct slice first)
{
    struct slice head, image = file_image_type(first);
    if (image.ptr) return image;
    if (slice_cut(&claimed, ';', &head)) claimed = head; /* without its parameters */
    claimed = slice_trim(claimed);
    if (!is_type(claimed)) return (struct slice){0};
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++)
        if (slice_eq_nocase(claimed, images[i].type)) return (struct slice){0};
    return claimed;
}

struct slice file_name_clean(struct slice name, char *scratch, size_t bytes_max)
{
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] != '/' && name.ptr[i - 1] != '\\') continue;
        name = slice_from(name, i);
        break;
    }
    if (!utf_valid(name)) return SLICE("file");
    name = slice_trim(utf_head(name, bytes_max));
    for (size_t i = 0; i < name.len; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        scratch[i] = c < 0x20 || c == 0x7f ? '_' : (char)c;
    }
    struct slice clean = slice_of(scratch, name.len);
    bool none = clean.len == 0 || slice_eq(clean, SLICE(".")) || slice_eq(clean, SLICE(".."));
    return none ? SLICE("file") : clean;
}
