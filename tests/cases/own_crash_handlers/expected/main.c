#define _GNU_SOURCE
#include <ia2.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "lib.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 42;
static sigjmp_buf back;
static volatile int count;
static volatile int inner;
static volatile int depth;

static void on_crash(int number, siginfo_t *info, void *context)
{
    printf("caught %d at %p\n", number, info->si_addr);
    count++;
    siglongjmp(back, 1);
}

IA2_STATIC_FN(on_violation, _ZTSPFviE, main_c) static void on_violation(int number)
{
    static const char text[] = "handled\n";
    if (write(1, text, sizeof text - 1) && number == SIGSEGV && secret == 42)
        _exit(9);
} IA2_REGISTER_LOCAL(on_violation, 0xbff1a8f368df5571)

IA2_STATIC_FN(first, _ZTSPFviE, main_c) static void first(int number) { count += number; } IA2_REGISTER_LOCAL(first, 0x1a7d9dd22526ffc1)
IA2_STATIC_FN(second, _ZTSPFviE, main_c) static void second(int number) { count -= number; } IA2_REGISTER_LOCAL(second, 0xff4f5a81e36f3938)

IA2_STATIC_FN(on_inner, _ZTSPFviE, main_c) static void on_inner(int number) { inner++; } IA2_REGISTER_LOCAL(on_inner, 0xe0bf96e64182cbd4)
IA2_STATIC_FN(on_outer, _ZTSPFviE, main_c) static void on_outer(int number)
{
    depth++;
    raise(SIGUSR2);
    count += inner + lib_seen();
    depth--;
} IA2_REGISTER_LOCAL(on_outer, 0x6c0d1927fbf23211)

static void on_tick(int number, siginfo_t *info, void *context)
{
    if (info->si_value.sival_int == 77)
        count++;
    inner += lib_spin(3) != 0;
}

int main(int argc, char **argv)
{
    const char *what = argv[1];
    struct sigaction action;
    struct sigaction old;

    memset(&action, 0, sizeof action);
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!strcmp(what, "null")) {
        action.sa_sigaction = on_crash;
        action.sa_flags = SA_SIGINFO;
        sigaction(SIGSEGV, &action, NULL);
        for (int i = 0; i < 3; i++)
            if (sigsetjmp(back, 1) == 0)
                printf("%d\n", *(volatile int *)NULL);
        printf("crashes %d\n", count);
    }
    if (!strcmp(what, "old")) {
        int same, none, flags;
        action.sa_handler = first;
        action.sa_flags = SA_RESTART;
        sigaddset(&action.sa_mask, SIGHUP);
        sigaction(SIGUSR1, &action, NULL);
        sigaction(SIGUSR1, NULL, &old);
        same = old.sa_handler == action.sa_handler;
        flags = (old.sa_flags & SA_RESTART) != 0 && sigismember(&old.sa_mask, SIGHUP) == 1;
        old.sa_handler = second;
        none = signal(SIGUSR1, old.sa_handler) == action.sa_handler
               && signal(SIGUSR1, SIG_DFL) == old.sa_handler;
        printf("old %d %d %d\n", same, flags, none);
    }
    if (!strcmp(what, "nested")) {
        lib_install(SIGHUP);
        signal(SIGUSR1, on_outer);
        signal(SIGUSR2, on_inner);
        for (int i = 0; i < 50; i++) {
            raise(SIGUSR1);
            lib_raise(SIGUSR1);
            lib_raise(SIGHUP);
        }
        printf("nested %d %d %d\n", count, inner, lib_seen());
    }
    if (!strcmp(what, "masks")) {
        sigset_t set;
        sigset_t now;
        signal(SIGUSR1, first);
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        sigprocmask(SIG_BLOCK, &set, NULL);
        raise(SIGUSR1);
        printf("blocked %d\n", count);
        sigprocmask(SIG_UNBLOCK, &set, NULL);
        printf("delivered %d\n", count == SIGUSR1);
        sigprocmask(SIG_BLOCK, NULL, &now);
        printf("now %d\n", sigismember(&now, SIGUSR1));
        signal(SIGUSR1, SIG_IGN);
        printf("ignored %d\n", raise(SIGUSR1));
    }
    if (!strcmp(what, "reset")) {
        action.sa_handler = first;
        action.sa_flags = SA_RESETHAND | SA_NODEFER;
        sigaction(SIGCHLD, &action, NULL);
        raise(SIGCHLD);
        raise(SIGCHLD);
        printf("once %d\n", count == SIGCHLD);
    }
    if (!strcmp(what, "library")) {
        lib_install(SIGUSR1);
        raise(SIGUSR1);
        action.sa_handler = first;
        sigaction(SIGUSR1, &action, &old);
        raise(SIGUSR1);
        sigaction(SIGUSR1, &old, NULL);
        raise(SIGUSR1);
        printf("library %d %d\n", count == SIGUSR1, lib_seen() == 2 * SIGUSR1);
    }
    if (!strcmp(what, "timer")) {
        struct sigevent event;
        struct itimerspec often = { { 0, 300000 }, { 0, 300000 } };
        timer_t timer;
        memset(&event, 0, sizeof event);
        event.sigev_notify = SIGEV_SIGNAL;
        event.sigev_signo = SIGRTMIN + 1;
        event.sigev_value.sival_int = 77;
        action.sa_sigaction = on_tick;
        action.sa_flags = SA_SIGINFO | SA_RESTART;
        sigaction(SIGRTMIN + 1, &action, NULL);
        lib_install(SIGHUP);
        if (timer_create(CLOCK_MONOTONIC, &event, &timer))
            return 1;
        timer_settime(timer, 0, &often, NULL);
        while (count < 100) {
            lib_spin(100);
            lib_raise(SIGHUP);
        }
        timer_delete(timer);
        printf("ticks %d\n", count >= 100 && inner == count);
    }
    if (!strcmp(what, "violation")) {
        signal(SIGSEGV, on_violation);
        printf("%d\n", lib_read(&secret));
    }
    if (!strcmp(what, "default")) {
        signal(SIGSEGV, on_violation);
        signal(SIGSEGV, SIG_DFL);
        lib_read(&secret);
    }
    if (!strcmp(what, "blocked")) {
        sigset_t all;
        sigfillset(&all);
        sigprocmask(SIG_SETMASK, &all, NULL);
        lib_read(&secret);
    }
    return 0;
}
IA2_NEED(lib_install)
IA2_NEED(lib_raise)
IA2_NEED(lib_read)
IA2_NEED(lib_seen)
IA2_NEED(lib_spin)
