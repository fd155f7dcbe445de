#include <string.h>

__attribute__((weak)) const void *ia2_heap_function(const void *function, int compartment);
__attribute__((weak)) void __wrap_malloc(void);
__attribute__((weak)) void __wrap_calloc(void);
__attribute__((weak)) void __wrap_free(void);

const void *probe_wanted(const char *name, int compartment)
{
    const void *function = (void *)(!strcmp(name, "malloc") ? __wrap_malloc : !strcmp(name, "calloc") ? __wrap_calloc : __wrap_free);

    if (!ia2_heap_function)
        return NULL;
    return compartment ? ia2_heap_function(function, compartment) : function;
}
