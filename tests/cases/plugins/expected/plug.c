#include <ia2.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib.h"
#include "plug.h"
#define IA2_COMPARTMENT 3
#include <ia2_compartment_init.inc>

static int plug_secret = 7;
static char *kept;
static __thread int plug_calls = 100;
static __thread char plug_text[32] = "local";
static pthread_key_t key;

static void end_of_thread(void *value)
{
    lib_count(1);
    free(value);
}

__attribute__((constructor)) static void begin(void)
{
    kept = strdup("kept");
    pthread_key_create(&key, end_of_thread);
    lib_count(1000);
    printf("plug begins, %d\n", plug_secret);
}

__attribute__((destructor)) static void end(void)
{
    printf("plug ends, %s %d\n", kept, plug_secret);
    free(kept);
    pthread_key_delete(key);
}

IA2_STATIC_FN(plug_add, _ZTSPFiiiE, plug_c) static int plug_add(int a, int b)
{
    if (!pthread_getspecific(key))
        pthread_setspecific(key, malloc(10));
    plug_calls++;
    return a + b + __atomic_fetch_add(&plug_secret, 1, __ATOMIC_RELAXED) * 0 + (strcmp(plug_text, "local") != 0);
} IA2_REGISTER_LOCAL(plug_add, 0x4dd78a69179de005)

IA2_STATIC_FN(plug_each, _ZTSPFiiPFiiEE, plug_c) static int plug_each(int count, plug_step step)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += IA2_CALL(step, _ZTSPFiiE)(i) + lib_twice(i);
    return sum;
} IA2_REGISTER_LOCAL(plug_each, 0x5e699be658fbc1ed)

IA2_STATIC_FN(plug_secret_address, _ZTSPFPivE, plug_c) static int *plug_secret_address(void) { return &plug_secret; } IA2_REGISTER_LOCAL(plug_secret_address, 0x70bf05cc777ba9c9)
IA2_STATIC_FN(plug_local_address, _ZTSPFPivE, plug_c) static int *plug_local_address(void) { return &plug_calls; } IA2_REGISTER_LOCAL(plug_local_address, 0xfd4245b662e29363)
IA2_STATIC_FN(plug_poke, _ZTSPFvPiE, plug_c) static void plug_poke(int *p) { *p = 1; } IA2_REGISTER_LOCAL(plug_poke, 0x7e2c1ae11e129d6a)

static const struct plug_ops ops IA2_SHARED_DATA = { {IA2_FN_ADDR(plug_add)}, {IA2_FN_ADDR(plug_each)}, {IA2_FN_ADDR(plug_secret_address)}, {IA2_FN_ADDR(plug_local_address)}, {IA2_FN_ADDR(plug_poke)} };

const struct plug_ops *plug_get(int version) { return version == 1 ? &ops : NULL; } IA2_REGISTER(plug_get, 0xe5a1386b82bfbcef)
IA2_DEFINE_WRAPPER(plug_get);
int plug_local_calls(void) { return plug_calls; } IA2_REGISTER(plug_local_calls, 0x3e3b7a967067d543)
IA2_DEFINE_WRAPPER(plug_local_calls);
IA2_NEED(lib_count)
IA2_NEED(lib_twice)
IA2_TLS_PAD;
