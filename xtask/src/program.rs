//! Real programs, from Debian's sources to plain and compartmentalized builds.
//!
//! A program is a folder with a `recipe.toml` ([`recipe`]): where its sources are, how its build is
//! configured, which of its compile commands make which shared object in which compartment, and what
//! is added to it. [`source`] fetches the sources once, [`tree`] unpacks, patches and configures
//! them, [`build`] compiles and links them plain, or rewritten with the guide's flags.

pub(crate) mod build;
pub(crate) mod counting;
pub(crate) mod flags;
pub(crate) mod recipe;
mod rewrite;
mod source;
pub(crate) mod tree;
pub(crate) mod unit;
