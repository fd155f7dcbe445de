//! Tables with cursors as keys.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::Cursor;

/// Something for each of several cursors.
pub type CursorMap<'u, T> = HashMap<Cursor<'u>, T, BuildHasherDefault<CursorHasher>>;

/// libclang's hash of a cursor, spread over the bits that a table looks at. No foreign input chooses
/// it, so there is no need of more.
#[derive(Clone, Copy, Default)]
pub struct CursorHasher(u64);

impl Hasher for CursorHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u32(byte.into()));
    }

    fn write_u32(&mut self, hash: u32) {
        // The multiplier is 2^64 divided by the golden ratio (Knuth, vol. 3, 6.4).
        self.0 = (self.0 ^ u64::from(hash)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}
