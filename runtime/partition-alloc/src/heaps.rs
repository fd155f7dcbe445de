//! The table of heaps, and reserving the addresses for them.

use core::hint::cold_path;

use linux_raw_sys::general::{__NR_prlimit64, MAP_NORESERVE, RLIM64_INFINITY, RLIMIT_AS, rlimit64};
use partition_heap::{
    Arena, Geometry, GuardMethod, Kernel, ZeroPage,
    geometry::{MAX_DATA_SHIFT, MIN_DATA_SHIFT, PAGE_SIZE, UNIT_SIZE},
};
use pkru::{Pkey, Pkru};
use sys::syscall::{Protection, map_anonymous, syscall, unmap};

use crate::limits::Limits;

/// What a heap that does not exist reads as.
static ZEROS: ZeroPage = ZeroPage([0; PAGE_SIZE]);

/// A heap and how to find out that it is the one to use. The first cache line is all that the hot
/// paths need.
#[repr(C, align(256))]
pub(crate) struct Heap {
    /// PKRU of the code whose private heap this is, or [`NOBODYS`].
    pkru: Pkru,
    /// Offset of the thread's slot from the thread pointer.
    slot: isize,
    /// The heap.
    pub(crate) arena: Arena<Kernel>,
    /// Its key.
    pub(crate) key: Pkey,
}

/// A PKRU value that nobody has who gets as far as comparing it: no data can be read with it.
const NOBODYS: Pkru = Pkru::from_bits(u32::MAX);

impl Heap {
    const fn absent(key: Pkey) -> Heap {
        // SAFETY: never used, since the arena is absent.
        const NOTHING: Kernel = unsafe { Kernel::new(Pkey::UNTRUSTED, GuardMethod::Marker) };
        Heap { pkru: NOBODYS, slot: 0, arena: Arena::absent(&ZEROS, NOTHING), key }
    }

    /// Offset of the running thread's slot for this heap from the thread pointer.
    #[inline(always)]
    pub(crate) fn slot_offset(&self) -> isize {
        self.slot
    }
}

/// Where the shared heap is in the table: after the others, so that private heaps are found first.
const SHARED_INDEX: usize = 16;
/// A heap that does not exist, for PKRU values that no gate loads.
const NOBODY_INDEX: usize = 17;

/// All heaps of the process, in one range of addresses: heap k is the k-th arena.
#[repr(C, align(4096))]
pub(crate) struct Heaps {
    /// By key; key 0 is at [`SHARED_INDEX`], and what is at 0 is not used.
    table: [Heap; 18],
    /// Start of the range; 0 before there are heaps.
    start: usize,
    /// log₂ of the distance from one arena to the next.
    stride_shift: u32,
    /// The highest compartment with a heap.
    highest: u8,
    /// What to do about blocks in the wrong hands.
    mode: Mode,
}

/// What happens when a compartment is about to free another's block.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// The process ends.
    Strict,
    /// It is said, and the block stays.
    Permissive,
}

// The pages are made read-only, so nothing else may be on them.
const _: () = assert!(size_of::<Heaps>() == 2 * PAGE_SIZE);

/// Returns the heap of a compartment from a function if it is the one that runs with this PKRU.
///
/// The compiler must not make one computed address of several branches, because everything would
/// wait for the result: so each branch has an assembly text of its own.
macro_rules! reached_by_branch {
    ($heaps:expr, $pkru:expr, $key:literal) => {
        if $heaps.table[$key].pkru == $pkru {
            let mut address: *const Heap = &raw const $heaps.table[$key];
            // SAFETY: no instruction; the address stays what it is, and with it the reference.
            unsafe {
                core::arch::asm!(concat!("/* heap ", $key, ": {0} */"), inout(reg) address,
                    options(readonly, nostack, preserves_flags));
                core::hint::assert_unchecked(!address.is_null());
                return Some(&*address);
            }
        }
    };
}

impl Heaps {
    /// No heaps yet: contains no address and has no block to give.
    pub(crate) const fn none() -> Heaps {
        let mut table = [const { Heap::absent(Pkey::UNTRUSTED) }; 18];
        let mut index = 1;
        while index < Pkey::COUNT {
            if let Some(key) = Pkey::new(index as u8) {
                table[index] = Heap::absent(key);
            }
            index += 1;
        }
        Heaps { table, start: 0, stride_shift: 0, highest: 0, mode: Mode::Strict }
    }

    /// Heaps for compartments 0 to `highest`, each limited to as many bytes as `limits` says for its
    /// key (0: not limited), with their keys on the memory. `slot` says at which offset from the thread pointer a thread has
    /// its slot for a heap, `memory` how a heap gets its pages. Needs no right to those pages.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn reserve(
        highest: Pkey,
        limits: &Limits,
        mode: Mode,
        slot: impl Fn(Pkey) -> isize,
        memory: impl Fn(Pkey, GuardMethod) -> Kernel,
    ) -> Result<Heaps, &'static str> {
        let mut heaps = Heaps::none();
        let (start, geometry) =
            reserve_range(highest.index() + 1).ok_or("no address range for the heaps is free")?;
        heaps.start = start;
        heaps.stride_shift = geometry.arena_size().trailing_zeros();
        heaps.highest = highest.number();
        heaps.mode = mode;
        let base = core::ptr::with_exposed_provenance_mut::<u8>(start);
        // SAFETY: the first page of the first gap is mapped and belongs to nobody.
        let guards = unsafe { Kernel::probe_guards(base.add(geometry.data_size())) };
        for key in Pkey::all().take(highest.index() + 1) {
            let base = base.wrapping_add(key.index() << heaps.stride_shift);
            // SAFETY: the arena is part of the range just reserved, fresh and zero, and this is
            // its only memory.
            let arena =
                unsafe { Arena::new(base, geometry, limits[key.index()], memory(key, guards)) };
            let prepared = arena.prepare();
            let pkru = if key.is_untrusted() { NOBODYS } else { Pkru::of(key) };
            heaps.table[table_index(key)] = Heap { pkru, slot: slot(key), arena, key };
            if !prepared {
                return Err("the heaps' memory cannot be made accessible with its key \
                            (is the key allocated, is there memory?)");
            }
        }
        Ok(heaps)
    }

    /// The heap of a compartment; 0 is the shared one.
    pub(crate) fn heap(&self, key: Pkey) -> &Heap {
        &self.table[table_index(key)]
    }

    /// The shared heap.
    #[inline(always)]
    pub(crate) fn shared(&self) -> &Heap {
        &self.table[SHARED_INDEX]
    }

    /// The private heap with a key.
    #[cfg(not(test))]
    #[inline(always)]
    pub(crate) fn private_at<const KEY: usize>(&self) -> &Heap {
        const { assert!(KEY > 0 && KEY < SHARED_INDEX) };
        &self.table[KEY]
    }

    /// Whether a compartment has a private heap.
    #[cfg(not(test))]
    pub(crate) fn has_private(&self, key: Pkey) -> bool {
        self.exist() && !key.is_untrusted() && key.number() <= self.highest
    }

    /// The private heap of the compartment that runs with this PKRU, if it has one.
    ///
    /// This compares with one value after the other instead of computing an index, because CPUs run
    /// RDPKRU only when all earlier instructions are done: an address computed from its result keeps
    /// the whole allocation waiting (22 ns of 36 for a pair of `malloc` and `free` on an AMD Zen 3),
    /// while a branch on it is predicted and checked later.
    #[inline(always)]
    pub(crate) fn private(&self, pkru: Pkru) -> Option<&Heap> {
        // Most programs have few compartments, so the first ones are asked for in order.
        reached_by_branch!(self, pkru, 1);
        reached_by_branch!(self, pkru, 2);
        reached_by_branch!(self, pkru, 3);
        reached_by_branch!(self, pkru, 4);
        cold_path();
        let heap = self.of(pkru);
        (heap.pkru == pkru).then_some(heap)
    }

    /// The heap of the compartment that runs with this PKRU; for a value that no gate loads, one
    /// that does not exist.
    #[inline(always)]
    pub(crate) fn of(&self, pkru: Pkru) -> &Heap {
        // What signal handlers get, and what runs before the first gate, is compartment 0 too.
        let index = pkru.compartment().map_or(NOBODY_INDEX, table_index);
        // SAFETY: both are below the table's length.
        unsafe { self.table.get_unchecked(index) }
    }

    /// Whether a heap is what [`Heaps::of`] finds for a value that no gate loads.
    pub(crate) fn is_nobodys(&self, heap: &Heap) -> bool {
        core::ptr::eq(heap, &self.table[NOBODY_INDEX])
    }

    /// Whose heap's address range an address lies in. Reads only this table.
    pub(crate) fn owner(&self, address: *const u8) -> Option<Pkey> {
        let offset = address.addr().checked_sub(self.start)?;
        let key = u8::try_from(offset >> self.stride_shift).ok().and_then(Pkey::new)?;
        (self.start != 0 && key.number() <= self.highest).then_some(key)
    }

    /// Whether blocks in the wrong hands are passed over.
    pub(crate) fn is_permissive(&self) -> bool {
        self.mode == Mode::Permissive
    }

    /// Whether there are heaps.
    pub(crate) fn exist(&self) -> bool {
        self.start != 0
    }
}

/// Where the heap with a key is in the table.
fn table_index(key: Pkey) -> usize {
    if key.is_untrusted() { SHARED_INDEX } else { key.index() }
}

/// Reserves inaccessible addresses for this many arenas, as large as the process may have.
fn reserve_range(count: usize) -> Option<(usize, Geometry)> {
    // A limit on address space is there to be shared with the rest of the program.
    let most = address_space_limit() / 2;
    (MIN_DATA_SHIFT..=MAX_DATA_SHIFT).rev().map(Geometry::new).find_map(|geometry| {
        let length = count * geometry.arena_size();
        if length > most {
            return None;
        }
        // SAFETY: a new mapping, where the kernel likes; one unit more, to align it.
        let start =
            unsafe { map_anonymous(0, length + UNIT_SIZE, Protection::NONE, MAP_NORESERVE).ok()? };
        let aligned = start.next_multiple_of(UNIT_SIZE);
        trim(start, aligned);
        trim(aligned + length, start + length + UNIT_SIZE);
        Some((aligned, geometry))
    })
}

/// Unmaps what alignment left over.
fn trim(from: usize, to: usize) {
    if from < to {
        // SAFETY: part of a mapping that is ours and not used. Failure wastes addresses only.
        let _ = unsafe { unmap(from, to - from) };
    }
}

/// `RLIMIT_AS` in bytes (getrlimit(2)).
fn address_space_limit() -> usize {
    let mut limit = rlimit64 { rlim_cur: RLIM64_INFINITY as u64, rlim_max: 0 };
    let args = [0, RLIMIT_AS as usize, 0, (&raw mut limit) as usize, 0, 0];
    // SAFETY: the kernel writes `limit`. It cannot fail; if it did, there would be no limit.
    let _ = unsafe { syscall(__NR_prlimit64, args) };
    usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX)
}
