//! The sources of a program: unpacked, patched, configured, with what the recipe adds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::recipe::Recipe;
use super::{source, unit};
use crate::command::quiet;

/// The sources of a program, ready to be built.
pub(crate) struct Tree<'a> {
    /// What they are made after.
    pub(crate) recipe: &'a Recipe,
    /// The folder of this build: sources below `src`, rewritten ones below `out`.
    pub(crate) folder: Utf8PathBuf,
    /// The translation units of each shared object, in the recipe's order.
    pub(crate) units: Vec<Vec<unit::Unit>>,
}

/// A change to the upstream sources.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Patch<'a> {
    /// One of Debian's.
    Debian(&'a str),
}

impl<'a> Tree<'a> {
    /// Makes the sources anew in a folder.
    ///
    /// # Errors
    /// The sources cannot be fetched, patched or configured.
    pub(crate) fn prepare(
        recipe: &'a Recipe,
        patches: &[Patch<'_>],
        folder: &Path,
        progress: &dyn Fn(&str),
    ) -> Result<Tree<'a>> {
        let cache = source::fetch(recipe, progress)?;
        if folder.exists() {
            fs_err::remove_dir_all(folder)?;
        }
        let folder = Utf8Path::from_path(folder).context("the path is not UTF-8")?;
        let upstream = folder.join("src/upstream");
        fs_err::create_dir_all(&upstream)?;
        let mut unpack = Command::new("tar");
        unpack.args(["--strip-components=1", "--no-same-owner", "-C"]).arg(&upstream).arg("-xf");
        quiet(unpack.arg(cache.join(&recipe.text.source.archive)))?;
        for patch in patches {
            apply(&patch.path(&cache), &upstream)?;
        }
        let mut tree = Tree { recipe, folder: folder.to_owned(), units: Vec::new() };
        tree.configure(&upstream)?;
        tree.add_own()?;
        tree.units = unit::collect(&tree)?;
        Ok(tree)
    }

    fn configure(&self, upstream: &Utf8Path) -> Result<()> {
        let words = &self.recipe.text.configure.command;
        let (program, args) = words.split_first().context("the configure command is empty")?;
        quiet(Command::new(program).args(args).current_dir(upstream))?;
        Ok(())
    }

    /// Copies the recipe's own sources, and the headers beside them, next to upstream's.
    fn add_own(&self) -> Result<()> {
        let own = self.own();
        fs_err::create_dir_all(&own)?;
        for entry in fs_err::read_dir(&self.recipe.folder)? {
            let path = entry?.path();
            let extension = path.extension().unwrap_or_default();
            if extension == "c" || extension == "h" {
                let name = path.file_name().unwrap_or_default();
                fs_err::copy(&path, own.as_std_path().join(name))?;
            }
        }
        Ok(())
    }

    /// The folder of all sources, the rewriter's root directory.
    pub(super) fn root(&self) -> Utf8PathBuf {
        self.folder.join("src")
    }

    /// The folder of the rewritten sources.
    pub(super) fn rewritten(&self) -> Utf8PathBuf {
        self.folder.join("out")
    }

    /// The folder of the upstream sources.
    pub(super) fn upstream(&self) -> Utf8PathBuf {
        self.root().join("upstream")
    }

    /// The folder of the recipe's own sources.
    pub(super) fn own(&self) -> Utf8PathBuf {
        self.root().join(&self.recipe.name)
    }
}

impl Patch<'_> {
    fn path(self, cache: &Path) -> PathBuf {
        match self {
            Patch::Debian(name) => cache.join(name),
        }
    }
}

fn apply(patch: &Path, upstream: &Utf8Path) -> Result<()> {
    ensure!(patch.exists(), "there is no patch {}", patch.display());
    let mut command = Command::new("patch");
    command.args(["-p1", "--forward", "--fuzz=0", "--no-backup-if-mismatch", "-i"]).arg(patch);
    quiet(command.current_dir(upstream))?;
    Ok(())
}
