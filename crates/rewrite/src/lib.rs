//! The rewriting engine.
//!
//! [`analyse`](analyse::analyse) turns a parsed translation unit into [`facts`]; the plan links the
//! facts of all units and decides what crosses; edits and generated files follow from it.
//!
//! **Nothing here does I/O.**

pub mod analyse;
pub mod choices;
mod command_macros;
pub mod declarator;
pub mod edits;
pub mod facts;
pub mod generated;
pub mod inline;
pub mod keywords;
pub mod line_markers;
pub mod paste;
pub mod plan;
pub mod separate;
mod shape;
pub mod token;
