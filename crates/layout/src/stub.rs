//! Entry stubs: what opaque function pointers point to.
//!
//! A stub is [`STRIDE`] bytes, all stubs lie one after the other. The pointer is the address of the
//! *entry*, which any compartment may call like a plain function; in front of it stands the hash of
//! the type; behind it one *slot* per calling compartment, which is what `IA2_CALL` evaluates to.
//!
//! ```text
//! -8              type hash, 8 bytes
//!  0              entry: finds the caller by RDPKRU, continues at its slot
//!  SLOTS          slot of compartment 0
//!  SLOTS + 16·k   slot of compartment k
//! ```

use pkru::Pkey;

/// Bytes from one stub's entry to the next. A power of two; entries are aligned to it.
pub const STRIDE: usize = 512;
/// Offset of the type hash relative to the entry.
pub const HASH: isize = -8;
/// Offset of the slot of compartment 0.
pub const SLOTS: usize = 128;
/// Bytes from one slot to the next.
pub const SLOT_STRIDE: usize = 16;

/// Offset of a compartment's slot.
pub const fn slot(caller: Pkey) -> usize {
    SLOTS + caller.index() * SLOT_STRIDE
}
