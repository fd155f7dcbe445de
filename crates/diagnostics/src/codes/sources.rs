//! IA21xx: constructs of the sources.

codes! {
    /// the source does not compile
    ///
    /// The rewriter reads a source as the compiler does, with the command recorded for it. If that
    /// has errors, the meaning of the source is unknown and nothing is written.
    ///
    /// ```sh
    /// clang -fsyntax-only $FLAGS source.c
    /// ```
    ///
    /// shows the same errors. Sources that only gcc accepts (nested functions, for example) must be
    /// changed, or left out of the list of sources and put into no compartment.
    COMPILE_ERROR = 2101;

    /// this use of a function pointer is not understood
    ///
    /// The type of the expression becomes opaque, because code of several compartments uses it, and
    /// the rewriter does not know what to write here.
    ///
    /// ```c
    /// _Generic(callback, int (*)(__typeof__(1)): 0, default: 1)
    /// ```
    ///
    /// Name the type with a typedef, or write the expression with assignments, calls, comparisons and
    /// conditional expressions.
    UNSUPPORTED_EXPRESSION = 2104;
}
