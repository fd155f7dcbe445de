#include <ia2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "lib.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

static volatile int destroyed;
static pthread_key_t key;
static pthread_key_t wrong;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int *target;
static __thread int local = 5;
static int started;

IA2_STATIC_FN(lib_destroy, _ZTSPFvPvE, lib_c) static void lib_destroy(void *value)
{
    destroyed += *(int *)value;
    free(value);
} IA2_REGISTER_LOCAL(lib_destroy, 0xb45514f31471eb46)
IA2_STATIC_FN(lib_destroy_wrong, _ZTSPFvPvE, lib_c) static void lib_destroy_wrong(void *value) { *target = 7; } IA2_REGISTER_LOCAL(lib_destroy_wrong, 0xe658b6d460c4a843)
static void make_key(void) { pthread_key_create(&key, lib_destroy); }

void lib_exit(long value) { pthread_exit((void *)value); } IA2_REGISTER(lib_exit, 0xca2bbe7e852d181a)
void lib_key(void)
{
    int *value = malloc(sizeof *value);
    *value = 1;
    pthread_once(&once, make_key);
    pthread_setspecific(key, value);
} IA2_REGISTER(lib_key, 0xd10dd8fd16f447f1)
void lib_key_wrong(int *p)
{
    target = p;
    pthread_key_create(&wrong, lib_destroy_wrong);
    pthread_setspecific(wrong, &target);
} IA2_REGISTER(lib_key_wrong, 0xe463da468bcf5203)
int lib_destroyed(void) { return destroyed; } IA2_REGISTER(lib_destroyed, 0x45cf448065041354)
void lib_wait(void)
{
    for (;;)
        pause();
} IA2_REGISTER(lib_wait, 0x90aa1f0d9b65dffe)
int lib_deep(int depth)
{
    char space[1000];
    memset(space, depth, sizeof space);
    return depth == 0 ? space[999] : lib_deep(depth - 1) + space[500] - space[1];
} IA2_REGISTER(lib_deep, 0xaa529aadeccb696c)
IA2_STATIC_FN(start, _ZTSPFPvS_E, lib_c) static void *start(void *argument)
{
    started += lib_local(1) == 6;
    lib_exit(11);
    return argument;
} IA2_REGISTER_LOCAL(start, 0x3ebf426d472aade8)
long lib_start(void)
{
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, start, NULL);
    pthread_join(thread, &result);
    return (long)result + started;
} IA2_REGISTER(lib_start, 0xd0a2ac4debb46162)
int lib_local(int add) { return local += add; } IA2_REGISTER(lib_local, 0xa67118b479c558d6)
IA2_TLS_PAD;
