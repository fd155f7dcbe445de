//! The same random numbers in every run.

/// A xorshift generator (Marsaglia, 2003).
pub struct Random(u64);

impl Random {
    /// A generator; equal seeds give equal numbers.
    pub fn new(seed: u64) -> Random {
        Random(0x1234_5678_9abc_def1 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// The next number.
    #[inline(always)]
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A size as programs ask for: half below 80 bytes, one in sixteen up to 4 KiB.
    #[inline(always)]
    pub fn size(&mut self) -> usize {
        let number = self.next();
        let (base, mask) = match number & 15 {
            0..8 => (16, 63),
            8..13 => (16, 255),
            13..15 => (64, 1023),
            _ => (256, 4095),
        };
        base + (number >> 8 & mask) as usize
    }
}
