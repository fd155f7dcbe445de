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

static void lib_destroy(void *value)
{
    destroyed += *(int *)value;
    free(value);
}
static void lib_destroy_wrong(void *value) { *target = 7; }
static void make_key(void) { pthread_key_create(&key, lib_destroy); }

void lib_exit(long value) { pthread_exit((void *)value); }
void lib_key(void)
{
    int *value = malloc(sizeof *value);
    *value = 1;
    pthread_once(&once, make_key);
    pthread_setspecific(key, value);
}
void lib_key_wrong(int *p)
{
    target = p;
    pthread_key_create(&wrong, lib_destroy_wrong);
    pthread_setspecific(wrong, &target);
}
int lib_destroyed(void) { return destroyed; }
void lib_wait(void)
{
    for (;;)
        pause();
}
int lib_deep(int depth)
{
    char space[1000];
    memset(space, depth, sizeof space);
    return depth == 0 ? space[999] : lib_deep(depth - 1) + space[500] - space[1];
}
static void *start(void *argument)
{
    started += lib_local(1) == 6;
    lib_exit(11);
    return argument;
}
long lib_start(void)
{
    pthread_t thread;
    void *result;
    pthread_create(&thread, NULL, start, NULL);
    pthread_join(thread, &result);
    return (long)result + started;
}
int lib_local(int add) { return local += add; }
