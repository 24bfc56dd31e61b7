/* ring.h - the only way to the kernel: requests go in, each is answered by completions.
 *
 *   accept, recv, send, cancel -> [ ring ] -> ring_wait: op, slot, generation, result, more, buffer
 *
 * Two back ends behind one interface: io_uring (multishot accept and recv, provided buffers, one
 * submit-and-wait a turn) and epoll, for hosts that forbid io_uring. What holds for both:
 *   - a request is named by (op, slot, generation); at most one of an op per slot is under way;
 *   - accept and recv repeat: `more` says that further completions follow. Without it the request
 *     is over, also on success;
 *   - memory given to ring_send lives until its completion, also after a cancel and after shutdown;
 *   - a cancel has a completion of its own, and the outcome is in the target's completion, never in
 *     the cancel's;
 *   - a descriptor is closed with ring_close_fd, and only when every request on it is over;
 *   - a received buffer is given back exactly once. When none is free, recv ends with -ENOBUFS.
 * A ring belongs to the thread that opened it; only ring_wake may be called from others. */
#ifndef TAVLA_NET_RING_H
#define TAVLA_NET_RING_H

#include "core/base/slice.h"

enum ring_backend { RING_AUTO, RING_URING, RING_EPOLL };

enum ring_op { RING_ACCEPT, RING_RECV, RING_SEND, RING_CANCEL, RING_WAKE, RING_OP_COUNT };

#define RING_SLOT_MAX  0xffffffu /* slots fit 24 bits */
#define RING_NO_BUFFER (-1)
#define RING_WHY_BYTES 160

struct ring;

struct ring_id {
    uint32_t slot;
    uint32_t generation;
};

struct ring_completion {
    enum ring_op op;
    uint32_t slot;
    uint32_t generation;
    /* bytes, a new descriptor, or a negative errno; recv 0: the peer ended its side */
    int32_t result;
    int32_t buffer; /* of a recv; RING_NO_BUFFER: none */
    bool more;
};

struct ring_options {
    enum ring_backend backend; /* RING_AUTO: what ring_probe says */
    uint32_t entries;          /* of the submission queue; a power of two */
    uint32_t buffers;          /* receive buffers; a power of two */
    uint32_t buffer_bytes;
};

const char *ring_backend_name(enum ring_backend backend); /* "auto", "io_uring", "epoll" */

/* Tries io_uring for real, on a loopback pair: accept, multishot recv, exhausted buffers, cancel,
 * send, close. Gives the back end to use and, in ret_why, the reason, for one log line. `wanted`
 * other than RING_AUTO is taken as it is. Any thread. */
enum ring_backend ring_probe(enum ring_backend wanted, char ret_why[RING_WHY_BYTES]);

/* NULL: see ret_why */
struct ring *ring_open(const struct ring_options *options, char ret_why[RING_WHY_BYTES]);
/* nothing may be under way except on descriptors already given up */
struct ring *ring_close(struct ring *ring);
enum ring_backend ring_kind(const struct ring *ring);

/* -- requests: queued, and submitted by the next ring_wait */
/* new descriptors are close-on-exec, non-blocking */
void ring_accept(struct ring *ring, struct ring_id id, int fd);
void ring_recv(struct ring *ring, struct ring_id id, int fd);
/* one try that may be short; no signal */
void ring_send(struct ring *ring, struct ring_id id, int fd, struct slice bytes);
void ring_cancel(struct ring *ring, struct ring_id id, int fd, enum ring_op op); /* one request */
/* every request on fd */
void ring_cancel_fd(struct ring *ring, struct ring_id id, int fd);
void ring_close_fd(struct ring *ring, int fd);

/* Submits, waits up to timeout_ms for a completion and copies out at most `max`; 0: time is up or
 * only a wake came. */
size_t ring_wait(struct ring *ring, int timeout_ms, struct ring_completion *ret, size_t max);
void ring_wake(struct ring *ring); /* any thread: ends a ring_wait under way or the next one */

/* -- receive buffers */
/* valid until returned */
struct slice ring_buffer(const struct ring *ring, int32_t buffer, int32_t len);
void ring_buffer_return(struct ring *ring, int32_t buffer);
uint32_t ring_buffers_free(const struct ring *ring);

#endif
