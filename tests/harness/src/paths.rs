//! Where things are in the repository.

use std::path::{Path, PathBuf};

/// The root of the repository, `$IA2_PATH` of the guide.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("tests/harness is two levels down").to_owned()
}

/// The rewriter as it is staged.
pub fn rewriter() -> PathBuf {
    root().join("build/tools/rewriter/ia2-rewriter")
}

/// Where builds of cases go; kept, so that a failure can be looked at.
pub fn scratch() -> PathBuf {
    target_directory().join("tmp/cases")
}

/// Where builds of attacks go.
pub fn attack_scratch() -> PathBuf {
    target_directory().join("tmp/attacks")
}

/// cargo's target directory: the test program is in `<target>/<profile>/deps`.
pub fn target_directory() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    program.ancestors().nth(3).expect("test programs are below the target directory").to_owned()
}
