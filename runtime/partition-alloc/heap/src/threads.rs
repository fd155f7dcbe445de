//! Thread caches without a thread.
//!
//! When a thread ends, its cache stays as it is, slabs included, and is marked *idle*. Whoever clears
//! that mark owns the cache: a new thread for good; other threads for a moment, to take a slab out
//! of it or to free what is empty.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, SeqCst};

use crate::{
    arena::Arena,
    class::Class,
    header::{Header, LocalId},
    local::Slot,
    memory::Memory,
    misuse::Misuse,
};

/// How many idle caches a thread asks before it makes a new slab.
const ASK: usize = 4;

impl<M: Memory> Arena<M> {
    /// Gives the thread's cache back. The thread may go on using the heap: it gets another one.
    ///
    /// # Errors
    /// If a misuse came to light.
    pub fn detach(&self, slot: &impl Slot) -> Result<(), Misuse> {
        let token = slot.token();
        if token == 0 {
            return Ok(());
        }
        slot.set_token(0);
        let id = LocalId::from_token(token);
        self.drain(id)?;
        for class in Class::all() {
            if let Some(unit) = self.put_down(slot, class) {
                self.settle(id, unit, class);
            }
        }
        self.set_idle(id);
        self.serve_if_idle(id)
    }

    /// A cache for a thread that has none: an idle one, else a new one. `None` if there are too many.
    #[cold]
    #[inline(never)]
    pub(crate) fn attach(&self) -> Option<LocalId> {
        if let Some(id) = self.idle_caches().find(|&id| self.claim_idle(id)) {
            return Some(id);
        }
        let last = &self.control().locals;
        let before = last.fetch_update(Relaxed, Relaxed, |last| {
            (last.checked_add(1)? < self.geometry().local_count()).then_some(last + 1)
        });
        let id = LocalId(u16::try_from(before.ok()? + 1).ok()?);
        if self.commit_local(id) {
            return Some(id);
        }
        // The number is lost, but not for ever: the next thread may find memory.
        self.set_idle(id);
        None
    }

    /// The idle caches, as of now.
    fn idle_caches(&self) -> impl Iterator<Item = LocalId> {
        let last = self.control().locals.load(Relaxed).min(self.geometry().local_count() - 1);
        (0..=last / 64).flat_map(move |index| {
            let word = self.idle_word(index).load(Relaxed);
            (0..64)
                .filter(move |bit| word >> bit & 1 == 1)
                .map(move |bit| LocalId((index * 64 + bit) as u16))
        })
    }

    /// Whether no thread uses a cache.
    pub(crate) fn is_idle(&self, id: LocalId) -> bool {
        self.idle_word(u32::from(id.0) >> 6).load(SeqCst) >> (id.0 & 63) & 1 == 1
    }

    /// Marks a cache as used by no thread.
    pub(crate) fn set_idle(&self, id: LocalId) {
        self.idle_word(u32::from(id.0) >> 6).fetch_or(1 << (id.0 & 63), SeqCst);
    }

    fn claim_idle(&self, id: LocalId) -> bool {
        let bit = 1 << (id.0 & 63);
        self.idle_word(u32::from(id.0) >> 6).fetch_and(!bit, SeqCst) & bit != 0
            && self.commit_local(id)
    }

    /// Takes the news of a cache that no thread uses, so that its empty slabs are given back.
    pub(crate) fn serve_if_idle(&self, id: LocalId) -> Result<(), Misuse> {
        // News that arrive while we hold the cache are ours to take: their pusher saw it in use.
        while self.local(id).pending.load(SeqCst) != 0 && self.is_idle(id) && self.claim_idle(id) {
            let result = self.drain(id);
            self.set_idle(id);
            result?;
        }
        Ok(())
    }

    /// Takes a slab with free blocks out of an idle cache.
    ///
    /// # Errors
    /// If a misuse came to light.
    #[inline(never)]
    pub(crate) fn adopt_slab(&self, heir: LocalId, class: Class) -> Result<Option<u32>, Misuse> {
        // Each time others are asked first, so that none keeps its slabs for ever.
        let caches = self.control().locals.load(Relaxed).saturating_add(1);
        if caches <= 2 {
            // The caller's is the only one.
            return Ok(None);
        }
        let first = self.control().asked.fetch_add(1, Relaxed) % caches;
        let (low, high) = (self.idle_caches(), self.idle_caches());
        let is_high = move |id: &LocalId| u32::from(id.0) >= first;
        let order = high.filter(is_high).chain(low.filter(move |id| !is_high(id)));
        for id in order.take(ASK) {
            if !self.claim_idle(id) {
                continue;
            }
            let slab = self.drain(id).map(|()| self.hand_over(id, heir, class));
            self.set_idle(id);
            self.serve_if_idle(id)?;
            if let Some(unit) = slab? {
                return Ok(Some(unit));
            }
        }
        Ok(None)
    }

    /// Makes the first listed slab of one cache another's. Both are the caller's.
    fn hand_over(&self, from: LocalId, to: LocalId, class: Class) -> Option<u32> {
        let unit = self.pop_listed(from, class)?;
        let line = self.load_header(unit).line();
        let (old, new) = (Header::slab(from, class, line).0, Header::slab(to, class, line).0);
        if self.header(unit).compare_exchange(old, new, AcqRel, Acquire).is_ok() {
            return Some(unit);
        }
        // Somebody has just freed a block in it, and is about to push it on the old owner's stack.
        self.list(from, class, unit);
        None
    }
}
