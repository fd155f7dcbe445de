//! Making a Rust static library one that C programs can link in any order and beside any other.
//!
//! Cargo's archive has many members and exports the symbols of Rust's own libraries. A linker takes
//! from an archive only what is asked for by then, and the guide names ours before the object that
//! asks; and two Rust libraries in one program would clash. So all that the exported symbols need is
//! linked into one relocatable object in which nothing else is global.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use object::elf::{STB_LOCAL, STV_DEFAULT, STV_PROTECTED};
use object::read::archive::ArchiveFile;
use object::read::elf::ElfFile64;
use object::{LittleEndian, Object, ObjectSymbol, ReadRef};
use tempfile::TempDir;

use crate::command::quiet;

/// Sections with the compiler's own notes: bitcode for link-time optimization, long done.
pub(super) const NOTES: [&str; 2] = [".llvmbc", ".llvmcmd"];

/// The bytes of an archive whose single member is all of this static library that its exported
/// symbols need.
pub(super) fn single_object(library: &Path) -> Result<Vec<u8>> {
    let exported = exported_symbols(library)?;
    if exported.is_empty() {
        bail!("{} exports no symbol", library.display());
    }
    let scratch = TempDir::new().context("a directory for the linker")?;
    let file = |name: &str| scratch.path().join(name);
    let stem = library.file_stem().unwrap_or_default().to_string_lossy();
    let object = file(&format!("{}.o", stem.trim_start_matches("lib")));

    // Lists in files: they may be long.
    let undefined = write(file("undefined"), &exported, "--undefined=")?;
    let mut link = Command::new("ld");
    link.args(["-r", "--gc-sections", "-o"]).arg(&object);
    quiet(link.arg(format!("@{}", undefined.display())).arg(library))?;

    let global = write(file("global"), &exported, "")?;
    let mut hide = Command::new("objcopy");
    hide.arg(format!("--keep-global-symbols={}", global.display()));
    hide.args(NOTES.iter().map(|section| format!("--remove-section={section}")));
    quiet(hide.arg(&object))?;

    let archive = file("archive.a");
    // `D`: no times and owners, so that the same object gives the same archive.
    quiet(Command::new("ar").arg("rcsD").arg(&archive).arg(&object))?;
    fs::read(&archive).context("the archive")
}

fn write(path: PathBuf, symbols: &[String], prefix: &str) -> Result<PathBuf> {
    let lines: String = symbols.iter().map(|symbol| format!("{prefix}{symbol}\n")).collect();
    fs::write(&path, lines).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// The symbols a static library is made for, sorted: defined, visible outside, with a name of C.
/// Rust's own are mangled, or hidden, or (those a C compiler calls by itself) weak.
fn exported_symbols(library: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(library).with_context(|| format!("cannot read {}", library.display()))?;
    let context = || format!("{} is no archive of ELF objects", library.display());
    let archive = ArchiveFile::parse(&*bytes).with_context(context)?;
    let mut symbols = Vec::new();
    for member in archive.members() {
        let data = member.and_then(|member| member.data(&*bytes)).with_context(context)?;
        // Rust's metadata is a member, too.
        let Ok(object) = ElfFile64::<LittleEndian>::parse(data) else { continue };
        symbols.extend(object.symbols().filter(is_exported).filter_map(|symbol| {
            let name = symbol.name().ok()?;
            (!is_mangled(name)).then(|| name.to_owned())
        }));
    }
    symbols.sort_unstable();
    symbols.dedup();
    Ok(symbols)
}

fn is_exported<'data, R: ReadRef<'data>>(
    symbol: &object::read::elf::ElfSymbol64<'data, '_, LittleEndian, R>,
) -> bool {
    let visibility = symbol.elf_symbol().st_visibility();
    symbol.is_definition()
        && !symbol.is_weak()
        && symbol.elf_symbol().st_bind() != STB_LOCAL
        && (visibility == STV_DEFAULT || visibility == STV_PROTECTED)
}

/// Whether a name is Rust's: mangled the old way or the new way, or of the standard library's own.
fn is_mangled(name: &str) -> bool {
    name.starts_with("_ZN")
        || name.starts_with("_R")
        || name.starts_with("rust_")
        || name.starts_with("__rust")
}

/// Checks that a shared library says the name it is staged under: programs linked to it look for that.
pub(super) fn check_soname(library: &Path, destination: &Path) -> Result<()> {
    let bytes = fs::read(library).with_context(|| format!("cannot read {}", library.display()))?;
    let object = ElfFile64::<LittleEndian>::parse(&*bytes)
        .with_context(|| format!("{} is no ELF file", library.display()))?;
    let table = object.elf_dynamic_table()?;
    let soname = table
        .iter()
        .find(|entry| entry.tag == object::elf::DT_SONAME)
        .map(|entry| table.string(entry))
        .transpose()?
        .map(|name| String::from_utf8_lossy(name).into_owned());
    let wanted = destination.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if soname.as_deref() != Some(&*wanted) {
        bail!(
            "{} has soname {}, but is staged as {wanted}; let its build.rs print \
             cargo::rustc-cdylib-link-arg=-Wl,-soname,{wanted}",
            library.display(),
            soname.as_deref().unwrap_or("(none)"),
        );
    }
    Ok(())
}
