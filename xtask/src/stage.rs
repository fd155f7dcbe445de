//! `./x stage`: builds what users' builds refer to and puts it below `build/`.

mod archive;
mod artifact;
mod place;

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::command;
use crate::needs::{self, For};
use crate::progress::Progress;
use crate::workspace::{Workspace, root};
use artifact::Kind;
use place::Mode;

/// What is staged: one line each. Paths are below `build/` and are part of the users' contract.
const STAGED: &[Staged] = &[
    Staged { package: "ia2-rewriter", product: Product::Tool, path: "tools/rewriter/ia2-rewriter" },
    Staged { package: "pad-tls", product: Product::Tool, path: "tools/pad-tls/pad-tls" },
    Staged { package: "libia2", product: Product::Archive, path: "runtime/libia2/liblibia2.a" },
    Staged {
        package: "partition-alloc",
        product: Product::SharedLibrary,
        path: "runtime/partition-alloc/libpartition-alloc.so",
    },
];

/// Something that is built and put below `build/`.
struct Staged {
    /// The cargo package.
    package: &'static str,
    /// What it becomes.
    product: Product,
    /// Where it goes.
    path: &'static str,
}

/// What becomes of a package.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Product {
    /// A program for the developer's machine, of the host workspace.
    Tool,
    /// A static library of one relocatable object, of the runtime workspace.
    Archive,
    /// A shared library, of the runtime workspace.
    SharedLibrary,
}

impl Product {
    fn workspace(self) -> Workspace {
        match self {
            Product::Tool => Workspace::Host,
            Product::Archive | Product::SharedLibrary => Workspace::Runtime,
        }
    }

    fn mode(self) -> Mode {
        match self {
            Product::Tool => Mode::Program,
            Product::Archive | Product::SharedLibrary => Mode::Data,
        }
    }

    fn kind(self) -> Kind {
        match self {
            Product::Tool => Kind::Program,
            Product::Archive => Kind::StaticLibrary,
            Product::SharedLibrary => Kind::SharedLibrary,
        }
    }
}

/// Builds everything and says what changed.
pub(crate) fn run() -> Result<ExitCode> {
    needs::ensure(For::Stage)?;
    let cargo_in = |workspace: Workspace| command::cargo(&workspace.folder());
    stage(STAGED, &cargo_in, &root().join("build"))?;
    Ok(ExitCode::SUCCESS)
}

/// Builds these with the cargo of each workspace and puts them below `build`.
fn stage(staged: &[Staged], cargo_in: &dyn Fn(Workspace) -> Command, build: &Path) -> Result<()> {
    for workspace in Workspace::ALL {
        let here: Vec<_> =
            staged.iter().filter(|staged| staged.product.workspace() == workspace).collect();
        if here.is_empty() {
            continue;
        }
        let packages: Vec<_> = here.iter().map(|staged| staged.package).collect();
        let artifacts = artifact::build(cargo_in(workspace), &packages)?;
        let progress = Progress::new();
        for Staged { package, product, path } in here {
            let built = artifacts.find(package, product.kind())?;
            let destination = build.join(path);
            let bytes = match product {
                Product::Tool => read(built)?,
                Product::Archive => archive::single_object(built)?,
                Product::SharedLibrary => {
                    archive::check_soname(built, &destination)?;
                    read(built)?
                }
            };
            let change = place::write(&destination, &bytes, product.mode())?;
            progress.keep(&format!("build/{path}: {change}"));
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests;
