#ifndef POOL_EXPORT_H
#define POOL_EXPORT_H
#define POOL_API(type) extern __attribute__((visibility("default"))) type
#endif
