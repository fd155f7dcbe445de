#ifndef PARTS_H
#define PARTS_H

#include <stddef.h>

void *thief_malloc(size_t size);
void thief_free(void *block);
void thief_free_shared(void *block);
void *thief_realloc(void *block, size_t size);
void thief_overflow(void *block, size_t size, int backwards);
void thief_take(const void *block, size_t size);
void thief_forge(void *shared, unsigned long target);
void thief_forge_slot(unsigned long name, unsigned long place);
int thief_honest(int count);

#endif
