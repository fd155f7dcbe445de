#include "uses.h"
#include <ia2.h>
#include "parts.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static int early;

__attribute__((constructor)) static void begin(void)
{
    early = use_all();
}
__attribute__((destructor)) static void end(void)
{
    printf("store: constructor %d, destructor %d\n", early, use_all());
    fflush(stdout);
}
static void *work(void *argument)
{
    *(int *)argument = use_all();
    return NULL;
}
int store_use(void)
{
    /* The result crosses to a thread of the same compartment. */
    int *result = malloc(sizeof *result);
    pthread_t thread;
    pthread_create(&thread, NULL, work, result);
    pthread_join(thread, NULL);
    int used = *result;
    free(result);
    return used == use_all() ? used : -1;
} IA2_REGISTER(store_use, 0x64694cbef0690c95)
int store_peek(const volatile void *block)
{
    return *(const volatile char *)block;
} IA2_REGISTER(store_peek, 0xb1f39924ed208cf7)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)
