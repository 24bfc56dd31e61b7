#include "net/api/server.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "net/api/ctx.h"
#include "net/api/first.h"
#include "net/api/home.h"
#include "net/api/jobs.h"
#include "net/api/live.h"
#include "net/api/rest_import.h"
#include "net/listen.h"

#define WHY_BYTES 256
#define DRAIN_MS 5000          /* answers and queues get so long when the server stops */
#define DESCRIPTORS_OURS 128   /* not for connections: files, rings, sockets that listen */
#define CONNS_PER_LOOP_MAX 262144
#define DESCRIPTORS_WANTED 1048576

struct member_conns {
    struct id member;
    uint32_t count;
    UT_hash_handle hh;
};

struct server_own {
    struct server_options options;
    const struct store_port *port;
    char base_url[256];
    char origins[4][256];
    char bound[96];            /* "127.0.0.1:8080" */
    int fds[LOOPS_MAX];        /* listening, until handed to the loops */
    int local_fd;
    bool tcp;
    sem_t step;                /* the loop's side has done what server_start waits for */
    enum err err;              /* of that step */
    uint64_t members;
    sem_t idle[LOOPS_MAX];     /* the loop has no connection left and ends */
    pthread_mutex_t lock;      /* of member_conns */
    struct member_conns *member_conns;
};

/* -- the process */

static void log_to_stderr(enum log_level level, struct slice line)
{
    (void)level;
    while (line.len > 0) {
        ssize_t written = write(STDERR_FILENO, line.ptr, line.len);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        line = slice_from(line, (size_t)written);
    }
}

void process_prepare(void)
{
    struct rlimit limit;
    sigset_t mask;
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    /* Blocked before the first thread: only server_wait takes them. */
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
        setrlimit(RLIMIT_NOFILE, &limit); /* as much as we are let have */
    }
    crypto_random(&map_seed, sizeof map_seed);
    json_start();
    log_start(log_to_stderr, LOG_INFO);
}

static uint32_t conns_per_loop(uint32_t loops)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = 1024;
    uint64_t room = limit.rlim_cur > 2 * DESCRIPTORS_OURS ? limit.rlim_cur - DESCRIPTORS_OURS
                                                          : DESCRIPTORS_OURS;
    room /= loops;
    return room < CONNS_PER_LOOP_MAX ? (uint32_t)room : CONNS_PER_LOOP_MAX;
}

/* -- members' connections, over all loops */

bool server_member_enter(struct server *s, struct id member)
{
    struct member_conns *m;
    pthread_mutex_lock(&s->own->lock);
    HASH_FIND(hh, s->own->member_conns, &member, sizeof member, m);
    if (!m) {
        m = MEM_NEW(struct member_conns);
        m->member = member;
        HASH_ADD(hh, s->own->member_conns, member, sizeof m->member, m);
    }
    bool room = m->count < CONNS_PER_MEMBER_MAX;
    if (room) m->count++;
    pthread_mutex_unlock(&s->own->lock);
    return room;
}

void server_member_leave(struct server *s, struct id member)
{
    struct member_conns *m;
    pthread_mutex_lock(&s->own->lock);
    HASH_FIND(hh, s->own->member_conns, &member, sizeof member, m);
    CHECK(m && m->count > 0);
    if (--m->count == 0) {
        HASH_DEL(s->own->member_conns, m);
        mem_free(m);
    }
    pthread_mutex_unlock(&s->own->lock);
}

/* -- addresses */

static void origin_add(struct server *s, const char *host, unsigned port)
{
    char *text = s->own->origins[s->origin_count];
    snprintf(text, sizeof s->own->origins[0], "http://%s:%u", host, port);
    s->origins[s->origin_count++] = slice_cstr(text);
}

/* "http://host:port" of a base URL that may have a path. */
static bool base_url_origin(struct slice url, struct slice *ret_origin)
{
    size_t scheme = slice_starts(url, SLICE("http://"))    ? 7
                    : slice_starts(url, SLICE("https://")) ? 8
                                                           : 0;
    if (scheme == 0 || url.len == scheme) return false;
    size_t end = scheme;
    while (end < url.len && url.ptr[end] != '/') end++;
    *ret_origin = slice_head(url, end);
    return end > scheme;
}

static bool server_address(struct server *s, char ret_why[WHY_BYTES])
{
    struct server_own *own = s->own;
    const char *given = own->options.base_url;
    unsigned port = own->tcp ? listen_port(own->fds[0]) : 0;
    struct slice spec = slice_cstr(own->tcp ? own->options.listen : "localhost:0"), host = spec;
    while (host.len > 0 && host.ptr[host.len - 1] != ':') host.len--;
    if (host.len > 0) host.len--;
    if (host.len == 0 || slice_eq(host, SLICE("*"))) host = SLICE("localhost");
    snprintf(own->bound, sizeof own->bound, "%.*s:%u", SLICE_ARG(host), port);
    if (given) {
        size_t len = strlen(given);
        while (len > 0 && given[len - 1] == '/') len--;
        if (len >= sizeof own->base_url || !base_url_origin(slice_of(given, len), &s->origins[0])) {
            snprintf(ret_why, WHY_BYTES,
                    "--base-url: expected http://HOST[:PORT] or https://HOST, not \"%.100s\"",
                    given);
            return false;
        }
        snprintf(own->base_url, sizeof own->base_url, "%.*s", (int)len, given);
        s->secure = slice_starts(slice_cstr(own->base_url), SLICE("https://"));
        base_url_origin(slice_cstr(own->base_url), &s->origins[0]);
        s->origin_count = 1;
    } else {
        snprintf(own->base_url, sizeof own->base_url, "http://%s", own->bound);
        origin_add(s, "localhost", port);
        origin_add(s, "127.0.0.1", port);
        origin_add(s, "[::1]", port);
        struct slice origin;
        if (base_url_origin(slice_cstr(own->base_url), &origin) && !origin_allowed(s, origin)) {
            snprintf(own->origins[3], sizeof own->origins[3], "%s", own->base_url);
            s->origins[s->origin_count++] = slice_cstr(own->origins[3]);
        }
    }
    s->base_url = slice_cstr(own->base_url);
    return true;
}

static bool server_listen(struct server *s, char ret_why[WHY_BYTES])
{
    struct server_own *own = s->own;
    char path[4096], why[LISTEN_WHY_BYTES];
    if (own->options.listen) {
        if (!listen_tcp(slice_cstr(own->options.listen), s->loop_count, own->fds, why)) {
            snprintf(ret_why, WHY_BYTES, "--listen %.60s: %.160s", own->options.listen, why);
            return false;
        }
        own->tcp = true;
    }
    snprintf(path, sizeof path, "%s/admin.sock", s->data_dir);
    /* The store's lock is ours, so whoever might still answer there is a killed server that the
     * kernel has not quite cleared away. */
    unlink(path);
    own->local_fd = listen_local(path, why);
    if (own->local_fd < 0) snprintf(ret_why, WHY_BYTES, "%.80s: %.160s", path, why);
    return own->local_fd >= 0;
}

/* -- loops */

static bool server_loops(struct server *s, char ret_why[WHY_BYTES])
{
    char why[RING_WHY_BYTES];
    enum ring_backend backend = s->backend = ring_probe(s->own->options.backend, why);
    log_info("backend", "name=%s why=\"%s\" loops=%u", ring_backend_name(backend), why,
            s->loop_count);
    for (uint32_t i = 0; i < s->loop_count; i++) {
        s->shards[i] = shard_new(s, i);
        struct loop_options options = {
            .index = i,
            .backend = backend,
            .conns_max = conns_per_loop(s->loop_count),
            .hooks = &shard_hooks,
            .handler = &ctx_handler,
            .context = s->shards[i],
        };
        s->loops[i] = loop_open(&options, why);
        if (!s->loops[i]) {
            snprintf(ret_why, WHY_BYTES, "loop %u does not start: %.160s", i, why);
            return false;
        }
    }
    return true;
}

void server_loop_idle(struct server *s, uint32_t index)
{
    sem_post(&s->own->idle[index]);
}

static void step_wait(struct server *s)
{
    while (sem_wait(&s->own->step) != 0 && errno == EINTR) {}
}

static void server_ready(struct server *s, enum err err, uint64_t members)
{
    s->own->err = err;
    s->own->members = members;
    sem_post(&s->own->step);
}

static void server_begin(struct mail_call *call, struct loop *loop)
{
    struct server *s = call->data;
    (void)loop;
    mem_free(call);
    home_start(s->home, server_ready);
}

static void server_first_done(struct server *s, enum err err)
{
    s->own->err = err;
    sem_post(&s->own->step);
}

static void server_first(struct mail_call *call, struct loop *loop)
{
    struct server *s = call->data;
    mem_free(call);
    first_start(loop_context(loop), s->own->options.demo, server_first_done);
}

static void server_accept(struct mail_call *call, struct loop *loop)
{
    struct server *s = call->data;
    uint32_t i = loop_index(loop);
    mem_free(call);
    if (s->own->tcp) {
        loop_listen(loop, s->own->fds[i], false);
        s->own->fds[i] = -1;
    }
    if (i == 0) {
        loop_listen(loop, s->own->local_fd, true);
        s->own->local_fd = -1;
    }
    sem_post(&s->own->step);
}

/* -- life */

static struct server *server_new(
        const struct server_options *options, const struct store_port *port)
{
    struct server *s = MEM_NEW(struct server);
    struct server_own *own = s->own = MEM_NEW(struct server_own);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    own->options = *options;
    own->port = port;
    own->local_fd = -1;
    for (uint32_t i = 0; i < LOOPS_MAX; i++) {
        own->fds[i] = -1;
        sem_init(&own->idle[i], 0, 0);
    }
    sem_init(&own->step, 0, 0);
    pthread_mutex_init(&own->lock, NULL);
    s->data_dir = options->data_dir;
    s->assets = options->assets;
    s->op_rate = (struct bucket_rate){LIVE_OPS_PER_SECOND, LIVE_OPS_BURST};
    if (options->op_rate)
        s->op_rate = (struct bucket_rate){options->op_rate,
                options->op_rate * (LIVE_OPS_BURST / LIVE_OPS_PER_SECOND)};
    s->attachment_bytes_max =
            MIB((uint64_t)1) *
            (options->attachment_max ? options->attachment_max : ATTACHMENT_MIB_DEFAULT);
    s->loop_count = options->loops ? options->loops : cores > 0 ? (uint32_t)cores : 1;
    if (s->loop_count > LOOPS_MAX) s->loop_count = LOOPS_MAX;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    s->started_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return s;
}

static struct server *server_free(struct server *s)
{
    struct server_own *own = s->own;
    for (uint32_t i = 0; i < LOOPS_MAX; i++) {
        if (own->fds[i] >= 0) close(own->fds[i]);
        sem_destroy(&own->idle[i]);
    }
    if (own->local_fd >= 0) close(own->local_fd);
    sem_destroy(&own->step);
    pthread_mutex_destroy(&own->lock);
    CHECK(!own->member_conns);
    mem_free(own);
    return mem_free(s);
}

static bool server_step(struct server *s, void (*fn)(struct mail_call *call, struct loop *loop),
        const char *what, char ret_why[WHY_BYTES])
{
    server_call(s, 0, fn, s);
    step_wait(s);
    if (s->own->err == ERR_OK) return true;
    snprintf(ret_why, WHY_BYTES, "%s: %s", what, err_text(s->own->err));
    return false;
}

static bool server_open(struct server *s, char ret_why[WHY_BYTES])
{
    s->log = s->own->port->open(s->data_dir, ret_why);
    if (!s->log) return false;
    if (!server_listen(s, ret_why) || !server_address(s, ret_why)) return false;
    s->home = home_new(s);
    s->imports = imports_new();
    s->jobs = jobs_new(s);
    if (!server_loops(s, ret_why)) return false;
    if (!server_step(s, server_begin, "reading the directory", ret_why)) return false;
    if (s->own->members == 0 && !server_step(s, server_first, "making the first member", ret_why))
        return false;
    for (uint32_t i = 0; i < s->loop_count; i++) {
        server_call(s, i, server_accept, s);
        step_wait(s);
    }
    return true;
}

struct server *server_start(const struct server_options *options, const struct store_port *port,
        char ret_why[WHY_BYTES])
{
    struct server *s = server_new(options, port);
    if (!server_open(s, ret_why)) {
        server_stop(s);
        return NULL;
    }
    if (!options->quiet && s->own->tcp) fprintf(stderr, "listening on http://%s\n", s->own->bound);
    return s;
}

void server_wait(struct server *s)
{
    sigset_t mask;
    int signal_number = 0;
    (void)s;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    while (sigwait(&mask, &signal_number) != 0) {}
    log_info("stopping", "signal=%d", signal_number);
    /* A second one ends the process at once: whatever was acknowledged is on disk. */
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
}

static void server_say_bye(struct mail_call *call, struct loop *loop)
{
    mem_free(call);
    live_bye(loop_context(loop));
}

static void server_loop_stop(struct server *s, uint32_t i)
{
    if (!s->loops[i]) return;
    loop_stop(s->loops[i], DRAIN_MS);
    while (sem_wait(&s->own->idle[i]) != 0 && errno == EINTR) {}
}

/* Loop 0 ends last: answers that the others wait for come from there. The store ends behind it;
 * what it still had for the loops is taken when they are closed, the home's first, because its
 * answers go to the others. */
struct server *server_stop(struct server *s)
{
    if (!s) return NULL;
    atomic_store(&s->stopping, true);
    for (uint32_t i = 0; i < s->loop_count && s->loops[i]; i++)
        server_call(s, i, server_say_bye, NULL);
    /* An import that ends takes its board back, which needs the loops. */
    if (s->jobs) jobs_stop(s->jobs);
    for (uint32_t i = s->loop_count; i-- > 1;) server_loop_stop(s, i);
    server_loop_stop(s, 0);
    if (s->log) s->own->port->close(s->log);
    for (uint32_t i = 0; i < s->loop_count; i++) s->loops[i] = loop_close(s->loops[i]);
    s->jobs = jobs_free(s->jobs);
    s->imports = imports_free(s->imports);
    s->home = home_free(s->home);
    for (uint32_t i = 0; i < s->loop_count; i++) s->shards[i] = shard_free(s->shards[i]);
    return server_free(s);
}
