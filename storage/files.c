#include "storage/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/attachment.h"
#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/base/map.h"
#include "core/base/metric.h"

struct doomed {
    UT_hash_handle hh;
    char hash[SHA256_TEXT];
};

struct file_store {
    struct files files; /* what others hold */
    struct space_limits space;
    char dir[PATH_MAX]; /* DIR/files */
    /* A name leaves the set before its file comes, and its file goes only while it is in it: so
     * this is held over the rename of the one and the unlink of the other. */
    pthread_mutex_t lock;
    struct doomed *doomed;
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

/* -- the doomed */

static void doomed_drop(struct file_store *s, struct slice hash) /* locked */
{
    struct doomed *d;
    if (hash.len != SHA256_TEXT) return;
    HASH_FIND(hh, s->doomed, hash.ptr, SHA256_TEXT, d);
    if (d == NULL) return;
    HASH_DEL(s->doomed, d);
    mem_free(d);
}

size_t files_doomed(struct files *files)
{
    struct file_store *s = self(files);
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    size_t count = HASH_COUNT(s->doomed);
    pthread_mutex_unlock(&s->lock);
    return count;
}

bool files_name_next(struct slice text, struct slice *ret_hash, struct slice *ret_rest)
{
    static const struct slice before = {"\"file\":\"", 8};
    for (const char *at;
            (at = memmem(text.ptr, text.len, before.ptr, before.len)) != NULL;) {
        text = slice_from(text, (size_t)(at - text.ptr) + before.len);
        struct slice hash = slice_head(text, SHA256_TEXT);
        if (!file_hash_valid(hash)) continue;
        *ret_hash = hash;
        *ret_rest = slice_from(text, SHA256_TEXT);
        return true;
    }
    return false;
}

void files_spare(struct files *files, struct slice text)
{
    struct file_store *s = self(files);
    struct slice hash;
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    while (HASH_COUNT(s->doomed) > 0 && files_name_next(text, &hash, &text))
        doomed_drop(s, hash);
    pthread_mutex_unlock(&s->lock);
}

void files_spare_all(struct files *files)
{
    struct file_store *s = self(files);
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    while (s->doomed != NULL)
        doomed_drop(s, slice_of(s->doomed->hash, SHA256_TEXT));
    pthread_mutex_unlock(&s->lock);
}

size_t files_remove(struct files *files, size_t most)
{
    struct file_store *s = self(files);
    char path[PATH_MAX + 80];
    size_t count = 0;
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    for (; s->doomed != NULL && count < most; count++) {
        struct slice hash = slice_of(s->doomed->hash, SHA256_TEXT);
        snprintf(path, sizeof path, "%s/%.2s/%.*s", s->dir, hash.ptr, SLICE_ARG(hash));
        if (unlink(path) == 0)
            metric_add(METRIC_files_removed_total, 1);
        else
            log_warn("files", "%s: %s", path, strerror(errno));
        doomed_drop(s, hash);
    }
    pthread_mutex_unlock(&s->lock);
    return count;
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
    if (fsync(d->fd) != 0 || !folder_make(folder)) return false;
    CHECK(pthread_mutex_lock(&d->store->lock) == 0);
    doomed_drop(d->store, slice_cstr(hash));
    bool placed = rename(d->path, path) == 0;
    pthread_mutex_unlock(&d->store->lock);
    return placed && folder_flush(folder) && (!fresh || folder_flush(d->store->dir));
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

static enum err doom(void *context, struct slice hash, const char *path)
{
    struct file_store *s = context;
    struct doomed *d;
    (void)path;
    if (!file_hash_valid(hash)) return ERR_OK; /* nobody's name, so nothing that is ours */
    HASH_FIND(hh, s->doomed, hash.ptr, SHA256_TEXT, d);
    if (d != NULL) return ERR_OK;
    d = MEM_NEW(struct doomed);
    memcpy(d->hash, hash.ptr, SHA256_TEXT);
    HASH_ADD(hh, s->doomed, hash, SHA256_TEXT, d);
    return ERR_OK;
}

void files_doom(struct files *files, unsigned folder)
{
    struct file_store *s = self(files);
    char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/%02x", s->dir, folder);
    CHECK(pthread_mutex_lock(&s->lock) == 0);
    walk_folder(path, doom, s);
    pthread_mutex_unlock(&s->lock);
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
    CHECK(pthread_mutex_init(&s->lock, NULL) == 0);
    CHECK((size_t)snprintf(s->dir, sizeof s->dir, "%s/files", dir) < sizeof s->dir);
    snprintf(tmp, sizeof tmp, "%s/tmp", s->dir);
    if (!folder_make(s->dir) || !folder_make(tmp) || !folder_flush(s->dir) || !folder_flush(dir))
        log_warn("files", "%s: %s", tmp, strerror(errno)); /* uploads will say so, too */
    walk_folder(tmp, forget, NULL);
    return &s->files;
}

struct files *files_free(struct files *files)
{
    if (files == NULL) return NULL;
    files_spare_all(files);
    pthread_mutex_destroy(&self(files)->lock);
    mem_free(self(files));
    return NULL;
}
