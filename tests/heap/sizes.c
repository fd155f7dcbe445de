/* Every size and alignment, and what cannot be had. */
#include "process.h"

/* Values the compiler must not know. */
static volatile size_t huge = SIZE_MAX, one = 1;

/* Whether there is no block. The compiler must not take for granted that there is one. */
static int refused(void *block) {
  return !kept(block);
}

static void fill(void *block, size_t size) {
  memset(block, (int)size, size);
}

static void check(const unsigned char *block, size_t size, unsigned char with) {
  for (size_t i = 0; i < size; i += i < 100 || i + 100 > size ? 1 : 97)
    CHECK(block[i] == with);
}

static void zero_sizes(void) {
  char *a = kept(malloc(0)), *b = kept(malloc(0)), *c = calloc(0, 10), *d = calloc(10, 0), *e = kept(realloc(NULL, 0));
  CHECK(a && b && c && d && e && a != b && c != d);
  CHECK(malloc_usable_size(a) >= 1 && malloc_usable_size(NULL) == 0);
  free(a), free(b), free(c), free(d), free(NULL);
  /* As glibc: frees, and returns null. */
  CHECK(realloc(e, 0) == NULL);
  void *aligned = aligned_alloc(64, 0);
  CHECK(aligned && (uintptr_t)aligned % 64 == 0);
  free(aligned);
}

static void overflows(void) {
  errno = 0;
  CHECK(refused(malloc(huge)) && errno == ENOMEM);
  CHECK(refused(malloc(PTRDIFF_MAX)) && refused(malloc((size_t)PTRDIFF_MAX + one)) && refused(malloc(huge - 4095)) && refused(malloc(huge - 65536)));
  errno = 0;
  CHECK(refused(calloc(huge, 2)) && errno == ENOMEM);
  errno = 0;
  CHECK(refused(calloc(huge / 2, 3)) && errno == ENOMEM);
  CHECK(refused(calloc(one << 32, one << 32)) && refused(calloc(huge, huge)));
  errno = 0;
  CHECK(refused(reallocarray(NULL, huge / 2, 3)) && errno == ENOMEM);
  CHECK(refused(memalign(4096, huge)) && refused(memalign(4096, huge - 4096)) && refused(valloc(huge)) && refused(pvalloc(huge)) && refused(pvalloc(huge - 1)));
  errno = 0;
  CHECK(refused(aligned_alloc(4096, huge)) && errno == ENOMEM);
  char *block = malloc(1000);
  fill(block, 1000);
  errno = 0;
  CHECK(refused(realloc(block, huge)) && errno == ENOMEM);
  CHECK(refused(realloc(block, PTRDIFF_MAX)) && refused(reallocarray(block, huge / 2, 4)));
  check((unsigned char *)block, 1000, (unsigned char)1000);
  free(block);
}

static void alignments(void) {
  static const size_t sizes[] = {0, 1, 15, 100, 4000, 5000, 40000, 300000};
  for (size_t align = 1; align <= 64 << 20; align *= 2)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      void *blocks[3] = {memalign(align, sizes[i]), aligned_alloc(align, sizes[i]), NULL};
      int error = posix_memalign(&blocks[2], align, sizes[i]);
      CHECK(error == (align < sizeof(void *) ? EINVAL : 0));
      for (int b = 0; b < 3; b++) {
        if (b == 2 && error)
          continue;
        CHECK(blocks[b] && (uintptr_t)blocks[b] % align == 0 && malloc_usable_size(blocks[b]) >= sizes[i]);
        fill(blocks[b], sizes[i]);
      }
      for (int b = 0; b < 3; b++)
        if (b < 2 || !error) {
          check(blocks[b], sizes[i], (unsigned char)sizes[i]);
          free(blocks[b]);
        }
    }
  void *block = (void *)1;
  errno = 77;
  CHECK(posix_memalign(&block, 0, 10) == EINVAL && posix_memalign(&block, 3, 10) == EINVAL);
  CHECK(posix_memalign(&block, 24, 10) == EINVAL && posix_memalign(&block, 4, 10) == EINVAL);
  CHECK(posix_memalign(&block, 64, huge) == ENOMEM && posix_memalign(&block, (size_t)1 << 62, 1) == ENOMEM);
  CHECK(block == (void *)1 && errno == 77);
  CHECK(refused(aligned_alloc(24 * one, 48)) && errno == EINVAL && refused(aligned_alloc(0 * one, 48)));
  CHECK(refused(memalign(huge, 1)) && errno == EINVAL);
  /* memalign rounds up what is no power of two. */
  block = memalign(100 * one, 1);
  CHECK((uintptr_t)block % 128 == 0);
  free(block);
  block = valloc(1);
  CHECK((uintptr_t)block % PAGE == 0);
  free(block);
  block = pvalloc(PAGE + 1);
  CHECK((uintptr_t)block % PAGE == 0 && malloc_usable_size(block) >= 2 * PAGE);
  free(block);
}

/* From every size to every other, contents kept, across all kinds of blocks. */
static void transitions(void) {
  static const size_t sizes[] = {1, 16, 17, 128, 129, 1000, 1024, 4096, 8192, 8193, 20000, 32768, 32769,
                                 61440, 61441, 65536, 200000, 1 << 20, 5 << 20};
  enum { COUNT = sizeof sizes / sizeof *sizes };
  for (int from = 0; from < COUNT; from++)
    for (int to = 0; to < COUNT; to++) {
      unsigned char *block = malloc(sizes[from]);
      fill(block, sizes[from]);
      block = realloc(block, sizes[to]);
      CHECK(block && malloc_usable_size(block) >= sizes[to]);
      check(block, sizes[from] < sizes[to] ? sizes[from] : sizes[to], (unsigned char)sizes[from]);
      fill(block, sizes[to]);
      block = reallocarray(block, sizes[from], 1);
      CHECK(block);
      check(block, sizes[from] < sizes[to] ? sizes[from] : sizes[to], (unsigned char)sizes[to]);
      free(block);
    }
}

static void clean_callocs(void) {
  static const size_t sizes[] = {1, 100, 5000, 33000, 70000, 3 << 20};
  for (int round = 0; round < 20; round++)
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
      unsigned char *block = calloc(1, sizes[i]);
      CHECK(block);
      check(block, sizes[i], 0);
      memset(block, 0xff, sizes[i]);
      free(block);
    }
}

/* A gigabyte, of which little is touched. */
static void giants(void) {
  char *block = malloc((size_t)1 << 30);
  CHECK(block);
  for (size_t i = 0; i < (size_t)1 << 30; i += 64 << 20)
    block[i] = 1;
  block = realloc(block, (size_t)3 << 29);
  CHECK(block && block[64 << 20] == 1);
  block = realloc(block, 100000);
  CHECK(block && block[0] == 1);
  free(block);
}

static void everywhere(void (*run)(void)) {
  for (int k = 0; k <= compartments; k++) {
    enter(k);
    run();
  }
}

static void sizes(void) {
  everywhere(zero_sizes);
  everywhere(overflows);
  everywhere(alignments);
  everywhere(clean_callocs);
  everywhere(giants);
}

static void resizes(void) {
  everywhere(transitions);
}

/* The same names for the shared heap, from every compartment. */
static void shared(void) {
  for (int k = 0; k <= compartments; k++) {
    enter(k);
    char *block = shared_malloc(100);
    CHECK(ia2_heap_owner(block) == 0);
    fill(block, 100);
    block = shared_realloc(block, 100000);
    CHECK(ia2_heap_owner(block) == 0);
    check((unsigned char *)block, 100, 100);
    block = realloc(block, 50);
    CHECK(ia2_heap_owner(block) == 0 && malloc_usable_size(block) >= 50);
    free(block);
    block = shared_calloc(10, 10);
    check((unsigned char *)block, 100, 0);
    shared_free(block);
    CHECK(refused(shared_calloc(huge, 2)) && refused(shared_malloc(huge)) && errno == ENOMEM);
    block = shared_memalign(1 << 20, 10);
    CHECK((uintptr_t)block % (1 << 20) == 0);
    shared_free(block);
    block = shared_aligned_alloc(256, 256);
    CHECK((uintptr_t)block % 256 == 0);
    shared_free(block);
    void *aligned;
    CHECK(shared_posix_memalign(&aligned, 3, 1) == EINVAL && shared_posix_memalign(&aligned, 4096, 1) == 0);
    CHECK(ia2_heap_owner(aligned) == 0);
    shared_free(aligned);
    char *text = shared_strdup("text"), *part = shared_strndup("text", 2);
    CHECK(!strcmp(text, "text") && !strcmp(part, "te") && ia2_heap_owner(text) == 0 && ia2_heap_owner(part) == 0);
    shared_free(text), shared_free(part), shared_free(NULL);
    /* What one allocates another reads, changes, enlarges and frees. */
    block = shared_malloc(3000);
    memset(block, k, 3000);
    enter((k + 1) % (compartments + 1));
    check((unsigned char *)block, 3000, (unsigned char)k);
    block = shared_realloc(block, 60000);
    enter((k + 2) % (compartments + 1));
    check((unsigned char *)block, 3000, (unsigned char)k);
    free(block);
  }
}

const struct scenario size_scenarios[] = {
    {"sizes", sizes, 3, NULL, 0},
    {"resizes", resizes, 3, NULL, 0},
    {"shared", shared, 3, NULL, 0},
    {0, 0, 0, NULL, 0},
};
