//! What is told apart in the log: an instruction, what it did, with whose rights, to what.

use crate::owner::Place;

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Access {
    /// An instruction read.
    Read = 1,
    /// An instruction wrote.
    Write = 2,
    /// A system call read.
    CallRead = 3,
    /// A system call wrote.
    CallWrite = 4,
    /// A system call used.
    Call = 5,
}

impl Access {
    /// The verb.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Access::Read | Access::CallRead => "read",
            Access::Write | Access::CallWrite => "write",
            Access::Call => "use",
        }
    }

    /// Whether a system call did it.
    pub(super) fn is_call(self) -> bool {
        matches!(self, Access::CallRead | Access::CallWrite | Access::Call)
    }
}

/// A site.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Site {
    /// What was done.
    pub(super) access: Access,
    /// Whose rights the code had; 255 if nobody's.
    pub(super) compartment: u8,
    /// Whose memory it was.
    pub(super) owner: u8,
    /// The system call, if one did it.
    pub(super) number: u32,
    /// Address of the instruction, for a system call that behind it.
    pub(super) instruction: usize,
    /// The first address it touched.
    pub(super) address: usize,
    /// What it touched: the start of the variable, or of the function whose local one it is; of what has
    /// no name, the kind of place.
    pub(super) target: usize,
    /// Where the code of the owner was left: the return address of the call that crossed, or 0.
    pub(super) caller: usize,
    /// The compartment's own code that called a library which did it: a return address, or 0.
    pub(super) user: usize,
    /// The function whose local variable it is, if it is one: where it begins.
    pub(super) local_of: usize,
}

impl Site {
    /// A number that all accesses have in common which do the same to the same address, from the same
    /// place, called from the same place; others have it with a probability of 2^-47. Such accesses
    /// need no look at symbols and frames to know that they belong to the same entry.
    pub(super) fn fingerprint(&self) -> u64 {
        let kind = u64::from(self.number) << 24
            | u64::from(self.owner) << 16
            | u64::from(self.compartment) << 8
            | self.access as u64;
        let words = [self.instruction as u64, self.address as u64, self.caller as u64, kind];
        hash(&words)
    }

    /// A number that all accesses have in common which are [the same](Site::is_same).
    pub(super) fn hash(&self) -> u64 {
        let kind = u64::from(self.number) << 8 | self.access as u64;
        hash(&[self.hash_of_thing(), self.instruction as u64, kind])
    }

    /// A number that all accesses have in common which are [about the same](Site::is_about_same).
    pub(super) fn hash_of_thing(&self) -> u64 {
        let caller = if self.is_named() { 0 } else { self.caller };
        let keys = u64::from(self.owner) << 8 | u64::from(self.compartment);
        hash(&[self.target as u64, caller as u64, keys])
    }

    /// Whether both belong to one entry: only addresses may differ.
    pub(super) fn is_same(&self, other: &Site) -> bool {
        let key = |site: &Site| {
            (site.access, site.compartment, site.owner, site.number, site.instruction, site.target)
        };
        key(self) == key(other) && (self.is_named() || self.caller == other.caller)
    }

    /// Whether it touched what has a name of its own. Blocks and local variables have none: they are
    /// told apart by who handed them over.
    fn is_named(&self) -> bool {
        self.target > Place::KINDS && self.local_of == 0
    }

    /// Whether both are about the same thing to share, in the same way handed over.
    pub(super) fn is_about_same(&self, other: &Site) -> bool {
        let key = |site: &Site| (site.compartment, site.owner, site.target);
        key(self) == key(other) && (self.is_named() || self.caller == other.caller)
    }
}

/// Mixes numbers so that its high bits depend on all of them.
fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0, |hash: u64, word| {
        let mixed = (hash ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ mixed >> 29
    })
}
