#define _GNU_SOURCE
#include <ia2.h>
#include <ia2_allocator.h>
#include <judge.h>
#include <pthread.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

/* Absent from the plain program. */
extern __thread char ia2_thread_block[] __attribute__((weak));

static unsigned char canary[16];
static unsigned long started, argument_of_thread = 0x1234;
static pthread_key_t key;

static void *start(void *argument)
{
    /* Nothing but this argument was ever given. */
    if (argument != &argument_of_thread)
        ran(0);
    __atomic_fetch_add(&started, 1, __ATOMIC_RELAXED);
    return NULL;
}

static void benign(const struct attempt *attempt)
{
    pthread_t thread;
    int i;

    for (i = 0; i < 20; i++) {
        pthread_create(&thread, NULL, start, &argument_of_thread);
        pthread_join(thread, NULL);
    }
    printf("%lu %d\n", started, intrude_honest(1));
}

static void *intrude(void *unused)
{
    intrude_request();
    return unused;
}

/* Threads are created while the request, which is on key 0, is overwritten. */
static void tampered(const struct attempt *attempt)
{
    pthread_t intruder, thread;
    void *block = shared_malloc(88);
    int i, created = 0;

    /* The next block of this size is the same one. */
    BLOCK = (unsigned long)block;
    pthread_create(&intruder, NULL, intrude, NULL);
    shared_free(block);
    usleep(1000);
    for (i = 0; i < 300; i++) {
        if (pthread_create(&thread, NULL, start, &argument_of_thread))
            continue;
        created++;
        usleep(500);
    }
    usleep(100000);
    if (started > (unsigned long)created)
        BOARD->breached = 1;
    check_canaries();
    STOP = 1;
}
static void tamper(const struct attempt *attempt)
{
    int i;

    for (i = 0; i < 20; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            close(2);
            tampered(attempt);
            _exit(0);
        }
        waitpid(child, NULL, 0);
        BOARD->tries++;
    }
}

/* The victim's destructor of thread-specific data runs after the storage was given back. */
static void destructor(void *value)
{
    if (&ia2_thread_block)
        CONTROL_PAGE = (unsigned long)ia2_thread_block + 4096;
    intrude_look();
}
static void *in_thread(void *unused)
{
    pthread_setspecific(key, &key);
    intrude_end();
    return unused;
}
static void early_end(const struct attempt *attempt)
{
    pthread_t thread;
    pthread_key_t unused[16];
    int i;

    /* The last key: its destructor runs after the others of a round. */
    for (i = 0; i < 16; i++)
        pthread_key_create(&unused[i], NULL);
    pthread_key_create(&key, destructor);
    CONTROL_PAGE = (unsigned long)canary & ~15ul;
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
}

/* Threads of both compartments begin and end at once. */
static void *call_both(void *unused)
{
    int i;

    for (i = 0; i < 20; i++)
        if (intrude_honest(i) != i + 3)
            BOARD->breached = 1;
    return unused;
}
static void benign_churn(const struct attempt *attempt)
{
    pthread_t threads[8];
    int i, round;

    for (round = 0; round < 25; round++) {
        for (i = 0; i < 8; i++)
            pthread_create(&threads[i], NULL, call_both, NULL);
        for (i = 0; i < 8; i++)
            pthread_join(threads[i], NULL);
    }
    printf("%lu\n", BOARD->breached);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "benign-churn", benign_churn },
    { "tampered-request", tamper, 0, 500, 1 },
    { "early-end", early_end },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    watch("memory of 1", canary, sizeof canary);
    return attack(attempts, argc, argv);
}
