/* ring_impl.h - what the two back ends share; only net/ring*.c include it. */
#ifndef TAVLA_NET_RING_IMPL_H
#define TAVLA_NET_RING_IMPL_H

#include <pthread.h>

#include "core/base/check.h"
#include "net/ring.h"

/* Behind each receive buffer. The kernel's writes are invisible to sanitizers, so these bytes watch
 * it. */
#define RING_GUARD_BYTES 16

struct ring_calls {
    void (*close)(struct ring *ring);
    void (*accept)(struct ring *ring, struct ring_id id, int fd);
    void (*recv)(struct ring *ring, struct ring_id id, int fd);
    void (*send)(struct ring *ring, struct ring_id id, int fd, struct slice bytes);
    void (*cancel)(struct ring *ring, struct ring_id id, int fd, enum ring_op op);
    void (*cancel_fd)(struct ring *ring, struct ring_id id, int fd);
    void (*close_fd)(struct ring *ring, int fd);
    size_t (*wait)(struct ring *ring, int timeout_ms, struct ring_completion *ret, size_t max);
    void (*give)(struct ring *ring, uint32_t buffer); /* the buffer is free for the next receive */
};

/* First member of each back end's own struct. */
struct ring {
    const struct ring_calls *calls;
    enum ring_backend kind;
    pthread_t owner;
    int wake_fd;
    uint32_t buffers;
    uint32_t buffer_bytes;
    uint32_t buffers_free;
    char *memory; /* buffers, each followed by its guard */
    size_t memory_bytes;
    uint8_t *lent; /* per buffer: it is with the owner of the ring */
};

struct ring *ring_uring_open(const struct ring_options *options, char ret_why[RING_WHY_BYTES]);
struct ring *ring_epoll_open(const struct ring_options *options, char ret_why[RING_WHY_BYTES]);

bool ring_init(struct ring *ring, const struct ring_options *options, char ret_why[RING_WHY_BYTES]);
void ring_fini(struct ring *ring);
char *ring_memory(const struct ring *ring, uint32_t buffer);
/* a receive filled it; CHECKs the guard */
void ring_lend(struct ring *ring, uint32_t buffer, int32_t len);

#endif
