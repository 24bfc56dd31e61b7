/* trello_in_impl.h - what the parts of the import share. Private to core/trello_in*.c.
 *
 *   trello_in.c         the three passes, the board's own fields, the report
 *   trello_in_object.c  one list, label or card of the file into one of ours
 *   trello_in_parts.c   what hangs on a card
 *   trello_in_fields.c  custom fields
 *   trello_in_people.c  who of the file is somebody here
 *   trello_in_ids.c     ids and short links kept or made anew; notes and counts
 *
 * Memory: an entry of some 90 bytes for every id, and the texts of lists and labels
 * (IMPORT_EARLY_BYTES_MAX); cards pass through. */
#ifndef TAVLA_CORE_TRELLO_IN_IMPL_H
#define TAVLA_CORE_TRELLO_IN_IMPL_H

#include "core/base/map.h"
#include "core/base/rng.h"
#include "core/trello_in.h"
#include "core/value.h"
#include "core/walk.h"

#define IMPORT_EARLY_BYTES_MAX                                                                     \
    ((size_t)32 * 1024 * 1024)    /* lists and labels, kept from pass 1 to 2; ERR_TOO_LARGE */
#define IMPORT_NOTES_MAX      100 /* beyond it notes are only counted */
#define IMPORT_NOTE_BYTES_MAX 200
#define IMPORT_COUNTS_MAX     64 /* names of what is not supported; beyond it "other" */

/* What a key of the map stands for. */
enum entry_tag {
    ENTRY_LIST, /* id of a list in the file -> ours */
    ENTRY_LABEL,
    ENTRY_CARD,
    ENTRY_FIELD, /* custom field; with its type behind a line feed: none of ours */
    ENTRY_OPTION,
    ENTRY_ATTACHMENT, /* one that is its card's cover */
    ENTRY_PERSON,     /* id of a person in the file -> whom it is here */
    ENTRY_OBSERVER,   /* the same id, of an observer */
    ENTRY_CANDIDATE, /* label seen inside a card -> place in candidates */
    ENTRY_USED,      /* one of our ids */
    ENTRY_SHORT      /* a short link */
};

struct import_entry {
    uint8_t key[17]; /* tag, then hash of the text: the file's author could only trick himself */
    struct id id;
    UT_hash_handle hh;
};

struct import_count {
    char name[32];
    uint64_t count;
};

struct trello_in {
    struct trello_in_options options;
    struct rng rng;
    struct json_split *split;
    int pass;             /* 0: nothing fed yet */
    struct arena scratch; /* of the element at hand */
    struct buf out;       /* the object at hand */
    struct fault *fault;  /* of the call at hand */
    struct import_entry *entries;
    struct buf early;      /* lists, then labels: lines of one kind letter and the object's JSON */
    struct buf candidates; /* labels inside cards: lines of JSON */
    bool early_sent;
    bool looks_like_a_board;
    enum role *roles; /* on the new board of options.people; NONE: not in the file */
    /* board */
    struct value name, desc, prefs;
    bool closed;
    /* found */
    uint64_t lists, labels, cards; /* pass 1 */
    uint64_t id_short_max;         /* pass 1 */
    struct id fallback_list;       /* first open list, or first */
    double fallback_pos;
    bool fallback_closed;
    /* done */
    uint64_t lists_sent, labels_sent, cards_sent, checklists_sent, items_sent, comments_sent;
    uint64_t fields_sent, values_sent;
    uint64_t attachments_sent, files_left; /* files: their bytes stay where the link leads */
    uint64_t comments_known; /* by the cards' badges */
    uint64_t mapped, short_links_made;
    uint64_t people_known, people_found; /* the file's members, and who of them is here */
    uint64_t memberships;                /* of the file */
    struct buf strangers;                /* the others' user names, as a text of the note */
    uint64_t strangers_more;             /* beyond those */
    struct import_count unsupported[IMPORT_COUNTS_MAX];
    size_t unsupported_count;
    char notes[IMPORT_NOTES_MAX][IMPORT_NOTE_BYTES_MAX + 1];
    uint64_t notes_count;
};

/* -- trello_in_ids.c */

bool import_find(
        const struct trello_in *t, enum entry_tag tag, struct slice text, struct id *ret_id);
bool import_put(struct trello_in *t, enum entry_tag tag, struct slice text,
        struct id id); /* false: it was there */
/* The file's id, or a new one: when it is of another form, taken on the server, or used in the
 * file before. tag: so that others can refer to it; ENTRY_USED: nobody will. */
struct id import_id(struct trello_in *t, enum entry_tag tag, struct slice old);
void import_short_link(
        struct trello_in *t, struct slice old, struct id id, char ret_text[SHORT_LINK_TEXT + 1]);
void import_note(struct trello_in *t, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void import_unsupported(struct trello_in *t, struct slice name, uint64_t count);
void import_entries_free(struct trello_in *t);

/* -- trello_in_object.c */

#define IMPORT_SLOTS_MAX 32

/* An object of the file, cut into what we may want: JSON texts by field, empty when absent. */
struct import_parts {
    struct slice fields[IMPORT_SLOTS_MAX];
    struct slice id, labels, check_items, options, field_items, attachments;
};

/* Values of one object of ours by slot; `has` says which leave. */
struct import_made {
    struct id id;
    struct value values[IMPORT_SLOTS_MAX];
    bool has[IMPORT_SLOTS_MAX];
};

bool import_cut(
        struct trello_in *t, enum kind kind, struct slice json, struct import_parts *ret_parts);
struct slice import_field(const struct import_parts *p, enum field f);
/* A string's content; empty when absent, null or no string. */
struct slice import_text(struct trello_in *t, struct slice json);
void import_made_put(struct import_made *m, enum field f, struct value v); /* takes v */
/* Fields that are taken as they are, where the file has them: not ids, and what follows from
 * others. */
void import_take(struct trello_in *t, enum kind kind, const struct import_parts *p, struct slice of,
        struct import_made *m);
void import_default_pos(struct import_made *m, enum field f, uint64_t index);
/* ["card",{..}] into t->out, and everything of m freed. */
void import_write(struct trello_in *t, enum kind kind, struct import_made *m);
/* The same, and handed over. */
enum err import_emit(struct trello_in *t, enum kind kind, struct import_made *m);

/* One field from the file's JSON, mended where it can be: long text is cut, JSON that is too
 * large loses its largest members. False: nothing usable. */
bool import_value(struct trello_in *t, enum field f, struct slice json, struct slice of,
        struct value *ret_value);
enum err import_list(struct trello_in *t, struct slice json);
enum err import_label(struct trello_in *t, struct slice json);
enum err import_card_labels(struct trello_in *t,
        struct slice json); /* pass 1: remembers the labels inside, and idShort */
enum err import_rebuilt_labels(struct trello_in *t); /* end of pass 1 */
enum err import_list_made(struct trello_in *t);      /* for cards without any list */
enum err import_card(struct trello_in *t, size_t index, struct slice json); /* pass 2 */

/* -- trello_in_people.c */

void import_people_init(struct trello_in *t);
void import_people_fini(struct trello_in *t);
void import_member(struct trello_in *t, struct slice json);     /* pass 1 */
void import_membership(struct trello_in *t, struct slice json); /* pass 1 */
enum err import_people_send(struct trello_in *t);               /* pass 2 */
void import_people_note(const struct trello_in *t, struct json_out *j);
/* A field that is a set of people, or one of them: who is here is kept, the others are counted. */
void import_people(
        struct trello_in *t, enum field f, const struct import_parts *p, struct import_made *m);
void import_person(struct trello_in *t, enum field f, const struct import_parts *p,
        struct slice counted_as, struct import_made *m);
/* Who wrote the comment; false: nobody of here. */
bool import_author(struct trello_in *t, struct slice action, struct id *ret_id);

/* -- trello_in_parts.c */

/* Pass 2: the cover, which may be one of the attachments that come in pass 3. */
void import_cover(struct trello_in *t, const struct import_parts *p, struct import_made *m);
enum err import_attachments(struct trello_in *t, struct slice json); /* of a card; pass 3 */
enum err import_checklist(struct trello_in *t, size_t index, struct slice json);
enum err import_custom_field(struct trello_in *t, size_t index, struct slice json); /* pass 2 */
enum err import_card_values(struct trello_in *t, struct slice json);
enum err import_action(struct trello_in *t, struct slice json); /* comments; others are counted */
uint64_t import_elements(struct slice array); /* how many; 0 when it is no array */

#endif
