#include <ia2.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "spy.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int spy_read(const int *p) { return *p; }
void spy_write(int *p, int value) { *p = value; }
void spy_copy(void *to, const void *from, size_t length)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
}
void spy_set(void *to, int byte, size_t length) { memset(to, byte, length); }
long spy_receive(int file, void *to, size_t length) { return read(file, to, length); }
long spy_send(int file, const void *from, size_t length) { return write(file, from, length); }
int spy_open(const char *path) { return open(path, O_RDONLY); }
void spy_free(void *block) { free(block); }
void *spy_grow(void *block, size_t size) { return realloc(block, size); }
char *spy_text(void) { return strdup("allocated by the spy"); }

static void on_signal(int signal) { (void)signal; }

void (*spy_handler(void))(int)
{
    return on_signal;
}
