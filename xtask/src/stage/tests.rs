//! Staging a small workspace of the test's own, from sources to a linked and running C program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::elf::STV_DEFAULT;
use object::read::archive::ArchiveFile;
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSymbol};

use super::{Product, Staged, stage};
use crate::command::{cargo, quiet};

const RUNTIME: &str = r#"
#![no_std]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! { loop {} }

unsafe extern "C" { fn given_by_the_program() -> i32; }

static mut CALLED: i32 = 0;
extern "C" fn early() { unsafe { CALLED = 1 } }
#[used]
#[unsafe(link_section = ".preinit_array")]
static EARLY: extern "C" fn() = early;

/// Needs a 128-bit division, which Rust's own library brings.
#[unsafe(no_mangle)]
pub extern "C" fn made_for_c(a: i32) -> i32 {
    let wide = (a as u128) << 100;
    (wide / (unsafe { given_by_the_program() } as u128) >> 100) as i32 + unsafe { CALLED }
}
#[unsafe(no_mangle)]
pub static made_for_c_too: i32 = 4;
"#;

const SHARED: &str = r#"
#[unsafe(no_mangle)]
pub extern "C" fn shared_answer() -> i32 { 42 }
"#;

const PROGRAM: &str = r#"
#include <stdio.h>
int made_for_c(int), shared_answer(void);
extern const int made_for_c_too;
int given_by_the_program(void) { return 2; }
/* The name of a function in Rust's own library, which the staged one must not clash with. */
int __udivti3(void) { return 0; }
int main(void) {
  printf("%d %d %d\n", made_for_c(10), made_for_c_too, shared_answer());
  return 0;
}
"#;

/// A workspace with a static library, a shared library and a program.
fn write_workspace(folder: &Path, soname: &str) {
    let file = |name: &str, contents: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    };
    let package = |name: &str, lib: &str, kind: &str| {
        format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [lib]\nname = {lib:?}\npath = \"lib.rs\"\ncrate-type = [{kind:?}]\n"
        )
    };
    file(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"static\", \"shared\", \"program\"]\n\
         [profile.release]\npanic = \"abort\"\nlto = \"fat\"\ncodegen-units = 1\n",
    );
    file("static/Cargo.toml", &package("small-runtime", "libsmall", "staticlib"));
    file("static/lib.rs", RUNTIME);
    file("shared/Cargo.toml", &package("small-shared", "small_shared", "cdylib"));
    file("shared/lib.rs", SHARED);
    let argument = format!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{soname}");
    file("shared/build.rs", &format!("fn main() {{ println!({argument:?}); }}"));
    file("program/Cargo.toml", "[package]\nname = \"small-program\"\nedition = \"2024\"\n");
    file("program/src/main.rs", "fn main() { println!(\"ran\"); }\n");
}

const STAGED: [Staged; 3] = [
    Staged { package: "small-program", product: Product::Tool, path: "tools/small" },
    Staged { package: "small-runtime", product: Product::Archive, path: "lib/liblibsmall.a" },
    Staged {
        package: "small-shared",
        product: Product::SharedLibrary,
        path: "lib/libsmall-shared.so",
    },
];

fn stage_in(folder: &Path, staged: &[Staged]) -> anyhow::Result<PathBuf> {
    let build = folder.join("build");
    let cargo_in = |_| {
        let mut command = cargo(folder);
        command.env("CARGO_TARGET_DIR", folder.join("target")).env_remove("RUSTFLAGS");
        command
    };
    stage(staged, &cargo_in, &build).map(|()| build)
}

#[test]
fn staged_libraries_link_into_a_c_program_in_the_guides_order() {
    let scratch = tempfile::tempdir().unwrap();
    write_workspace(scratch.path(), "libsmall-shared.so");
    let build = stage_in(scratch.path(), &STAGED).unwrap();
    assert_eq!(quiet(&mut Command::new(build.join("tools/small"))).unwrap(), "ran\n");

    let source = scratch.path().join("program.c");
    fs::write(&source, PROGRAM).unwrap();
    let program = scratch.path().join("linked");
    let mut cc = Command::new("cc");
    cc.arg(&source).arg("-o").arg(&program).arg("-L").arg(build.join("lib"));
    cc.args(["-llibsmall", "-lsmall-shared"]).arg(format!("-Wl,-rpath,{}/lib", build.display()));
    quiet(&mut cc).unwrap();
    // 10 / 2, and one from the function that ran before main.
    assert_eq!(quiet(&mut Command::new(&program)).unwrap(), "6 4 42\n");

    single_object_exports_only_what_is_made_for_c(&build.join("lib/liblibsmall.a"));

    let time = |path: &str| build.join(path).metadata().unwrap().modified().unwrap();
    let before = STAGED.map(|staged| time(staged.path));
    stage_in(scratch.path(), &STAGED).unwrap();
    assert_eq!(STAGED.map(|staged| time(staged.path)), before);
}

fn single_object_exports_only_what_is_made_for_c(archive: &Path) {
    let bytes = fs::read(archive).unwrap();
    let archive = ArchiveFile::parse(&*bytes).unwrap();
    let members: Vec<_> = archive.members().map(|member| member.unwrap()).collect();
    assert_eq!(members.len(), 1);
    let data = members[0].data(&*bytes).unwrap();
    let object = ElfFile64::<LittleEndian>::parse(data).unwrap();
    let mut global: Vec<_> = object
        .symbols()
        .filter(|symbol| symbol.is_definition() && symbol.is_global())
        .filter(|symbol| symbol.elf_symbol().st_visibility() == STV_DEFAULT)
        .map(|symbol| symbol.name().unwrap())
        .collect();
    global.sort_unstable();
    assert_eq!(global, ["made_for_c", "made_for_c_too"]);
    for section in super::archive::NOTES {
        assert!(object.section_by_name(section).is_none(), "{section} is still there");
    }
}

#[test]
fn what_cannot_be_staged_is_named() {
    let scratch = tempfile::tempdir().unwrap();
    write_workspace(scratch.path(), "libwrong.so");
    let error = |package, product, path| {
        let error = stage_in(scratch.path(), &[Staged { package, product, path }]).unwrap_err();
        format!("{error:#}")
    };
    let text = error("small-shared", Product::SharedLibrary, "lib/libsmall-shared.so");
    assert!(text.contains("has soname libwrong.so, but is staged as libsmall-shared.so"), "{text}");
    let text = error("small-program", Product::Archive, "lib/x.a");
    assert!(text.contains("small-program has no target of kind staticlib"), "{text}");
    let text = error("no-such-package", Product::Tool, "x");
    assert!(text.contains("failed, see above"), "{text}");
    assert!(!scratch.path().join("build").exists(), "something was staged");
}
