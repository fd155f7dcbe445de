/* Scenarios with real keys, by name; each is one run. Compiled with --wrap for every function that
 * the library wraps, so that malloc here is __wrap_malloc. */
#include "process.h"

static sig_atomic_t expected_key = -1;

static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  _exit(info->si_code == SEGV_PKUERR && (int)info->si_pkey == expected_key ? 50 : 51);
}

/* From here on, the process must end by a fault on memory with this key. */
static void expect_fault(int key) {
  expected_key = key;
  static char stack[65536];
  stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
  CHECK(sigaltstack(&alternate, NULL) == 0);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
}

static void heaps(void) {
  for (int k = 0; k <= COMPARTMENTS; k++) {
    enter(k);
    for (size_t size = 0; size < 300000; size = size * 2 + 1) {
      char *block = malloc(size);
      CHECK(block && ia2_heap_owner(block) == k);
      memset(block, k, size);
      CHECK(malloc_usable_size(block) >= size);
      block = realloc(block, size + 100);
      CHECK(block && ia2_heap_owner(block) == k && (size == 0 || block[size - 1] == k));
      char *shared = shared_malloc(size);
      CHECK(shared && ia2_heap_owner(shared) == 0);
      memset(shared, k, size);
      if (size % 3)
        free(shared);
      else
        shared_free(shared);
      free(block);
    }
  }
  CHECK(ia2_heap_owner(&expected_key) == -1);
  CHECK(ia2_heap_owner(NULL) == -1);
  set_pkru(0x55555554);
  char *block = malloc(10);
  CHECK(ia2_heap_owner(block) == 0);
  free(block);
}

static void foreign_read(void) {
  enter(1);
  volatile char *block = malloc(100);
  *block = 1;
  enter(2);
  expect_fault(1);
  CHECK(*block == 2);
}

static void foreign_metadata(void) {
  enter(1);
  char *block = malloc(100);
  enter(2);
  /* Metadata begins at most 256 GiB and 4 MiB after the start of the arena. */
  uintptr_t gap = 4 << 20;
  for (int shift = 26; shift <= 38; shift++) {
    uintptr_t control = ((uintptr_t)block & ~0xffffUL) + (1UL << shift) + gap;
    if (ia2_heap_owner((void *)control) == 1 && ia2_heap_owner((void *)(control + (1UL << shift) - gap)) == 2) {
      expect_fault(1);
      *(volatile char *)control = 1;
    }
  }
}

static int *call_asprintf(char **text, const char *format, ...) {
  static int length;
  va_list arguments;
  va_start(arguments, format);
  length = vasprintf(text, format, arguments);
  va_end(arguments);
  return &length;
}

static void libc_strings(void) {
  enter(2);
  char *text;
  int length = asprintf(&text, "%d %s %.2f %ld %c %d %d %d %g %g %g %g %g %g %g %Lf", 1, "two", 3.0, 4L, '5', 6, 7, 8,
                        1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.5L);
  CHECK(!strcmp(text, "1 two 3.00 4 5 6 7 8 1 2 3 4 5 6 7 8.500000"));
  CHECK(length == (int)strlen(text) && ia2_heap_owner(text) == 2);
  free(text);
  CHECK(asprintf(&text, "%2000d", 7) == 2000 && text[1999] == '7' && ia2_heap_owner(text) == 2);
  free(text);
  CHECK(*call_asprintf(&text, "%s-%f-%d", "a", 0.5, 9) == 12 && !strcmp(text, "a-0.500000-9"));
  free(text);
  text = strdup("text");
  CHECK(!strcmp(text, "text") && ia2_heap_owner(text) == 2);
  free(text);
  text = strndup("text", 2);
  CHECK(!strcmp(text, "te") && ia2_heap_owner(text) == 2);
  free(text);
  wchar_t *wide = wcsdup(L"wide");
  CHECK(!wcscmp(wide, L"wide") && ia2_heap_owner(wide) == 2);
  free(wide);
  text = realpath("/", NULL);
  CHECK(!strcmp(text, "/") && ia2_heap_owner(text) == 2);
  free(text);
  CHECK(chdir("/") == 0);
  char buffer[PAGE];
  CHECK(realpath("/", buffer) == buffer && getcwd(buffer, sizeof buffer) == buffer);
  text = getcwd(NULL, 0);
  CHECK(!strcmp(text, "/") && ia2_heap_owner(text) == 2);
  free(text);
  text = get_current_dir_name();
  CHECK(!strcmp(text, "/") && ia2_heap_owner(text) == 2);
  free(text);
  FILE *stream = tmpfile();
  CHECK(fputs("one\ntwo and more\n", stream) >= 0);
  rewind(stream);
  char *line = malloc(4);
  size_t size = 4;
  CHECK(getline(&line, &size, stream) == 4 && !strcmp(line, "one\n") && ia2_heap_owner(line) == 2);
  CHECK(getdelim(&line, &size, 'd', stream) == 7 && !strcmp(line, "two and"));
  CHECK(getline(&line, &size, stream) == 6 && getline(&line, &size, stream) == -1);
  free(line);
  fclose(stream);
  void *block = NULL;
  CHECK(posix_memalign(&block, 4096, 10) == 0 && (uintptr_t)block % 4096 == 0 && ia2_heap_owner(block) == 2);
  free(block);
  block = aligned_alloc(64, 128);
  CHECK(block && (uintptr_t)block % 64 == 0 && ia2_heap_owner(block) == 2);
  free(block);
  block = reallocarray(NULL, 10, 10);
  CHECK(ia2_heap_owner(block) == 2);
  volatile size_t huge = SIZE_MAX;
  CHECK(reallocarray(block, huge, 2) == NULL && errno == ENOMEM);
  free(block);
  /* What libc allocates without being wrapped goes back to libc. */
  stream = open_memstream(&text, &size);
  CHECK(fputs("memory", stream) >= 0 && fclose(stream) == 0 && !strcmp(text, "memory"));
  CHECK(ia2_heap_owner(text) == -1);
  text = realloc(text, 100);
  free(text);
}

static void *thread_main(void *argument) {
  unsigned id = (uintptr_t)argument;
  key_thread_block(1);
  for (int round = 0; round < 200; round++) {
    for (unsigned k = 0; k <= COMPARTMENTS; k++) {
      enter(k);
      char *blocks[50];
      for (int i = 0; i < 50; i++) {
        size_t size = (i * 977 + id * 131) % 5000 + 1;
        blocks[i] = malloc(size);
        CHECK(ia2_heap_owner(blocks[i]) == (int)k);
        memset(blocks[i], i, size);
      }
      char *shared = shared_calloc(10, 10);
      for (int i = 0; i < 50; i++) {
        CHECK(blocks[i][0] == (char)i);
        free(blocks[i]);
      }
      shared_free(shared);
    }
  }
  end_thread();
  return NULL;
}

static void threads(void) {
  for (int round = 0; round < 20; round++) {
    pthread_t ids[8];
    for (uintptr_t i = 0; i < 8; i++)
      CHECK(pthread_create(&ids[i], NULL, thread_main, (void *)i) == 0);
    for (int i = 0; i < 8; i++)
      CHECK(pthread_join(ids[i], NULL) == 0);
  }
}

static void forks(void) {
  enter(1);
  char *block = malloc(1000);
  memset(block, 7, 1000);
  enter(0);
  pthread_t id;
  CHECK(pthread_create(&id, NULL, thread_main, (void *)1) == 0);
  for (int round = 0; round < 50; round++) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      for (int k = 0; k <= COMPARTMENTS; k++) {
        enter(k);
        ia2_heap_fork_child();
        free(malloc(500));
        if (k == 1) {
          CHECK(block[999] == 7);
          free(block);
        }
      }
      _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
  }
  CHECK(pthread_join(id, NULL) == 0);
}

static void limit(void) {
  enter(1);
  size_t total = 0;
  while (malloc(10000))
    total += 10000;
  CHECK(errno == ENOMEM && total > 7000000 && total < 8 << 20);
  enter(2);
  CHECK(malloc(10000));
}

static void address_space(void) {
  /* Started under RLIMIT_AS by the test. */
  enter(1);
  char *block = malloc(20 << 20);
  CHECK(block);
  memset(block, 1, 20 << 20);
  free(block);
}

static void double_free(void) {
  enter(1);
  char *block = malloc(40);
  free(block);
  free(block);
}

static void foreign_free(void) {
  enter(1);
  char *block = malloc(40);
  enter(2);
  free(block);
}

static void shared_free_private(void) {
  enter(1);
  shared_free(malloc(40));
}

static void unknown_pkru(void) {
  set_pkru(0xfffffff0 & ~0x30u);
  free(malloc(40));
}

static void unknown_free(void) {
  enter(1);
  void *block = malloc(40);
  set_pkru(0xfffffff0 & ~0x30u);
  free(block);
}

static void started_twice(void) {
  ia2_heap_start(1, 0);
}

static void no_heap(void) {
  set_pkru(pkru_of(9));
  free(malloc(40));
}

static const struct {
  const char *name;
  void (*run)(void);
} scenarios[] = {
    {"heaps", heaps},
    {"foreign-read", foreign_read},
    {"foreign-metadata", foreign_metadata},
    {"libc", libc_strings},
    {"threads", threads},
    {"forks", forks},
    {"limit", limit},
    {"address-space", address_space},
    {"double-free", double_free},
    {"foreign-free", foreign_free},
    {"shared-free-private", shared_free_private},
    {"unknown-pkru", unknown_pkru},
    {"unknown-free", unknown_free},
    {"started-twice", started_twice},
    {"no-heap", no_heap},
};

int main(int count, char **arguments) {
  CHECK(count == 2);
  const char *name = arguments[1];
  if (!strcmp(name, "not-started")) {
    free(malloc(10));
    return 0;
  }
  start(!strcmp(name, "limit") ? 8 << 20 : 0);
  for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
    if (!strcmp(name, scenarios[i].name)) {
      scenarios[i].run();
      enter(0);
      return 0;
    }
  return 98;
}
