//! A compiler's command line, argument by argument.

use std::ops::Range;

use camino::{Utf8Path, Utf8PathBuf};
use diagnostics::Span;
use thiserror::Error;

use crate::compiler::Driver;
use crate::database::INTERNAL_STEP;
use crate::flags::{self, Found, Polarity, Translation, Treatment, Value};
use crate::record::Origin;
use crate::response::ResponseFileError;
use crate::split::Unterminated;

/// A command cannot be understood.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Error)]
pub enum CommandError {
    /// Its quoting is not closed.
    #[error("{cause}")]
    Unterminated {
        /// How it ends.
        cause: Unterminated,
        /// The command.
        at: Span,
    },
    /// A response file cannot be used.
    #[error("{cause}")]
    ResponseFile {
        /// Which, and why.
        cause: ResponseFileError,
        /// The command.
        at: Span,
    },
    /// It is not a compiler's command but a step inside of clang.
    #[error("the command is a step inside of clang, not the command that was typed")]
    InternalStep {
        /// What shows it.
        at: Span,
    },
    /// It ends after a flag that takes the next argument.
    #[error("`{flag}` at the end of the command has no value")]
    MissingValue {
        /// The flag.
        flag: String,
        /// The flag in the database.
        at: Span,
    },
}

/// What an argument is.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A flag of the table, with its value if it takes one.
    Flag {
        /// The entry of the table.
        found: Found,
        /// Its value, without the flag.
        value: Option<String>,
    },
    /// Begins with a dash but is in no table.
    Unknown,
    /// A file to compile or to link; `-` is the standard input.
    Input,
}

/// One argument of a command, together with the next one if that is its value.
#[derive(Clone, Debug)]
pub struct Argument {
    /// What it is.
    pub kind: Kind,
    /// Its words as the command has them.
    pub text: String,
    /// Which words of the command it consists of. A flag inside of `-Wp,` or after `-Xclang` has
    /// those of the argument that carries it.
    pub(crate) words: Range<usize>,
    /// Whether it is inside of another argument.
    pub(crate) carrier: Carrier,
}

/// Where an argument stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Carrier {
    /// In the command itself.
    Command,
    /// In `-Wp,` or behind `-Xpreprocessor`.
    Preprocessor,
    /// Behind `-Xclang`.
    FrontEnd,
}

/// A command: the compiler and what it is told.
#[derive(Clone, Debug)]
pub struct Command {
    pub(crate) directory: Utf8PathBuf,
    pub(crate) words: Vec<String>,
    pub(crate) arguments: Vec<Argument>,
    driver: Driver,
    origin: Origin,
}

impl Command {
    /// Understands these words; the first is the compiler or a wrapper like `ccache`.
    pub(crate) fn parse(
        words: Vec<String>,
        directory: &Utf8Path,
        origin: &Origin,
    ) -> Result<Command, CommandError> {
        let driver = Driver::of(&words);
        if words.get(driver.words()).is_some_and(|word| word == INTERNAL_STEP) {
            return Err(CommandError::InternalStep { at: origin.locate(INTERNAL_STEP) });
        }
        let plain: Vec<(usize, &str)> =
            words.iter().map(String::as_str).enumerate().skip(driver.words()).collect();
        let mut arguments = Parser { words: &plain, carrier: Carrier::Command, origin }.parse()?;
        // gcc and clang both look at these after everything else.
        for carrier in [Carrier::Preprocessor, Carrier::FrontEnd] {
            let carried = carried_words(&arguments, carrier);
            let inner: Vec<(usize, &str)> =
                carried.iter().map(|(index, word)| (*index, word.as_str())).collect();
            arguments.extend(Parser { words: &inner, carrier, origin }.parse()?);
        }
        Ok(Command {
            directory: directory.to_owned(),
            arguments,
            driver,
            origin: origin.clone(),
            words,
        })
    }

    /// The compiler, with what is before it in the command.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// Every argument after the compiler, in the order in which they take effect.
    pub fn arguments(&self) -> &[Argument] {
        &self.arguments
    }

    /// Where the compiler runs.
    pub fn directory(&self) -> &Utf8Path {
        &self.directory
    }

    /// Where the command is written.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The uses of these flags (by their canonical names), in their order.
    pub(crate) fn uses<'a>(
        &'a self,
        names: &'a [&'a str],
    ) -> impl DoubleEndedIterator<Item = Use<'a>> {
        self.all_uses().filter(|flag| names.contains(&flag.name))
    }

    /// The uses of flags of the machine, `-m…`, in their order.
    pub(crate) fn machine_flags(&self) -> impl Iterator<Item = Use<'_>> {
        self.all_uses().filter(|flag| flag.name.starts_with("-m"))
    }

    fn all_uses(&self) -> impl DoubleEndedIterator<Item = Use<'_>> {
        self.arguments.iter().filter_map(|argument| match &argument.kind {
            Kind::Flag { found, value } => Some(Use {
                name: found.flag.canonical,
                value: value.as_deref().unwrap_or_default(),
                polarity: found.polarity,
                argument,
            }),
            Kind::Unknown | Kind::Input => None,
        })
    }
}

/// A flag in a command.
#[derive(Clone, Copy)]
pub(crate) struct Use<'a> {
    pub(crate) name: &'static str,
    pub(crate) value: &'a str,
    pub(crate) polarity: Polarity,
    pub(crate) argument: &'a Argument,
}

/// Words to understand, each with its index in the command.
struct Parser<'a> {
    words: &'a [(usize, &'a str)],
    carrier: Carrier,
    origin: &'a Origin,
}

impl Parser<'_> {
    fn parse(&self) -> Result<Vec<Argument>, CommandError> {
        let mut arguments = Vec::new();
        let mut words = self.words.iter();
        while let Some(&(index, word)) = words.next() {
            let single = |kind| Argument {
                kind,
                text: word.to_owned(),
                words: index..index + 1,
                carrier: self.carrier,
            };
            if word == "-" || !word.starts_with('-') {
                arguments.push(single(Kind::Input));
                continue;
            }
            let Some(found) = self.find(word) else {
                arguments.push(single(Kind::Unknown));
                continue;
            };
            // The name in the table has no `no-`.
            let no = if found.polarity == Polarity::Off { "no-".len() } else { 0 };
            let joined = &word[found.flag.name.len() + no..];
            let takes_next = match found.flag.value {
                Value::Separate => true,
                Value::JoinedOrSeparate => joined.is_empty(),
                Value::Joined | Value::None => false,
            };
            if !takes_next {
                let value = (found.flag.value != Value::None).then(|| joined.to_owned());
                arguments.push(single(Kind::Flag { found, value }));
                continue;
            }
            let Some(&(last, value)) = words.next() else {
                let at = self.origin.locate(word);
                return Err(CommandError::MissingValue { flag: word.to_owned(), at });
            };
            arguments.push(Argument {
                kind: Kind::Flag { found, value: Some(value.to_owned()) },
                text: format!("{word} {value}"),
                words: index..last + 1,
                carrier: self.carrier,
            });
        }
        Ok(arguments)
    }

    /// The flag of this word. clang's front end has flags of its own that look like others of the
    /// driver, so only the few that build systems hand to it are known there.
    fn find(&self, word: &str) -> Option<Found> {
        let known = ["-include", "-include-pch"].contains(&word);
        if self.carrier == Carrier::FrontEnd && !known { None } else { flags::find(word) }
    }
}

/// The words that `-Wp,` and `-Xpreprocessor`, or `-Xclang`, carry.
fn carried_words(arguments: &[Argument], carrier: Carrier) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for argument in arguments {
        let Kind::Flag { found, value: Some(value) } = &argument.kind else { continue };
        let index = argument.words.start;
        match (found.flag.treatment, carrier) {
            (Treatment::Translate(Translation::PreprocessorFlags), Carrier::Preprocessor) => {
                let is_list = found.flag.value == Value::Joined;
                let parts: Vec<&str> =
                    if is_list { value.split(',').collect() } else { vec![value] };
                words.extend(parts.into_iter().map(|part| (index, part.to_owned())));
            }
            (Treatment::Translate(Translation::FrontEndFlags), Carrier::FrontEnd) => {
                words.push((index, value.clone()));
            }
            _ => {}
        }
    }
    words
}
