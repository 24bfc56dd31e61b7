#include "core/base/check.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void check_failed(const char *file, int line, const char *function, const char *what)
{
    /* Straight to stderr, not through log.h: the log may be what broke, and its rate cap must not
     * eat this. */
    fprintf(stderr, "tavla %s: %s:%d: %s: CHECK failed: %s\n", TAVLA_VERSION, file, line, function,
            what);
    fflush(stderr);
    abort();
}
