/* cli.h - the commands that talk to a server: import, export, link. Over DIR/admin.sock, to the
 * one that runs; where none does, one is started inside for as long as the command takes. The
 * main thread. */
#ifndef TAVLA_API_CLI_H
#define TAVLA_API_CLI_H

#include "net/api/options.h"

int cli_run(const struct options *options, const struct store_port *port); /* the exit status */

#endif
