//! The header of a unit: one 64-bit word that says what the unit is and whose.
//!
//! | bits | meaning |
//! |---|---|
//! | 0–7 | slab: its class; tail: distance to the first unit |
//! | 8–14 | [`Kind`] |
//! | 15 | [`PENDING`]: the slab is in, or about to enter, its owner's stack of slabs with news |
//! | 16–31 | slab: number of the thread cache that owns it; span: units more than it needs |
//! | 32–63 | slab: number of the cache line its record starts at; span: pages the block can hold |

use crate::class::Class;

/// Set by a thread that frees a block of another thread's slab, cleared by the slab's owner when it
/// takes the slab from its stack. While it is set the slab is not given back.
pub(crate) const PENDING: u64 = 1 << 15;

/// What a unit is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// Not in use, or inside a span.
    Free = 0,
    /// First unit of a slab.
    Slab = 1,
    /// Another unit of a slab.
    Tail = 2,
    /// First unit of a span: one large block.
    Span = 3,
}

/// A unit header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Header(pub(crate) u64);

impl Header {
    /// Not in use.
    pub(crate) const FREE: Header = Header(0);

    /// First unit of a span of this many pages, with `extra` units more than they need.
    pub(crate) const fn span(pages: u32, extra: u16) -> Header {
        Header((pages as u64) << 32 | (extra as u64) << 16 | (Kind::Span as u64) << 8)
    }

    /// First unit of a slab whose record starts at this cache line.
    pub(crate) const fn slab(owner: LocalId, class: Class, line: u32) -> Header {
        Header((line as u64) << 32 | owner.token() | class.byte() as u64)
    }

    /// A unit `distance` after the first one of its slab.
    pub(crate) const fn tail(distance: u8) -> Header {
        Header((Kind::Tail as u64) << 8 | distance as u64)
    }

    /// What the unit is; `None` for a value nobody writes.
    pub(crate) const fn kind(self) -> Option<Kind> {
        match (self.0 >> 8) as u8 & 0x7f {
            0 => Some(Kind::Free),
            1 => Some(Kind::Slab),
            2 => Some(Kind::Tail),
            3 => Some(Kind::Span),
            _ => None,
        }
    }

    /// The class of a slab.
    pub(crate) const fn class(self) -> Class {
        Class::from_byte(self.0 as u8)
    }

    /// Distance of a tail to the first unit of its slab.
    pub(crate) const fn distance(self) -> u32 {
        self.0 as u8 as u32
    }

    /// The thread cache that owns a slab.
    pub(crate) const fn owner(self) -> LocalId {
        LocalId((self.0 >> 16) as u16)
    }

    /// Where a slab's record is: the number of a cache line.
    #[inline(always)]
    pub(crate) const fn line(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Pages of a span.
    pub(crate) const fn pages(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Units that a span has, but does not need.
    pub(crate) const fn extra(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// Whether [`PENDING`] is set.
    pub(crate) const fn is_pending(self) -> bool {
        self.0 & PENDING != 0
    }

    /// The class of the slab, if this is the header of a slab with no news that belongs to the
    /// thread cache with this token. One comparison decides all of that. For a free unit and a
    /// thread without a cache it is class 0, which has no blocks.
    #[inline(always)]
    pub(crate) const fn class_if_owned(self, token: u64) -> Option<Class> {
        let rest = self.0 as u32 ^ token as u32;
        match rest {
            0..=0xff => Some(Class::from_byte(rest as u8)),
            _ => None,
        }
    }
}

/// Number of a thread cache in its heap. 0 is the cache of threads that have none: always empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LocalId(pub(crate) u16);

impl LocalId {
    /// The thread has no cache.
    pub(crate) const NONE: LocalId = LocalId(0);

    /// What a thread keeps in its [`crate::Slot`]: a slab's header without class and line.
    pub(crate) const fn token(self) -> u64 {
        (self.0 as u64) << 16 | (Kind::Slab as u64) << 8
    }

    /// The number in a token.
    #[inline(always)]
    pub(crate) const fn from_token(token: u64) -> LocalId {
        LocalId((token >> 16) as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_overlap() {
        for byte in 0..=255 {
            let class = Class::from_byte(byte);
            for (owner, line) in [(1, 7), (2, u32::MAX), (0x100, 0), (u16::MAX, 1 << 31)] {
                let owner = LocalId(owner);
                let header = Header::slab(owner, class, line);
                assert_eq!(header.kind(), Some(Kind::Slab));
                assert_eq!((header.class(), header.owner(), header.line()), (class, owner, line));
                assert_eq!(header.class_if_owned(owner.token()), Some(class));
                let pending = Header(header.0 | PENDING);
                assert_eq!((pending.kind(), pending.is_pending()), (Some(Kind::Slab), true));
                assert_eq!(pending.class_if_owned(owner.token()), None);
                assert_eq!(header.class_if_owned(LocalId(owner.0 ^ 1).token()), None);
                assert_eq!(LocalId::from_token(owner.token()), owner);
            }
            assert_eq!(Header::tail(byte).distance(), u32::from(byte));
        }
        let span = Header::span(u32::MAX, 5);
        assert_eq!((span.kind(), span.pages(), span.extra()), (Some(Kind::Span), u32::MAX, 5));
    }

    #[test]
    fn a_thread_without_cache_owns_nothing() {
        for header in [Header::span(3, 0), Header::tail(1), Header(0x400)] {
            assert_eq!(header.class_if_owned(0), None);
            assert_eq!(header.class_if_owned(LocalId(7).token()), None);
        }
        assert_eq!(Header::FREE.class_if_owned(LocalId(7).token()), None);
        let class = Header::FREE.class_if_owned(0).unwrap();
        assert!((0..1 << 16).all(|offset| class.block_at(offset).is_none()));
        assert_eq!(Header(0x400).kind(), None);
    }
}
