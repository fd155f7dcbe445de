//! Sources that compilers read differently, or that are too much for one.

mod support;

use support::{BOTH, Project};

const ALL: [&str; 4] = ["--opaque=all", BOTH[0], BOTH[1], "src/more.c"];

/// What becomes of the third source.
fn rewritten(project: &Project) -> String {
    let ran = project.rewrite(&ALL);
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
    std::fs::read_to_string(project.path("out/more.c")).expect("a file")
}

/// Has a different pointer for compilers of different kinds and ages.
const BY_COMPILER: &str = "\
#include <math.h>
#include <stdio.h>
#if defined __clang__
static int (*of_clang)(int);
int use(void) { return of_clang(1); }
#elif __GNUC__ >= 8
static int (*of_gcc)(int);
int use(void) { return fprintf(stdout, \"%d\", isnan(1.0)) + of_gcc(1); }
#else
#error what compiler is this
#endif
";

#[test]
fn sources_are_read_as_their_compiler_reads_them() {
    let flags = "-DPKEY=1 -O2 -D_FORTIFY_SOURCE=2";
    for (compiler, pointer) in [("gcc", "of_gcc"), ("clang-19", "of_clang")] {
        let project = Project::example().command_with(compiler, "src/more.c", BY_COMPILER, flags);
        let more = rewritten(&project);
        assert!(more.contains(&format!("struct IA2_fnptr__ZTSPFiiE {pointer};")), "{more}");
    }
}

#[test]
fn what_only_clang_understands_is_read_as_clang_reads_it() {
    let source = "\
#define _GNU_SOURCE
#include <math.h>
static int (*f)(int);
int use(double x) { return f(issignaling(x)); }
";
    let project = Project::example().command("src/more.c", source, "-DPKEY=1");
    assert!(rewritten(&project).contains("IA2_CALL(f, _ZTSPFiiE)"));
}

#[test]
fn generated_code_may_be_deep() {
    let chain: String = (0..300).map(|n| format!("if (x == {n}) y = f(x); else\n")).collect();
    let sum = " + f(x)".repeat(300);
    let source =
        format!("int deep(int (*f)(int), int x) {{ int y = 0; {chain} y++; return y{sum}; }}\n");
    let project = Project::example().command("src/more.c", &source, "-DPKEY=1");
    assert_eq!(rewritten(&project).matches("IA2_CALL(f").count(), 600);
}

#[test]
fn macros_that_would_fill_files_are_not_written_out() {
    let doubled = |n| format!("#define E{n}(f) E{0}(f) E{0}(f)\n", n - 1);
    let doubled: String = (1..10).map(doubled).collect();
    let long = "x".repeat(4000);
    let source = format!(
        "typedef int (*fn)(int);\nint sum;\n#define E0(f) sum += !(f) + *\"{long}\";\n{doubled}\
         void more(fn f, int x) {{ E9(f) E9(x) }}\n"
    );
    let project = Project::example().command("src/more.c", &source, "-DPKEY=1");
    let ran = project.rewrite(&ALL);
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("uses of macros here are"), "{}", ran.messages);
}
