/* check.h - assertions that stay on, and libc calls nobody may use.
 *
 * CHECK is for our own bugs only: it prints where and what, and aborts, in release builds too. The
 * world going wrong (disk, peer, memory of a peer's choosing) is an enum err, never a CHECK. Any
 * thread. */
#ifndef TAVLA_BASE_CHECK_H
#define TAVLA_BASE_CHECK_H

#include <stdbool.h>

/* Prints "file:line: function: what" with the build's version to stderr, then aborts. */
_Noreturn void check_failed(const char *file, int line, const char *function, const char *what);

#define CHECK(condition)                                                                           \
    (__builtin_expect(!(condition), 0) ? check_failed(__FILE__, __LINE__, __func__, #condition)    \
                                       : (void)0)
#define IMPLIES(a, b) (!(a) || (b))
#define UNREACHABLE() check_failed(__FILE__, __LINE__, __func__, "unreachable")

/* Checks that cost more than O(1): only in debug, simulation and fuzz builds. */
#ifdef TAVLA_CHECK_SLOW
#define CHECK_SLOW(condition) CHECK(condition)
#else
#define CHECK_SLOW(condition) ((void)0)
#endif

/* Conditions that hold by an argument written beside them; coverage builds fold them to constants,
 * so that a branch nobody can reach does not count as untested. */
#ifdef TAVLA_COVERAGE
#define ALWAYS(condition) (true)
#define NEVER(condition)  (false)
#else
#define ALWAYS(condition)                                                                          \
    ((condition) ? true : (check_failed(__FILE__, __LINE__, __func__, #condition), false))
#define NEVER(condition)                                                                           \
    ((condition) ? (check_failed(__FILE__, __LINE__, __func__, #condition), true) : false)
#endif

#define ARRAY_COUNT(a)                  (sizeof(a) / sizeof((a)[0]))
#define CONTAINER_OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
