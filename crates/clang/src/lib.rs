//! A safe wrapper of libclang, and the only crate that names it.
//!
//! A [`Unit`] is a parsed translation unit. It hands out [`Cursor`]s (nodes of the syntax tree),
//! [`Type`]s and [`Point`]s (places in files, macros resolved); all borrow from the unit. Types that
//! must outlive it are turned into `ctype` data by a [`Converter`].
//!
//! libclang is loaded at run time, so that one binary works with every version from
//! [`OLDEST_VERSION`] on, wherever a distribution put it.
//!
//! # Safety
//! All `unsafe` code of the crate calls libclang. What makes the calls sound: handles live as long as
//! the unit they come from (enforced by lifetimes), libclang is loaded in the calling thread (a
//! `Library` is needed to make a unit, and neither can be sent to another thread), and strings
//! are copied before they are disposed of.

mod calls;
mod convert;
mod cursor;
mod cursor_map;
mod kind;
mod library;
mod location;
mod place;
mod search;
mod string;
mod tree;
mod types;
mod unit;

pub use convert::{Converter, made_up_name};
pub use cursor::{Cursor, Linkage};
pub use cursor_map::{CursorHasher, CursorMap};
pub use kind::{BinaryOperator, Kind, UnaryOperator};
pub use library::{Library, LoadError, OLDEST_VERSION};
pub use location::Location;
pub use place::{FileId, Point, Span};
pub use tree::{Children, FunctionType};
pub use types::{Type, TypeKind};
pub use unit::{Inclusion, Message, ParseError, Severity, Unit};
