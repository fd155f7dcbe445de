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

    /// a declaration must be split first
    ///
    /// A function pointer is declared together with other things in a way that cannot be taken
    /// apart by replacing text:
    ///
    /// ```c
    /// struct ops { int size; } (*make_ops)(void);
    /// for (int i = 0, (*step)(int) = next; i < n; i = step(i)) { }
    /// ```
    ///
    /// Declare the structure and each variable on its own.
    DECLARATION_TO_SPLIT = 2102;

    /// this use of a function pointer is not handled yet
    ///
    /// The type of the expression becomes opaque, because code of several compartments uses it, and
    /// the rewriter does not know what to write here.
    ///
    /// ```c
    /// callback = given ?: fallback;
    /// ```
    ///
    /// Write it with assignments, calls, comparisons and conditional expressions:
    /// `callback = given ? given : fallback;`.
    UNSUPPORTED_EXPRESSION = 2104;
}
