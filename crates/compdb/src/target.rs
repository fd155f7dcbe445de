//! The machine a command compiles for.

use diagnostics::Span;
use thiserror::Error;

use crate::command::Command;

/// The command does not compile for x86-64 Linux.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("`{argument}` is not for x86-64 Linux")]
pub struct UnsupportedTarget {
    /// The flag or compiler that says so, as written in the command.
    pub argument: String,
    /// Its place in the database.
    pub at: Span,
}

const WORD_SIZES: [&str; 5] = ["-m16", "-m32", "-m64", "-miamcu", "-mx32"];

impl Command {
    /// Checks that code for x86-64 Linux comes out: by the name of the compiler, the last
    /// `--target=` and the last of `-m32`, `-mx32` and `-m64`. What a bare `gcc` compiles for cannot
    /// be seen from here.
    pub fn check_target(&self) -> Result<(), UnsupportedTarget> {
        let unsupported = |argument: &str| {
            let at = self.origin().locate(argument);
            Err(UnsupportedTarget { argument: argument.to_owned(), at })
        };
        if let Some(size) = self.uses(&WORD_SIZES).next_back().filter(|size| size.name != "-m64") {
            return unsupported(&size.argument.text);
        }
        if let Some(target) = self.uses(&["--target="]).next_back() {
            let supported = is_x86_64_linux(target.value);
            return if supported { Ok(()) } else { unsupported(&target.argument.text) };
        }
        match self.driver().target() {
            // A name like `musl-gcc` has no target in front, one like `aarch64-linux-gnu-gcc` has.
            Some(target) if target.contains('-') && !is_x86_64_linux(target) => {
                unsupported(self.driver().program())
            }
            _ => Ok(()),
        }
    }
}

/// Whether a target triple is x86-64 Linux with the ordinary ABI.
fn is_x86_64_linux(triple: &str) -> bool {
    let mut parts = triple.split('-');
    let is_x86_64 = parts.next().is_some_and(|arch| ["x86_64", "amd64"].contains(&arch));
    let rest: Vec<&str> = parts.collect();
    is_x86_64 && rest.contains(&"linux") && !rest.iter().any(|part| part.ends_with("x32"))
}
