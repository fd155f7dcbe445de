typedef struct IA2_fnptr__ZTSPFiPKvS0_E compare_fn;
void sorter_sort(int *values, int count, compare_fn compare);
compare_fn sorter_default(void);
typedef struct IA2_fnptr__ZTSPFviE handler_fn;
struct slot { handler_fn handler; };
int sorter_is_same(handler_fn a, handler_fn b);
void sorter_handle(handler_fn handler, int number);
