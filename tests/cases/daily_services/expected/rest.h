/* Services that keep what they are given, act on all threads, or make processes on their own. */
#pragma once
#include <ctype.h>
#include <grp.h>
#include <locale.h>
#include <mqueue.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <sched.h>
#include <spawn.h>
#include <sys/fsuid.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/select.h>
#include <threads.h>
#include <wctype.h>

/* All threads change their identity, also those that run, wait or are in other compartments. */
IA2_STATIC_FN(keeps_identity, _ZTSPFPvS_E, rest_h) static void *keeps_identity(void *argument)
{
    volatile int *end = argument;
    while (!*end)
        usleep(300);
    return (void *)(long)(getuid() * 1000 + getegid());
} IA2_REGISTER_LOCAL(keeps_identity, 0x3a9a844b6d207c44)

static int identity(const char *who)
{
    int wrong = 0, status;
    pid_t child = fork();

    if (child == 0) {
        volatile int end = 0;
        pthread_t threads[2];
        void *seen;
        gid_t groups[3] = {11, 12, 13}, now[3] = {0, 0, 0};
        int is_root = getuid() == 0;

        for (int i = 0; i < 2; i++)
            pthread_create(&threads[i], NULL, keeps_identity, (void *)&end);
        if (is_root) {
            EXPECT(setgroups(3, groups) == 0 && getgroups(3, now) == 3 && now[2] == 13);
            EXPECT(setregid(7, 8) == 0 && setresgid(9, 9, 9) == 0);
            EXPECT(seteuid(33) == 0 && geteuid() == 33 && seteuid(0) == 0);
            EXPECT(setreuid(0, 5) == 0 && setresuid(0, 0, 0) == 0 && setuid(5) == 0);
            EXPECT(setuid(0) == -1 && errno == EPERM && getuid() == 5);
        }
        end = 1;
        for (int i = 0; i < 2; i++) {
            pthread_join(threads[i], &seen);
            EXPECT(!is_root || (long)seen == 5009);
        }
        _exit(wrong);
    }
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    return wrong;
}

/* POSIX message queues, with notification by signal and by thread; System V's queues and semaphores. */
static sem_t told;
IA2_STATIC_FN(on_message, _ZTSPFviE, rest_h) static void on_message(int signal) { (void)signal; sem_post(&told); } IA2_REGISTER_LOCAL(on_message, 0x6c9a9d3c53021bdc)
IA2_STATIC_FN(by_thread, _ZTSPFv6sigvalE, rest_h) static void by_thread(union sigval value) { if (*(int *)value.sival_ptr == 77) sem_post(&told); } IA2_REGISTER_LOCAL(by_thread, 0x38549fc193c155e2)

static int queues(const char *who)
{
    int wrong = 0, number = 77;
    char path[64], text[64];
    unsigned priority;
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 32};
    struct timespec soon = {.tv_sec = time(NULL) + 20};

    snprintf(path, sizeof path, "/ia2-%s-%d", who, (int)getpid());
    mqd_t queue = mq_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
    if (queue == (mqd_t)-1 && errno == ENOSYS)
        return 0;
    EXPECT(queue != (mqd_t)-1);
    EXPECT(mq_send(queue, "low", 4, 1) == 0 && mq_send(queue, "high", 5, 9) == 0);
    EXPECT(mq_receive(queue, text, sizeof text, &priority) == 5 && priority == 9 && !strcmp(text, "high"));
    EXPECT(mq_timedreceive(queue, text, sizeof text, NULL, &soon) == 4);
    EXPECT(mq_getattr(queue, &attributes) == 0 && attributes.mq_curmsgs == 0);
    sem_init(&told, 0, 0);
    signal(SIGUSR1, on_message);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
    EXPECT(mq_notify(queue, &event) == 0 && mq_send(queue, "x", 1, 0) == 0);
    while (sem_wait(&told) == -1 && errno == EINTR)
        ;
    EXPECT(mq_receive(queue, text, sizeof text, NULL) == 1);
    event = (struct sigevent){.sigev_notify = SIGEV_THREAD, .sigev_value.sival_ptr = &number,
                              .sigev_notify_function = by_thread};
    EXPECT(mq_notify(queue, &event) == 0 && mq_send(queue, "y", 1, 0) == 0);
    while (sem_wait(&told) == -1 && errno == EINTR)
        ;
    signal(SIGUSR1, SIG_DFL);
    EXPECT(mq_close(queue) == 0 && mq_unlink(path) == 0);

    struct message { long type; char text[8]; } sent = {3, "seven"}, got = {0, ""};
    int id = msgget(IPC_PRIVATE, 0600);
    EXPECT(id != -1 && msgsnd(id, &sent, sizeof sent.text, 0) == 0);
    EXPECT(msgrcv(id, &got, sizeof got.text, 3, 0) == sizeof got.text && !strcmp(got.text, "seven"));
    EXPECT(msgctl(id, IPC_RMID, NULL) == 0);
    struct sembuf up = {0, 1, 0}, down = {0, -1, 0};
    id = semget(IPC_PRIVATE, 1, 0600);
    EXPECT(id != -1 && semop(id, &up, 1) == 0 && semop(id, &down, 1) == 0 && semctl(id, 0, IPC_RMID) == 0);
    return wrong;
}

/* Locales of threads, and of the process. */
IA2_STATIC_FN(in_other_locale, _ZTSPFPvS_E, rest_h) static void *in_other_locale(void *argument)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", NULL);
    wchar_t wide[8];
    long wrong = utf8 == NULL;

    (void)argument;
    if (utf8) {
        locale_t before = uselocale(utf8);
        wrong += MB_CUR_MAX < 4 || mbstowcs(wide, "\xc3\xa4\xe2\x82\xac", 8) != 2 || wide[1] != 0x20ac;
        wrong += towupper(wide[0]) != 0xc4 || !iswalpha_l(wide[0], utf8) || toupper_l('q', utf8) != 'Q';
        wrong += uselocale(before) != utf8;
        freelocale(utf8);
    }
    return (void *)wrong;
} IA2_REGISTER_LOCAL(in_other_locale, 0x2d543877867ffb0f)

static int locales(const char *who)
{
    int wrong = 0;
    pthread_t thread;
    void *result = NULL;
    wchar_t wide[8];
    char text[16];

    EXPECT(setlocale(LC_ALL, "C.UTF-8") != NULL && mblen("\xc3\xa4", 2) == 2);
    pthread_create(&thread, NULL, in_other_locale, NULL);
    pthread_join(thread, &result);
    EXPECT(result == NULL);
    EXPECT(swprintf(wide, 8, L"%s", "\xc3\xa4") == 1 && wide[0] == 0xe4);
    EXPECT(snprintf(text, sizeof text, "%ls", L"\u20ac") == 3 && strcoll("a", "b") < 0);
    EXPECT(strxfrm(text, "abc", sizeof text) < sizeof text);
    EXPECT(setlocale(LC_ALL, "C") != NULL && setlocale(LC_ALL, "nowhere") == NULL);
    return wrong;
}

/* What the C library remembers of the program's memory from one call to the next. */
static char own_state[64];
static int remembered(const char *who)
{
    int wrong = 0;
    struct random_data data = {0};
    static char more_state[64];
    int32_t number = 0;
    char line[] = "one,two;three", *rest = line, *word;
    static char name_of_terminal[L_ctermid];

    char *old = initstate(7, own_state, sizeof own_state);
    long first = random();
    EXPECT(old != NULL && first != random());
    srandom(7);
    EXPECT(random() == first);
    EXPECT(initstate_r(7, more_state, sizeof more_state, &data) == 0 && random_r(&data, &number) == 0);
    EXPECT(number == first && setstate(old) == own_state);
    EXPECT(!strcmp(strtok(line, ","), "one") && !strcmp(strtok(NULL, ";"), "two"));
    rest = strtok(NULL, ";");
    word = strsep(&rest, "r");
    EXPECT(!strcmp(word, "th"));
    EXPECT(ctermid(name_of_terminal) == name_of_terminal);
    srand48(5);
    unsigned short seed[3] = {1, 2, 3};
    EXPECT(lrand48() >= 0 && nrand48(seed) >= 0 && seed48(seed) != NULL);
    return wrong;
}

/* Processes that the C library makes, and those that use their parent's memory. */
IA2_STATIC_FN(in_child, _ZTSPFiPvE, rest_h) static int in_child(void *argument) { return *(int *)argument + getppid() * 0 + 4; } IA2_REGISTER_LOCAL(in_child, 0x4a8038bd4c42a6c4)
static int processes(const char *who)
{
    int wrong = 0, status, three = 3, terminal = -1;
    char text[64] = "";
    char *stack = malloc(65536);
    char *arguments[] = {(char *)"sh", (char *)"-c", (char *)"echo from $0; exit 6", NULL};
    pid_t child = clone((IA2_TYPE__ZTSPFiPvE)IA2_FN_ADDR(in_child), stack + 65536, CLONE_VM | CLONE_VFORK | SIGCHLD, &three);

    EXPECT(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
    child = clone((IA2_TYPE__ZTSPFiPvE)IA2_FN_ADDR(in_child), stack + 65536, SIGCHLD, &three);
    EXPECT(child > 0 && waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 7);
    free(stack);
    child = vfork();
    if (child == 0) {
        execv("/bin/sh", arguments);
        _exit(9);
    }
    EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 6);
    EXPECT(posix_spawnp(&child, "/bin/sh", NULL, NULL, arguments, environ) == 0);
    EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 6);
    int file = open("/bin/sh", O_RDONLY | O_CLOEXEC);
    child = fork();
    if (child == 0) {
        fexecve(file, arguments, environ);
        _exit(9);
    }
    EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 6);
    close(file);
    fflush(NULL);
    child = forkpty(&terminal, NULL, NULL, NULL);
    if (child == 0) {
        free(malloc(100));
        printf("in a terminal: %d\n", isatty(1));
        fflush(stdout);
        usleep(20000);
        _exit(5);
    }
    if (child > 0) {
        EXPECT(read(terminal, text, sizeof text - 1) > 0 && strstr(text, "in a terminal: 1"));
        EXPECT(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 5);
        close(terminal);
    }
    child = fork();
    if (child == 0) {
        /* The parent of what daemon() leaves ends at once. */
        int ends[2];
        if (pipe(ends))
            _exit(8);
        pid_t middle = fork();
        if (middle == 0) {
            if (daemon(1, 1))
                _exit(7);
            free(malloc(1000));
            _exit(write(ends[1], "d", 1) != 1);
        }
        close(ends[1]);
        char letter = 0;
        waitpid(middle, &status, 0);
        _exit(read(ends[0], &letter, 1) == 1 && letter == 'd' ? 0 : 6);
    }
    EXPECT(waitpid(child, &status, 0) == child && status == 0);
    return wrong;
}

/* Waiting for several things at once, and changes of files. */
static int waiting(const char *who)
{
    int wrong = 0, ends[2];
    char folder[64], path[96], events[512];
    fd_set set;
    struct timespec little = {0, 1000000};
    sigset_t none;

    sigemptyset(&none);
    EXPECT(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
    FD_ZERO(&set);
    FD_SET(ends[0], &set);
    EXPECT(pselect(ends[0] + 1, &set, NULL, NULL, &little, &none) == 1 && FD_ISSET(ends[0], &set));
    struct pollfd poll_for = {.fd = ends[0], .events = POLLIN};
    EXPECT(ppoll(&poll_for, 1, &little, &none) == 1 && poll_for.revents == POLLIN);
    close(ends[0]);
    close(ends[1]);
    snprintf(folder, sizeof folder, "/tmp/ia2-%s-XXXXXX", who);
    EXPECT(mkdtemp(folder) != NULL);
    int watch = inotify_init1(IN_NONBLOCK);
    EXPECT(watch != -1 && inotify_add_watch(watch, folder, IN_CREATE) != -1);
    snprintf(path, sizeof path, "%s/fXXXXXX.c", folder);
    int file = mkstemps(path, 2);
    EXPECT(file != -1 && read(watch, events, sizeof events) > (ssize_t)sizeof(struct inotify_event));
    EXPECT(dprintf(file, "%s", "text") == 4 && lseek(file, 0, SEEK_SET) == 0);
    FILE *stream = fdopen(file, "r+");
    EXPECT(stream != NULL && getc_unlocked(stream) == 't' && ungetc('u', stream) == 'u');
    EXPECT(fgetwc(stream) == WEOF || 1);
    fclose(stream);
    EXPECT(unlink(path) == 0 && rmdir(folder) == 0);
    close(watch);
    EXPECT(prctl(PR_SET_NAME, who) == 0 && prctl(PR_GET_NAME, events) == 0 && !strcmp(events, who));
    return wrong;
}

static int use_rest(const char *who)
{
    int wrong = identity(who);
    wrong += queues(who);
    wrong += locales(who);
    wrong += remembered(who);
    wrong += processes(who);
    wrong += waiting(who);
    return wrong;
}
