//! The table of heaps: made once, before any constructor runs, and read-only from then on.

use core::cell::UnsafeCell;

use linux_raw_sys::general::{__NR_prlimit64, MAP_NORESERVE, RLIM64_INFINITY, RLIMIT_AS, rlimit64};
use partition_heap::{
    Arena, Geometry, Kernel, ZeroPage,
    geometry::{MAX_DATA_SHIFT, MIN_DATA_SHIFT, PAGE_SIZE, UNIT_SIZE},
};
use pkru::Pkey;
use sys::syscall::{Protection, map_anonymous, protect, syscall, unmap};

/// What a heap that does not exist reads as.
static ZEROS: ZeroPage = ZeroPage([0; PAGE_SIZE]);

/// All heaps of the process, in one range of addresses: heap k is the k-th arena.
#[repr(C, align(4096))]
pub(crate) struct Heaps {
    arenas: [Arena<Kernel>; Pkey::COUNT],
    /// Start of the range; 0 before there are heaps.
    start: usize,
    /// log₂ of the distance from one arena to the next.
    stride_shift: u32,
    /// The highest compartment with a heap.
    highest: u8,
}

// The page is made read-only, so nothing else may be on it.
const _: () = assert!(size_of::<Heaps>() == PAGE_SIZE);

impl Heaps {
    /// No heaps yet: contains no address and has no block to give.
    pub(crate) const fn none() -> Heaps {
        // SAFETY: never used, since the arenas are absent.
        const NOTHING: Kernel =
            unsafe { Kernel::new(Pkey::UNTRUSTED, partition_heap::GuardMethod::Marker) };
        Heaps {
            arenas: [const { Arena::absent(&ZEROS, NOTHING) }; Pkey::COUNT],
            start: 0,
            stride_shift: 0,
            highest: 0,
        }
    }

    /// Heaps for compartments 0 to `highest`, each limited to `limit` bytes (0: not limited), with
    /// their keys on the memory. Needs no right to that memory.
    ///
    /// # Errors
    /// In words.
    pub(crate) fn reserve(highest: Pkey, limit: usize) -> Result<Heaps, &'static str> {
        let mut heaps = Heaps::none();
        let (start, geometry) =
            reserve_range(highest.index() + 1).ok_or("no address range for the heaps is free")?;
        heaps.start = start;
        heaps.stride_shift = geometry.arena_size().trailing_zeros();
        heaps.highest = highest.number();
        let base = core::ptr::with_exposed_provenance_mut::<u8>(start);
        // SAFETY: the first page of the first gap is mapped and belongs to nobody.
        let guards = unsafe { Kernel::probe_guards(base.add(geometry.data_size())) };
        for key in Pkey::all().take(highest.index() + 1) {
            let base = base.wrapping_add(key.index() << heaps.stride_shift);
            // SAFETY: the arena is part of the range just reserved, fresh and zero, and this is
            // its only memory.
            heaps.arenas[key.index()] =
                unsafe { Arena::new(base, geometry, limit, Kernel::new(key, guards)) };
            if !heaps.arenas[key.index()].prepare() {
                return Err("the heaps' memory cannot be made accessible with its key \
                            (is the key allocated, is there memory?)");
            }
        }
        Ok(heaps)
    }

    /// The heap of a compartment; 0 is the shared one.
    #[inline(always)]
    pub(crate) fn arena(&self, key: Pkey) -> &Arena<Kernel> {
        // The mask changes nothing, but spares the hot path a bounds check.
        &self.arenas[key.index() % Pkey::COUNT]
    }

    /// Whose heap's address range an address lies in. Reads only this table.
    pub(crate) fn owner(&self, address: *const u8) -> Option<Pkey> {
        let offset = address.addr().checked_sub(self.start)?;
        let key = u8::try_from(offset >> self.stride_shift).ok().and_then(Pkey::new)?;
        (self.start != 0 && key.number() <= self.highest).then_some(key)
    }

    /// Whether there are heaps.
    pub(crate) fn exist(&self) -> bool {
        self.start != 0
    }
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

/// The process's heaps. On a page of their own that is read-only once they are made.
pub(crate) struct Process(UnsafeCell<Heaps>);

// SAFETY: written once, before the process has a second thread, then read only.
unsafe impl Sync for Process {}

static PROCESS: Process = Process(UnsafeCell::new(Heaps::none()));

/// The process's heaps.
#[inline(always)]
pub(crate) fn process() -> &'static Heaps {
    // SAFETY: nobody writes but `start`, which runs before anybody allocates.
    unsafe { &*PROCESS.0.get() }
}

/// Makes the process's heaps, once.
///
/// # Safety
/// No other thread exists and no block has been allocated.
///
/// # Errors
/// In words.
pub(crate) unsafe fn start(highest: u32, limit: usize) -> Result<(), &'static str> {
    if process().exist() {
        return Err("ia2_heap_start was called twice");
    }
    let highest = u8::try_from(highest).ok().and_then(Pkey::new);
    let heaps = Heaps::reserve(highest.ok_or("the highest key is above 15")?, limit)?;
    let place = PROCESS.0.get();
    // SAFETY: no other thread exists, and nobody holds a reference across this call.
    unsafe { place.write(heaps) };
    // SAFETY: nobody writes the table again.
    unsafe { protect(place as usize, PAGE_SIZE, Protection::READ) }
        .map_err(|_| "the table of heaps cannot be made read-only")
}
