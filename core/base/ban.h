/* ban.h - libc calls that this program does not use, turned into compile errors.
 * Force-included into our own sources by meson after the system's headers had their chance. */
#ifndef TAVLA_BASE_BAN_H
#define TAVLA_BASE_BAN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc's fortified headers define these two as macros for clang, which warns when a macro is poisoned. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol gmtime localtime rand srand system popen gets

#endif
