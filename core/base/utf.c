#include "core/base/utf.h"

#include "core/base/check.h"

#define BROKEN 0xff /* `need` after a bad byte: nothing that follows can mend the text */

void utf_check_init(struct utf_check *u)
{
    *u = (struct utf_check){0};
}

/* Bytes at the front that are ASCII, eight at a time. */
static size_t ascii_run(const uint8_t *at, size_t len)
{
    size_t i = 0;
    uint64_t word;
    while (len - i >= sizeof(word)) {
        memcpy(&word, at + i, sizeof(word));
        if ((word & 0x8080808080808080ull) != 0) break;
        i += sizeof(word);
    }
    while (i < len && at[i] < 0x80)
        i++;
    return i;
}

/* Sets what may follow the first byte of a character (Unicode, table 3-7); false: no character
 * starts so. */
static bool check_lead(struct utf_check *u, uint8_t c)
{
    u->low = 0x80;
    u->high = 0xbf;
    if (c >= 0xc2 && c <= 0xdf) {
        u->need = 1;
    } else if (c >= 0xe0 && c <= 0xef) {
        u->need = 2;
        if (c == 0xe0) u->low = 0xa0;  /* else overlong */
        if (c == 0xed) u->high = 0x9f; /* else a surrogate */
    } else if (c >= 0xf0 && c <= 0xf4) {
        u->need = 3;
        if (c == 0xf0) u->low = 0x90;  /* else overlong */
        if (c == 0xf4) u->high = 0x8f; /* else above U+10FFFF */
    } else {
        u->need = BROKEN;
        return false;
    }
    return true;
}

bool utf_check_feed(struct utf_check *u, struct slice bytes)
{
    const uint8_t *at = (const uint8_t *)bytes.ptr;
    size_t i = 0;
    while (i < bytes.len) {
        if (u->need == BROKEN) return false;
        if (u->need == 0) {
            i += ascii_run(at + i, bytes.len - i);
            if (i < bytes.len && !check_lead(u, at[i++])) return false;
        } else {
            if (at[i] < u->low || at[i] > u->high) {
                u->need = BROKEN;
                return false;
            }
            u->low = 0x80;
            u->high = 0xbf;
            u->need--;
            i++;
        }
    }
    return u->need != BROKEN;
}

bool utf_check_end(const struct utf_check *u)
{
    return u->need == 0;
}

bool utf_valid(struct slice s)
{
    struct utf_check u;
    utf_check_init(&u);
    return utf_check_feed(&u, s) && utf_check_end(&u);
}

/* UTF-16 units that begin at this byte: a continuation byte begins none, a 4-byte character is a
 * surrogate pair. */
static size_t units_of(uint8_t c)
{
    return (size_t)((c & 0xc0) != 0x80) + (size_t)(c >= 0xf0);
}

size_t utf_units(struct slice s)
{
    size_t units = 0;
    for (size_t i = 0; i < s.len; i++)
        units += units_of((uint8_t)s.ptr[i]);
    return units;
}

bool utf_offset(struct slice s, size_t units, size_t *ret_offset)
{
    size_t passed = 0;
    for (size_t i = 0; i < s.len; i++) {
        size_t here = units_of((uint8_t)s.ptr[i]);
        if (here > 0 && passed == units) {
            *ret_offset = i;
            return true;
        }
        passed += here;
        if (passed > units) return false; /* between a surrogate pair */
    }
    if (passed != units) return false;
    *ret_offset = s.len;
    return true;
}

struct slice utf_head(struct slice s, size_t bytes_max)
{
    if (s.len <= bytes_max) return s;
    size_t len = bytes_max;
    while (len > 0 && ((uint8_t)s.ptr[len] & 0xc0) == 0x80)
        len--;
    return slice_of(s.ptr, len);
}
