#include "uses.h"
#include <sys/wait.h>
#include <ia2.h>
#include "parts.h"

INIT_RUNTIME(2);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>

static int early;

__attribute__((constructor)) static void begin(void)
{
    early = use_all();
}
static void at_exit(void)
{
    printf("main: atexit %d\n", use_all());
}
__attribute__((destructor)) static void end(void)
{
    printf("main: constructor %d, destructor %d\n", early, use_all());
    fflush(stdout);
}

/* A block from one of the functions, for another compartment to look at. */
static void *block_of(const char *function)
{
    static FILE *stream;
    char *text = NULL;
    size_t size = 0;
    void *block = NULL;
    if (!stream) {
        stream = tmpfile();
        fputs("a line\nanother;", stream);
    }
    rewind(stream);
    if (!strcmp(function, "aligned_alloc"))
        return aligned_alloc(64, 64);
    if (!strcmp(function, "reallocarray"))
        return reallocarray(NULL, 10, 10);
    if (!strcmp(function, "wcsdup"))
        return wcsdup(L"wide");
    if (!strcmp(function, "getline"))
        return getline(&text, &size, stream) > 0 ? text : NULL;
    if (!strcmp(function, "getdelim"))
        return getdelim(&text, &size, ';', stream) > 0 ? text : NULL;
    if (!strcmp(function, "asprintf"))
        return asprintf(&text, "%d", early) > 0 ? text : NULL;
    if (!strcmp(function, "vasprintf"))
        return vprint(&text, "%d", early) > 0 ? text : NULL;
    if (!strcmp(function, "strdup"))
        return copy_of(function);
    if (!strcmp(function, "strndup"))
        return strndup(function, 3);
    if (!strcmp(function, "realpath"))
        return realpath("/", NULL);
    if (!strcmp(function, "getcwd"))
        return getcwd(NULL, 0);
    if (!strcmp(function, "get_current_dir_name"))
        return get_current_dir_name();
    return posix_memalign(&block, 64, 64) == 0 ? block : NULL;
}

int main(int count, char **arguments)
{
    if (count > 1) {
        store_peek(block_of(arguments[1]));
        return 0;
    }
    atexit(at_exit);
    printf("main %d store %d open %d\n", use_all(), store_use(), open_use());
    pid_t child = fork();
    if (child == 0) {
        printf("child %d %d\n", use_all(), store_use());
        fflush(stdout);
        _exit(0);
    }
    int status = 1;
    return waitpid(child, &status, 0) != child || status != 0;
}
IA2_NEED(open_use)
IA2_NEED(store_peek)
IA2_NEED(store_use)
IA2_REGISTER_LOCAL(alphasort, 0x16d032da71b8edf5)
