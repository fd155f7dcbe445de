//! The outside things this project uses, and getting those that are missing.

mod apt;
mod find;
mod table;

use anyhow::{Result, bail};
use vm::Kernel;

use crate::progress::Progress;
pub(crate) use find::on_path;
pub(crate) use table::NEEDS;

/// An outside thing.
pub(crate) struct Need {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is used for.
    pub(crate) why: &'static str,
    /// The Debian packages that bring it: of each group the first one that exists.
    pub(crate) packages: &'static [&'static [&'static str]],
    /// The tasks that need it.
    pub(crate) tasks: &'static [For],
    /// Looks for it.
    pub(crate) find: fn() -> Found,
}

/// A task that needs outside things.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum For {
    /// `./x stage`.
    Stage,
    /// `./x test`.
    Test,
    /// `./x demo`.
    Demo,
    /// `./x programs`.
    Programs,
}

/// What came of looking for a thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// It is there: where, or which version.
    Yes(String),
    /// It is missing, or too old, as the text says.
    No(String),
}

/// Sees to it that all a task needs is there, installing what is missing.
///
/// # Errors
/// Something is missing and cannot be installed; the message says what to type.
pub(crate) fn ensure(task: For) -> Result<()> {
    let missing: Vec<&Need> = NEEDS
        .iter()
        .filter(|need| need.tasks.contains(&task))
        .filter(|need| matches!((need.find)(), Found::No(_)))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    apt::install(&missing)?;
    let still: Vec<_> = missing
        .iter()
        .filter_map(|need| match (need.find)() {
            Found::Yes(_) => None,
            Found::No(reason) => Some(format!("{}: {reason}", need.name)),
        })
        .collect();
    if !still.is_empty() {
        bail!("installed, but still not usable:\n  {}", still.join("\n  "));
    }
    Ok(())
}

/// Fetches the kernel images that are not in the cache yet.
///
/// # Errors
/// One cannot be fetched.
pub(crate) fn ensure_kernels(kernels: &[Kernel]) -> Result<()> {
    for kernel in kernels {
        if kernel.cached()?.is_none() {
            let progress = Progress::new();
            kernel.fetch(&|step| progress.step(step))?;
        }
    }
    Ok(())
}
