/* cli_http.h - the command line's side of HTTP: one blocking request a connection, over the
 * admin socket. */
#ifndef TAVLA_API_CLI_HTTP_H
#define TAVLA_API_CLI_HTTP_H

#include <stdio.h>

#include "core/base/buf.h"

struct cli_request {
    const char *socket_path;
    const char *method;
    struct slice target;
    struct slice body; /* JSON; or */
    FILE *file;        /* its bytes, file_bytes of them */
    uint64_t file_bytes;
    FILE *save; /* a 200's body goes here instead of into body_out */
};

/* False: ret_why. *ret_status and, up to its cap, body_out otherwise. */
bool cli_http(
        const struct cli_request *q, int *ret_status, struct buf *body_out, char ret_why[256]);
bool cli_connects(const char *socket_path); /* does a server listen there? */

#endif
