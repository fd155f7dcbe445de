#include <stddef.h>
int spy_read(const int *p);
void spy_write(int *p, int value);
void spy_copy(void *to, const void *from, size_t length);
void spy_set(void *to, int byte, size_t length);
long spy_receive(int file, void *to, size_t length);
long spy_send(int file, const void *from, size_t length);
int spy_open(const char *path);
void spy_free(void *block);
void *spy_grow(void *block, size_t size);
char *spy_text(void);
/* A signal handler of the library's. */
void (*spy_handler(void))(int);
