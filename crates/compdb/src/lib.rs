//! Compile databases: which command compiles which source, and what its flags mean.
//!
//! A [`Database`] is the content of a `compile_commands.json`. Its [`Entry`]s are found by the
//! canonical path of their source, several for one source. [`Entry::command`] gives the [`Command`],
//! split and with response files expanded, which can be asked for its compartment
//! ([`Command::pkey`]), compiler, language, inputs, target and vector registers, and turned into
//! arguments for libclang ([`Command::for_analysis`]) by the table in [`flags`].
//!
//! Everything is pure but [`paths::Disk`]: files and links are asked for through
//! [`paths::FileSystem`]. Errors are typed, know their place in the database, and turn into
//! [`diagnostics::Diagnostic`]s.
//!
//! For fuzzers: [`record::parse`], [`split::split`], [`response::split_response`] and
//! [`Database::new`] take anything without panicking.
//!
//! **Nothing here runs a compiler.**

mod analysis;
mod command;
mod compiler;
mod database;
mod diagnose;
pub mod flags;
mod inputs;
pub mod paths;
mod pkey;
mod precompiled;
mod preprocess;
pub mod record;
pub mod response;
pub mod split;
mod target;
mod vector;
mod write;

pub use analysis::{Analysis, RefusedFlag, UnknownFlag, as_gcc};
pub use command::{Argument, Command, CommandError, Kind};
pub use compiler::{CompilerKind, Driver, DriverLanguage, UnknownCompiler};
pub use database::{Database, DatabaseError, Entry, FILE_NAME, NotInDatabase, RecordedCommand};
pub use inputs::{Input, Language, NotC};
pub use pkey::PkeyError;
pub use record::{DatabaseTextError, Origin};
pub use response::ResponseFileError;
pub use split::Unterminated;
pub use target::UnsupportedTarget;
pub use vector::{UnknownVectorLevel, VectorLevel};
pub use write::{OutputEntry, PathUse, write_database};
