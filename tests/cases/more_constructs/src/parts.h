#ifndef LIB_H
#define LIB_H
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
typedef int (*fn)(int);
typedef int fn_t(int);
typedef uint32_t word;
typedef word (*word_fn)(word);
struct bits {
    unsigned a : 3;
    fn f;
    unsigned b : 5, : 0, c : 1;
};
struct anon {
    int tag;
    union {
        fn f;
        struct {
            fn_t *g;
            int n;
        };
    };
    fn many[2][2];
    const fn *list;
    fn *const *deep;
};
union both {
    fn f;
    void *p;
    uintptr_t i;
};
struct flex {
    size_t n;
    struct {
        const char *name;
        fn f;
    } e[];
};
fn (*lib_table(void))[2];
fn_t *lib_ft(fn_t *f);
fn_t lib_plain;
int lib_arr(int (*f[static 2])(int), int n);
int lib_bits(struct bits b);
int lib_anon(struct anon *a);
int lib_both(union both u);
int lib_flex(const struct flex *f);
_Bool lib_tests(fn p, fn q);
word lib_word(word_fn f, word w);
int lib_generic(fn f);
int lib_named(void);
int lib_asm(int) __asm__("lib_asm_renamed");
__attribute__((noinline)) extern int lib_attr(__attribute__((unused)) int x,
                                              int (*f)(int) __attribute__((nonnull)));
int (*lib_pick(int n, int (*const *fs)(int)))(int);
static inline fn lib_inline(fn f, fn g) { return f ? f : g; }
typedef struct node {
    struct node *next;
    int (*call)(struct node *self, fn f);
} node;
int lib_nodes(node *n, fn f);
[[maybe_unused]] static int c23(int x) { return x; }
fn lib_counter(void);
int lib_void(void *f, int x);
int lib_int(uintptr_t f, int x);
/* Types without a name, or with no other than a typedef's. */
extern struct { int x, y; } lib_point IA2_SHARED_DATA, *(*lib_move)(int) IA2_SHARED_DATA;
typedef struct { int kept; } (*made_fn)(void), made_value;
typedef struct { int size; } sized, (*sized_fn)(int), *sized_pointer;
int lib_made(made_fn make);
int lib_sized(sized_fn make, sized_pointer other);
#endif
