#include "net/api/options.h"

#include "core/base/check.h"

enum option_id {
    OPT_DATA,
    OPT_LISTEN,
    OPT_LOOPS,
    OPT_BACKEND,
    OPT_BASE_URL,
    OPT_DEMO,
    OPT_NAME,
    OPT_OWNER,
    OPT_BOARD,
    OPT_ROLE,
    OPT_OUTPUT,
    OPT_FORCE,
    OPT_MEMBER,
    OPT_JSON,
    OPT_STATIC,
    OPT_OP_RATE,
    OPT_ATTACHMENT_MAX,
    OPT_KEEP_DAYS,
    OPT_KEEP_EVENTS
};

#define IN(command) (1u << COMMAND_##command)

struct option_row {
    const char *word, *alias;
    enum option_id id;
    const char *value; /* what it takes; NULL: nothing */
    unsigned commands; /* that know it */
};

static const struct option_row option_table[] = {
        {"--data", "-d", OPT_DATA, "DIR",
                IN(SERVE) | IN(IMPORT) | IN(EXPORT) | IN(LINK) | IN(VERIFY)},
        {"--listen", "-l", OPT_LISTEN, "ADDR:PORT", IN(SERVE)},
        {"--loops", NULL, OPT_LOOPS, "a number from 1 to 64", IN(SERVE)},
        {"--backend", NULL, OPT_BACKEND, "auto, uring or epoll", IN(SERVE)},
        {"--op-rate", NULL, OPT_OP_RATE, "a number from 1 to 100000", IN(SERVE)},
        {"--attachment-max", NULL, OPT_ATTACHMENT_MAX, "a number of MiB from 1 to 10240",
                IN(SERVE)},
        {"--keep-days", NULL, OPT_KEEP_DAYS, "a number from 1 to 36500", IN(SERVE)},
        {"--keep-events", NULL, OPT_KEEP_EVENTS, "a number from 1 to 1000000000", IN(SERVE)},
        {"--base-url", NULL, OPT_BASE_URL, "http://HOST[:PORT] or https://HOST",
                IN(SERVE) | IN(LINK)},
        {"--demo", NULL, OPT_DEMO, NULL, IN(SERVE)},
        {"--name", NULL, OPT_NAME, "a name", IN(IMPORT) | IN(LINK)},
        {"--owner", NULL, OPT_OWNER, "a user name", IN(IMPORT)},
        {"--board", NULL, OPT_BOARD, "a board's id", IN(LINK)},
        {"--role", NULL, OPT_ROLE, "admin, normal or observer", IN(LINK)},
        {"--output", "-o", OPT_OUTPUT, "FILE", IN(EXPORT)},
        {"--force", NULL, OPT_FORCE, NULL, IN(VERIFY)},
        {"--member", NULL, OPT_MEMBER, "a user name", IN(LINK)},
        {"--static", NULL, OPT_STATIC, "a folder", IN(SERVE)},
        {"--json", NULL, OPT_JSON, NULL, IN(ROUTES) | IN(OPS)},
};

struct command_row {
    const char *word;
    enum command_name command;
    const char *argument; /* what it takes; NULL: nothing */
};

static const struct command_row command_table[] = {
    { "serve", COMMAND_SERVE, NULL },
    { "import", COMMAND_IMPORT, "FILE" },
    { "export", COMMAND_EXPORT, "BOARD" },
    { "link", COMMAND_LINK, NULL },
    { "verify", COMMAND_VERIFY, NULL },
    { "routes", COMMAND_ROUTES, NULL },
    { "ops", COMMAND_OPS, NULL },
    { "help", COMMAND_HELP, NULL },
    { "--help", COMMAND_HELP, NULL },
    { "-h", COMMAND_HELP, NULL },
    { "version", COMMAND_VERSION, NULL },
    { "--version", COMMAND_VERSION, NULL },
};

const char *options_help(void)
{
    return "tavla - a board server\n"
           "\n"
           "  tavla serve    runs the server\n"
           "      --data DIR            where everything is kept (data)\n"
           "      --listen ADDR:PORT    (127.0.0.1:8080; port 0: any free one)\n"
           "      --base-url URL        how browsers reach it, when that is not the listening "
           "address\n"
           "      --loops N             I/O threads, 1 to 64 (one a core)\n"
           "      --backend NAME        auto, uring or epoll (auto)\n"
           "      --op-rate N           ops a second of one connection before it is read "
           "slower (50)\n"
           "      --attachment-max N    MiB of one attached file (100)\n"
           "      --keep-days N         history of each board: at least so many days (7)\n"
           "      --keep-events N       ... and so many events (10000); older ones are dropped\n"
           "      --demo                an empty data folder gets a demo board\n"
           "      --static DIR          the browser client from a folder, for work on it\n"
           "  tavla import FILE [--data DIR] [--name NAME] [--owner USERNAME]\n"
           "                     imports a board that Trello exported\n"
           "  tavla export BOARD [--data DIR] [--output FILE]\n"
           "  tavla link --name NAME --board ID --role ROLE [--data DIR]\n"
           "                     a one-time sign-in link for a new member of a board;\n"
           "                     --member USERNAME instead of --name for one who is here already\n"
           "  tavla routes --json, tavla ops --json\n"
           "                     every HTTP address and every op, with who may use it\n"
           "  tavla verify [--data DIR] [--force]\n"
           "                     checks every record; no server may run meanwhile\n"
           "  tavla help, tavla version\n";
}

static bool number_read(const char *text, uint32_t most, uint32_t *ret)
{
    uint64_t value;
    if (!slice_to_u64(slice_cstr(text), &value) || value < 1 || value > most) return false;
    *ret = (uint32_t)value;
    return true;
}

static bool backend_read(const char *text, enum ring_backend *ret)
{
    struct slice s = slice_cstr(text);
    if (slice_eq(s, SLICE("auto"))) {
        *ret = RING_AUTO;
    } else if (slice_eq(s, SLICE("uring")) || slice_eq(s, SLICE("io_uring"))) {
        *ret = RING_URING;
    } else if (slice_eq(s, SLICE("epoll"))) {
        *ret = RING_EPOLL;
    } else {
        return false;
    }
    return true;
}

/* False: the value is not what the option takes. */
static bool option_take(struct options *o, enum option_id id, const char *value)
{
    switch (id) {
    case OPT_DATA: o->server.data_dir = value; return value[0] != '\0';
    case OPT_LISTEN: o->server.listen = value; return value[0] != '\0';
    case OPT_LOOPS: return number_read(value, LOOPS_MAX, &o->server.loops);
    case OPT_BACKEND: return backend_read(value, &o->server.backend);
    case OPT_OP_RATE: return number_read(value, OP_RATE_MAX, &o->server.op_rate);
    case OPT_ATTACHMENT_MAX:
        return number_read(value, ATTACHMENT_MIB_MAX, &o->server.attachment_max);
    case OPT_KEEP_DAYS: return number_read(value, KEEP_DAYS_MAX, &o->keep_days);
    case OPT_KEEP_EVENTS: return number_read(value, KEEP_EVENTS_MAX, &o->keep_events);
    case OPT_BASE_URL: o->server.base_url = value; return value[0] != '\0';
    case OPT_DEMO: o->server.demo = true; return true;
    case OPT_NAME: o->name = value; return value[0] != '\0';
    case OPT_OWNER: o->owner = value; return value[0] != '\0';
    case OPT_BOARD: o->board = value; return value[0] != '\0';
    case OPT_ROLE: {
        enum role role;
        o->role = value;
        return role_parse(slice_cstr(value), &role);
    }
    case OPT_OUTPUT: o->output = value; return value[0] != '\0';
    case OPT_FORCE: o->force = true; return true;
    case OPT_MEMBER: o->member = value; return value[0] != '\0';
    case OPT_STATIC: o->static_dir = value; return value[0] != '\0';
    case OPT_JSON: return true; /* the only form there is */
    }
    UNREACHABLE();
}

static const struct option_row *option_find(struct slice word)
{
    for (size_t i = 0; i < ARRAY_COUNT(option_table); i++) {
        const struct option_row *row = &option_table[i];
        if (slice_eq(word, slice_cstr(row->word))) return row;
        if (row->alias && slice_eq(word, slice_cstr(row->alias))) return row;
    }
    return NULL;
}

/* Reads argv[*at], "--name value" or "--name=value", and moves *at behind it. */
static bool option_read(
        int argc, char **argv, int *at, struct options *o, char ret_why[OPTIONS_WHY_BYTES])
{
    struct slice word = slice_cstr(argv[*at]), name = word;
    const char *value = NULL;
    if (slice_starts(word, SLICE("--")) && slice_cut(&word, '=', &name)) value = word.ptr;
    const struct option_row *row = option_find(name);
    if (!row || !(row->commands & 1u << o->command)) {
        snprintf(ret_why, OPTIONS_WHY_BYTES,
                "%.80s is not an option of this command; see tavla --help", argv[*at]);
        return false;
    }
    ++*at;
    if (row->value && !value && *at < argc) value = argv[(*at)++];
    if (row->value && !value) {
        snprintf(ret_why, OPTIONS_WHY_BYTES, "%s: expected %s behind it", row->word, row->value);
        return false;
    }
    if (!row->value && value) {
        snprintf(ret_why, OPTIONS_WHY_BYTES, "%s takes no value, not \"%.60s\"", row->word, value);
        return false;
    }
    if (!option_take(o, row->id, value ? value : "")) {
        snprintf(ret_why, OPTIONS_WHY_BYTES, "%s: expected %s, not \"%.60s\"", row->word,
                row->value, value ? value : "");
        return false;
    }
    return true;
}

bool options_read(
        int argc, char **argv, struct options *ret_options, char ret_why[OPTIONS_WHY_BYTES])
{
    struct options o = { .server = { .data_dir = "data", .listen = "127.0.0.1:8080" } };
    const struct command_row *command = NULL;
    if (argc < 2) {
        snprintf(ret_why, OPTIONS_WHY_BYTES,
                "expected a command: serve, import, export, link, verify or help");
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(command_table); i++) {
        if (slice_eq(slice_cstr(argv[1]), slice_cstr(command_table[i].word)))
            command = &command_table[i];
    }
    if (!command) {
        snprintf(ret_why, OPTIONS_WHY_BYTES,
                "\"%.60s\": expected a command: serve, import, export, link, verify or help",
                argv[1]);
        return false;
    }
    o.command = command->command;
    for (int at = 2; at < argc;) {
        struct slice word = slice_cstr(argv[at]);
        if (slice_eq(word, SLICE("--help")) || slice_eq(word, SLICE("-h"))) {
            o.command = COMMAND_HELP;
            break;
        }
        if (slice_starts(word, SLICE("-")) && word.len > 1) {
            if (!option_read(argc, argv, &at, &o, ret_why)) return false;
        } else if (command->argument && !o.argument) {
            o.argument = argv[at++];
        } else {
            snprintf(ret_why, OPTIONS_WHY_BYTES, "\"%.60s\": one word too many for %s", argv[at],
                    command->word);
            return false;
        }
    }
    if (o.command == command->command && command->argument && !o.argument) {
        snprintf(ret_why, OPTIONS_WHY_BYTES, "%s: expected %s", command->word, command->argument);
        return false;
    }
    *ret_options = o;
    return true;
}
