//! Fetches packages and sources from Debian's archives without touching the system's own state, and
//! keeps what was fetched in the user's cache.
//!
//! apt runs with package lists, cache and sources of this use only; no rights are needed, and apt
//! checks all signatures. Nothing is installed.

mod apt;
pub mod cache;
mod error;

pub use apt::{Apt, Archive, Content, Suite, run};
pub use error::Error;
