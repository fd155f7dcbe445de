//! Protection keys and values of the PKRU register.
//!
//! PKRU holds two bits for each of the sixteen keys: bit `2k` is *access disable* (AD), bit `2k + 1`
//! is *write disable* (WD); a set bit takes the right away (Intel SDM volume 3A, section 4.6.2).
//! A compartment runs with exactly two keys open: its own and key 0, which every compartment shares.
//!
//! The crate is `no_std` because the runtime uses the same definitions as the gate generator.
#![no_std]

use core::fmt;

/// A protection key, which is also the number of a compartment: 0 to 15.
///
/// Key 0 is the default key of every mapping. Memory with key 0 is shared by all compartments, and
/// code of compartment 0 is *untrusted*: it has no memory of its own.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Pkey(u8);

impl Pkey {
    /// The shared key, and the compartment of code that belongs to no other.
    pub const UNTRUSTED: Pkey = Pkey(0);
    /// The highest key the CPU has.
    pub const MAX: Pkey = Pkey(15);
    /// How many keys there are, key 0 included.
    pub const COUNT: usize = 16;

    /// The key with this number, or `None` above 15.
    pub const fn new(number: u8) -> Option<Pkey> {
        if number <= Self::MAX.0 { Some(Pkey(number)) } else { None }
    }

    /// The number of the key.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The number of the key, to index a table of [`Pkey::COUNT`] entries.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether this is key 0.
    pub const fn is_untrusted(self) -> bool {
        self.0 == 0
    }

    /// Every key from 0 to 15.
    pub fn all() -> impl Iterator<Item = Pkey> {
        (0..=Self::MAX.0).map(Pkey)
    }
}

impl fmt::Display for Pkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A value of the PKRU register.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pkru(u32);

impl Pkru {
    /// What Linux gives a new process and a signal handler: reading and writing allowed with key 0
    /// only. Every other key has AD set and WD clear (`init_pkru_value` in `arch/x86/mm/pkeys.c`).
    pub const LINUX_DEFAULT: Pkru = Pkru(0x5555_5554);

    /// The rights of a compartment: its own key and key 0, nothing else.
    pub const fn of(compartment: Pkey) -> Pkru {
        Pkru(!((3 << (2 * compartment.0)) | 3))
    }

    /// A raw register value, as RDPKRU returns it or a signal frame holds it.
    pub const fn from_bits(bits: u32) -> Pkru {
        Pkru(bits)
    }

    /// The raw register value.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The compartment that runs with these rights, or `None` for a value no gate ever loads.
    ///
    /// [`Pkru::LINUX_DEFAULT`] is compartment 0: it opens key 0 and nothing else.
    pub const fn compartment(self) -> Option<Pkey> {
        if self.0 == Self::LINUX_DEFAULT.0 {
            return Some(Pkey::UNTRUSTED);
        }
        let mut number = 0;
        while number <= Pkey::MAX.0 {
            if self.0 == Self::of(Pkey(number)).0 {
                return Some(Pkey(number));
            }
            number += 1;
        }
        None
    }

    /// Whether data with this key can be read.
    pub const fn can_read(self, key: Pkey) -> bool {
        self.0 & (1 << (2 * key.0)) == 0
    }

    /// Whether data with this key can be written.
    pub const fn can_write(self, key: Pkey) -> bool {
        self.0 & (3 << (2 * key.0)) == 0
    }
}

impl fmt::Debug for Pkru {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pkru({:#010x})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compartment_opens_its_own_key_and_key_0_only() {
        for compartment in Pkey::all() {
            let pkru = Pkru::of(compartment);
            for key in Pkey::all() {
                let open = key == compartment || key.is_untrusted();
                assert_eq!(pkru.can_read(key), open, "{compartment} reads {key}");
                assert_eq!(pkru.can_write(key), open, "{compartment} writes {key}");
            }
            assert_eq!(pkru.compartment(), Some(compartment));
        }
    }

    #[test]
    fn values_match_the_published_ones() {
        let of = |k| Pkru::of(Pkey::new(k).unwrap()).bits();
        assert_eq!((of(0), of(1), of(2)), (0xffff_fffc, 0xffff_fff0, 0xffff_ffcc));
    }

    #[test]
    fn values_no_gate_loads_belong_to_nobody() {
        for bits in [0, 0xffff_ffff, 0xffff_ff00, 0x5555_5550, 0xffff_fff4] {
            assert_eq!(Pkru::from_bits(bits).compartment(), None, "{bits:#x}");
        }
        assert_eq!(Pkru::LINUX_DEFAULT.compartment(), Some(Pkey::UNTRUSTED));
        assert_eq!(Pkey::new(16), None);
    }
}
