//! Random C programs for the rewriter: three compartments, function pointers in every form, macros.
//!
//! A *program* is a few functions in each of three shared objects that pass function pointers to each
//! other, and a line of output: a checksum of everything that was computed. Run plainly and in
//! compartments it must print the same. Many programs make a *pack*, three sources that are built and
//! run as one, because building is what takes time.
//!
//! | part | what |
//! |---|---|
//! | [`random`] | numbers from a seed: the same seed gives the same program |
//! | [`types`] | types, signatures, how C declares things of them |
//! | [`functions`] | the functions of a program, and what of them each compartment can name |
//! | [`pointers`] | expressions whose value is a function pointer, and calls |
//! | [`statements`] | what a function does with them |
//! | [`macros`] | the same through macros |
//! | [`pack`] | sources, headers and the description for the harness |
//!
//! Every program crosses with at least one pointer; [`Histogram`] counts what was used.

mod functions;
mod histogram;
mod macros;
mod pack;
mod pointers;
mod program;
mod random;
mod statements;
mod types;

pub use histogram::{CONSTRUCTS, Histogram};
pub use pack::{Pack, pack};
