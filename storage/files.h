/* files.h - uploaded files in the data folder, behind core/files.h.
 *
 *   DIR/files/tmp/XXXXXX      a draft; what is there when the store is opened belongs to nobody
 *   DIR/files/ab/abcd...      a file, named by the SHA-256 of its content
 *
 * A draft is written, flushed, renamed, and its folder flushed, in that order: a name that can be
 * seen has all of its bytes. */
#ifndef TAVLA_STORAGE_FILES_H
#define TAVLA_STORAGE_FILES_H

#include "core/files.h"
#include "storage/folder.h"

struct files *files_new(const char *dir, const struct space_limits *space); /* drops old drafts */
struct files *files_free(struct files *files);

/* What may be removed, when nobody names it meanwhile: a set of names, empty at first. Who looks
 * for names takes those out that he finds; a file that is kept once more takes itself out. Any
 * thread. */
void files_doom(struct files *files, unsigned folder); /* all in one of the 256 */
void files_spare(struct files *files, struct slice text); /* those that stand in a stored text */
void files_spare_all(struct files *files);
size_t files_doomed(struct files *files);
/* Removes some of them, at most so many. Returns how many left the set. */
size_t files_remove(struct files *files, size_t most);

/* The next name of a file in the text of an object or a record: what "file" stands before. May
 * find more than attachments name, never less. ret_rest: behind it. */
bool files_name_next(struct slice text, struct slice *ret_hash, struct slice *ret_rest);

/* Every stored file, in no order: its name, and a path to read it by. Not OK ends the walk. */
enum err files_walk(const char *dir,
        enum err (*fn)(void *context, struct slice hash, const char *path), void *context);
/* The hash of what the file holds. */
enum err files_hash(const char *path, char ret_hash[SHA256_TEXT + 1]);

#endif
