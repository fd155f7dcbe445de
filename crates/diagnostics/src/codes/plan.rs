//! IA22xx: the whole program.

codes! {
    /// no source starts the runtime
    ///
    /// One source of the executable must say how many protection keys the program needs:
    ///
    /// ```c
    /// #include <ia2.h>
    /// INIT_RUNTIME(2);
    /// ```
    ///
    /// The number is that of the highest compartment.
    NO_RUNTIME = 2201;

    /// the runtime is started twice
    ///
    /// A program has one `INIT_RUNTIME`. With several programs in one compile database each may have
    /// its own, but here there are more of them than functions named `main`.
    ///
    /// ```c
    /// INIT_RUNTIME(2); /* keep this in one source of the executable only */
    /// ```
    SEVERAL_RUNTIMES = 2202;

    /// INIT_RUNTIME names too few keys
    ///
    /// `INIT_RUNTIME(n)` must name the number of the highest compartment (or more), from 0 to 15. A
    /// source is compiled with a higher `-DPKEY`.
    ///
    /// ```c
    /// INIT_RUNTIME(5); /* compartments 1 and 5 */
    /// ```
    RUNTIME_TOO_SMALL = 2203;

    /// a compartment is not initialised
    ///
    /// Every shared object of a compartment includes `ia2_compartment_init.inc` in one of its
    /// sources, or is named in `IA2_COMPARTMENT_LIBRARIES` of one that does. No source with this
    /// `-DPKEY` has it.
    ///
    /// ```c
    /// #define IA2_COMPARTMENT 2
    /// #include <ia2_compartment_init.inc>
    /// ```
    COMPARTMENT_NOT_INITIALISED = 2204;

    /// IA2_COMPARTMENT is not the PKEY of its source
    ///
    /// The number in `#define IA2_COMPARTMENT` and that in `-DPKEY` say the same thing twice and
    /// must agree.
    ///
    /// ```c
    /// #define IA2_COMPARTMENT 2 /* compiled with -DPKEY=2 */
    /// #include <ia2_compartment_init.inc>
    /// ```
    COMPARTMENT_MISMATCH = 2205;

    /// it is unclear which function a call means
    ///
    /// Two other compartments define a function of this name, and the caller's own does not. Which
    /// one the linker would choose depends on its command line.
    ///
    /// ```c
    /// int open_log(void); /* in compartment 2 and in compartment 3 */
    /// ```
    ///
    /// Rename one of them or make it static.
    AMBIGUOUS_FUNCTION = 2206;

    /// a function is declared with different types
    ///
    /// A call gate copies arguments by the type in the function's definition. The caller has seen a
    /// declaration with another type.
    ///
    /// ```c
    /// /* main.c */ long area(int, int);
    /// /* lib.c  */ int area(int width, int height) { return width * height; }
    /// ```
    ///
    /// Declare the function in one header that both sources include.
    CONFLICTING_TYPES = 2207;

    /// a call of this kind cannot cross compartments
    ///
    /// Gates know how gcc and clang pass arguments on x86-64 with their default calling convention.
    /// What stands in the way is said with the error.
    ///
    /// ```c
    /// __attribute__((ms_abi)) int callback(int code);
    /// ```
    ///
    /// Pass a pointer to shared memory, or let the callee's compartment have a function of another
    /// type that calls this one.
    UNSUPPORTED_CALL = 2208;

    /// caller and callee would not agree on where arguments are
    ///
    /// gcc and clang pass arguments of this type differently, and the two compartments are compiled
    /// by different compilers. Such a call is wrong without compartments too.
    ///
    /// ```c
    /// struct packet { int length; char data[]; };
    /// void send_packet(struct packet);
    /// ```
    ///
    /// Compile both with the same compiler, or pass a pointer.
    COMPILERS_DISAGREE = 2209;

    /// an opaque function pointer has a type without a name
    ///
    /// A structure or union in the type has neither a tag nor a typedef, so a call through the pointer
    /// cannot be written; and it is declared outside of the root, where it cannot be given a tag.
    ///
    /// ```c
    /// __typeof__(((siginfo_t *)0)->_sifields._rt) (*make)(void);
    /// ```
    ///
    /// Pass a pointer, or a structure of your own.
    UNNAMED_TYPE = 2210;

    /// a static and an external function of one name are both used as values
    ///
    /// Both belong to the same compartment and both become opaque function pointers; generated code
    /// names them by this name.
    ///
    /// ```c
    /// /* a.c */ static int compare(int, int); /* &compare */
    /// /* b.c */ int compare(int, int);        /* &compare */
    /// ```
    ///
    /// Rename one of them.
    SAME_NAME_TAKEN = 2211;

    /// a type is not understood
    ///
    /// The compiler knows a type here that this tool does not, so it cannot be told how values of it
    /// are passed.
    ///
    /// ```c
    /// void scale(__ibm128 factor);
    /// ```
    ///
    /// Pass the value in memory.
    UNKNOWN_TYPE = 2214;

    /// a variable of one compartment is used in another
    ///
    /// The memory of a compartment's variables carries its key: the program is stopped when another
    /// compartment touches them.
    ///
    /// ```c
    /// /* lib.c, compartment 2 */ int verbosity;
    /// /* main.c, compartment 1 */ extern int verbosity; verbosity = 1;
    /// ```
    ///
    /// Put `IA2_SHARED_DATA` in front of the definition if every compartment may read and write it
    /// (`--share-globals` does that for all of them), or let its compartment have functions for it.
    VARIABLE_OF_ANOTHER = 2215;

    /// a va_list goes to another compartment
    ///
    /// A `va_list` points to the arguments on its caller's stack, which no other compartment can read.
    /// Where a parameter of type `const char *` stands in front of it, that is taken for a format as
    /// printf's, and the arguments that the format asks for are copied. Here nothing says how many
    /// there are:
    ///
    /// ```c
    /// void log_all(int count, ...)
    /// {
    ///     va_list list;
    ///     va_start(list, count);
    ///     log_list(count, list); /* defined in another compartment */
    ///     va_end(list);
    /// }
    /// ```
    ///
    /// Format and list must be arguments without effects: variables, members, string literals.
    /// Format the text before the call (`vsnprintf` belongs to the C library, which runs with the
    /// caller's rights), or call the function that takes `...` directly: its gate passes the
    /// arguments themselves.
    VA_LIST_CROSSES = 2216;
}
