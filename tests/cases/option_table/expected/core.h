#pragma once

#include <stdbool.h>
#include <stdint.h>

enum kind { STR, BOOL, U32, OTHER };

struct opt {
    const char *name;
    enum kind kind;
    struct IA2_fnptr__ZTSPFvPcPvE parse;
};

struct entry {
    char *name;
    enum kind kind;

    union {
        char *str;
        bool b;
        uint32_t n;
        void *other;
    } value;
};

void parse_bool(char *, void *);
void parse_str(char *, void *);
void parse_u32(char *, void *);
struct opt *get_opt(const char *name);
struct opt *own_opt(const char *name);
void print_tuple(void *);
void print_array(void *);
typedef struct opt opts_t[4];
const struct opt *plugin_table(unsigned *n);
