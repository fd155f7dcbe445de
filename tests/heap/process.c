/* Starts the heaps and runs one scenario. */
#include "process.h"

int compartments;

/* libcallgates.so defines it in a real program. */
__thread char ia2_thread_block[16 * PAGE] __attribute__((aligned(4096)));

static volatile sig_atomic_t expected_key = -1;

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  if (expected_key < 0)
    _exit(info->si_code == SEGV_PKUERR ? 52 : 51);
  _exit(info->si_code == SEGV_PKUERR && (int)info->si_pkey == expected_key ? 50 : 52);
}

static void expect(int key) {
  expected_key = key;
  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  CHECK(sigaltstack(&alternate, NULL) == 0);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
}

void expect_fault(int key) {
  expect(key);
}

void expect_guard(void) {
  expect(-1);
}

void key_thread_block(int on) {
  for (int k = 1; k <= compartments; k++)
    CHECK(pkey_mprotect(ia2_thread_block + k * PAGE, PAGE, PROT_READ | PROT_WRITE, on ? k : 0) == 0);
}

void end_thread(void) {
  for (int k = 0; k <= compartments; k++) {
    enter(k);
    ia2_heap_thread_end();
  }
  enter(0);
  key_thread_block(0);
}

static void start(int highest, const char *limits) {
  compartments = highest;
  for (int k = 1; k <= compartments; k++)
    CHECK(syscall(SYS_pkey_alloc, 0, 1) == k);
  key_thread_block(1);
  set_pkru(0x55555554);
  ia2_heap_start(compartments, limits, 0);
}

int main(int count, char **arguments) {
  CHECK(count == 2);
  const struct scenario *lists[] = {basic_scenarios, libc_scenarios, size_scenarios, misuse_scenarios, life_scenarios};
  for (size_t list = 0; list < sizeof lists / sizeof *lists; list++)
    for (const struct scenario *scenario = lists[list]; scenario->name; scenario++)
      if (!strcmp(arguments[1], scenario->name)) {
        if (scenario->address_space)
          CHECK(setrlimit(RLIMIT_AS, &(struct rlimit){scenario->address_space, scenario->address_space}) == 0);
        if (scenario->compartments)
          start(scenario->compartments, scenario->limits);
        scenario->run();
        enter(0);
        return 0;
      }
  return 98;
}
