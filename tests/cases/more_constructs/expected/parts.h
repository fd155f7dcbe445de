#ifndef LIB_H
#define LIB_H
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
typedef struct IA2_fnptr__ZTSPFiiE fn;
typedef int fn_t(int);
typedef uint32_t word;
typedef struct IA2_fnptr__ZTSPFjjE word_fn;
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
            struct IA2_fnptr__ZTSPFiiE g;
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
struct IA2_fnptr__ZTSPFiiE lib_ft(struct IA2_fnptr__ZTSPFiiE f);
fn_t lib_plain;
int lib_arr(struct IA2_fnptr__ZTSPFiiE f[static 2], int n);
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
                                              struct IA2_fnptr__ZTSPFiiE f);
struct IA2_fnptr__ZTSPFiiE lib_pick(int n, struct IA2_fnptr__ZTSPFiiE const *fs);
static inline fn lib_inline(fn f, fn g) { return IA2_ADDR(f) ? f : g; }
typedef struct node {
    struct node *next;
    struct IA2_fnptr__ZTSPFiP4nodePFiiEE call;
} node;
int lib_nodes(node *n, fn f);
[[maybe_unused]] static int c23(int x) { return x; }
fn lib_counter(void);
int lib_void(void *f, int x);
int lib_int(uintptr_t f, int x);
/* Types without a name, or with no other than a typedef's. */
extern struct IA2_unnamed_parts_h_67_8 { int x, y; } lib_point IA2_SHARED_DATA; extern struct IA2_fnptr__ZTSPFP20unnamed_parts_h_67_8iE lib_move IA2_SHARED_DATA;
struct IA2_unnamed_parts_h_68_9 { int kept; }; typedef struct IA2_fnptr__ZTSPF10made_valuevE made_fn; typedef struct IA2_unnamed_parts_h_68_9 made_value;
typedef struct IA2_unnamed_parts_h_69_9 { int size; } sized; typedef struct IA2_fnptr__ZTSPF5sizediE sized_fn; typedef struct IA2_unnamed_parts_h_69_9 *sized_pointer;
int lib_made(made_fn make);
int lib_sized(sized_fn make, sized_pointer other);
#endif
