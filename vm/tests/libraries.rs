//! Libraries are found wherever the dynamic linker finds them, and named when it would not.

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use support::{cc, compile, emulated, output_on_each, path_str, source};
use vm::{Error, Job};

/// Compiles the library with a number of its own.
fn library(directory: &Path, file: &str, number: u32, args: &[&str]) {
    let (source, define) = (source("number.c"), format!("-DNUMBER={number}"));
    cc(directory, &[&["-shared", "-fPIC", path_str(&source), "-o", file, &define], args].concat());
}

fn expect(job: &Job, expected: &str) {
    output_on_each(job, |text, machine| assert_eq!(text, expected, "{machine}"));
}

fn refusal(job: &Job) -> Error {
    emulated().run(job).expect_err("this job cannot be run")
}

#[test]
fn run_paths_count_from_the_programs_real_place() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path();
    fs::create_dir_all(top.join("lib/deep")).unwrap();
    library(&top.join("lib/deep"), "libinner.so", 7, &["-Wl,-soname,libinner.so"]);
    // The program needs libouter, which finds libinner relative to itself.
    cc(
        top,
        &["-shared", "-fPIC", "-o", "lib/libouter.so", "-x", "c", "/dev/null", "-x", "none"]
            .into_iter()
            .chain(["-Llib/deep", "-Wl,--no-as-needed", "-linner", "-Wl,-rpath,$ORIGIN/deep"])
            .collect::<Vec<_>>(),
    );
    for (flags, name) in [("--enable-new-dtags", "runpath"), ("--disable-new-dtags", "rpath")] {
        let flags = format!("-Wl,{flags}");
        let args = ["-Llib", "-Llib/deep", "-Wl,--no-as-needed", "-louter", "-linner"];
        let paths = ["-Wl,-rpath,$ORIGIN/lib:${ORIGIN}/lib/deep", &flags];
        let program = compile("use.c", top, &[&args[..], &paths].concat());
        let link = top.join("elsewhere").join(name);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(&program, &link).unwrap();
        expect(&Job::new(link), "number 7\n");
    }
}

#[test]
fn the_library_path_of_the_job_counts() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path();
    for number in [1, 2] {
        let directory = top.join(number.to_string());
        fs::create_dir(&directory).unwrap();
        library(&directory, "libnumber.so", number, &[]);
    }
    let program = compile("use.c", top, &["-L1", "-lnumber"]);
    expect(&Job::new(&program).env("LD_LIBRARY_PATH", top.join("2")), "number 2\n");
    expect(&Job::new(&program).env("LD_LIBRARY_PATH", "missing:1").cwd(top), "number 1\n");
    // A library that was replaced by another of the same name is the new one.
    library(&top.join("1"), "libnumber.so", 3, &[]);
    expect(&Job::new(&program).env("LD_LIBRARY_PATH", top.join("1")), "number 3\n");
    let preloaded = Job::new(&program)
        .env("LD_LIBRARY_PATH", top.join("1"))
        .env("LD_PRELOAD", top.join("2/libnumber.so"));
    expect(&preloaded, "number 2\n");

    let error = refusal(&Job::new(&program)).to_string();
    assert!(error.contains("library libnumber.so not found"), "{error}");
    assert!(error.contains("/use needs") && error.contains("/lib/x86_64-linux-gnu"), "{error}");
}

#[test]
fn libraries_of_a_library_are_searched_too() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path();
    library(top, "libnumber.so", 5, &[]);
    let args = ["-shared", "-fPIC", "-o", "libplugin.so", "-x", "c", "/dev/null", "-x", "none"];
    cc(top, &[&args[..], &["-L.", "-Wl,--no-as-needed", "-lnumber"]].concat());
    let program = compile("open.c", top, &[]);
    let job = Job::new(&program).arg("./libplugin.so").cwd(top).file("libplugin.so");
    let error = refusal(&job).to_string();
    assert!(error.contains("libnumber.so not found") && error.contains("libplugin.so"), "{error}");
    expect(&job.env("LD_LIBRARY_PATH", top), "opened 5\n");
}

#[test]
fn an_opened_library_gets_what_the_program_has_loaded() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path();
    fs::create_dir(top.join("lib")).unwrap();
    library(&top.join("lib"), "libnumber.so", 6, &["-Wl,-soname,libnumber.so"]);
    let args = ["-shared", "-fPIC", "-o", "libplugin.so", "-x", "c", "/dev/null", "-x", "none"];
    cc(top, &[&args[..], &["-Llib", "-Wl,--no-as-needed", "-lnumber"]].concat());
    let program = compile(
        "open.c",
        top,
        &["-Llib", "-Wl,--no-as-needed", "-lnumber", "-Wl,-rpath,$ORIGIN/lib"],
    );
    let job = Job::new(&program).arg("./libplugin.so").cwd(top).file("libplugin.so");
    expect(&job, "opened 6\n");
}

#[test]
fn programs_in_a_directory_bring_their_libraries() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path();
    fs::create_dir(top.join("lib")).unwrap();
    fs::create_dir_all(top.join("bin/deep")).unwrap();
    library(&top.join("lib"), "libnumber.so", 8, &["-Wl,-soname,libnumber.so"]);
    let path = format!("-Wl,-rpath,{}/lib", top.display());
    let program = compile("use.c", top, &["-Llib", "-lnumber", &path]);
    fs::rename(program, top.join("bin/deep/use")).unwrap();
    // What lacks something is no reason not to start: nobody may want it.
    fs::rename(compile("use.c", top, &["-Llib", "-lnumber"]), top.join("bin/other")).unwrap();
    let job = Job::new("/bin/sh").args(["-c", "bin/deep/use"]).cwd(top).file("bin");
    expect(&job, "number 8\n");
}

#[test]
fn what_libc_opens_by_itself_is_there() {
    let scratch = tempfile::tempdir().unwrap();
    let program = compile("thread.c", scratch.path(), &["-pthread"]);
    expect(&Job::new(&program), "thread ended\n");
}

#[test]
fn static_programs_and_scripts_run() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path();
    let number = source("number.c");
    expect(&Job::new(compile("use.c", top, &[path_str(&number), "-static"])), "number 1\n");
    expect(&Job::new(compile("use.c", top, &[path_str(&number), "-static-pie"])), "number 1\n");
    let script = top.join("script");
    fs::write(&script, "#!/bin/sh -e\necho \"$0 $1\"\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let expected = format!("{} one\n", script.display());
    expect(&Job::new(&script).arg("one"), &expected);
}

#[test]
fn what_cannot_run_is_named_before_anything_starts() {
    let scratch = tempfile::tempdir().unwrap();
    let top = scratch.path();
    let write = |name: &str, contents: &[u8], mode| {
        fs::write(top.join(name), contents).unwrap();
        fs::set_permissions(top.join(name), fs::Permissions::from_mode(mode)).unwrap();
        top.join(name)
    };
    let told = |job: &Job, text: &str| {
        let error = refusal(job).to_string();
        assert!(error.contains(text), "{error:?} does not contain {text:?}");
    };
    told(&Job::new("no-such-program"), "program not found: no-such-program");
    told(&Job::new("./missing").cwd(top), "/missing");
    told(&Job::new(write("data", b"x", 0o644)), "not an executable file");
    told(&Job::new(top), "not an executable file");
    told(&Job::new("/bin/true").file(top.join("absent")), "/absent: No such file");
    told(&Job::new("/bin/true").cwd(top.join("absent")), "/absent: No such file");
    told(&Job::new(write("short", b"\x7fELF\x02\x01", 0o755)), "a truncated ELF file");
    let program = fs::read("/bin/true").unwrap();
    told(&Job::new(write("cut", &program[..200], 0o755)), "a damaged ELF file");
    let mut foreign = program.clone();
    foreign[18] = 40;
    told(&Job::new(write("foreign", &foreign, 0o755)), "not an ELF file for x86-64");
    told(&Job::new(write("text", b"x", 0o755)), "neither an ELF program nor a script");
}
