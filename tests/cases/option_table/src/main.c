#include <ia2.h>
#include <ia2_allocator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core.h"
INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
static const char *file = "name=config\nn=42\nflag=false\ntuple=AB\narray=xyz\nm=7\n";

int main(void)
{
    char *text = shared_malloc(strlen(file) + 1);
    strcpy(text, file);
    struct entry all[6];
    unsigned n = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), n++) {
        char *v = strchr(line, '=');
        *v++ = 0;
        struct opt *o = n < 4 ? get_opt(line) : own_opt(line);
        all[n].name = strdup(line);
        all[n].kind = o->kind;
        static struct entry shared IA2_SHARED_DATA;
        if (o->kind == STR)
            shared.value.str = shared_malloc(strlen(v) + 1);
        if (o->kind == OTHER)
            shared.value.other = shared_calloc(2, 4);
        (o->parse)(v, &shared.value);
        all[n].value = shared.value;
    }
    for (unsigned i = 0; i < n; i++) {
        printf("%s: ", all[i].name);
        switch (all[i].kind) {
        case STR:
            puts(all[i].value.str);
            break;
        case BOOL:
            puts(all[i].value.b ? "true" : "false");
            break;
        case U32:
            printf("%u\n", all[i].value.n);
            break;
        case OTHER:
            if (i < 4)
                print_tuple(all[i].value.other);
            else
                print_array(all[i].value.other);
            break;
        }
    }
    unsigned got = 2;
    const struct opt *t = plugin_table(&got);
    static uint32_t number IA2_SHARED_DATA;
    t[0].parse(strcpy(shared_malloc(8), "99"), &number);
    printf("%s %u\n", t[1].name, number);
    return 0;
}
