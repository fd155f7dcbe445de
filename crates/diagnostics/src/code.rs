//! Codes of diagnostics.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::codes;

/// The code of a kind of diagnostic, shown as `IA2012`.
///
/// Codes are made in one place only, the tables of [`codes`]; a code is never used again for
/// something else, because users search for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(u16);

impl Code {
    /// For the tables of [`codes`] only: everybody else names a constant from there.
    pub(crate) const fn new(number: u16) -> Code {
        Code(number)
    }

    /// The four digits.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// What the code means, at length.
    pub fn explanation(self) -> &'static Explanation {
        codes::all().find(|entry| entry.code == self).expect("codes are made by the tables only")
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IA{:04}", self.0)
    }
}

/// There is no diagnostic with this code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownCode(pub String);

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not the code of a diagnostic; codes look like IA2001", self.0)
    }
}

impl std::error::Error for UnknownCode {}

impl FromStr for Code {
    type Err = UnknownCode;

    /// Reads `IA2012`, also in lower case.
    fn from_str(text: &str) -> Result<Code, UnknownCode> {
        codes::all()
            .map(|entry| entry.code)
            .find(|code| code.to_string().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownCode(text.to_owned()))
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// The entry of a code in its table.
#[derive(Debug)]
pub struct Explanation {
    pub(crate) code: Code,
    pub(crate) name: &'static str,
    pub(crate) documentation: &'static str,
}

impl Explanation {
    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The name of the constant in [`codes`].
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it is about, in one line.
    pub fn title(&self) -> &'static str {
        self.documentation.lines().next().unwrap_or_default().trim()
    }

    /// The long explanation in Markdown, with an example.
    pub fn markdown(&self) -> String {
        let mut markdown = String::new();
        for line in self.documentation.lines().skip_while(|line| !line.trim().is_empty()).skip(1) {
            // A documentation comment keeps the space after its slashes.
            markdown.push_str(line.strip_prefix(' ').unwrap_or(line));
            markdown.push('\n');
        }
        markdown
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "# {}: {}\n\n{}", self.code, self.title(), self.markdown())
    }
}
