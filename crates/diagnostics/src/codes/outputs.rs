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

    /// a rewritten file was changed by hand
    ///
    /// What the rewriter wrote may be changed, where a program needs something the rewriter cannot do.
    /// A later run does not overwrite such a file: it shows the changes and stops. The same goes for
    /// a file that was there before and is not the rewriter's.
    ///
    /// ```sh
    /// ia2-rewriter --record-edits …   # keep the changes, and make them again on each run
    /// ia2-rewriter --force …          # overwrite them
    /// ```
    ///
    /// Recorded changes are patches in `.ia2-rewriter/patches` below the output directory.
    CHANGED_BY_HAND = 2406;

    /// recorded changes of a rewritten file cannot be made again
    ///
    /// The source, or the way it is rewritten, has changed where the recorded patch changes it, too.
    ///
    /// ```diff
    ///  static int level;
    /// -int get_level(void) { return level; }
    /// +int get_level(void) { return level + 1; }
    /// ```
    ///
    /// Correct the patch that is named, or remove it; or make the change in the original source, where
    /// it needs no patch.
    PATCH_DOES_NOT_APPLY = 2407;

    /// an output would be written over a source
    ///
    /// The rewriter never changes what it reads. The output directory must not be the root directory,
    /// no output may have the path of a source, and what an earlier run wrote is not rewritten again.
    ///
    /// ```sh
    /// ia2-rewriter --root-directory=src --output-directory=build/rewritten --output-prefix=build/gates src/main.c
    /// ```
    OUTPUT_OVER_INPUT = 2408;

    /// a file that earlier runs wrote is no longer written
    ///
    /// It was changed by hand, so it is not removed, as others are whose source is gone or no longer
    /// part of the program. A build that compiles every file of the directory would compile it.
    ///
    /// ```sh
    /// rm out/src/old.c
    /// ```
    STALE_OUTPUT = 2409;

    /// a file changed while the rewriter ran
    ///
    /// Its text is not the one that was analysed, so the places of changes in it would be wrong. Nothing
    /// was written. Generate what is to be generated first, and rewrite then.
    ///
    /// ```sh
    /// make generated-sources && ia2-rewriter …
    /// ```
    SOURCE_CHANGED = 2410;

    /// a file of facts cannot be used
    ///
    /// With `--link-facts` the arguments are files that `--emit-facts` has written: with the same
    /// version of the rewriter, and the same root directory.
    ///
    /// ```sh
    /// ia2-rewriter --root-directory=src --emit-facts=a.facts src/a.c
    /// ia2-rewriter --root-directory=src --emit-facts=b.facts src/b.c
    /// ia2-rewriter --link-facts --root-directory=src --output-directory=out --output-prefix=gates a.facts b.facts
    /// ```
    FACTS_UNUSABLE = 2411;

    /// an `#include` leads out of the root directory by a relative path
    ///
    /// Files outside the root directory are not written, so beside the rewritten file the path leads
    /// to nothing.
    ///
    /// ```c
    /// #include "../../elsewhere/config.h"
    /// ```
    ///
    /// Compile the rewritten file with `-iquote` and the directory of the original one, as the
    /// `compile_commands.json` in the output directory does, or choose a root directory that contains
    /// the header.
    INCLUDE_LEADS_OUT = 2412;

    /// an `#include` outside the root directory leads to what a header was before
    ///
    /// Files outside the root directory are used as they are. One of them includes a header below it
    /// by an absolute path, or by one relative to itself, so rewritten sources would get the original
    /// of a header that is rewritten.
    ///
    /// ```c
    /// /* build/precompiled.h, with --root-directory=/app/src */
    /// #include "/app/src/callbacks.h"
    /// ```
    ///
    /// Choose a root directory that contains both.
    INCLUDE_LEADS_BACK = 2413;
}
