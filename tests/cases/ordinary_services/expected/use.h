/* What every compartment does, in its own name. */
#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <iconv.h>
#include <link.h>
#include <locale.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <syslog.h>
#include <threads.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>
#include <wordexp.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("%s, line %d: %s\n", name, __LINE__, #condition);                               \
            failed++;                                                                              \
        }                                                                                          \
    } while (0)

static int failed;
static const char *name;

/* ---- Streams of the program's own making, which stay open to the end ---- */

static char kept[128];
static char taken[128];
static size_t taken_size;

IA2_STATIC_FN(take, _ZTSPFlPvPKcmE, use_h) static ssize_t take(void *cookie, const char *data, size_t size)
{
    size_t *used = cookie;
    for (size_t i = 0; i < size && *used < sizeof taken - 1; i++)
        taken[(*used)++] = data[i];
    return (ssize_t)size;
} IA2_REGISTER_LOCAL(take, 0x9103cba10754a5cd)

static const char given[] = "given and not read to its end";
static size_t read_size;

IA2_STATIC_FN(give, _ZTSPFlPvPcmE, use_h) static ssize_t give(void *cookie, char *data, size_t size)
{
    const char *text = cookie;
    size_t length = strnlen(text + read_size, size);
    memcpy(data, text + read_size, length);
    read_size += length;
    return (ssize_t)length;
} IA2_REGISTER_LOCAL(give, 0x6c3822eb11b398a5)

IA2_STATIC_FN(turn, _ZTSPFiPvPliE, use_h) static int turn(void *cookie, off64_t *offset, int whence)
{
    (void)cookie;
    *offset = (off64_t)(read_size += (size_t)(whence == SEEK_CUR ? *offset : 0));
    return 0;
} IA2_REGISTER_LOCAL(turn, 0xf37e4f8acd64e4a0)

static void leave_streams(void)
{
    static char *memory;
    static size_t length;
    FILE *stream = fmemopen(kept, sizeof kept, "w");
    CHECK(stream && fputs("left in memory", stream) >= 0);
    stream = open_memstream(&memory, &length);
    CHECK(stream && fputs("left to grow", stream) >= 0 && fflush(stream) == 0 && length == 12);
    CHECK(fputs(" more", stream) >= 0);
    cookie_io_functions_t functions = {.write = take};
    stream = fopencookie(&taken_size, "w", functions);
    CHECK(stream && fputs("left in a cookie", stream) >= 0);
    cookie_io_functions_t reading = {.read = give, .seek = turn};
    stream = fopencookie((void *)given, "r", reading);
    CHECK(stream && fgetc(stream) == 'g' && fgetc(stream) == 'i');
}

static int check_streams(void)
{
    failed = 0;
    fflush(NULL);
    CHECK(!strcmp(kept, "left in memory"));
    CHECK(!strcmp(taken, "left in a cookie"));
    return failed;
}

/* ---- Locks ---- */

struct shared_locks {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_barrier_t barrier;
    pthread_rwlock_t lock;
    sem_t semaphore;
    int number;
};

static struct shared_locks *locks;
static pthread_spinlock_t spin;

IA2_STATIC_FN(die_with_it, _ZTSPFPvS_E, use_h) static void *die_with_it(void *argument)
{
    pthread_mutex_lock(&locks->mutex);
    return argument;
} IA2_REGISTER_LOCAL(die_with_it, 0x4c61cae9e71bc019)

/* A thread that waits for a private mutex while its owner dies, and one that takes it afterwards. */
static pthread_mutex_t private_mutex;

IA2_STATIC_FN(die_with_private, _ZTSPFPvS_E, use_h) static void *die_with_private(void *argument)
{
    pthread_mutex_t *mutex = malloc(sizeof *mutex);
    pthread_mutexattr_t attributes;

    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(mutex, &attributes);
    pthread_mutex_lock(&private_mutex);
    pthread_mutex_lock(mutex);
    sem_post(argument);
    usleep(20000);
    return mutex;
} IA2_REGISTER_LOCAL(die_with_private, 0xe12dfdaebf2598eb)

IA2_STATIC_FN(take_over, _ZTSPFPvS_E, use_h) static void *take_over(void *argument)
{
    long status = pthread_mutex_lock(&private_mutex);

    (void)argument;
    pthread_mutex_consistent(&private_mutex);
    pthread_mutex_unlock(&private_mutex);
    return (void *)status;
} IA2_REGISTER_LOCAL(take_over, 0x8fb3956e57f2c2c4)

static void use_private_locks(void)
{
    static sem_t locked;
    pthread_mutexattr_t attributes;
    pthread_t owner, waiter;
    void *second, *status;

    sem_init(&locked, 0, 0);
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    for (int protocol = PTHREAD_PRIO_NONE; protocol <= PTHREAD_PRIO_INHERIT; protocol++) {
        pthread_mutexattr_setprotocol(&attributes, protocol);
        pthread_mutex_init(&private_mutex, &attributes);
        pthread_create(&owner, NULL, die_with_private, &locked);
        sem_wait(&locked);
        pthread_create(&waiter, NULL, take_over, NULL);
        pthread_join(owner, &second);
        pthread_join(waiter, &status);
        CHECK(status == (void *)EOWNERDEAD);
        CHECK(pthread_mutex_lock(second) == EOWNERDEAD && pthread_mutex_consistent(second) == 0);
        CHECK(pthread_mutex_unlock(second) == 0 && pthread_mutex_destroy(second) == 0);
        CHECK(pthread_mutex_lock(&private_mutex) == 0 && pthread_mutex_unlock(&private_mutex) == 0);
        free(second);
    }
}

IA2_STATIC_FN(wait_for_number, _ZTSPFPvS_E, use_h) static void *wait_for_number(void *argument)
{
    pthread_mutex_lock(&locks->mutex);
    while (locks->number != 1)
        pthread_cond_wait(&locks->changed, &locks->mutex);
    pthread_mutex_unlock(&locks->mutex);
    pthread_barrier_wait(&locks->barrier);
    pthread_rwlock_rdlock(&locks->lock);
    pthread_rwlock_unlock(&locks->lock);
    sem_post(&locks->semaphore);
    return argument;
} IA2_REGISTER_LOCAL(wait_for_number, 0x332ec97014e3514c)

static void use_locks(void)
{
    pthread_mutexattr_t attributes;
    pthread_condattr_t condition;
    pthread_barrierattr_t barrier;
    pthread_t thread;
    int status;

    locks = mmap(NULL, sizeof *locks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&locks->mutex, &attributes);
    pthread_condattr_init(&condition);
    pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    pthread_condattr_setclock(&condition, CLOCK_MONOTONIC);
    pthread_cond_init(&locks->changed, &condition);
    pthread_barrierattr_init(&barrier);
    pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&locks->barrier, &barrier, 2);
    pthread_rwlock_init(&locks->lock, NULL);
    sem_init(&locks->semaphore, 1, 0);

    pthread_create(&thread, NULL, die_with_it, NULL);
    pthread_join(thread, NULL);
    status = pthread_mutex_lock(&locks->mutex);
    CHECK(status == EOWNERDEAD);
    CHECK(pthread_mutex_consistent(&locks->mutex) == 0 && pthread_mutex_unlock(&locks->mutex) == 0);

    /* A process that dies. */
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pthread_mutex_lock(&locks->mutex);
        _exit(3);
    }
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 3);
    CHECK(pthread_mutex_lock(&locks->mutex) == EOWNERDEAD);
    CHECK(pthread_mutex_consistent(&locks->mutex) == 0 && pthread_mutex_unlock(&locks->mutex) == 0);

    pthread_create(&thread, NULL, wait_for_number, NULL);
    pthread_mutex_lock(&locks->mutex);
    locks->number = 1;
    pthread_cond_broadcast(&locks->changed);
    pthread_mutex_unlock(&locks->mutex);
    pthread_rwlock_wrlock(&locks->lock);
    pthread_barrier_wait(&locks->barrier);
    pthread_rwlock_unlock(&locks->lock);
    CHECK(sem_wait(&locks->semaphore) == 0);
    pthread_join(thread, NULL);
    struct timespec soon;
    clock_gettime(CLOCK_MONOTONIC, &soon);
    pthread_mutex_lock(&locks->mutex);
    CHECK(pthread_cond_timedwait(&locks->changed, &locks->mutex, &soon) == ETIMEDOUT);
    pthread_mutex_unlock(&locks->mutex);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
    CHECK(pthread_spin_lock(&spin) == 0 && pthread_spin_unlock(&spin) == 0);
}

/* ---- C11 threads, names, places, scheduling ---- */

static once_flag once = ONCE_FLAG_INIT;
static pthread_once_t posix_once = PTHREAD_ONCE_INIT;
static int onces;
static tss_t slot;
static int slots_ended;
static mtx_t mutex;
static cnd_t condition;
static _Thread_local int counter = 40;

IA2_STATIC_FN(count_once, _ZTSPFvvE, use_h) static void count_once(void) { onces++; } IA2_REGISTER_LOCAL(count_once, 0xb351a7ed75a7cd01)
IA2_STATIC_FN(end_slot, _ZTSPFvPvE, use_h) static void end_slot(void *value) { slots_ended += *(int *)value; } IA2_REGISTER_LOCAL(end_slot, 0x253bce16d366f579)

IA2_STATIC_FN(modern, _ZTSPFiPvE, use_h) static int modern(void *argument)
{
    static int two = 2;
    call_once(&once, count_once);
    pthread_once(&posix_once, count_once);
    tss_set(slot, &two);
    mtx_lock(&mutex);
    counter += *(int *)argument;
    cnd_signal(&condition);
    mtx_unlock(&mutex);
    return counter;
} IA2_REGISTER_LOCAL(modern, 0x33ad32b3a649c49e)

static void use_modern_threads(void)
{
    thrd_t threads[3];
    int result, three = 3;

    CHECK(tss_create(&slot, end_slot) == thrd_success);
    CHECK(mtx_init(&mutex, mtx_timed) == thrd_success && cnd_init(&condition) == thrd_success);
    for (int i = 0; i < 3; i++)
        CHECK(thrd_create(&threads[i], modern, &three) == thrd_success);
    for (int i = 0; i < 3; i++)
        CHECK(thrd_join(threads[i], &result) == thrd_success && result == 43);
    CHECK(onces == 2 && slots_ended == 6 && counter == 40);
    char text[32] = "";
    CHECK(pthread_setname_np(pthread_self(), "ordinary") == 0);
    CHECK(pthread_getname_np(pthread_self(), text, sizeof text) == 0 && !strcmp(text, "ordinary"));
    cpu_set_t places;
    CHECK(pthread_getaffinity_np(pthread_self(), sizeof places, &places) == 0);
    CHECK(pthread_setaffinity_np(pthread_self(), sizeof places, &places) == 0);
    struct sched_param parameter;
    int policy;
    CHECK(pthread_getschedparam(pthread_self(), &policy, &parameter) == 0 && policy == SCHED_OTHER);
}

/* ---- Signals and events ---- */

/* Handlers may run in two threads at the same time. */
static _Atomic int ticks, children, queued;
static char *paged;
static long page_size;

IA2_STATIC_FN(on_tick, _ZTSPFviE, use_h) static void on_tick(int number) { ticks++; } IA2_REGISTER_LOCAL(on_tick, 0x3634e1c2f9fc8852)
IA2_STATIC_FN(on_child, _ZTSPFviE, use_h) static void on_child(int number)
{
    int saved = errno;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        children++;
    errno = saved;
} IA2_REGISTER_LOCAL(on_child, 0x20a3332c6f80af95)
IA2_STATIC_FN(on_queued, _ZTSPFviP9siginfo_tPvE, use_h) static void on_queued(int number, siginfo_t *info, void *context) { queued += info->si_value.sival_int; } IA2_REGISTER_LOCAL(on_queued, 0x8ae1e23ec50fbfe0)

/* A program that gives itself pages as it touches them. */
IA2_STATIC_FN(on_page, _ZTSPFviP9siginfo_tPvE, use_h) static void on_page(int number, siginfo_t *info, void *context)
{
    char *address = info->si_addr;
    if (address < paged || address >= paged + 4 * page_size)
        _exit(99);
    mprotect((void *)((uintptr_t)address & -page_size), page_size, PROT_READ | PROT_WRITE);
} IA2_REGISTER_LOCAL(on_page, 0xe1dd0e429038cd95)

static void use_signals(void)
{
    struct sigaction action, old;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_tick;
    CHECK(sigaction(SIGALRM, &action, &old) == 0);
    struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &often, NULL);
    for (int i = 0; i < 2000 && ticks < 5; i++)
        usleep(1000);
    setitimer(ITIMER_REAL, &never, NULL);
    CHECK(ticks >= 5);
    sigaction(SIGALRM, &old, NULL);

    action.sa_handler = on_child;
    CHECK(sigaction(SIGCHLD, &action, &old) == 0);
    fflush(stdout);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            _exit(0);
    for (int i = 0; i < 2000 && children < 3; i++)
        usleep(1000);
    CHECK(children == 3);
    sigaction(SIGCHLD, &old, NULL);

    action.sa_flags = SA_SIGINFO | SA_RESTART;
    action.sa_sigaction = on_queued;
    CHECK(sigaction(SIGRTMIN + 3, &action, &old) == 0);
    union sigval seven = {.sival_int = 7};
    CHECK(sigqueue(getpid(), SIGRTMIN + 3, seven) == 0 && pthread_sigqueue(pthread_self(), SIGRTMIN + 3, seven) == 0);
    for (int i = 0; i < 2000 && queued < 14; i++)
        usleep(1000);
    CHECK(queued == 14);
    sigaction(SIGRTMIN + 3, &old, NULL);

    page_size = sysconf(_SC_PAGESIZE);
    paged = mmap(NULL, 4 * page_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    action.sa_sigaction = on_page;
    CHECK(sigaction(SIGSEGV, &action, &old) == 0);
    for (int i = 0; i < 4; i++)
        paged[i * page_size + 5] = (char)i;
    sigaction(SIGSEGV, &old, NULL);
    CHECK(paged[3 * page_size + 5] == 3);
    munmap(paged, 4 * page_size);

    sigset_t set, before;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    CHECK(pthread_sigmask(SIG_BLOCK, &set, &before) == 0);
    int file = signalfd(-1, &set, SFD_CLOEXEC);
    struct signalfd_siginfo info;
    pthread_kill(pthread_self(), SIGUSR2);
    CHECK(read(file, &info, sizeof info) == sizeof info && info.ssi_signo == SIGUSR2);
    close(file);
    pthread_kill(pthread_self(), SIGUSR2);
    struct timespec second = {1, 0};
    siginfo_t waited;
    CHECK(sigtimedwait(&set, &waited, &second) == SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void use_events(void)
{
    int queue = epoll_create1(EPOLL_CLOEXEC), event = eventfd(0, EFD_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec soon = {{0, 0}, {0, 1000000}};
    struct epoll_event wanted = {EPOLLIN, {.fd = event}}, got[2];
    uint64_t number = 5;

    CHECK(epoll_ctl(queue, EPOLL_CTL_ADD, event, &wanted) == 0);
    wanted.data.fd = timer;
    CHECK(epoll_ctl(queue, EPOLL_CTL_ADD, timer, &wanted) == 0);
    CHECK(write(event, &number, sizeof number) == sizeof number);
    CHECK(epoll_wait(queue, got, 2, 1000) == 1 && got[0].data.fd == event);
    CHECK(read(event, &number, sizeof number) == sizeof number && number == 5);
    CHECK(timerfd_settime(timer, 0, &soon, NULL) == 0);
    CHECK(epoll_wait(queue, got, 2, 5000) == 1 && got[0].data.fd == timer);
    close(timer);
    close(event);
    close(queue);
    int ends[2];
    char left[4] = "", right[8] = "";
    struct iovec parts[2] = {{left, 3}, {right, 5}};
    CHECK(pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "abcdefgh", 8) == 8);
    CHECK(readv(ends[0], parts, 2) == 8 && !strcmp(left, "abc") && !strcmp(right, "defgh"));
    close(ends[0]);
    close(ends[1]);
    int id = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    if (id >= 0) {
        char *memory = shmat(id, NULL, 0);
        CHECK(memory != (char *)-1 && !memory[0] && (memory[0] = 1) && shmdt(memory) == 0);
        shmctl(id, IPC_RMID, NULL);
    }
}

/* ---- What keeps pointers, calls back, or looks things up ---- */

static int objects;
IA2_STATIC_FN(count_object, _ZTSPFiP12dl_phdr_infomPvE, use_h) static int count_object(struct dl_phdr_info *info, size_t size, void *data)
{
    objects++;
    return *(int *)data;
} IA2_REGISTER_LOCAL(count_object, 0xa9c97a78d19521bd)

static jmp_buf out;
IA2_STATIC_FN(compare_and_leave, _ZTSPFiPKvS0_E, use_h) static int compare_and_leave(const void *a, const void *b)
{
    if (*(const int *)a == 7)
        longjmp(out, 5);
    return *(const int *)a - *(const int *)b;
} IA2_REGISTER_LOCAL(compare_and_leave, 0x2821be29d965e610)

IA2_STATIC_FN(parse, _ZTSPFiiPcP10argp_stateE, use_h) static error_t parse(int key, char *text, struct argp_state *state)
{
    if (key == 'n')
        *(int *)state->input = atoi(text);
    return key == 'n' || key == ARGP_KEY_INIT || key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
} IA2_REGISTER_LOCAL(parse, 0xbfa895dd00f9dedb)

static void use_services(void)
{
    static char identity[16];
    int zero = 0;
    snprintf(identity, sizeof identity, "ia2-%s", name);
    openlog(identity, LOG_PID, LOG_USER);
    CHECK(dl_iterate_phdr(count_object, &zero) == 0 && objects > 3);
    int numbers[] = {1, 7, 3, 7, 2};
    int jumped = setjmp(out);
    if (!jumped)
        qsort(numbers, 5, sizeof *numbers, compare_and_leave);
    CHECK(jumped == 5);
    static const struct argp_option options[] = {{"number", 'n', "N", 0, "a number", 0}, {0}};
    static const struct argp argp = {options, parse, NULL, NULL, NULL, NULL, NULL};
    char program[] = "program", option[] = "--number=17";
    char *arguments[] = {program, option, NULL};
    int parsed = 0;
    CHECK(argp_parse(&argp, 2, arguments, ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &parsed) == 0 && parsed == 17);
    static const struct option longs[] = {{"number", required_argument, NULL, 'n'}, {0}};
    optind = 0;
    CHECK(getopt_long(2, arguments, "n:", longs, NULL) == 'n' && !strcmp(optarg, "17"));
    wordexp_t words;
    CHECK(wordexp("one \"two three\" $IA2_NOWHERE", &words, WRDE_NOCMD) == 0 && words.we_wordc == 2);
    wordfree(&words);
    char sentence[] = "alpha beta gamma";
    CHECK(!strcmp(strtok(sentence, " "), "alpha") && !strcmp(strtok(NULL, " "), "beta"));
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL), copy = duplocale(c), previous = uselocale(copy);
    CHECK(c && copy && strtod_l("2.5", NULL, c) == 2.5 && uselocale(previous) == copy);
    freelocale(copy);
    freelocale(c);
    iconv_t conversion = iconv_open("UTF-16LE", "UTF-8");
    if (conversion != (iconv_t)-1) {
        char from[] = "ab", to[8] = "", *in = from, *result = to;
        size_t in_left = 2, out_left = sizeof to;
        CHECK(iconv(conversion, &in, &in_left, &result, &out_left) == 0 && out_left == 4 && to[2] == 'b');
        iconv_close(conversion);
    }
    int status;
    pid_t child;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int ends[2];
    CHECK(pipe(ends) == 0 && posix_spawn_file_actions_init(&actions) == 0 && posix_spawnattr_init(&attributes) == 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_addclose(&actions, ends[0]);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    char shell[] = "sh", dash_c[] = "-c", text[] = "echo spawned";
    char *command[] = {shell, dash_c, text, NULL};
    CHECK(posix_spawn(&child, "/bin/sh", &actions, &attributes, command, environ) == 0);
    close(ends[1]);
    char line[32] = "";
    CHECK(read(ends[0], line, sizeof line - 1) == 8 && !strcmp(line, "spawned\n"));
    close(ends[0]);
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    CHECK(malloc_trim(0) >= 0 && mallopt(M_MMAP_THRESHOLD, 1 << 20) == 1 && mallinfo2().arena >= 0);
    tzset();
    time_t now = time(NULL);
    CHECK(localtime(&now) && ctime(&now) && asctime(gmtime(&now)));
    CHECK(strsignal(SIGTERM) && strerror(ENOENT) && strerror(4711));
    CHECK(setgid(getgid()) == 0 && seteuid(geteuid()) == 0);
}

/* ---- Coroutines ---- */

static ucontext_t back, forth;
static int steps;
IA2_STATIC_FN_STORED(coroutine, _ZTSPFvvE, use_h) static void coroutine(int by)
{
    for (int i = 0; i < 3; i++) {
        steps += by;
        swapcontext(&forth, &back);
    }
} IA2_REGISTER_LOCAL(coroutine, 0x5fc07e0f6a42291)

static void use_coroutines(void)
{
    char *stack = malloc(65536);
    getcontext(&forth);
    forth.uc_stack.ss_sp = stack;
    forth.uc_stack.ss_size = 65536;
    forth.uc_link = &back;
    makecontext(&forth, IA2_PLAIN((struct IA2_fnptr__ZTSPFvvE){IA2_FN_ADDR_AS(coroutine, _ZTSPFvvE)}, _ZTSPFvvE), 1, 5);
    for (int i = 0; i < 4; i++)
        swapcontext(&back, &forth);
    CHECK(steps == 15);
    free(stack);
}

static int use_everything(const char *who)
{
    name = who;
    use_modern_threads();
    use_locks();
    use_private_locks();
    use_signals();
    use_events();
    use_services();
    use_coroutines();
    leave_streams();
    printf("%s: %d failed\n", name, failed);
    return failed;
}
