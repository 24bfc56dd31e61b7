/* The program that runs the client's modules: started once, lines in, lines out. See
 * static/test/pipe_main.ts. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/sim/sim.h"

#define PATIENCE_MS 60000 /* of real time: a line that takes longer will not come */

static struct {
    pid_t pid; /* 0: not running */
    int to, from;
    char *bytes;
    size_t start, len, cap;
} node;

static void child_run(const char *script, int in, int out)
{
    /* Neither waits for the other's other threads, and the pages of a seed are small: so much less
     * of a small machine's time. */
    const char *argv[] = {"node", "--max-semi-space-size=64", "--single-threaded-gc", script, NULL};
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    _exit(127);
}

bool pipe_start(const char *script)
{
    int down[2], up[2];
    struct slice line;
    CHECK(node.pid == 0);
    CHECK(pipe2(down, O_CLOEXEC) == 0 && pipe2(up, O_CLOEXEC) == 0);
    node.pid = fork();
    CHECK(node.pid >= 0);
    if (node.pid == 0) child_run(script, down[0], up[1]);
    close(down[0]);
    close(up[1]);
    node.to = down[1];
    node.from = up[0];
    node.start = node.len = 0;
    if (pipe_line(&line) && slice_eq(line, SLICE("ready"))) return true;
    pipe_stop();
    return false;
}

void pipe_stop(void)
{
    if (node.pid == 0) return;
    close(node.to);
    close(node.from);
    kill(node.pid, SIGTERM);
    waitpid(node.pid, NULL, 0);
    node.pid = 0;
    mem_free(node.bytes);
    node.bytes = NULL;
    node.cap = 0;
}

bool pipe_running(void)
{
    return node.pid != 0;
}

bool pipe_write(struct slice text)
{
    while (text.len > 0) {
        ssize_t sent = write(node.to, text.ptr, text.len);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) return false;
        text = slice_from(text, (size_t)sent);
    }
    return true;
}

/* A program that was killed from outside is no fault of the client's. */
static bool gone(const char *why)
{
    int status;
    if (waitpid(node.pid, &status, WNOHANG) == node.pid) {
        fprintf(stderr, "the client's program ended: %s %d\n",
                WIFSIGNALED(status) ? "by signal" : "status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    } else {
        fprintf(stderr, "the client's program %s\n", why);
    }
    return false;
}

static bool read_more(void)
{
    struct pollfd ready = {.fd = node.from, .events = POLLIN};
    if (node.start > 0) memmove(node.bytes, node.bytes + node.start, node.len - node.start);
    node.len -= node.start;
    node.start = 0;
    if (node.len == node.cap) {
        node.cap = node.cap == 0 ? KIB(64) : node.cap * 2;
        node.bytes = mem_resize(node.bytes, node.cap);
    }
    int count;
    do {
        count = poll(&ready, 1, PATIENCE_MS);
    } while (count < 0 && errno == EINTR);
    if (count != 1) return gone("does not answer");
    ssize_t got = read(node.from, node.bytes + node.len, node.cap - node.len);
    if (got <= 0) return gone("closed its output");
    node.len += (size_t)got;
    return true;
}

bool pipe_line(struct slice *ret_line)
{
    for (;;) {
        size_t have = node.len - node.start;
        const char *end = have == 0 ? NULL : memchr(node.bytes + node.start, '\n', have);
        if (end != NULL) {
            const char *from = node.bytes + node.start;
            *ret_line = slice_of(from, (size_t)(end - from));
            node.start += ret_line->len + 1;
            return true;
        }
        if (!read_more()) return false;
    }
}
