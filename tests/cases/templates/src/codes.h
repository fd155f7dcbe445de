/*
 * A list of codes that is read once for their names and once for their texts; the second part is read
 * only the first time, and needs no text of its own for each inclusion.
 */
#ifndef CODE
#ifndef CODES_H
#define LIST_CODES
#else
#define CODE(code, text)
#endif
#endif

#ifdef LIST_CODES
typedef enum {
#define CODE(code, text) code,
#endif
CODE(CODE_NONE, "nothing is wrong")
CODE(CODE_SMALL, "%d is too small")
CODE(CODE_BIG, "%d is too big")
#ifdef LIST_CODES
    CODE_LAST
} code_t;
#undef LIST_CODES
#endif
#undef CODE

#ifndef CODES_H
#define CODES_H
struct reporter {
    void (*emit)(struct reporter *, const char *text);
    int last, value;
};
extern const char *const code_texts[];
#define REPORT(r, code, v) ((r)->last = (code), (r)->value = (v), (*(r)->emit)((r), code_texts[code]))
int lib_check(struct reporter *r, int value);
#endif
