/* ring.c - what does not depend on the back end: choice, ownership, receive buffers. */
#include "net/ring.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "net/ring_impl.h"

/* idle buffers and guards in slow-check builds; else they stay untouched zero pages */
#define FILL 0xa5

static void ring_check_owner(const struct ring *r)
{
    CHECK(pthread_equal(r->owner, pthread_self()));
}

const char *ring_backend_name(enum ring_backend backend)
{
    switch (backend) {
    case RING_AUTO: return "auto";
    case RING_URING: return "io_uring";
    case RING_EPOLL: return "epoll";
    }
    UNREACHABLE();
}

/* -- life */

struct ring *ring_open(const struct ring_options *options, char ret_why[RING_WHY_BYTES])
{
    CHECK(options->buffers > 0 && (options->buffers & (options->buffers - 1)) == 0);
    enum ring_backend backend = options->backend;
    if (backend == RING_AUTO) backend = ring_probe(backend, ret_why);
    struct ring *r = backend == RING_URING ? ring_uring_open(options, ret_why)
                                           : ring_epoll_open(options, ret_why);
    return r;
}

struct ring *ring_close(struct ring *r)
{
    if (r == NULL) return NULL;
    ring_check_owner(r);
    r->calls->close(r);
    return NULL;
}

bool ring_init(struct ring *r, const struct ring_options *options, char ret_why[RING_WHY_BYTES])
{
    r->owner = pthread_self();
    r->buffers = options->buffers;
    r->buffer_bytes = options->buffer_bytes;
    r->wake_fd = eventfd(0, EFD_CLOEXEC);
    if (r->wake_fd < 0) {
        snprintf(ret_why, RING_WHY_BYTES, "eventfd: %s", strerror(errno));
        return false;
    }
    /* Mapped, not allocated: pages that no receive ever touched cost nothing. */
    r->memory_bytes = (size_t)r->buffers * (r->buffer_bytes + RING_GUARD_BYTES);
    r->memory =
            mmap(NULL, r->memory_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (r->memory == MAP_FAILED) {
        snprintf(ret_why, RING_WHY_BYTES, "receive buffers: %s", strerror(errno));
        r->memory = NULL;
        close(r->wake_fd);
        return false;
    }
#ifdef TAVLA_CHECK_SLOW
    memset(r->memory, FILL, r->memory_bytes);
#endif
    r->lent = MEM_NEW_ARRAY(uint8_t, r->buffers);
    r->buffers_free = r->buffers;
    return true;
}

void ring_fini(struct ring *r)
{
    close(r->wake_fd);
    munmap(r->memory, r->memory_bytes);
    mem_free(r->lent);
}

enum ring_backend ring_kind(const struct ring *r)
{
    return r->kind;
}

/* -- receive buffers */

char *ring_memory(const struct ring *r, uint32_t buffer)
{
    CHECK(buffer < r->buffers);
    return r->memory + (size_t)buffer * (r->buffer_bytes + RING_GUARD_BYTES);
}

/* Bytes that no receive may have written still hold what they were given. */
static bool ring_untouched(const char *bytes, size_t len)
{
#ifdef TAVLA_CHECK_SLOW
    const uint8_t expected = FILL;
#else
    const uint8_t expected = 0;
#endif
    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)bytes[i] != expected) return false;
    }
    return true;
}

void ring_lend(struct ring *r, uint32_t buffer, int32_t len)
{
    const char *bytes = ring_memory(r, buffer);
    CHECK(!r->lent[buffer]);
    CHECK(r->buffers_free > 0);
    CHECK(len <= (int32_t)r->buffer_bytes);
    CHECK(ring_untouched(bytes + r->buffer_bytes, RING_GUARD_BYTES));
    CHECK_SLOW(ring_untouched(
            bytes + (len > 0 ? len : 0), r->buffer_bytes - (size_t)(len > 0 ? len : 0)));
    r->lent[buffer] = 1;
    r->buffers_free--;
}

struct slice ring_buffer(const struct ring *r, int32_t buffer, int32_t len)
{
    CHECK(buffer >= 0 && len >= 0);
    CHECK(r->lent[buffer]);
    return slice_of(ring_memory(r, (uint32_t)buffer), (size_t)len);
}

void ring_buffer_return(struct ring *r, int32_t buffer)
{
    ring_check_owner(r);
    CHECK(buffer >= 0 && (uint32_t)buffer < r->buffers);
    CHECK(r->lent[buffer]);
#ifdef TAVLA_CHECK_SLOW
    memset(ring_memory(r, (uint32_t)buffer), FILL, r->buffer_bytes);
#endif
    r->lent[buffer] = 0;
    r->buffers_free++;
    r->calls->give(r, (uint32_t)buffer);
}

uint32_t ring_buffers_free(const struct ring *r)
{
    return r->buffers_free;
}

/* -- requests */

void ring_accept(struct ring *r, struct ring_id id, int fd)
{
    ring_check_owner(r);
    CHECK(id.slot <= RING_SLOT_MAX && fd >= 0);
    r->calls->accept(r, id, fd);
}

void ring_recv(struct ring *r, struct ring_id id, int fd)
{
    ring_check_owner(r);
    CHECK(id.slot <= RING_SLOT_MAX && fd >= 0);
    r->calls->recv(r, id, fd);
}

void ring_send(struct ring *r, struct ring_id id, int fd, struct slice bytes)
{
    ring_check_owner(r);
    CHECK(bytes.len > 0 && bytes.len <= INT32_MAX);
    r->calls->send(r, id, fd, bytes);
}

void ring_cancel(struct ring *r, struct ring_id id, int fd, enum ring_op op)
{
    ring_check_owner(r);
    CHECK(op == RING_ACCEPT || op == RING_RECV || op == RING_SEND);
    r->calls->cancel(r, id, fd, op);
}

void ring_cancel_fd(struct ring *r, struct ring_id id, int fd)
{
    ring_check_owner(r);
    r->calls->cancel_fd(r, id, fd);
}

void ring_close_fd(struct ring *r, int fd)
{
    ring_check_owner(r);
    CHECK(fd >= 0);
    r->calls->close_fd(r, fd);
}

size_t ring_wait(struct ring *r, int timeout_ms, struct ring_completion *ret, size_t max)
{
    ring_check_owner(r);
    CHECK(timeout_ms >= 0 && max > 0);
    return r->calls->wait(r, timeout_ms, ret, max);
}

void ring_wake(struct ring *r)
{
    const uint64_t one = 1;
    ssize_t written;
    do
        written = write(r->wake_fd, &one, sizeof(one));
    while (written < 0 && errno == EINTR);
    CHECK(written == sizeof(one));
}
