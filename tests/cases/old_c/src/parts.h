typedef int (*cb)();
typedef void (*vcb)();
struct entry { cb f; char *name; int (*g)(); };
extern cb lib_get();
extern int lib_run();
extern struct entry *lib_entries();
int lib_both();
vcb lib_hello();
/* What declares it again has no parameters. */
int lib_each(cb, int);
