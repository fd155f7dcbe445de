#define _GNU_SOURCE
#include <ia2.h>
#include <judge.h>
#include <link.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include "parts.h"

INIT_RUNTIME(3);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static unsigned char *canary, *others_canary;
static unsigned char canary_copy[16];
static int logged;
/* Where to jump: places in libcallgates.so and in the executable. */
enum kind { NEAR_WRPKRU, START, MIDDLE };
static struct { unsigned long address; enum kind kind; } targets[65536];
static int target_count;
/* Where the two are loaded. */
static unsigned long gates_base, main_base;

int open_safe(int number)
{
    ran(OPEN_SAFE);
    return number;
}

void main_log(int number) { logged += number; }

static int on_event(int number)
{
    ran(ON_EVENT);
    return number + 1;
}

static void benign(const struct attempt *attempt)
{
    struct table table = { { 1, 2, 3 } };

    printf("%d %ld %g\n", bank_add(1, 2), bank_table(1, 2, 3, 4, 5, 6, 7, table).cells[0],
           bank_mean(1, 2));
    printf("%d %d %d\n", bank_relay(1, 0, 0), bank_notify(on_event, 1), intrude_back(1));
    printf("logged %d\n", logged);
}

static int find_bases(struct dl_phdr_info *info, size_t size, void *unused)
{
    if (strstr(info->dlpi_name, "libcallgates.so"))
        gates_base = info->dlpi_addr;
    if (!info->dlpi_name[0])
        main_base = info->dlpi_addr;
    return 0;
}

/* Reads the list of the harness: lines of "NAME ADDRESS KIND". */
static void read_targets(const char *path)
{
    FILE *list = fopen(path, "r");
    unsigned long address;
    char name[64], kind[64];

    while (list && target_count < 65536 && fscanf(list, "%63s %lx %63s", name, &address, kind) == 3) {
        targets[target_count].address = address + (strcmp(name, "main") ? gates_base : main_base);
        targets[target_count++].kind = *kind == 'n' ? NEAR_WRPKRU : *kind == 's' ? START : MIDDLE;
    }
    if (!target_count)
        abort();
    fclose(list);
}

static int more_rights(unsigned long pkru)
{
    int key;

    for (key = 1; key < 16; key++)
        if (key != 3 && !(pkru >> 2 * key & 1))
            return 1;
    return 0;
}

/* Whether the try left a trace that it must not leave. */
static int is_breach(void)
{
    struct landing *landing = (struct landing *)LANDING;
    int i, j, found = 0;

    for (i = 0; i < 8; i++)
        found |= BOARD->calls[i] != 0;
    found |= BOARD->breached || BOARD->landed;
    found |= memcmp(canary, canary_copy, sizeof canary_copy) != 0 || bank_canary_changed();
    if (landing->count && more_rights(landing->pkru)) {
        BOARD->landed++;
        BOARD->landed_pkru = (unsigned)landing->pkru;
        found = 1;
    }
    for (i = 0; landing->count && i < 16; i++)
        for (j = 0; j < canary_count; j++)
            found |= canaries[j].size >= 8 && !memcmp(&landing->registers[i], canaries[j].bytes, 8);
    landing->count = 0;
    return found;
}

static void *keep_calling(void *unused)
{
    for (;;) {
        BOARD->scratch[8] = (unsigned long)intrude_back(1);
        BOARD->scratch[8] += (unsigned long)bank_public(2);
    }
    return unused;
}

static unsigned long ends[64];

/* One jump, in a process of its own. */
static void try(unsigned long target, unsigned seed, int with_thread)
{
    struct itimerval limit = { { 0, 0 }, { 2, 0 } };
    static const unsigned long default_action[4];
    static const int faults[] = { SIGSEGV, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSYS };
    pid_t child = fork();
    int status, i;

    if (child == 0) {
        pthread_t thread;
        /* No reports: there are thousands. By the kernel, for the runtime keeps these signals. */
        for (i = 0; i < 6; i++)
            syscall(SYS_rt_sigaction, faults[i], default_action, NULL, 8);
        setitimer(ITIMER_REAL, &limit, NULL);
        if (with_thread)
            pthread_create(&thread, NULL, keep_calling, NULL);
        STACK_OF_1 = (unsigned long)__builtin_frame_address(0);
        if (seed & 1)
            bank_relay(1, target, seed);
        else
            intrude(target, seed);
        /* Only 2 itself may come back from bank_relay. */
        if (IN_BANK)
            BOARD->breached = 1;
        _exit(0);
    }
    IN_BANK = 0;
    waitpid(child, &status, 0);
    ends[WIFSIGNALED(status) ? WTERMSIG(status) : 32 + WEXITSTATUS(status) % 32]++;
    BOARD->tries++;
}

/*
 * Whether a far return is near, which middles of instructions can be. QEMU 7.2 reads its stack with the
 * rights of the kernel and half of the stack pointer: the emulated machine panics, where a CPU faults.
 */
static int is_far_return(unsigned long target)
{
    const unsigned char *byte = (const unsigned char *)target;
    int i;

    for (i = 0; i < 3; i++)
        if (byte[i] == 0xca || byte[i] == 0xcb || byte[i] == 0xcf)
            return 1;
    return 0;
}

/* Every step-th place of a kind, with some random registers each. */
static void sweep(enum kind kind, int step, unsigned seeds, int with_thread)
{
    unsigned long found = 0, base;
    unsigned seed;
    int i, skip = 0;

    if (getenv("ALL"))
        step = 1, seeds *= 4;
    for (i = 0; i < target_count && found < 8; i++)
        for (seed = 0; targets[i].kind == kind && (seed || skip++ % step == 0) && seed < seeds; seed++) {
            unsigned number = (unsigned)(i * 64) + seed;
            if (is_far_return(targets[i].address))
                continue;
            base = targets[i].address >= gates_base ? gates_base : main_base;
            try(targets[i].address, number, with_thread);
            if (is_breach() && found++ < 8)
                printf("breach at %s + %#lx, seed %u\n",
                       base == gates_base ? "libcallgates.so" : "main", targets[i].address - base,
                       number);
        }
    for (i = 0; i < 64; i++)
        if (ends[i])
            printf("%s %d: %lu times\n", i < 32 ? "signal" : "exit", i % 32, ends[i]);
}

static void jump(const struct attempt *attempt)
{
    static const struct { enum kind kind; int step; unsigned seeds; int with_thread; } sweeps[] = {
        { NEAR_WRPKRU, 1, 2, 0 }, { START, 3, 1, 0 }, { MIDDLE, 16, 1, 0 }, { NEAR_WRPKRU, 3, 1, 1 },
    };

    sweep(sweeps[attempt->argument].kind, sweeps[attempt->argument].step,
          sweeps[attempt->argument].seeds, sweeps[attempt->argument].with_thread);
}

static const struct attempt attempts[] = {
    { "benign", benign },
    { "near-wrpkru", jump, 0, 800, 1 },
    { "every-instruction", jump, 1, 800, 1 },
    { "middle-of-instructions", jump, 2, 800, 1 },
    { "near-wrpkru-with-threads", jump, 3, 800, 1 },
    { NULL },
};

int main(int argc, char **argv)
{
    set_up();
    mmap((void *)FAKE, FAKE_SIZE, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    mmap((void *)LANDING, 4096, PROT_READ | PROT_WRITE,
         MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    intrude_ready();
    canary = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    watch("memory of 1", canary, sizeof canary_copy);
    memcpy(canary_copy, canary, sizeof canary_copy);
    syscall(SYS_pkey_mprotect, canary, 4096, PROT_READ | PROT_WRITE, PKEY);
    others_canary = bank_canary();
    dl_iterate_phdr(find_bases, NULL);
    if (getenv("TARGETS"))
        read_targets(getenv("TARGETS"));
    return attack(attempts, argc, argv);
}
