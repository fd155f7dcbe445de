//! The table of flags that gcc and clang take.
//!
//! For each flag it says how it takes a value and what the analysis does with it. Flags are looked
//! up as both compilers do: the longest name that fits wins. `-fno-x` and `-mno-x` are treated as
//! `-fx` and `-mx` unless they have an entry of their own.
//!
//! Flags that only steer optimisation come in families (`-ftree-…`), so that a pass which a newer
//! compiler adds needs no new entry. What is in no table is reported, never guessed.

mod driver;
mod language;
mod machine;
mod optimisation;
mod preprocessor;

/// How a flag takes its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// It has none.
    None,
    /// The rest of the same argument, which may be empty.
    Joined,
    /// The next argument.
    Separate,
    /// The rest of the same argument, or the next argument if there is no rest.
    JoinedOrSeparate,
}

/// What the value of a flag is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// No path: a name, a number, a list; or there is no value at all.
    Text,
    /// A file or directory, relative to where the compiler runs.
    Path,
    /// A header that is searched where the compiler runs and then like `#include "…"`.
    Header,
    /// The beginning of paths: something is appended to it as it stands.
    PathPrefix,
}

/// What the analysis does with a flag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Treatment {
    /// It can change the meaning of the source: passed on.
    Keep,
    /// It cannot, or the caller decides anew: left out.
    Drop(Reason),
    /// It stands for other flags.
    Translate(Translation),
    /// A source compiled with it cannot be supported, and why.
    Refuse(&'static str),
}

/// Why a flag is left out of the analysis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// Names an output file.
    Output,
    /// Writes dependencies for make.
    Dependencies,
    /// Says how far to compile, or in which language; the analysis has its own stages.
    Stage,
    /// Debug information.
    Debug,
    /// Steers optimisation or the form of the generated code.
    CodeGeneration,
    /// Warnings, which the compiler proper gives.
    Warnings,
    /// Form of messages, timing, help texts.
    Messages,
    /// For the linker.
    Linker,
    /// For the assembler.
    Assembler,
    /// About precompiled headers and modules, which the analysis reads as text.
    PrecompiledHeader,
    /// Chooses between machines, of which only x86-64 is supported: `Command::check_target` looks.
    Target,
    /// Means something only to the compiler that was used, not to the analysis.
    CompilerOnly,
}

/// What a flag stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Translation {
    /// `-Wp,a,b` and `-Xpreprocessor a`: the values are flags themselves.
    PreprocessorFlags,
    /// `-Xclang a`: the values are flags of clang's front end.
    FrontEndFlags,
    /// `-std=`: newer names of standards that older libraries do not know have older synonyms.
    Standard,
    /// `-finput-charset=`: no matter as long as every byte of ASCII means itself.
    InputCharset,
    /// These flags.
    To(&'static [&'static str]),
}

/// A flag of gcc's or clang's driver.
#[derive(Debug)]
pub struct Flag {
    /// The name, with its dashes and, where there is one, the `=` or `,` before the value.
    pub name: &'static str,
    /// How it takes its value.
    pub value: Value,
    /// What its value is.
    pub operand: Operand,
    /// What the analysis does with it.
    pub treatment: Treatment,
    /// The name under which accessors know it: the short form for long options.
    pub canonical: &'static str,
}

impl Flag {
    const fn keep(name: &'static str, value: Value) -> Flag {
        Flag { name, value, operand: Operand::Text, treatment: Treatment::Keep, canonical: name }
    }

    const fn drop(name: &'static str, value: Value, reason: Reason) -> Flag {
        Flag { treatment: Treatment::Drop(reason), ..Flag::keep(name, value) }
    }

    const fn translate(name: &'static str, value: Value, translation: Translation) -> Flag {
        Flag { treatment: Treatment::Translate(translation), ..Flag::keep(name, value) }
    }

    const fn refuse(name: &'static str, value: Value, why: &'static str) -> Flag {
        Flag { treatment: Treatment::Refuse(why), ..Flag::keep(name, value) }
    }

    const fn operand(self, operand: Operand) -> Flag {
        Flag { operand, ..self }
    }

    /// A long option: it is passed on in its short form.
    const fn same_as(self, canonical: &'static str) -> Flag {
        Flag { canonical, ..self }
    }

    /// Whether this argument begins with the flag in a way its value allows.
    fn fits(&self, argument: &str) -> bool {
        match self.value {
            Value::None | Value::Separate => argument == self.name,
            Value::Joined | Value::JoinedOrSeparate => argument.starts_with(self.name),
        }
    }
}

/// A flag as it was found for an argument.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The entry of the table.
    pub flag: &'static Flag,
    /// Whether the argument is the `-fno-…` or `-mno-…` form of it.
    pub polarity: Polarity,
}

/// Whether a flag is switched on or off.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Polarity {
    /// As the table has it.
    On,
    /// With `no-` after its `-f` or `-m`.
    Off,
}

/// All tables; the names are sorted in each.
const TABLES: [&[Flag]; 5] =
    [driver::TABLE, language::TABLE, machine::TABLE, optimisation::TABLE, preprocessor::TABLE];

/// Every flag there is.
pub fn all() -> impl Iterator<Item = &'static Flag> {
    TABLES.into_iter().flatten()
}

/// The flag that this argument is or begins with.
pub fn find(argument: &str) -> Option<Found> {
    let on = longest(argument).map(|flag| Found { flag, polarity: Polarity::On });
    on.or_else(|| {
        let flag = longest(&negated(argument)?)?;
        Some(Found { flag, polarity: Polarity::Off })
    })
}

/// `-fx` for `-fno-x`, `-mx` for `-mno-x`.
fn negated(argument: &str) -> Option<String> {
    ["-f", "-m"].into_iter().find_map(|prefix| {
        let rest = argument.strip_prefix(prefix)?.strip_prefix("no-")?;
        Some(format!("{prefix}{rest}"))
    })
}

/// The entry with the longest name that fits.
fn longest(argument: &str) -> Option<&'static Flag> {
    (1..=argument.len())
        .rev()
        .filter_map(|length| argument.get(..length))
        .filter_map(exact)
        .find(|flag| flag.fits(argument))
}

/// The entry with exactly this name.
fn exact(name: &str) -> Option<&'static Flag> {
    TABLES.iter().find_map(|table| {
        let index = table.binary_search_by(|flag| flag.name.cmp(name)).ok()?;
        Some(&table[index])
    })
}
