#define _GNU_SOURCE
#include <ia2.h>
#include <permissive_mode.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "spy.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int secret = 42;
static __thread int local_secret = 43;
static char big[20000];
static char copy[20000];
static char line[] = "a line from private memory\n";
static char path[] = "/proc/self/comm";
static volatile int seen;

__attribute__((noinline)) static void memory(void)
{
    int on_stack = 45;
    int *on_heap = malloc(sizeof *on_heap);

    *on_heap = 46;
    for (int i = 0; i < 3; i++)
        printf("global %d\n", spy_read(&secret));
    spy_write(&secret, 1);
    spy_write(on_heap, 2);
    spy_write(&on_stack, 3);
    printf("%d %d %d %d\n", secret, *on_heap, on_stack, spy_read(&local_secret));
    free(on_heap);
}

static void copies(void)
{
    long sum = 0;

    spy_set(big, 7, sizeof big);
    big[19999] = 9;
    spy_copy(copy, big, sizeof copy);
    for (size_t i = 0; i < sizeof copy; i++)
        sum += copy[i];
    printf("sum %ld\n", sum);
}

/* Blocks that one compartment allocates and another frees or resizes. */
static void blocks(void)
{
    char *block = malloc(100), *grown, *text = spy_text();

    strcpy(block, "allocated by main");
    grown = spy_grow(block, 5000);
    printf("%s, %s\n", grown, text);
    free(text);
    spy_free(grown);
    for (int i = 0; i < 1000; i++)
        spy_free(malloc(40));
}

static void calls(void)
{
    int ends[2];
    char *block = calloc(1, 100);
    int file;

    if (pipe(ends))
        exit(1);
    printf("sent %ld\n", spy_send(ends[1], line, sizeof line));
    printf("received %ld\n", spy_receive(ends[0], block, 100));
    printf("%s", block);
    file = spy_open(path);
    printf("opened %d\n", file > 0);
    printf("missing %d\n", spy_open("/nonexistent"));
    free(block);
}

static void *start(void *argument)
{
    int on_stack = 5;

    seen = spy_read(&on_stack);
    spy_write(&secret, 6);
    return argument;
}

IA2_STATIC_FN(on_signal, _ZTSPFviE, main_c) static void on_signal(int signal)
{
    seen = spy_read(&secret) + signal - SIGUSR1;
} IA2_REGISTER_LOCAL(on_signal, 0x6f9821aa8c197b5e)
IA2_DEFINE_SIGHANDLER(on_signal, 1);

static void show(pid_t child)
{
    char name[100];
    char text[4000];
    FILE *file;
    size_t length;

    snprintf(name, sizeof name, "/tmp/ia2-permissive-%d.json", (int)child);
    file = fopen(name, "r");
    if (file == NULL)
        return;
    length = fread(text, 1, sizeof text, file);
    fwrite(text, 1, length, stderr);
    fclose(file);
    remove(name);
}

/* Local variables of two functions, on the same page of the stack. */
static __attribute__((noinline)) void often(void)
{
    int touched = 0;
    for (int i = 0; i < 30; i++)
        spy_write(&touched, i);
    printf("often %d\n", touched);
}

static __attribute__((noinline)) void once(void)
{
    int touched = 0;
    spy_write(&touched, 1);
    printf("once %d\n", touched);
}

/* Caller and callee take turns with a page so often that it is opened, until another function is called. */
static __attribute__((noinline)) void turns(void)
{
    int touched = 0, sum = 0;
    for (int i = 0; i < 1000; i++) {
        spy_write(&touched, i);
        sum += *(volatile int *)&touched;
    }
    printf("turns %d %d\n", sum, spy_read(&sum));
}

/* Two blocks on a page, and one that another compartment touches often and the kernel fills then. */
static __attribute__((noinline)) void neighbours(void)
{
    int *first = malloc(sizeof *first), *second = malloc(sizeof *second);
    char *pages = aligned_alloc(4096, 8192);
    int ends[2];

    *first = 0;
    for (int i = 0; i < 30; i++) {
        spy_write(first, i);
        seen = *first;
    }
    *second = 1;
    spy_write(second, 2);
    printf("neighbours %d %d\n", *first, *second);
    memset(pages, 1, 8192);
    if (pipe(ends) || write(ends[1], pages, 8192) != 8192)
        exit(1);
    for (int i = 0; i < 30; i++)
        spy_write((int *)(pages + 4096), i);
    printf("read %zd\n", read(ends[0], pages, 8192));
    printf("byte %d\n", pages[4096]);
    free(first);
    free(second);
    free(pages);
}

/* An object that is gone when the summary is printed. */
static __attribute__((noinline)) void unloaded(void)
{
    void *guest = dlopen("libguest.so", RTLD_NOW);
    struct IA2_fnptr__ZTSPFiPKiE read_it = (struct IA2_fnptr__ZTSPFiPKiE){(void *)(dlsym(guest, "guest_read"))};
    const int *hidden = dlsym(guest, "guest_secret");

    printf("%d %d\n", IA2_CALL(read_it, _ZTSPFiPKiE)(&secret), *hidden);
    dlclose(guest);
    printf("%d\n", dlopen("libguest.so", RTLD_NOW | RTLD_NOLOAD) == NULL);
}

/* What the system gives back is known for what it is, although calls are watched. */
IA2_STATIC_FN(on_own, _ZTSPFviE, main_c) static void on_own(int signal) { seen += signal; } IA2_REGISTER_LOCAL(on_own, 0x345f7b4408737131)

static void handlers(void)
{
    struct IA2_fnptr__ZTSPFviE previous; struct IA2_fnptr__ZTSPFviE theirs = spy_handler();

    signal(SIGUSR2, IA2_PLAIN(theirs, _ZTSPFviE));
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR2, on_own)));
    printf("previous %d %d\n", IA2_IDENTITY(previous) == IA2_IDENTITY(theirs), IA2_IDENTITY(previous) == IA2_IDENTITY(spy_handler()));
    IA2_CALL(previous, _ZTSPFviE)(1);
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR2, SIG_DFL)));
    printf("previous %d %d\n", IA2_IDENTITY(previous) == IA2_FN_IDENTITY(on_own), seen);
}

int main(int argc, char **argv)
{
    const char *what = argv[1];

    setvbuf(stdout, NULL, _IONBF, 0);
    if (!strcmp(what, "memory")) {
        memory();
        return 3;
    }
    if (!strcmp(what, "handlers")) {
        handlers();
        spy_read(&secret);
    }
    if (!strcmp(what, "json")) {
        pid_t child = fork();
        if (child == 0) {
            memory();
            exit(0);
        }
        waitpid(child, NULL, 0);
        show(child);
    }
    if (!strcmp(what, "unloaded"))
        unloaded();
    if (!strcmp(what, "locals")) {
        often();
        once();
        neighbours();
    }
    if (!strcmp(what, "turns"))
        turns();
    if (!strcmp(what, "copy"))
        copies();
    if (!strcmp(what, "blocks"))
        blocks();
    if (!strcmp(what, "calls"))
        calls();
    if (!strcmp(what, "thread")) {
        pthread_t threads[4];
        for (int i = 0; i < 4; i++)
            pthread_create(&threads[i], NULL, start, NULL);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
        printf("seen %d %d\n", seen, secret);
    }
    if (!strcmp(what, "handler")) {
        signal(SIGUSR1, IA2_SIGHANDLER(on_signal));
        for (int i = 0; i < 10; i++)
            raise(SIGUSR1);
        printf("seen %d\n", seen);
    }
    if (!strcmp(what, "fork")) {
        spy_read(&secret);
        pid_t child = fork();
        if (child == 0) {
            printf("child %d\n", spy_read(&secret) + spy_read(&secret));
            _exit(4);
        }
        int status;
        waitpid(child, &status, 0);
        printf("child ended %d\n", WEXITSTATUS(status));
        _exit(0);
    }
    if (!strcmp(what, "exec")) {
        spy_read(&secret);
        char *arguments[] = { argv[0], "nothing", NULL };
        pid_t child;
        int status;
        if (posix_spawn(&child, "/proc/self/exe", NULL, NULL, arguments, environ))
            return 1;
        waitpid(child, &status, 0);
        printf("spawned %d\n", status);
        execl("/proc/self/exe", argv[0], "nothing", (char *)NULL);
    }
    if (!strcmp(what, "wild")) {
        spy_read(&secret);
        spy_read((const int *)8);
    }
    return 0;
}
IA2_NEED(spy_copy)
IA2_NEED(spy_free)
IA2_NEED(spy_grow)
IA2_NEED(spy_handler)
IA2_NEED(spy_open)
IA2_NEED(spy_read)
IA2_NEED(spy_receive)
IA2_NEED(spy_send)
IA2_NEED(spy_set)
IA2_NEED(spy_text)
IA2_NEED(spy_write)
IA2_TLS_PAD;
