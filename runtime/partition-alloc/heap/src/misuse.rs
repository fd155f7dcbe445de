//! What can go wrong, as values. The caller decides how to die.

use core::fmt;

/// A wrong use of the heap, or the trace that one left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Misuse {
    /// What is wrong.
    pub kind: MisuseKind,
    /// Offset in the arena of the address in question.
    pub offset: usize,
    /// Size of the block in question in bytes; 0 if there is none.
    pub size: usize,
}

/// Kinds of [`Misuse`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MisuseKind {
    /// The block is free already.
    AlreadyFree,
    /// The address lies in a block that starts this many bytes earlier.
    NotAStart(usize),
    /// No block was ever here, or its memory has been given back since.
    NoBlock,
    /// Metadata holds a value that nobody writes.
    Corrupt,
}

/// Why an allocation gave no block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    /// The heap's limit, its address range or the machine's memory is exhausted.
    NoMemory,
    /// An earlier misuse came to light.
    Misuse(Misuse),
}

impl From<Misuse> for Failure {
    fn from(misuse: Misuse) -> Failure {
        Failure::Misuse(misuse)
    }
}

impl Misuse {
    /// Metadata about this offset holds a value that nobody writes.
    #[cold]
    pub(crate) fn corrupt(offset: usize) -> Misuse {
        Misuse { kind: MisuseKind::Corrupt, offset, size: 0 }
    }
}

impl fmt::Display for MisuseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MisuseKind::AlreadyFree => f.write_str("the block is free already (double free?)"),
            MisuseKind::NotAStart(distance) => {
                write!(f, "the address is {distance} bytes inside a block, not its start")
            }
            MisuseKind::NoBlock => {
                f.write_str("no block is allocated there (freed before, or never allocated)")
            }
            MisuseKind::Corrupt => f.write_str("the heap's metadata is corrupted"),
        }
    }
}
