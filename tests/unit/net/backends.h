/* backends.h - runs a group of cases on every back end that this machine has, or on the one that
 * TAVLA_BACKEND names. */
#ifndef TAVLA_TESTS_NET_BACKENDS_H
#define TAVLA_TESTS_NET_BACKENDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/ring.h"

static inline int on_every_backend(int (*run)(enum ring_backend backend))
{
    char why[RING_WHY_BYTES] = "";
    const char *only = getenv("TAVLA_BACKEND");
    int failed = 0;
    if (only == NULL || strcmp(only, "epoll") == 0) failed += run(RING_EPOLL);
    if (only != NULL && strcmp(only, "uring") != 0) return failed;
    if (ring_probe(RING_AUTO, why) == RING_URING)
        failed += run(RING_URING);
    else
        print_message("io_uring skipped: %s\n", why);
    return failed;
}

#endif
