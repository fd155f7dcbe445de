//! The library as it ships.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Builds the library as it ships, and says where it is. (Cargo builds a package's library for its
/// tests only if they can link it, which they cannot: it has a panic handler of its own.)
pub(crate) fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--release", "--quiet", "--package", "partition-alloc"])
            .arg("--target-dir")
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the library does not build");
        target.join("release/libpartition_alloc.so")
    })
}
