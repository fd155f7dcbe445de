//! Rules about the repository itself: what the files look like, which crate may use which, what may
//! be depended on.
//!
//! A rule is a function from what it looks at to a list of complaints. `tests/repository.rs` applies
//! each to this repository; the tests beside a rule show that it can complain.

pub mod dependencies;
pub mod layers;
pub mod licences;
pub mod repository;
pub mod text;
