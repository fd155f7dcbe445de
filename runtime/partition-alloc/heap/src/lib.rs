//! One heap in one address range.
//!
//! [`Arena`] is the allocator of `libpartition-alloc.so` without protection keys' dispatch and
//! without C: whoever calls it says which heap and which thread cache. The shipped library makes one
//! arena per compartment, with that compartment's key on every page, and one on key 0 that all
//! compartments share.
//!
//! # Terms
//! - *unit*: 64 KiB of an arena, the grain of everything below.
//! - *slab*: one or eight units cut into blocks of one size class.
//! - *span*: as many units as one large block needs.
//! - *thread cache* ([`Local`]): the slabs that one thread owns, hence allocates from.
//!
//! # What must hold
//! - **Metadata lies apart from blocks** and holds no addresses, only numbers that are masked when
//!   read: whoever can write an arena's metadata can ruin that arena and nothing else. See
//!   [`geometry`]. (The two fastest paths leave the masks out where that is not needed: [`Keyed`].)
//! - **Zero is a valid state** of all metadata: the process that reserves an arena may have no right
//!   to write it.
//! - **Nothing is locked.** A slab is changed by its owner only; others set bits for it. What all
//!   threads share are bitmaps changed by single atomic instructions. So a fork at any moment leaves
//!   a child that can allocate, and [`Arena::recover_after_fork`] gets back what other threads held.
//! - **Loops over metadata are bounded**, also if it was forged.
#![cfg_attr(not(any(test, feature = "loom")), no_std)]

mod arena;
pub mod class;
mod fork;
mod free;
pub mod geometry;
mod header;
mod local;
mod memory;
mod metadata;
mod misuse;
mod pending;
mod purge;
mod record;
mod records;
mod resize;
mod shared;
mod small;
mod span;
mod spare;
mod threads;
mod units;

pub use arena::{Arena, ZeroPage};
pub use class::Class;
pub use free::Simple;
pub use geometry::Geometry;
pub use local::{Local, Slot};
pub use memory::{GuardMethod, Kernel, Memory};
pub use metadata::{Keyed, Metadata, Open};
pub use misuse::{Failure, Misuse, MisuseKind};
#[cfg(feature = "loom")]
pub use shared::forget_words;
