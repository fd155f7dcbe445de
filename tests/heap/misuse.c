/* Wrong calls end the process with one line that says who did what to whose block. */
#include "process.h"

/* Runs something in a child, which must end with SIGABRT and one line. Returns the line. */
static const char *last_words(void (*run)(void *), void *argument) {
  static char line[1000];
  int ends[2];
  CHECK(pipe(ends) == 0);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    dup2(ends[1], 2);
    run(argument);
    _exit(0);
  }
  close(ends[1]);
  size_t length = 0;
  for (ssize_t more; (more = read(ends[0], line + length, sizeof line - 1 - length)) > 0;)
    length += more;
  close(ends[0]);
  line[length] = 0;
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT) {
    dprintf(2, "status %x: %s\n", status, line);
    _exit(99);
  }
  CHECK(length > 1 && strchr(line, '\n') == line + length - 1);
  return line;
}

static void expect(const char *line, const char *format, ...) {
  char wanted[200];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(wanted, sizeof wanted, format, arguments);
  va_end(arguments);
  if (!strstr(line, wanted)) {
    dprintf(2, "\"%s\" is not in: %s", wanted, line);
    _exit(99);
  }
}

enum function { FREE, REALLOC, USABLE_SIZE, SHARED_FREE, SHARED_REALLOC, FUNCTIONS };
static const char *const function_names[] = {"free", "realloc", "malloc_usable_size", "shared_free", "shared_realloc"};

struct call {
  int compartment;
  enum function function;
  char *block;
};

static void *volatile sink;

static void call(enum function function, char *block) {
  switch (function) {
  case FREE:
    free(block);
    break;
  case REALLOC:
    sink = realloc(block, 100);
    break;
  case USABLE_SIZE:
    sink = (void *)malloc_usable_size(block);
    break;
  case SHARED_FREE:
    shared_free(block);
    break;
  default:
    sink = shared_realloc(block, 100);
  }
}

static void in_compartment(void *argument) {
  const struct call *what = argument;
  enter(what->compartment);
  call(what->function, what->block);
}

static const char *words(int compartment, enum function function, char *block) {
  return last_words(in_compartment, &(struct call){compartment, function, block});
}

static void foreign(void) {
  static const size_t sizes[] = {10, 3000, 20000, 500000};
  for (int owner = 1; owner <= compartments; owner++)
    for (int running = 0; running <= compartments; running++)
      for (enum function function = 0; function < FUNCTIONS; function++) {
        if (owner == running && function < SHARED_FREE)
          continue;
        enter(owner);
        char *block = malloc(sizes[(owner + running + function) % 4]);
        memset(block, 7, 10);
        const char *line = words(running, function, block);
        expect(line, "libpartition-alloc: compartment %d: %s(%p): the block ", running, function_names[function], block);
        expect(line, owner == running ? "is private to compartment %d" : "belongs to the heap of compartment %d", owner);
        /* Inside of it too. */
        expect(words(running, function, block + 8), "compartment %d", owner);
        /* The block is as it was. */
        enter(owner);
        CHECK(block[9] == 7);
        free(block);
      }
}

static char *make(int owner, size_t size) {
  enter(owner);
  return owner ? malloc(size) : shared_malloc(size);
}

/* The owner's own mistakes, and everybody's with shared blocks. */
static void own(void) {
  static const size_t sizes[] = {1, 48, 9000, 32768, 500000};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (int running = 0; running <= compartments; running++)
      for (int owner = 0; owner <= running; owner += running ? running : 1)
        for (enum function function = 0; function < FUNCTIONS; function++) {
          if (owner && function >= SHARED_FREE)
            continue;
          char *block = make(owner, sizes[i]), *other = make(owner, sizes[i]);
          const char *name = function_names[function];
          enter(running);
          if (sizes[i] > 16) {
            const char *line = words(running, function, block + 16);
            expect(line, "compartment %d: %s(%p): the address is 16 bytes inside a block, not its start", running, name,
                   block + 16);
            expect(line, owner ? "in the heap of compartment %d" : "in the heap of compartment 0 (shared)", owner);
          }
          expect(words(running, function, block + 1), "the address is 1 bytes inside a block");
          enter(running);
          char *metadata = metadata_of(block);
          expect(words(running, function, metadata), "%s(%p): the address lies in the metadata of the heap of", name,
                 metadata);
          expect(words(running, function, metadata - (1 << 20)), "the address lies in the metadata of the heap of");
          expect(words(running, function, metadata - (5 << 20)), "no block is allocated there");
          enter(running);
          free(block);
          const char *line = words(running, function, block);
          if (sizes[i] > 32768)
            expect(line, "%s(%p): no block is allocated there (freed before", name, block);
          else
            expect(line, "%s(%p): the block is free already (double free?)", name, block);
          enter(running);
          free(other);
        }
}

/* A second thread that frees a block again, or first. */
static char *passed_block;

static void *freeing_thread(void *argument) {
  (void)argument;
  key_thread_block(1);
  enter(1);
  free(passed_block);
  end_thread();
  return NULL;
}

static void after_thread(void *argument) {
  int thread_first = *(int *)argument;
  enter(1);
  passed_block = malloc(100);
  if (!thread_first)
    free(passed_block);
  pthread_t id;
  enter(0);
  CHECK(pthread_create(&id, NULL, freeing_thread, NULL) == 0 && pthread_join(id, NULL) == 0);
  enter(1);
  free(passed_block);
}

static void twice_by_threads(void) {
  for (int thread_first = 0; thread_first < 2; thread_first++)
    expect(last_words(after_thread, &thread_first), "compartment 1: free(0x");
}

static void nobody(void) {
  set_pkru(0xfffffff0 & ~0x30u);
  free(kept(malloc(40)));
}

static void nobody_frees(void) {
  enter(1);
  void *block = kept(malloc(40));
  set_pkru(0xfffffff0 & ~0x30u);
  free(block);
}

static void started_twice(void) {
  ia2_heap_start(1, NULL, 0);
}

static void no_heap(void) {
  set_pkru(pkru_of(9));
  free(kept(malloc(40)));
}

static void not_started(void) {
  free(kept(malloc(10)));
}

/* One compartment writes whatever it likes over the shared heap's metadata and its thread slots, while the others go on. */
static void forged(void) {
  enter(1);
  char *secret = malloc(1000);
  memset(secret, 0x5a, 1000);
  char *first = shared_malloc(100), *control = metadata_of(first);
  for (unsigned seed = 1; seed <= 150; seed++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      enter(2);
      unsigned long random = seed * 0x9e3779b97f4a7c15UL;
      for (int i = 0; i < 40; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        /* Control page, maps and headers follow each other; the thread slots are this thread's. */
        unsigned long *place = random % 3 == 0 ? (unsigned long *)ia2_thread_block + random / 3 % 300
                                               : (unsigned long *)control + random / 3 % 200;
        *place = random % 5 == 0 ? random : random >> (random % 64);
      }
      for (int k = 1; k <= compartments; k++) {
        enter(k);
        char *own[20];
        for (int i = 0; i < 20; i++)
          memset(own[i] = malloc(i * 300 + 1), k, i * 300 + 1);
        if (k == 1)
          for (int i = 0; i < 1000; i++)
            CHECK(secret[i] == 0x5a);
        for (int i = 0; i < 20; i++) {
          CHECK(own[i][i * 300] == k);
          free(own[i]);
        }
      }
      /* The shared heap itself may be ruined, but not in a way that touches compartment 1's. */
      enter(2);
      struct rlimit none = {0, 0};
      setrlimit(RLIMIT_CORE, &none);
      char *block = shared_malloc(seed * 10);
      if (block)
        memset(block, 0xff, 10);
      free(block);
      enter(1);
      block = shared_malloc(seed * 20);
      if (block)
        memset(block, 0xff, 10);
      for (int i = 0; i < 1000; i++)
        CHECK(secret[i] == 0x5a);
      shared_free(first);
      _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  }
}

const struct scenario misuse_scenarios[] = {
    {"foreign", foreign, 3, NULL, 0},
    {"own", own, 2, NULL, 0},
    {"twice-by-threads", twice_by_threads, 2, NULL, 0},
    {"nobody", nobody, 3, NULL, 0},
    {"nobody-frees", nobody_frees, 3, NULL, 0},
    {"started-twice", started_twice, 3, NULL, 0},
    {"no-heap", no_heap, 3, NULL, 0},
    {"not-started", not_started, 0, NULL, 0},
    {"forged", forged, 3, NULL, 0},
    {0, 0, 0, NULL, 0},
};
