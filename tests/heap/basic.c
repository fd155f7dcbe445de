/* Each compartment has its heap, and only its own. */
#include "process.h"

static void heaps(void) {
  for (int k = 0; k <= compartments; k++) {
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
  static int variable;
  CHECK(ia2_heap_owner(&variable) == -1);
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

/* The functions that code of one compartment calls do what those for anybody do. */
typedef void *malloc_function(size_t);
typedef void *calloc_function(size_t, size_t);
typedef void free_function(void *);

static void functions_of_one(void) {
  for (int k = 1; k <= compartments; k++) {
    malloc_function *own_malloc = (malloc_function *)ia2_heap_function((void *)malloc, k);
    calloc_function *own_calloc = (calloc_function *)ia2_heap_function((void *)calloc, k);
    free_function *own_free = (free_function *)ia2_heap_function((void *)free, k);
    CHECK(own_malloc && own_calloc && own_free);
    CHECK((void *)own_malloc != (void *)malloc && (void *)own_free != (void *)free);
    enter(k);
    CHECK(!own_calloc(SIZE_MAX, 2) && errno == ENOMEM);
    own_free(NULL);
    for (size_t size = 0; size < 300000; size = size * 2 + 1) {
      char *block = own_malloc(size), *other = malloc(size), *zeros = own_calloc(1, size), *shared = shared_malloc(size);
      CHECK(block && ia2_heap_owner(block) == k && ia2_heap_owner(zeros) == k && block != other);
      memset(block, k, size);
      for (size_t i = 0; i < size; i++)
        CHECK(!zeros[i]);
      free(block);
      own_free(other);
      own_free(zeros);
      own_free(shared);
    }
  }
  CHECK(!ia2_heap_function((void *)malloc, 0) && !ia2_heap_function((void *)malloc, compartments + 1));
  CHECK(!ia2_heap_function((void *)malloc, -1) && !ia2_heap_function((void *)malloc, 16));
  CHECK(!ia2_heap_function((void *)realloc, 1) && !ia2_heap_function(NULL, 1));
}

/* Who calls those of another compartment has not the rights to its heap. */
static void function_of_another(void) {
  malloc_function *foreign = (malloc_function *)ia2_heap_function((void *)malloc, 1);
  enter(1);
  free(malloc(100));
  enter(2);
  expect_fault(1);
  foreign(100);
}

static void free_of_another(void) {
  free_function *foreign = (free_function *)ia2_heap_function((void *)free, 1);
  enter(1);
  char *block = malloc(100);
  enter(2);
  expect_fault(1);
  foreign(block);
}

/* The first address, downwards or upwards from one of a heap's, that is not the heap's any more. */
static uintptr_t end_of_heap(uintptr_t inside, intptr_t direction) {
  int owner = ia2_heap_owner((void *)inside);
  uintptr_t distance = 0;
  for (uintptr_t step = (uintptr_t)1 << 40; step; step /= 2)
    if (ia2_heap_owner((void *)(inside + direction * (distance + step))) == owner)
      distance += step;
  return inside + direction * (distance + 1);
}

/* The second half of an arena is for metadata, which begins after a gap of 4 MiB. */
char *metadata_of(const char *block) {
  uintptr_t before = end_of_heap((uintptr_t)block, -1), after = end_of_heap((uintptr_t)block, 1);
  return (char *)(before + 1 + (after - before - 1) / 2 + (4 << 20));
}

static void foreign_metadata(void) {
  enter(1);
  char *control = metadata_of(malloc(100));
  enter(2);
  expect_fault(1);
  *(volatile char *)control = 1;
}

/* A pointer that compartment 1 keeps after it has freed the block gives nobody else's memory away. */
static void foreign_after_free(void) {
  enter(1);
  char *block = malloc(100000);
  memset(block, 1, 100000);
  free(block);
  enter(2);
  for (int i = 0; i < 1000; i++)
    CHECK(malloc(100000 - i) != block);
  expect_fault(1);
  *(volatile char *)block = 1;
}

/* Whatever compartment 1 allocates, what lies behind its last block is its own or nobody's. */
static void overflow(void) {
  enter(2);
  char *neighbour = malloc(5000);
  enter(1);
  char *block = NULL;
  for (int i = 0; i < 100; i++) {
    char *next = malloc(60000);
    CHECK(next);
    if (next > block)
      block = next;
  }
  expect_guard();
  for (volatile char *byte = block;; byte++)
    CHECK(byte != neighbour && (*byte = 1));
}

static void limit(void) {
  enter(1);
  size_t total = 0;
  while (malloc(10000))
    total += 10000;
  CHECK(errno == ENOMEM && total > 7000000 && total < 8 << 20);
  CHECK(!malloc(1 << 20) && !calloc(1000, 1000) && errno == ENOMEM);
  /* Each heap has its own limit, and what is freed counts no more. */
  for (int k = 0; k < compartments; k++) {
    enter(k);
    char *block = k == 1 ? NULL : malloc(6 << 20);
    CHECK(k == 1 || block);
    CHECK(!malloc(3 << 20));
    free(block);
    CHECK(k == 1 || (block = malloc(7 << 20)));
    free(block);
  }
  /* The last one has none. */
  enter(compartments);
  free(kept(malloc(100 << 20)));
}

/* Where addresses are scarce, arenas are smaller. */
static void address_space(void) {
  enter(1);
  char *block = malloc(20 << 20);
  CHECK(block);
  memset(block, 1, 20 << 20);
  free(block);
}


static void bad_limit(void) {}

const struct scenario basic_scenarios[] = {
    {"heaps", heaps, 3, NULL, 0},
    {"fifteen-heaps", heaps, 15, NULL, 0},
    {"foreign-read", foreign_read, 3, NULL, 0},
    {"foreign-metadata", foreign_metadata, 3, NULL, 0},
    {"functions-of-one", functions_of_one, 14, NULL, 0},
    {"function-of-another", function_of_another, 3, NULL, 0},
    {"free-of-another", free_of_another, 3, NULL, 0},
    {"foreign-after-free", foreign_after_free, 3, NULL, 0},
    {"overflow", overflow, 3, NULL, 0},
    {"limit", limit, 3, "8M,3:0", 0},
    {"bad-limit", bad_limit, 3, "8M,x", 0},
    {"address-space", address_space, 3, NULL, 1500 << 20},
    {0, 0, 0, NULL, 0},
};
