#define _GNU_SOURCE
#include <ia2.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "inner.h"
#include "parser.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static jmp_buf private_back;
static sigjmp_buf from_handler;
IA2_SHARED_DATA jmp_buf back = { { { 1 } } };
static int errors;

IA2_STATIC_FN(on_error, _ZTSPFvvE, main_c) static void on_error(void)
{
    errors++;
    longjmp(private_back, 2);
} IA2_REGISTER_LOCAL(on_error, 0x8de22e1e248efb7b)
static void on_signal(int number) { siglongjmp(from_handler, number); }

static long callbacks(int times)
{
    volatile long sum = 0;
    for (volatile int i = 0; i < times; i++) {
        int result = setjmp(private_back);
        if (result == 0)
            sum += 1000 * parser_run(i % 5, IA2_FN(on_error));
        else
            sum += result + parser_sum(1) % 7;
    }
    return sum;
}

static void *thread(void *argument)
{
    jmp_buf own;
    volatile long sum = 0;
    for (volatile int i = 0; i < 100; i++)
        if (setjmp(own) == 0)
            longjmp(own, 1);
        else
            sum += inner_sum(0) + parser_retry(3);
    return (void *)sum;
}

int main(int argc, char **argv)
{
    const char *what = argv[1];

    if (!strcmp(what, "within")) {
        printf("own %ld\n", (long)thread(NULL));
        printf("parser %d\n", parser_retry(10));
    }
    if (!strcmp(what, "callback")) {
        /* More than the stack would hold if frames were only forgotten. */
        printf("callbacks %ld\n", callbacks(3000));
        printf("errors %d\n", errors);
    }
    if (!strcmp(what, "across")) {
        volatile long sum = 0;
        for (volatile int i = 0; i < 3000; i++) {
            int result = setjmp(back);
            if (result == 0)
                sum += i % 2 ? parser_fail(&back, i % 5) : parser_through_inner(&back);
            else
                sum += result + parser_sum(2);
        }
        printf("across %ld %d\n", sum, inner_sum(0));
    }
    if (!strcmp(what, "handler")) {
        volatile int count = 0;
        signal(SIGUSR1, on_signal);
        for (volatile int i = 0; i < 200; i++)
            if (sigsetjmp(from_handler, 1) == 0)
                raise(SIGUSR1);
            else
                count += parser_sum(1);
        printf("handler %d\n", count);
    }
    if (!strcmp(what, "thread")) {
        pthread_t threads[4];
        long sum = 0;
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, thread, NULL);
        for (int i = 0; i < 4; i++) {
            void *result;
            pthread_join(threads[i], &result);
            sum += (long)result;
        }
        printf("threads %ld\n", sum);
    }
    fflush(stdout);
    if (!strcmp(what, "forged")) {
        /* A copy that nobody has set. */
        static IA2_SHARED_DATA jmp_buf copy = { { { 1 } } };
        if (setjmp(back) == 0) {
            memcpy(&copy, &back, sizeof copy);
            parser_fail(&copy, 1);
        }
        return 3;
    }
    if (!strcmp(what, "private"))
        if (setjmp(private_back) == 0)
            parser_fail(&private_back, 1);
    return 0;
}
IA2_NEED(inner_sum)
IA2_NEED(parser_fail)
IA2_NEED(parser_retry)
IA2_NEED(parser_run)
IA2_NEED(parser_sum)
IA2_NEED(parser_through_inner)
