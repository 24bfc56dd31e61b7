#include "net/api/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/mem.h"

static int spool_file(const char *data_dir)
{
    char folder[4096], path[4128];
    snprintf(folder, sizeof folder, "%s/tmp", data_dir);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return -1;
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
    /* A file system without O_TMPFILE. */
    snprintf(path, sizeof path, "%s/spool-XXXXXX", folder);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0) unlink(path);
    return fd;
}

struct spool *spool_new(const char *data_dir, char ret_why[160])
{
    int fd = spool_file(data_dir);
    if (fd < 0) {
        snprintf(ret_why, 160, "%.80s/tmp: %s", data_dir, strerror(errno));
        return NULL;
    }
    struct spool *s = MEM_NEW(struct spool);
    s->fd = fd;
    return s;
}

struct spool *spool_of(int fd, uint64_t bytes)
{
    struct spool *s = MEM_NEW(struct spool);
    *s = (struct spool){.fd = fd, .bytes = bytes};
    return s;
}

struct spool *spool_free(struct spool *s)
{
    if (!s) return NULL;
    close(s->fd);
    return mem_free(s);
}

enum err spool_write(struct spool *s, struct slice bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(s->fd, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return ERR_STORAGE;
        s->bytes += (uint64_t)written;
        bytes.ptr += written;
        bytes.len -= (size_t)written;
    }
    return ERR_OK;
}

enum err spool_read(struct spool *s, uint64_t offset, char *to, size_t max, size_t *ret_len)
{
    for (;;) {
        ssize_t got = pread(s->fd, to, max, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return ERR_STORAGE;
        *ret_len = (size_t)got;
        return ERR_OK;
    }
}
