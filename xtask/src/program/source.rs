//! Fetching upstream sources and Debian's patches, once.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use debian::{Apt, Archive, Content, Suite, cache};
use sha2::{Digest, Sha256};

use super::recipe::Source;
use crate::command::quiet;

/// The release that carries the versions which the recipes name.
const SUITE: Suite = Suite { archive: Archive::Main, name: "bookworm" };

/// The folder in the cache with the archive and the patches of a source, all checked.
///
/// # Errors
/// They are not in the cache and cannot be fetched, or are not what the recipe expects.
pub(super) fn fetch(source: &Source, progress: &dyn Fn(&str)) -> Result<PathBuf> {
    cache::entry(&entry_name(source), progress, |scratch, entry| {
        download(source, scratch, entry, progress)
    })
}

/// A name that is another one whenever the recipe names other files.
fn entry_name(source: &Source) -> String {
    let mut all = Sha256::new();
    all.update(&source.sha256);
    for (name, patch) in &source.debian_patches {
        all.update(name);
        all.update(&patch.sha256);
    }
    format!("source-{}-{}", source.package, &hex(&all.finalize())[..16])
}

fn download(source: &Source, scratch: &Path, entry: &Path, progress: &dyn Fn(&str)) -> Result<()> {
    let package = &source.package;
    progress(&format!("{package}: reading Debian's lists of sources"));
    let apt = Apt::new(scratch, &[SUITE], Content::Sources)?;
    progress(&format!("{package}: downloading its sources"));
    apt.run("apt-get", &["source", "--download-only", package])?;

    let archive = scratch.join(&source.archive);
    check(&archive, &source.sha256)?;
    fs_err::copy(&archive, entry.join(&source.archive))?;
    if source.debian_patches.is_empty() {
        return Ok(());
    }
    let packaging = packaging(scratch)?;
    let mut unpack = Command::new("tar");
    quiet(unpack.arg("-C").arg(scratch).arg("-xf").arg(packaging).arg("debian/patches"))?;
    for (name, patch) in &source.debian_patches {
        let path = scratch.join("debian/patches").join(name);
        check(&path, &patch.sha256)?;
        fs_err::copy(&path, entry.join(name))?;
    }
    Ok(())
}

/// Debian's own part of the source package.
fn packaging(scratch: &Path) -> Result<PathBuf> {
    for found in fs_err::read_dir(scratch)? {
        let path = found?.path();
        if path.to_string_lossy().contains(".debian.tar.") {
            return Ok(path);
        }
    }
    bail!("apt-get source left no .debian.tar file")
}

/// Fails unless a file has this SHA-256.
fn check(path: &Path, expected: &str) -> Result<()> {
    let contents = fs_err::read(path).context("Debian has another version now")?;
    let found = hex(&Sha256::digest(contents));
    if found != expected {
        let name = path.file_name().unwrap_or_default().display();
        bail!("{name} has SHA-256 {found}, but the recipe expects {expected}");
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_contents() {
        let scratch = tempfile::tempdir().unwrap();
        let path = scratch.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        // FIPS 180-4, appendix B.1.
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        check(&path, sum).unwrap();
        std::fs::write(&path, "abd").unwrap();
        let text = check(&path, sum).unwrap_err().to_string();
        assert!(text.starts_with("a has SHA-256 ") && text.contains("recipe expects"), "{text}");
    }
}
