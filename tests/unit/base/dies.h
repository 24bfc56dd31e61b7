/* dies.h - tests that a CHECK stops the program: the function runs in a child, which must end by
 * abort. */
#ifndef TAVLA_TESTS_DIES_H
#define TAVLA_TESTS_DIES_H

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static inline bool dies(void (*fn)(void))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 2);
        signal(SIGABRT, SIG_DFL); /* cmocka catches it */
        fn();
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) abort();
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

#endif
