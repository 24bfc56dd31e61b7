/* main.c - wires everything: the command line, the store, the server. The only file that sees
 * both net/api and storage. */
#include "core/base/check.h"
#include "net/api/asset.h"
#include "net/api/cli.h"
#include "net/api/options.h"
#include "net/api/route.h"
#include "storage/store.h"
#include "storage/verify.h"

#define WHY_BYTES 256

/* Set by serve, before the port is opened. */
static struct store_options store_options;

static struct oplog *port_open(const char *data_dir, char ret_why[WHY_BYTES])
{
    struct oplog *log = NULL;
    struct buf why;
    buf_init(&why, WHY_BYTES - 1);
    enum err err = store_open(data_dir, &store_options, &log, &why);
    if (err != ERR_OK) snprintf(ret_why, WHY_BYTES, "%.*s", SLICE_ARG(buf_slice(&why)));
    buf_fini(&why);
    return err == ERR_OK ? log : NULL;
}

static const struct store_port port = { port_open, store_close };

static int fail(const char *why)
{
    fprintf(stderr, "tavla: %s\n", why);
    return 1;
}

static int serve(const struct options *options)
{
    char why[WHY_BYTES] = "";
    struct server_options with_client = options->server;
    struct assets assets = assets_built;
    assets.folder = options->static_dir;
    with_client.assets = &assets;
    store_options.keep_events = options->keep_events;
    store_options.keep_ms = (int64_t)options->keep_days * 24 * 60 * 60 * 1000;
    struct server *server = server_start(&with_client, &port, why);
    if (!server) return fail(why);
    server_wait(server);
    server_stop(server);
    return 0;
}

static void verify_line(void *context, const char *line)
{
    fprintf(context, "%s\n", line);
}

static int verify(const struct options *options)
{
    struct verify_report report = { 0 };
    struct verify_out out = { .finding = verify_line, .context = stdout };
    struct buf why;
    buf_init(&why, KIB(4));
    int status = verify_folder(options->server.data_dir, options->force, &out, &report, &why);
    if (status == 2) fprintf(stderr, "tavla: %.*s\n", SLICE_ARG(buf_slice(&why)));
    if (status != 2) {
        printf("%llu boards, %llu files (%llu of no attachment, %llu of no record either), "
               "%llu findings\n",
                (unsigned long long)report.boards, (unsigned long long)report.files,
                (unsigned long long)report.files_unused,
                (unsigned long long)report.files_unnamed, (unsigned long long)report.findings);
    }
    buf_fini(&why);
    return status;
}

static int table(void (*write)(struct buf *out))
{
    struct buf out;
    buf_init(&out, MIB(1));
    write(&out);
    printf("%.*s\n", SLICE_ARG(buf_slice(&out)));
    buf_fini(&out);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    char why[OPTIONS_WHY_BYTES];
    if (!options_read(argc, argv, &options, why)) {
        fail(why);
        return 2;
    }
    process_prepare();
    switch (options.command) {
    case COMMAND_HELP: fputs(options_help(), stdout); return 0;
    case COMMAND_VERSION: puts("tavla " TAVLA_VERSION); return 0;
    case COMMAND_SERVE: return serve(&options);
    case COMMAND_VERIFY: return verify(&options);
    case COMMAND_ROUTES: return table(routes_json);
    case COMMAND_OPS: return table(ops_json);
    case COMMAND_IMPORT:
    case COMMAND_EXPORT:
    case COMMAND_LINK: return cli_run(&options, &port);
    }
    UNREACHABLE();
}
