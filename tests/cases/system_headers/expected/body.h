/* The same calls in both compartments: each callback works on private data of its own. */
#include <dirent.h>
#include <ftw.h>
#include <getopt.h>
#include <glob.h>
#include <link.h>
#include <obstack.h>
#include <pthread.h>
#include <regex.h>
#include <search.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <argp.h>

static int calls;
IA2_STATIC_FN(compare, _ZTSPFiPKvS0_E, body_h) static int compare(const void *a, const void *b)
{
    calls++;
    return *(const int *)a - *(const int *)b;
} IA2_REGISTER_LOCAL(compare, 0x51064e77ac35d625)
IA2_STATIC_FN(compare_r, _ZTSPFiPKvS0_PvE, body_h) static int compare_r(const void *a, const void *b, void *data)
{
    calls++;
    return *(int *)data * (*(const int *)a - *(const int *)b);
} IA2_REGISTER_LOCAL(compare_r, 0x5d1a060a11b60a9c)
typedef struct IA2_fnptr__ZTSPFiPKvS0_E compare_fn;
IA2_STATIC_FN(visit, _ZTSPFvPKv5VISITiE, body_h) static void visit(const void *node, VISIT order, int depth)
{
    if (order == leaf || order == postorder)
        calls += **(int *const *)node;
    (void)depth;
} IA2_REGISTER_LOCAL(visit, 0x2238ebe52ceae16a)
IA2_STATIC_FN(drop, _ZTSPFvPvE, body_h) static void drop(void *node)
{
    (void)node;
    calls++;
} IA2_REGISTER_LOCAL(drop, 0x7ac7ea0c5f621f83)
static void sorting(void)
{
    static int values[4], one[] = { 4, 2, 3, 1 };
    int key = 3, sign = -1, other = 5;
    size_t count = 4;
    compare_fn c = {IA2_FN_ADDR(compare)};
    void *root = NULL;
    int *found;
    memcpy(values, one, sizeof one);
    calls = 0;
    qsort(values, 4, sizeof *values, IA2_PLAIN(c, _ZTSPFiPKvS0_E));
    printf(WHO " qsort %d %d %d\n", values[0], values[3], calls > 0);
    found = bsearch(&key, values, 4, sizeof *values, compare);
    printf(WHO " bsearch %d\n", found ? *found : -1);
    qsort_r(values, 4, sizeof *values, compare_r, &sign);
    printf(WHO " qsort_r %d\n", values[0]);
    found = lfind(&key, values, &count, sizeof *values, &compare);
    printf(WHO " lfind %d %d\n", *found, lfind(&other, values, &count, sizeof *values, IA2_PLAIN(c, _ZTSPFiPKvS0_E)) == NULL);
    for (int i = 0; i < 4; i++)
        tsearch(&values[i], &root, i & 1 ? compare : IA2_PLAIN(c, _ZTSPFiPKvS0_E));
    printf(WHO " tfind %d\n", **(int **)tfind(&key, &root, compare));
    calls = 0;
    twalk(root, visit);
    printf(WHO " twalk %d\n", calls);
    tdelete(&key, &root, compare);
    calls = 0;
    tdestroy(root, drop);
    printf(WHO " tdestroy %d\n", calls);
}

static int seen_files;
IA2_STATIC_FN(on_file, _ZTSPFiPKcPK4statiE, body_h) static int on_file(const char *path, const struct stat *st, int flag)
{
    (void)path;
    (void)st;
    (void)flag;
    seen_files++;
    return 0;
} IA2_REGISTER_LOCAL(on_file, 0x16fd4055fe05216c)
IA2_STATIC_FN(on_file_n, _ZTSPFiPKcPK4statiP3FTWE, body_h) static int on_file_n(const char *path, const struct stat *st, int flag, struct FTW *info)
{
    (void)path;
    (void)st;
    (void)flag;
    seen_files += info->level >= 0;
    return 0;
} IA2_REGISTER_LOCAL(on_file_n, 0xc7b4142e3fcde19)
IA2_STATIC_FN(only_dots, _ZTSPFiPK6direntE, body_h) static int only_dots(const struct dirent *entry)
{
    seen_files++;
    return entry->d_name[0] == '.';
} IA2_REGISTER_LOCAL(only_dots, 0xbe1a20fecca04b4b)
IA2_STATIC_FN(glob_failed, _ZTSPFiPKciE, body_h) static int glob_failed(const char *path, int error)
{
    (void)path;
    (void)error;
    seen_files++;
    return 0;
} IA2_REGISTER_LOCAL(glob_failed, 0xcfa97f8e736e0c6f)
static void files(void)
{
    struct dirent **names;
    glob_t found;
    int n;
    seen_files = 0;
    n = ftw("/proc/self/fdinfo", on_file, 4);
    printf(WHO " ftw %d %d\n", n, seen_files > 0);
    seen_files = 0;
    n = nftw("/proc/self/fdinfo", on_file_n, 4, FTW_PHYS);
    printf(WHO " nftw %d %d\n", n, seen_files > 0);
    seen_files = 0;
    n = scandir("/proc/self", &names, only_dots, alphasort);
    printf(WHO " scandir %d %s %d\n", n, names[0]->d_name, seen_files > 2);
    for (int i = 0; i < n; i++)
        free(names[i]);
    free(names);
    n = scandir("/proc/self", &names, NULL, NULL);
    printf(WHO " scandir %d\n", n > 2);
    n = glob("/proc/self/stat*", GLOB_ERR, glob_failed, &found);
    printf(WHO " glob %d %d\n", n, (int)found.gl_pathc);
    globfree(&found);
    found.gl_offs = 0;
    printf(WHO " glob %d\n", glob("/nonexistent/*", 0, NULL, &found) == GLOB_NOMATCH);
}

static int thread_data = 5;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static once_flag flag = ONCE_FLAG_INIT;
static pthread_key_t pkey;
static tss_t tss;
IA2_STATIC_FN(init, _ZTSPFvvE, body_h) static void init(void) { thread_data++; } IA2_REGISTER_LOCAL(init, 0xd30b39d88e8137c9)
IA2_STATIC_FN(destroy, _ZTSPFvPvE, body_h) static void destroy(void *value) { thread_data += (int)(long)value; } IA2_REGISTER_LOCAL(destroy, 0xf545bc923b24a192)
IA2_STATIC_FN(cleanup, _ZTSPFvPvE, body_h) static void cleanup(void *value) { thread_data += (int)(long)value; } IA2_REGISTER_LOCAL(cleanup, 0xb4fc8e58c53ca26c)
IA2_STATIC_FN(body, _ZTSPFPvS_E, body_h) static void *body(void *argument)
{
    pthread_setspecific(pkey, (void *)100L);
    tss_set(tss, (void *)1000L);
    do { __pthread_unwind_buf_t __cancel_buf; struct IA2_fnptr__ZTSPFvPvE __cancel_routine = {IA2_FN_ADDR(cleanup)}; void *__cancel_arg = ((void *)10L); int __not_first_call = __sigsetjmp_cancel (__cancel_buf.__cancel_jmp_buf, 0); if (__builtin_expect ((__not_first_call), 0)) { IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); __pthread_unwind_next (&__cancel_buf); } __pthread_register_cancel (&__cancel_buf); do {;
    thread_data += (int)(long)argument;
    do { } while (0); } while (0); __pthread_unregister_cancel (&__cancel_buf); if (1) IA2_CALL(__cancel_routine, _ZTSPFvPvE) (__cancel_arg); } while (0);
    return (void *)IA2_FN_ADDR(body);
} IA2_REGISTER_LOCAL(body, 0x8c81d1d239d66f0c)
IA2_STATIC_FN(c11_body, _ZTSPFiPvE, body_h) static int c11_body(void *argument)
{
    thread_data += (int)(long)argument;
    return thread_data;
} IA2_REGISTER_LOCAL(c11_body, 0x34332510010588a)
IA2_STATIC_FN(in_child, _ZTSPFvvE, body_h) static void in_child(void) { thread_data = -1; } IA2_REGISTER_LOCAL(in_child, 0x15c7e7acdfc1ba99)
IA2_STATIC_FN(before, _ZTSPFvvE, body_h) static void before(void) { thread_data += 2; } IA2_REGISTER_LOCAL(before, 0x80e3c941fa3f42cc)
static volatile sig_atomic_t signals;
IA2_STATIC_FN(on_signal, _ZTSPFviE, body_h) static void on_signal(int number)
{
    signals += number;
    thread_data++;
} IA2_REGISTER_LOCAL(on_signal, 0x3fc97236c893563a)
IA2_STATIC_FN(on_action, _ZTSPFviP9siginfo_tPvE, body_h) static void on_action(int number, siginfo_t *info, void *context)
{
    (void)context;
    signals += number + (info->si_signo == number);
} IA2_REGISTER_LOCAL(on_action, 0x8b405683a4aa4020)
static ucontext_t here, there;
IA2_STATIC_FN(in_context, _ZTSPFvvE, body_h) static void in_context(void) { thread_data += 7; } IA2_REGISTER_LOCAL(in_context, 0xb12920725898ab28)
static void threads(void)
{
    pthread_t thread;
    thrd_t thrd;
    void *result;
    int code, status;
    struct sigaction action, old;
    struct IA2_fnptr__ZTSPFviE previous;
    struct IA2_fnptr__ZTSPFPvS_E start = {IA2_FN_ADDR(body)};

    pthread_once(&once, init);
    call_once(&flag, init);
    pthread_key_create(&pkey, destroy);
    tss_create(&tss, &destroy);
    pthread_create(&thread, NULL, IA2_PLAIN(start, _ZTSPFPvS_E), (void *)1L);
    pthread_join(thread, &result);
    printf(WHO " thread %d %d\n", thread_data, IA2_ADDRESS_IDENTITY(result) == (void *)IA2_FN_IDENTITY(body));
    thrd_create(&thrd, c11_body, (void *)3L);
    thrd_join(thrd, &code);
    printf(WHO " thrd %d\n", code);
    pthread_atfork(before, NULL, in_child);
    pid_t child = fork();
    if (child == 0)
        _exit(thread_data == -1 ? 3 : 4);
    waitpid(child, &status, 0);
    printf(WHO " atfork %d %d\n", WEXITSTATUS(status), thread_data);
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, on_signal)));
    printf(WHO " signal %d\n", IA2_PLAIN(previous, _ZTSPFviE) == SIG_DFL);
    raise(SIGUSR1);
    previous = IA2_OPAQUE(_ZTSPFviE, IA2_STUB(_ZTSPFviE, signal(SIGUSR1, SIG_IGN)));
    printf(WHO " signal %d %d\n", IA2_PLAIN(previous, _ZTSPFviE) != SIG_DFL, signals == SIGUSR1);
    raise(SIGUSR1);
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_action;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR2, &action, &old);
    raise(SIGUSR2);
    printf(WHO " sigaction %d %d\n", signals, old.sa_handler == SIG_DFL);
    sigaction(SIGUSR2, NULL, &old);
    printf(WHO " sigaction %d\n", IA2_ADDRESS_IDENTITY(old.sa_sigaction) == IA2_FN_IDENTITY(on_action));
    action.sa_flags = 0;
    action.sa_handler = on_signal;
    sigaction(SIGUSR2, &action, NULL);
    raise(SIGUSR2);
    printf(WHO " sigaction %d\n", signals);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGUSR2, SIG_DFL);
    static char stack[65536];
    getcontext(&there);
    there.uc_stack.ss_sp = stack;
    there.uc_stack.ss_size = sizeof stack;
    there.uc_link = &here;
    makecontext(&there, in_context, 0);
    thread_data = 0;
    swapcontext(&here, &there);
    printf(WHO " makecontext %d\n", thread_data);
}

static int objects;
IA2_STATIC_FN(on_object, _ZTSPFiP12dl_phdr_infomPvE, body_h) static int on_object(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    *(int *)data += info->dlpi_phnum > 0;
    objects++;
    return 0;
} IA2_REGISTER_LOCAL(on_object, 0xf23bfaa253e64f09)
static void loader(void)
{
    int count = 0;
    dl_iterate_phdr(on_object, &count);
    printf(WHO " phdr %d\n", count > 0 && count == objects);
}

static char written[64];
static size_t length;
IA2_STATIC_FN(cookie_write, _ZTSPFlPvPKcmE, body_h) static ssize_t cookie_write(void *cookie, const char *data, size_t size)
{
    memcpy(written + length, data, size);
    length += size;
    *(int *)cookie += 1;
    return size;
} IA2_REGISTER_LOCAL(cookie_write, 0xaa302efda3d03fb7)
IA2_STATIC_FN(cookie_read, _ZTSPFlPvPcmE, body_h) static ssize_t cookie_read(void *cookie, char *data, size_t size)
{
    (void)cookie;
    if (size > 3)
        size = 3;
    memcpy(data, "xyz", size);
    return size;
} IA2_REGISTER_LOCAL(cookie_read, 0x44b56a68b0c09ed4)
IA2_STATIC_FN(cookie_close, _ZTSPFiPvE, body_h) static int cookie_close(void *cookie)
{
    *(int *)cookie += 100;
    return 0;
} IA2_REGISTER_LOCAL(cookie_close, 0x11267328c2c50bfa)
IA2_STATIC_FN_AS(chunk_alloc, _ZTSPFPvlE, body_h) static void *chunk_alloc(size_t size)
{
    calls++;
    return malloc(size);
} IA2_REGISTER_LOCAL(chunk_alloc, 0xf670e163f44ca703)
IA2_STATIC_FN(chunk_free, _ZTSPFvPvE, body_h) static void chunk_free(void *chunk)
{
    calls++;
    free(chunk);
} IA2_REGISTER_LOCAL(chunk_free, 0x2242b8d0739836b2)
#define obstack_chunk_alloc chunk_alloc
#define obstack_chunk_free chunk_free
static int verbose;
IA2_STATIC_FN(parse, _ZTSPFiiPcP10argp_stateE, body_h) static error_t parse(int key, char *argument, struct argp_state *state)
{
    (void)state;
    if (key == 'v')
        verbose += atoi(argument);
    return key == 'v' ? 0 : ARGP_ERR_UNKNOWN;
} IA2_REGISTER_LOCAL(parse, 0x6a0212409c8ccb7a)
static void streams(void)
{
    int cookie = 1, status = -1;
    char buffer[4] = "";
    cookie_io_functions_t functions = { .write = cookie_write, .close = cookie_close };
    FILE *stream = fopencookie(&cookie, "w", functions);
    fprintf(stream, "hello %d", 5);
    fclose(stream);
    printf(WHO " cookie %s %d\n", written, cookie);
    functions = (cookie_io_functions_t){ cookie_read, NULL, NULL, cookie_close };
    stream = fopencookie(&cookie, "r", functions);
    setvbuf(stream, NULL, _IONBF, 0);
    if (fread(buffer, 1, 3, stream) == 3)
        printf(WHO " cookie %s\n", buffer);
    fclose(stream);
    struct obstack obstack;
    calls = 0;
    _obstack_begin ((&obstack), 0, 0, IA2_PLAIN((struct IA2_fnptr__ZTSPFPvlE){IA2_FN_ADDR_AS(chunk_alloc, _ZTSPFPvlE)}, _ZTSPFPvlE), IA2_PLAIN((struct IA2_fnptr__ZTSPFvPvE){IA2_FN_ADDR(chunk_free)}, _ZTSPFvPvE));
    char *text = obstack_copy0(&obstack, "obstack", 7);
    printf(WHO " %s %d\n", text, calls > 0);
    obstack_free(&obstack, NULL);
    regex_t regex;
    regmatch_t match[2];
    regcomp(&regex, "b(c+)d", REG_EXTENDED);
    status = regexec(&regex, "abcccd", 2, match, 0);
    printf(WHO " regex %d %d\n", status, (int)match[1].rm_eo);
    regfree(&regex);
    char *arguments[] = { "prog", "-v3", "--level", "4", NULL };
    static const struct option options[] = { { "level", required_argument, &verbose, 1 }, { 0, 0, 0, 0 } };
    int c;
    optind = 0;
    while ((c = getopt_long(4, arguments, "v:", options, NULL)) != -1)
        printf(WHO " option %d %s\n", c, optarg);
    static const struct argp_option argp_options[] = { { "v", 'v', "N", 0, "", 0 }, { 0, 0, 0, 0, 0, 0 } };
    static const struct argp argp = { argp_options, parse, 0, 0, 0, 0, 0 };
    verbose = 0;
    status = argp_parse(&argp, 2, arguments, ARGP_NO_EXIT, 0, 0);
    printf(WHO " argp %d %d\n", status, verbose);
    pid_t child;
    char *argv[] = { "true", NULL };
    char *none[] = { NULL };
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addclose(&actions, 9);
    if (posix_spawn(&child, "/nonexistent/true", &actions, NULL, argv, none) == 0)
        waitpid(child, &status, 0);
    posix_spawn_file_actions_destroy(&actions);
    printf(WHO " spawn %d\n", status);
}

IA2_STATIC_FN(at_end, _ZTSPFvvE, body_h) static void at_end(void) { printf(WHO " atexit %d\n", calls); } IA2_REGISTER_LOCAL(at_end, 0x953bdfebcec22568)
IA2_STATIC_FN(at_exit, _ZTSPFviPvE, body_h) static void at_exit(int status, void *data)
{
    printf(WHO " on_exit %d %s %d\n", status, (char *)data, calls);
} IA2_REGISTER_LOCAL(at_exit, 0x366bf891905d34e1)
static void late(void)
{
    static struct IA2_fnptr__ZTSPFvvE handler = {IA2_FN_ADDR(at_end)};
    calls = 77;
    atexit(at_end);
    atexit(IA2_PLAIN(handler, _ZTSPFvvE));
    on_exit(at_exit, WHO);
    at_quick_exit(at_end);
}
