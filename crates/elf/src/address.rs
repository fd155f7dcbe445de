//! Addresses as the static linker gave them.

use std::fmt;

/// An address in the file's own address space: what `p_vaddr` and `st_value` hold. The run-time
/// address of a position-independent object is this plus its load address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address(pub u64);

impl Address {
    /// The address so many bytes further, or `None` beyond the address space.
    pub fn checked_add(self, bytes: u64) -> Option<Address> {
        self.0.checked_add(bytes).map(Address)
    }

    /// The address a signed distance away, or `None` outside the address space.
    pub fn checked_offset(self, bytes: i64) -> Option<Address> {
        self.0.checked_add_signed(bytes).map(Address)
    }

    /// How many bytes this address lies after another, or `None` if it lies before it.
    pub fn distance_from(self, start: Address) -> Option<u64> {
        self.0.checked_sub(start.0)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}
