/* Without compartments all memory is shared: the functions of ia2_allocator.h are the C library's. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void *shared_malloc(size_t size) { return malloc(size); }
void shared_free(void *block) { free(block); }
void *shared_realloc(void *block, size_t size) { return realloc(block, size); }
void *shared_calloc(size_t count, size_t size) { return calloc(count, size); }
void *shared_memalign(size_t alignment, size_t size) { return memalign(alignment, size); }
int shared_posix_memalign(void **block, size_t alignment, size_t size)
{
    return posix_memalign(block, alignment, size);
}
char *shared_strdup(const char *text) { return strdup(text); }
