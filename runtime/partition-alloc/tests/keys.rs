//! The library as a C program uses it: real protection keys, `--wrap`, gcc at several levels of
//! optimisation and fortification. Needs a CPU and kernel with protection keys; elsewhere it says so
//! loudly, and fails if `IA2_REQUIRE_PKU` is set.

mod common;

use std::{
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use common::library;

/// The folder of the package.
fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn has_keys() -> bool {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap();
    if cpu.split_whitespace().any(|flag| flag == "ospke") {
        return true;
    }
    assert!(
        std::env::var_os("IA2_REQUIRE_PKU").is_none(),
        "this CPU or kernel has no protection keys"
    );
    eprintln!("SKIPPED: this CPU or kernel has no protection keys; run it in the VM");
    false
}

/// Compiles the scenarios and returns the folder with the program and the library.
fn compile(name: &str, flags: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(library(), folder.join("libpartition-alloc.so")).unwrap();
    let output = Command::new("gcc")
        .args(["-Wall", "-Wextra", "-Werror", "-Wno-use-after-free", "-pthread", "-rdynamic"])
        .args(flags)
        .arg("-I")
        .arg(package().join("include"))
        .arg(package().join("tests/keys/process.c"))
        .arg(format!("-Wl,@{}", package().join("wrap.args").display()))
        .arg("-L")
        .arg(&folder)
        .args(["-lpartition-alloc", "-Wl,-rpath,$ORIGIN", "-o"])
        .arg(folder.join("process"))
        .output()
        .expect("gcc is needed to compile C programs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    folder
}

fn plain() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| compile("keys-plain", &["-O0"]))
}

fn run(folder: &Path, scenario: &str) -> Output {
    Command::new(folder.join("process")).arg(scenario).output().unwrap()
}

fn succeeds(folder: &Path, scenario: &str) {
    let output = run(folder, scenario);
    assert_eq!(output.status.code(), Some(0), "{scenario}: {output:?}");
}

/// Ends with SIGABRT after one line that starts with the library's name and holds `message`.
fn dies(scenario: &str, message: &str) {
    let output = run(plain(), scenario);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(6), "{scenario}: {output:?}");
    assert_eq!(stderr.lines().count(), 1, "{scenario}: {stderr}");
    assert!(stderr.starts_with("libpartition-alloc: "), "{scenario}: {stderr}");
    assert!(stderr.contains(message), "{scenario}: {stderr}");
}

#[test]
fn each_compartment_has_its_heap() {
    if has_keys() {
        succeeds(plain(), "heaps");
        succeeds(plain(), "limit");
    }
}

#[test]
fn another_compartments_blocks_and_metadata_fault() {
    if has_keys() {
        for scenario in ["foreign-read", "foreign-metadata"] {
            let output = run(plain(), scenario);
            // What the handler says when code and key of the fault are right.
            assert_eq!(output.status.code(), Some(50), "{scenario}: {output:?}");
        }
    }
}

#[test]
fn libc_functions_allocate_for_the_compartment_however_compiled() {
    if has_keys() {
        for (name, flags) in [
            ("keys-plain", &["-O0"][..]),
            ("keys-fortified", &["-O2", "-D_FORTIFY_SOURCE=2"]),
            ("keys-small", &["-Os"]),
        ] {
            let folder = if flags == ["-O0"] { plain().to_owned() } else { compile(name, flags) };
            succeeds(&folder, "libc");
        }
    }
}

#[test]
fn threads_and_forks_work_with_keyed_thread_blocks() {
    if has_keys() {
        succeeds(plain(), "threads");
        succeeds(plain(), "forks");
    }
}

#[test]
fn a_small_address_space_gets_smaller_arenas() {
    if has_keys() {
        let command =
            format!("ulimit -v 1500000; exec {}/process address-space", plain().display());
        let output = Command::new("sh").args(["-c", &command]).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

#[test]
fn misuse_is_named() {
    if has_keys() {
        dies("double-free", "compartment 1: free(");
        dies("double-free", "the block is free already (double free?)");
        dies("foreign-free", "compartment 2: free(");
        dies("foreign-free", "the block belongs to the heap of compartment 1");
        dies("shared-free-private", "is private to compartment 1, not shared");
        dies("unknown-pkru", "Pkru(0xffffffc0), which is the PKRU value of no compartment");
        dies("unknown-free", "Pkru(0xffffffc0), which is the PKRU value of no compartment");
        dies("started-twice", "ia2_heap_start was called twice");
        dies("not-started", "called before the runtime has started");
        dies("no-heap", "compartment 9: malloc: the compartment has no heap");
    }
}
