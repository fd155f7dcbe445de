//! The arena: all of the code that turns offsets into references, and most of the `unsafe`.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};

use crate::{
    class::Class,
    geometry::{Geometry, UNIT_SHIFT},
    header::{Header, LocalId},
    local::Local,
    memory::Memory,
    metadata::{Metadata, Open},
    record::{LINE, Record, Remote, UNIT_MAPS_SIZE, UnitMaps},
    shared::{Shared32, Shared64},
};

/// A heap: where its arena is. Holds no state itself and never changes, so that it can lie on a
/// page that nobody can write.
#[repr(C)]
pub struct Arena<M> {
    // What the hot paths use comes first: 48 bytes, to share a cache line with what finds it.
    data: *mut u8,
    data_mask: usize,
    headers: *mut u8,
    records: *mut u8,
    record_mask: usize,
    locals: *mut u8,

    local_mask: u32,
    remotes: *mut u8,
    maps: *mut u8,
    base: *mut u8,
    geometry: Geometry,
    limit: u64,
    pub(crate) memory: M,
}

// SAFETY: all state is behind the pointers and only reached as atomics; blocks belong to whoever
// allocated them.
unsafe impl<M: Sync> Sync for Arena<M> {}
// SAFETY: as above; nothing is tied to a thread.
unsafe impl<M: Send> Send for Arena<M> {}

/// Zeros to read instead of metadata, for heaps that do not exist.
#[repr(C, align(4096))]
pub struct ZeroPage(pub [u8; 4096]);

/// Counters of a heap, on its control page.
#[repr(C)]
pub(crate) struct Control {
    /// No unit below is free (unless a thread is about to lower the number).
    pub(crate) hint: AtomicU32,
    /// Units below are readable and writable.
    pub(crate) committed: AtomicU32,
    /// Metadata of the units below is readable and writable.
    pub(crate) described: AtomicU32,
    /// Units that are free but hold old contents.
    pub(crate) dirty: AtomicU32,
    /// Guarded pages.
    pub(crate) guards: AtomicU32,
    /// Where to start asking idle thread caches for a slab; any number will do.
    pub(crate) asked: AtomicU32,
    /// Highest thread cache ever used.
    pub(crate) locals: AtomicU32,
    /// Thread caches below are readable and writable, but for those committed at start.
    pub(crate) locals_committed: AtomicU32,
    /// Lines of records that were ever taken.
    pub(crate) lines: AtomicU32,
    /// Bytes in slabs and spans.
    pub(crate) held: AtomicU64,
    /// Bytes of records that are readable and writable.
    pub(crate) records_committed: AtomicU64,
    /// When old contents were last purged, in milliseconds.
    pub(crate) purged: AtomicU64,
    /// Units in `spans`.
    pub(crate) spare: AtomicU32,
    /// Units that spans have, but do not need.
    pub(crate) extra: AtomicU32,
    /// Freed spans, ready for use: unit number + 1; 0 if there is none. By their number of units.
    pub(crate) spans: [[Shared32; SPARE_SPANS]; SPARE_UNITS],
}

/// Most units of a span that is kept for use as a whole.
pub(crate) const SPARE_UNITS: usize = 16;
/// How many spans of each size are kept.
pub(crate) const SPARE_SPANS: usize = 8;

/// log₂ of the size of a thread cache.
const LOCAL_SHIFT: u32 = size_of::<Local>().trailing_zeros();
/// Thread caches that are committed at a time.
const LOCALS_STEP: usize = 64;

impl<M: Memory> Arena<M> {
    /// A heap in `geometry.arena_size()` bytes at `base` that may hold at most `limit` bytes
    /// (0: no limit) in slabs and spans.
    ///
    /// Nothing is read or written; call [`Arena::prepare`] before the first use.
    ///
    /// # Safety
    /// The range must be mapped for as long as the heap is used, its metadata zero at first, and
    /// nobody else may write it while this heap is expected to work. `memory` must act on that range.
    pub unsafe fn new(base: *mut u8, geometry: Geometry, limit: usize, memory: M) -> Arena<M> {
        Arena {
            data: base,
            data_mask: geometry.data_size() - 1,
            headers: base.wrapping_add(geometry.headers),
            locals: base.wrapping_add(geometry.locals),
            records: base.wrapping_add(geometry.records),
            record_mask: geometry.records_size() - LINE,
            local_mask: (geometry.local_count() - 1) << LOCAL_SHIFT,
            remotes: base.wrapping_add(geometry.remotes),
            maps: base.wrapping_add(geometry.maps),
            base,
            geometry,
            limit: if limit == 0 { u64::MAX } else { limit as u64 },
            memory,
        }
    }

    /// A heap that does not exist: contains no address, and has no block to give.
    pub const fn absent(zeros: &'static ZeroPage, memory: M) -> Arena<M> {
        let zeros = (&raw const *zeros).cast_mut().cast::<u8>();
        Arena {
            // The one address no block has, with a mask that lets no other pass.
            data: core::ptr::without_provenance_mut(usize::MAX),
            data_mask: 0,
            headers: zeros,
            locals: zeros,
            records: zeros,
            record_mask: 0,
            local_mask: 0,
            remotes: zeros,
            maps: zeros,
            base: core::ptr::null_mut(),
            geometry: Geometry::new(crate::geometry::MIN_DATA_SHIFT),
            limit: 0,
            memory,
        }
    }

    /// Whether the heap was made by [`Arena::absent`].
    pub fn is_absent(&self) -> bool {
        self.base.is_null()
    }

    /// Makes the parts of the metadata accessible that are needed whatever happens. Touches no
    /// memory, so it works without the heap's rights. False if the machine has no memory to promise.
    pub fn prepare(&self) -> bool {
        let g = &self.geometry;
        self.memory.commit(self.base.wrapping_add(g.control), g.headers - g.control)
            // Readable, so that a wild pointer to free an address finds "no block".
            && self.memory.reveal(self.headers, g.homes - g.headers)
            && self.memory.commit(self.locals, LOCALS_STEP * size_of::<Local>())
            && self.memory.commit(self.records, crate::geometry::PAGE_SIZE)
    }

    /// The layout of the arena.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Bytes in slabs and spans now.
    pub fn held(&self) -> u64 {
        if self.is_absent() { 0 } else { self.control().held.load(Relaxed) }
    }

    /// Bytes of free units that still hold old contents.
    pub fn dirty(&self) -> u64 {
        if self.is_absent() {
            return 0;
        }
        u64::from(self.control().dirty.load(Relaxed)) << UNIT_SHIFT
    }

    /// Bytes the heap may hold in slabs and spans.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// The offset of an address among the units, or `None` if it is elsewhere.
    #[inline(always)]
    pub fn offset_of(&self, address: *const u8) -> Option<usize> {
        let offset = address.addr().wrapping_sub(self.data.addr());
        if offset <= self.data_mask { Some(offset) } else { None }
    }

    /// Whether an address lies anywhere in the arena, metadata and gaps included.
    pub fn contains(&self, address: *const u8) -> bool {
        !self.is_absent()
            && address.addr().wrapping_sub(self.base.addr()) < self.geometry.arena_size()
    }

    /// The address at an offset. May be used up to [`crate::geometry::GAP_SIZE`] past the units,
    /// where every access faults.
    #[inline(always)]
    pub fn address(&self, offset: usize) -> *mut u8 {
        self.data.wrapping_add(offset)
    }

    /// The address of a unit.
    pub(crate) fn unit_address(&self, unit: u32) -> *mut u8 {
        self.address((unit as usize) << UNIT_SHIFT)
    }

    /// The address of a block whose offset was computed from metadata: bounded, hence in a unit.
    #[inline(always)]
    pub(crate) fn block_address<T: Metadata>(&self, offset: u64) -> *mut u8 {
        self.data.wrapping_add(T::bound(offset as usize, self.data_mask))
    }

    /// Keeps a unit number read from metadata below the number of units.
    #[inline(always)]
    pub(crate) fn mask_unit(&self, unit: u32) -> u32 {
        unit & (self.data_mask >> UNIT_SHIFT) as u32
    }

    /// The header of the unit at an offset that [`Arena::offset_of`] gave.
    #[inline(always)]
    pub(crate) fn header_at(&self, offset: usize) -> &Shared64 {
        debug_assert!(offset <= self.data_mask);
        // SAFETY: the headers have an entry per unit, and the offset is below the size of the data.
        // The page is zero, or holds what this heap wrote; all values are valid.
        unsafe { &*self.headers.cast::<Shared64>().add(offset >> UNIT_SHIFT) }
    }

    /// The header of a unit, which is masked.
    pub(crate) fn header(&self, unit: u32) -> &Shared64 {
        self.header_at((self.mask_unit(unit) as usize) << UNIT_SHIFT)
    }

    /// A unit's header, read once.
    pub(crate) fn load_header(&self, unit: u32) -> Header {
        Header(self.header(unit).load(Relaxed))
    }

    /// The thread cache that a token names; its number is masked.
    #[inline(always)]
    pub(crate) fn local_of(&self, token: u64) -> &Local {
        let offset = (token >> (16 - LOCAL_SHIFT)) as u32 & self.local_mask;
        // SAFETY: the mask keeps the offset below the size of all thread caches, and a multiple of
        // the size of one, which is also their alignment. All fields are atomics, so any bytes are
        // valid; a page that is not accessible yet faults.
        unsafe { &*self.locals.add(offset as usize).cast::<Local>() }
    }

    /// The thread cache with this number, which is masked.
    pub(crate) fn local(&self, id: LocalId) -> &Local {
        self.local_of(id.token())
    }

    /// The record at this offset among the records, which is masked.
    pub(crate) fn record_at(&self, offset: u64) -> Record<'_> {
        self.bounded_record::<Open>(offset)
    }

    /// The record at this offset among the records, which is bounded.
    #[inline(always)]
    pub(crate) fn bounded_record<T: Metadata>(&self, offset: u64) -> Record<'_> {
        let offset = T::bound(offset as usize, self.record_mask);
        // SAFETY: the mask keeps the offset a multiple of `LINE` in the range for records, and
        // `RECORD_REACH` from any of them the arena goes on. What need not be masked is what this
        // heap wrote.
        unsafe { Record::new(self.records.add(offset)) }
    }

    /// The record of the slab with this header.
    #[inline(always)]
    pub(crate) fn record_of<T: Metadata>(&self, header: Header) -> Record<'_> {
        const SHIFT: u32 = 32 - LINE.trailing_zeros();
        // The mask clears the bits below the line's number.
        let offset = if T::FORGEABLE { header.0 >> SHIFT } else { header.0 >> 32 << (32 - SHIFT) };
        self.bounded_record::<T>(offset)
    }

    /// The record of the slab that starts at this unit.
    pub(crate) fn record(&self, unit: u32) -> Record<'_> {
        self.record_of::<Open>(self.load_header(unit))
    }

    /// Where the record is that a unit's slabs have, and how many lines it has (upper half). The unit
    /// number is masked.
    pub(crate) fn home(&self, unit: u32) -> &AtomicU64 {
        let index = self.mask_unit(unit) as usize;
        // SAFETY: there is one per unit, from a page start.
        unsafe { &*self.base.add(self.geometry.homes).cast::<AtomicU64>().add(index) }
    }

    /// What other threads tell the owner of a unit, which is masked.
    pub(crate) fn remote(&self, unit: u32) -> &Remote {
        let index = self.mask_unit(unit) as usize;
        // SAFETY: there is a remote record per unit; a page start plus a multiple of the size.
        unsafe { &*self.remotes.cast::<Remote>().add(index) }
    }

    /// The maps of 64 units; `group` is masked.
    pub(crate) fn maps(&self, group: u32) -> &UnitMaps {
        let index = (group & (self.geometry.units() / 64 - 1)) as usize;
        // SAFETY: there is one per 64 units; a page start plus a multiple of the size.
        unsafe { &*self.maps.add(index * UNIT_MAPS_SIZE).cast::<UnitMaps>() }
    }

    /// Word `index` (masked) of the bitmap of thread caches that no thread uses.
    pub(crate) fn idle_word(&self, index: u32) -> &Shared64 {
        let index = (index & (self.local_mask >> LOCAL_SHIFT >> 6)) as usize;
        // SAFETY: one bit per thread cache, at least 1024 of them, from a page start.
        unsafe { &*self.base.add(self.geometry.idle).cast::<Shared64>().add(index) }
    }

    /// The heap's counters.
    pub(crate) fn control(&self) -> &Control {
        // SAFETY: the control page belongs to this structure alone.
        unsafe { &*self.base.add(self.geometry.control).cast::<Control>() }
    }

    /// Makes the thread cache with this number accessible.
    pub(crate) fn commit_local(&self, id: LocalId) -> bool {
        let (step, index) =
            (LOCALS_STEP as u32, u32::from(id.0) & (self.local_mask >> LOCAL_SHIFT));
        let committed = self.control().locals_committed.load(Relaxed).max(step);
        if index < committed {
            return true;
        }
        // Threads may get here in another order than their numbers, so whoever raises the mark has
        // committed everything below it.
        let end = (index / step + 1) * step;
        let start = self.locals.wrapping_add(committed as usize * size_of::<Local>());
        if !self.memory.commit(start, (end - committed) as usize * size_of::<Local>()) {
            return false;
        }
        self.control().locals_committed.fetch_max(end, Relaxed);
        true
    }

    /// The class and block size of the slab that a header names; an error if there is no such class.
    pub(crate) fn checked_class(
        &self,
        header: Header,
        unit: u32,
    ) -> Result<Class, crate::misuse::Misuse> {
        match header.class().index() {
            Some(_) => Ok(header.class()),
            None => Err(crate::misuse::Misuse::corrupt((unit as usize) << UNIT_SHIFT)),
        }
    }
}
