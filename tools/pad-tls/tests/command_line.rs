//! What users of `pad-tls` see: messages, exit status, and which files change and which do not.

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use support::program::{KINDS, tls_size};
use support::toolchain::{self, Toolchain, Workshop, run};
use support::{PAD_TLS, pad, pad_tls};

const NO_TLS: &str = "int f(void) { return 1; }";

/// Everything about a file that must stay if it is not changed.
#[derive(PartialEq, Eq, Debug)]
struct State {
    contents: Vec<u8>,
    inode: u64,
    modified: (i64, i64),
}

fn state(path: &Path) -> State {
    let metadata = fs::metadata(path).expect("the file is there");
    State {
        contents: toolchain::read(path),
        inode: metadata.ino(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    }
}

fn module(workshop: &Workshop) -> PathBuf {
    KINDS[2].build(workshop, Toolchain::GccBfd, &[])
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `pad-tls` fails on this file with a single message that names it and says this.
fn check_error(path: &Path, says: &str) {
    let before = path.is_file().then(|| state(path));
    let output = pad_tls([path]);
    check_failed(&output, &[(path, says)]);
    if let Some(before) = before {
        assert_eq!(state(path), before, "{} was changed", path.display());
    }
}

fn check_failed(output: &Output, messages: &[(&Path, &str)]) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(text(&output.stdout), "");
    let errors: Vec<&str> = stderr.lines().filter(|line| line.contains("error:")).collect();
    assert_eq!(errors.len(), messages.len(), "{stderr}");
    for (error, (path, says)) in errors.iter().zip(messages) {
        let start = format!("pad-tls: error: {}: ", path.display());
        assert!(error.starts_with(&start) && error.contains(says), "{error}\nshould say: {says}");
    }
}

#[test]
fn padding_says_what_it_did_and_doing_it_again_changes_nothing() {
    let workshop = Workshop::new();
    let file = module(&workshop);
    let size = tls_size(&file);
    let message = pad(&file);
    let new_size = tls_size(&file);
    let name = file.display();
    assert_eq!(message, format!("{name}: TLS segment grown from {size} to {new_size} bytes\n"));
    assert!(new_size > size);

    let padded = state(&file);
    let message = pad(&file);
    let expected = format!("{name}: already padded from {size} to {new_size} bytes; unchanged\n");
    assert_eq!(message, expected);
    assert_eq!(state(&file), padded);
}

#[test]
fn files_without_tls_need_the_flag() {
    let workshop = Workshop::new();
    let none = workshop.shared_object(Toolchain::GccBfd, "none.so", NO_TLS, &[]);
    // lld keeps a TLS segment of size zero, which the loader ignores.
    let c = "__thread char nothing[0]; void *f(void) { return nothing; }";
    let empty = workshop.shared_object(Toolchain::GccLld, "empty.so", c, &[]);
    assert_eq!(tls_size(&empty), 0);
    let program = workshop.write("main.c", "int main(void) { return 0; }");
    let program =
        workshop.build(Toolchain::GccBfd, "program", &[program.to_str().expect("a UTF-8 path")]);
    for file in [&none, &empty, &program] {
        check_error(file, "no thread-local storage");
        let before = state(file);
        let output = run(Command::new(PAD_TLS).arg("--allow-no-tls").arg(file));
        assert_eq!(output, format!("{}: no thread-local storage; unchanged\n", file.display()));
        assert_eq!(state(file), before);
    }
}

#[test]
fn executables_with_tls_are_refused() {
    let workshop = Workshop::new();
    let c = "__thread int x = 1; int main(void) { return x; }";
    let source = workshop.write("main.c", c);
    let source = source.to_str().expect("a UTF-8 path");
    for (name, link) in [
        ("pie", "-pie"),
        ("fixed", "-no-pie"),
        ("static", "-static"),
        ("static-pie", "-static-pie"),
    ] {
        let program = workshop.build(Toolchain::GccBfd, name, &[source, "-fPIE", link]);
        check_error(&program, "an executable, not a shared object");
    }
    for toolchain in Toolchain::ALL {
        let program = workshop.build(toolchain, "pie", &[source, "-fPIE", "-pie"]);
        check_error(&program, "an executable, not a shared object");
    }
}

/// The toolkit's linker script gives a program's variables pages of their own; nothing is to be done,
/// so nothing is refused.
#[test]
fn executables_with_whole_pages_are_left_alone() {
    let workshop = Workshop::new();
    let c = "__thread char x[4096] __attribute__((aligned(4096))); int main(void) { return x[0]; }";
    let source = workshop.write("main.c", c);
    let source = source.to_str().expect("a UTF-8 path");
    let program = workshop.build(Toolchain::GccBfd, "pie", &[source, "-fPIE", "-pie"]);
    let before = state(&program);
    assert!(pad(&program).contains("has pages of its own already; unchanged"));
    assert_eq!(state(&program), before);
}

#[test]
fn files_that_are_no_shared_objects_are_refused() {
    let workshop = Workshop::new();
    let good = toolchain::read(&module(&workshop));
    let patched = |offset: usize, bytes: &[u8]| {
        let mut contents = good.clone();
        contents[offset..offset + bytes.len()].copy_from_slice(bytes);
        contents
    };
    let script = b"/* GNU ld script */ GROUP ( /lib/libc.so.6 )".to_vec();
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("libc.so", script, "a linker script (text), not a shared object"),
        ("empty", Vec::new(), "not an ELF file: it is empty"),
        ("text", b"not an ELF file at all".to_vec(), "not an ELF file"),
        ("header", good[..40].to_vec(), "truncated: the file header should end at byte 64"),
        ("half", good[..good.len() / 2].to_vec(), "truncated: the section header table"),
        ("class", patched(4, &[1]), "a 32-bit ELF file"),
        ("order", patched(5, &[2]), "a big-endian ELF file"),
        ("machine", patched(18, &[183, 0]), "another processor (AArch64)"),
        ("object", patched(16, &[1, 0]), "a relocatable object file"),
        ("core", patched(16, &[4, 0]), "a core dump"),
    ];
    for (name, contents, says) in cases {
        check_error(&workshop.write(name, contents), says);
    }
    check_error(&workshop.path("missing.so"), "cannot open the file: No such file");
    check_error(&workshop.path("."), "not a regular file");
    check_error(Path::new("/dev/null"), "not a regular file");
    let dangling = workshop.path("dangling.so");
    symlink("nowhere", &dangling).expect("makes a link");
    check_error(&dangling, "cannot open the file: No such file");
}

#[test]
fn real_32_bit_objects_are_refused() {
    let workshop = Workshop::new();
    let source = workshop.write("empty.s", "");
    let object = workshop.path("object");
    run(Command::new("as").arg("--32").arg("-o").arg(&object).arg(source));
    check_error(&object, "a 32-bit ELF file");
}

#[test]
fn segments_beyond_the_end_of_the_file_are_found_without_section_headers() {
    let workshop = Workshop::new();
    let mut contents = toolchain::read(&module(&workshop));
    contents[40..48].fill(0); // e_shoff
    contents[60..62].fill(0); // e_shnum
    contents.truncate(contents.len() / 4);
    let file = workshop.write("cut.so", contents);
    check_error(&file, "truncated: the LOAD segment at address");
}

#[test]
fn with_several_files_nothing_changes_unless_all_can() {
    let workshop = Workshop::new();
    let good = module(&workshop);
    let other = KINDS[0].build(&workshop, Toolchain::ClangLld, &[]);
    let bad = workshop.write("bad.so", "nonsense");
    let missing = workshop.path("missing.so");
    let before = (state(&good), state(&other));
    let output = pad_tls([&good, &bad, &other, &missing]);
    check_failed(&output, &[(&bad, "not an ELF file"), (&missing, "cannot open")]);
    assert!(text(&output.stderr).ends_with("pad-tls: no file was changed\n"));
    assert_eq!((state(&good), state(&other)), before);
    let names = |directory: &Path| fs::read_dir(directory).expect("readable").count();
    let directory = good.parent().expect("a directory");
    let count = names(directory);

    let output = pad_tls([&good, &other]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 2);
    assert_ne!(state(&good), before.0);
    assert_ne!(state(&other), before.1);
    assert_eq!(names(directory), count, "temporary files are left");
}

#[test]
fn links_keep_leading_to_the_same_file() {
    let workshop = Workshop::new();
    let file = module(&workshop);
    let by_symlink = workshop.path("symbolic.so");
    symlink(file.file_name().expect("a name"), &by_symlink).expect("makes a link");
    let by_hard_link = workshop.path("hard.so");
    fs::hard_link(&file, &by_hard_link).expect("makes a link");
    let inode = state(&file).inode;

    pad(&by_symlink);
    assert!(fs::symlink_metadata(&by_symlink).expect("the link is there").is_symlink());
    assert!(pad(&file).contains("already padded"));
    assert_eq!(state(&by_hard_link), state(&file));
    assert_eq!(state(&file).inode, inode, "the other name would have kept the old contents");
}

#[test]
fn one_file_under_two_names_is_padded_once() {
    let workshop = Workshop::new();
    let file = module(&workshop);
    let link = workshop.path("link.so");
    symlink(&file, &link).expect("makes a link");
    let output = pad_tls([&file, &link, &file]);
    let stdout = text(&output.stdout);
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines[0].contains("grown from"), "{stdout}");
    assert!(lines[1].ends_with(&format!("the same file as {}", file.display())), "{stdout}");
    assert!(lines[2].ends_with(&format!("the same file as {}", file.display())), "{stdout}");
    assert!(pad(&file).contains("already padded"));
}

#[test]
fn rights_owner_and_attributes_are_kept() {
    let workshop = Workshop::new();
    let file = module(&workshop);
    // Only root can give files away; for others the owner is the same before and after anyway.
    if is_root() {
        chown(&file, Some(12_345), Some(23_456)).expect("changes the owner");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o4751)).expect("changes the mode");
    let has_attributes = xattr::set(&file, "user.origin", b"vendor").is_ok();
    let before = fs::metadata(&file).expect("the file is there");
    pad(&file);
    let after = fs::metadata(&file).expect("the file is there");
    assert_eq!(
        (after.uid(), after.gid(), after.mode()),
        (before.uid(), before.gid(), before.mode())
    );
    if has_attributes {
        let value = xattr::get(&file, "user.origin").expect("readable");
        assert_eq!(value.as_deref(), Some(&b"vendor"[..]));
    }
}

fn is_root() -> bool {
    // The owner of a file we have just made.
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.as_file().metadata().expect("readable").uid() == 0
}

/// As a user who may not write the file: root may write every file.
#[test]
fn unwritable_files_are_refused() {
    const NOBODY: u32 = 65_534;
    let workshop = Workshop::for_every_user();
    let file = module(&workshop);
    let program = workshop.path("pad-tls");
    // Not by ourselves: a child started meanwhile by another test would have the copy open for
    // writing, and then it could not be run.
    run(Command::new("cp").arg(PAD_TLS).arg(&program));
    let directory = file.parent().expect("a directory");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).expect("changes the mode");
    let run_unprivileged = || {
        let mut command = Command::new(&program);
        command.arg(&file);
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output().expect("pad-tls starts")
    };
    // The directory can be written to, so a new file could be put in place of the old one.
    fs::set_permissions(directory, fs::Permissions::from_mode(0o777)).expect("changes the mode");
    let before = state(&file);
    check_failed(&run_unprivileged(), &[(&file, "cannot write to the file: Permission denied")]);
    assert_eq!(state(&file), before);

    // The file can be written to, but no new one can be made beside it.
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("changes the mode");
    fs::set_permissions(directory, fs::Permissions::from_mode(0o555)).expect("changes the mode");
    let says = "cannot write a new file beside it: Permission denied";
    check_failed(&run_unprivileged(), &[(&file, says)]);
    assert_eq!(state(&file), before);

    // A padded file needs no change, so it need not be writable.
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).expect("changes the mode");
    pad(&file);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).expect("changes the mode");
    let output = run_unprivileged();
    assert!(text(&output.stdout).contains("already padded"), "{}", text(&output.stderr));
}

/// GNU strip computes the size anew: the file must stay correct, and can be padded again.
#[test]
fn a_stripped_file_is_unpadded_but_sound() {
    for kind in KINDS {
        for toolchain in [Toolchain::GccBfd, Toolchain::ClangLld] {
            let workshop = Workshop::new();
            let file = kind.build(&workshop, toolchain, &[]);
            let size = tls_size(&file);
            pad(&file);
            let padded = tls_size(&file);
            run(Command::new("strip").arg(&file));
            let stripped = tls_size(&file);
            assert!((size..=padded).contains(&stripped), "{kind:?}: {size} {stripped} {padded}");
            if stripped < padded {
                assert!(pad(&file).contains("grown from"));
            }
            assert_eq!(tls_size(&file), padded);
            let again = pad(&file);
            let expected = format!("already padded from {size} to {padded} bytes");
            assert!(again.contains(&expected), "{kind:?}: {again}");
        }
    }
}

#[test]
fn the_systems_libc_is_a_shared_object_though_it_can_be_run() {
    let workshop = Workshop::new();
    let copy = workshop.path("libc.so.6");
    fs::copy(toolchain::system_library("libc.so.6"), &copy).expect("copies libc");
    assert!(pad(&copy).contains("grown from"));
    assert!(pad(&copy).contains("already padded"));
    // It still is a program that prints its version.
    assert!(run(&mut Command::new(&copy)).contains("GNU C Library"));
}

#[test]
fn wrong_usage_is_exit_status_2() {
    for arguments in [&[][..], &["--allow-no-tls"], &["--nonsense", "file"]] {
        let output = pad_tls(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(&output.stderr).contains("Usage: pad-tls"), "{arguments:?}");
    }
}

#[test]
fn help_and_version_are_printed() {
    let help = run(Command::new(PAD_TLS).arg("--help"));
    assert!(help.contains("--allow-no-tls") && help.contains("<FILE>..."), "{help}");
    let version = run(Command::new(PAD_TLS).arg("--version"));
    assert_eq!(version, concat!("pad-tls ", env!("CARGO_PKG_VERSION"), "\n"));
}
