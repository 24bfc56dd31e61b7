/* ring_uring.c - the ring on io_uring; the only file that names liburing.
 *
 * One ring per thread, SINGLE_ISSUER and DEFER_TASKRUN: the kernel does completion work only when
 * we enter it, so the loop always waits here. Only what Linux 6.1 has: multishot accept and recv, a
 * provided buffer ring, send, cancel, read (of the eventfd that wakes us). The ring is restricted
 * to those before it is enabled, so that a bug cannot make it open files. */
#include <errno.h>
#include <liburing.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/base/mem.h"
#include "net/ring_impl.h"

#define BUFFER_GROUP          0
#define COMPLETIONS_PER_ENTRY 4

/* A request that found the submission queue full; it is submitted by the next wait. */
struct uring_pending {
    enum ring_op op;
    struct ring_id id;
    int fd;
    const void *bytes;
    uint32_t len;
    enum ring_op target; /* of a cancel; RING_OP_COUNT: everything on fd */
};

struct uring {
    struct ring base;
    struct io_uring ring;
    struct io_uring_buf_ring *slots; /* the provided buffers */
    size_t slots_bytes;
    uint64_t wake_count; /* the kernel writes here while a wake is armed */
    bool wake_armed;
    struct uring_pending *pending;
    size_t pending_count, pending_cap;
};

static struct uring *uring_of(struct ring *r)
{
    CHECK(r->kind == RING_URING);
    return CONTAINER_OF(r, struct uring, base);
}

/* user_data: op 8 | slot 24 | generation 32. Never a pointer: a late completion is recognised, not
 * followed. */
static uint64_t uring_name(enum ring_op op, struct ring_id id)
{
    return (uint64_t)op << 56 | (uint64_t)id.slot << 32 | id.generation;
}

/* -- requests */

static void uring_prepare(struct uring *u, struct io_uring_sqe *sqe, const struct uring_pending *p)
{
    switch (p->op) {
    case RING_ACCEPT:
        io_uring_prep_multishot_accept(sqe, p->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        break;
    case RING_RECV:
        io_uring_prep_recv_multishot(sqe, p->fd, NULL, 0, 0);
        sqe->flags |= IOSQE_BUFFER_SELECT;
        sqe->buf_group = BUFFER_GROUP;
        break;
    case RING_SEND: io_uring_prep_send(sqe, p->fd, p->bytes, p->len, MSG_NOSIGNAL); break;
    case RING_CANCEL:
        if (p->target == RING_OP_COUNT)
            io_uring_prep_cancel_fd(sqe, p->fd, IORING_ASYNC_CANCEL_ALL);
        else
            io_uring_prep_cancel64(sqe, uring_name(p->target, p->id), 0);
        break;
    case RING_WAKE: io_uring_prep_read(sqe, p->fd, &u->wake_count, sizeof(u->wake_count), 0); break;
    case RING_OP_COUNT: UNREACHABLE();
    }
    io_uring_sqe_set_data64(sqe, uring_name(p->op, p->id));
}

static bool uring_try(struct uring *u, const struct uring_pending *p)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);
    if (sqe == NULL) {
        io_uring_submit(&u->ring);
        sqe = io_uring_get_sqe(&u->ring);
        if (sqe == NULL) return false;
    }
    uring_prepare(u, sqe, p);
    return true;
}

/* Nothing is ever dropped for want of a slot, and nothing overtakes what waits. */
static void uring_queue(struct uring *u, const struct uring_pending *p)
{
    if (u->pending_count == 0 && uring_try(u, p)) return;
    if (u->pending_count == u->pending_cap) {
        u->pending_cap = u->pending_cap ? u->pending_cap * 2 : 64;
        u->pending = mem_resize(u->pending, u->pending_cap * sizeof(*u->pending));
    }
    u->pending[u->pending_count++] = *p;
}

static void uring_queue_pending(struct uring *u)
{
    size_t done = 0;
    if (u->pending_count == 0) return;
    while (done < u->pending_count && uring_try(u, &u->pending[done]))
        done++;
    u->pending_count -= done;
    memmove(u->pending, u->pending + done, u->pending_count * sizeof(*u->pending));
}

static void uring_accept(struct ring *r, struct ring_id id, int fd)
{
    uring_queue(uring_of(r), &(struct uring_pending){.op = RING_ACCEPT, .id = id, .fd = fd});
}

static void uring_recv(struct ring *r, struct ring_id id, int fd)
{
    uring_queue(uring_of(r), &(struct uring_pending){.op = RING_RECV, .id = id, .fd = fd});
}

static void uring_send(struct ring *r, struct ring_id id, int fd, struct slice bytes)
{
    struct uring *u = uring_of(r);
    /* The fan-out comes through here once a subscriber: fill the entry without a detour. */
    struct io_uring_sqe *sqe = u->pending_count == 0 ? io_uring_get_sqe(&u->ring) : NULL;
    if (sqe) {
        io_uring_prep_send(sqe, fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        io_uring_sqe_set_data64(sqe, uring_name(RING_SEND, id));
        return;
    }
    uring_queue(u, &(struct uring_pending){.op = RING_SEND,
                           .id = id,
                           .fd = fd,
                           .bytes = bytes.ptr,
                           .len = (uint32_t)bytes.len});
}

static void uring_cancel(struct ring *r, struct ring_id id, int fd, enum ring_op op)
{
    uring_queue(uring_of(r),
            &(struct uring_pending){.op = RING_CANCEL, .id = id, .fd = fd, .target = op});
}

static void uring_cancel_fd(struct ring *r, struct ring_id id, int fd)
{
    uring_queue(
            uring_of(r), &(struct uring_pending){
                                 .op = RING_CANCEL, .id = id, .fd = fd, .target = RING_OP_COUNT});
}

static void uring_close_fd(struct ring *r, int fd)
{
    (void)r;
    close(fd);
}

static void uring_arm_wake(struct uring *u)
{
    CHECK(!u->wake_armed);
    u->wake_armed = true;
    uring_queue(u, &(struct uring_pending){.op = RING_WAKE, .fd = u->base.wake_fd});
}

/* -- completions */

static void uring_give(struct ring *r, uint32_t buffer)
{
    struct uring *u = uring_of(r);
    io_uring_buf_ring_add(u->slots, ring_memory(r, buffer), r->buffer_bytes, (unsigned short)buffer,
            io_uring_buf_ring_mask(r->buffers), 0);
    io_uring_buf_ring_advance(u->slots, 1);
}

static struct ring_completion uring_completion(struct uring *u, const struct io_uring_cqe *cqe)
{
    struct ring_completion c = {
            .op = (enum ring_op)(cqe->user_data >> 56),
            .slot = (uint32_t)(cqe->user_data >> 32) & RING_SLOT_MAX,
            .generation = (uint32_t)cqe->user_data,
            .result = cqe->res,
            .buffer = RING_NO_BUFFER,
            .more = (cqe->flags & IORING_CQE_F_MORE) != 0,
    };
    /* Some kernels set the buffer flag on failed receives too: the buffer is ours again either way.
     * */
    if (c.op == RING_RECV && (cqe->flags & IORING_CQE_F_BUFFER)) {
        c.buffer = (int32_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT);
        ring_lend(&u->base, (uint32_t)c.buffer, cqe->res);
        if (cqe->res <= 0) {
            ring_buffer_return(&u->base, c.buffer);
            c.buffer = RING_NO_BUFFER;
        }
    }
    return c;
}

static size_t uring_reap(struct uring *u, struct ring_completion *ret, size_t max)
{
    size_t count = 0;
    unsigned head, seen = 0;
    struct io_uring_cqe *cqe;
    io_uring_for_each_cqe(&u->ring, head, cqe)
    {
        if (count == max) break;
        seen++;
        struct ring_completion c = uring_completion(u, cqe);
        if (c.op == RING_WAKE)
            u->wake_armed = false;
        else
            ret[count++] = c;
    }
    io_uring_cq_advance(&u->ring, seen);
    return count;
}

static void uring_enter(struct uring *u, int timeout_ms)
{
    int result;
    if (timeout_ms == 0 || io_uring_cq_ready(&u->ring) > 0) {
        result = io_uring_submit_and_get_events(&u->ring);
    } else {
        struct __kernel_timespec ts = {
                .tv_sec = timeout_ms / 1000, .tv_nsec = (timeout_ms % 1000) * 1000000ll};
        struct io_uring_cqe *cqe = NULL;
        result = io_uring_submit_and_wait_timeout(&u->ring, &cqe, 1, &ts, NULL);
    }
    /* Time up, a signal, or a kernel short of memory or with completions to take first: the next
     * turn tries again. EBADR means that a completion was lost; nothing we believe about requests
     * under way would be true any more. */
    CHECK(result >= 0 || result == -ETIME || result == -EINTR || result == -EAGAIN ||
            result == -EBUSY || result == -ENOMEM);
}

static size_t uring_wait(struct ring *r, int timeout_ms, struct ring_completion *ret, size_t max)
{
    struct uring *u = uring_of(r);
    if (!u->wake_armed) uring_arm_wake(u);
    uring_queue_pending(u);
    uring_enter(u, u->pending_count > 0 ? 0 : timeout_ms);
    return uring_reap(u, ret, max);
}

/* -- life */

static int uring_register(struct uring *u, unsigned opcode, void *arg, unsigned count)
{
    long result = syscall(__NR_io_uring_register, u->ring.ring_fd, opcode, arg, count);
    return result < 0 ? -errno : (int)result;
}

static int uring_restrict(struct uring *u)
{
    struct io_uring_restriction allowed[] = {
            {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_ACCEPT},
            {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_RECV},
            {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_SEND},
            {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_ASYNC_CANCEL},
            {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READ},
            {.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_BUFFER_SELECT},
            {.opcode = IORING_RESTRICTION_REGISTER_OP, .register_op = IORING_UNREGISTER_RING_FDS},
    };
    int result = uring_register(u, IORING_REGISTER_RESTRICTIONS, allowed, ARRAY_COUNT(allowed));
    if (result < 0) return result;
    return uring_register(u, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

static int uring_provide_buffers(struct uring *u)
{
    u->slots_bytes = u->base.buffers * sizeof(struct io_uring_buf);
    void *slots =
            mmap(NULL, u->slots_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (slots == MAP_FAILED) return -errno;
    u->slots = slots;
    struct io_uring_buf_reg reg = {.ring_addr = (uint64_t)(uintptr_t)slots,
            .ring_entries = u->base.buffers,
            .bgid = BUFFER_GROUP};
    int result = io_uring_register_buf_ring(&u->ring, &reg, 0);
    if (result < 0) return result;
    io_uring_buf_ring_init(u->slots);
    for (uint32_t i = 0; i < u->base.buffers; i++)
        uring_give(&u->base, i);
    return 0;
}

/* Completes the armed wake, so that the kernel does not hold an address in memory about to be
 * freed. */
static void uring_close(struct ring *r)
{
    struct uring *u = uring_of(r);
    struct ring_completion ignored[16];
    while (u->wake_armed) {
        ring_wake(r);
        uring_enter(u, 1);
        uring_reap(u, ignored, ARRAY_COUNT(ignored));
    }
    io_uring_queue_exit(&u->ring);
    munmap(u->slots, u->slots_bytes);
    ring_fini(r);
    mem_free(u->pending);
    mem_free(u);
}

static const struct ring_calls uring_calls = {
        .close = uring_close,
        .accept = uring_accept,
        .recv = uring_recv,
        .send = uring_send,
        .cancel = uring_cancel,
        .cancel_fd = uring_cancel_fd,
        .close_fd = uring_close_fd,
        .wait = uring_wait,
        .give = uring_give,
};

struct ring *ring_uring_open(const struct ring_options *options, char ret_why[RING_WHY_BYTES])
{
    struct uring *u = MEM_NEW(struct uring);
    u->base.calls = &uring_calls;
    u->base.kind = RING_URING;
    if (!ring_init(&u->base, options, ret_why)) {
        mem_free(u);
        return NULL;
    }
    struct io_uring_params params = {
            .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                     IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE,
            .cq_entries = options->entries * COMPLETIONS_PER_ENTRY,
    };
    const char *step = "io_uring_setup";
    int result = io_uring_queue_init_params(options->entries, &u->ring, &params);
    if (result < 0) goto failed;
    step = "buffer ring";
    result = uring_provide_buffers(u);
    if (result == 0) {
        /* Saves a descriptor lookup per enter; a kernel that refuses it works without. */
        io_uring_register_ring_fd(&u->ring);
        step = "restrictions";
        result = uring_restrict(u);
    }
    if (result == 0) return &u->base;
    io_uring_queue_exit(&u->ring);
failed:
    snprintf(ret_why, RING_WHY_BYTES, "%s: %s", step, strerror(-result));
    if (u->slots) munmap(u->slots, u->slots_bytes);
    ring_fini(&u->base);
    mem_free(u);
    return NULL;
}
