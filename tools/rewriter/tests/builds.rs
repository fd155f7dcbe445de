//! Builds as people have them: several commands, templates, odd paths, flags of all kinds.

mod support;

use std::fs;

use support::{BOTH, FOO, MAIN, Project, Ran};

fn accepted(ran: &Ran) {
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
}

fn text(project: &Project, path: &str) -> String {
    fs::read_to_string(project.path(path)).expect("a file")
}

/// The example with one more source, in compartment 1, that is compiled once with each of these.
fn with_commands(source: &str, flags: &[&str]) -> Project {
    let mut project = Project::example();
    for flags in flags {
        project = project.command("src/more.c", source, &format!("-DPKEY=1 {flags}"));
    }
    project
}

const ALL: [&str; 3] = [BOTH[0], BOTH[1], "src/more.c"];

fn rewrite_all(project: &Project) -> Ran {
    project.rewrite(&[&["--opaque=all"], &ALL[..]].concat())
}

#[test]
fn several_commands_for_one_source_are_merged() {
    let source = "\
#ifdef WIDE
static long (*f)(long);
long use(void) { return f(1); }
#else
static int (*f)(int);
int use(void) { return f(2); }
#endif
";
    let project = with_commands(source, &["-DWIDE", "-UWIDE", "-DWIDE -DPIC -o more.lo"]);
    accepted(&rewrite_all(&project));
    let more = text(&project, "out/more.c");
    assert!(more.contains("struct IA2_fnptr__ZTSPFllE f;"), "{more}");
    assert!(more.contains("struct IA2_fnptr__ZTSPFiiE f;"), "{more}");
    let commands = text(&project, "out/compile_commands.json");
    assert_eq!(commands.matches("out/more.c\",\n    \"arguments\"").count(), 3, "{commands}");
}

#[test]
fn a_true_conflict_shows_both_sides() {
    let source = "static T (*f)(T);\nT use(void) { return f(1); }\n";
    let project = with_commands(source, &["-DT=long", "-DT=int"]);
    let before = project.tree();
    let ran = rewrite_all(&project);
    assert_eq!(ran.status, Some(1));
    assert!(project.tree() == before);
    for part in ["IA2401", "-DT=long", "-DT=int", "_ZTSPFllE", "_ZTSPFiiE", "src/more.c:2:23"] {
        assert!(ran.messages.contains(part), "no {part}: {}", ran.messages);
    }
    // One of the two needs nothing at this place.
    let source = "static T f;\nint use(void) { return (int)(f != 0); }\n";
    let project = with_commands(source, &["-DT=long", "-DT=fn -include src/fn.h"])
        .file("src/fn.h", "typedef int (*fn)(int);\n");
    let ran = rewrite_all(&project);
    assert_eq!(ran.status, Some(1), "{}", ran.messages);
    assert!(ran.messages.contains("it stays as it is"), "{}", ran.messages);
}

#[test]
fn headers_edited_differently_are_merged() {
    let header = "#ifdef A\ntypedef int (*a_fn)(int);\n#endif\n#ifdef B\ntypedef long (*b_fn)(long);\n#endif\n";
    let project = Project::example()
        .file("src/both.h", header)
        .source(
            "src/a.c",
            "#define A\n#include \"both.h\"\nint a(a_fn f) { return f(1); }\n",
            "-DPKEY=1",
        )
        .source(
            "src/b.c",
            "#define B\n#include \"both.h\"\nlong b(b_fn f) { return f(1); }\n",
            "-DPKEY=1",
        );
    let ran = project.rewrite(&["--opaque=all", BOTH[0], BOTH[1], "src/a.c", "src/b.c"]);
    accepted(&ran);
    let header = text(&project, "out/both.h");
    assert!(header.contains("_ZTSPFiiE a_fn") && header.contains("_ZTSPFllE b_fn"), "{header}");
}

#[test]
fn sources_that_need_different_types_in_a_header_each_say_which() {
    let header = "#pragma once\ntypedef T (*callback)(T);\n";
    let source = |ty: &str, name: &str| {
        format!("#define T {ty}\n#include \"both.h\"\nT {name}(callback f) {{ return f(1); }}\n")
    };
    let project = Project::example()
        .file("src/both.h", header)
        .source("src/a.c", &source("int", "a"), "-DPKEY=1")
        .source("src/b.c", &source("long", "b"), "-DPKEY=1")
        .source("src/c.c", &source("int", "c"), "-DPKEY=1");
    let more = ["src/a.c", "src/b.c", "src/c.c"];
    let ran = project.rewrite(&["--opaque=all", BOTH[0], BOTH[1], more[0], more[1], more[2]]);
    accepted(&ran);
    let header = text(&project, "out/both.h");
    let both = "IA2_VARIANT_1(struct IA2_fnptr__ZTSPFiiE, struct IA2_fnptr__ZTSPFllE) callback;";
    assert!(header.contains(both), "{header}");
    let own = "#undef IA2_VARIANT_1\n#define IA2_VARIANT_1(text1, text2) text2\n#line 1\n#define T";
    assert!(text(&project, "out/b.c").starts_with(own));
    assert!(text(&project, "out/a.c").starts_with("#define T int\n"));
    for source in more {
        let file = project.path("out").join(source.strip_prefix("src/").expect("it is there"));
        let mut command = std::process::Command::new("gcc");
        command.current_dir(project.path("")).args(["-fsyntax-only", "-DIA2_ENABLE=1", "-DPKEY=1"]);
        command.args(["-include", "gates.h", "-I", support::include()]).arg(file);
        assert!(command.status().expect("gcc runs").success(), "{source}");
    }
    // A source that is a part of another one has no say of its own.
    let unity = "#include \"a.c\"\n";
    let project = project.source("src/unity.c", unity, "-DPKEY=1");
    let ran = project.rewrite(&["--opaque=all", BOTH[0], BOTH[1], more[1], more[0], "src/unity.c"]);
    assert_eq!(ran.status, Some(1), "{}", ran.messages);
    assert!(ran.messages.contains("IA2401"), "{}", ran.messages);
}

#[test]
fn templates_are_rewritten_where_they_are_included() {
    let template = "static int NAME(int (*f)(int)) { return f(N); }\n";
    let source = "\
#define NAME one
#define N 1
#include \"template.inc.c\"
#undef NAME
#undef N
#define NAME two
#define N 2
#include \"template.inc.c\"
int use(int (*f)(int)) { return one(f) + two(f); }
";
    let project = with_commands(source, &[""]).file("src/template.inc.c", template);
    accepted(&rewrite_all(&project));
    let main = text(&project, "out/more.c");
    assert_eq!(main.matches("NAME(struct IA2_fnptr__ZTSPFiiE f)").count(), 2, "{main}");
}

#[test]
fn a_template_may_need_different_text_each_time() {
    let template = "static T NAME(T (*f)(T)) { return f(1); }\n";
    let source = "\
#define NAME one
#define T int
#include \"template.inc.c\"
#undef NAME
#undef T
#define NAME two
#define T long
#include \"template.inc.c\"
long use(int (*f)(int), long (*g)(long)) { return one(f) + two(g); }
";
    let project = with_commands(source, &[""]).file("src/template.inc.c", template);
    accepted(&rewrite_all(&project));
    let more = text(&project, "out/more.c");
    assert!(more.contains("NAME(struct IA2_fnptr__ZTSPFiiE f)"), "{more}");
    assert!(more.contains("_ZTSPFllE"), "{more}");
    assert!(more.contains("#line 1 \"template.inc.c\"") && more.contains("#line 9 "), "{more}");
}

#[test]
fn paths_may_have_spaces_quotes_and_links() {
    let project = Project::example().file("src/sub dir/it's \"odd\".h", "int linked(void);\n");
    std::os::unix::fs::symlink("it's \"odd\".h", project.path("src/sub dir/real.h"))
        .expect("a link");
    let text_of = "#include \"real.h\"\nint use(int (*f)(int)) { return f(linked()); }\n";
    let project = project.source("src/sub dir/a b.c", text_of, "-DPKEY=1");
    std::os::unix::fs::symlink("src", project.path("link")).expect("a link");
    let options =
        ["--root-directory=link", "--output-directory=out dir", "--output-prefix=out dir/g"];
    let ran = project.run(
        &[&options[..], &["--opaque=all", "link/main.c", "src/foo.c", "./link/sub dir/a b.c"]]
            .concat(),
    );
    accepted(&ran);
    assert!(text(&project, "out dir/sub dir/a b.c").contains("IA2_CALL"));
    let commands = text(&project, "out dir/compile_commands.json");
    assert!(commands.contains("/out dir/sub dir/a b.c"), "{commands}");
}

#[test]
fn command_strings_response_files_and_generated_sources() {
    let project = Project::example()
        .file("flags.rsp", "-DPKEY=1 '-DTEXT=\"a b\"' -I../src\n")
        .file("src/generated/made.c", "#include <foo.h>\nconst char text[] = TEXT;\nint made(int (*f)(int)) { return f(foo(1)); }\n")
        .command_line("build", "cc -c @../flags.rsp -o made.o ../src/generated/made.c", "../src/generated/made.c");
    let ran = project.rewrite(&["--opaque=all", BOTH[0], BOTH[1], "src/generated/made.c"]);
    accepted(&ran);
    assert!(text(&project, "out/generated/made.c").contains("IA2_CALL(f, _ZTSPFiiE)(foo(1))"));
}

#[test]
fn flags_of_distributions_do_not_stand_in_the_way() {
    let flags = "-g -O2 -ffile-prefix-map=/src=. -fstack-protector-strong -fstack-clash-protection \
                 -fcf-protection -Wformat -Werror=format-security -Wdate-time -D_FORTIFY_SOURCE=2 \
                 -flto=auto -ffat-lto-objects -fno-semantic-interposition -fvisibility=hidden \
                 -Wlogical-op -fno-tree-loop-distribute-patterns -march=x86-64-v2 -MD -MF x.d -pipe \
                 -fdebug-prefix-map=/a=/b -specs=/usr/share/dpkg/pie-compile.specs -fanalyzer";
    let project = with_commands("int use(int (*f)(int)) { return f(1); }\n", &[flags]);
    let ran = rewrite_all(&project);
    assert_eq!(ran.status, Some(0), "{}", ran.messages);
    assert!(text(&project, "out/more.c").contains("IA2_CALL"));
}

#[test]
fn unity_builds_and_precompiled_headers() {
    let project = Project::example()
        .file("src/one.c", "static int one(int (*f)(int)) { return f(1); }\n")
        .file("src/two.c", "int two(int (*f)(int)) { return one(f) + f(2); }\n")
        .file("src/all.h", "#include <stddef.h>\n")
        .source(
            "src/more.c",
            "#include \"one.c\"\n#include \"two.c\"\n",
            "-DPKEY=1 -include src/all.h -Winvalid-pch",
        );
    accepted(&rewrite_all(&project));
    for path in ["out/one.c", "out/two.c"] {
        assert!(text(&project, path).contains("IA2_CALL"), "{path}");
    }
    assert!(project.path("out/all.h").is_file());
    assert!(text(&project, "out/compile_commands.json").contains("out/all.h\""));
}

/// What CMake makes of `UNITY_BUILD` and of `target_precompile_headers`: files in the build directory
/// that include others by absolute paths.
#[test]
fn files_of_the_build_directory_with_absolute_paths() {
    let build = |project: Project| {
        let root = project.path("");
        let absolute = |path: &str| format!("#include \"{}\"\n", root.join(path).display());
        let unity = absolute("src/part.c") + &absolute("src/fn.h");
        project
            .file("src/fn.h", "#pragma once\ntypedef int (*fn)(int);\n")
            .file("src/part.c", "int part(fn f) { return f(1); }\n")
            .file("build/all.h", &absolute("src/fn.h"))
            .file("build/all.h.pch", "not a precompiled header")
            .command_with(
                "clang",
                "build/unity.c",
                &unity,
                "-DPKEY=1 -Xclang -include-pch -Xclang build/all.h.pch -Xclang -include -Xclang build/all.h",
            )
    };
    let sources = ["src/main.c", "src/foo.c", "build/unity.c"];
    let options = ["--root-directory=.", "--output-directory=out", "--output-prefix=gates"];
    let project = build(Project::example());
    accepted(&project.run(&[&options[..], &["--opaque=all"], &sources].concat()));
    assert_eq!(
        text(&project, "out/build/unity.c"),
        "#include \"../src/part.c\"\n#include \"../src/fn.h\"\n"
    );
    assert_eq!(text(&project, "out/build/all.h"), "#include \"../src/fn.h\"\n");
    assert!(text(&project, "out/src/part.c").contains("IA2_CALL"));
    let commands = text(&project, "out/compile_commands.json");
    assert!(!commands.contains(".pch") && commands.contains("out/build/all.h\""), "{commands}");
    // A header outside the root leads to the original of one that changes.
    let project = build(Project::example()).command(
        "src/more.c",
        "#include \"part.c\"\n",
        "-DPKEY=1 -include build/all.h",
    );
    let ran = rewrite_all(&project);
    assert_eq!(ran.status, Some(1), "{}", ran.messages);
    assert!(ran.messages.contains("error[IA2413]"), "{}", ran.messages);
    assert!(ran.messages.contains("--> build/all.h:1:1"), "{}", ran.messages);
}

#[test]
fn assembly_in_the_database_stays_where_it_is() {
    let project = Project::example().source(
        "src/start.S",
        ".globl start\nstart: ret\n",
        "-DPKEY=1 -DIA2_ENABLE=1 -include gates.h",
    );
    accepted(&project.rewrite(&BOTH));
    assert!(!project.path("out/start.S").exists());
    let commands = text(&project, "out/compile_commands.json");
    assert!(commands.contains("\"src/start.S\""), "{commands}");
    // With the generated header it assembles.
    let assembled = std::process::Command::new("gcc")
        .current_dir(project.path(""))
        .args([
            "-c",
            "-DIA2_ENABLE=1",
            "-DPKEY=1",
            "-include",
            "gates.h",
            "-I",
            support::include(),
            "-o",
            "start.o",
            "src/start.S",
        ])
        .output()
        .expect("gcc runs");
    assert!(assembled.status.success(), "{}", String::from_utf8_lossy(&assembled.stderr));
}

#[test]
fn several_programs_in_one_database() {
    let other = MAIN.replace("foo(1)", "foo(7)");
    let project = Project::example().source("src/other.c", &other, "-DPKEY=1");
    accepted(&project.rewrite(&[BOTH[0], BOTH[1], "src/other.c"]));
    assert!(text(&project, "out/other.c").contains("foo(7)"));
}

#[test]
fn the_new_commands_compile_the_new_tree() {
    let project = Project::example()
        .file("obj/there", "")
        .file("src/inc/types.h", "typedef int (*fn)(int);\n")
        .source(
            "src/more.c",
            "#include <types.h>\nint use(fn f) { return f ? f(1) : 0; }\n",
            "-DPKEY=1 -Isrc/inc -o obj/more.o -MD -MF obj/more.d",
        )
        .source("src/main.c", MAIN, "-DPKEY=1 -DIA2_ENABLE=1")
        .source("src/foo.c", FOO, "-DPKEY=2 -DIA2_ENABLE=1");
    accepted(&rewrite_all(&project));
    let commands: serde_json::Value =
        serde_json::from_str(&text(&project, "out/compile_commands.json")).expect("JSON");
    let commands = commands.as_array().expect("an array");
    assert_eq!(commands.len(), 3);
    for command in commands {
        let words: Vec<&str> = command["arguments"]
            .as_array()
            .expect("words")
            .iter()
            .map(|word| word.as_str().expect("a word"))
            .collect();
        let directory = command["directory"].as_str().expect("a path");
        let output = std::process::Command::new(words[0])
            .current_dir(directory)
            .args(&words[1..])
            .args(["-Werror=incompatible-pointer-types"])
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{words:?}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_header_outside_the_root_by_a_relative_path_is_worth_a_warning() {
    let project = Project::example().file("elsewhere/config.h", "#define ONE 1\n").source(
        "src/more.c",
        "#include \"../elsewhere/config.h\"\nint one = ONE;\n",
        "-DPKEY=1",
    );
    accepted(&project.rewrite(&ALL));
    // From `out` the path is right as it is; from a directory at another depth it is not.
    let options = ["--root-directory=src", "--output-directory=out/deep", "--output-prefix=gates"];
    let ran = project.run(&[&options[..], &ALL].concat());
    assert_eq!(ran.status, Some(0), "{}", ran.messages);
    assert!(ran.messages.contains("warning[IA2412]"), "{}", ran.messages);
    let commands = text(&project, "out/deep/compile_commands.json");
    assert!(commands.contains("-iquote"), "{commands}");
    let ran = project.run(&[&options[..], &["-Wno-include-outside"], &ALL].concat());
    accepted(&ran);
}

#[test]
fn macros_in_headers_of_an_include_directory_are_written_out() {
    let header = "\
#pragma once
#define CALLBACK(name) typedef void (*name)(int)
#define API(type, name, parameters) extern type name parameters
CALLBACK(cb);
API(void, walk, (cb f, void (*done)(int)));
";
    let main = MAIN.replace("\"foo.h\"", "\"lib.h\"").replace("foo(1)", "0; walk(done, done)");
    let main = main.replace("int main", "static void done(int x) { (void)x; }\nint main");
    let library = FOO.replace("\"foo.h\"", "\"lib.h\"")
        + "void walk(cb f, void (*done)(int)) { f(1); done(2); }\n";
    let project = Project::example()
        .file("src/include/lib.h", header)
        .source("src/main.c", &main, "-DPKEY=1 -I src/include")
        .source("src/foo.c", &library, "-DPKEY=2 -I src/include");
    accepted(&project.rewrite(&BOTH));
    let header = text(&project, "out/include/lib.h");
    assert!(header.contains("typedef struct IA2_fnptr__ZTSPFviE cb;"), "{header}");
    assert!(header.contains("walk (cb f, struct IA2_fnptr__ZTSPFviE done)"), "{header}");
}
