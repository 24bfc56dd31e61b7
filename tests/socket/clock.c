/* clock.c - the clocks of a server under test, put forward: a library that is loaded before it.
 *
 * Both clocks are ahead by what the file named by TAVLA_AHEAD holds, one 64-bit number of ms, which
 * the test writes (lib/clock.js) and only ever makes larger. While they are ahead at all, a wait on
 * a futex ends soon: a thread that waits for a time looks again whether it has come. */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOOKS_MS 1

static _Atomic(int64_t) *ahead_ms;
static long (*real_syscall)(long number, ...);

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("TAVLA_AHEAD");
    int fd = name == NULL ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    *(void **)&real_syscall = dlsym(RTLD_NEXT, "syscall");
    if (fd < 0 || real_syscall == NULL) abort();
    void *shared = mmap(NULL, sizeof *ahead_ms, PROT_READ, MAP_SHARED, fd, 0);
    if (shared == MAP_FAILED) abort();
    close(fd);
    ahead_ms = shared;
}

static int64_t ahead(void)
{
    return ahead_ms == NULL ? 0 : atomic_load(ahead_ms);
}

int clock_gettime(clockid_t clock, struct timespec *t)
{
    if (real_syscall == NULL) begin();
    int rc = (int)real_syscall(SYS_clock_gettime, clock, t);
    if (rc != 0 || (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)) return rc;
    int64_t ns = t->tv_nsec + ahead() % 1000 * 1000000;
    t->tv_sec += (time_t)(ahead() / 1000 + ns / 1000000000);
    t->tv_nsec = (long)(ns % 1000000000);
    return 0;
}

long syscall(long number, ...)
{
    struct timespec soon = {.tv_nsec = LOOKS_MS * 1000000};
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    if (real_syscall == NULL) begin();
    bool waits = number == SYS_futex && (a[1] & FUTEX_CMD_MASK) == FUTEX_WAIT;
    if (waits && a[3] != 0 && ahead() > 0) a[3] = (long)&soon;
    return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
