#include <ia2.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "spy.h"
#define IA2_COMPARTMENT 2
#include <ia2_compartment_init.inc>

int spy_read(const int *p) { return *p; } IA2_REGISTER(spy_read, 0x5dc25c356f5377f9)
void spy_write(int *p, int value) { *p = value; } IA2_REGISTER(spy_write, 0xa9a85ea7f9cec07d)
void spy_copy(void *to, const void *from, size_t length)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
} IA2_REGISTER(spy_copy, 0x84adf57ba7bd4246)
void spy_set(void *to, int byte, size_t length) { memset(to, byte, length); } IA2_REGISTER(spy_set, 0xe045a3dba889d399)
long spy_receive(int file, void *to, size_t length) { return read(file, to, length); } IA2_REGISTER(spy_receive, 0xce23283bb23da16b)
long spy_send(int file, const void *from, size_t length) { return write(file, from, length); } IA2_REGISTER(spy_send, 0x58a4eb6d882dc548)
int spy_open(const char *path) { return open(path, O_RDONLY); } IA2_REGISTER(spy_open, 0xb233ad32ebe75985)
void spy_free(void *block) { free(block); } IA2_REGISTER(spy_free, 0xd6e03715f535f43d)
void *spy_grow(void *block, size_t size) { return realloc(block, size); } IA2_REGISTER(spy_grow, 0x734b614ecc5dee30)
char *spy_text(void) { return strdup("allocated by the spy"); } IA2_REGISTER(spy_text, 0xde865ee2397b8810)

IA2_STATIC_FN(on_signal, _ZTSPFviE, spy_c) static void on_signal(int signal) { (void)signal; } IA2_REGISTER_LOCAL(on_signal, 0xb9b1b4c69aee5776)

struct IA2_fnptr__ZTSPFviE spy_handler(void)
{
    return IA2_FN(on_signal);
} IA2_REGISTER(spy_handler, 0xae8e2dbcb1ecef22)
