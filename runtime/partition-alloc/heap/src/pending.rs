//! News from other threads: blocks they freed in slabs of this one.
//!
//! A thread that frees a block of another's slab sets the block's bit in the slab's remote record.
//! The first to do so since the owner last looked also sets [`PENDING`] in the slab's header and
//! pushes the slab on the owner's stack. The owner takes the whole stack at once, so the stack needs
//! no protection against reuse of its nodes. Order matters, and is what makes no news get lost:
//! the pusher sets the bit, *then* looks at PENDING; the owner clears PENDING, *then* takes the
//! bits. (All four are sequentially consistent.)

use core::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};

use crate::{
    arena::Arena,
    class::Class,
    header::{Header, Kind, LocalId, PENDING},
    memory::Memory,
    misuse::Misuse,
};

impl<M: Memory> Arena<M> {
    /// Makes sure the owner of a slab will look at the bits set for it. Also right if the slab has
    /// a new owner, or is none any more: PENDING is only ever set on a slab, in one step with the
    /// check who owns it, and keeps the slab alive until its owner has looked.
    pub(crate) fn notify_owner(&self, unit: u32) -> Result<(), Misuse> {
        let cell = self.header(unit);
        let mut header = Header(cell.load(SeqCst));
        while header.kind() == Some(Kind::Slab) && !header.is_pending() {
            match cell.compare_exchange_weak(header.0, header.0 | PENDING, SeqCst, SeqCst) {
                Ok(_) => {
                    self.push_pending(header.owner(), unit);
                    return self.serve_if_idle(header.owner());
                }
                Err(now) => header = Header(now),
            }
        }
        Ok(())
    }

    fn push_pending(&self, owner: LocalId, unit: u32) {
        let (stack, link) = (&self.local(owner).pending, &self.remote(unit).next);
        let mut top = stack.load(Relaxed);
        loop {
            link.store(top, Relaxed);
            match stack.compare_exchange_weak(top, unit + 1, SeqCst, Relaxed) {
                Ok(_) => return,
                Err(now) => top = now,
            }
        }
    }

    /// Takes all news of a thread cache, which must be the caller's.
    ///
    /// # Errors
    /// If the news is that a block was freed twice.
    pub(crate) fn drain(&self, id: LocalId) -> Result<(), Misuse> {
        let stack = &self.local(id).pending;
        if stack.load(SeqCst) == 0 {
            return Ok(());
        }
        let mut top = stack.swap(0, SeqCst);
        // An honest stack holds each slab once.
        for _ in 0..self.geometry().units() {
            let Some(unit) = top.checked_sub(1).map(|unit| self.mask_unit(unit)) else {
                return Ok(());
            };
            // The link is the pusher's to reuse once PENDING is clear.
            top = self.remote(unit).next.load(Acquire);
            let header = Header(self.header(unit).fetch_and(!PENDING, SeqCst));
            if header.kind() != Some(Kind::Slab) || header.owner() != id {
                return Err(Misuse::corrupt((unit as usize) << crate::geometry::UNIT_SHIFT));
            }
            self.collect(unit, self.checked_class(header, unit)?)?;
            self.settle(id, unit, header.class());
        }
        Err(Misuse::corrupt(0))
    }

    /// Frees the blocks of a slab that other threads set bits for. The caller owns it.
    pub(crate) fn collect(&self, unit: u32, class: Class) -> Result<(), Misuse> {
        let (record, remote) = (self.record(unit), self.remote(unit));
        let mut news = remote.summary.swap(0, SeqCst);
        while news != 0 {
            let index = news.trailing_zeros() as usize;
            news &= news - 1;
            let freed = remote.words[index].swap(0, SeqCst);
            for bit in (0..64).filter(|bit| freed >> bit & 1 == 1) {
                let block = index as u32 * 64 + bit;
                if !record.push(block as u16, class.place(block)) {
                    return Err(self.already_free(unit, class, block));
                }
                record.count_down();
            }
        }
        Ok(())
    }
}
