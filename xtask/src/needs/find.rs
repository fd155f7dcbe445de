//! Looking for things.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::Found;
use crate::command::answer;

/// A program whose `--version` must say at least this major version.
pub(super) fn version(program: &str, least: u32) -> Found {
    let Some(text) = answer(program, &["--version"]) else {
        return Found::No(format!("{program} not found"));
    };
    match major(&text) {
        Some(version) if version >= least => Found::Yes(first_line(&text)),
        Some(version) => Found::No(format!("{program} {version} is too old: {least} or newer")),
        None => Found::No(format!("{program} --version says no version: {}", first_line(&text))),
    }
}

/// A program of LLVM, which may carry its version in its name: the preferred version if it is there,
/// else the newest.
pub(super) fn newest(program: &str, least: u32, preferred: u32) -> Found {
    let numbered = (least..preferred + 10).rev().map(|version| format!("{program}-{version}"));
    let names = std::iter::once(format!("{program}-{preferred}"))
        .chain(numbered)
        .chain([program.to_owned()]);
    let mut found = Found::No(format!("{program} not found"));
    for name in names {
        match version(&name, least) {
            Found::Yes(version) => return Found::Yes(format!("{name}: {version}")),
            Found::No(reason) if on_path(&name).is_some() => found = Found::No(reason),
            Found::No(_) => {}
        }
    }
    found
}

/// Several programs.
pub(super) fn all(programs: &[&str]) -> Found {
    let missing: Vec<_> =
        programs.iter().copied().filter(|program| on_path(program).is_none()).collect();
    if missing.is_empty() {
        Found::Yes(programs.join(", "))
    } else {
        Found::No(format!("{} not found", missing.join(", ")))
    }
}

/// The oldest libclang the rewriter works with.
const LIBCLANG_LEAST: u32 = 14;
/// From here on it gives the kinds of operators, which otherwise are found in the text.
const LIBCLANG_PREFERRED: u32 = 17;

/// libclang, where distributions put it.
pub(super) fn libclang() -> Found {
    let directories = env::var_os("LIBCLANG_PATH")
        .into_iter()
        .map(PathBuf::from)
        .chain(llvm_directories())
        .chain(
            ["/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib"]
                .map(PathBuf::from),
        );
    let best = directories.flat_map(|directory| libclangs_in(&directory)).max();
    match best {
        Some((version, path)) if !has_own_headers(&path) => Found::No(format!(
            "{} is version {version}, but the headers of that compiler (stddef.h) are missing",
            path.display()
        )),
        Some((version, path)) if version >= LIBCLANG_LEAST => {
            let note = if version < LIBCLANG_PREFERRED { " (17 or newer is better)" } else { "" };
            Found::Yes(format!("{version}{note}: {}", path.display()))
        }
        Some((version, path)) => {
            let path = path.display();
            Found::No(format!("{path} is version {version}: {LIBCLANG_LEAST} or newer"))
        }
        None => {
            Found::No("libclang not found (LIBCLANG_PATH names a directory with it)".to_owned())
        }
    }
}

/// The library directories of every installed LLVM.
fn llvm_directories() -> Vec<PathBuf> {
    entries(Path::new("/usr/lib"))
        .filter(|path| name(path).starts_with("llvm-"))
        .map(|path| path.join("lib"))
        .collect()
}

/// The libclangs of a directory, with their versions.
fn libclangs_in(directory: &Path) -> Vec<(u32, PathBuf)> {
    let versioned = |path: PathBuf| {
        let name = name(&path);
        let rest = name.strip_prefix("libclang")?;
        if !rest.contains(".so") || rest.starts_with("-cpp") {
            return None;
        }
        // `libclang-19.so.19`, `libclang.so.19.1.7`; a bare `libclang.so.1` leads to one of these.
        let real = path.canonicalize().ok()?;
        Some((major(self::name(&real).strip_prefix("libclang")?)?, path))
    };
    entries(directory).filter_map(versioned).collect()
}

/// Whether the headers that the compiler brings are where libclang looks for them: in
/// `clang/VERSION/include`, beside it or a folder above.
fn has_own_headers(libclang: &Path) -> bool {
    let real = libclang.canonicalize().unwrap_or_else(|_| libclang.to_owned());
    let near = [libclang, &real].into_iter().flat_map(|path| path.ancestors().skip(1).take(2));
    let mut versions = near.flat_map(|directory| entries(&directory.join("clang")));
    versions.any(|version| version.join("include/stddef.h").exists())
}

fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A program in the search path.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(program)).find(|path| path.is_file())
}

/// The first number in a text that stands where versions stand: after a space, dash, dot or paren.
fn major(text: &str) -> Option<u32> {
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() && matches!(before, ' ' | '-' | '.' | '\t') {
            let end = text[at..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| at + n);
            return text[at..end].parse().ok();
        }
        before = c;
    }
    None
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_programs_say() {
        for (text, version) in [
            ("gcc (Debian 12.2.0-14+deb12u1) 12.2.0", 12),
            ("Debian clang version 19.1.7 (3~deb12u1)", 19),
            ("Debian LLD 19.1.7 (compatible with GNU linkers)", 19),
            ("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7)", 7),
            ("bear 3.1.1", 3),
            ("1.11.1", 1),
            ("GNU Make 4.3", 4),
            ("-19.so.19", 19),
            (".so.17.0.6", 17),
        ] {
            assert_eq!(major(text), Some(version), "{text}");
        }
        assert_eq!(major("x86_64 only"), None);
    }

    #[test]
    fn too_old_and_missing_are_told_apart() {
        assert!(matches!(version("make", 1), Found::Yes(_)));
        let old = Found::No("make 4 is too old: 99 or newer".to_owned());
        assert_eq!(version("make", 99), old);
        let missing = Found::No("no-such-program not found".to_owned());
        assert_eq!(version("no-such-program", 1), missing);
        assert_eq!(newest("no-such-program", 16, 19), missing);
        let missing = Found::No("no-such-program not found".to_owned());
        assert_eq!(all(&["sh", "no-such-program"]), missing);
    }

    #[test]
    fn libclang_is_known_by_its_file() {
        let scratch = tempfile::tempdir().unwrap();
        let file = |name: &str| fs::write(scratch.path().join(name), "").unwrap();
        file("libclang-19.so.19");
        file("libclang-16.so.16.0.6");
        file("libclang-cpp.so.19");
        file("libclang.a");
        let link = scratch.path().join("libclang.so.1");
        std::os::unix::fs::symlink("libclang-16.so.16.0.6", link).unwrap();
        let mut versions: Vec<_> =
            libclangs_in(scratch.path()).into_iter().map(|(version, _)| version).collect();
        versions.sort_unstable();
        assert_eq!(versions, [16, 16, 19]);
    }
}
