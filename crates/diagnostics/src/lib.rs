//! Errors and warnings about the user's sources.
//!
//! A pass returns [`Diagnostic`]s, built where the trouble is seen:
//!
//! ```
//! use diagnostics::{Diagnostic, SourcePath, Span, codes};
//!
//! let file = SourcePath::new("/src/build/compile_commands.json");
//! let argument = Span::new(file, 41..52);
//! let diagnostic = Diagnostic::error(codes::PKEY_NOT_A_NUMBER, "`-DPKEY=two` is not a number")
//!     .at_labelled(argument, "expected a number from 0 to 15")
//!     .help("write the number of the compartment, for example `-DPKEY=2`");
//! assert_eq!(diagnostic.code.to_string(), "IA2012");
//! ```
//!
//! They are plain data and part of the cached facts of a source, so the text of the source is looked
//! up only when they are shown: a [`Renderer`] asks its caller for it through [`Sources`] and gives
//! text for people ([`Renderer::text`], like rustc's) or a line of JSON ([`Renderer::json`]).
//! [`Diagnostics`] collects, orders and de-duplicates what many sources report.
//!
//! Every diagnostic has a [`Code`]; [`codes`] is the one table of them, with their explanations.
//!
//! **This crate does no I/O and never ends the process.**

mod code;
pub mod codes;
mod collection;
mod colour;
mod diagnostic;
mod excerpt;
mod json;
mod render;
mod source;
mod span;

pub use code::{Code, Explanation, UnknownCode};
pub use collection::{Counts, Diagnostics};
pub use colour::ColourChoice;
pub use diagnostic::{Diagnostic, Help, Label, Replacement, Severity};
pub use render::{Renderer, Style};
pub use source::{Position, SourceText, Sources};
pub use span::{SourcePath, Span};
