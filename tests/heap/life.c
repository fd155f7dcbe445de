/* Threads, forks, memory that comes and goes. */
#include "process.h"

static void *thread_main(void *argument) {
  unsigned id = (uintptr_t)argument;
  key_thread_block(1);
  for (int round = 0; round < 200; round++) {
    for (int k = 0; k <= compartments; k++) {
      enter(k);
      char *blocks[50];
      for (int i = 0; i < 50; i++) {
        size_t size = (i * 977 + id * 131) % 5000 + 1;
        blocks[i] = malloc(size);
        CHECK(ia2_heap_owner(blocks[i]) == k);
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
      for (int k = 0; k <= compartments; k++) {
        enter(k);
        ia2_heap_fork_child();
        free(kept(malloc(500)));
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

static size_t resident(void) {
  char text[200] = {0};
  int file = open("/proc/self/statm", O_RDONLY);
  CHECK(file >= 0 && read(file, text, sizeof text - 1) > 0 && close(file) == 0);
  return strtoul(strchr(text, ' '), NULL, 10) * PAGE;
}

/* What is freed goes back to the kernel: at once, what is much; after a while, what is little. */
static void given_back(void) {
  enum { COUNT = 20000, SIZE = 3000 };
  static char *blocks[COUNT];
  size_t before = resident();
  for (int k = 0; k <= compartments; k++) {
    enter(k);
    for (int i = 0; i < COUNT; i++)
      memset(blocks[i] = malloc(SIZE), 1, SIZE);
    CHECK(resident() > before + COUNT * SIZE / 10 * 9);
    for (int i = 0; i < COUNT; i++)
      free(blocks[i]);
    CHECK(resident() < before + (24 << 20) * (k + 1));
    char *large = malloc(50 << 20);
    memset(large, 1, 50 << 20);
    free(large);
    CHECK(resident() < before + (24 << 20) * (k + 1));
  }
  for (int round = 0; round < 3; round++) {
    enter(0);
    usleep(600000);
    for (int k = 0; k <= compartments; k++) {
      enter(k);
      free(kept(malloc(100000)));
    }
  }
  CHECK(resident() < before + (12 << 20));
}

/* Fifteen compartments and many threads at once, blocks of the shared heap crossing between all of them. */
enum { LIVE = 24, ROUNDS = 60 };
static _Atomic(char *) exchange[64];

static void *busy_thread(void *argument) {
  unsigned long random = ((uintptr_t)argument + 1) * 0x9e3779b97f4a7c15UL;
  key_thread_block(1);
  for (int round = 0; round < ROUNDS; round++)
    for (int k = 0; k <= compartments; k++) {
      enter(k);
      random ^= random << 13, random ^= random >> 7, random ^= random << 17;
      size_t size = random % 3 ? random / 3 % 500 + 16 : random / 3 % 50000 + 16;
      char *own = malloc(size), *shared = shared_malloc(size);
      CHECK(ia2_heap_owner(own) == k && ia2_heap_owner(shared) == 0);
      memset(own, k, size);
      memset(shared, (int)size, 16);
      *(size_t *)shared = size;
      char *old = atomic_exchange(&exchange[random / 7 % 64], shared);
      if (old) {
        CHECK(old[8] == (char)*(size_t *)old);
        shared_free(old);
      }
      CHECK(own[size - 1] == (char)k);
      free(own);
    }
  end_thread();
  return NULL;
}

static void busy(void) {
  pthread_t ids[LIVE];
  for (int round = 0; round < 3; round++) {
    for (uintptr_t i = 0; i < LIVE; i++)
      CHECK(pthread_create(&ids[i], NULL, busy_thread, (void *)(i + round * 100)) == 0);
    for (int i = 0; i < LIVE; i++)
      CHECK(pthread_join(ids[i], NULL) == 0);
  }
}

/* Many short threads leave nothing behind. */
static void *short_thread(void *argument) {
  (void)argument;
  key_thread_block(1);
  for (int k = 0; k <= compartments; k++) {
    enter(k);
    free(kept(malloc(100)));
    char *left = malloc(50);
    free(left);
  }
  end_thread();
  return NULL;
}

static void short_threads(void) {
  size_t before = 0;
  for (int i = 0; i < 3000; i++) {
    pthread_t id;
    CHECK(pthread_create(&id, NULL, short_thread, NULL) == 0 && pthread_join(id, NULL) == 0);
    if (i == 500)
      before = resident();
  }
  CHECK(resident() < before + (2 << 20));
}

const struct scenario life_scenarios[] = {
    {"threads", threads, 3, NULL, 0},
    {"busy", busy, 15, NULL, 0},
    {"short-threads", short_threads, 3, NULL, 0},
    {"forks", forks, 3, NULL, 0},
    {"given-back", given_back, 3, NULL, 0},
    {0, 0, 0, NULL, 0},
};
