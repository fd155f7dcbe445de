//! Who can write a heap's metadata.

/// Says whether numbers read from a heap's metadata can be relied on.
pub trait Metadata {
    /// Whether code that must not be able to ruin more than this heap can write them.
    const FORGEABLE: bool;

    /// Keeps a number below a power of two, of which `mask` is a part, if anybody may have forged it.
    #[inline(always)]
    fn bound(number: usize, mask: usize) -> usize {
        if Self::FORGEABLE { number & mask } else { number }
    }
}

/// The metadata has the heap's key: whoever can write it has all the rights of the compartment that
/// calls, whose heap it is, so there is nothing to gain by it.
pub enum Keyed {}

impl Metadata for Keyed {
    const FORGEABLE: bool = false;
}

/// The metadata is on key 0, where all compartments can write it, and each of them calls.
pub enum Open {}

impl Metadata for Open {
    const FORGEABLE: bool = true;
}
