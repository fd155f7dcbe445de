/*
 * worker.c - compartment 1: calls functions of compartment 2 plainly and through gates.
 *
 * Usage: worker time        one line for each row: name, least and median nanoseconds per call
 *        worker count ROW   makes one call of the row before and one after a breakpoint, then another
 *                           breakpoint; for who steps through it
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "functions.h"

/* What the generated header says of a program whose pointers to `int (int, int)` are opaque. */
#define IA2_REWRITTEN 1
#include <ia2.h>
struct IA2_fnptr_two {
    void *ptr;
};
#define IA2_TYPE_two int (*)(int, int)
#define IA2_HASH_two (~TYPE_HASH)
#define IA2_LOOKED_UP_two 0
extern struct IA2_fnptr_two stub_two, stub_own_two;

void test_start(void);
void test_start_thread(void);
void test_run(int compartment, void (*body)(void *), void *argument);

/* The direct gates. */
#define GATE(result, name, parameters) result ia2_1_to_2_##name parameters;
FUNCTIONS(GATE)

/* Two switches with their comparisons and another stack, and nothing else. */
int floor_two(int a, int b);
void *floor_stack;

int own_two(int a, int b)
{
    return a + b;
}

/* In the order of the gates' table. */
void (*const test_functions[])() = {(void (*)())own_two, (void (*)())none, (void (*)())two,
                                    (void (*)())six,     (void (*)())nine, (void (*)())both,
                                    (void (*)())real,    0};

static int (*volatile plain_pointer)(int, int) = own_two;
static int (*volatile plain_pointer_to_other)(int, int);
static struct IA2_fnptr_two volatile own_pointer, other_pointer;
static struct block block;

/* ---- Rows ------------------------------------------------------------------------------------ */

/* The loop of a row is the same for all, but for the call. */
#define ROW(name, call)                                                                            \
    __attribute__((noinline)) static void row_##name(unsigned long n)                              \
    {                                                                                              \
        while (n--) {                                                                              \
            __asm__ volatile("" : : : "memory");                                                   \
            call;                                                                                  \
        }                                                                                          \
    }

#define DIRECT(name, arguments)                                                                    \
    ROW(plain_##name, name arguments)                                                              \
    ROW(gate_##name, ia2_1_to_2_##name arguments)

DIRECT(none, ())
DIRECT(two, (1, 2))
DIRECT(six, (1, 2, 3, 4, 5, 6))
DIRECT(nine, (1, 2, 3, 4, 5, 6, 7, 8, 9))
ROW(plain_both, block = both(block))
ROW(gate_both, block = ia2_1_to_2_both(block))
DIRECT(real, (1.5))
ROW(floor, floor_two(1, 2))
ROW(plain_pointer, plain_pointer(1, 2))
ROW(plain_pointer_to_other, plain_pointer_to_other(1, 2))
ROW(pointer_same, ({
        struct IA2_fnptr_two p = own_pointer;
        IA2_CALL(p, two)(1, 2);
    }))
ROW(pointer_cross, ({
        struct IA2_fnptr_two p = other_pointer;
        IA2_CALL(p, two)(1, 2);
    }))

/* ---- Other processes ------------------------------------------------------------------------- */

static int to_other[2], from_other[2];
/* Who is to move: the parent at 0, the child at 1. */
static uint32_t *turn;

static void check(int failed, const char *what)
{
    if (failed) {
        perror(what);
        exit(3);
    }
}

static void child_of(void (*body)(void))
{
    pid_t child = fork();
    check(child < 0, "fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        body();
        _exit(0);
    }
}

static void answer_pipe(void)
{
    char byte;
    while (read(to_other[0], &byte, 1) == 1 && write(from_other[1], &byte, 1) == 1)
        continue;
}

static void row_pipe(unsigned long n)
{
    char byte = 0;
    while (n--)
        check(write(to_other[1], &byte, 1) != 1 || read(from_other[0], &byte, 1) != 1, "pipe");
}

static void pass_on(uint32_t whom, uint32_t own)
{
    __atomic_store_n(turn, whom, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, turn, FUTEX_WAKE, 1, 0, 0, 0);
    while (__atomic_load_n(turn, __ATOMIC_SEQ_CST) != own)
        syscall(SYS_futex, turn, FUTEX_WAIT, whom, 0, 0, 0);
}

static void answer_futex(void)
{
    while (__atomic_load_n(turn, __ATOMIC_SEQ_CST) != 1)
        syscall(SYS_futex, turn, FUTEX_WAIT, 0, 0, 0, 0);
    for (;;)
        pass_on(0, 1);
}

static void row_futex(unsigned long n)
{
    while (n--)
        pass_on(1, 0);
}

static void start_processes(void)
{
    check(pipe(to_other) || pipe(from_other), "pipe");
    turn = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    check(turn == MAP_FAILED, "mmap");
    child_of(answer_pipe);
    child_of(answer_futex);
}

/* ---- Measuring ------------------------------------------------------------------------------- */

enum { BATCHES = 201 };

static const struct row {
    const char *name;
    void (*run)(unsigned long);
    /* Calls in a batch: some twenty microseconds, so that most batches are not interrupted. */
    unsigned long calls;
} rows[] = {
    {"floor", row_floor, 800},
    {"plain none", row_plain_none, 4000},
    {"plain two", row_plain_two, 4000},
    {"plain six", row_plain_six, 4000},
    {"plain nine", row_plain_nine, 4000},
    {"plain both", row_plain_both, 2000},
    {"plain real", row_plain_real, 4000},
    {"gate none", row_gate_none, 600},
    {"gate two", row_gate_two, 600},
    {"gate six", row_gate_six, 600},
    {"gate nine", row_gate_nine, 600},
    {"gate both", row_gate_both, 600},
    {"gate real", row_gate_real, 600},
    {"plain pointer", row_plain_pointer, 4000},
    {"plain pointer to other", row_plain_pointer_to_other, 4000},
    {"pointer same", row_pointer_same, 4000},
    {"pointer cross", row_pointer_cross, 600},
    {"pipe", row_pipe, 20},
    {"futex", row_futex, 20},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e9 + time.tv_nsec;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void measure(void *unused)
{
    static double nanoseconds[ROWS][BATCHES];
    (void)unused;
    for (int batch = 0; batch < BATCHES; batch++)
        for (int row = 0; row < ROWS; row++) {
            /* So that caches and predictions are the row's own. */
            rows[row].run(rows[row].calls / 10 + 1);
            double start = now();
            rows[row].run(rows[row].calls);
            nanoseconds[row][batch] = (now() - start) / rows[row].calls;
        }
    for (int row = 0; row < ROWS; row++) {
        qsort(nanoseconds[row], BATCHES, sizeof(double), compare);
        printf("%s\t%.3f\t%.3f\n", rows[row].name, nanoseconds[row][0],
               nanoseconds[row][BATCHES / 2]);
    }
}

static void count(void *row)
{
    for (int time = 0; time < 2; time++) {
        __asm__ volatile("int3");
        ((const struct row *)row)->run(1);
    }
    __asm__ volatile("int3");
}

int main(int argc, char **argv)
{
    char *stack = mmap(0, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(stack == MAP_FAILED, "mmap");
    floor_stack = stack + 65536;
    plain_pointer_to_other = two;
    own_pointer.ptr = &stub_own_two;
    other_pointer.ptr = &stub_two;
    test_start();
    test_start_thread();
    if (argc == 2 && strcmp(argv[1], "time") == 0) {
        start_processes();
        test_run(1, measure, 0);
        return 0;
    }
    for (int row = 0; argc == 3 && row < ROWS; row++)
        if (strcmp(rows[row].name, argv[2]) == 0) {
            test_run(1, count, (void *)&rows[row]);
            return 0;
        }
    return 2;
}
