/* Runs threads over the modules of module.c, checks every variable, and prints where the C library
 * keeps the TLS block of every object in every thread.
 *
 *   program MODULE...
 *
 * MODULE is  name            linked with the program
 *            name=path       to be loaded with dlopen
 * and a further  :size  asks that the pages of its first size bytes be taken away in turn, while
 * everybody else's variables, and the C library, have to go on working.
 *
 * With NO_TLS the executable has no thread-local variables of its own.
 *
 * Output: "thread N TP", "block N OBJECT START SIZE FLAGS", "variable N MODULE ADDRESS".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <locale.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <wchar.h>

enum { THREADS = 4, PAGE = 4096 };

struct module {
  char name[64];
  void *handle;
  size_t sealed; /* bytes whose pages are taken away */
  int (*is_fresh)(void);
  void (*fill)(unsigned char);
  int (*holds)(unsigned char);
  void *(*variable)(void);
};

static struct module modules[64];
static int module_count;
#ifdef NO_TLS
#define CHECK_OWN(value) ((void)(value))
#define SET_OWN(value) ((void)(value))
#else
static __thread int own = 42;
#define CHECK_OWN(value) REQUIRE(own == (value), "own %d", own)
#define SET_OWN(value) (own = (value))
#endif
static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t filled;

#define REQUIRE(condition, ...)                                 \
  do {                                                          \
    if (!(condition)) {                                         \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition); \
      fprintf(stderr, __VA_ARGS__);                             \
      fputc('\n', stderr);                                      \
      exit(1);                                                  \
    }                                                           \
  } while (0)

static void *symbol(void *handle, const char *module, const char *suffix) {
  char name[128];
  snprintf(name, sizeof name, "%s_%s", module, suffix);
  void *found = dlsym(handle, name);
  REQUIRE(found, "%s", dlerror());
  return found;
}

static void add_module(char *argument) {
  struct module *m = &modules[module_count++];
  char *size = strchr(argument, ':');
  if (size) *size++ = 0, m->sealed = strtoul(size, NULL, 0);
  char *path = strchr(argument, '=');
  if (path) *path++ = 0;
  snprintf(m->name, sizeof m->name, "%s", argument);
  void *handle = path ? dlopen(path, RTLD_NOW) : RTLD_DEFAULT;
  REQUIRE(handle || !path, "%s", dlerror());
  m->handle = handle;
  m->is_fresh = (int (*)(void))symbol(handle, m->name, "is_fresh");
  m->fill = (void (*)(unsigned char))symbol(handle, m->name, "fill");
  m->holds = (int (*)(unsigned char))symbol(handle, m->name, "holds");
  m->variable = (void *(*)(void))symbol(handle, m->name, "variable");
}

struct place {
  const char *name; /* of the object looked for, or null for all */
  int thread;
  uintptr_t start;
};

static int visit(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct place *place = data;
  const char *slash = strrchr(info->dlpi_name, '/');
  const char *name = slash ? slash + 1 : *info->dlpi_name ? info->dlpi_name : "program";
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    if (header->p_type != PT_TLS || !info->dlpi_tls_data) continue;
    if (!place->name)
      printf("block %d %s %#lx %#lx %#x\n", place->thread, name, (long)info->dlpi_tls_data,
             (long)header->p_memsz, header->p_flags);
    else if (strncmp(name, place->name, strlen(place->name)) == 0 && strchr(name, '.') == name + strlen(place->name))
      place->start = (uintptr_t)info->dlpi_tls_data;
  }
  return 0;
}

/* A module that was loaded late and reaches its variables by fixed offsets has a block that the C
 * library does not know of until it is asked for an address in it. */
static void make_blocks_known(void) {
  for (int i = 0; i < module_count; i++) {
    char data[128], zeros[128];
    snprintf(data, sizeof data, "%s_data", modules[i].name);
    snprintf(zeros, sizeof zeros, "%s_zeros", modules[i].name);
    REQUIRE(dlsym(modules[i].handle, data) || dlsym(modules[i].handle, zeros), "%s", dlerror());
  }
}

static void print_blocks(int thread) {
  pthread_mutex_lock(&output);
  unsigned long tp;
  __asm__("mov %%fs:0, %0" : "=r"(tp));
  printf("thread %d %#lx\n", thread, tp);
  struct place all = {NULL, thread, 0};
  dl_iterate_phdr(visit, &all);
  for (int i = 0; i < module_count; i++)
    printf("variable %d %s %p\n", thread, modules[i].name, modules[i].variable());
  pthread_mutex_unlock(&output);
}

/* Things that need the C library's own thread-local variables. */
static void use_libc(void) {
  errno = 0;
  REQUIRE(close(-1) == -1 && errno == EBADF, "errno %d", errno);
  void *block = malloc(1000);
  REQUIRE(block, "malloc");
  free(block);
  char text[32];
  snprintf(text, sizeof text, "%.2f %s", 1.5, strerror(ENOENT));
  REQUIRE(strncmp(text, "1.50 ", 5) == 0, "%s", text);
  locale_t utf8 = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
  REQUIRE(utf8, "newlocale");
  locale_t before = uselocale(utf8);
  wchar_t wide;
  mbstate_t state = {0};
  REQUIRE(mbrtowc(&wide, "\xc3\xa9", 2, &state) == 2 && wide == 0xe9, "mbrtowc");
  uselocale(before);
  freelocale(utf8);
}

static void hold(unsigned char seed, const struct module *except) {
  for (int i = 0; i < module_count; i++)
    if (&modules[i] != except)
      REQUIRE(modules[i].holds(seed) == 0, "%s: check %d", modules[i].name, modules[i].holds(seed));
  CHECK_OWN(seed);
}

static void take_pages_away(struct module *m, unsigned char seed) {
  struct place place = {m->name, 0, 0};
  dl_iterate_phdr(visit, &place);
  REQUIRE(place.start, "no block of %s", m->name);
  uintptr_t first = place.start & -PAGE, end = (place.start + m->sealed + PAGE - 1) & -PAGE;
  REQUIRE(mprotect((void *)first, end - first, PROT_NONE) == 0, "mprotect: %m");
  use_libc();
  hold(seed, m);
  REQUIRE(mprotect((void *)first, end - first, PROT_READ | PROT_WRITE) == 0, "mprotect: %m");
  hold(seed, NULL);
}

static void work(int thread) {
  CHECK_OWN(42);
  for (int i = 0; i < module_count; i++)
    REQUIRE(modules[i].is_fresh() == 0, "thread %d, %s: check %d", thread, modules[i].name,
            modules[i].is_fresh());
  unsigned char seed = 100 + thread;
  SET_OWN(seed);
  for (int i = 0; i < module_count; i++) modules[i].fill(seed);
  if (thread) pthread_barrier_wait(&filled);
  hold(seed, NULL);
  make_blocks_known();
  print_blocks(thread);
  use_libc();
  for (int i = 0; i < module_count; i++)
    if (modules[i].sealed) take_pages_away(&modules[i], seed);
}

static void *start(void *thread) {
  work((int)(intptr_t)thread);
  return NULL;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) add_module(argv[i]);
  REQUIRE(setlocale(LC_ALL, "C.UTF-8"), "setlocale");
  work(0);
  /* The second round gets the stacks of the first, with whatever its threads left there. */
  for (int round = 0; round < 2; round++) {
    pthread_t threads[THREADS];
    pthread_barrier_init(&filled, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
      void *number = (void *)(intptr_t)(1 + round * THREADS + i);
      REQUIRE(pthread_create(&threads[i], NULL, start, number) == 0, "pthread_create");
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  }
  return 0;
}
