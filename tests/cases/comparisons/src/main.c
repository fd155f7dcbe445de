#include <ia2.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static struct generator generator IA2_SHARED_DATA;

static void on_signal(int number)
{
    (void)number;
}

static void other(int number)
{
    (void)number;
}

static void print(void *context, const char *text, size_t length)
{
    (void)context;
    printf("%.*s\n", (int)length, text);
}

int main(void)
{
    handler_fn previous, wanted = on_signal, found;
    append_fn append;
    struct sigaction action;
    int own;

    lib_start(&generator);
    own = lib_is_own(&generator);
    lib_emit(&generator, "abc");
    /* Also cast back, and by variables. */
    append = (append_fn)generator.print;
    generator.print = print;
    printf("printers %d %d %d\n", own, lib_is_own(&generator), append == lib_append);

    lib_set(on_signal);
    previous = signal(SIGUSR1, on_signal);
    own = previous == SIG_DFL;
    previous = signal(SIGUSR1, other);
    printf("signals %d %d %d\n", own, previous == on_signal, previous == other);
    previous = signal(SIGUSR1, wanted);
    printf("handlers %d %d\n", previous == other, lib_is_set(wanted));
    sigaction(SIGUSR1, NULL, &action);
    found = action.sa_handler;
    printf("sorted %d %d\n", found == on_signal, found == wanted);

    append = (append_fn)dlsym(RTLD_DEFAULT, "lib_append");
    printf("looked up %d %d\n", append == lib_append, append == NULL);
    printf("mixed %d %d %d\n", (wanted ? wanted : other) == on_signal, (handler_fn)(void (*)(void))on_signal == wanted,
           wanted == other);
    /* What is called returns what is compared, or passed to the C library. */
    signal(SIGUSR1, lib_chooser()(1));
    previous = signal(SIGUSR1, SIG_DFL);
    printf("chosen %d %d\n", lib_chooser()(1) == wanted, previous == on_signal);
    /* An opaque pointer in a field of the C library's, and functions kept as addresses. */
    {
        void *kept = (void *)(append_fn)print, *as_wanted = (void *)wanted;
        action.sa_handler = wanted;
        printf("fields %d %d", action.sa_handler == on_signal, other == action.sa_handler);
        printf(" addresses %d %d %d %d\n", kept == (void *)print, kept == (void *)other, as_wanted == (void *)on_signal,
               (void *)wanted != as_wanted);
    }
    return 0;
}
