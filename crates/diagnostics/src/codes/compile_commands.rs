//! IA20xx: the compile database and the command lines in it.

codes! {
    /// no compile database was found
    ///
    /// The compiler flags of every source, among them the `-DPKEY=N` that says which compartment it
    /// belongs to, come from a file named `compile_commands.json`. It is read from the directory
    /// given with `-p`; without `-p` it is searched in the directory of the first source and in all
    /// directories above it.
    ///
    /// CMake writes one when told to, other build systems can be watched with `bear`:
    ///
    /// ```sh
    /// cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON -B build
    /// bear -- make
    /// ```
    ///
    /// Then name the directory that has it: `-p build`.
    DATABASE_NOT_FOUND = 2001;

    /// the compile database could not be read
    ///
    /// There is a `compile_commands.json`, but reading it failed. The message has the reason the
    /// operating system gave, most often missing rights, or a symbolic link to a build directory
    /// that has been deleted.
    ///
    /// ```sh
    /// ls -lL build/compile_commands.json
    /// ```
    DATABASE_UNREADABLE = 2002;

    /// the compile database is not JSON
    ///
    /// `compile_commands.json` must be one JSON array in UTF-8. The message shows the first place
    /// that is not JSON. A recording that was interrupted is cut off at the end; a file edited by
    /// hand often has a comma too many or a lone backslash:
    ///
    /// ```json
    /// [{ "directory": "/src", "file": "a.c", "command": "gcc -DNAME=\"x\" -c a.c" },]
    /// ```
    ///
    /// Here the comma before `]` is the mistake. Record the build again, or correct the file.
    DATABASE_NOT_JSON = 2003;

    /// an entry of the compile database does not have the right form
    ///
    /// The database is an array of objects. Each has the strings `directory` (where the compiler
    /// ran) and `file` (the source), and the command either as `arguments`, an array of strings, or
    /// as `command`, one string with shell quoting. `output` may be added. The command has at least
    /// the compiler in it.
    ///
    /// ```json
    /// [
    ///   { "directory": "/src/build", "file": "../a.c",
    ///     "arguments": ["gcc", "-DPKEY=1", "-c", "../a.c", "-o", "a.o"] },
    ///   { "directory": "/src/build", "file": "../b.c",
    ///     "command": "gcc -DPKEY=2 -DNAME='\"b\"' -c ../b.c" }
    /// ]
    /// ```
    DATABASE_MALFORMED = 2004;

    /// the quoting of a command is not closed
    ///
    /// A `command` is one string that is split at spaces; quotes and backslashes protect spaces.
    /// This one ends inside quotes or after a backslash, so its last argument is incomplete, and a
    /// part of the database is probably lost.
    ///
    /// ```json
    /// { "directory": "/src", "file": "a.c", "command": "gcc -DNAME='a b -c a.c" }
    /// ```
    ///
    /// Here the quote before `a b` is never closed.
    COMMAND_UNTERMINATED = 2005;

    /// a response file cannot be used
    ///
    /// An argument `@file` stands for the arguments in that file, which may name further files. As
    /// with gcc, `@file` is an ordinary argument if there is no such file, but it must not be a
    /// directory, must be UTF-8, and files must not name each other in a circle:
    ///
    /// ```sh
    /// echo '-O2 @flags.rsp' > flags.rsp
    /// gcc @flags.rsp -c a.c
    /// ```
    RESPONSE_FILE = 2006;

    /// a source has no entry in the compile database
    ///
    /// The source was given to the rewriter, but no entry of `compile_commands.json` has it as
    /// its `file`, so its flags and its compartment are unknown. Paths are compared after symbolic
    /// links and `..` have been resolved.
    ///
    /// Build the source while recording, or leave it out:
    ///
    /// ```sh
    /// touch src/missing.c
    /// bear --append -- make
    /// ```
    SOURCE_NOT_IN_DATABASE = 2007;

    /// a compiler flag is not known
    ///
    /// The flag is in no table of gcc's or clang's flags, so it is not known whether it changes the
    /// meaning of the source. The analysis passes it on if the command runs clang and leaves it out
    /// if it runs gcc. Usually this is a spelling that the compiler ignores, too, or a new flag
    /// for optimisation:
    ///
    /// ```sh
    /// gcc -fno-such-optimisation -c a.c
    /// ```
    FLAG_UNKNOWN = 2008;

    /// a compiler flag cannot be supported
    ///
    /// With this flag the compiler passes arguments, lays out data or uses the stack in a way that
    /// call gates cannot follow, or it accepts a language that the analysis cannot read. Rewriting
    /// the source in spite of it would give a program that does something else, so it is refused.
    ///
    /// ```sh
    /// gcc -fsplit-stack -c a.c
    /// ```
    ///
    /// Build the source without the flag.
    FLAG_UNSUPPORTED = 2009;

    /// a compiler flag lacks its value
    ///
    /// The command ends after a flag that takes the next argument as its value.
    ///
    /// ```sh
    /// gcc -c a.c -o
    /// ```
    ///
    /// The compiler would refuse the command as well; the recording is probably incomplete.
    FLAG_WITHOUT_VALUE = 2010;

    /// a command names a compiler that is not known
    ///
    /// gcc and clang pass some types in different registers, so the gates depend on which of them
    /// compiles a source. It is told by the name of the program, behind `ccache` and the like;
    /// `cc` is looked up. This name is neither.
    ///
    /// ```json
    /// { "directory": "/src", "file": "a.c", "command": "tcc -DPKEY=1 -c a.c" }
    /// ```
    ///
    /// Record a build with gcc or clang.
    COMPILER_UNKNOWN = 2011;

    /// the value of PKEY is not a number
    ///
    /// `-DPKEY=N` tells the compartment of a source. N is a decimal number from 0 to 15, without
    /// sign, suffix or leading zero; it is read from the command line, where C expressions and other
    /// macros mean nothing.
    ///
    /// ```sh
    /// gcc -DPKEY=two -c a.c
    /// gcc -DPKEY=2   -c a.c
    /// ```
    ///
    /// The first command is wrong, the second right. A command without `-DPKEY` is untrusted code,
    /// the same as `-DPKEY=0`.
    PKEY_NOT_A_NUMBER = 2012;

    /// the value of PKEY is not from 0 to 15
    ///
    /// The CPU has sixteen protection keys. Key 0 is for untrusted code and shared data, so there
    /// can be compartments 1 to 15 and nothing else.
    ///
    /// ```sh
    /// gcc -DPKEY=16 -c a.c
    /// gcc -DPKEY=-1 -c a.c
    /// ```
    ///
    /// Both are refused. Put sources that may share their data into one compartment.
    PKEY_OUT_OF_RANGE = 2013;

    /// a command compiles for a machine that is not x86-64 Linux
    ///
    /// Memory protection keys for user space, as used here, are a feature of 64-bit x86, and the
    /// gates follow the System V calling convention of x86-64. 32-bit code (`-m32`), the x32 ABI
    /// (`-mx32`), Windows targets and other machines are refused.
    ///
    /// ```sh
    /// gcc -m32 -c a.c
    /// aarch64-linux-gnu-gcc -c a.c
    /// clang --target=x86_64-w64-mingw32 -c a.c
    /// ```
    TARGET_NOT_X86_64 = 2014;

    /// a source is not C
    ///
    /// Only C can be rewritten. A language is told by `-x`, else by the ending of the file's name;
    /// assembly takes part in a program without being rewritten, C++ and Objective-C do not.
    ///
    /// ```sh
    /// gcc -c parser.cc
    /// gcc -x c++ -c parser.c
    /// ```
    LANGUAGE_NOT_C = 2015;

    /// it is not known which vector registers a source may use
    ///
    /// Whether 256-bit and 512-bit vectors are passed in registers depends on AVX and AVX-512 being
    /// switched on. `-march=native` stands for whatever the machine has that compiles, and a name
    /// that is not in the table of CPUs could stand for anything.
    ///
    /// ```sh
    /// gcc -march=native -c a.c
    /// gcc -march=x86-64-v3 -c a.c
    /// ```
    ///
    /// The first command is refused where it matters; the second says what it means.
    VECTOR_LEVEL_UNKNOWN = 2016;

    /// a command is a step inside of clang
    ///
    /// With several sources on its command line, clang runs itself once more for each of them, with
    /// arguments that begin with `-cc1`. Recorders that watch processes note these runs, too; they
    /// are passed over if the command that was typed is in the database as well. Here it is not.
    ///
    /// ```sh
    /// bear -- clang -DPKEY=2 -fPIC -shared a.c b.c -o lib.so
    /// ```
    ///
    /// records both. Record the build again from its start.
    COMMAND_INTERNAL = 2017;
}
