#include "storage/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/log.h"

static const struct {
    uint32_t type; /* statfs f_type, from linux/magic.h and the file systems' own sources */
    const char *name;
} remote[] = {
        {0x6969, "NFS"},
        {0x517b, "SMB"},
        {0xff534d42, "CIFS"},
        {0xfe534d42, "SMB2"},
        {0x01021997, "9p"},
        {0x65735546, "FUSE"},
        {0x00c36400, "Ceph"},
        {0x5346414f, "AFS"},
        {0x73757245, "Coda"},
        {0x0bd00bd0, "Lustre"},
        {0x01161970, "GFS2"},
};

static const char *remote_name(const char *dir)
{
    struct statfs fs;
    if (statfs(dir, &fs) != 0) return NULL;
    for (size_t i = 0; i < ARRAY_COUNT(remote); i++)
        if ((uint32_t)fs.f_type == remote[i].type) return remote[i].name;
    return NULL;
}

static const char *path_in(const char *dir, const char *name, char path[PATH_MAX])
{
    int len = snprintf(path, PATH_MAX, "%s/%s", dir, name);
    return len > 0 && len < PATH_MAX ? path : NULL;
}

static void who_holds(int fd, struct buf *why)
{
    char text[32];
    ssize_t len = pread(fd, text, sizeof(text), 0);
    struct slice pid = slice_trim(slice_of(text, len > 0 ? (size_t)len : 0));
    uint64_t number;
    if (pid.len > 0 && pid.ptr[pid.len - 1] == '\n') pid.len--;
    if (slice_to_u64(pid, &number))
        buf_add_format(why, "process %llu", (unsigned long long)number);
    else
        BUF_ADD(why, "another process");
}

int folder_open(const char *dir, bool force, struct buf *why)
{
    char path[PATH_MAX];
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        buf_add_format(why, "cannot make the folder %s: %s", dir, strerror(errno));
        return -1;
    }
    const char *name = force ? NULL : remote_name(dir);
    if (name != NULL) {
        buf_add_format(why,
                "%s lies on %s, where neither locks nor flushes can be relied on; use a local disk",
                dir, name);
        return -1;
    }
    if (path_in(dir, "lock", path) == NULL) {
        BUF_ADD(why, "the folder's path is too long");
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        buf_add_format(why, "cannot open %s: %s", path, strerror(errno));
        return -1;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        buf_add_format(why, "%s is in use by ", dir);
        who_holds(fd, why);
        close(fd);
        return -1;
    }
    char pid[32];
    int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
    /* The number is for the message above only; the lock holds without it, on a full disk for
     * instance. */
    if (ftruncate(fd, 0) == 0 && pwrite(fd, pid, (size_t)len, 0) != len)
        log_warn("storage-lock", "the pid could not be written to %s", path);
    return fd;
}

void folder_close(int lock_fd)
{
    if (lock_fd >= 0)
        close(lock_fd); /* the file stays: removing it would race with the next holder */
}

enum space folder_space(const char *dir, const struct space_limits *limits, uint64_t *ret_free)
{
    struct statvfs fs;
    *ret_free = UINT64_MAX;
    if (statvfs(dir, &fs) != 0) return SPACE_FINE;
    uint64_t size = (uint64_t)fs.f_blocks * fs.f_frsize;
    uint64_t low = limits->low_bytes, high = limits->high_bytes;
    *ret_free = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (low == 0) {
        /* A twentieth of the disk, but neither less than a day's log nor more than anyone could
         * need. */
        low = size / 20;
        if (low < STORAGE_FREE_BYTES_LOW) low = STORAGE_FREE_BYTES_LOW;
        if (low > STORAGE_FREE_BYTES_ENOUGH) low = STORAGE_FREE_BYTES_ENOUGH;
        high = low / 5 * 8;
    }
    if (*ret_free < low) return SPACE_LOW;
    return *ret_free > high ? SPACE_FINE : SPACE_BETWEEN;
}

void folder_ballast_make(const char *dir)
{
    char path[PATH_MAX];
    struct stat st;
    if (path_in(dir, "ballast", path) == NULL) return;
    if (stat(path, &st) == 0 && (uint64_t)st.st_size == STORAGE_BALLAST_BYTES) return;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return;
    bool made = posix_fallocate(fd, 0, (off_t)STORAGE_BALLAST_BYTES) == 0;
    close(fd);
    if (!made) unlink(path);
}

void folder_ballast_drop(const char *dir)
{
    char path[PATH_MAX];
    if (path_in(dir, "ballast", path) != NULL) unlink(path);
}
