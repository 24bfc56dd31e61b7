/* spool.h - bytes too many for memory: an unnamed file under DIR/tmp that is gone with its
 * descriptor.
 *
 * spool_write and spool_read block on the disk, so they are called on job and reader threads
 * only, by one at a time. */
#ifndef TAVLA_API_SPOOL_H
#define TAVLA_API_SPOOL_H

#include "core/base/err.h"

struct spool {
    int fd;
    uint64_t bytes;
};

struct spool *spool_new(const char *data_dir, char ret_why[160]); /* NULL: the reason */
struct spool *spool_of(int fd, uint64_t bytes); /* to read what is there; takes fd */
struct spool *spool_free(struct spool *s);                        /* NULL is fine */
enum err spool_write(struct spool *s, struct slice bytes);        /* appends; ERR_STORAGE */
/* Up to `max` bytes from offset; *ret_len 0 at the end. */
enum err spool_read(struct spool *s, uint64_t offset, char *to, size_t max, size_t *ret_len);

#endif
