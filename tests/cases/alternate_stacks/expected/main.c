#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static __thread sigjmp_buf back;
static __thread char *alternate;
static __thread int handled;
static int is_exit;
static volatile int never = -1;

static void on_overflow(int signal, siginfo_t *info, void *context)
{
    char here;
    stack_t now;
    int is_there = &here >= alternate && &here < alternate + (64 << 10);
    sigaltstack(NULL, &now);
    handled += is_there && (now.ss_flags & SS_ONSTACK) && now.ss_sp == alternate;
    if (is_exit) {
        static const char text[] = "overflow handled\n";
        if (write(1, text, sizeof text - 1) < 0)
            _exit(1);
        _exit(lib_add(1, 2));
    }
    siglongjmp(back, 1);
}

__attribute__((noinline)) static int recurse(int n)
{
    volatile char room[4096];
    memset((char *)room, n, sizeof room);
    if (n == never)
        return 0;
    return recurse(n + 1) + room[n % 4096];
}

static void on_user(int signal) { char here; handled += &here >= alternate && &here < alternate + (64 << 10) ? 100 : 10; }

static void *overflow(void *argument)
{
    stack_t stack, old;
    memset(&stack, 0, sizeof stack);
    alternate = malloc(64 << 10);
    stack.ss_sp = alternate;
    stack.ss_size = 64 << 10;
    if (sigaltstack(&stack, &old))
        return NULL;
    for (int i = 0; i < 3; i++)
        if (sigsetjmp(back, 1) == 0)
            recurse(0);
    printf("%d handled, %d\n", handled, lib_add(handled, 1));
    /* Installed without SA_ONSTACK: on the ordinary stack. */
    raise(SIGUSR1);
    raise(SIGUSR2);
    printf("%d\n", handled);
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, &old);
    printf("old: %d %zu\n", old.ss_sp == alternate, old.ss_size);
    free(alternate);
    return argument;
}

int main(int argc, char **argv)
{
    struct sigaction action;
    pthread_t thread;
    struct rlimit limit = {1 << 20, 1 << 20};
    char target = 0;

    is_exit = argc > 1 && !strcmp(argv[1], "exit");
    if (argc > 1 && !strcmp(argv[1], "poke"))
        lib_poke(&target);
    setrlimit(RLIMIT_STACK, &limit);
    setvbuf(stdout, NULL, _IOLBF, 4096);
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_overflow;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigaction(SIGSEGV, &action, NULL);
    action.sa_flags = SA_ONSTACK;
    action.sa_handler = on_user;
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGUSR2, on_user);
    overflow(NULL);
    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, overflow, NULL);
        pthread_join(thread, NULL);
    }
    return 0;
}
IA2_NEED(lib_add)
IA2_NEED(lib_poke)
IA2_TLS_PAD;
