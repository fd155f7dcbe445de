#define _GNU_SOURCE
#include <ia2.h>
#include <ia2_allocator.h>
#include <pthread.h>
#include <judge.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char global[16];
static __thread unsigned char local[16];
static unsigned char *heap, *large, *stack, *other, *deep;

static void at(const char *what, void *address)
{
    printf("%s %p\n", what, address);
    fflush(stdout);
}

static void benign(const struct attempt *attempt)
{
    int *numbers = shared_malloc(4 * sizeof *numbers);
    int i;

    for (i = 0; i < 4; i++)
        numbers[i] = i * i;
    printf("sum %d\n", thief_sum(numbers, 4));
    shared_free(numbers);
    global[0] ^= 1;
    local[0] ^= 1;
    heap[0] ^= 1;
    stack[0] ^= 1;
    printf("own memory works\n");
}

enum { GLOBAL, HEAP, LARGE, STACK, LOCAL, OTHER, WRITE };

static void read_or_write(const struct attempt *attempt)
{
    void *targets[] = { global, heap, large, stack, local, other };
    void *target = targets[attempt->argument % WRITE];

    at("target", target);
    if (attempt->argument >= WRITE)
        thief_write(target);
    else
        thief_read(target);
}

/* A second thread's stack and thread-local variable. */
static void *wait_for_ever(void *unused)
{
    unsigned char on_stack[16];

    memcpy(on_stack, stack, sizeof on_stack);
    memcpy(local, stack, sizeof local);
    deep = on_stack;
    BOARD->scratch[0] = (unsigned long)local;
    __atomic_store_n(&BOARD->scratch[1], 1, __ATOMIC_SEQ_CST);
    for (;;)
        pause();
    return unused;
}

static void start_thread(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, wait_for_ever, NULL);
    while (!__atomic_load_n(&BOARD->scratch[1], __ATOMIC_SEQ_CST))
        usleep(100);
}

static void read_thread_stack(const struct attempt *attempt)
{
    start_thread();
    at("target", deep);
    thief_read(deep);
}

static void read_thread_local(const struct attempt *attempt)
{
    start_thread();
    at("target", (void *)BOARD->scratch[0]);
    thief_read((void *)BOARD->scratch[0]);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "read-global", read_or_write, GLOBAL },
    { "read-heap", read_or_write, HEAP },
    { "read-large-block", read_or_write, LARGE },
    { "read-stack", read_or_write, STACK },
    { "read-local", read_or_write, LOCAL },
    { "read-third-party", read_or_write, OTHER },
    { "write-global", read_or_write, WRITE + GLOBAL },
    { "write-heap", read_or_write, WRITE + HEAP },
    { "write-large-block", read_or_write, WRITE + LARGE },
    { "write-stack", read_or_write, WRITE + STACK },
    { "write-local", read_or_write, WRITE + LOCAL },
    { "write-third-party", read_or_write, WRITE + OTHER },
    { "read-thread-stack", read_thread_stack },
    { "read-thread-local", read_thread_local },
    { NULL },
};

int main(int argc, char **argv)
{
    unsigned char on_stack[16];

    set_up();
    heap = malloc(16);
    large = malloc(1 << 20);
    stack = on_stack;
    other = other_global();
    watch("global", global, sizeof global);
    watch("heap", heap, 16);
    watch("large block", large, 16);
    watch("stack", stack, sizeof on_stack);
    watch("local", local, sizeof local);
    watch_foreign("global of 2", other, 16);
    return attack(attempts, argc, argv);
}
