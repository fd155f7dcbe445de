//! What the tests of `pad-tls` share: running it, and a program that tries the result.

#[path = "../../../../crates/elf/tests/support/toolchain.rs"]
#[allow(dead_code, reason = "shared with the tests of another crate; neither uses all of it")]
pub(crate) mod toolchain;

#[allow(dead_code, reason = "each test file is a crate of its own and uses a part")]
pub(crate) mod program;

use std::path::Path;
use std::process::{Command, Output};

/// The program under test.
pub(crate) const PAD_TLS: &str = env!("CARGO_BIN_EXE_pad-tls");

/// Runs `pad-tls` with these arguments.
#[allow(dead_code, reason = "each test file is a crate of its own and uses a part")]
pub(crate) fn pad_tls<I: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = I>) -> Output {
    Command::new(PAD_TLS).args(arguments).output().expect("pad-tls starts")
}

/// Pads a file, which must work, and returns what was printed.
pub(crate) fn pad(file: &Path) -> String {
    toolchain::run(Command::new(PAD_TLS).arg(file))
}
