//! IA24xx: rewritten and generated files.

codes! {
    /// two sources need different changes of one header
    ///
    /// A header is written once, but two sources that include it (with different macros defined,
    /// perhaps) need different text at one place.
    ///
    /// ```c
    /// #ifdef LARGE
    /// typedef void *(*alloc_fn)(long);
    /// #endif
    /// ```
    ///
    /// Both places are shown. Separate what depends on the macro into two declarations.
    CONFLICTING_EDITS = 2401;

    /// an output cannot be written
    ///
    /// The reason the operating system gives is shown. Nothing was changed: outputs are written to
    /// temporary files first and renamed when all are complete.
    ///
    /// ```sh
    /// ls -ld output-directory
    /// ```
    OUTPUT_UNWRITABLE = 2402;

    /// a source lies outside the root directory
    ///
    /// Files outside `--root-directory` are treated as the system's and never rewritten, so a source
    /// to be rewritten must lie below it.
    ///
    /// ```sh
    /// ia2-rewriter --root-directory=/src/app --output-directory=out --output-prefix=gates /src/app/main.c
    /// ```
    OUTSIDE_ROOT = 2403;

    /// a source cannot be read
    ///
    /// A source that is named on the command line does not exist, is no file, or may not be read by
    /// this user. The error of the system is said with it.
    ///
    /// ```sh
    /// ls -l source.c
    /// ```
    ///
    /// Correct the path, or make the build generate the file first.
    SOURCE_UNREADABLE = 2404;

    /// libclang cannot be used
    ///
    /// Sources are read with libclang, which is searched when the program starts. Version 17 or
    /// later is needed.
    ///
    /// ```sh
    /// apt-get install libclang1-19
    /// ```
    ///
    /// `LIBCLANG_PATH` names the directory of one that is installed elsewhere.
    LIBCLANG_MISSING = 2405;
}
