/* trello_in.h - reading Trello's "Export as JSON" as a stream, in three passes over the same bytes.
 *
 * Trello writes cards before lists, so pass one learns lists, labels, the board's own fields and
 * which ids are used; pass two makes the cards; pass three what hangs on them, wherever it stands
 * in the file. Each pass is fed through a json_split. Objects come
 * out as import.add payloads ([kind, {fields}] with our field names, ids mapped), to be sent
 * through the ordinary op path in batches. Pure; one thread. */
#ifndef TAVLA_CORE_TRELLO_IN_H
#define TAVLA_CORE_TRELLO_IN_H

#include "core/base/arena.h"
#include "core/base/json_split.h"
#include "core/model.h"

struct trello_in; /* heap, opaque */

/* Somebody of this server. */
struct import_person {
    struct id id;
    struct slice username;
};

struct trello_in_options {
    struct id board; /* the new board's id */
    uint64_t seed;   /* for ids that must be made anew */
    int64_t now_ms;
    /* The text is a copy that this server wrote of a board of its own: what an attachment says
     * about a stored file is true. Never of a text that somebody sent. */
    bool files;
    /* Whom the file can name: the importer, who is the board's admin, then who else is in the
     * workspace that it goes into. Each is known by id or user name. Borrowed until the end; may
     * be empty. */
    const struct import_person *people;
    size_t people_count;
    bool (*id_free)(void *context, struct id id); /* may the file's id be kept? */
    bool (*short_free)(void *context, struct slice short_link);
    /* One object ready to be added, as JSON text `["card",{..}]` (desc included). Borrowed. Not OK
     * stops the import. */
    enum err (*emit)(void *context, enum kind kind, struct slice object_json);
    /* An id that could not be kept. */
    void (*mapped)(void *context, struct slice old_id, struct id new_id);
    void *context;
};

struct trello_in *trello_in_new(const struct trello_in_options *options);
struct trello_in *trello_in_free(struct trello_in *t);
/* pass 1, 2, then 3, each over all bytes */
#define TRELLO_IN_PASSES 3
enum err trello_in_feed(struct trello_in *t, int pass, struct slice bytes, struct fault *fault);
enum err trello_in_end(struct trello_in *t, int pass, struct fault *fault);

/* After pass 3: what was found, imported, changed and left out, as a JSON object:
 *   {"imported":{"lists":n,..},"mapped":n,"notes":["..."],
 *    "unsupported":{"actions":n,"customFields":n,..}} */
void trello_in_report(const struct trello_in *t, struct buf *out);
/* Board fields found in pass 1, for the board's own creation:
 *   {"name":..,"desc":..,"prefs":{..},"closed":..}. */
void trello_in_board(const struct trello_in *t, struct buf *out);

#endif
