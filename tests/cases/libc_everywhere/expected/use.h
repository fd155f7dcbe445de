/* What every compartment does, in its own name. */
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <grp.h>
#include <locale.h>
#include <malloc.h>
#include <netdb.h>
#include <pwd.h>
#include <regex.h>
#include <search.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("%s, line %d: %s\n", name, __LINE__, #condition);                               \
            failed++;                                                                              \
        }                                                                                          \
    } while (0)

static int failed;
static int compared;

IA2_STATIC_FN(compare, _ZTSPFiPKvS0_E, use_h) static int compare(const void *a, const void *b)
{
    compared++;
    return *(const int *)a - *(const int *)b;
} IA2_REGISTER_LOCAL(compare, 0x6ebdd18b97678ed5)

IA2_STATIC_FN(compare_r, _ZTSPFiPKvS0_PvE, use_h) static int compare_r(const void *a, const void *b, void *sign)
{
    return *(int *)sign * (*(const int *)a - *(const int *)b);
} IA2_REGISTER_LOCAL(compare_r, 0xb1293619261d46d8)

IA2_STATIC_FN(compare_text, _ZTSPFiPKvS0_E, use_h) static int compare_text(const void *a, const void *b) { return strcmp(a, b); } IA2_REGISTER_LOCAL(compare_text, 0xe1dc6a8b1009520c)
IA2_STATIC_FN(no_dots, _ZTSPFiPK6direntE, use_h) static int no_dots(const struct dirent *entry) { return entry->d_name[0] != '.'; } IA2_REGISTER_LOCAL(no_dots, 0x775173704ef7b448)
static int visited;
IA2_STATIC_FN(visit, _ZTSPFiPKcPK4statiP3FTWE, use_h) static int visit(const char *path, const struct stat *status, int type, struct FTW *where)
{
    visited++;
    return 0;
} IA2_REGISTER_LOCAL(visit, 0x7a62bcaf440f5bf4)

static char *format(const char *text, ...)
{
    char *made = NULL;
    va_list arguments;
    va_start(arguments, text);
    if (vasprintf(&made, text, arguments) < 0)
        made = NULL;
    va_end(arguments);
    return made;
}

static void use_blocks(const char *name)
{
    char *block = malloc(100);
    CHECK(block && malloc_usable_size(block) >= 100);
    block = realloc(block, 5000);
    memset(block, 1, 5000);
    block = reallocarray(block, 100, 100);
    CHECK(block && block[4999] == 1);
    free(block);
    free(calloc(10, 10));
    void *aligned = NULL;
    CHECK(posix_memalign(&aligned, 256, 100) == 0 && (unsigned long)aligned % 256 == 0);
    free(aligned);
    free(aligned = memalign(1024, 10));
    CHECK((unsigned long)aligned % 1024 == 0);
    free(aligned_alloc(64, 128));
    free(valloc(10));
    free(pvalloc(10));
    char *text = strdup("text"), *part = strndup("partly", 4);
    CHECK(!strcmp(text, "text") && !strcmp(part, "part"));
    free(text);
    free(part);
    wchar_t *wide = wcsdup(L"wide");
    CHECK(wide[3] == L'e');
    free(wide);
    text = format("%s-%d", "a", 5);
    CHECK(text && !strcmp(text, "a-5"));
    free(text);
    CHECK(asprintf(&text, "%05d", 42) == 5 && !strcmp(text, "00042"));
    free(text);
    CHECK((text = realpath("/proc/self/../self/fd", NULL)) && text[0] == '/');
    free(text);
    CHECK((text = getcwd(NULL, 0)) && text[0] == '/');
    free(text);
    CHECK((text = get_current_dir_name()) && text[0] == '/');
    free(text);
    char *scanned = NULL;
    int number = 0;
    CHECK(sscanf("word 17", "%ms %d", &scanned, &number) == 2 && !strcmp(scanned, "word") && number == 17);
    free(scanned);
}

static void use_streams(const char *name)
{
    char path[] = "/tmp/ia2-XXXXXX";
    int file = mkstemp(path);
    CHECK(file >= 0);
    FILE *stream = fdopen(file, "w+");
    char *own = malloc(8192), *line = malloc(4), *word = NULL;
    size_t size = 4, word_size = 0;
    CHECK(setvbuf(stream, own, _IOFBF, 8192) == 0);
    fprintf(stream, "%s line that is longer than the buffer of the program\nsecond;third\n", name);
    rewind(stream);
    CHECK(getline(&line, &size, stream) > 40 && !strncmp(line, name, strlen(name)));
    CHECK(getdelim(&word, &word_size, ';', stream) == 7 && !strcmp(word, "second;"));
    CHECK(getline(&word, &word_size, stream) == 6);
    free(word);
    free(line);
    fclose(stream);
    free(own);
    stream = fopen(path, "r");
    setbuf(stream, NULL);
    char raw[10];
    CHECK(fread(raw, 1, 5, stream) == 5 && fgets(raw, sizeof raw, stream) == raw);
    fclose(stream);
    unlink(path);
    char *memory = NULL;
    size_t length = 0;
    stream = open_memstream(&memory, &length);
    fprintf(stream, "%d %s", 12, "in memory");
    fclose(stream);
    CHECK(memory && length == 12 && !strcmp(memory, "12 in memory"));
    free(memory);
    char room[64] = "5 6";
    int a = 0, b = 0;
    stream = fmemopen(room, sizeof room, "r");
    CHECK(fscanf(stream, "%d %d", &a, &b) == 2 && a == 5 && b == 6);
    fclose(stream);
    stream = tmpfile();
    CHECK(stream && fputs("x", stream) >= 0);
    if (stream)
        fclose(stream);
}

static void use_files(const char *name)
{
    DIR *folder = opendir("/proc/self");
    int entries = 0;
    while (readdir(folder))
        entries++;
    closedir(folder);
    CHECK(entries > 5);
    struct dirent **list = NULL;
    int count = scandir("/proc/self", &list, no_dots, alphasort);
    CHECK(count > 5);
    for (int i = 0; i < count; i++)
        free(list[i]);
    free(list);
    CHECK(nftw("/proc/self/attr", visit, 4, FTW_PHYS) == 0 && visited > 0);
    glob_t found;
    CHECK(glob("/proc/self/m*", 0, NULL, &found) == 0 && found.gl_pathc > 1);
    globfree(&found);
}

static void use_tables(const char *name)
{
    int numbers[] = {5, 3, 9, 1}, key = 9, sign = -1;
    qsort(numbers, 4, sizeof *numbers, compare);
    CHECK(numbers[0] == 1 && numbers[3] == 9 && compared > 3);
    CHECK(bsearch(&key, numbers, 4, sizeof *numbers, compare) == &numbers[3]);
    qsort_r(numbers, 4, sizeof *numbers, compare_r, &sign);
    CHECK(numbers[0] == 9);
    void *tree = NULL;
    tsearch("b", &tree, compare_text);
    tsearch("a", &tree, compare_text);
    CHECK(tfind("a", &tree, compare_text) && !tfind("c", &tree, compare_text));
    tdelete("a", &tree, compare_text);
    tdelete("b", &tree, compare_text);
    regex_t expression;
    regmatch_t match[2];
    CHECK(regcomp(&expression, "a(b+)c", REG_EXTENDED) == 0);
    CHECK(regexec(&expression, "xabbbc", 2, match, 0) == 0 && match[1].rm_eo == 5);
    regfree(&expression);
}

static void use_environment(const char *name)
{
    static char mine[64];
    snprintf(mine, sizeof mine, "IA2_MINE_%s=yes", name);
    CHECK(putenv(mine) == 0);
    CHECK(setenv("IA2_OTHER", name, 1) == 0 && !strcmp(getenv("IA2_OTHER"), name));
    CHECK(unsetenv("IA2_OTHER") == 0 && !getenv("IA2_OTHER"));
    CHECK(setlocale(LC_ALL, "C") != NULL);
    locale_t locale = newlocale(LC_ALL_MASK, "C", NULL);
    CHECK(locale != NULL);
    freelocale(locale);
    struct addrinfo hints, *addresses = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_flags = AI_NUMERICHOST;
    hints.ai_socktype = SOCK_STREAM;
    CHECK(getaddrinfo("127.0.0.1", "80", &hints, &addresses) == 0 && addresses);
    if (addresses)
        freeaddrinfo(addresses);
    time_t moment = 86400;
    struct tm fields;
    char text[64];
    CHECK(gmtime_r(&moment, &fields) && strftime(text, sizeof text, "%Y-%m-%d", &fields) == 10);
    CHECK(!strcmp(text, "1970-01-02") && strptime("2001-02-03", "%Y-%m-%d", &fields));
    getpwuid(getuid());
    getgrgid(getgid());
}

static void use_processes(const char *name, const char *program)
{
    int status = 0;
    pid_t child;
    char *arguments[] = {(char *)program, (char *)"child", NULL};
    char *variables[] = {(char *)"A=b", NULL};
    CHECK(posix_spawn(&child, program, NULL, NULL, arguments, variables) == 0);
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 33);
    child = vfork();
    if (child == 0) {
        execve(program, arguments, variables);
        _exit(1);
    }
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 33);
    fflush(stdout);
    child = fork();
    if (child == 0)
        _exit(malloc(10) ? 44 : 1);
    CHECK(waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 44);
    status = system("exit 7");
    CHECK(WEXITSTATUS(status) == 7);
    FILE *pipe = popen("echo from the shell", "r");
    char text[64] = "";
    CHECK(pipe && fgets(text, sizeof text, pipe) && !strcmp(text, "from the shell\n"));
    if (pipe)
        pclose(pipe);
    CHECK(setuid(getuid()) == 0 && setgid(getgid()) == 0 && seteuid(geteuid()) == 0);
    CHECK(setresuid(-1, -1, -1) == 0);
}

static int use_everything(const char *program, const char *name)
{
    use_blocks(name);
    use_streams(name);
    use_files(name);
    use_tables(name);
    use_environment(name);
    use_processes(name, program);
    printf("%s: %d failed\n", name, failed);
    return failed;
}
