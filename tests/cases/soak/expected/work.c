#include <ia2.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include "store.h"
#include "work.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int work_deep(int levels, work_step step, int x)
{
    volatile char room[200];
    memset((char *)room, levels, sizeof room);
    int below = levels ? work_deep(levels - 1, step, x) : IA2_CALL(step, _ZTSPFiiE)(x);
    return below + (room[levels % 200] != (char)levels);
} IA2_REGISTER(work_deep, 0xccea9076dda361d)

static __thread jmp_buf back;

static void fall(int n, work_step step)
{
    if (n == 0)
        longjmp(back, IA2_CALL(step, _ZTSPFiiE)(1));
    if (n > 0)
        fall(n - 1, step);
}

int work_jump(int x, work_step step)
{
    int come = setjmp(back);
    if (come == 0)
        fall(x % 5, step);
    return come;
} IA2_REGISTER(work_jump, 0xd054d29e39833242)

static __thread ucontext_t caller, generator;
static __thread int next;

static void generate(int count)
{
    for (int i = 0; i < count; i++) {
        next = store_put(i, 1) > 0 ? i : -1;
        store_put(i, -1);
        swapcontext(&generator, &caller);
    }
}

/* A coroutine with a stack from the heap. */
int work_shuffle(unsigned seed)
{
    int count = (int)(seed % 7) + 1, sum = 0;
    char *stack = malloc(64 << 10);
    getcontext(&generator);
    generator.uc_stack.ss_sp = stack;
    generator.uc_stack.ss_size = 64 << 10;
    generator.uc_link = &caller;
    makecontext(&generator, (void (*)(void))generate, 1, count);
    for (int i = 0; i < count; i++) {
        swapcontext(&caller, &generator);
        sum += next == i ? 0 : 1;
    }
    free(stack);
    return sum;
} IA2_REGISTER(work_shuffle, 0xfbf373658e6e42ce)

IA2_STATIC_FN(run, _ZTSPFPvS_E, work_c) static void *run(void *argument)
{
    int *x = argument;
    *x += store_put(*x & 1023, 3) >= 1 ? 1 : 100;
    store_put(*x & 1023, 0);
    return x;
} IA2_REGISTER_LOCAL(run, 0x65eda78a5393feba)

/* A thread of this compartment. */
int work_thread(int x)
{
    int *number = malloc(sizeof *number);
    pthread_t thread;
    void *result;
    *number = x;
    if (pthread_create(&thread, NULL, run, number))
        return -1;
    pthread_join(thread, &result);
    x = *(int *)result - x;
    free(number);
    return x;
} IA2_REGISTER(work_thread, 0xa1d13b505a89002e)
IA2_NEED(store_put)
IA2_TLS_PAD;
