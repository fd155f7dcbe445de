#ifndef VALUES_H
#define VALUES_H

struct extended { char tag; long double numbers[3]; };
struct waves { _Complex double pair[2]; _Complex float single; };
struct wide { short first; __int128 numbers[2]; };
struct __attribute__((packed)) packed { char tag; int number; double real; short last; };
struct small_packed { char tag; struct { short a, b; } __attribute__((packed)) inner; } __attribute__((packed));
struct __attribute__((aligned(64))) aligned { int number; };
struct holder { char tag; struct aligned inside; };
struct nothing {};
struct with_nothing { struct nothing none; int number; struct nothing nones[3]; };
typedef float four __attribute__((vector_size(16)));
typedef long eight __attribute__((vector_size(8)));
union mixed { four vector; int words[4]; struct { char a; double b; } inner; };
union narrow { eight vector; double real; char bytes[8]; };
struct bits { unsigned a : 3; int : 0; long b : 40; unsigned c : 1; _Bool d : 1; };
struct huge { unsigned char bytes[8192]; };
struct two_floats { float a, b; };
struct three_floats { float a, b, c; };
struct float_int { float a; int b; };
struct pointer_float { void *p; float f; };
typedef struct { int rows[2][3]; } matrix;
struct flexible { int count; int values[]; };
typedef _Bool truth;

/* All of these return their argument with every number one higher. */
struct extended next_extended(struct extended value);
struct waves next_waves(struct waves value);
struct wide next_wide(struct wide value);
struct packed next_packed(struct packed value);
struct small_packed next_small_packed(struct small_packed value);
struct aligned next_aligned(char before, struct aligned value, char after);
struct holder next_holder(struct holder value);
struct with_nothing next_with_nothing(struct nothing none, struct with_nothing value, struct nothing more);
union mixed next_mixed(union mixed value);
union narrow next_narrow(union narrow value);
struct bits next_bits(struct bits value);
struct huge next_huge(struct huge value);
struct two_floats next_two_floats(struct two_floats value);
struct three_floats next_three_floats(struct three_floats value);
struct float_int next_float_int(struct float_int value);
struct pointer_float next_pointer_float(struct pointer_float value);
matrix next_matrix(matrix value);
_Complex long double next_complex(_Complex long double value);
_Complex short next_complex_short(_Complex short value);
__int128 next_int128(char before, __int128 value, char after);
four next_four(four value);
_Float16 next_half(_Float16 value, float other);

/* The weighted sum of forty arguments of several kinds. */
double forty(char a0, short a1, int a2, long a3, float a4, double a5, long double a6, struct two_floats a7,
             struct three_floats a8, unsigned char a9, truth a10, struct packed a11, __int128 a12, float a13,
             double a14, int a15, int a16, int a17, int a18, long a19, float a20, float a21, float a22,
             float a23, double a24, double a25, struct float_int a26, struct with_nothing a27, four a28,
             union narrow a29, signed char a30, short a31, unsigned short a32, long long a33, long double a34,
             struct aligned a35, struct bits a36, matrix a37, char a38, double a39);

/* Variadic: `count` structures of each kind in turn. */
double sum_of(int count, ...);

/* Callbacks. */
typedef struct huge (*make_huge)(int seed);
typedef struct extended (*change_extended)(struct extended value, void *none);
typedef int (*combine)(int a, int b);
unsigned check_huge(make_huge make, int seed);
struct extended twice(change_extended change, struct extended value);
/* A callback that is given a callback, three deep. */
typedef struct wide (*deep)(int depth, void *again);
struct wide call_deep(deep function, int depth);
combine pick(int which);

#endif
