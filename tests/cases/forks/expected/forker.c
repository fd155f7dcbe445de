#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "forker.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int state = 7;

IA2_STATIC_FN(before, _ZTSPFvvE, forker_c) static void before(void) { state++; } IA2_REGISTER_LOCAL(before, 0x8c996286c957bb79)
IA2_STATIC_FN(in_child, _ZTSPFvvE, forker_c) static void in_child(void) { state += 100; } IA2_REGISTER_LOCAL(in_child, 0x6e151632f67b7947)

void forker_prepare(void) { pthread_atfork(before, NULL, in_child); } IA2_REGISTER(forker_prepare, 0x2fd7612846df434)
int forker_work(int x)
{
    char *block = malloc(100);
    memset(block, x, 100);
    x = block[99] + state;
    free(block);
    return x;
} IA2_REGISTER(forker_work, 0x1c648d781c81d3b5)
void forker_poke(int *p) { *p = 1; } IA2_REGISTER(forker_poke, 0x55fda9fca18c153)
int forker_fork(void)
{
    char program[] = "/proc/self/exe";
    char *arguments[] = { program, "spawned", NULL };
    int status;
    int sum = 0;

    pid_t child = fork();
    if (child == 0)
        _exit(forker_work(1) & 0x7f);
    waitpid(child, &status, 0);
    sum += WEXITSTATUS(status);
    child = vfork();
    if (child == 0) {
        execv(program, arguments);
        _exit(99);
    }
    waitpid(child, &status, 0);
    sum += 1000 * WEXITSTATUS(status);
    if (posix_spawn(&child, program, NULL, NULL, arguments, environ))
        return -1;
    waitpid(child, &status, 0);
    sum += 100000 * WEXITSTATUS(status);
    return sum;
} IA2_REGISTER(forker_fork, 0x65c2cf4814b1d6de)
