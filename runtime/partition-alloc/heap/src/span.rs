//! Large blocks: a span of units each, with an inaccessible page behind.

use core::sync::atomic::Ordering::{AcqRel, Relaxed, Release};

use crate::{
    arena::{Arena, SPARE_UNITS},
    geometry::{GUARD_SIZE, PAGE_SIZE, UNIT_SHIFT, UNIT_SIZE, pages},
    header::{Header, Kind},
    memory::Memory,
    misuse::{Failure, Misuse, MisuseKind},
    units::Taken,
};

/// A block that was just allocated.
#[derive(Clone, Copy, Debug)]
pub struct Fresh {
    /// Its address.
    pub address: *mut u8,
    /// Whether it is known to be all zero.
    pub clean: bool,
}

/// What a span is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Purpose {
    /// A block that may stay as large as it is.
    Block,
    /// A block that has grown, and will probably grow again.
    Growth,
}

/// A growing block gets room for as many times its size, in addition to its own.
const ROOM: u32 = 3;
/// Fewest and most units of such room: with one unit for itself as many as are kept as a whole when
/// they are freed, and 64 MiB.
const ROOM_UNITS: (u32, u32) = (SPARE_UNITS as u32 - 1, 1024);

/// Units that a block of this many bytes needs, its guard page included.
fn units_for(bytes: usize) -> u32 {
    (bytes + GUARD_SIZE).div_ceil(UNIT_SIZE) as u32
}

/// The header of a span for this many bytes, whole pages.
fn span_header(bytes: usize, extra: u16) -> Header {
    Header::span((bytes / PAGE_SIZE) as u32, extra)
}

impl<M: Memory> Arena<M> {
    /// Bytes of the span that starts at a unit. Never reaches beyond the arena.
    pub(crate) fn span_size(&self, unit: u32) -> usize {
        let offset = (self.mask_unit(unit) as usize) << UNIT_SHIFT;
        let bytes = self.load_header(unit).pages() as usize * PAGE_SIZE;
        bytes.min(self.geometry().data_size() - offset)
    }

    /// Units of the span that starts at a unit. At least one, and never beyond the arena.
    pub(crate) fn span_units(&self, unit: u32) -> u32 {
        let left = self.geometry().units() - self.mask_unit(unit);
        let extra = u32::from(self.load_header(unit).extra());
        units_for(self.span_size(unit)).saturating_add(extra).min(left)
    }

    /// Allocates a span for `size` bytes aligned to `align`, a power of two.
    #[cold]
    #[inline(never)]
    pub(crate) fn allocate_span(
        &self,
        size: usize,
        align: usize,
        purpose: Purpose,
    ) -> Result<Fresh, Failure> {
        let limit = self.geometry().data_size();
        if self.is_absent() || size > limit - UNIT_SIZE || align > limit {
            return Err(Failure::NoMemory);
        }
        let bytes = pages(size.max(1));
        let units = units_for(bytes);
        let align = (align / UNIT_SIZE).max(1) as u32;
        let roomy = if purpose == Purpose::Growth { self.take_roomy(units, bytes) } else { None };
        let spare = || if align == 1 { self.take_spare(units, bytes) } else { None };
        let exact = || Some((self.take_units(units, align, bytes)?, units));
        let taken = roomy.or_else(spare).or_else(exact);
        let (taken, have) = taken.ok_or(Failure::NoMemory)?;
        self.set_span(taken.unit, bytes, have - units);
        Ok(Fresh { address: self.unit_address(taken.unit), clean: taken.clean })
    }

    /// Takes units for a growing block, with room behind it if not too much lies idle already. Also
    /// returns how many units there are.
    fn take_roomy(&self, units: u32, bytes: usize) -> Option<(Taken, u32)> {
        let room = self.room_for(units);
        if room == 0 {
            return None;
        }
        let spare = self.take_spare(units + room, bytes);
        spare.or_else(|| Some((self.take_units(units + room, 1, bytes)?, units + room)))
    }

    /// How many units of room a growing block of this many units should get.
    fn room_for(&self, units: u32) -> u32 {
        let room = units.saturating_mul(ROOM).clamp(ROOM_UNITS.0, ROOM_UNITS.1);
        let idle = u64::from(self.control().extra.load(Relaxed)) + u64::from(room);
        if idle > self.slack() { 0 } else { room }
    }

    /// Makes taken units a span, or changes what it holds.
    fn set_span(&self, unit: u32, bytes: usize, extra: u32) {
        self.control().extra.fetch_add(extra, Relaxed);
        self.header(unit).store(span_header(bytes, extra as u16).0, Release);
    }

    /// Frees a span. Of several threads that try, one succeeds.
    pub(crate) fn free_span(&self, unit: u32) -> Result<(), Misuse> {
        let (size, units) = (self.span_size(unit), self.span_units(unit));
        let header = self.load_header(unit);
        if header.kind() != Some(Kind::Span)
            || self
                .header(unit)
                .compare_exchange(header.0, Header::FREE.0, AcqRel, Relaxed)
                .is_err()
        {
            let offset = (unit as usize) << UNIT_SHIFT;
            return Err(Misuse { kind: MisuseKind::AlreadyFree, offset, size });
        }
        self.control().extra.fetch_sub(header.extra().into(), Relaxed);
        self.discharge(size);
        if !self.keep_spare(unit, units) {
            self.release_units(unit, unit + units, 0);
        }
        Ok(())
    }

    /// Changes the size of a span where it is. False if there is no room behind it.
    pub(crate) fn resize_span(&self, unit: u32, size: usize) -> bool {
        if size > self.geometry().data_size() - UNIT_SIZE {
            return false;
        }
        let (bytes, new_bytes) = (self.span_size(unit), pages(size.max(1)));
        let (mut units, new_units) = (self.span_units(unit), units_for(new_bytes));
        if new_units > units {
            let more_bytes = new_bytes.saturating_sub(bytes);
            match self.extend_span(unit, units, new_units, more_bytes) {
                Some(extended) => units = extended,
                None => return false,
            }
        } else if new_bytes > bytes && !self.charge(new_bytes - bytes) {
            return false;
        }
        // What a block got more than it asked for stays until it shrinks.
        let kept = if new_bytes < bytes { new_units } else { new_units.max(units) };
        // Before the rest is released, so that a fork never finds units in two places.
        self.control().extra.fetch_sub(self.load_header(unit).extra().into(), Relaxed);
        self.set_span(unit, new_bytes, kept - new_units);
        if kept < units {
            self.guard_end(unit, unit + kept);
            self.release_units(unit + kept, unit + units, 0);
        }
        self.discharge(bytes.saturating_sub(new_bytes));
        true
    }

    /// Takes the units behind a span, with room for more growth if possible. Returns how many units
    /// the span has then.
    fn extend_span(&self, unit: u32, have: u32, need: u32, bytes: usize) -> Option<u32> {
        let from = unit + have;
        let wanted = [need.saturating_add(self.room_for(need)), need];
        let units = wanted.into_iter().find(|&units| {
            unit.checked_add(units).is_some_and(|to| self.take_more(from, to, bytes).is_some())
        })?;
        // The inner guard page must go before the block may be used across it.
        if self.guard_end(unit, unit + units) {
            return Some(units);
        }
        self.release_units(from, unit + units, bytes);
        None
    }
}
