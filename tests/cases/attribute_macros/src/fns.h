#pragma once

#define API __attribute__((visibility("default")))
#define NOTHROW __attribute__((nothrow, leaf))
#define DECL(ret, name, args) API ret name args
#define CB_TYPE(name) typedef void (*name)(int)
#define UNUSED __attribute__((__unused__))
#define FMT(a, b) __attribute__((format(printf, a, b)))
CB_TYPE(CB);
typedef int local_fn(int);
API void f();
void g() NOTHROW;
void API h(CB cb);
DECL(int, i, (int a, int b UNUSED));
extern DECL(void, j, (void (*cb)(int) UNUSED, int));
__attribute__((warn_unused_result)) API int k(local_fn *cb);
API int l(int (*)(int), ...);
