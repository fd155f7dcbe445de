/* What libc allocates: for the running compartment, where it is wrapped; else libc's own. */
#include "process.h"

#include <dirent.h>
#include <glob.h>
#include <locale.h>
#include <netdb.h>
#include <regex.h>
#include <search.h>

static int *call_asprintf(char **text, const char *format, ...) {
  static int length;
  va_list arguments;
  va_start(arguments, format);
  length = vasprintf(text, format, arguments);
  va_end(arguments);
  return &length;
}

static void strings_in(int k) {
  enter(k);
  char *text;
  int length = asprintf(&text, "%d %s %.2f %ld %c %d %d %d %g %g %g %g %g %g %g %Lf", 1, "two", 3.0, 4L, '5', 6, 7, 8,
                        1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.5L);
  CHECK(!strcmp(text, "1 two 3.00 4 5 6 7 8 1 2 3 4 5 6 7 8.500000"));
  CHECK(length == (int)strlen(text) && ia2_heap_owner(text) == k);
  free(text);
  CHECK(asprintf(&text, "%2000d", 7) == 2000 && text[1999] == '7' && ia2_heap_owner(text) == k);
  free(text);
  CHECK(*call_asprintf(&text, "%s-%f-%d", "a", 0.5, 9) == 12 && !strcmp(text, "a-0.500000-9"));
  free(text);
  text = strdup("text");
  CHECK(!strcmp(text, "text") && ia2_heap_owner(text) == k);
  free(text);
  text = strndup("text", 2);
  CHECK(!strcmp(text, "te") && ia2_heap_owner(text) == k);
  free(text);
  wchar_t *wide = wcsdup(L"wide");
  CHECK(!wcscmp(wide, L"wide") && ia2_heap_owner(wide) == k);
  free(wide);
  text = realpath("/", NULL);
  CHECK(!strcmp(text, "/") && ia2_heap_owner(text) == k);
  free(text);
  CHECK(chdir("/") == 0);
  char buffer[PAGE];
  CHECK(realpath("/", buffer) == buffer && getcwd(buffer, sizeof buffer) == buffer);
  text = getcwd(NULL, 0);
  CHECK(!strcmp(text, "/") && ia2_heap_owner(text) == k);
  free(text);
  text = get_current_dir_name();
  CHECK(!strcmp(text, "/") && ia2_heap_owner(text) == k);
  free(text);
  FILE *stream = tmpfile();
  CHECK(fputs("one\ntwo and more\n", stream) >= 0);
  rewind(stream);
  char *line = malloc(4);
  size_t size = 4;
  CHECK(getline(&line, &size, stream) == 4 && !strcmp(line, "one\n") && ia2_heap_owner(line) == k);
  CHECK(getdelim(&line, &size, 'd', stream) == 7 && !strcmp(line, "two and"));
  CHECK(getline(&line, &size, stream) == 6 && getline(&line, &size, stream) == -1);
  free(line);
  fclose(stream);
  void *block = NULL;
  CHECK(posix_memalign(&block, 4096, 10) == 0 && (uintptr_t)block % 4096 == 0 && ia2_heap_owner(block) == k);
  free(block);
  block = aligned_alloc(64, 128);
  CHECK(block && (uintptr_t)block % 64 == 0 && ia2_heap_owner(block) == k);
  free(block);
  block = reallocarray(NULL, 10, 10);
  CHECK(ia2_heap_owner(block) == k);
  volatile size_t huge = SIZE_MAX;
  CHECK(reallocarray(block, huge, 2) == NULL && errno == ENOMEM);
  free(block);
  /* What libc allocates without being wrapped goes back to libc. */
  stream = open_memstream(&text, &size);
  CHECK(fputs("memory", stream) >= 0 && fclose(stream) == 0 && !strcmp(text, "memory"));
  CHECK(ia2_heap_owner(text) == -1);
  text = realloc(text, 100);
  free(text);
}

/* Blocks from functions that no linker option redirects come from libc's heap and go back there. */
static void unwrapped_in(int k) {
  enter(k);
  struct dirent **names;
  int count = scandir("/", &names, NULL, alphasort);
  CHECK(count >= 2 && !strcmp(names[0]->d_name, "."));
  for (int i = 0; i < count; i++) {
    CHECK(ia2_heap_owner(names[i]) == -1);
    free(names[i]);
  }
  free(names);
  DIR *directory = opendir("/");
  CHECK(directory && readdir(directory) && closedir(directory) == 0);
  size_t size;
  wchar_t *wide;
  FILE *stream = open_wmemstream(&wide, &size);
  CHECK(fputws(L"wide", stream) >= 0 && fclose(stream) == 0 && !wcscmp(wide, L"wide"));
  wide = realloc(wide, 100);
  CHECK(ia2_heap_owner(wide) == -1 && malloc_usable_size(wide) >= 100);
  free(wide);
  char *text;
  CHECK(fscanf(fmemopen("one two", 7, "r"), "%ms", &text) == 1 && !strcmp(text, "one"));
  CHECK(ia2_heap_owner(text) == -1);
  text = reallocarray(text, 10, 10);
  free(text);
  glob_t found = {0};
  CHECK(glob("/pro*", 0, NULL, &found) == 0 && found.gl_pathc >= 1);
  globfree(&found);
  regex_t pattern;
  CHECK(regcomp(&pattern, "a(b*)c", REG_EXTENDED) == 0 && regexec(&pattern, "xabbc", 0, NULL, 0) == 0);
  regfree(&pattern);
  CHECK(setlocale(LC_ALL, "C"));
  char *buffer = malloc(BUFSIZ);
  stream = tmpfile();
  CHECK(stream && setvbuf(stream, NULL, _IOFBF, 1000) == 0 && fputs("text", stream) >= 0 && fclose(stream) == 0);
  free(buffer);
  struct addrinfo *addresses, hints = {.ai_flags = AI_NUMERICHOST};
  CHECK(getaddrinfo("127.0.0.1", NULL, &hints, &addresses) == 0);
  freeaddrinfo(addresses);
}

static void libc_functions(void) {
  for (int k = 0; k <= compartments; k++) {
    strings_in(k);
    unwrapped_in(k);
  }
}

/* getline with every kind of buffer it may be given. */
static void lines(void) {
  for (int k = 0; k <= compartments; k++) {
    enter(k);
    FILE *stream = tmpfile();
    CHECK(stream);
    for (int i = 0; i < 300; i++)
      fputc(i % 100 == 99 ? '\n' : 'a' + i % 26, stream);
    for (int i = 0; i < 200000; i++)
      fputc('z', stream);
    for (int kind = 0; kind < 4; kind++) {
      rewind(stream);
      size_t size = kind == 1 ? 2 : kind == 2 ? 500 : kind == 3 ? 77 : 0;
      char *line = size ? malloc(size) : NULL;
      if (kind == 3) {
        /* One that libc made. */
        free(line);
        CHECK(fscanf(fmemopen("x", 1, "r"), "%ms", &line) == 1);
        size = 2;
      }
      for (int i = 0; i < 3; i++)
        CHECK(getline(&line, &size, stream) == 100 && line[99] == '\n' && line[100] == 0 && size > 100);
      CHECK(getline(&line, &size, stream) == 200000 && strlen(line) == 200000 && line[0] == 'z');
      CHECK(getline(&line, &size, stream) == -1);
      CHECK(kind == 3 || ia2_heap_owner(line) == k);
      free(line);
    }
    char *line = NULL;
    CHECK(getline(NULL, NULL, stream) == -1 && errno == EINVAL);
    CHECK(getline(&line, NULL, stream) == -1 && errno == EINVAL);
    fclose(stream);
  }
}

const struct scenario libc_scenarios[] = {
    {"libc", libc_functions, 3, NULL, 0},
    {"lines", lines, 3, NULL, 0},
    {0, 0, 0, NULL, 0},
};
