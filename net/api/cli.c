#include "net/api/cli.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/json_write.h"
#include "net/api/cli_http.h"
#include "net/api/route.h"

#define SOCKET_PATH_MAX 4200
#define POLL_MS         100
#define BAR_CHARS       30

struct cli {
    const struct options *options;
    char socket_path[SOCKET_PATH_MAX];
    char base_url[128];
    struct server *server; /* ours; NULL: one ran already */
    bool tty;
    int shown; /* percent last said */
};

static int fail(const char *why)
{
    fprintf(stderr, "tavla: %s\n", why);
    return 1;
}

/* What the server said, as it said it. */
static int refused(int status, const struct buf *body)
{
    fprintf(stderr, "tavla: the server answered %d: %.*s\n", status, SLICE_ARG(buf_slice(body)));
    return 1;
}

static bool cli_open(struct cli *c, const struct store_port *port)
{
    char why[256] = "";
    snprintf(c->socket_path, sizeof c->socket_path, "%s/admin.sock", c->options->server.data_dir);
    c->tty = isatty(STDERR_FILENO);
    if (cli_connects(c->socket_path)) return true;
    struct server_options options = c->options->server;
    snprintf(c->base_url, sizeof c->base_url, "http://%.100s", options.listen);
    if (!options.base_url) options.base_url = c->base_url; /* where a server will be, for links */
    options.listen = NULL;
    options.loops = 1;
    options.demo = false;
    options.quiet = true;
    c->server = server_start(&options, port, why);
    if (!c->server) fail(why);
    return c->server != NULL;
}

/* -- progress */

static void progress(struct cli *c, const char *what, uint64_t done, uint64_t total)
{
    int percent = total ? (int)(100 * done / total) : 100;
    if (percent == c->shown || (!c->tty && percent != 100 && percent < c->shown + 10)) return;
    c->shown = percent;
    if (!c->tty) {
        fprintf(stderr, "%s %d%%\n", what, percent);
        return;
    }
    char bar[BAR_CHARS + 1];
    for (int i = 0; i < BAR_CHARS; i++)
        bar[i] = i * 100 < percent * BAR_CHARS ? '#' : '.';
    bar[BAR_CHARS] = '\0';
    fprintf(stderr, "\r%-10s [%s] %3d%%", what, bar, percent);
    if (percent == 100) fputc('\n', stderr);
}

/* -- import */

static void target_add(struct buf *target, char *separator, const char *name, const char *value)
{
    if (!value) return;
    buf_add_char(target, *separator);
    buf_add_format(target, "%s=", name);
    for (const char *p = value; *p; p++)
        buf_add_format(target, "%%%02X", (unsigned char)*p);
    *separator = '&';
}

/* Asks until it is over. */
static int import_follow(struct cli *c, struct slice job)
{
    struct buf target, body;
    char why[256];
    int status = 0, result = -1;
    buf_init(&target, KIB(1));
    buf_init(&body, MIB(2));
    BUF_ADD(&target, "/1/boards/import/");
    buf_add(&target, job);
    while (result < 0) {
        struct arena a;
        json_t *tree;
        struct slice state = SLICE(""), text = SLICE("");
        uint64_t bytes = 0, total = 0;
        buf_clear(&body);
        if (!cli_http(&(struct cli_request){.socket_path = c->socket_path,
                              .method = "GET",
                              .target = buf_slice(&target)},
                    &status, &body, why)) {
            result = fail(why);
            break;
        }
        arena_init(&a, KIB(4), MIB(16));
        if (status != 200 || json_read(&a, buf_slice(&body), &tree, NULL) != ERR_OK) {
            result = refused(status, &body);
        } else {
            json_get_slice(tree, "state", &state);
            json_get_u64(tree, "bytes", &bytes);
            json_get_u64(tree, "total", &total);
            if (slice_eq(state, SLICE("done"))) {
                progress(c, "importing", 1, 1);
                json_get_slice(tree, "idBoard", &text);
                printf("board %.*s\n", SLICE_ARG(text));
                struct buf report;
                buf_init(&report, MIB(2));
                struct json_out j = json_out(&report);
                json_tree(&j, json_object_get(tree, "report"));
                printf("report %.*s\n", SLICE_ARG(buf_slice(&report)));
                buf_fini(&report);
                result = 0;
            } else if (slice_eq(state, SLICE("failed"))) {
                json_get_slice(tree, "error", &text);
                fprintf(stderr, "tavla: the import failed: %.*s\n", SLICE_ARG(text));
                result = 1;
            } else {
                progress(c, "importing", bytes, total ? total : 1);
                struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
                nanosleep(&pause, NULL);
            }
        }
        arena_fini(&a);
    }
    buf_fini(&target);
    buf_fini(&body);
    return result;
}

static int cli_import(struct cli *c)
{
    const struct options *o = c->options;
    struct stat info;
    struct buf target, body;
    char why[256], separator = '?';
    int status = 0, result;
    FILE *file = fopen(o->argument, "rbe");
    if (!file || fstat(fileno(file), &info) != 0) {
        snprintf(why, sizeof why, "%.150s: %s", o->argument, strerror(errno));
        if (file) fclose(file);
        return fail(why);
    }
    buf_init(&target, KIB(64));
    buf_init(&body, MIB(1));
    BUF_ADD(&target, "/1/boards/import");
    target_add(&target, &separator, "name", o->name);
    target_add(&target, &separator, "owner", o->owner);
    struct cli_request q = {.socket_path = c->socket_path,
            .method = "POST",
            .target = buf_slice(&target),
            .file = file,
            .file_bytes = (uint64_t)info.st_size};
    struct arena a;
    json_t *tree;
    struct slice job;
    arena_init(&a, KIB(4), MIB(4));
    if (!cli_http(&q, &status, &body, why))
        result = fail(why);
    else if (status != 202 || json_read(&a, buf_slice(&body), &tree, NULL) != ERR_OK ||
             !json_get_slice(tree, "id", &job))
        result = refused(status, &body);
    else
        result = import_follow(c, job);
    arena_fini(&a);
    buf_fini(&target);
    buf_fini(&body);
    fclose(file);
    return result;
}

/* -- export */

static int cli_export(struct cli *c)
{
    const struct options *o = c->options;
    struct buf target, body;
    char why[256];
    int status = 0, result = 0;
    FILE *out = o->output ? fopen(o->output, "wbe") : stdout;
    if (!out) {
        snprintf(why, sizeof why, "%.150s: %s", o->output, strerror(errno));
        return fail(why);
    }
    buf_init(&target, KIB(1));
    buf_init(&body, MIB(1));
    buf_add_format(&target, "/1/boards/%.64s/export", o->argument);
    struct cli_request q = {.socket_path = c->socket_path,
            .method = "GET",
            .target = buf_slice(&target),
            .save = out};
    if (!cli_http(&q, &status, &body, why))
        result = fail(why);
    else if (status != 200)
        result = refused(status, &body);
    if (o->output && fclose(out) != 0 && result == 0)
        result = fail("the file could not be written");
    buf_fini(&target);
    buf_fini(&body);
    return result;
}

/* -- link */

static void body_member(struct json_out *j, const char *name, const char *value)
{
    if (!value) return;
    json_key(j, slice_cstr(name));
    json_str(j, slice_cstr(value));
}

static int cli_link(struct cli *c)
{
    const struct options *o = c->options;
    struct buf request, body;
    char why[256];
    int status = 0, result;
    struct arena a;
    json_t *tree;
    struct slice link;
    buf_init(&request, KIB(64));
    buf_init(&body, KIB(64));
    arena_init(&a, KIB(4), MIB(1));
    struct json_out j = json_out(&request);
    json_object_begin(&j);
    body_member(&j, "name", o->name);
    body_member(&j, "member", o->member);
    body_member(&j, "board", o->board);
    body_member(&j, "role", o->role);
    json_object_end(&j);
    struct cli_request q = {.socket_path = c->socket_path,
            .method = "POST",
            .target = SLICE("/v1/admin/link"),
            .body = buf_slice(&request)};
    if (!cli_http(&q, &status, &body, why)) {
        result = fail(why);
    } else if (status != 200 || json_read(&a, buf_slice(&body), &tree, NULL) != ERR_OK ||
               !json_get_slice(tree, "link", &link)) {
        result = refused(status, &body);
    } else {
        printf("%.*s\n", SLICE_ARG(link));
        result = 0;
    }
    arena_fini(&a);
    buf_fini(&request);
    buf_fini(&body);
    return result;
}

int cli_run(const struct options *options, const struct store_port *port)
{
    struct cli c = {.options = options, .shown = -100};
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGINT);
    if (!cli_open(&c, port)) return 1;
    pthread_sigmask(
            SIG_UNBLOCK, &mask, NULL); /* they end the command: what was acknowledged is on disk */
    int result = 1;
    if (options->command == COMMAND_IMPORT) result = cli_import(&c);
    if (options->command == COMMAND_EXPORT) result = cli_export(&c);
    if (options->command == COMMAND_LINK) result = cli_link(&c);
    server_stop(c.server);
    return fflush(stdout) == 0 ? result : 1;
}
