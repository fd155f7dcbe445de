/* Uses every allocating function of the C library once. Included by each compartment. */
#pragma once
#define _GNU_SOURCE
#include <dirent.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

/* Older headers have it as a macro. */
#define copy_of(text) strdup(text)

static int vprint(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(text, format, arguments);
    va_end(arguments);
    return length;
}

static int use_blocks(void)
{
    int sum = 0;
    char *block = malloc(100);
    memset(block, 1, 100);
    block = realloc(block, 50000);
    sum += block[99];
    block = reallocarray(block, 20, 10);
    sum += block[99] + (malloc_usable_size(block) >= 200);
    free(block);
    block = calloc(10, 30);
    sum += block[299] == 0;
    free(block);
    void *aligned = NULL;
    sum += posix_memalign(&aligned, 4096, 10) == 0 && (uintptr_t)aligned % 4096 == 0;
    free(aligned);
    aligned = aligned_alloc(256, 512);
    sum += (uintptr_t)aligned % 256 == 0;
    free(aligned);
    aligned = memalign(1 << 20, 10);
    sum += (uintptr_t)aligned % (1 << 20) == 0;
    free(aligned);
    aligned = valloc(10);
    sum += (uintptr_t)aligned % 4096 == 0;
    free(aligned);
    aligned = pvalloc(10);
    sum += malloc_usable_size(aligned) >= 4096;
    free(aligned);
    return sum;
}

static int use_texts(void)
{
    int sum = 0;
    char *text = copy_of("text"), *part = strndup(text, 2);
    wchar_t *wide = wcsdup(L"wide");
    sum += strcmp(text, "text") == 0 && strcmp(part, "te") == 0 && wcscmp(wide, L"wide") == 0;
    free(text), free(part), free(wide);
    sum += asprintf(&text, "%d %s %.1f", 7, "seven", 7.5) == 11;
    free(text);
    sum += vprint(&text, "%1000d", 7) == 1000;
    free(text);
    text = realpath("/.", NULL);
    sum += strcmp(text, "/") == 0;
    free(text);
    text = getcwd(NULL, 0);
    sum += text[0] == '/';
    free(text);
    text = get_current_dir_name();
    sum += text[0] == '/';
    free(text);
    return sum;
}

/* What libc allocates, enlarges or frees by itself. */
static int use_streams(void)
{
    int sum = 0;
    char *memory, *line = malloc(4);
    size_t size, room = 4;
    FILE *stream = open_memstream(&memory, &size);
    fprintf(stream, "one\ntwo and more;%200d\n", 3);
    fclose(stream);
    stream = fmemopen(memory, size, "r");
    sum += getline(&line, &room, stream) == 4 && strcmp(line, "one\n") == 0;
    sum += getdelim(&line, &room, ';', stream) == 13 && strcmp(line, "two and more;") == 0;
    sum += getline(&line, &room, stream) == 201 && getline(&line, &room, stream) == -1;
    fclose(stream);
    memory = realloc(memory, 10);
    free(memory), free(line);
    struct dirent **names;
    int count = scandir("/", &names, NULL, alphasort);
    sum += count > 2;
    while (count-- > 0)
        free(names[count]);
    free(names);
    stream = tmpfile();
    sum += setvbuf(stream, NULL, _IOFBF, 500) == 0 && fputs("text", stream) >= 0;
    fclose(stream);
    return sum;
}

static int use_all(void)
{
    return use_blocks() + 100 * use_texts() + 10000 * use_streams();
}
