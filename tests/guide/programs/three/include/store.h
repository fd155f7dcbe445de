#ifndef STORE_H
#define STORE_H
#include <stdbool.h>

typedef struct {
    int key;
    short flags;
    double weight;
} entry_t;

bool store_put(entry_t entry);
entry_t store_get(int key);
unsigned store_size(void);
long *store_total(void);
#endif
