//! Scripts: files that begin with `#!` and the path of their interpreter (`execve(2)`).

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// How much of a script's first line the kernel reads (`BINPRM_BUF_SIZE`).
const FIRST_LINE: u64 = 256;

/// The interpreter of a script; `None` for a file that is no script.
pub(super) fn interpreter(path: &Path) -> Result<Option<PathBuf>, Error> {
    let mut start = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FIRST_LINE).read_to_end(&mut start))
        .map_err(Error::file(path))?;
    Ok(interpreter_in(&start))
}

fn interpreter_in(start: &[u8]) -> Option<PathBuf> {
    let line = start.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    let word = line
        .trim_ascii_start()
        .split(u8::is_ascii_whitespace)
        .next()
        .filter(|word| word.starts_with(b"/"))?;
    Some(PathBuf::from(OsStr::from_bytes(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_is_the_interpreter() {
        let of = |text: &str| interpreter_in(text.as_bytes());
        assert_eq!(of("#!/bin/sh\nexit"), Some("/bin/sh".into()));
        assert_eq!(of("#! /usr/bin/env python3\n"), Some("/usr/bin/env".into()));
        assert_eq!(of("#!/bin/sh"), Some("/bin/sh".into()));
        assert_eq!(of("\x7fELF"), None);
        assert_eq!(of("#!\n/bin/sh"), None);
        assert_eq!(of(""), None);
    }
}
