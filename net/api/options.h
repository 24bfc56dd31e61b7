/* options.h - the command line: `tavla COMMAND [ARGUMENT] [--name value ...]`. Every mistake is
 * answered with what was expected. */
#ifndef TAVLA_API_OPTIONS_H
#define TAVLA_API_OPTIONS_H

#include "net/api/server.h"

#define KEEP_DAYS_MAX   36500
#define KEEP_EVENTS_MAX 1000000000

enum command_name {
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_SERVE,
    COMMAND_IMPORT,
    COMMAND_EXPORT,
    COMMAND_LINK,
    COMMAND_VERIFY,
    COMMAND_ROUTES,
    COMMAND_OPS
};

struct options {
    enum command_name command;
    struct server_options server; /* data_dir is right for every command */
    const char *argument;         /* FILE of import, BOARD of export; NULL: none */
    const char *name;             /* --name */
    const char *owner;            /* --owner */
    const char *member;           /* --member */
    const char *board;            /* --board */
    const char *role;             /* --role */
    const char *output;           /* --output, -o */
    const char *static_dir;       /* --static */
    bool force;                   /* --force */
    uint32_t keep_days;           /* --keep-days; 0: the default */
    uint32_t keep_events;         /* --keep-events; 0: the default */
};

#define OPTIONS_WHY_BYTES 256

/* False: ret_why says which word and what was expected. Strings are argv's. */
bool options_read(
        int argc, char **argv, struct options *ret_options, char ret_why[OPTIONS_WHY_BYTES]);
const char *options_help(void);

#endif
