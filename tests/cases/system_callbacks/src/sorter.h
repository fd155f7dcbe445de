typedef int (*compare_fn)(const void *, const void *);
void sorter_sort(int *values, int count, compare_fn compare);
compare_fn sorter_default(void);
