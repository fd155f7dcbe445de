//! Codes one by one: what brings them about, what explains them, and their form as JSON.

mod support;

use std::process::Command;

use support::{BOTH, FOO, MAIN, Project, Ran};

/// Two sources that exchange a vector, the second compiled by this command.
fn with_command(line: &str) -> Ran {
    let include = support::include();
    let program = format!("gcc -fPIC -I {include} -DPKEY=1 -c src/main.c");
    let library = line.replace("FLAGS", &format!("-fPIC -I {include} -DPKEY=2"));
    let header =
        "typedef double wide __attribute__((vector_size(32)));\nint foo(int);\nwide far(wide);\n";
    let project = Project::empty()
        .file("src/foo.h", header)
        .file("src/main.c", &MAIN.replace("foo(1)", "(int)far((wide){ 1 })[0]"))
        .file("src/foo.c", &format!("{FOO}wide far(wide w) {{ return w; }}\n"))
        .file("itself.rsp", "@itself.rsp")
        .command_line(".", &program, "src/main.c")
        .command_line(".", &library, "src/foo.c");
    project.rewrite(&[&["--message-format=json"][..], &BOTH].concat())
}

/// The codes of all messages, each of which must be a line of JSON.
fn codes_of(ran: &Ran) -> Vec<String> {
    let code = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(message["$message_type"], "diagnostic", "{line}");
        assert!(message["rendered"].as_str().is_some_and(|text| !text.is_empty()), "{line}");
        message["code"]["code"].as_str().map(str::to_owned)
    };
    ran.messages.lines().filter_map(code).collect()
}

#[test]
fn commands_that_are_refused() {
    for (line, code) in [
        ("gcc FLAGS @itself.rsp -c src/foo.c", "IA2006"),
        ("gcc FLAGS -m32 -c src/foo.c", "IA2014"),
        ("g++ FLAGS -c src/foo.c", "IA2015"),
        ("gcc FLAGS -march=native -c src/foo.c", "IA2016"),
        ("clang -cc1 FLAGS src/foo.c", "IA2017"),
    ] {
        let ran = with_command(line);
        assert_eq!(ran.status, Some(1), "{line}: {}", ran.messages);
        assert!(codes_of(&ran).iter().any(|known| known == code), "{line}: {}", ran.messages);
    }
}

#[test]
fn variable_arguments_across_are_worth_a_warning() {
    let project = Project::example()
        .file("src/foo.h", "int foo(int);\nint log_all(const char *, ...);\n")
        .source("src/main.c", &MAIN.replace("foo(1)", "log_all(\"\", 1)"), "-DPKEY=1")
        .source(
            "src/foo.c",
            &format!("{FOO}int log_all(const char *f, ...) {{ return !f; }}\n"),
            "-DPKEY=2",
        );
    let ran = project.rewrite(&[&["--message-format=json"][..], &BOTH].concat());
    assert_eq!((ran.status, codes_of(&ran)), (Some(0), vec!["IA2503".to_owned()]));
}

#[test]
fn without_libclang_it_is_said_what_to_install() {
    let project = Project::example();
    let output = Command::new(env!("CARGO_BIN_EXE_ia2-rewriter"))
        .current_dir(project.path(""))
        .env("LIBCLANG_PATH", project.path("src"))
        .args(["--root-directory=src", "--output-directory=out", "--output-prefix=gates"])
        .args(["--no-cache", BOTH[0], BOTH[1]])
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("error[IA2405]") && text.contains("LIBCLANG_PATH"), "{text}");
}

#[test]
fn every_code_is_explained_by_the_program() {
    for known in diagnostics::codes::all() {
        let code = known.code().to_string();
        let output = Command::new(env!("CARGO_BIN_EXE_ia2-rewriter"))
            .args(["--explain", &code])
            .output()
            .expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{code}");
        assert!(text.starts_with(&format!("# {code}: {}\n", known.title())), "{text}");
    }
}
