typedef struct IA2_fnptr__ZTSPFiPKvS0_E compare_fn;
void sorter_sort(int *values, int count, compare_fn compare);
compare_fn sorter_default(void);
