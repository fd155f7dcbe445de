/* Used by every compartment: all functions are static, so each has its own. */
#pragma once
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <grp.h>
#include <locale.h>
#include <netdb.h>
#include <printf.h>
#include <pthread.h>
#include <pwd.h>
#include <regex.h>
#include <search.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

extern char **environ;

#define EXPECT(condition) \
    do { \
        if (!(condition)) { \
            printf("%s: line %d: not %s, errno %d\n", who, __LINE__, #condition, errno); \
            wrong++; \
        } \
    } while (0)

/* Memory that the program maps itself: grown, given back, made read-only, shared with a child. */
static int mapped(const char *who)
{
    int wrong = 0, status;
    size_t page = 4096;
    char *memory = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    EXPECT(memory != MAP_FAILED);
    memset(memory, 3, 4 * page);
    memory = mremap(memory, 4 * page, 64 * page, MREMAP_MAYMOVE);
    EXPECT(memory != MAP_FAILED && memory[0] == 3 && memory[4 * page] == 0);
    EXPECT(madvise(memory, page, MADV_DONTNEED) == 0 && memory[0] == 0 && memory[page] == 3);
    EXPECT(mprotect(memory, page, PROT_READ) == 0);
    EXPECT(mprotect(memory, page, PROT_READ | PROT_WRITE) == 0);
    memory[0] = 4;
    EXPECT(munmap(memory + page, page) == 0 && memory[2 * page] == 3);
    EXPECT(munmap(memory, 64 * page) == 0);

    int *both = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t child = fork();
    if (child == 0) {
        *both = 17;
        _exit(5);
    }
    EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 5 && *both == 17);
    munmap(both, page);

    int file = memfd_create("shared", 0);
    EXPECT(ftruncate(file, page) == 0);
    char *one = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    char *other = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    strcpy(one, "twice");
    EXPECT(strcmp(other, "twice") == 0);
    munmap(one, page);
    munmap(other, page);
    close(file);
    /* Of the heap, too. */
    char *block = aligned_alloc(page, 2 * page);
    memset(block, 6, 2 * page);
    EXPECT(mprotect(block, page, PROT_READ) == 0 && block[5] == 6);
    EXPECT(mprotect(block, page, PROT_READ | PROT_WRITE) == 0);
    EXPECT(madvise(block + page, page, MADV_DONTNEED) == 0 && block[page] == 0);
    block[page] = 1;
    free(block);
    return wrong;
}

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static int visited;

static void visit(const void *node, VISIT which, int depth)
{
    if (which == postorder || which == leaf)
        visited += **(int *const *)node + 0 * depth;
}

/* The C library's tables. */
static int tables(const char *who)
{
    int wrong = 0;
    void *root = NULL;
    static int numbers[20];
    struct hsearch_data table = {0};
    ENTRY *found, entry = {.key = (char *)"none"};
    char keys[8][12];

    visited = 0;
    for (int i = 0; i < 20; i++) {
        numbers[i] = i * 7 % 20;
        EXPECT(tsearch(&numbers[i], &root, by_number));
    }
    twalk(root, visit);
    EXPECT(visited == 190);
    EXPECT(**(int **)tfind(&numbers[3], &root, by_number) == numbers[3]);
    tdelete(&numbers[3], &root, by_number);
    EXPECT(!tfind(&numbers[3], &root, by_number));
    while (root)
        tdelete(*(int **)root, &root, by_number);
    EXPECT(hcreate_r(30, &table));
    for (int i = 0; i < 8; i++) {
        snprintf(keys[i], sizeof keys[i], "key %d", i);
        EXPECT(hsearch_r((ENTRY){keys[i], &numbers[i]}, ENTER, &found, &table));
    }
    EXPECT(hsearch_r((ENTRY){keys[5], NULL}, FIND, &found, &table) && found->data == &numbers[5]);
    EXPECT(!hsearch_r(entry, FIND, &found, &table));
    hdestroy_r(&table);
    EXPECT(hcreate(10) && hsearch((ENTRY){keys[2], &numbers[2]}, ENTER));
    EXPECT((found = hsearch((ENTRY){keys[2], NULL}, FIND)) && found->data == &numbers[2]);
    hdestroy();
    return wrong;
}

/* Commands, files without names, lines. */
static int streams(const char *who)
{
    int wrong = 0;
    char *line = NULL, text[] = "a,b;c", *rest, buffer[64];
    size_t size = 0;
    FILE *command = popen("echo to $((6*7)); echo more", "r");

    EXPECT(command && getline(&line, &size, command) == 6 && !strcmp(line, "to 42\n"));
    EXPECT(getline(&line, &size, command) == 5);
    EXPECT(pclose(command) == 0);
    free(line);
    fflush(stdout);
    command = popen("read it; exit ${#it}", "w");
    EXPECT(command && fputs("four\n", command) >= 0);
    EXPECT(WEXITSTATUS(pclose(command)) == 4);
    FILE *file = tmpfile();
    char *own = malloc(4096);
    EXPECT(file && setvbuf(file, own, _IOFBF, 4096) == 0);
    for (int i = 0; i < 3000; i++)
        fprintf(file, "line %d\n", i);
    rewind(file);
    int number, count = 0, characters;
    while (fscanf(file, "line %d%n\n", &number, &characters) == 1)
        count += number == count && characters > 5;
    EXPECT(count == 3000);
    fclose(file);
    free(own);
    EXPECT(!strcmp(strtok_r(text, ",;", &rest), "a") && !strcmp(strtok_r(NULL, ",;", &rest), "b"));
    EXPECT(!strcmp(rest, "c"));
    EXPECT(swprintf((wchar_t *)buffer, 16, L"%ls", L"wide") == 4);
    FILE *reading = fmemopen((char[]){"12 34"}, 5, "r");
    int a = 0, b = 0;
    EXPECT(reading && fscanf(reading, "%d %d", &a, &b) == 2 && a + b == 46);
    fclose(reading);
    int ends[2];
    EXPECT(pipe(ends) == 0);
    FILE *in = fdopen(ends[0], "r"), *out = fdopen(ends[1], "w");
    setvbuf(out, NULL, _IONBF, 0);
    fputs("through\n", out);
    EXPECT(fgets(buffer, sizeof buffer, in) && !strcmp(buffer, "through\n"));
    fclose(in);
    fclose(out);
    return wrong;
}

/* Signals that are waited for, and those that interrupt. */
static volatile sig_atomic_t rang, depth, deepest;

static void ring(int signal)
{
    rang += signal == SIGALRM;
}

static void nest(int signal)
{
    depth++;
    if (depth > deepest)
        deepest = depth;
    if (depth < 4)
        raise(signal);
    depth--;
}

static int signals(const char *who)
{
    int wrong = 0, signal = 0, ends[2], status;
    sigset_t set, before;
    siginfo_t info;
    struct sigaction action = {0}, old;
    char byte;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    EXPECT(pthread_kill(pthread_self(), SIGUSR2) == 0 && sigwait(&set, &signal) == 0);
    EXPECT(signal == SIGUSR2);
    pthread_kill(pthread_self(), SIGUSR2);
    EXPECT(sigwaitinfo(&set, &info) == SIGUSR2 && info.si_pid == getpid());
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    action.sa_handler = ring;
    sigaction(SIGALRM, &action, &old);
    rang = 0;
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGALRM};
    event._sigev_un._tid = gettid();
    EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
    struct itimerspec often = {{0, 20000000}, {0, 20000000}};
    EXPECT(timer_settime(timer, 0, &often, NULL) == 0);
    EXPECT(pipe(ends) == 0);
    errno = 0;
    EXPECT(read(ends[0], &byte, 1) == -1 && errno == EINTR && rang > 0);
    while (rang < 4)
        free(malloc(100 + rang));
    timer_delete(timer);
    close(ends[0]);
    close(ends[1]);
    sigaction(SIGALRM, &old, NULL);

    memset(&action, 0, sizeof action);
    action.sa_handler = nest;
    action.sa_flags = SA_NODEFER;
    sigaction(SIGUSR1, &action, &old);
    deepest = 0;
    raise(SIGUSR1);
    EXPECT(deepest == 4);
    action.sa_handler = ring;
    action.sa_flags = SA_RESETHAND;
    sigaction(SIGUSR1, &action, NULL);
    raise(SIGUSR1);
    sigaction(SIGUSR1, NULL, &action);
    EXPECT(action.sa_handler == SIG_DFL);
    sigaction(SIGUSR1, &old, NULL);
    /* A child that stops and ends. */
    pid_t child = fork();
    if (child == 0) {
        raise(SIGSTOP);
        _exit(6);
    }
    EXPECT(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
    kill(child, SIGCONT);
    EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 6);
    return wrong;
}

/* A server whose children have threads of their own. */
static void *answer(void *argument)
{
    int *number = argument;
    char *text = NULL;

    if (asprintf(&text, "%d", *number * 2) > 0)
        *number = atoi(text);
    free(text);
    return argument;
}

static int servers(const char *who)
{
    int wrong = 0, pair[2];

    EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    for (int i = 1; i < 4; i++) {
        pid_t child = fork();
        if (child == 0) {
            pthread_t threads[3];
            int numbers[3], sum = 0;
            for (int j = 0; j < 3; j++) {
                numbers[j] = i;
                pthread_create(&threads[j], NULL, answer, &numbers[j]);
            }
            for (int j = 0; j < 3; j++) {
                pthread_join(threads[j], NULL);
                sum += numbers[j];
            }
            struct iovec parts[2] = {{&i, sizeof i}, {&sum, sizeof sum}};
            _exit(writev(pair[1], parts, 2) != 8);
        }
        int got[2], status;
        struct iovec parts[2] = {{&got[0], 4}, {&got[1], 4}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
        EXPECT(recvmsg(pair[0], &message, MSG_WAITALL) == 8 && got[0] == i && got[1] == 6 * i);
        EXPECT(waitpid(child, &status, 0) == child && status == 0);
    }
    close(pair[0]);
    close(pair[1]);
    return wrong;
}

/* Memory and names that processes share. */
static int shared_names(const char *who)
{
    int wrong = 0, status;
    char name[64];

    mkdir("/dev/shm", 0777);
    snprintf(name, sizeof name, "/ia2-%s-%d", who, getpid());
    int file = shm_open(name, O_CREAT | O_RDWR, 0600);
    if (file >= 0) {
        EXPECT(ftruncate(file, 4096) == 0);
        int *number = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        sem_t *semaphore = sem_open(name, O_CREAT, 0600, 0);
        EXPECT(semaphore != SEM_FAILED);
        pid_t child = fork();
        if (child == 0) {
            *number = 8;
            sem_post(semaphore);
            _exit(0);
        }
        EXPECT(sem_wait(semaphore) == 0 && *number == 8);
        waitpid(child, &status, 0);
        sem_close(semaphore);
        sem_unlink(name);
        munmap(number, 4096);
        close(file);
        shm_unlink(name);
    }
    return wrong;
}

/* The environment, also one of the compartment's own memory. */
static int variables(const char *who)
{
    int wrong = 0;
    char name[32], text[64], **before = environ;
    char *own[3] = {(char *)"OWN=1", NULL, NULL};

    snprintf(name, sizeof name, "OF_%s", who);
    EXPECT(setenv(name, who, 1) == 0 && !strcmp(getenv(name), who));
    snprintf(text, sizeof text, "%s=other", name);
    EXPECT(putenv(text) == 0 && !strcmp(getenv(name), "other"));
    EXPECT(unsetenv(name) == 0 && !getenv(name));
    environ = own;
    EXPECT(getenv("OWN") && !getenv("PATH"));
    EXPECT(setenv("MORE", "2", 1) == 0 && getenv("OWN") && getenv("MORE"));
    environ = before;
    EXPECT(!getenv("OWN"));
    return wrong;
}

/* Directories, users, patterns, symbols, locales. */
static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int names(const char *who)
{
    int wrong = 0, files = 0;
    char folder[64], path[96], *folders[2] = {folder, NULL}, kind[64];
    regex_t pattern;
    regmatch_t match[2];
    Dl_info info;

    snprintf(folder, sizeof folder, "/tmp/more-%s-%d", who, getpid());
    EXPECT(mkdir(folder, 0700) == 0);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/file%d", folder, i);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
    FTS *tree = fts_open(folders, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    EXPECT(tree);
    for (FTSENT *entry; tree && (entry = fts_read(tree));)
        if (entry->fts_info == FTS_F)
            files += entry->fts_name[4] == '0' + files && unlink(entry->fts_path) == 0;
    EXPECT(files == 3);
    if (tree)
        fts_close(tree);
    rmdir(folder);
    EXPECT(regcomp(&pattern, "a(b+)c", REG_EXTENDED) == 0);
    EXPECT(regexec(&pattern, "xxabbbc", 2, match, 0) == 0 && match[1].rm_eo - match[1].rm_so == 3);
    regfree(&pattern);
    EXPECT(dladdr((void *)printf, &info) && info.dli_sname);
    struct lconv *convention = localeconv();
    EXPECT(!strcmp(convention->decimal_point, "."));
    EXPECT(setlocale(LC_ALL, "C") && !strcmp(setlocale(LC_CTYPE, NULL), "C"));
    time_t zero = 0;
    struct tm parts;
    EXPECT(gmtime_r(&zero, &parts) && strftime(kind, sizeof kind, "%Y", &parts) == 4);
    EXPECT(!strcmp(kind, "1970") && gmtime(&zero)->tm_year == 70 && strlen(ctime(&zero)) == 25);
    EXPECT(strerror(ENOENT) && strsignal(SIGSEGV));
    struct addrinfo *result = NULL, hints = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET};
    EXPECT(getaddrinfo("127.0.0.1", "80", &hints, &result) == 0 && result);
    freeaddrinfo(result);
    struct rlimit limit;
    EXPECT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0);
    int number = 0;
    EXPECT(sscanf("77", "%d", &number) == 1 && number == 77);
    char *copied = NULL;
    EXPECT(sscanf("word", "%ms", &copied) == 1 && !strcmp(copied, "word"));
    free(copied);
    return wrong;
}

static int print_point(FILE *stream, const struct printf_info *info, const void *const *arguments)
{
    const int *point = *(const int *const *)arguments[0];
    (void)info;
    return fprintf(stream, "(%d, %d)", point[0], point[1]);
}

static int point_arguments(const struct printf_info *info, size_t count, int *types, int *sizes)
{
    (void)info;
    if (count > 0) {
        types[0] = PA_POINTER;
        sizes[0] = sizeof(void *);
    }
    return 1;
}

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
static int conversions(const char *who)
{
    int wrong = 0, point[2] = {3, 4};
    char text[64];

    EXPECT(register_printf_specifier('Y', print_point, point_arguments) == 0);
    snprintf(text, sizeof text, "at %Y", point);
    EXPECT(!strcmp(text, "at (3, 4)"));
    return wrong;
}

#include "rest.h"

static int use_more(const char *who, int round)
{
    int wrong = mapped(who);
    wrong += tables(who);
    wrong += streams(who);
    wrong += signals(who);
    wrong += servers(who);
    wrong += shared_names(who);
    wrong += variables(who);
    wrong += names(who);
    wrong += conversions(who);
    wrong += use_rest(who);
    printf("%s: round %d: %d wrong\n", who, round, wrong);
    return wrong;
}
