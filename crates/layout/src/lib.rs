//! Where generated gates, C headers and the runtime meet.
//!
//! Three kinds of code that are built apart must agree on memory formats: the assembly the rewriter
//! generates into `libcallgates.so`, the runtime library, and the macros of `ia2.h`. Each format is
//! written down once, here. The headers repeat the few numbers they need; a test compares them.
#![no_std]

pub mod callgates;
pub mod dso_note;
pub mod stub;
pub mod thread_block;
pub mod tls_padding;
pub mod trap;
pub mod vault;

/// Size of a page, the grain at which memory carries a protection key.
pub const PAGE_SIZE: usize = 4096;

/// Raised whenever a format below changes; parts of different versions refuse each other at start.
pub const VERSION: u32 = 4;

/// Set in the version of a `libcallgates.so` whose gates do not switch PKRU at all. Tests and
/// benchmarks make such libraries for machines without protection keys; no runtime starts with one.
pub const UNPROTECTED: u32 = 1 << 31;
