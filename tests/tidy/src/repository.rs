//! The repository as the rules see it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

/// A file of the repository that holds text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TextFile {
    /// Its path from the root of the repository.
    pub path: String,
    /// What is in it.
    pub contents: String,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("this crate is two folders below the root").to_owned()
}

/// Every text file that git knows or would add.
///
/// # Errors
/// git cannot be run, or a file cannot be read.
pub fn text_files() -> Result<Vec<TextFile>> {
    let mut git = Command::new("git");
    // Also where the files belong to somebody else, as in a container.
    git.args(["-c", "safe.directory=*"]);
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.current_dir(root()).output().context("git ls-files")?;
    ensure!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr));
    let paths = String::from_utf8(output.stdout).context("a file's name is not UTF-8")?;
    let mut files = Vec::new();
    for path in paths.split('\0').filter(|path| !path.is_empty()) {
        // A file that is deleted but not yet committed so is still listed.
        let Ok(bytes) = fs::read(root().join(path)) else { continue };
        if let Ok(contents) = String::from_utf8(bytes) {
            files.push(TextFile { path: path.to_owned(), contents });
        }
    }
    ensure!(files.len() > 10, "git lists hardly any file");
    Ok(files)
}

/// What cargo knows of the host workspace and the runtime workspace.
///
/// # Errors
/// Those of cargo.
pub fn metadata() -> Result<[Metadata; 2]> {
    let of = |manifest: &str| {
        MetadataCommand::new()
            .manifest_path(root().join(manifest))
            .exec()
            .with_context(|| format!("cargo metadata of {manifest}"))
    };
    Ok([of("Cargo.toml")?, of("runtime/Cargo.toml")?])
}
