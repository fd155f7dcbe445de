//! Words by which threads tell each other things without a lock.
//!
//! They are the processor's atomics. In a build with the feature `loom` they are words of the model checker
//! [loom](https://docs.rs/loom), which runs a test in every order that the memory model allows: see
//! `tests/loom.rs`.

#[cfg(not(feature = "loom"))]
pub(crate) use core::sync::atomic::{AtomicU32 as Shared32, AtomicU64 as Shared64};

#[cfg(feature = "loom")]
pub use modelled::forget_words;
#[cfg(feature = "loom")]
pub(crate) use modelled::{Shared32, Shared64};

/// Loom makes its words anew in every run, somewhere of its own. So each word of the arena has one
/// beside it, made when the word is first used; both have the same value after every change.
///
/// Loom takes sequentially consistent accesses for acquiring and releasing ones, but knows such fences:
/// they stand where the order of all such accesses is used, before loads and behind changes.
#[cfg(feature = "loom")]
mod modelled {
    use core::sync::atomic::Ordering;
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;

    /// What an access in this order needs besides.
    fn order_with_others(order: Ordering) {
        if order == Ordering::SeqCst {
            loom::sync::atomic::fence(order);
        }
    }

    macro_rules! word {
        ($name:ident, $number:ty, $plain:ty, $model:ty, $table:ident) => {
            thread_local! {
                // Loom runs all threads of a test in one.
                static $table: RefCell<BTreeMap<usize, Rc<$model>>> = RefCell::default();
            }

            #[repr(transparent)]
            pub(crate) struct $name($plain);

            impl $name {
                fn model(&self) -> Rc<$model> {
                    let at = (&raw const *self).addr();
                    let known = $table.with_borrow(|table| table.get(&at).cloned());
                    known.unwrap_or_else(|| {
                        let fresh = Rc::new(<$model>::new(self.0.load(Ordering::Relaxed)));
                        $table.with_borrow_mut(|table| table.insert(at, Rc::clone(&fresh)));
                        fresh
                    })
                }

                /// Makes a change in the model, then in memory.
                fn change<T>(
                    &self,
                    order: Ordering,
                    change: impl FnOnce(&$model) -> (T, Option<$number>),
                ) -> T {
                    order_with_others(order);
                    let (result, now) = change(&self.model());
                    order_with_others(order);
                    if let Some(now) = now {
                        self.0.store(now, Ordering::Relaxed);
                    }
                    result
                }

                pub(crate) fn load(&self, order: Ordering) -> $number {
                    order_with_others(order);
                    self.model().load(order)
                }

                pub(crate) fn store(&self, value: $number, order: Ordering) {
                    self.change(order, |model| (model.store(value, order), Some(value)));
                }

                pub(crate) fn swap(&self, value: $number, order: Ordering) -> $number {
                    self.change(order, |model| (model.swap(value, order), Some(value)))
                }

                #[allow(dead_code, reason = "both sizes have the same functions")]
                pub(crate) fn fetch_or(&self, bits: $number, order: Ordering) -> $number {
                    self.change(order, |model| {
                        let before = model.fetch_or(bits, order);
                        (before, Some(before | bits))
                    })
                }

                #[allow(dead_code, reason = "both sizes have the same functions")]
                pub(crate) fn fetch_and(&self, bits: $number, order: Ordering) -> $number {
                    self.change(order, |model| {
                        let before = model.fetch_and(bits, order);
                        (before, Some(before & bits))
                    })
                }

                pub(crate) fn compare_exchange(
                    &self,
                    old: $number,
                    new: $number,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$number, $number> {
                    self.change(success, |model| {
                        let result = model.compare_exchange(old, new, success, failure);
                        (result, result.is_ok().then_some(new))
                    })
                }

                pub(crate) fn compare_exchange_weak(
                    &self,
                    old: $number,
                    new: $number,
                    success: Ordering,
                    failure: Ordering,
                ) -> Result<$number, $number> {
                    self.compare_exchange(old, new, success, failure)
                }
            }
        };
    }

    word!(Shared32, u32, core::sync::atomic::AtomicU32, loom::sync::atomic::AtomicU32, WORDS_OF_32);
    word!(Shared64, u64, core::sync::atomic::AtomicU64, loom::sync::atomic::AtomicU64, WORDS_OF_64);

    /// Forgets the words of the last run. Every run begins and ends with it.
    pub fn forget_words() {
        WORDS_OF_32.with_borrow_mut(BTreeMap::clear);
        WORDS_OF_64.with_borrow_mut(BTreeMap::clear);
    }
}

#[cfg(feature = "loom")]
impl<M: crate::Memory> crate::Arena<M> {
    /// Uses the words of the first thread caches and units, so that the model knows them before there
    /// are threads. A block must have been allocated, and may only be of slabs with few blocks.
    pub fn touch(&self, caches: u16, units: u32) {
        use core::sync::atomic::Ordering::Relaxed;
        for id in 0..=caches {
            self.local(crate::header::LocalId(id)).pending.load(Relaxed);
        }
        self.idle_word(0).load(Relaxed);
        for place in self.control().spans.iter().flatten() {
            place.load(Relaxed);
        }
        let maps = self.maps(0);
        for word in [&maps.used, &maps.dirty, &maps.old, &maps.guarded] {
            word.load(Relaxed);
        }
        for unit in 0..units {
            let remote = self.remote(unit);
            remote.next.load(Relaxed);
            for word in [self.header(unit), &remote.summary, &remote.words[0]] {
                word.load(Relaxed);
            }
        }
    }
}
