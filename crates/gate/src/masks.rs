//! Constants that clear padding: which bytes of a value stay.

use abi::ByteRanges;

use crate::insn::Mem;
use crate::symbol;

/// The read-only constants of a library. Equal ones are stored once.
#[derive(Default)]
pub(crate) struct Masks {
    bytes: Vec<u8>,
    known: Vec<(usize, usize)>,
}

/// Alignment of each constant: that of the widest register.
pub(crate) const ALIGN: usize = 64;

impl Masks {
    /// A mask of `size` bytes: byte `i` stays if bit `i` of `value` is set.
    pub(crate) fn bytes(&mut self, value: u64, size: u32) -> Mem {
        let mask: Vec<u8> =
            (0..size).map(|byte| if value & (1 << byte) != 0 { 0xff } else { 0 }).collect();
        self.intern(&mask)
    }

    /// A mask for a whole block of memory of `size` bytes.
    pub(crate) fn block(&mut self, value: &ByteRanges, size: u64) -> Mem {
        let mask: Vec<u8> =
            (0..size).map(|byte| if value.contains(byte) { 0xff } else { 0 }).collect();
        self.intern(&mask)
    }

    fn intern(&mut self, mask: &[u8]) -> Mem {
        let known = self
            .known
            .iter()
            .find(|&&(start, size)| size == mask.len() && self.bytes[start..start + size] == *mask);
        let start = match known {
            Some(&(start, _)) => start,
            None => {
                self.bytes.resize(self.bytes.len().next_multiple_of(ALIGN), 0);
                let start = self.bytes.len();
                self.bytes.extend(mask);
                self.known.push((start, mask.len()));
                start
            }
        };
        Mem::Own(symbol::MASKS, start)
    }

    /// All constants.
    pub(crate) fn all(&self) -> &[u8] {
        &self.bytes
    }
}
