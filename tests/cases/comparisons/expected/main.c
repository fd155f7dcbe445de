#include <ia2.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include "lib.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static struct generator generator IA2_SHARED_DATA;

IA2_STATIC_FN(on_signal, _ZTSPFviE, main_c) static void on_signal(int number)
{
    (void)number;
} IA2_REGISTER_LOCAL(on_signal, 0x6f9821aa8c197b5e)

IA2_STATIC_FN(other, _ZTSPFviE, main_c) static void other(int number)
{
    (void)number;
} IA2_REGISTER_LOCAL(other, 0x9e1b3ab657a3d9ed)

IA2_STATIC_FN(print, _ZTSPFvPvPKcmE, main_c) static void print(void *context, const char *text, size_t length)
{
    (void)context;
    printf("%.*s\n", (int)length, text);
} IA2_REGISTER_LOCAL(print, 0x61d00653f5bc2354)

int main(void)
{
    handler_fn previous, wanted = {IA2_FN_ADDR(on_signal)}, found;
    append_fn append;
    struct sigaction action;
    int own;

    lib_start(&generator);
    own = lib_is_own(&generator);
    lib_emit(&generator, "abc");
    /* Also cast back, and by variables. */
    append = (append_fn){IA2_ADDR(generator.print)};
    generator.print = IA2_FN(print);
    printf("printers %d %d %d\n", own, lib_is_own(&generator), IA2_IDENTITY(append) == IA2_FN_IDENTITY(lib_append));

    lib_set(IA2_FN(on_signal));
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, on_signal)));
    own = IA2_PLAIN(previous, _ZTSPFviE) == SIG_DFL;
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, other)));
    printf("signals %d %d %d\n", own, IA2_IDENTITY(previous) == IA2_FN_IDENTITY(on_signal), IA2_IDENTITY(previous) == IA2_FN_IDENTITY(other));
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, IA2_PLAIN(wanted, _ZTSPFviE))));
    printf("handlers %d %d\n", IA2_IDENTITY(previous) == IA2_FN_IDENTITY(other), lib_is_set(wanted));
    sigaction(SIGUSR1, NULL, &action);
    found = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, action.sa_handler));
    printf("sorted %d %d\n", IA2_IDENTITY(found) == IA2_FN_IDENTITY(on_signal), IA2_IDENTITY(found) == IA2_IDENTITY(wanted));

    append = (append_fn){(void *)(dlsym(RTLD_DEFAULT, "lib_append"))};
    printf("looked up %d %d\n", IA2_IDENTITY(append) == IA2_FN_IDENTITY(lib_append), IA2_ADDR(append) == NULL);
    printf("mixed %d %d %d\n", (IA2_ADDR(wanted) ? IA2_ADDR(wanted) : IA2_FN_ADDR(other)) == IA2_FN_ADDR(on_signal), (void *)(void *)IA2_FN_IDENTITY(on_signal) == IA2_IDENTITY(wanted),
           IA2_IDENTITY(wanted) == IA2_FN_IDENTITY(other));
    /* What is called returns what is compared, or passed to the C library. */
    signal(SIGUSR1, IA2_PLAIN(IA2_CALL(lib_chooser(), _ZTSPFPFviEiE)(1), _ZTSPFviE));
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, SIG_DFL)));
    printf("chosen %d %d\n", IA2_IDENTITY(IA2_CALL(lib_chooser(), _ZTSPFPFviEiE)(1)) == IA2_IDENTITY(wanted), IA2_IDENTITY(previous) == IA2_FN_IDENTITY(on_signal));
    /* An opaque pointer in a field of the C library's, and functions kept as addresses. */
    {
        void *kept = (void *)(void *)IA2_FN_ADDR(print), *as_wanted = (void *)IA2_ADDR(wanted);
        action.sa_handler = IA2_PLAIN(wanted, _ZTSPFviE);
        printf("fields %d %d", IA2_ADDRESS_IDENTITY(action.sa_handler) == IA2_FN_IDENTITY(on_signal), IA2_FN_IDENTITY(other) == IA2_ADDRESS_IDENTITY(action.sa_handler));
        printf(" addresses %d %d %d %d\n", IA2_ADDRESS_IDENTITY(kept) == (void *)IA2_FN_IDENTITY(print), IA2_ADDRESS_IDENTITY(kept) == (void *)IA2_FN_IDENTITY(other), IA2_ADDRESS_IDENTITY(as_wanted) == (void *)IA2_FN_IDENTITY(on_signal),
               (void *)IA2_IDENTITY(wanted) != IA2_ADDRESS_IDENTITY(as_wanted));
    }
    return 0;
}
IA2_NEED(lib_append)
IA2_NEED(lib_chooser)
IA2_NEED(lib_emit)
IA2_NEED(lib_is_own)
IA2_NEED(lib_is_set)
IA2_NEED(lib_set)
IA2_NEED(lib_start)
