typedef struct IA2_fnptr__ZTSPFiiE fn;

/* Called by a name that its library does not know. */
int first_call(int x) __asm__("first_real_call");
int first_apply(fn f, int x) __asm__("first_real_apply");
fn first_get(void);

/* Each library has one of its own; only that of `first` can be seen. */
int helper(int x);

#define VISIBLE __attribute__((visibility("default")))
VISIBLE int second_call(int x);
VISIBLE fn second_helper(void);
