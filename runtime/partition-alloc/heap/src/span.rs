//! Large blocks: a span of units each, with an inaccessible page behind.

use core::sync::atomic::Ordering::{AcqRel, Relaxed, Release};

use crate::{
    arena::Arena,
    geometry::{GUARD_SIZE, PAGE_SIZE, UNIT_SHIFT, UNIT_SIZE, pages},
    header::{Header, Kind},
    memory::Memory,
    misuse::{Failure, Misuse, MisuseKind},
};

/// A block that was just allocated.
#[derive(Clone, Copy, Debug)]
pub struct Fresh {
    /// Its address.
    pub address: *mut u8,
    /// Whether it is known to be all zero.
    pub clean: bool,
}

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
    pub(crate) fn allocate_span(&self, size: usize, align: usize) -> Result<Fresh, Failure> {
        let limit = self.geometry().data_size();
        if self.is_absent() || size > limit - UNIT_SIZE || align > limit {
            return Err(Failure::NoMemory);
        }
        let bytes = pages(size.max(1));
        let units = units_for(bytes);
        let align = (align / UNIT_SIZE).max(1) as u32;
        let spare = if align == 1 { self.take_spare(units, bytes) } else { None };
        let taken = spare.or_else(|| Some((self.take_units(units, align, bytes)?, units)));
        let (taken, have) = taken.ok_or(Failure::NoMemory)?;
        self.header(taken.unit).store(span_header(bytes, (have - units) as u16).0, Release);
        Ok(Fresh { address: self.unit_address(taken.unit), clean: taken.clean })
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
        let (units, new_units) = (self.span_units(unit), units_for(new_bytes));
        if new_units > units {
            // The inner guard page must go before the block may be used across it.
            let (from, to) = (unit + units, unit + new_units);
            if self.take_more(from, to, new_bytes.saturating_sub(bytes)).is_none() {
                return false;
            }
            if !self.guard_end(unit, to) {
                self.release_units(from, to, new_bytes.saturating_sub(bytes));
                return false;
            }
        } else if new_bytes > bytes && !self.charge(new_bytes - bytes) {
            return false;
        }
        // What a block got more than it asked for stays until it shrinks.
        let kept = if new_bytes < bytes { new_units } else { new_units.max(units) };
        // Before the rest is released, so that a fork never finds units in two places.
        let header = span_header(new_bytes, (kept - new_units) as u16);
        self.header(unit).store(header.0, Release);
        if kept < units {
            self.guard_end(unit, unit + kept);
            self.release_units(unit + kept, unit + units, 0);
        }
        self.discharge(bytes.saturating_sub(new_bytes));
        true
    }
}
