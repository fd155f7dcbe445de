#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include "lib.h"

static volatile sig_atomic_t handled;

static void on_signal(int sig)
{
    handled = sig;
}

static void end(void)
{
    puts("prebuilt ends");
}

/* The linker has no address of atexit, signal and exit before their first call. */
__attribute__((constructor)) static void start(void)
{
    atexit(end);
    puts("prebuilt starts");
}

int prebuilt_signal(void)
{
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    return handled == SIGUSR1;
}

void prebuilt_exit(int status)
{
    exit(status);
}
