//! IA23xx: macros.
//!
//! What these are about is written out where it is used; they are errors where that cannot be done,
//! because the same text (of a header, or of a source with several commands) is compiled twice and
//! the macro expands differently.

codes! {
    /// an expression comes partly from a macro
    ///
    /// An opaque function pointer must be annotated here, but the expression begins in a macro and
    /// ends outside it, or the other way round.
    ///
    /// ```c
    /// #define HANDLER(o) (o)->
    /// if (HANDLER(object) on_event) { }
    /// ```
    ///
    /// Such a use of a macro is written out, unless two compilations of a file expand it differently.
    /// Let the macro expand to the whole expression.
    PARTLY_FROM_MACRO = 2301;

    /// a function pointer is named by a pasted token
    ///
    /// `##` makes the name while the source is preprocessed; it is written nowhere, so nothing can
    /// be written around it. Such a use of a macro is written out, unless two compilations of a file
    /// expand it differently.
    ///
    /// ```c
    /// #define ON(event) handlers[event] = on_##event
    /// ON(close);
    /// ```
    ///
    /// Write the assignment without the macro.
    PASTED_TOKEN = 2302;

    /// a function pointer is used in a macro of a system header
    ///
    /// The macro's text would have to change because a function pointer in it becomes opaque, but
    /// files outside the root directory are never rewritten. The use is written out, unless two
    /// compilations of a file expand it differently.
    ///
    /// ```c
    /// #include <obstack.h>
    /// obstack_init(&stack); /* passes obstack_chunk_alloc on, which is a macro of the program */
    /// ```
    ///
    /// Call the function directly, or copy the macro into a header of the program.
    IN_SYSTEM_MACRO = 2303;

    /// a macro declares a function pointer
    ///
    /// The type of the function pointer becomes opaque, which changes how it is declared, but the
    /// declaration comes from a macro that may be used for other types too. Such a use of a macro is
    /// written out, unless two compilations of a file expand it differently.
    ///
    /// ```c
    /// #define CALLBACK(result, name, parameters) result (*name) parameters
    /// struct ops { CALLBACK(int, open, (const char *)); };
    /// ```
    ///
    /// Declare it without the macro.
    DECLARED_BY_MACRO = 2304;

    /// uses of a macro need different rewriting
    ///
    /// A place in the macro's definition needs an annotation for one use of the macro and none, or
    /// another one, for another use. Uses are written out then, unless two compilations of a file
    /// expand them differently.
    ///
    /// ```c
    /// #define RUN(what) what(1)
    /// RUN(function); RUN(pointer);
    /// ```
    ///
    /// Make two macros of it, or write one of the uses out.
    MACRO_USES_DIFFER = 2305;

    /// the preprocessor cannot be asked what a macro expands to
    ///
    /// A use of a macro has to be written out, for which the compiler of the source's own command is
    /// run with `-E`. It could not be started, or it failed.
    ///
    /// ```sh
    /// gcc -E $FLAGS source.c
    /// ```
    ///
    /// shows why. The compiler that the compile database names must be installed.
    PREPROCESSOR_FAILED = 2306;
}
