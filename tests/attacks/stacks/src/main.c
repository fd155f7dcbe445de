#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char *on_stack;

static void benign(const struct attempt *attempt) { printf("%d\n", thief_honest(50)); }
static void recurse(const struct attempt *attempt) { thief_recurse(0); }

static void *recurse_in_thread(void *unused)
{
    thief_recurse(0);
    return unused;
}
static void thread(const struct attempt *attempt)
{
    pthread_t thread;

    pthread_create(&thread, NULL, recurse_in_thread, NULL);
    pthread_join(thread, NULL);
}

/* From the attacker's stack straight to the victim's. */
static void leap(const struct attempt *attempt)
{
    unsigned long here = thief_stack();

    printf("target %p\n", (void *)on_stack);
    fflush(stdout);
    thief_leap(here - (unsigned long)on_stack);
}
/* Over any number of guard pages, up to the next stack. */
static void leap_over_guard(const struct attempt *attempt)
{
    unsigned long i;

    for (i = 12; i < 30; i++) {
        if (fork() == 0) {
            thief_leap(1ul << i);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        continue;
}
static void climb(const struct attempt *attempt) { thief_climb(64 << 20); }

/* What /proc/self/maps says of the memory around an address. */
static void around(unsigned long address, char *below, char *above, unsigned long *start)
{
    unsigned long from, to, last_to = 0;
    char line[512], rights[5], last[5] = "none";
    FILE *maps = fopen("/proc/self/maps", "r");
    int found = 0;

    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx %4s", &from, &to, rights) != 3)
            continue;
        if (found) {
            strcpy(above, from == last_to ? rights : "none");
            break;
        }
        if (from <= address && address < to) {
            strcpy(below, from == last_to ? last : "none");
            *start = from;
            found = 1;
        }
        strcpy(last, rights);
        last_to = to;
    }
    fclose(maps);
}

static void look_at(const char *whose, unsigned long address)
{
    char below[5] = "none", above[5] = "none";
    unsigned long start = 0;

    around(address, below, above, &start);
    printf("%s: below %s, above %s\n", whose, below, above);
    if ((strcmp(below, "---p") && strcmp(below, "none")) || (strcmp(above, "---p") && strcmp(above, "none")))
        BOARD->breached = 1;
}

static void *look_at_all(void *unused)
{
    stack_t alternate;

    look_at("1", (unsigned long)__builtin_frame_address(0));
    look_at("2", bank_stack());
    look_at("3", thief_stack());
    /* Below is what counts: a handler that goes too deep. */
    syscall(SYS_sigaltstack, NULL, &alternate);
    if (alternate.ss_sp) {
        char below[5] = "none", above[5] = "none";
        unsigned long start = 0;
        around((unsigned long)alternate.ss_sp, below, above, &start);
        printf("alternate: below %s\n", below);
        if (start != (unsigned long)alternate.ss_sp || strcmp(below, "---p"))
            BOARD->breached = 1;
    }
    return unused;
}
static void guards(const struct attempt *attempt)
{
    pthread_t threads[3];
    int i;

    look_at_all(NULL);
    for (i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, look_at_all, NULL);
    for (i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "recursion", recurse },
    { "recursion-in-thread", thread },
    { "leap-to-victim", leap },
    { "leap-over-guard", leap_over_guard, 0, 0, 1 },
    { "climb", climb },
    { "guards", guards },
    { NULL },
};

int main(int argc, char **argv)
{
    unsigned char canary[48];

    set_up();
    on_stack = canary + 16;
    watch("stack of 1", canary, sizeof canary);
    return attack(attempts, argc, argv);
}
