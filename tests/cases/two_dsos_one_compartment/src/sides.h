extern int right_secret;
extern __thread int right_count;
int left_work(int x);
int right_work(int *x);
int right_calls(void);
