/* listen.h - listening sockets, opened before the loops start. Any thread.
 *
 * Each loop has its own socket on the same address (SO_REUSEPORT): the kernel spreads connections
 * and no loop hands any over. */
#ifndef TAVLA_NET_LISTEN_H
#define TAVLA_NET_LISTEN_H

#include "core/base/slice.h"

#define LISTEN_WHY_BYTES 160

/* Opens `count` sockets on "ADDR:PORT": "127.0.0.1:8080", "[::1]:0", ":8080" and "*:8080" for every
 * address. Port 0 lets the kernel choose one port for all of them. False with a line in ret_why,
 * nothing open: malformed, in use, not allowed. */
bool listen_tcp(struct slice spec, size_t count, int *ret_fds, char ret_why[LISTEN_WHY_BYTES]);
/* A local socket for the operator's own tools, mode 0600. An old socket file that nobody answers on
 * is replaced. -1: see ret_why. */
int listen_local(const char *path, char ret_why[LISTEN_WHY_BYTES]);
uint16_t listen_port(int fd); /* the port a socket is bound to; 0 for a local one */

#endif
