/* ban.h - libc calls that this program does not use, turned into compile errors.
 * Force-included into our own sources by meson after the system's headers had their chance. */
#ifndef TAVLA_BASE_BAN_H
#define TAVLA_BASE_BAN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc's fortified headers define these two as macros for clang, which warns when a macro is
 * poisoned. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gmtime localtime srand popen gets

/* OpenSSL's headers name a parameter rand, so this one is refused where it is called, not where it
 * is read. clang wants such an attribute on libc's own declaration; gcc's builds are enough to
 * catch a call. */
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
int rand(void) __attribute__((error("use core/base/rng.h, or net/crypto.h for secrets")));
#pragma GCC diagnostic pop
#endif

/* A member may be called `system` (struct actor); only a call is banned. */
#define system(command) system_is_banned(command)

#endif
