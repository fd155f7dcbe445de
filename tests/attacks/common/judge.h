/*
 * judge.h - makes attempts and judges them; for the executable of an attack program.
 *
 * Every attempt runs in a child of its own. The judge, its tracer, knows the canaries: memory of
 * victims that holds random bytes. It compares them with what they were when the child ends, before
 * its memory is gone, and looks for them among what the attacker took. So a crash after a canary was
 * changed counts as a breach.
 *
 * For each attempt the judge prints
 *
 *     attempt NAME
 *     | what the child printed on either stream
 *     end exit 0  or  end signal 11
 *     verdict contained  or  verdict breach: why
 *
 * An attempt whose name begins with "benign" is what honest programs do, and is not judged.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "attack.h"

struct attempt {
    const char *name;
    void (*run)(const struct attempt *);
    /* For `run`, if several attempts share it. */
    int argument;
    /* Seconds after which the attempt is stopped; 0 for a minute. */
    unsigned seconds;
    /* It uses ptrace itself, or children, and calls check_canaries() in the end, or says itself that it succeeded. */
    int untraced;
};

struct canary {
    const char *name;
    unsigned char *address;
    size_t size;
    /* Whether the attacker may read it: then only changing it is a breach. */
    int readable;
    /* As many bytes of it in a row are a breach. */
    size_t part;
    unsigned char bytes[64];
};

static struct canary canaries[16];
static int canary_count;

/* Fills memory with random bytes that no attacker may read or change. At most 64. */
__attribute__((unused)) static void watch(const char *name, void *memory, size_t size)
{
    struct canary *canary = &canaries[canary_count++];

    if (size > sizeof canary->bytes)
        abort();
    if (getrandom(memory, size, 0) != (ssize_t)size)
        abort();
    canary->name = name;
    canary->address = memory;
    canary->size = size;
    canary->part = size < 8 ? size : 8;
    memcpy(canary->bytes, memory, size);
}

/* Watches memory that stays as it is and may be read. */
__attribute__((unused)) static void watch_changes(const char *name, void *memory, size_t size)
{
    struct canary *canary = &canaries[canary_count++];

    if (size > sizeof canary->bytes)
        abort();
    canary->name = name;
    canary->address = memory;
    canary->size = size;
    canary->part = size < 8 ? size : 8;
    canary->readable = 1;
}

/* Watches memory of another compartment, which filled it itself. The judge reads it by the kernel. */
__attribute__((unused)) static void watch_foreign(const char *name, void *memory, size_t size)
{
    watch_changes(name, memory, size);
    canaries[canary_count - 1].readable = 0;
}

static int verdict_given;

static void breach(const char *why, const char *what)
{
    printf(verdict_given ? "; %s%s" : "verdict breach: %s%s", why, what);
    verdict_given = 1;
}

/* Reads the canaries of a stopped child; compares them unless this is the first time. */
static void read_canaries(pid_t child, int first, unsigned *changed)
{
    unsigned char now[sizeof canaries[0].bytes];
    char path[64];
    int i, memory;

    snprintf(path, sizeof path, "/proc/%d/mem", (int)child);
    memory = open(path, O_RDONLY);
    for (i = 0; i < canary_count; i++) {
        struct canary *canary = &canaries[i];
        ssize_t got = pread(memory, now, canary->size, (off_t)(unsigned long)canary->address);
        if (first && got == (ssize_t)canary->size)
            memcpy(canary->bytes, now, canary->size);
        else if (got != (ssize_t)canary->size || memcmp(canary->bytes, now, canary->size))
            *changed |= 1u << i;
    }
    close(memory);
}

/* For an attempt without a tracer: compares the canaries of the running compartment. */
__attribute__((unused)) static void check_canaries(void)
{
    int i;

    for (i = 0; i < canary_count; i++)
        if (memcmp(canaries[i].bytes, canaries[i].address, canaries[i].size))
            BOARD->breached = 1;
}

static int was_read(const struct canary *canary)
{
    unsigned char loot[sizeof BOARD->loot];
    size_t i, size = BOARD->loot_size, part = canary->part;

    for (i = 0; i < size; i++)
        loot[i] = BOARD->loot[i];
    for (i = 0; i + part <= canary->size; i++)
        if (memmem(loot, size, canary->bytes + i, part))
            return 1;
    return 0;
}

/* Follows all threads of the child until the last has ended; gives its wait status. */
static int follow(pid_t child, unsigned *changed, int *seen)
{
    int status;
    pid_t thread;

    if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
        return status;
    read_canaries(child, 1, changed);
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL | PTRACE_O_TRACEEXIT | PTRACE_O_TRACECLONE);
    ptrace(PTRACE_CONT, child, 0, 0);
    while ((thread = waitpid(-1, &status, __WALL)) > 0) {
        unsigned long deliver = 0;
        if (!WIFSTOPPED(status)) {
            if (thread == child)
                return status;
            continue;
        }
        if (status >> 16 == PTRACE_EVENT_EXIT) {
            read_canaries(thread, 0, changed);
            *seen = 1;
        } else if (status >> 16 == 0 && WSTOPSIG(status) != SIGSTOP) {
            deliver = (unsigned long)WSTOPSIG(status);
        }
        ptrace(PTRACE_CONT, thread, 0, deliver);
    }
    return status;
}

static void show(FILE *output)
{
    char line[512];

    rewind(output);
    while (fgets(line, sizeof line, output))
        printf("| %s%s", line, strchr(line, '\n') ? "" : "\n");
    fclose(output);
}

static void judge(const struct attempt *attempt, unsigned changed, int seen)
{
    char text[64];
    int i;

    verdict_given = 0;
    for (i = 0; i < canary_count; i++) {
        if (changed & 1u << i)
            breach("changed: ", canaries[i].name);
        if (!canaries[i].readable && was_read(&canaries[i]))
            breach("read: ", canaries[i].name);
    }
    for (i = 0; i < 16; i++) {
        snprintf(text, sizeof text, "%d", i);
        if (BOARD->calls[i])
            breach("ran a function of a victim: ", text);
    }
    snprintf(text, sizeof text, "%#x, %lu times", BOARD->landed_pkru, BOARD->landed);
    if (BOARD->landed)
        breach("ran with PKRU ", text);
    if (BOARD->breached)
        breach("the attack says that it succeeded", "");
    if (BOARD->tries)
        printf("%s%lu tries", verdict_given ? "; " : "tries: ", BOARD->tries);
    if (BOARD->tries && !verdict_given)
        printf("\n");
    if (!verdict_given && !seen && !attempt->untraced)
        printf("verdict unknown: the end of the child was not seen");
    else if (!verdict_given)
        printf("verdict contained");
    printf("\n");
}

static void make(const struct attempt *attempt)
{
    FILE *output = tmpfile();
    unsigned changed = 0;
    int seen = 0, status = 0;
    pid_t child;

    printf("attempt %s\n", attempt->name);
    fflush(stdout);
    memset((void *)BOARD, 0, sizeof *BOARD);
    child = fork();
    if (child == 0) {
        dup2(fileno(output), 1);
        dup2(fileno(output), 2);
        alarm(attempt->seconds ? attempt->seconds : 60);
        if (!attempt->untraced) {
            ptrace(PTRACE_TRACEME, 0, 0, 0);
            raise(SIGSTOP);
        }
        attempt->run(attempt);
        fflush(stdout);
        _exit(0);
    }
    if (attempt->untraced)
        waitpid(child, &status, 0);
    else
        status = follow(child, &changed, &seen);
    show(output);
    if (WIFSIGNALED(status))
        printf("end signal %d\n", WTERMSIG(status));
    else
        printf("end exit %d\n", WEXITSTATUS(status));
    if (!strncmp(attempt->name, "benign", 6))
        printf("verdict benign\n");
    else
        judge(attempt, changed, seen);
    fflush(stdout);
}

static int is_named(const char *name, int argc, char **argv)
{
    int i, found = argc < 2;

    for (i = 1; i < argc; i++)
        found |= !strcmp(argv[i], name);
    return found;
}

/* Makes all attempts of a table that ends with a null name, or those that are named. */
static int attack(const struct attempt *attempts, int argc, char **argv)
{
    struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
    for (; attempts->name; attempts++)
        if (is_named(attempts->name, argc, argv))
            make(attempts);
    return 0;
}

/* Maps the board. To be called first. */
static void set_up(void)
{
    void *board = mmap(BOARD, sizeof(struct board), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    if (board != BOARD)
        abort();
}

#endif
