/* A process with protection keys but without the runtime: what the tests need of libia2. Everything is
 * compiled with --wrap for every function that the library wraps, so that malloc is __wrap_malloc. */
#pragma once
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

#define IA2_ENABLE 1
#include <ia2_allocator.h>

void ia2_heap_start(unsigned highest_pkey, const char *limits, int permissive);
void ia2_heap_thread_end(void);
void ia2_heap_fork_child(void);
int ia2_heap_owner(const void *address);
const void *ia2_heap_function(const void *function, int compartment);

/* Unlike assert, not compiled out, and not dependent on stdio's buffers. */
#define CHECK(condition) \
  ((condition) ? (void)0 : (dprintf(2, "%s:%d: %s\n", __FILE__, __LINE__, #condition), _exit(99)))

enum { PAGE = 4096 };

/* The highest compartment that start() made a heap for. */
extern int compartments;

/* The thread block, which libcallgates.so defines in a real program. */
extern __thread char ia2_thread_block[16 * PAGE];

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

/* The block, unknown to a compiler that would leave out a malloc whose block is only freed. */
static inline void *kept(void *block) {
  __asm__ volatile("" : "+r"(block) : : "memory");
  return block;
}

/* Gives each page of the running thread's block its key, or key 0 again. */
void key_thread_block(int on);
/* What the runtime does when a thread ends. */
void end_thread(void);
/* From here on, the process must end by a fault on memory with this key; it then exits with 50. */
void expect_fault(int key);
/* From here on, the process must end by a fault on memory that nobody may use; it then exits with 51. */
void expect_guard(void);

/* The metadata of the heap that a block belongs to. */
char *metadata_of(const char *block);

/* Something to run; main() starts the heaps before, unless there are to be none. */
struct scenario {
  const char *name;
  void (*run)(void);
  int compartments;
  /* As in the environment. */
  const char *limits;
  /* Of the process; 0 is no limit. */
  rlim_t address_space;
};

/* By file; each list ends with a nameless one. */
extern const struct scenario basic_scenarios[], libc_scenarios[], size_scenarios[], misuse_scenarios[],
    life_scenarios[];
