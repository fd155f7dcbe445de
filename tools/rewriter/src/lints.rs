//! Warnings by name: which are shown, which not, and which are errors.

use std::collections::BTreeMap;
use std::fmt;

use diagnostics::{Code, Diagnostic, Severity, codes};

/// A warning that can be switched.
struct Lint {
    name: &'static str,
    code: Code,
    about: &'static str,
}

/// All of them. They are on, unless switched off.
const LINTS: [Lint; 9] = [
    Lint {
        name: "private-pointer",
        code: codes::PRIVATE_POINTER_CROSSES,
        about: "the address of a private variable is passed to another compartment",
    },
    Lint {
        name: "errno",
        code: codes::ERRNO_ACROSS,
        about: "errno is looked at after a call into another compartment",
    },
    Lint {
        name: "variadic",
        code: codes::VARIADIC_ACROSS,
        about: "a function with a variable number of arguments is called across compartments",
    },
    Lint {
        name: "function-cast",
        code: codes::FUNCTION_POINTER_CAST,
        about: "a function pointer is cast to another function-pointer type",
    },
    Lint {
        name: "copies",
        code: codes::COPIED_VARIABLE,
        about: "several compartments have a variable from one source each",
    },
    Lint {
        name: "interposed",
        code: codes::INTERPOSED,
        about: "several compartments define something of one name, each in its own way",
    },
    Lint {
        name: "include-outside",
        code: codes::INCLUDE_LEADS_OUT,
        about: "a header outside the root is included by a path relative to a rewritten file",
    },
    Lint { name: "unknown-flag", code: codes::FLAG_UNKNOWN, about: "a compiler flag is not known" },
    Lint {
        name: "stale-output",
        code: codes::STALE_OUTPUT,
        about: "a file of an earlier run stays because it was changed by hand",
    },
];

/// What becomes of a warning.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Level {
    Off,
    Warning,
    Error,
}

/// The levels of all warnings.
#[derive(Clone, Debug)]
pub(crate) struct Lints(BTreeMap<Code, Level>);

/// There is no warning of this name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UnknownLint(String);

impl fmt::Display for UnknownLint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no warning `{}`; `-W help` lists them", self.0)
    }
}

impl Lints {
    /// The levels that the values of `-W` ask for; later ones count more.
    pub(crate) fn new(flags: &[String]) -> Result<Lints, UnknownLint> {
        let mut levels: BTreeMap<Code, Level> =
            LINTS.iter().map(|lint| (lint.code, Level::Warning)).collect();
        for flag in flags {
            let (name, level) = match (flag.strip_prefix("no-"), flag.strip_prefix("error=")) {
                (Some(name), _) => (name, Level::Off),
                (_, Some(name)) => (name, Level::Error),
                _ if flag == "error" => ("all", Level::Error),
                _ => (flag.as_str(), Level::Warning),
            };
            let named: Vec<Code> = LINTS
                .iter()
                .filter(|lint| lint.name == name || name == "all")
                .map(|lint| lint.code)
                .collect();
            if named.is_empty() {
                return Err(UnknownLint(flag.clone()));
            }
            levels.extend(named.into_iter().map(|code| (code, level)));
        }
        Ok(Lints(levels))
    }

    /// The diagnostic as it is to be shown; `None` if it is not.
    pub(crate) fn apply(&self, mut diagnostic: Diagnostic) -> Option<Diagnostic> {
        if diagnostic.severity != Severity::Warning {
            return Some(diagnostic);
        }
        match self.0.get(&diagnostic.code) {
            Some(Level::Off) => None,
            Some(Level::Error) => {
                diagnostic.severity = Severity::Error;
                Some(diagnostic)
            }
            Some(Level::Warning) | None => Some(diagnostic),
        }
    }

    /// Names and meanings.
    pub(crate) fn list() -> String {
        let line = |lint: &Lint| format!("{:16} {}: {}\n", lint.name, lint.code, lint.about);
        LINTS.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_flags_count_more() {
        let shown = |flags: &[&str]| {
            let flags: Vec<String> = flags.iter().map(|&flag| flag.to_owned()).collect();
            let warning = Diagnostic::warning(codes::ERRNO_ACROSS, "odd");
            Lints::new(&flags).map(|lints| lints.apply(warning).map(|shown| shown.severity))
        };
        assert_eq!(shown(&[]), Ok(Some(Severity::Warning)));
        assert_eq!(shown(&["no-errno"]), Ok(None));
        assert_eq!(shown(&["no-all", "errno"]), Ok(Some(Severity::Warning)));
        assert_eq!(shown(&["error", "no-variadic"]), Ok(Some(Severity::Error)));
        assert_eq!(shown(&["error=errno"]), Ok(Some(Severity::Error)));
        assert_eq!(shown(&["no-such"]), Err(UnknownLint("no-such".to_owned())));
    }
}
