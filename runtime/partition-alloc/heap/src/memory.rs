//! What a heap asks the kernel for.

use linux_raw_sys::general::{CLOCK_MONOTONIC_COARSE, MADV_DONTNEED, timespec};
use pkru::Pkey;
use sys::syscall::{self, Protection};

/// Pages of an arena. All ranges are whole pages of the arena.
pub trait Memory {
    /// Makes pages readable and writable with the heap's rights. Pages that are already keep their
    /// contents; others are zero. False if the machine has no memory to promise.
    fn commit(&self, start: *mut u8, length: usize) -> bool;
    /// Makes pages readable that were never accessible. They read as zero and cost no memory.
    fn reveal(&self, start: *mut u8, length: usize) -> bool;
    /// Gives the contents back to the kernel; the pages are zero when touched next. False if the
    /// contents stay.
    fn discard(&self, start: *mut u8, length: usize) -> bool;
    /// Makes a page inaccessible; its contents are gone. False if it stays accessible.
    fn guard(&self, page: *mut u8) -> bool;
    /// Makes all pages of a range accessible that [`Memory::guard`] made inaccessible.
    fn unguard(&self, start: *mut u8, length: usize) -> bool;
    /// How many pages may be guarded at the same time.
    fn most_guards(&self) -> u32;
    /// A clock that never goes back, in milliseconds.
    fn milliseconds(&self) -> u64;
}

/// How single pages are made inaccessible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GuardMethod {
    /// A mark in the page table (`MADV_GUARD_INSTALL`, Linux 6.13): costs no mapping.
    Marker,
    /// Access rights of their own. Each splits a mapping in three, and a process may only have
    /// `vm.max_map_count` (65,530) of them.
    Protection,
}

/// `MADV_GUARD_INSTALL` and `MADV_GUARD_REMOVE` (`include/uapi/asm-generic/mman-common.h`).
const GUARD_INSTALL: u32 = 102;
const GUARD_REMOVE: u32 = 103;

/// Guards of one heap by [`GuardMethod::Protection`]: sixteen heaps then stay at half of the
/// default `vm.max_map_count`.
const PROTECTION_GUARDS: u32 = 1000;

/// The kernel's memory, with a protection key.
#[derive(Clone, Copy)]
pub struct Kernel {
    key: Pkey,
    guards: GuardMethod,
}

impl Kernel {
    /// Pages that get this key when they are committed.
    ///
    /// # Safety
    /// Only arenas that lie in a mapping of their own may use it.
    pub const unsafe fn new(key: Pkey, guards: GuardMethod) -> Kernel {
        Kernel { key, guards }
    }

    /// Finds out what this kernel can do, by guarding a page.
    ///
    /// # Safety
    /// `page` is a mapped page that nobody uses; it may stay inaccessible.
    pub unsafe fn probe_guards(page: *mut u8) -> GuardMethod {
        // SAFETY: nobody uses the page.
        match unsafe { syscall::advise(page as usize, crate::geometry::PAGE_SIZE, GUARD_INSTALL) } {
            Ok(()) => GuardMethod::Marker,
            Err(_) => GuardMethod::Protection,
        }
    }

    fn protect(&self, start: *mut u8, length: usize, rights: Protection) -> bool {
        let start = start as usize;
        // SAFETY: the range lies in the arena, which has a mapping of its own; rights only grow.
        // The shared heap's pages have key 0 since they were mapped; asking for key 0 would fail
        // where the CPU has no keys.
        let done = unsafe {
            if self.key.is_untrusted() {
                syscall::protect(start, length, rights)
            } else {
                syscall::protect_with_key(start, length, rights, self.key)
            }
        };
        done.is_ok()
    }
}

impl Memory for Kernel {
    fn commit(&self, start: *mut u8, length: usize) -> bool {
        self.protect(start, length, Protection::READ_WRITE)
    }

    fn reveal(&self, start: *mut u8, length: usize) -> bool {
        self.protect(start, length, Protection::READ)
    }

    fn discard(&self, start: *mut u8, length: usize) -> bool {
        // SAFETY: the heap discards only units that it has taken for this purpose.
        unsafe { syscall::advise(start as usize, length, MADV_DONTNEED).is_ok() }
    }

    fn guard(&self, page: *mut u8) -> bool {
        let (page, length) = (page as usize, crate::geometry::PAGE_SIZE);
        // SAFETY: the last page of a unit holds no block.
        let done = unsafe {
            match self.guards {
                GuardMethod::Marker => syscall::advise(page, length, GUARD_INSTALL),
                GuardMethod::Protection => syscall::protect(page, length, Protection::NONE),
            }
        };
        done.is_ok()
    }

    fn unguard(&self, start: *mut u8, length: usize) -> bool {
        match self.guards {
            // SAFETY: only pages that were guarded change.
            GuardMethod::Marker => unsafe {
                syscall::advise(start as usize, length, GUARD_REMOVE).is_ok()
            },
            GuardMethod::Protection => self.commit(start, length),
        }
    }

    fn most_guards(&self) -> u32 {
        match self.guards {
            GuardMethod::Marker => u32::MAX,
            GuardMethod::Protection => PROTECTION_GUARDS,
        }
    }

    fn milliseconds(&self) -> u64 {
        unsafe extern "C" {
            /// clock_gettime(2) through libc, which knows the kernel's version without a call.
            fn clock_gettime(clock: i32, time: *mut timespec) -> i32;
        }
        let mut time = timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `time` is writable. The coarse clock exists since Linux 2.6.32.
        unsafe { clock_gettime(CLOCK_MONOTONIC_COARSE as i32, &raw mut time) };
        time.tv_sec as u64 * 1000 + time.tv_nsec as u64 / 1_000_000
    }
}
