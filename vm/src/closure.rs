//! Everything a job needs to find in the machine it runs on: programs, the libraries they need, input
//! files, and the directories and links that lead to them.

mod elf;
mod ldcache;
mod script;
mod search;
mod tree;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::error::Error;
use search::{Process, Search};
pub(crate) use tree::{HostNode, Tree};

/// The files a job needs, collected.
pub(crate) struct Closure {
    search: Search,
    /// The process the job starts as.
    process: Option<Process>,
    tree: Tree,
    /// Programs and libraries whose own needs have been added.
    done: BTreeSet<PathBuf>,
}

/// The variables of a job's environment that tell the dynamic linker where to look.
pub(crate) struct LinkerVariables<'a> {
    /// `LD_LIBRARY_PATH`.
    pub(crate) library_path: Option<&'a OsStr>,
    /// `LD_PRELOAD`.
    pub(crate) preload: Option<&'a OsStr>,
}

impl Closure {
    /// An empty collection for a job with this working directory and environment.
    pub(crate) fn new(cwd: &Path, variables: &LinkerVariables<'_>) -> Result<Closure, Error> {
        let mut tree = Tree::default();
        tree.add(cwd)?;
        let search = Search::new(cwd, variables)?;
        // The job's own dynamic linker looks in the same cache.
        if search.has_cache() {
            tree.add(Path::new(ldcache::CACHE))?;
        }
        Ok(Closure { search, process: None, tree, done: BTreeSet::new() })
    }

    /// Adds the program of the job.
    pub(crate) fn add_program(&mut self, path: &Path) -> Result<(), Error> {
        // Without this, a text file would be run as a shell script, as `execvp(3)` does.
        if script::interpreter(path)?.is_none() && !elf::is_elf(path)? {
            let reason = "neither an ELF program nor a script that begins with #!".to_owned();
            return Err(Error::NotStarted { program: path.to_owned(), reason });
        }
        self.add(path)
    }

    /// Adds a program, an object to be opened with `dlopen`, a script, or any other file; with the
    /// libraries and interpreters it needs. A directory is added with all that is below it, and what
    /// programs and libraries there need, as far as it is there: the job may not use them at all.
    pub(crate) fn add(&mut self, path: &Path) -> Result<(), Error> {
        self.tree.add(path)?;
        if path.is_dir() {
            for file in self.tree.add_below(path)? {
                self.add_needs(&file)?;
            }
            return Ok(());
        }
        if !self.done.insert(path.to_owned()) {
            return Ok(());
        }
        if let Some(interpreter) = script::interpreter(path)? {
            return self.add(&interpreter);
        }
        for needed in self.search.load(path, &mut self.process)? {
            self.tree.add(&needed)?;
        }
        Ok(())
    }

    /// Adds what a program or library needs that may or may not be used.
    fn add_needs(&mut self, path: &Path) -> Result<(), Error> {
        if !matches!(elf::is_elf(path), Ok(true)) || !self.done.insert(path.to_owned()) {
            return Ok(());
        }
        // As a program of its own; else as one that the job's program opens.
        let alone = self.search.load(path, &mut None);
        let needs = alone.or_else(|_| self.search.load(path, &mut self.process));
        for needed in needs.unwrap_or_default() {
            self.tree.add(&needed)?;
        }
        Ok(())
    }

    /// All that was added.
    pub(crate) fn into_tree(self) -> Tree {
        self.tree
    }
}
