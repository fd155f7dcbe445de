//! What a command says: compartment, inputs, language, target, compiler.

mod support;

use compdb::paths::FileSystem;
use compdb::{CommandError, CompilerKind, Language, PkeyError};
use diagnostics::{Diagnostic, Renderer, SourcePath, Style};
use expect_test::{Expect, expect};
use pkru::Pkey;
use support::{MemoryFiles, command, entry, entry_of};

fn pkey(flags: &str) -> Result<u8, PkeyError> {
    command(&format!("gcc {flags} -c a.c")).pkey().map(Pkey::number)
}

#[test]
fn the_last_pkey_wins() {
    assert_eq!(pkey(""), Ok(0), "untrusted");
    assert_eq!(pkey("-DPKEY=2"), Ok(2));
    assert_eq!(pkey("-D PKEY=15"), Ok(15));
    assert_eq!(pkey("--define-macro=PKEY=3"), Ok(3));
    assert_eq!(pkey("-DPKEY=2 -DPKEY=0"), Ok(0));
    assert_eq!(pkey("-DPKEY=2 -UPKEY"), Ok(0));
    assert_eq!(pkey("-UPKEY -DPKEY=4 -U OTHER"), Ok(4));
    assert_eq!(pkey("-DPKEY2=3 -DXPKEY=4 '-DS=PKEY=5'"), Ok(0));
    assert_eq!(pkey("-Wp,-DPKEY=6"), Ok(6), "the preprocessor gets it");
    assert_eq!(pkey("-Xpreprocessor -DPKEY=7 -DPKEY=1"), Ok(7), "after everything else");
    assert_eq!(pkey("-DPKEY=two -DPKEY=1"), Ok(1), "what does not count is not judged");
}

#[test]
fn a_pkey_that_is_no_key_is_quoted() {
    type IsRight = fn(&PkeyError) -> bool;
    let not_a_number: IsRight = |e| matches!(e, PkeyError::NotANumber { .. });
    let negative: IsRight = |e| matches!(e, PkeyError::Negative { .. });
    let too_large: IsRight = |e| matches!(e, PkeyError::TooLarge { .. });
    for (flags, quoted, is_right) in [
        ("-DPKEY=two", "-DPKEY=two", not_a_number),
        ("-DPKEY=", "-DPKEY=", not_a_number),
        ("-DPKEY", "-DPKEY", not_a_number),
        ("-DPKEY=0x2", "-DPKEY=0x2", not_a_number),
        ("-DPKEY=010", "-DPKEY=010", not_a_number),
        ("-DPKEY=2u", "-DPKEY=2u", not_a_number),
        ("'-DPKEY= 2'", "-DPKEY= 2", not_a_number),
        ("-DPKEY=+2", "-DPKEY=+2", not_a_number),
        ("'-DPKEY(x)=2'", "-DPKEY(x)=2", not_a_number),
        ("-DPKEY=--2", "-DPKEY=--2", not_a_number),
        ("-D PKEY=-1", "-D PKEY=-1", negative),
        ("-DPKEY=16", "-DPKEY=16", too_large),
        ("-DPKEY=99999999999999999999", "-DPKEY=99999999999999999999", too_large),
    ] {
        let error = pkey(flags).expect_err(flags);
        assert!(is_right(&error), "{flags}: {error:?}");
        assert!(error.to_string().starts_with(&format!("`{quoted}`")), "{flags}: {error}");
    }
}

#[test]
fn inputs_and_their_languages() {
    let inputs = |line: &str| -> Vec<(String, Language)> {
        command(line).inputs().into_iter().map(|input| (input.path, input.language)).collect()
    };
    use Language::{Assembly, AssemblyWithCpp, C, Cxx, Header, LinkerInput, Other, PreprocessedC};
    let expected = [
        ("a.c", C),
        ("b.i", PreprocessedC),
        ("c.S", AssemblyWithCpp),
        ("d.s", Assembly),
        ("e.cc", Cxx),
        ("f.h", Header),
        ("g.o", LinkerInput),
        ("h.m", Other("m".into())),
        ("-", LinkerInput),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(path, l)| (path.to_owned(), l)).collect();
    assert_eq!(inputs("gcc a.c b.i c.S d.s e.cc f.h g.o h.m -"), expected);
    assert_eq!(
        inputs("gcc -x c t.inc -xassembler-with-cpp t.c -x none u.c -o out -MF dep -T script"),
        [("t.inc".into(), C), ("t.c".into(), AssemblyWithCpp), ("u.c".into(), C)]
    );
    assert_eq!(inputs("g++ a.c"), [("a.c".into(), Cxx)], "g++ takes C for C++");
    assert_eq!(inputs("gcc -Wp,-MD,dep.d a.c"), [("a.c".into(), C)]);
}

#[test]
fn outputs_includes_and_switches() {
    let all = command(
        "gcc -include P.h -o x.o --include=q.h -includer.h -masm=att -masm=intel -flto=auto -oy.o a.c",
    );
    assert_eq!(all.output(), Some("y.o"));
    assert_eq!(all.forced_includes(), ["P.h", "q.h", "r.h"]);
    assert!(all.has_intel_assembly() && all.has_lto());
    let none = command("gcc -masm=intel -masm=att -flto -fno-lto a.c");
    assert_eq!((none.output(), none.forced_includes().len()), (None, 0));
    assert!(!none.has_intel_assembly() && !none.has_lto());
    let front_end =
        command("clang -Xclang -include-pch -Xclang p.pch -Xclang -include -Xclang p.h a.c");
    assert_eq!(front_end.forced_includes(), ["p.h"]);
}

#[test]
fn only_64_bit_x86_linux_is_supported() {
    let target = |line: &str| command(line).check_target().map_err(|error| error.argument);
    for line in [
        "gcc -c a.c",
        "x86_64-linux-gnu-gcc-12 -c a.c",
        "musl-gcc -c a.c",
        "gcc -m32 -m64 -c a.c",
        "clang --target=x86_64-unknown-linux-gnu -c a.c",
        "clang -target aarch64-linux-gnu -target x86_64-linux-musl -c a.c",
        "i686-linux-gnu-clang --target=x86_64-pc-linux-gnu -c a.c",
    ] {
        assert_eq!(target(line), Ok(()), "{line}");
    }
    for (line, argument) in [
        ("gcc -m32 -c a.c", "-m32"),
        ("gcc -m64 -mx32 -c a.c", "-mx32"),
        ("aarch64-linux-gnu-gcc -c a.c", "aarch64-linux-gnu-gcc"),
        ("x86_64-w64-mingw32-gcc -c a.c", "x86_64-w64-mingw32-gcc"),
        ("clang --target=i686-linux-gnu -c a.c", "--target=i686-linux-gnu"),
        ("clang -target x86_64-linux-gnux32 -c a.c", "-target x86_64-linux-gnux32"),
        ("clang --target=x86_64-apple-darwin -c a.c", "--target=x86_64-apple-darwin"),
    ] {
        assert_eq!(target(line), Err(argument.to_owned()), "{line}");
    }
}

#[test]
fn compilers_that_their_name_does_not_tell_are_looked_up() {
    let kind = |line: &str| command(line).compiler(|_| None).map_err(|error| error.program);
    assert_eq!(kind("/usr/bin/x86_64-linux-gnu-gcc-12 -c a.c"), Ok(CompilerKind::Gcc));
    assert_eq!(kind("ccache clang-16 -c a.c"), Ok(CompilerKind::Clang));
    assert_eq!(kind("cc -c a.c"), Err("cc".to_owned()));
    assert_eq!(kind("clang-cl -c a.c"), Err("clang-cl".to_owned()));
    let looked_up = command("ccache /opt/cc -c a.c").compiler(|program| {
        assert_eq!(program, "/opt/cc");
        Some(CompilerKind::Clang)
    });
    assert_eq!(looked_up, Ok(CompilerKind::Clang));
}

#[test]
fn response_files_are_expanded_where_the_compiler_runs() {
    let files = MemoryFiles::new()
        .file("/src/flags", "-DPKEY=3 @more 'x y.o'")
        .file("/src/more", "-I\"a b\" @missing");
    let command = entry(&files, "gcc @flags -c a.c @").command(&files).expect("expands");
    let texts: Vec<&str> = command.arguments().iter().map(|a| a.text.as_str()).collect();
    assert_eq!(texts, ["-DPKEY=3", "-Ia b", "@missing", "x y.o", "-c", "a.c", "@"]);
    assert_eq!(command.pkey().map(Pkey::number), Ok(3));

    for (content, expected) in [
        (&b"@self"[..], "`@self` is nested in itself, or there are more than 2000 response files"),
        (b"\xff", "`@self` is not UTF-8"),
    ] {
        let files = MemoryFiles::new().file("/src/self", content);
        let error = entry(&files, "gcc @self -c a.c").command(&files).expect_err("refused");
        assert_eq!(error.to_string(), expected);
    }
    let files = MemoryFiles::new().file("/src/dir/file", "");
    let error = entry(&files, "gcc @dir -c a.c").command(&files).expect_err("a directory");
    assert!(matches!(error, CommandError::ResponseFile { .. }));
}

/// The text for people of an error in a command, which shows the command.
fn check_shown<E>(error: &E, json: &serde_json::Value, expected: &Expect)
where
    for<'a> Diagnostic: From<&'a E>,
{
    let text = serde_json::to_string(json).expect("JSON");
    let sources = move |_: &SourcePath| Some(text.clone().into_bytes());
    expected.assert_eq(&Renderer::new(&sources, Style::Plain).text(&Diagnostic::from(error)));
}

#[test]
fn errors_show_the_argument_in_the_database() {
    let files = MemoryFiles::new();
    let line = |command: &str| serde_json::json!([{ "directory": "/src", "file": "a.c", "command": command }]);
    let words = serde_json::json!([{
        "directory": "/src", "file": "a.c",
        "arguments": ["gcc", "-DPKEY=160", "-D", "PKEY=16", "a.c"],
    }]);
    let parse = |json| entry_of(&files as &dyn FileSystem, json).command(&files);

    let error = parse(&words).map(|c| c.pkey()).expect("parses").expect_err("above 15");
    check_shown(
        &error,
        &words,
        &expect![[r#"
        error[IA2013]: `-D PKEY=16` is above 15
         --> /src/compile_commands.json:1:41
          |
        1 | [{"arguments":["gcc","-DPKEY=160","-D","PKEY=16","a.c"],"directory":"/src","file":"a.c"}]
          |                                         ^^^^^^^ expected a decimal number from 0 to 15
          |
          = help: write `-DPKEY=N` with N from 1 to 15, or leave it out for untrusted code
    "#]],
    );
    let json = line("gcc -DPKEY=\"a b\" -c a.c");
    let error = parse(&json).map(|c| c.pkey()).expect("parses").expect_err("no number");
    check_shown(
        &error,
        &json,
        &expect![[r#"
        error[IA2012]: `-DPKEY=a b` does not give a number
         --> /src/compile_commands.json:1:13
          |
        1 | [{"command":"gcc -DPKEY=\"a b\" -c a.c","directory":"/src","file":"a.c"}]
          |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^ expected a decimal number from 0 to 15
          |
          = help: write `-DPKEY=N` with N from 1 to 15, or leave it out for untrusted code
    "#]],
    );
    let json = line("gcc -c a.c -o");
    check_shown(
        &parse(&json).expect_err("no value"),
        &json,
        &expect![[r#"
        error[IA2010]: `-o` at the end of the command has no value
         --> /src/compile_commands.json:1:25
          |
        1 | [{"command":"gcc -c a.c -o","directory":"/src","file":"a.c"}]
          |                         ^^
    "#]],
    );
    let json = line("gcc -c 'a.c");
    check_shown(
        &parse(&json).expect_err("open quote"),
        &json,
        &expect![[r#"
            error[IA2005]: the command ends before the closing `'`
             --> /src/compile_commands.json:1:13
              |
            1 | [{"command":"gcc -c 'a.c","directory":"/src","file":"a.c"}]
              |             ^^^^^^^^^^^^^
              |
              = help: record the build again, or close the quotes
        "#]],
    );
    let json = line("tcc -c a.c");
    let error = parse(&json).expect("parses").compiler(|_| None).expect_err("unknown");
    check_shown(
        &error,
        &json,
        &expect![[r#"
        error[IA2011]: `tcc` is neither gcc nor clang
         --> /src/compile_commands.json:1:14
          |
        1 | [{"command":"tcc -c a.c","directory":"/src","file":"a.c"}]
          |              ^^^
          |
          = note: gates depend on how the compiler passes arguments
          = help: record a build with gcc or clang, for example `make CC=gcc`
    "#]],
    );
}
