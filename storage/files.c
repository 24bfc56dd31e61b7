#include "storage/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/attachment.h"
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/mem.h"

struct file_store {
    struct files files; /* what others hold */
    struct space_limits space;
    char dir[PATH_MAX]; /* DIR/files */
};

struct file_draft {
    struct file_store *store;
    struct sha256 hash;
    int fd;
    char path[PATH_MAX + 16];
};

static struct file_store *self(struct files *files)
{
    return CONTAINER_OF(files, struct file_store, files);
}

/* -- drafts */

static bool folder_make(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

static bool folder_flush(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0) close(fd);
    return ok;
}

static struct file_draft *draft_free(struct file_draft *d)
{
    if (d->fd >= 0) close(d->fd);
    sha256_drop(&d->hash);
    return mem_free(d);
}

static void draft_drop(struct file_draft *d)
{
    if (d == NULL) return;
    unlink(d->path);
    draft_free(d);
}

static enum err draft_begin(struct files *files, struct file_draft **ret_draft)
{
    struct file_store *s = self(files);
    uint64_t free_bytes;
    if (folder_space(s->dir, &s->space, &free_bytes) == SPACE_LOW) return ERR_READ_ONLY;
    struct file_draft *d = MEM_NEW(struct file_draft);
    d->store = s;
    sha256_init(&d->hash);
    snprintf(d->path, sizeof d->path, "%s/tmp/XXXXXX", s->dir);
    d->fd = mkostemp(d->path, O_CLOEXEC);
    if (d->fd >= 0) {
        *ret_draft = d;
        return ERR_OK;
    }
    log_warn("files", "%s: %s", d->path, strerror(errno));
    draft_free(d);
    return ERR_STORAGE;
}

static enum err draft_add(struct file_draft *d, struct slice bytes)
{
    sha256_add(&d->hash, bytes);
    while (bytes.len > 0) {
        ssize_t written = write(d->fd, bytes.ptr, bytes.len);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return ERR_STORAGE;
        bytes = slice_from(bytes, (size_t)written);
    }
    return ERR_OK;
}

/* Over a file of the same name, too: it has the same content, or was damaged. */
static bool draft_place(struct file_draft *d, const char *hash)
{
    char folder[PATH_MAX + 8], path[PATH_MAX + 80];
    struct stat about;
    snprintf(folder, sizeof folder, "%s/%.2s", d->store->dir, hash);
    snprintf(path, sizeof path, "%s/%s", folder, hash);
    bool fresh = stat(folder, &about) != 0;
    return fsync(d->fd) == 0 && folder_make(folder) && rename(d->path, path) == 0 &&
           folder_flush(folder) && (!fresh || folder_flush(d->store->dir));
}

static enum err draft_keep(struct file_draft *d, char ret_hash[SHA256_TEXT + 1])
{
    char hash[SHA256_TEXT + 1];
    sha256_end(&d->hash, hash);
    if (!draft_place(d, hash)) {
        log_warn("files", "%s: %s", d->path, strerror(errno));
        draft_drop(d);
        return ERR_STORAGE;
    }
    draft_free(d);
    memcpy(ret_hash, hash, sizeof hash);
    return ERR_OK;
}

/* -- files */

static int file_open(struct files *files, struct slice hash, uint64_t *ret_bytes)
{
    char path[PATH_MAX + 80];
    struct stat about;
    if (!file_hash_valid(hash)) return -1; /* nothing but a name in there can be meant */
    snprintf(path, sizeof path, "%s/%.2s/%.*s", self(files)->dir, hash.ptr, SLICE_ARG(hash));
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode)) {
        close(fd);
        return -1;
    }
    *ret_bytes = (uint64_t)about.st_size;
    return fd;
}

enum err files_hash(const char *path, char ret_hash[SHA256_TEXT + 1])
{
    struct sha256 s;
    char piece[KIB(64)];
    ssize_t got;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return ERR_STORAGE;
    sha256_init(&s);
    while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR)) {
        if (got > 0) sha256_add(&s, slice_of(piece, (size_t)got));
    }
    close(fd);
    if (got < 0) {
        sha256_drop(&s);
        return ERR_STORAGE;
    }
    sha256_end(&s, ret_hash);
    return ERR_OK;
}

static enum err walk_folder(const char *folder,
        enum err (*fn)(void *context, struct slice hash, const char *path), void *context)
{
    char path[PATH_MAX + 300];
    enum err err = ERR_OK;
    DIR *all = opendir(folder);
    for (struct dirent *one; all != NULL && err == ERR_OK && (one = readdir(all)) != NULL;) {
        if (one->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", folder, one->d_name);
        err = fn(context, slice_cstr(one->d_name), path);
    }
    if (all != NULL) closedir(all);
    return err;
}

enum err files_walk(const char *dir,
        enum err (*fn)(void *context, struct slice hash, const char *path), void *context)
{
    char folder[PATH_MAX + 16];
    enum err err = ERR_OK;
    for (unsigned i = 0; i < 256 && err == ERR_OK; i++) {
        snprintf(folder, sizeof folder, "%s/files/%02x", dir, i);
        err = walk_folder(folder, fn, context);
    }
    return err;
}

/* -- life */

static enum err forget(void *context, struct slice name, const char *path)
{
    (void)context, (void)name;
    unlink(path);
    return ERR_OK;
}

struct files *files_new(const char *dir, const struct space_limits *space)
{
    struct file_store *s = MEM_NEW(struct file_store);
    char tmp[PATH_MAX + 8];
    s->files = (struct files){.begin = draft_begin,
            .add = draft_add,
            .keep = draft_keep,
            .drop = draft_drop,
            .open = file_open};
    s->space = *space;
    CHECK((size_t)snprintf(s->dir, sizeof s->dir, "%s/files", dir) < sizeof s->dir);
    snprintf(tmp, sizeof tmp, "%s/tmp", s->dir);
    if (!folder_make(s->dir) || !folder_make(tmp) || !folder_flush(s->dir) || !folder_flush(dir))
        log_warn("files", "%s: %s", tmp, strerror(errno)); /* uploads will say so, too */
    walk_folder(tmp, forget, NULL);
    return &s->files;
}

struct files *files_free(struct files *files)
{
    if (files != NULL) mem_free(self(files));
    return NULL;
}
