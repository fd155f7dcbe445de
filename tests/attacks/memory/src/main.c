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

static void benign(void)
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

#define READ_AND_WRITE(where, address)                                                             \
    static void read_##where(void) { at("target", address); thief_read(address); }                 \
    static void write_##where(void) { at("target", address); thief_write(address); }

READ_AND_WRITE(global, global)
READ_AND_WRITE(heap, heap)
READ_AND_WRITE(large, large)
READ_AND_WRITE(stack, stack)
READ_AND_WRITE(local, local)
READ_AND_WRITE(other, other)

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

static void read_thread_stack(void) { start_thread(); at("target", deep); thief_read(deep); }
static void read_thread_local(void)
{
    start_thread();
    at("target", (void *)BOARD->scratch[0]);
    thief_read((void *)BOARD->scratch[0]);
}

static const struct attempt attempts[] = {
    { "benign", benign, 0, 0 },
    { "read-global", read_global, 0, 0 },
    { "read-heap", read_heap, 0, 0 },
    { "read-large-block", read_large, 0, 0 },
    { "read-stack", read_stack, 0, 0 },
    { "read-local", read_local, 0, 0 },
    { "read-third-party", read_other, 0, 0 },
    { "write-global", write_global, 0, 0 },
    { "write-heap", write_heap, 0, 0 },
    { "write-large-block", write_large, 0, 0 },
    { "write-stack", write_stack, 0, 0 },
    { "write-local", write_local, 0, 0 },
    { "write-third-party", write_other, 0, 0 },
    { "read-thread-stack", read_thread_stack, 0, 0 },
    { "read-thread-local", read_thread_local, 0, 0 },
    { NULL, NULL, 0, 0 },
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
