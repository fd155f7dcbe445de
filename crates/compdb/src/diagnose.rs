//! Errors as diagnostics, with advice.

use diagnostics::{Diagnostic, codes};

use crate::analysis::{RefusedFlag, UnknownFlag};
use crate::command::CommandError;
use crate::compiler::{CompilerKind, UnknownCompiler};
use crate::database::{DatabaseError, NotInDatabase};
use crate::inputs::NotC;
use crate::pkey::PkeyError;
use crate::record::DatabaseTextError;
use crate::target::UnsupportedTarget;
use crate::vector::UnknownVectorLevel;

impl From<&DatabaseError> for Diagnostic {
    fn from(error: &DatabaseError) -> Diagnostic {
        let message = error.to_string();
        match error {
            DatabaseError::NotFound { searched } => {
                let searched: Vec<&str> = searched.iter().map(|path| path.as_str()).collect();
                Diagnostic::error(codes::DATABASE_NOT_FOUND, message)
                    .note(format!("looked in {}", searched.join(", ")))
                    .help("record one with `bear -- make`, or name its directory with `-p`")
            }
            DatabaseError::Unreadable { .. } => {
                Diagnostic::error(codes::DATABASE_UNREADABLE, message)
                    .help("make it readable, or record the build again")
            }
            DatabaseError::Text(text) => text.into(),
        }
    }
}

impl From<&DatabaseTextError> for Diagnostic {
    fn from(error: &DatabaseTextError) -> Diagnostic {
        use DatabaseTextError as E;
        let message = error.to_string();
        let (code, at) = match error {
            E::TooLarge { database } => {
                return Diagnostic::error(codes::DATABASE_UNREADABLE, message)
                    .note(format!("the database is {database}"));
            }
            E::NotUtf8 { at } | E::NotJson { at, .. } => (codes::DATABASE_NOT_JSON, at),
            E::NotAnArray { at, .. }
            | E::NotAnObject { at, .. }
            | E::Missing { at, .. }
            | E::WrongType { at, .. } => (codes::DATABASE_MALFORMED, at),
        };
        Diagnostic::error(code, message)
            .at(at.clone())
            .help("record the build again, or correct the file")
    }
}

impl From<&NotInDatabase> for Diagnostic {
    fn from(error: &NotInDatabase) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(codes::SOURCE_NOT_IN_DATABASE, error.to_string());
        if !error.namesakes.is_empty() {
            let others: Vec<&str> = error.namesakes.iter().map(|path| path.as_str()).collect();
            diagnostic = diagnostic.note(format!("the database has {}", others.join(", ")));
        }
        diagnostic.help(
            "compile it while recording, for example with `bear --append -- make`; if it is a part of a \
             unity build, name the source that includes it instead",
        )
    }
}

impl From<&CommandError> for Diagnostic {
    fn from(error: &CommandError) -> Diagnostic {
        let message = error.to_string();
        match error {
            CommandError::Unterminated { at, .. } => {
                Diagnostic::error(codes::COMMAND_UNTERMINATED, message)
                    .at(at.clone())
                    .help("record the build again, or close the quotes")
            }
            CommandError::ResponseFile { at, .. } => {
                Diagnostic::error(codes::RESPONSE_FILE, message)
                    .at(at.clone())
                    .note("the name is relative to the `directory` of the entry")
            }
            CommandError::InternalStep { at } => {
                Diagnostic::error(codes::COMMAND_INTERNAL, message)
                    .at(at.clone())
                    .help("record the build again, from the command that runs clang")
            }
            CommandError::MissingValue { at, .. } => {
                Diagnostic::error(codes::FLAG_WITHOUT_VALUE, message).at(at.clone())
            }
        }
    }
}

impl From<&PkeyError> for Diagnostic {
    fn from(error: &PkeyError) -> Diagnostic {
        let (code, at) = match error {
            PkeyError::NotANumber { at, .. } => (codes::PKEY_NOT_A_NUMBER, at),
            PkeyError::Negative { at, .. } | PkeyError::TooLarge { at, .. } => {
                (codes::PKEY_OUT_OF_RANGE, at)
            }
        };
        Diagnostic::error(code, error.to_string())
            .at_labelled(at.clone(), "expected a decimal number from 0 to 15")
            .help("write `-DPKEY=N` with N from 1 to 15, or leave it out for untrusted code")
    }
}

impl From<&UnsupportedTarget> for Diagnostic {
    fn from(error: &UnsupportedTarget) -> Diagnostic {
        Diagnostic::error(codes::TARGET_NOT_X86_64, error.to_string())
            .at(error.at.clone())
            .note("memory protection keys and the gates need 64-bit x86 code for Linux")
    }
}

impl From<&UnknownCompiler> for Diagnostic {
    fn from(error: &UnknownCompiler) -> Diagnostic {
        Diagnostic::error(codes::COMPILER_UNKNOWN, error.to_string())
            .at(error.at.clone())
            .note("gates depend on how the compiler passes arguments")
            .help("record a build with gcc or clang, for example `make CC=gcc`")
    }
}

impl From<&NotC> for Diagnostic {
    fn from(error: &NotC) -> Diagnostic {
        Diagnostic::error(codes::LANGUAGE_NOT_C, error.to_string())
            .at(error.at.clone())
            .help("leave it out of the list of sources")
    }
}

impl From<&UnknownVectorLevel> for Diagnostic {
    fn from(error: &UnknownVectorLevel) -> Diagnostic {
        Diagnostic::error(codes::VECTOR_LEVEL_UNKNOWN, error.to_string())
            .at(error.at.clone())
            .note("AVX decides in which registers vectors are passed")
            .help("name a level like `-march=x86-64-v3`, or add `-mno-avx`")
    }
}

impl From<&RefusedFlag> for Diagnostic {
    fn from(error: &RefusedFlag) -> Diagnostic {
        Diagnostic::error(codes::FLAG_UNSUPPORTED, format!("`{}` is not supported", error.argument))
            .at_labelled(error.at.clone(), error.reason)
            .help("build this source without it")
    }
}

impl From<&UnknownFlag> for Diagnostic {
    fn from(flag: &UnknownFlag) -> Diagnostic {
        let fate = match flag.compiler {
            CompilerKind::Gcc => "it is left out of the analysis",
            CompilerKind::Clang => "it is passed on to the analysis",
        };
        Diagnostic::warning(codes::FLAG_UNKNOWN, format!("`{}` is not a known flag", flag.argument))
            .at_labelled(flag.at.clone(), fate)
    }
}
