#include <stddef.h>
typedef int (*hook_fn)(int);
typedef void (*log_fn)(const char *);
struct hooks { hook_fn before, after; };

extern int lib_level, lib_counts[2];
extern const int lib_version;
extern hook_fn lib_hook;
extern hook_fn lib_table[2];
extern struct hooks lib_hooks;

int lib_run(int x);
/* Only main's code uses log_fn: a declaration is no use. */
struct logger { log_fn log; };
typedef int (*converter)(const char *);
void lib_store(void *slot);
int lib_stored(int x);
