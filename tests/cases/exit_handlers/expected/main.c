#include <ia2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "other.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int main_state = 5;
static int order;

IA2_STATIC_FN(first, _ZTSPFvvE, main_c) static void first(void) { printf("main first %d at %d\n", main_state, ++order); } IA2_REGISTER_LOCAL(first, 0x2380f65db953070f)
IA2_STATIC_FN(last, _ZTSPFvvE, main_c) static void last(void) { printf("main last %d at %d\n", main_state, ++order); } IA2_REGISTER_LOCAL(last, 0xf348b2ff2cf3f080)
IA2_STATIC_FN(late, _ZTSPFvvE, main_c) static void late(void) { printf("registered late\n"); } IA2_REGISTER_LOCAL(late, 0xa75f7656ada430ef)
IA2_STATIC_FN(registers, _ZTSPFvvE, main_c) static void registers(void) { atexit(late); } IA2_REGISTER_LOCAL(registers, 0x2308c87670adc535)
IA2_STATIC_FN(quick, _ZTSPFvvE, main_c) static void quick(void) { printf("quick main %d\n", main_state); fflush(stdout); } IA2_REGISTER_LOCAL(quick, 0x580efff9b4ca3cf9)
static void *thread(void *argument)
{
    other_exit(7);
    return argument;
}
static void on_signal(int signal) { exit(signal - SIGUSR1 + 8); }
__attribute__((constructor)) static void early(void) { atexit(last); }
__attribute__((destructor)) static void destroy(void) { printf("main destructor %d\n", main_state); }

int main(int argc, char **argv)
{
    const char *how = argv[1];

    atexit(registers);
    other_register();
    atexit(first);
    at_quick_exit(quick);
    printf("by %s\n", how);
    if (!strcmp(how, "exit"))
        exit(5);
    if (!strcmp(how, "exit-there"))
        other_exit(6);
    if (!strcmp(how, "exit-in-thread")) {
        pthread_t id;
        pthread_create(&id, NULL, thread, NULL);
        pthread_join(id, NULL);
    }
    if (!strcmp(how, "exit-in-handler")) {
        signal(SIGUSR1, on_signal);
        raise(SIGUSR1);
    }
    if (!strcmp(how, "quick")) {
        fflush(stdout);
        quick_exit(9);
    }
    if (!strcmp(how, "from-fork")) {
        int status;
        fflush(stdout);
        pid_t child = fork();
        if (child == 0)
            other_exit(3);
        waitpid(child, &status, 0);
        printf("child %d\n", WEXITSTATUS(status));
        return 0;
    }
    if (!strcmp(how, "abort"))
        abort();
    if (!strcmp(how, "spy")) {
        other_register_spy(&main_state);
        return 0;
    }
    return 4;
}
IA2_NEED(other_exit)
IA2_NEED(other_register)
IA2_NEED(other_register_spy)
