/* Memory that every compartment may read and write.
 *
 * malloc and its relatives give a compartment memory of its own. What one compartment hands to
 * another by pointer must come from the functions below instead. They behave like the functions of
 * the same name without "shared_"; a block from one of them is freed with shared_free, or with free,
 * by any compartment.
 *
 * Without compartments (IA2_ENABLE undefined or 0) they are the ordinary functions.
 */
#ifndef IA2_ALLOCATOR_H
#define IA2_ALLOCATOR_H

#include <stddef.h>

#if defined(IA2_ENABLE) && IA2_ENABLE

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define IA2_ALLOC_ATTRIBUTE(...) __attribute__((__VA_ARGS__))
#else
#define IA2_ALLOC_ATTRIBUTE(...)
#endif

void *shared_malloc(size_t size) IA2_ALLOC_ATTRIBUTE(__malloc__, __alloc_size__(1), __warn_unused_result__);
void *shared_calloc(size_t count, size_t size)
    IA2_ALLOC_ATTRIBUTE(__malloc__, __alloc_size__(1, 2), __warn_unused_result__);
void *shared_realloc(void *block, size_t size) IA2_ALLOC_ATTRIBUTE(__alloc_size__(2), __warn_unused_result__);
void shared_free(void *block);
void *shared_memalign(size_t alignment, size_t size)
    IA2_ALLOC_ATTRIBUTE(__malloc__, __alloc_size__(2), __warn_unused_result__);
void *shared_aligned_alloc(size_t alignment, size_t size)
    IA2_ALLOC_ATTRIBUTE(__malloc__, __alloc_size__(2), __warn_unused_result__);
int shared_posix_memalign(void **result, size_t alignment, size_t size)
    IA2_ALLOC_ATTRIBUTE(__nonnull__(1), __warn_unused_result__);
char *shared_strdup(const char *text) IA2_ALLOC_ATTRIBUTE(__malloc__, __nonnull__(1), __warn_unused_result__);
char *shared_strndup(const char *text, size_t most)
    IA2_ALLOC_ATTRIBUTE(__malloc__, __nonnull__(1), __warn_unused_result__);

#undef IA2_ALLOC_ATTRIBUTE

#ifdef __cplusplus
}
#endif

#else /* no compartments */

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define shared_malloc malloc
#define shared_calloc calloc
#define shared_realloc realloc
#define shared_free free
#define shared_memalign memalign
#define shared_aligned_alloc aligned_alloc
#define shared_posix_memalign posix_memalign
#define shared_strdup strdup
#define shared_strndup strndup

#endif

#endif
