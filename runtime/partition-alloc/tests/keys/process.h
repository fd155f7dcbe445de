/* A process with protection keys but without the runtime: what the tests need of libia2. */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#define IA2_ENABLE 1
#include <ia2_allocator.h>

void ia2_heap_start(unsigned highest_pkey, size_t limit);
void ia2_heap_thread_end(void);
void ia2_heap_fork_child(void);
int ia2_heap_owner(const void *address);

/* Unlike assert, not compiled out, and not dependent on stdio's buffers. */
#define CHECK(condition) \
  ((condition) ? (void)0 : (dprintf(2, "%s:%d: %s\n", __FILE__, __LINE__, #condition), _exit(99)))

enum { COMPARTMENTS = 3, PAGE = 4096 };

/* The thread block, which libcallgates.so defines in a real program. */
__thread char ia2_thread_block[16 * PAGE] __attribute__((aligned(4096)));

static inline void set_pkru(unsigned pkru) {
  __asm__ volatile("wrpkru" : : "a"(pkru), "c"(0), "d"(0) : "memory");
}

static inline unsigned pkru_of(unsigned compartment) {
  return ~((3u << (2 * compartment)) | 3u);
}

/* Enters a compartment. The stack and all data of this program have key 0. */
static inline void enter(unsigned compartment) {
  set_pkru(pkru_of(compartment));
}

static void key_thread_block(int on) {
  for (int k = 1; k <= COMPARTMENTS; k++)
    CHECK(pkey_mprotect(ia2_thread_block + k * PAGE, PAGE, PROT_READ | PROT_WRITE, on ? k : 0) == 0);
}

static void end_thread(void) {
  for (int k = 0; k <= COMPARTMENTS; k++) {
    enter(k);
    ia2_heap_thread_end();
  }
  enter(0);
  key_thread_block(0);
}

static void start(size_t limit) {
  for (int k = 1; k <= COMPARTMENTS; k++)
    CHECK(syscall(SYS_pkey_alloc, 0, 1) == k);
  key_thread_block(1);
  set_pkru(0x55555554);
  ia2_heap_start(COMPARTMENTS, limit);
}
