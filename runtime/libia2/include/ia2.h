/*
 * ia2.h - macros for programs that are split into compartments.
 *
 * What a macro means depends on what is compiled:
 *   original source, IA2_ENABLE 0 or undefined   plain C: every macro is what it wraps
 *   original source, read by the rewriter        the same (IA2_REWRITER is defined)
 *   rewritten source, IA2_ENABLE 0               the plain program with opaque pointer types
 *   rewritten source, IA2_ENABLE 1               compartments
 * Rewritten sources are compiled with the generated header P.h, which defines IA2_REWRITTEN.
 *
 * An opaque function pointer is a struct IA2_fnptr_<id> with the single member `ptr`: the address of
 * the entry stub in libcallgates.so that leads to the function. <id> is the Itanium mangling of the
 * pointer type's typeinfo name, for example _ZTSPFjjjE for uint32_t (*)(uint32_t, uint32_t).
 */
#ifndef IA2_H
#define IA2_H

#if defined(IA2_ENABLE) && IA2_ENABLE && !defined(IA2_REWRITER)
#define IA2_COMPARTMENTS 1
#else
#define IA2_COMPARTMENTS 0
#endif

#define IA2_TEXT(x) IA2_TEXT_(x)
#define IA2_TEXT_(x) #x

/* ---- PKRU ------------------------------------------------------------------------------------ */

/*
 * PKRU(pkey): the value of the PKRU register while compartment `pkey` (a number from 0 to 15) runs:
 * its own key and key 0 are open, all others closed. A constant in C and in assembly text.
 */
#define PKRU(pkey) (0xfffffffc & ~(0xc0000000 >> (30 - 2 * (pkey))))

/*
 * ASSERT_PKRU(pkru): assembly text that raises SIGILL unless PKRU has this value. Keeps all registers
 * but the flags, and needs a stack. Empty unless IA2_DEBUG is 1 where it is used, and in the plain
 * program. Written as bytes so that it is the same in every syntax, and in asm statements with and
 * without operands.
 */
#if IA2_COMPARTMENTS
#define ASSERT_PKRU(pkru) IA2_ASSERT_PKRU(IA2_DEBUG, pkru)
#else
#define ASSERT_PKRU(pkru) ""
#endif
#define IA2_ASSERT_PKRU(debug, pkru) IA2_ASSERT_PKRU_(debug, pkru)
#define IA2_ASSERT_PKRU_(debug, pkru) IA2_ASSERT_PKRU_##debug(pkru)
#define IA2_ASSERT_PKRU_IA2_DEBUG(pkru) ""
#define IA2_ASSERT_PKRU_0(pkru) ""
#define IA2_ASSERT_PKRU_1(pkru)                                                                    \
    ".byte 0x48, 0x8d, 0x64, 0x24, 0x80\n"      /* lea -128(%rsp), %rsp: spare the red zone */     \
    ".byte 0x50, 0x51, 0x52\n"                  /* push %rax; push %rcx; push %rdx */              \
    ".byte 0x31, 0xc9\n"                        /* xor %ecx, %ecx */                               \
    "rdpkru\n"                                                                                     \
    ".byte 0x3d\n.long " IA2_TEXT(pkru) "\n"    /* cmp $pkru, %eax */                              \
    "je 77f\n"                                                                                     \
    ".byte 0x67, 0x0f, 0xb9, 0x40, 0x20\n"      /* ud1 32(%eax), %eax: crates/layout, trap */      \
    "77:\n"                                                                                        \
    ".byte 0x5a, 0x59, 0x58\n"                  /* pop %rdx; pop %rcx; pop %rax */                 \
    ".byte 0x48, 0x8d, 0xa4, 0x24\n.long 128\n" /* lea 128(%rsp), %rsp */

/* ---- Hints for the rewriter ------------------------------------------------------------------ */

/* IA2_IGNORE(x): the rewriter leaves x as it is. */
#define IA2_IGNORE(...) __VA_ARGS__

/*
 * Functions declared between these two are called without a gate: their code runs with the rights of
 * whoever calls it.
 */
#define IA2_BEGIN_NO_WRAP
#define IA2_END_NO_WRAP

/*
 * Stands between a function's name and its arguments where a macro of that name is not meant; the
 * rewriter puts it there when it writes out a macro that uses the function of its own name.
 */
#define IA2_NOT_A_MACRO

/*
 * Expands its argument, and to nothing: IA2_ADVANCE(__COUNTER__) stands in front of a macro that the
 * rewriter wrote out, so that what follows gets the same numbers as before.
 */
#define IA2_ADVANCE(text) IA2_ADVANCE_(text)
#define IA2_ADVANCE_(text)

#ifndef __ASSEMBLER__

#if IA2_COMPARTMENTS && defined(__cplusplus)
#error "C++ is not rewritten: its calls would go past the gates. Compile it without ia2.h and the generated header, and give it a C interface."
#endif

/* ---- Shared data ----------------------------------------------------------------------------- */

/* IA2_SHARED_DATA: this variable may be read and written by every compartment. */
#if IA2_COMPARTMENTS
#define IA2_SHARED_DATA __attribute__((section("ia2_shared_data")))
#else
#define IA2_SHARED_DATA
#endif

/* ---- Which compartment runs ------------------------------------------------------------------ */

/* The value of PKRU; 0 in the plain program, where nothing is closed. */
__attribute__((unused)) static __inline__ unsigned int ia2_get_pkru(void)
{
#if IA2_COMPARTMENTS
    unsigned int pkru;
    unsigned int zero;
    __asm__ volatile("rdpkru" : "=a"(pkru), "=d"(zero) : "c"(0));
    return pkru;
#else
    return 0;
#endif
}

/* The number of the running compartment; 0 in the plain program. */
__attribute__((unused)) static __inline__ unsigned int ia2_get_pkey(void)
{
#if IA2_COMPARTMENTS
    /* The lowest bit pair above key 0 that is clear. A signal handler starts with 0x55555554. */
    unsigned int open = ~ia2_get_pkru() & 0xfffffffc;
    return open == 0 || open == 0xaaaaaaa8 ? 0 : (unsigned int)__builtin_ctz(open) / 2;
#else
    return 0;
#endif
}

/* ---- The runtime ----------------------------------------------------------------------------- */

#if IA2_COMPARTMENTS
/*
 * A note of ours (crates/layout, dso_note): the loader maps it, the runtime finds it. `fields` is
 * assembly text for the descriptor, between labels 772 and 773. R: --gc-sections must not drop it.
 */
#define IA2_NOTE(type, group, fields)                                                              \
    __asm__(".pushsection .note.ia2,\"aGR\",@note," group ",comdat\n"                              \
            ".balign 4\n"                                                                          \
            ".long 771f - 770f, 773f - 772f, " type "\n"                                           \
            "770: .asciz \"IA2\"\n"                                                                \
            "771:\n"                                                                               \
            "772: .long 4\n" fields "\n"                                                           \
            "773:\n"                                                                               \
            ".popsection")

/*
 * IA2_TLS_PAD makes the thread-local storage of an object whole pages, so that it can carry a
 * protection key: it begins at a page boundary and ends with a page of its own. Linkers put .tcommon
 * behind all other thread-local sections.
 */
#define IA2_TLS_PAD                                                                                \
    __asm__(".pushsection .tbss.ia2_start,\"awTGR\",@nobits,ia2_tls_pad,comdat\n"                  \
            ".balign 4096\n"                                                                       \
            ".popsection\n"                                                                        \
            ".pushsection .tcommon,\"awTGR\",@nobits,ia2_tls_pad,comdat\n"                         \
            ".balign 4096\n"                                                                       \
            ".zero 4096\n"                                                                         \
            ".popsection")

/* INIT_RUNTIME(n): once per process, in the executable; n is the highest protection key in use. */
#define INIT_RUNTIME(n) IA2_NOTE("3", "ia2_runtime", ".long " IA2_TEXT(n))
#else
#ifdef IA2_REWRITER
/* The rewriter reads the number off an enumerator. (__COUNTER__ is the program's alone.) */
#define INIT_RUNTIME(n) enum { IA2_UNIQUE(ia2_init_runtime_, __LINE__) = n }
#define IA2_UNIQUE(name, number) IA2_UNIQUE_(name, number)
#define IA2_UNIQUE_(name, number) name##number
#else
#define INIT_RUNTIME(n) struct ia2_runtime
#endif
#define IA2_TLS_PAD struct ia2_tls_pad
#endif

/*
 * Prints every mapping of the process and whose it is on standard error. May be called anywhere, in
 * signal handlers too. IA2_MAP_SIGNAL=NUMBER in the environment does it whenever that signal comes.
 */
#if IA2_COMPARTMENTS
void ia2_print_memory_map(void);
#else
__attribute__((unused)) static __inline__ void ia2_print_memory_map(void) {}
#endif

/* ---- Function pointers ----------------------------------------------------------------------- */

#if !defined(IA2_REWRITTEN) || defined(IA2_REWRITER)

#define IA2_FN(f) f
#define IA2_FN_ADDR(f) ((void *)(f))
#define IA2_ADDR(op) ((void *)(op))
#define IA2_IDENTITY(op) ((void *)(op))
#define IA2_FN_IDENTITY(f) ((void *)(f))
#define IA2_ADDRESS_IDENTITY(address) ((void *)(address))
#define IA2_AS_PTR(op) (op)
#define IA2_CALL(op, id) (op)
#define IA2_CALL_WITH(op, id, list) (op)
#define IA2_VARIADIC(f, list) f
#define IA2_PLAIN(op, id) (op)
#define IA2_CAST(f, type) ((type)(f))
#define IA2_DEFINE_WRAPPER(f) struct ia2_wrapper;

#else

/*
 * P.h declares for every function whose address is taken
 *     extern struct IA2_fnptr_<id> ia2_fn_<f>;
 * whose address is that of the entry stub (of f itself with IA2_ENABLE 0), and for every opaque type
 *     IA2_TYPE_<id>   the plain C type
 *     IA2_HASH_<id>   complement of the hash that stands in front of the stub
 *     IA2_LOOKED_UP_<id>  1 if the program makes such pointers of addresses that dlsym(3) gives it
 */

/* Address of the stub of `f`: a constant, callable like a plain function from any compartment. */
#if IA2_COMPARTMENTS
#define IA2_FN_ADDR(f) ((void *)&ia2_fn_##f)
#define IA2_FN_ADDR_AS(f, id) ((void *)&ia2_fn_##f##_as_##id)
#else
#define IA2_FN_ADDR(f) ((void *)(f))
#define IA2_FN_ADDR_AS(f, id) ((void *)(f))
#endif
/* The opaque pointer to `f`. */
#define IA2_FN(f) ((__typeof__(ia2_fn_##f)){IA2_FN_ADDR(f)})
/* Address that the opaque pointer holds. */
#define IA2_ADDR(op) ((void *)(op).ptr)
/*
 * What tells functions apart where pointers are compared: a function may have several stubs, for types
 * it is cast to, and what the C library gives back is the function's own address.
 */
#if IA2_COMPARTMENTS
#define IA2_IDENTITY(op) ((void *)ia2_identity((op).ptr))
#define IA2_FN_IDENTITY(f) ((void *)ia2_identity(&ia2_fn_##f))
#define IA2_ADDRESS_IDENTITY(address) ((void *)ia2_identity((const void *)(address)))
#else
#define IA2_IDENTITY(op) IA2_ADDR(op)
#define IA2_FN_IDENTITY(f) IA2_FN_ADDR(f)
#define IA2_ADDRESS_IDENTITY(address) ((void *)(address))
#endif
/* The same with the plain type, for a library that knows no opaque types. */
#define IA2_PLAIN(op, id) ((IA2_TYPE_##id)(op).ptr)
/* The same as an lvalue, to assign to. */
#define IA2_AS_PTR(op) ((op).ptr)
/* Something to call with arguments: IA2_CALL(op, id)(a, b). */
#define IA2_CALL(op, id)                                                                           \
    ((IA2_TYPE_##id)ia2_call_address((op).ptr, IA2_HASH_##id, 0, IA2_LOOKED_UP_##id))
/*
 * The same for a type that does not fix the list of arguments; P.h numbers the lists that occur. The
 * rewriter makes this of a call through a pointer, and IA2_VARIADIC(f, list) of a direct call.
 */
#define IA2_CALL_WITH(op, id, list)                                                                \
    ((IA2_TYPE_##id)ia2_call_address((op).ptr, IA2_HASH_##id, 1 + IA2_SHAPE_##id##_##list,         \
                                     IA2_LOOKED_UP_##id))
/*
 * An opaque pointer of the given type to `f`, whose own type may be another one. The rewriter makes
 * IA2_CAST_AS of it, which also says the type's name: then the stub is one for that type.
 */
#define IA2_CAST(f, type) ((type){IA2_FN_ADDR(f)})
#define IA2_CAST_AS(f, type, id) ((type){IA2_FN_ADDR_AS(f, id)})
/* What an _Atomic opaque pointer holds at this moment. */
#define IA2_ATOMIC_VALUE(id, op) (*(struct IA2_fnptr_##id[1]){op})
/*
 * The gate by which this compartment calls `f` with this list of arguments, or `f` itself. `f` may be a
 * macro for the function's name.
 */
#if IA2_COMPARTMENTS
#define IA2_VARIADIC(f, list) IA2_VARIADIC_OF(f, _##list)
#define IA2_VARIADIC_OF(f, list) IA2_VARIADIC_##f##list
#else
#define IA2_VARIADIC(f, list) f
#endif
/* An opaque pointer with this address. */
#define IA2_OPAQUE(id, address) ((struct IA2_fnptr_##id){(void *)(address)})
/*
 * What an opaque pointer to the function at `address` holds, which is a plain pointer that the system
 * gives back: the stub, if the function has one of this type, else the address itself.
 */
#if IA2_COMPARTMENTS
#define IA2_STUB(id, address) ia2_stub_of((const void *)(address), IA2_HASH_##id)
#else
#define IA2_STUB(id, address) ((const void *)(address))
#endif
/* Asks for a stub of `f`; the rewriter makes it where it sees this. */
#define IA2_DEFINE_WRAPPER(f) struct ia2_wrapper;

#if IA2_COMPARTMENTS

extern const char ia2_stubs[] __attribute__((visibility("default")));
extern const char ia2_stubs_end[] __attribute__((visibility("default")));

/* By place of a stub: its function's in the table; negative if it may not be looked up by address. */
extern const int ia2_stub_functions[] __attribute__((visibility("default")));
/* A word about the CPU, then the functions' addresses. */
extern const unsigned long ia2_table[] __attribute__((visibility("default")));
/* The vault (crates/layout), by a name that is nobody else's. */
extern const char ia2_vault_of_all[] __asm__("ia2_vault") __attribute__((visibility("default")));

/* Whether an address is that of a stub. Nothing is read through it. */
__attribute__((unused, always_inline)) static __inline__ int ia2_is_stub(const void *address)
{
    unsigned long offset = (unsigned long)address - (unsigned long)ia2_stubs;
    unsigned long size = (unsigned long)ia2_stubs_end - (unsigned long)ia2_stubs;
    return offset < size && offset % 512 == 0;
}

/*
 * The address of a function in the table, by its place. In permissive mode the table leads to a thunk
 * (runtime, permissive/entered.rs), and no compiler begins a function as that begins: endbr64; movabs
 * $entry, %r11; jmp *rip(...). The entry begins with the function's address.
 */
__attribute__((unused)) static __inline__ unsigned long ia2_function_at(int place)
{
    unsigned long address = ia2_table[place];
    const unsigned char *code = (const unsigned char *)address;
    const unsigned long *entry;

    if (!code || code[0] != 0xf3 || code[1] != 0x0f || code[2] != 0x1e || code[3] != 0xfa
        || code[4] != 0x49 || code[5] != 0xbb || code[14] != 0xff || code[15] != 0x25)
        return address;
    __builtin_memcpy(&entry, code + 6, sizeof entry);
    return *entry;
}

/*
 * The stub that leads to the function at an address, of the type with this complemented hash; 0 if
 * there is none. For addresses of unknown origin, as dlsym(3) and signal(2) give them. What is read here is
 * read-only, and tells nothing that a pointer to the stub would not give.
 */
__attribute__((unused, cold)) static __inline__ const void *
ia2_find_stub(const void *address, unsigned long long type)
{
    const char *stub = ia2_stubs;
    unsigned long i;
    /* Only functions that the program may look up, or hands to the system, are there. */
    for (i = 0; stub < ia2_stubs_end; i++, stub += 512) {
        const unsigned long long *behind_hash = (const void *)stub;
        __asm__("" : "+r"(behind_hash));
        if (behind_hash[-1] == ~type && ia2_stub_functions[i] > 0
            && ia2_function_at(ia2_stub_functions[i]) == (unsigned long)address)
            return stub;
    }
    return 0;
}

/* See IA2_STUB. Null and its like, as SIG_IGN, are no functions. */
__attribute__((unused, cold)) static __inline__ const void *
ia2_stub_of(const void *address, unsigned long long type)
{
    const void *found;

    if ((unsigned long)address + 4096 < 8192 || ia2_is_stub(address))
        return address;
    found = ia2_find_stub(address, type);
    return found ? found : address;
}

/* The address of the function that a stub leads to; other addresses are what they are. */
__attribute__((unused, noinline, const)) static unsigned long ia2_identity(const void *address)
{
    int function = 0;
    if (ia2_is_stub(address))
        function = ia2_stub_functions[((const char *)address - ia2_stubs) / 512];
    if (!function)
        return (unsigned long)address;
    return ia2_function_at(function < 0 ? -function : function);
}

/*
 * Whether this compartment has looked up a function of the C library at this address by dlsym(3). The
 * list is in its private memory (runtime, found.rs); such a function needs no gate. Only asked for
 * pointers of types that the program makes of such addresses by casts: its type is not known otherwise.
 */
__attribute__((unused, cold)) static __inline__ int ia2_has_looked_up(const void *address)
{
    const struct ia2_found {
        const void *function;
        const struct ia2_found *next;
    } *found = *(const struct ia2_found *const volatile *)(ia2_vault_of_all + 8192 * PKEY + 7440);
    while (found && found->function != address)
        found = found->next;
    return found != 0;
}

/*
 * The slot of this compartment in a stub (crates/layout, stub). Nothing is read through the pointer
 * before it is known to be the address of a stub.
 */
__attribute__((unused, always_inline)) static __inline__ unsigned long
ia2_call_address(const void *stub, unsigned long long type, unsigned long list, int is_looked_up)
{
    /* Fetched once: in shared memory, another thread could change it between check and call. */
    __asm__("" : "+r"(stub));
    const unsigned long long *behind_hash = stub;
    /* gcc, if it knows which stub it is, warns that its declaration has nothing in front. */
    __asm__("" : "+r"(behind_hash));
    if (__builtin_expect(!ia2_is_stub(stub), 0)
        || __builtin_expect(behind_hash[-1] != ~type, 0)) {
        const void *found = ia2_find_stub(stub, type);
        if (!found && is_looked_up && ia2_has_looked_up(stub))
            return (unsigned long)stub;
        if (!found) {
            /* No function of ours, or not of this type: stop, and say so (crates/layout, trap). */
            __asm__ volatile("ud1 6(%%eax), %%eax" : : "D"(stub));
            __builtin_unreachable();
        }
        stub = found;
    }
    return (unsigned long)stub + 512 * list + 128 + 16 * PKEY;
}

#else

__attribute__((unused, always_inline)) static __inline__ unsigned long
ia2_call_address(const void *function, unsigned long long type, unsigned long list, int is_looked_up)
{
    (void)type;
    (void)list;
    (void)is_looked_up;
    return (unsigned long)function;
}

#endif
#endif

/* ---- Signal handlers ------------------------------------------------------------------------- */

/*
 * IA2_DEFINE_SIGACTION(f, pkey), IA2_DEFINE_SIGHANDLER(f, pkey): at file scope, let
 * `void f(int, siginfo_t *, void *)` or `void f(int)` handle signals in compartment pkey, whatever
 * compartment a signal interrupts. IA2_SIGHANDLER(f) is what to give to sigaction.
 */
#if IA2_COMPARTMENTS
#define IA2_DEFINE_SIGACTION(f, pkey)                                                              \
    void ia2_sighandler_##f(int, siginfo_t *, void *);                                             \
    IA2_SIGNAL_ENTRY(f, pkey)
#define IA2_DEFINE_SIGHANDLER(f, pkey)                                                             \
    void ia2_sighandler_##f(int);                                                                  \
    IA2_SIGNAL_ENTRY(f, pkey)
#define IA2_SIGHANDLER(f) ia2_sighandler_##f

/*
 * The entry stands for the handler: sigaction and signal, which the runtime replaces, recognise it by
 * the table entry (crates/layout, callgates::Handler). Calling it stops the program (crates/layout,
 * trap).
 */
#define IA2_SIGNAL_ENTRY(f, key)                                                                   \
    __asm__(".pushsection .text\n"                                                                 \
            ".balign 16\n"                                                                         \
            ".globl \"ia2_sighandler_" #f "\"\n"                                                   \
            ".hidden \"ia2_sighandler_" #f "\"\n"                                                  \
            ".type \"ia2_sighandler_" #f "\", @function\n"                                         \
            "\"ia2_sighandler_" #f "\":\n"                                                         \
            "endbr64\n"                                                                            \
            "ud1 12(%eax), %eax\n"                                                                 \
            ".size \"ia2_sighandler_" #f "\", 17\n"                                                \
            ".popsection");                                                                        \
    static const struct ia2_handler ia2_handler_of_##f                                             \
        __attribute__((section("ia2_handlers"), used, aligned(32))) = {                            \
            (unsigned long)&ia2_sighandler_##f, (unsigned long)&f, key, 0}

struct ia2_handler {
    unsigned long entry;
    unsigned long address;
    unsigned long pkey;
    unsigned long reserved;
};
#else
#define IA2_DEFINE_SIGACTION(f, pkey) struct ia2_handler
#define IA2_DEFINE_SIGHANDLER(f, pkey) struct ia2_handler
#define IA2_SIGHANDLER(f) f
#endif

/* ---- Lists of arguments ---------------------------------------------------------------------- */

#if defined(IA2_REWRITTEN) && !defined(IA2_REWRITER)
/*
 * IA2_LIST(format, list): declares ia2_list, which stands for a va_list where that is passed to a
 * function of another compartment: a copy, in shared memory, of the arguments the format asks for.
 */
#if IA2_COMPARTMENTS
extern void *ia2_list_begin(const char *format, const void *list)
    __attribute__((weak, visibility("default")));
extern void ia2_list_end(void *const *copy) __attribute__((weak, visibility("default")));
#define IA2_LIST(format, list)                                                                     \
    void *ia2_list __attribute__((__cleanup__(ia2_list_end))) = ia2_list_begin(format, list)
#else
#define IA2_LIST(format, list) void *ia2_list = (void *)(list)
#endif
#endif

/* ---- What the rewriter writes ---------------------------------------------------------------- */

/*
 * IA2_REGISTER(f, id) after the definition of `f`: other compartments call it; its object tells the
 * runtime where it is (crates/layout, callgates::Registered). IA2_REGISTER_LOCAL is for functions
 * that no other object sees, and for those of the C library.
 */
#if IA2_COMPARTMENTS
struct ia2_function {
    unsigned long long id;
    unsigned long address;
};
#define IA2_REGISTER_LOCAL(f, id) IA2_REGISTER_ADDRESS(f, id, f)
#define IA2_REGISTER_ADDRESS(f, id, at)                                                            \
    static const struct ia2_function ia2_registered_##f                                            \
        __attribute__((section("ia2_functions"), used, aligned(16))) = {id, (unsigned long)&at};
/*
 * Of functions that other objects can see, an alias that nobody can see, nor debuggers: the dynamic
 * linker may let the symbol itself be that of another object with a function of the same name.
 */
#define IA2_REGISTER(f, id) IA2_REGISTER_LABELLED(f, id, #f)
#define IA2_REGISTER_LABELLED(f, id, symbol)                                                       \
    IA2_ALIAS(static __typeof__(f) ia2_own_##f __asm__(".Lia2_own_" #f)                            \
                  __attribute__((alias(symbol))))                                                  \
    IA2_REGISTER_ADDRESS(f, id, ia2_own_##f)
#ifdef __clang__
#define IA2_ALIAS(declaration) declaration;
#else
/* gcc misses the function's attributes on the alias, which nobody calls. */
#define IA2_ALIAS(declaration)                                                                     \
    _Pragma("GCC diagnostic push")                                                                 \
    _Pragma("GCC diagnostic ignored \"-Wmissing-attributes\"")                                     \
    declaration;                                                                                   \
    _Pragma("GCC diagnostic pop")
#endif

/*
 * IA2_NEED(f): this object calls `f`, which another compartment may define: then P.h makes
 * IA2_NEED_f an IA2_REFER_TO(f), else nothing. The call itself goes to a gate, so this is the only
 * reference by which the linker sees that the object needs the library with `f`. `--wrap=f` in the
 * generated linker arguments makes __real_f the name of `f` itself; lld only looks at it if the
 * object also names `f`. In quotes, because clang's assembler takes only ASCII without.
 */
#ifdef IA2_REWRITTEN
#define IA2_NEED(f) IA2_NEED_##f
#else
#define IA2_NEED(f)                                                                                \
    _Static_assert(0, "compile rewritten sources with -include and the generated header");
#endif
#define IA2_REFER_TO(f)                                                                            \
    __asm__(".pushsection .data.rel.ia2_needs,\"awR\",@progbits\n"                                 \
            ".balign 8\n"                                                                          \
            ".globl \"" #f "\"\n"                                                                  \
            ".quad \"__real_" #f "\"\n"                                                            \
            ".popsection");

/*
 * IA2_OWN(symbol): other compartments define it as well; this object uses its own, and not the one
 * that the dynamic linker finds first.
 */
#define IA2_OWN(symbol) __asm__(".protected \"" #symbol "\"");
#else
#define IA2_REGISTER(f, id)
#define IA2_REGISTER_LOCAL(f, id)
#define IA2_REGISTER_LABELLED(f, id, symbol)
#define IA2_NEED(f)
#define IA2_OWN(symbol)
#endif

#if defined(IA2_REWRITTEN) && !defined(IA2_REWRITER)
/*
 * IA2_STATIC_FN(f, type, file) in front of the first declaration of a static function whose address
 * is taken: what P.h declares for external ones. `file` tells it from its namesakes elsewhere.
 * IA2_STATIC_FN_AS is the same for a pointer of another type that `f` is cast to and called by,
 * IA2_STATIC_FN_STORED for one of a type it is only kept as.
 */
#define IA2_STATIC_FN(f, type, file)                                                               \
    extern struct IA2_fnptr_##type ia2_fn_##f                                                      \
        __asm__("ia2_fn_" IA2_TEXT(PKEY) "_" #file "_" #f);
#define IA2_STATIC_FN_STORED(f, type, file)                                                        \
    extern struct IA2_fnptr_##type ia2_fn_##f##_as_##type                                          \
        __asm__("ia2_fn_" IA2_TEXT(PKEY) "_" #file "_" #f);
#define IA2_STATIC_FN_AS(f, type, file)                                                            \
    extern struct IA2_fnptr_##type ia2_fn_##f##_as_##type                                          \
        __asm__("ia2_fn_" IA2_TEXT(PKEY) "_" #file "_" #f "_as_" #type);
#endif

#if IA2_COMPARTMENTS
/*
 * What -Wl,--wrap=pthread_create makes of pthread_create. It must be in each object: else the linker
 * would take libgcc's function of this name, which is meant for split stacks. Link-time optimisation
 * assembles the text of all sources as one. The runtime's function is weak for links with -z defs.
 */
#define IA2_WRAP_PTHREAD_CREATE                                                                    \
    __asm__(".ifndef __wrap_pthread_create\n"                                                      \
            ".pushsection .text.ia2_pthread_create,\"axG\",@progbits,ia2_wraps,comdat\n"            \
            ".balign 16\n"                                                                         \
            ".weak __wrap_pthread_create\n"                                                        \
            ".type __wrap_pthread_create, @function\n"                                             \
            "__wrap_pthread_create:\n"                                                             \
            "endbr64\n"                                                                            \
            ".weak ia2_pthread_create\n"                                                           \
            "jmpq *ia2_pthread_create@GOTPCREL(%rip)\n"                                            \
            ".size __wrap_pthread_create, 10\n"                                                    \
            ".popsection\n"                                                                        \
            ".endif")

/*
 * The object's first constructor: tells the runtime, which knows objects of the start already, that it
 * was loaded, in case dlopen has done it. With the arguments of a constructor, and its own address.
 */
#define IA2_FIRST_CONSTRUCTOR                                                                      \
    __asm__(".ifndef ia2_first_constructor\n"                                                      \
            ".pushsection .text.ia2_first_constructor,\"axG\",@progbits,ia2_first,comdat\n"        \
            ".balign 16\n"                                                                         \
            ".weak ia2_first_constructor\n"                                                        \
            ".hidden ia2_first_constructor\n"                                                      \
            ".type ia2_first_constructor, @function\n"                                             \
            "ia2_first_constructor:\n"                                                             \
            "endbr64\n"                                                                            \
            ".weak ia2_object_loaded\n"                                                            \
            "movq ia2_object_loaded@GOTPCREL(%rip), %rax\n"                                        \
            "testq %rax, %rax\n"                                                                   \
            "jz 77f\n"                                                                             \
            "movq %rsi, %rdx\n"                                                                    \
            "movl %edi, %esi\n"                                                                    \
            "leaq ia2_first_constructor(%rip), %rdi\n"                                             \
            "jmpq *%rax\n"                                                                         \
            "77: retq\n"                                                                           \
            ".popsection\n"                                                                        \
            ".pushsection .init_array.00000,\"awG\",@init_array,ia2_first,comdat\n"               \
            ".balign 8\n"                                                                          \
            ".quad ia2_first_constructor\n"                                                        \
            ".popsection\n"                                                                        \
            ".endif")

/*
 * In P.h: tells the runtime which compartment this object's code was compiled for, and where its
 * tables and its shared data are (crates/layout, dso_note). The first entries keep the sections from
 * being empty, so that they exist.
 */
#define IA2_MEMBER                                                                                 \
    __asm__(".pushsection ia2_functions,\"awG\",@progbits,ia2_no_function,comdat\n"                \
            ".balign 16\n"                                                                         \
            ".quad 0, 0\n"                                                                         \
            ".popsection\n"                                                                        \
            ".pushsection ia2_handlers,\"awG\",@progbits,ia2_no_handler,comdat\n"                  \
            ".balign 32\n"                                                                         \
            ".quad 0, 0, 0, 0\n"                                                                   \
            ".popsection\n"                                                                        \
            IA2_HIDDEN_BOUNDS(functions) IA2_HIDDEN_BOUNDS(handlers)                               \
                IA2_HIDDEN_BOUNDS(shared_data));                                                   \
    IA2_WRAP_PTHREAD_CREATE;                                                                       \
    IA2_FIRST_CONSTRUCTOR;                                                                         \
    IA2_NOTE("1", "ia2_member_" IA2_TEXT(PKEY),                                                    \
             ".long " IA2_TEXT(PKEY) "\n"                                                          \
             IA2_BOUNDS(functions) IA2_BOUNDS(handlers) IA2_BOUNDS(shared_data))
#define IA2_HIDDEN_BOUNDS(name)                                                                    \
    ".hidden __start_ia2_" #name "\n.hidden __stop_ia2_" #name "\n"
#define IA2_BOUNDS(name) ".long __start_ia2_" #name " - ., __stop_ia2_" #name " - .\n"
#endif

#endif
#endif
