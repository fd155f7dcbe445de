#pragma once

#define API __attribute__((visibility("default")))
#define NOTHROW __attribute__((nothrow, leaf))
#define DECL(ret, name, args) API ret name args
#define CB_TYPE(name) typedef void (*name)(int)
#define UNUSED __attribute__((__unused__))
#define FMT(a, b) __attribute__((format(printf, a, b)))
typedef struct IA2_fnptr__ZTSPFviE CB;
typedef int local_fn(int);
API void f();
void g() NOTHROW;
void API h(CB cb);
DECL(int, i, (int a, int b UNUSED));
extern __attribute__((visibility("default"))) void j (struct IA2_fnptr__ZTSPFviE cb __attribute__((__unused__)), int);
__attribute__((warn_unused_result)) API int k(struct IA2_fnptr__ZTSPFiiE cb);
API int l(struct IA2_fnptr__ZTSPFiiE, ...);
