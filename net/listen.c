#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/check.h"

#define BACKLOG 4096 /* the kernel cuts it to somaxconn */

struct address {
    struct sockaddr_storage storage;
    socklen_t len;
};

static uint16_t *address_port(struct address *a)
{
    if (a->storage.ss_family == AF_INET)
        return &((struct sockaddr_in *)(void *)&a->storage)->sin_port;
    CHECK(a->storage.ss_family == AF_INET6);
    return &((struct sockaddr_in6 *)(void *)&a->storage)->sin6_port;
}

static bool address_parse(struct slice spec, struct address *ret)
{
    char host[INET6_ADDRSTRLEN + 1];
    size_t colon = spec.len;
    while (colon > 0 && spec.ptr[colon - 1] != ':')
        colon--;
    uint64_t port;
    if (colon == 0 || !slice_to_u64(slice_from(spec, colon), &port) || port > UINT16_MAX)
        return false;
    struct slice name = slice_head(spec, colon - 1);
    bool bracketed = name.len >= 2 && name.ptr[0] == '[' && name.ptr[name.len - 1] == ']';
    if (bracketed) name = slice_of(name.ptr + 1, name.len - 2);
    if (name.len >= sizeof(host)) return false;
    if (name.len) memcpy(host, name.ptr, name.len);
    host[name.len] = 0;
    *ret = (struct address){.len = 0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)(void *)&ret->storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&ret->storage;
    bool any = !bracketed && (name.len == 0 || slice_eq(name, SLICE("*")));
    if (any || (bracketed && inet_pton(AF_INET6, host, &v6->sin6_addr) == 1)) {
        /* sin6_addr of zeros is every address, IPv4's mapped ones too */
        v6->sin6_family = AF_INET6;
        ret->len = sizeof(*v6);
    } else if (!bracketed && inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        ret->len = sizeof(*v4);
    } else {
        return false;
    }
    *address_port(ret) = htons((uint16_t)port);
    return true;
}

/* On a host without IPv6, "every address" means every IPv4 one. */
static int listen_socket(struct address *a)
{
    const int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
    int fd = socket(a->storage.ss_family, type, 0);
    if (fd >= 0 || errno != EAFNOSUPPORT || a->storage.ss_family != AF_INET6) return fd;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)(void *)&a->storage;
    if (!IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr)) return -1;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = v6->sin6_port};
    *a = (struct address){.len = sizeof(v4)};
    memcpy(&a->storage, &v4, sizeof(v4));
    return socket(AF_INET, type, 0);
}

static bool listen_bind(int fd, const struct address *a, bool shared)
{
    const int on = 1, off = 0;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0) return false;
    if (shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0) return false;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)&a->storage;
    if (a->storage.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr)) {
        if (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) < 0) return false;
    }
    return bind(fd, (const struct sockaddr *)&a->storage, a->len) == 0;
}

/* A second server on our port would silently share it through SO_REUSEPORT; a plain bind and listen
 * finds it out. Gives back the port too, so that port 0 becomes one and the same for all sockets.
 * */
static bool listen_claim(struct address *a)
{
    int fd = listen_socket(a);
    if (fd < 0) return false;
    bool ok = listen_bind(fd, a, false) && listen(fd, 1) == 0;
    if (ok) *address_port(a) = htons(listen_port(fd));
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

bool listen_tcp(struct slice spec, size_t count, int *ret_fds, char ret_why[LISTEN_WHY_BYTES])
{
    struct address a;
    if (!address_parse(spec, &a)) {
        snprintf(ret_why, LISTEN_WHY_BYTES,
                "%.*s: expected ADDR:PORT, such as 127.0.0.1:8080 or [::1]:8080",
                (int)(spec.len < 80 ? spec.len : 80), spec.ptr);
        return false;
    }
    size_t opened = 0;
    bool ok = listen_claim(&a);
    while (ok && opened < count) {
        int fd = listen_socket(&a);
        if (fd < 0) {
            ok = false;
            break;
        }
        ret_fds[opened++] = fd;
        ok = listen_bind(fd, &a, true) && listen(fd, BACKLOG) == 0;
    }
    if (ok) return true;
    snprintf(ret_why, LISTEN_WHY_BYTES, "%.*s: %s", (int)(spec.len < 80 ? spec.len : 80), spec.ptr,
            strerror(errno));
    while (opened > 0)
        close(ret_fds[--opened]);
    return false;
}

/* True when somebody accepts there. */
static bool local_answers(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    bool answers = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
    close(fd);
    return answers;
}

int listen_local(const char *path, char ret_why[LISTEN_WHY_BYTES])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) {
        snprintf(ret_why, LISTEN_WHY_BYTES, "a local socket's path has at most %zu bytes",
                sizeof(address.sun_path) - 1);
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path));
    struct stat old;
    if (lstat(path, &old) == 0 && S_ISSOCK(old.st_mode)) {
        if (local_answers(&address)) {
            snprintf(ret_why, LISTEN_WHY_BYTES, "another server answers on %.100s", path);
            return -1;
        }
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    /* Nobody can connect before listen, so the mode is in place in time without touching the
     * process's umask. */
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
            chmod(path, 0600) == 0 && listen(fd, BACKLOG) == 0) {
        return fd;
    }
    snprintf(ret_why, LISTEN_WHY_BYTES, "%.100s: %s", path, strerror(errno));
    if (fd >= 0) close(fd);
    return -1;
}

uint16_t listen_port(int fd)
{
    struct address a = {.len = sizeof(a.storage)};
    if (getsockname(fd, (struct sockaddr *)&a.storage, &a.len) < 0) return 0;
    if (a.storage.ss_family != AF_INET && a.storage.ss_family != AF_INET6) return 0;
    return ntohs(*address_port(&a));
}
