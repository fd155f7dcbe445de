//! Paths: what a command's relative paths mean, and one name for each file.

use std::io;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// What this crate asks of a file system; a trait so that tests need none.
pub trait FileSystem {
    /// The absolute path of an existing file or directory without symbolic links, `.` and `..`.
    fn canonicalize(&self, path: &Utf8Path) -> io::Result<Utf8PathBuf>;

    /// The content of a file.
    fn read(&self, path: &Utf8Path) -> io::Result<Vec<u8>>;
}

/// The file system of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl FileSystem for Disk {
    fn canonicalize(&self, path: &Utf8Path) -> io::Result<Utf8PathBuf> {
        path.canonicalize_utf8()
    }

    fn read(&self, path: &Utf8Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }
}

/// The canonical form of `path`, taken relative to `base`, as far as it exists: what is not there
/// (yet) is appended as written, without its `.` and `..`.
pub fn canonical(files: &dyn FileSystem, base: &Utf8Path, path: &Utf8Path) -> Utf8PathBuf {
    let full = base.join(path);
    if let Ok(canonical) = files.canonicalize(&full) {
        return canonical;
    }
    let mut result = Utf8PathBuf::new();
    for component in full.components() {
        match component {
            Utf8Component::CurDir => {}
            // What is there is canonical already, so `..` takes away its last component.
            Utf8Component::ParentDir => {
                result.pop();
            }
            _ => {
                result.push(component);
                if let Ok(canonical) = files.canonicalize(&result) {
                    result = canonical;
                }
            }
        }
    }
    result
}

/// The path without its `.` and `..`, as text: symbolic links are not looked at.
pub(crate) fn without_dots(path: &Utf8Path) -> Utf8PathBuf {
    let mut result = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                result.pop();
            }
            _ => result.push(component),
        }
    }
    result
}

/// Like [`canonical`], but only for the directory: the name of the file itself stays, even if it is
/// a symbolic link. This is what a compiler has to be given, because it searches `#include "…"` in
/// the directory of the name, not of the link's target.
pub fn in_canonical_directory(
    files: &dyn FileSystem,
    base: &Utf8Path,
    path: &Utf8Path,
) -> Utf8PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => canonical(files, base, parent).join(name),
        _ => canonical(files, base, path),
    }
}
