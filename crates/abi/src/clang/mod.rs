//! clang's rules, as measured with clang 14 to 22.
//!
//! Two programs share the work, and where they disagree a value may be torn apart: the front end
//! classifies ([`classify`]) and hands scalars or blocks of memory to LLVM ([`lower`]), which gives
//! them places one by one ([`assign`]).

mod assign;
mod classify;
mod lower;

pub(crate) use assign::assign;
