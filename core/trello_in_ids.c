#include "core/trello_in_impl.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/base/utf.h"

static void key_of(enum entry_tag tag, struct slice text, uint8_t ret_key[17])
{
    struct hash128 none = {{0}}, hash = hash_chain(none, text, slice_of(NULL, 0));
    ret_key[0] = (uint8_t)tag;
    memcpy(ret_key + 1, hash.bytes, sizeof(hash.bytes));
}

static struct import_entry *find(const struct trello_in *t, const uint8_t key[17])
{
    struct import_entry *entry = NULL;
    HASH_FIND(hh, t->entries, key, 17, entry);
    return entry;
}

bool import_find(
        const struct trello_in *t, enum entry_tag tag, struct slice text, struct id *ret_id)
{
    uint8_t key[17];
    key_of(tag, text, key);
    const struct import_entry *entry = find(t, key);
    if (entry == NULL) return false;
    *ret_id = entry->id;
    return true;
}

bool import_put(struct trello_in *t, enum entry_tag tag, struct slice text, struct id id)
{
    uint8_t key[17];
    key_of(tag, text, key);
    if (find(t, key) != NULL) return false;
    struct import_entry *entry = MEM_NEW(struct import_entry);
    memcpy(entry->key, key, sizeof(key));
    entry->id = id;
    HASH_ADD(hh, t->entries, key, 17, entry);
    return true;
}

void import_entries_free(struct trello_in *t)
{
    struct import_entry *entry, *next;
    HASH_ITER(hh, t->entries, entry, next)
    {
        HASH_DEL(t->entries, entry);
        mem_free(entry);
    }
}

static bool use(struct trello_in *t, struct id id)
{
    struct id ignored;
    struct slice bytes = slice_of(id.bytes, ID_BYTES);
    if (id_is_none(id) || import_find(t, ENTRY_USED, bytes, &ignored)) return false;
    if (!t->options.id_free(t->options.context, id)) return false;
    return import_put(t, ENTRY_USED, bytes, id);
}

struct id import_id(struct trello_in *t, enum entry_tag tag, struct slice old)
{
    struct id id;
    bool parsed = id_parse(old, &id);
    if (!parsed || !use(t, id)) {
        /* Its time of creation is kept where it has one. */
        uint32_t seconds = parsed ? id_seconds(id) : (uint32_t)(t->options.now_ms / 1000);
        do
            id = id_make(seconds, rng_next(&t->rng));
        while (!use(t, id));
        t->mapped++;
        if (old.len > 0 && t->options.mapped != NULL)
            t->options.mapped(t->options.context, old, id);
    }
    if (tag != ENTRY_USED && old.len > 0) import_put(t, tag, old, id);
    return id;
}

void import_short_link(
        struct trello_in *t, struct slice old, struct id id, char ret_text[SHORT_LINK_TEXT + 1])
{
    struct id none = {{0}};
    if (short_link_valid(old) && t->options.short_free(t->options.context, old) &&
            import_put(t, ENTRY_SHORT, old, none)) {
        memcpy(ret_text, old.ptr, SHORT_LINK_TEXT);
        ret_text[SHORT_LINK_TEXT] = '\0';
        return;
    }
    short_link_make(id, ret_text);
    import_put(t, ENTRY_SHORT, slice_of(ret_text, SHORT_LINK_TEXT), none);
    t->short_links_made++;
}

void import_note(struct trello_in *t, const char *format, ...)
{
    char text[4 * IMPORT_NOTE_BYTES_MAX];
    va_list args;
    if (t->notes_count++ >= IMPORT_NOTES_MAX) return;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    struct slice head = utf_head(slice_cstr(text), IMPORT_NOTE_BYTES_MAX);
    char *note = t->notes[t->notes_count - 1];
    memcpy(note, head.ptr, head.len);
    note[head.len] = '\0';
}

void import_unsupported(struct trello_in *t, struct slice name, uint64_t count)
{
    size_t i = 0;
    if (count == 0) return;
    if (name.len >= sizeof(t->unsupported[0].name)) name = SLICE("other");
    while (i < t->unsupported_count && !slice_eq(slice_cstr(t->unsupported[i].name), name))
        i++;
    if (i == t->unsupported_count && i >= IMPORT_COUNTS_MAX - 1) {
        /* The last place stays for "other". */
        if (i == IMPORT_COUNTS_MAX) i = IMPORT_COUNTS_MAX - 1;
        name = SLICE("other");
    }
    if (i == t->unsupported_count) {
        memcpy(t->unsupported[i].name, name.ptr, name.len);
        t->unsupported_count++;
    }
    t->unsupported[i].count += count;
}
