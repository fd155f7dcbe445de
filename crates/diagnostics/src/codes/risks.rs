//! IA25xx: what compiles and runs, but may not do what is expected of it.

codes! {
    /// the address of a private variable is passed to another compartment
    ///
    /// The other compartment cannot read or write it: using the pointer ends the program. Only a
    /// place in one function is shown for each callee; the others are counted.
    ///
    /// ```c
    /// int length;
    /// measure(name, &length);   /* measure() is in another compartment */
    /// ```
    ///
    /// Make the variable `IA2_SHARED_DATA`, or allocate it with `shared_malloc`. If the callee does not
    /// use the pointer, or only hands it back, all is well: `-Wno-private-pointer`.
    PRIVATE_POINTER_CROSSES = 2501;

    /// `errno` is looked at after a call into another compartment
    ///
    /// What it says is what the other compartment left there, by accident or on purpose.
    ///
    /// ```c
    /// if (load(path) < 0)       /* load() is in another compartment */
    ///     perror(path);
    /// ```
    ///
    /// Let the function return the reason. If the other compartment may be believed, all is well:
    /// `-Wno-errno`.
    ERRNO_ACROSS = 2502;

    /// a function with a variable number of arguments is called across compartments
    ///
    /// The gate passes the arguments that this call has. Nothing can check that the callee reads as
    /// many, and of the same types.
    ///
    /// ```c
    /// report("%s: %d", name, count);   /* report() is in another compartment */
    /// ```
    ///
    /// Prefer a function with fixed parameters at the boundary. `-Wno-variadic` accepts it.
    VARIADIC_ACROSS = 2503;

    /// a function pointer is cast to another function-pointer type
    ///
    /// A call through it passes arguments as the new type says. Where pointers cross compartments,
    /// their types are checked, and a call through the wrong one ends the program.
    ///
    /// ```c
    /// qsort(items, n, sizeof *items, (int (*)(const void *, const void *))compare_items);
    /// ```
    ///
    /// Give the function the type it is called with. `-Wno-function-cast` accepts it.
    FUNCTION_POINTER_CAST = 2504;

    /// each compartment has its own copy of a variable
    ///
    /// A source that is compiled for several compartments defines a variable in each. Without
    /// compartments the dynamic linker makes them one; now each compartment has its own, and so have
    /// the functions of that source.
    ///
    /// ```c
    /// int errors;                        /* in compartments 1 and 2 */
    /// void count(void) { errors++; }
    /// ```
    ///
    /// Make it `IA2_SHARED_DATA` to have one for all. If each may have its own, all is well:
    /// `-Wno-copies`.
    COPIED_VARIABLE = 2505;

    /// several compartments define something of one name, each in its own way
    ///
    /// The dynamic linker lets all of them use the first one that is loaded, mostly the
    /// executable's. Its code then runs in the compartment that calls it, without access to what is
    /// private where it was written.
    ///
    /// ```c
    /// /* main.c, compartment 1 */ int usage(void) { return ++failures; }
    /// /* lib.c, compartment 2 */  int usage(void) { return -1; }
    /// ```
    ///
    /// Make them static or rename them. `-Wno-interposed` accepts it.
    INTERPOSED = 2506;
}
