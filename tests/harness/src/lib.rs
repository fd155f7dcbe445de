//! Runs the cases below `tests/cases`.
//!
//! A case is a directory: sources in `src/`, what the rewriter must make of them in `expected/`, and
//! `case.toml`, which says which sources belong to which shared object and what happens when the
//! program runs. Every case is rewritten once and compared whole, then built by gcc and by clang in
//! three ways: from the original sources without compartments, from the rewritten ones with
//! IA2_ENABLE 0, and from the rewritten ones with compartments. All three must do the same; where
//! the case names a fault, the compartmentalized one must be stopped, by the right key at the right
//! place, and the plain one must not.
//!
//! Attack programs, below `tests/attacks`, are built the same way, see [`attack`].
//!
//! The steps are functions of their own so that the test of the guide can share them.

pub mod attack;
pub mod build;
pub mod case;
pub mod check;
pub mod generated;
pub mod guide;
pub mod paths;
pub mod rewrite;
