//! The same engine over preprocessed text: what gcc and clang make of a source is rewritten like the
//! source itself.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Project, Ran};

fn accepted(ran: &Ran) {
    assert_eq!((ran.status, ran.messages.as_str()), (Some(0), ""));
}

/// Callbacks in fields and tables, through a header of the program's own and headers of the system;
/// macros, several lines per use, and types that only gcc's preprocessor leaves in the text.
const SORTER: &str = "\
#include <complex.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include \"hooks.h\"
#define CALL(f, ...) ((f) ? (f)(__VA_ARGS__) : -1)
#define EACH(X) X(one) X(two)
#define FIELD(name) int (*name)(int);
struct table { EACH(FIELD) hook list[2]; };
static int order(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }
static int add(int x) { return x + 1; }
int twice(int x) { return 2 * x; }
int sorted(int *values, int count, hook h)
{
    struct table t = { .one = add, .two = twice, .list = { h, add } };
    qsort(values, (unsigned)count, sizeof *values, order);
    if (h == 0 || !t.one)
        return 0;
    return CALL(t.two,
                values[0]) +
           CALL(
               t.list[1],
               3) + apply(twice, h(2));
}
";

const HOOKS: &str = "\
typedef int (*hook)(int);
int sorted(int *values, int count, hook h);
int apply(hook h, int x);
static inline int both(hook a, hook b) { return a(1) + b(2); }
";

const MAIN: &str = "\
#include <ia2.h>
#include \"hooks.h\"
INIT_RUNTIME(1);
#define IA2_COMPARTMENT 1
#include <ia2_compartment_init.inc>
int apply(hook h, int x) { return h(x); }
static int last(int x) { return x + 5; }
int main(void) { int v[] = { 3, 1, 2 }; return sorted(v, 3, last) + both(last, last) == 30 ? 0 : 1; }
";

/// The program, `source` being the sorter or what became of it.
fn project(compiler: &str, source: &str) -> Project {
    let project = Project::empty().file("src/hooks.h", HOOKS).file("src/sorter.c", SORTER).source(
        "src/main.c",
        MAIN,
        "-DPKEY=1",
    );
    preprocess(&project, compiler);
    let text = fs::read_to_string(project.path(source)).expect("a file");
    project.command_with(compiler, source, &text, "-O1 -DPKEY=1 -Dunused=wrong")
}

/// Preprocesses the sorter.
fn preprocess(project: &Project, compiler: &str) {
    run(
        project,
        compiler,
        &["-O1", "-D_FORTIFY_SOURCE=2", "-E", "src/sorter.c", "-o", "src/sorter.i"],
    );
}

fn run(project: &Project, compiler: &str, arguments: &[&str]) {
    let output = Command::new(compiler).current_dir(project.path("")).args(arguments).output();
    let output = output.expect("a compiler");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Both compilers.
fn compilers() -> [String; 2] {
    let clang = ["clang", "clang-19", "clang-18", "clang-17", "clang-16"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok());
    ["gcc".to_owned(), clang.expect("clang is installed").to_owned()]
}

/// The assembly of the rewritten sorter, compiled with its command in the new database.
fn assembly(project: &Project, file: &str, enable: &str) -> String {
    let text = fs::read_to_string(project.path("out/compile_commands.json")).expect("a file");
    let commands: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let command = commands.as_array().expect("an array").iter();
    let mut command = command.filter(|command| command["file"].as_str().unwrap().ends_with(file));
    let words: Vec<&str> = command.next_back().expect("a command")["arguments"]
        .as_array()
        .expect("words")
        .iter()
        .map(|word| word.as_str().expect("a word"))
        .filter(|&word| word != "-c")
        .collect();
    let assembly = project.path("sorter.s");
    let assembly = assembly.to_str().expect("UTF-8");
    let define = format!("-DIA2_ENABLE={enable}");
    // The plain source is not preprocessed with the flags yet.
    let more = ["-S", "-w", "-g0", "-D_FORTIFY_SOURCE=2", &define, "-o", assembly];
    run(project, words[0], &[&words[1..], &more].concat());
    let text = fs::read_to_string(assembly).expect("a file");
    // Names and numbers of static functions tell the files apart in which they are.
    let mut is_number = false;
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with(".file")) {
        if !is_number {
            lines.push(line.replace("_sorter_i_", "_sorter_c_"));
        }
        is_number = line.starts_with("ia2_registered_");
    }
    lines.join("\n")
}

#[test]
fn preprocessed_text_is_rewritten_to_the_same_program() {
    for compiler in compilers() {
        let mut assemblies = Vec::new();
        for source in ["src/sorter.c", "src/sorter.i"] {
            let project = project(&compiler, source);
            accepted(&project.rewrite(&["--opaque=all", "src/main.c", source]));
            let name = Path::new(source).file_name().and_then(|name| name.to_str()).expect("UTF-8");
            assemblies.push(["0", "1"].map(|enable| assembly(&project, name, enable)));
        }
        assert!(assemblies[0][1].contains("ia2_stubs"), "{}", assemblies[0][1]);
        for (source, text) in assemblies[0].iter().zip(&assemblies[1]) {
            assert_eq!(source, text, "{compiler}");
        }
    }
}

#[test]
fn headers_of_the_system_stay_as_they_are_in_it() {
    for compiler in compilers() {
        let project = project(&compiler, "src/sorter.i");
        accepted(&project.rewrite(&["--opaque=all", "src/main.c", "src/sorter.i"]));
        let before = fs::read_to_string(project.path("src/sorter.i")).expect("a file");
        let after = fs::read_to_string(project.path("out/sorter.i")).expect("a file");
        // Every line is where it was: the markers stay true.
        assert_eq!(before.lines().count(), after.lines().count());
        let mut is_ours = false;
        let mut changed = 0;
        for (before, after) in before.lines().zip(after.lines()) {
            if before.starts_with("# ") {
                is_ours = before.contains("\"src/");
            }
            if before != after {
                assert!(is_ours, "{before}\nbecame\n{after}");
                changed += 1;
            }
        }
        assert!(changed > 8, "{changed} lines");
    }
}

#[test]
fn messages_name_the_original() {
    let compiler = &compilers()[0];
    let wrong = SORTER
        .replace("static int add(int x)", "static int add(int x) { return y; }\nint unused(int x)");
    let project = project(compiler, "src/sorter.i").file("src/sorter.c", &wrong);
    preprocess(&project, compiler);
    let ran = project.rewrite(&["src/main.c", "src/sorter.i"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("--> src/sorter.c:12:32"), "{}", ran.messages);
}

#[test]
fn preprocessed_text_from_elsewhere_is_an_error() {
    let compiler = &compilers()[0];
    let project = project(compiler, "src/sorter.i");
    let text = fs::read_to_string(project.path("src/sorter.i")).expect("a file");
    let project =
        project.file("src/sorter.i", &text.replace("\"src/sorter.c\"", "\"other/sorter.c\""));
    let ran = project.rewrite(&["src/main.c", "src/sorter.i"]);
    assert_eq!(ran.status, Some(1));
    assert!(ran.messages.contains("made of PROJECT/other/sorter.c"), "{}", ran.messages);
}

#[test]
fn facts_of_preprocessed_text_are_linked_like_others() {
    for compiler in compilers() {
        let project = project(&compiler, "src/sorter.i");
        let options = ["--opaque=all", "src/main.c", "src/sorter.i"];
        accepted(&project.rewrite(&options));
        let expected = fs::read(project.path("out/sorter.i")).expect("a file");
        fs::remove_dir_all(project.path("out")).expect("removed");
        for (file, source) in [("a.facts", "src/main.c"), ("b.facts", "src/sorter.i")] {
            let emit = format!("--emit-facts={file}");
            let emitted =
                project.run(&["--root-directory=src", "--output-prefix=gates", &emit, source]);
            accepted(&emitted);
        }
        accepted(&project.rewrite(&["--opaque=all", "--link-facts", "a.facts", "b.facts"]));
        assert!(fs::read(project.path("out/sorter.i")).expect("a file") == expected);
    }
}
