/* files.h - the port between the product and whatever keeps the bytes of uploaded files.
 *
 * A file is named by the SHA-256 of its bytes, so the same content is there once however often it
 * is attached, and its name never means anything else. It is kept before an event says it is
 * there; an event that never comes leaves a file that nobody refers to, and nothing else. A file
 * is not taken away with its attachment, because the log can bring that back: it goes when no
 * object and no kept record names it.
 *
 * Everything here blocks on the disk and is called on threads that may; a draft by one at a time.
 */
#ifndef TAVLA_CORE_FILES_H
#define TAVLA_CORE_FILES_H

#include "core/base/err.h"
#include "core/base/sha256.h"

struct file_draft; /* bytes on their way, seen by nobody */

struct files {
    enum err (*begin)(struct files *files, struct file_draft **ret_draft); /* READ_ONLY, STORAGE */
    enum err (*add)(struct file_draft *draft, struct slice bytes);         /* STORAGE */
    /* When it returns ERR_OK the file is there and survives a power cut. Takes the draft. */
    enum err (*keep)(struct file_draft *draft, char ret_hash[SHA256_TEXT + 1]);
    void (*drop)(struct file_draft *draft); /* takes it; NULL is fine */
    /* A descriptor for reading, to be closed by the caller; -1: there is no such file. */
    int (*open)(struct files *files, struct slice hash, uint64_t *ret_bytes);
};

#endif
