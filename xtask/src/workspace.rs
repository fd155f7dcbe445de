//! Where things are.

use std::path::{Path, PathBuf};

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the repository")
}

/// One of the two workspaces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Workspace {
    /// What runs on the developer's machine.
    Host,
    /// What runs inside the compartmentalized program.
    Runtime,
}

impl Workspace {
    /// Both.
    pub(crate) const ALL: [Workspace; 2] = [Workspace::Host, Workspace::Runtime];

    /// Its name in messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Workspace::Host => "host",
            Workspace::Runtime => "runtime",
        }
    }

    /// The folder of its Cargo.toml.
    pub(crate) fn folder(self) -> PathBuf {
        match self {
            Workspace::Host => root().to_owned(),
            Workspace::Runtime => root().join("runtime"),
        }
    }
}
