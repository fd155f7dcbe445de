//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Grow the TLS segment of shared objects so that their TLS pages can carry a protection key.
///
/// Needed for shared objects that were not linked with padding.ld: libraries that are pulled into a
/// compartment as they are, and their neighbours, libc.so.6 included. Offsets of thread-local
/// variables stay as they are, so nothing needs to be built again. A file that is padded already is
/// left untouched.
///
/// A padded object that is loaded late, with dlopen(3), and reaches its variables by fixed offsets
/// (initial-exec) needs room in the static TLS area: set GLIBC_TUNABLES=glibc.rtld.optional_static_tls
/// to a few pages per such object.
#[derive(Parser)]
#[command(version)]
pub(crate) struct Args {
    /// Accept files without thread-local storage, and leave them as they are.
    #[arg(long)]
    allow_no_tls: bool,

    /// Shared objects to pad, in place. A symbolic link stands for its target.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// What to do with a file that has no thread-local storage.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingTls {
    /// Leave it as it is.
    Accept,
    /// Refuse it.
    Refuse,
}

impl Args {
    pub(crate) fn missing_tls(&self) -> MissingTls {
        if self.allow_no_tls { MissingTls::Accept } else { MissingTls::Refuse }
    }
}
