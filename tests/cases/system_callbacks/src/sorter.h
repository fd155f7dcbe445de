typedef int (*compare_fn)(const void *, const void *);
void sorter_sort(int *values, int count, compare_fn compare);
compare_fn sorter_default(void);
typedef void (*handler_fn)(int);
struct slot { handler_fn handler; };
int sorter_is_same(handler_fn a, handler_fn b);
void sorter_handle(handler_fn handler, int number);
