//! What libclang is told, and that clang understands it; databases for rewritten sources.

mod support;

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use compdb::paths::Disk;
use compdb::{CompilerKind, Database, OutputEntry, PathUse, write_database};
use diagnostics::Diagnostic;
use expect_test::expect;
use serde_json::json;
use support::{MemoryFiles, clang, entry};

fn files() -> MemoryFiles {
    MemoryFiles::new()
        .file("/src/a.c", "")
        .file("/src/real/inc/x.h", "")
        .file("/src/config.h", "")
        .link("/src/inc", "real/inc")
}

/// The arguments for a command, without the directory and the language, which are always there.
fn arguments(kind: CompilerKind, line: &str) -> Vec<String> {
    let files = files();
    let command = entry(&files, line).command(&files).expect("a command");
    let generated = [Utf8PathBuf::from("/out/P.h")];
    let analysis = command.for_analysis(&files, kind, Utf8Path::new("/src/a.c"), &generated);
    assert_eq!(analysis.refused, [], "{line}");
    let arguments = analysis.arguments;
    assert_eq!(arguments[0], "-working-directory=/src");
    assert_eq!(arguments[arguments.len() - 2..], ["-x", "c"]);
    arguments[1..arguments.len() - 2].to_vec()
}

fn check(line: &str, expected: &[&str]) {
    assert_eq!(arguments(CompilerKind::Gcc, line), expected, "{line}");
}

#[test]
fn what_changes_meaning_is_kept_and_the_rest_is_not() {
    check(
        "gcc -std=gnu99 -DX='a b' -UY -O2 -g3 -ggdb -Wall -Werror=x -pedantic-errors -w -c a.c -o a.o",
        &["-std=gnu99", "-DX=a b", "-UY", "-O2"],
    );
    check("gcc -MD -MP -MF a.d -MT a.o -MQ b.o -MMD a.c", &[]);
    check(
        "gcc -fPIC -fno-strict-aliasing -ftree-vrp -fstack-clash-protection -fcf-protection \
         -flto=auto -ffat-lto-objects -fno-common -ffunction-sections --param=x=1 --param y=2 a.c",
        &["-fPIC", "-fcf-protection"],
    );
    check(
        "gcc -mavx2 -mno-avx512f -mtune=native -march=haswell -mno-red-zone -m64 a.c",
        &["-mavx2", "-mno-avx512f", "-march=haswell"],
    );
    check(
        "gcc -shared -Wl,-z,now -Wl,--wrap=malloc -Wl,-T,x.ld -lm -L lib -T s.ld -pie -pthread a.c",
        &["-pthread"],
    );
    check("gcc -Winvalid-pch -fpch-preprocess -specs=x -pipe -save-temps -v -### a.c", &[]);
    check("gcc -fhardened -std=gnu23 a.c", &["-D_FORTIFY_SOURCE=3", "-std=gnu2x"]);
    check("gcc -finput-charset=ISO-8859-15 -fexec-charset=x a.c", &[]);
}

#[test]
fn paths_are_absolute_and_long_options_short() {
    check(
        "gcc -I inc -Iinc/../y -isystem . --include-directory=inc -iquote '' -I=usr/include a.c",
        &[
            "-I/src/real/inc",
            "-I/src/real/y",
            "-isystem/src",
            "-I/src/real/inc",
            "-iquote",
            "-I=usr/include",
        ],
    );
    check(
        "gcc --sysroot inc -iprefix pre/ -B tools/ a.c",
        &["--sysroot=/src/real/inc", "-iprefix/src/pre/", "-B/src/tools/"],
    );
    check("gcc --define-macro A=1 --undefine-macro=B a.c", &["-DA=1", "-UB"]);
}

#[test]
fn headers_are_given_to_the_front_end_unless_they_are_ours() {
    check(
        "gcc -include config.h -include stdint.h --imacros=inc/x.h a.c",
        &[
            "-Xclang",
            "-include",
            "-Xclang",
            "/src/config.h",
            "-Xclang",
            "-include",
            "-Xclang",
            "stdint.h",
            "-Xclang",
            "-imacros",
            "-Xclang",
            "/src/real/inc/x.h",
        ],
    );
    check("gcc -include /out/P.h -include ../out/./P.h -DIA2_ENABLE=1 a.c", &["-DIA2_ENABLE=1"]);
}

#[test]
fn flags_inside_of_flags() {
    check(
        "gcc -Wp,-D_FORTIFY_SOURCE=2,-MD,dep.d,-Iinc -Xpreprocessor -DX -DY a.c",
        &["-DY", "-D_FORTIFY_SOURCE=2", "-I/src/real/inc", "-DX"],
    );
    let cmake = "clang -Winvalid-pch -Xclang -include-pch -Xclang pch/c.pch -Xclang -include \
                 -Xclang config.h -Xclang -fno-pch-timestamp a.c";
    assert_eq!(
        arguments(CompilerKind::Clang, cmake),
        ["-Xclang", "-include", "-Xclang", "/src/config.h", "-Xclang", "-fno-pch-timestamp"]
    );
}

#[test]
fn headers_take_the_place_of_precompiled_ones() {
    let files = files();
    let check = |line: &str, expected: &str| {
        let command = entry(&files, line).command_on_text(&files).expect("a command");
        let words = command.for_preprocessing(&files, &[], &|_| None).join(" ");
        assert_eq!(words, expected, "{line}");
    };
    // As CMake does it: the header is named as well.
    check(
        "clang -Xclang -include-pch -Xclang config.h.pch -Xclang -include -Xclang config.h -DX a.c",
        "clang -include config.h -DX",
    );
    check("clang -include-pch config.h.pch -DX a.c", "clang -include config.h -DX");
    check("clang -include config.h -include-pch config.h.pch a.c", "clang -include config.h");
    check("clang -include-pch gone.h.pch -Xclang -fno-x a.c", "clang -Xclang -fno-x");
}

#[test]
fn unknown_flags_are_told_and_clangs_are_passed_on() {
    for (kind, passed_on) in [(CompilerKind::Gcc, false), (CompilerKind::Clang, true)] {
        let files = files();
        let line = "gcc -fbrand-new=3 -DX -mquantum a.c";
        let command = entry(&files, line).command(&files).expect("a command");
        let analysis = command.for_analysis(&files, kind, Utf8Path::new("/src/a.c"), &[]);
        let unknown: Vec<&str> = analysis.unknown.iter().map(|f| f.argument.as_str()).collect();
        assert_eq!(unknown, ["-fbrand-new=3", "-mquantum"]);
        assert_eq!(analysis.arguments.contains(&"-mquantum".to_owned()), passed_on);
        let warning = Diagnostic::from(&analysis.unknown[0]);
        assert_eq!(warning.message, "`-fbrand-new=3` is not a known flag");
    }
}

#[test]
fn what_cannot_be_supported_is_refused_with_a_reason() {
    for (flags, refused) in [
        ("-fsplit-stack", &["-fsplit-stack"][..]),
        ("-fno-split-stack -mno-soft-float", &[]),
        ("-mabi=ms -fplugin=x.so", &["-mabi=ms", "-fplugin=x.so"]),
        ("-ffixed-r15 -fpcc-struct-return", &["-ffixed-r15", "-fpcc-struct-return"]),
        ("-finput-charset=SHIFT-JIS", &["-finput-charset=SHIFT-JIS"]),
        ("-Xclang -load -Xclang x.so", &["-load"]),
        ("-I- -traditional-cpp", &["-I-", "-traditional-cpp"]),
    ] {
        let files = files();
        let command =
            entry(&files, &format!("gcc {flags} a.c")).command(&files).expect("a command");
        let kind = CompilerKind::Gcc;
        let analysis = command.for_analysis(&files, kind, Utf8Path::new("/src/a.c"), &[]);
        let arguments: Vec<&str> = analysis.refused.iter().map(|f| f.argument.as_str()).collect();
        assert_eq!(arguments, refused, "{flags}");
        for flag in &analysis.refused {
            assert!(!flag.reason.is_empty());
            assert_eq!(Diagnostic::from(flag).code, diagnostics::codes::FLAG_UNSUPPORTED);
        }
    }
}

#[test]
fn other_languages_are_refused() {
    let files = files();
    let language = |line: &str| {
        let command = entry(&files, line).command(&files).expect("a command");
        command.check_language(&files, Utf8Path::new("/src/a.c")).map_err(|error| error.language)
    };
    assert_eq!(language("gcc -c ./a.c"), Ok(()));
    assert_eq!(language("gcc -x cpp-output -c ../src/a.c"), Ok(()));
    assert_eq!(language("gcc -c b.c"), Ok(()), "by its ending, if the command does not name it");
    assert_eq!(language("g++ -c a.c"), Err("c++".to_owned()));
    assert_eq!(language("gcc -x assembler-with-cpp -c a.c"), Err("assembler-with-cpp".to_owned()));
    assert_eq!(language("gcc -x objective-c -c a.c"), Err("objective-c".to_owned()));
}

/// A project on disk, with what makes commands hard: spaces, links, forced headers that are found in
/// different ways, a header that gcc has precompiled, and a source beside which no header is.
fn project(root: &Utf8Path) -> Database {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
        std::fs::write(path, text).expect("writable");
    };
    write(
        "store/1.c",
        "#include \"beside.h\"\n#include <sys.h>\nint x = BESIDE + SYS + FORCED + FOUND + PRE + A;\n#ifndef __OPTIMIZE__\n#error no -O\n#endif\n",
    );
    write("src/my farm/beside.h", "#define BESIDE 1\n");
    write("system/sys.h", "#define SYS 1\n");
    write("build/forced.h", "#define FORCED 1\n");
    write("inc/found.h", "#include <stdint.h>\n#define FOUND 1\n");
    write("build/pre.h", "#define PRE 1\n");
    let link = root.join("src/my farm/a.c");
    std::os::unix::fs::symlink("../../store/1.c", link).expect("writable");
    let precompile = Command::new("gcc")
        .args(["-x", "c-header", "pre.h", "-o", "pre.h.gch"])
        .current_dir(root.join("build"))
        .status();
    assert!(precompile.expect("gcc is installed").success());
    let command = "gcc -Winvalid-pch -include pre.h -include forced.h -include found.h -include P.h \
                   -I ../inc -isystem ../system \"-DA='a'\" -O2 -Wp,-MD,dep -fno-such-thing \
                   -c '../src/my farm/a.c' -o a.o";
    let entries = json!([
        { "directory": root.join("build").as_str(), "file": "../src/my farm/a.c", "command": command },
    ]);
    write("build/compile_commands.json", &entries.to_string());
    Database::load(&Disk, &root.join("build")).expect("loads")
}

#[test]
fn clang_understands_what_it_is_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let root = Utf8Path::from_path(directory.path()).expect("UTF-8");
    let root = root.canonicalize_utf8().expect("exists");
    let database = project(&root);
    let [entry] = database.entries() else { panic!("one entry") };
    let command = entry.command(&Disk).expect("a command");
    let generated = [root.join("build/P.h")];
    let analysis = command.for_analysis(&Disk, CompilerKind::Gcc, entry.file(), &generated);
    let output = Command::new(clang())
        .arg("-fsyntax-only")
        .args(&analysis.arguments)
        .arg(entry.source())
        .current_dir("/")
        .output()
        .expect("clang is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(analysis.unknown.len(), 1);
}

#[test]
fn a_database_for_rewritten_sources() {
    let files = files().file("/src/list", "-I inc -include config.h");
    let line = "gcc @list -DN='x y' -Iinc -o a.o -MFa.d --output=b.o -Wl,-T,x.ld a.c other.o";
    let entry = entry(&files, line);
    let command = entry.command(&files).expect("a command");
    let mut asked = Vec::new();
    let mapped = OutputEntry::new(&entry, &command, &files, &mut |path_use, path| {
        asked.push((path_use, path.to_string()));
        match path_use {
            PathUse::Source | PathUse::Header | PathUse::Directory => path
                .strip_prefix("/src")
                .ok()
                .filter(|p| *p != "other.o")
                .map(|p| Utf8Path::new("/out").join(p)),
            PathUse::Output => None,
        }
    });
    expect![[r#"
        [
          {
            "directory": "/src",
            "file": "/out/a.c",
            "arguments": [
              "gcc",
              "-I",
              "/out/real/inc",
              "-include",
              "/out/config.h",
              "-DN=x y",
              "-I/out/real/inc",
              "-o",
              "a.o",
              "-MFa.d",
              "--output=b.o",
              "-Wl,-T,x.ld",
              "/out/a.c",
              "other.o"
            ]
          }
        ]
    "#]]
    .assert_eq(&write_database(&[mapped]));
    expect![[r#"
        [
            (
                Source,
                "/src/a.c",
            ),
            (
                Directory,
                "/src/real/inc",
            ),
            (
                Header,
                "/src/config.h",
            ),
            (
                Directory,
                "/src/real/inc",
            ),
            (
                Output,
                "/src/a.o",
            ),
            (
                Output,
                "/src/a.d",
            ),
            (
                Output,
                "/src/b.o",
            ),
            (
                Source,
                "/src/a.c",
            ),
            (
                Source,
                "/src/other.o",
            ),
        ]
    "#]]
    .assert_debug_eq(&asked);
    let empty = write_database(&[]);
    assert_eq!(empty, "[]\n");
}
