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

static int plug_add(int a, int b)
{
    if (!pthread_getspecific(key))
        pthread_setspecific(key, malloc(10));
    plug_calls++;
    return a + b + __atomic_fetch_add(&plug_secret, 1, __ATOMIC_RELAXED) * 0 + (strcmp(plug_text, "local") != 0);
}

static int plug_each(int count, plug_step step)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += step(i) + lib_twice(i);
    return sum;
}

static int *plug_secret_address(void) { return &plug_secret; }
static int *plug_local_address(void) { return &plug_calls; }
static void plug_poke(int *p) { *p = 1; }

static const struct plug_ops ops IA2_SHARED_DATA = { plug_add, plug_each, plug_secret_address, plug_local_address, plug_poke };

const struct plug_ops *plug_get(int version) { return version == 1 ? &ops : NULL; }
IA2_DEFINE_WRAPPER(plug_get);
int plug_local_calls(void) { return plug_calls; }
IA2_DEFINE_WRAPPER(plug_local_calls);
