// Reads memory whose key it has no right to, and reports the fault or dies of it.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int key;

static void report(int signal, siginfo_t *info, void *context) {
  char line[80];
  int length = snprintf(line, sizeof line, "signal %d code %d key %s\n", signal, info->si_code,
                        info->si_pkey == (unsigned)key ? "right" : "wrong");
  write(1, line, length);
  _exit(3);
}

int main(int argc, char **argv) {
  volatile char *page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  key = pkey_alloc(0, 0);
  if (key < 0 || pkey_mprotect((void *)page, 4096, PROT_READ | PROT_WRITE, key)) {
    perror("pkey");
    return 1;
  }
  page[0] = 1;
  if (argc > 1 && !strcmp(argv[1], "report")) {
    struct sigaction action = {.sa_sigaction = report, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &action, 0);
  }
  pkey_set(key, PKEY_DISABLE_ACCESS);
  return page[0];
}
