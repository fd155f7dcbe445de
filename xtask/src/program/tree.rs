//! The sources of a program: unpacked, patched, configured, with what the recipe adds.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::recipe::{Dso, Recipe};
use super::source;
use super::unit::{self, Unit};
use crate::command::quiet;

/// The sources of a program, ready to be built.
pub(crate) struct Tree<'a> {
    /// What they are made after.
    pub(crate) recipe: &'a Recipe,
    /// The folder of this build. The sources are below `src`.
    folder: Utf8PathBuf,
    /// The translation units of each shared object, in the recipe's order.
    units: Vec<Vec<Unit>>,
}

/// One of the programs that are built from a tree.
pub(crate) struct Program<'a> {
    tree: &'a Tree<'a>,
    /// Its folder: rewritten sources below `out`, generated files, a folder for each variant.
    pub(crate) folder: Utf8PathBuf,
    /// Its shared objects, each behind those it is linked with, and what they consist of.
    pub(crate) parts: Vec<(&'a Dso, &'a [Unit])>,
}

/// A change to the upstream sources.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Patch<'a> {
    /// One of Debian's.
    Debian {
        /// The source it changes.
        source: &'a str,
        /// Its file.
        name: &'a str,
    },
    /// A file of the recipe's folder.
    Own(&'a str),
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
        if folder.exists() {
            fs_err::remove_dir_all(folder)?;
        }
        let folder = Utf8Path::from_path(folder).context("the path is not UTF-8")?.to_owned();
        let mut tree = Tree { recipe, folder, units: Vec::new() };
        for (name, source) in &recipe.text.source {
            let cache = source::fetch(source, progress)?;
            let place = tree.root().join(name);
            fs_err::create_dir_all(&place)?;
            let mut unpack = Command::new("tar");
            unpack.args(["--strip-components=1", "--no-same-owner", "-C"]).arg(&place);
            quiet(unpack.arg("-xf").arg(cache.join(&source.archive)))?;
            for patch in patches {
                if let Patch::Debian { source, name: patch } = patch
                    && source == name
                {
                    apply(&cache.join(patch), &place)?;
                }
            }
        }
        for patch in patches {
            if let Patch::Own(patch) = patch {
                apply(&recipe.folder.join(patch), &tree.root())?;
            }
        }
        let script = &recipe.text.configure.script;
        quiet(Command::new("sh").args(["-e", "-c", script]).current_dir(tree.root()))?;
        tree.add_own()?;
        tree.units = unit::collect(&tree)?;
        Ok(tree)
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

    /// One of the recipe's programs.
    ///
    /// # Errors
    /// The recipe has none of this name.
    pub(crate) fn program(&self, name: &str) -> Result<Program<'_>> {
        let files = self.recipe.text.programs.get(name);
        let files = files.with_context(|| format!("the recipe has no program {name}"))?;
        let all = self.recipe.text.dso.iter().zip(self.units.iter().map(Vec::as_slice));
        let parts = all.filter(|(dso, _)| files.contains(&dso.file)).collect();
        Ok(Program { tree: self, folder: self.folder.join(name), parts })
    }

    /// The folder of this build.
    pub(crate) fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// The folder of all sources, the rewriter's root directory.
    pub(crate) fn root(&self) -> Utf8PathBuf {
        self.folder.join("src")
    }

    /// The folder of the recipe's own sources.
    pub(super) fn own(&self) -> Utf8PathBuf {
        self.root().join("own")
    }
}

impl Program<'_> {
    /// The folder of all sources, the rewriter's root directory.
    pub(crate) fn root(&self) -> Utf8PathBuf {
        self.tree.root()
    }

    /// The folder of the recipe's own sources.
    pub(crate) fn own(&self) -> Utf8PathBuf {
        self.tree.own()
    }

    /// The folder of the rewritten sources.
    pub(super) fn rewritten(&self) -> Utf8PathBuf {
        self.folder.join("out")
    }
}

fn apply(patch: &Path, folder: &Utf8Path) -> Result<()> {
    ensure!(patch.exists(), "there is no patch {}", patch.display());
    let mut command = Command::new("patch");
    command.args(["-p1", "--forward", "--fuzz=0", "--no-backup-if-mismatch", "-i"]).arg(patch);
    quiet(command.current_dir(folder))?;
    Ok(())
}
