/* folder.h - the data folder: that it is ours alone, on a disk that keeps promises, and how full
 * that disk is.
 *
 * Called by whoever opens the store (open, close) and by the writer (space). */
#ifndef TAVLA_STORAGE_FOLDER_H
#define TAVLA_STORAGE_FOLDER_H

#include "core/base/buf.h"

/* Makes the folder if it is missing, refuses remote file systems unless forced (their locks and
 * flushes cannot be relied on), and takes the exclusive lock DIR/lock, which holds the server's
 * pid. Returns the lock's descriptor, or -1 and says why. */
int folder_open(const char *dir, bool force, struct buf *why);
void folder_close(int lock_fd);

struct space_limits {
    uint64_t low_bytes;  /* below: read-only. 0: computed from the disk's size */
    uint64_t high_bytes; /* above: writable again */
};

enum space { SPACE_FINE, SPACE_BETWEEN, SPACE_LOW };

/* Where the disk under dir stands between the limits; SPACE_FINE when it cannot be asked. */
enum space folder_space(const char *dir, const struct space_limits *limits, uint64_t *ret_free);

/* DIR/ballast: room that is given back when the disk is full, so that what must still be written
 * can be. */
void folder_ballast_make(const char *dir); /* nothing happens where there is no room for it */
void folder_ballast_drop(const char *dir);

#endif
