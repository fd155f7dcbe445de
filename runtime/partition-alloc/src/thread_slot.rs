//! The running thread: its compartment, from PKRU, and its thread block, relative to `%fs`.
//!
//! This is the only place that knows the symbol of the thread block, and the only one that reads
//! PKRU.

use layout::thread_block::HEAP_LOCAL;
use partition_heap::Slot;
use pkru::{Pkey, Pkru};

use crate::{
    caller::Caller,
    fatal,
    heaps::{self, Heaps},
};

/// The running thread in the compartment that is running.
pub(crate) struct Running(Pkey);

impl Running {
    /// Who is running. Stops if PKRU holds a value that no gate loads.
    #[inline(always)]
    pub(crate) fn now() -> Running {
        let pkru = sys::read_pkru();
        // The lowest key besides 0 that is open. With none, the count is 32, that is key 0.
        let open = (!pkru.bits() & !3).trailing_zeros() / 2 % 16;
        match Pkey::new(open as u8) {
            Some(key) if Pkru::of(key) == pkru => Running(key),
            _ => Running(unusual(pkru)),
        }
    }
}

/// The compartment of a PKRU value that is not what gates load for it.
#[cold]
#[inline(never)]
fn unusual(pkru: Pkru) -> Pkey {
    match pkru.compartment() {
        Some(key) => key,
        None => fatal::stop(format_args!("{pkru:?} is the PKRU value of no compartment")),
    }
}

impl Caller for Running {
    type ThreadSlot = BlockSlot;

    #[inline(always)]
    fn compartment(&self) -> Pkey {
        self.0
    }

    #[inline(always)]
    fn heaps(&self) -> &Heaps {
        heaps::process()
    }

    #[inline(always)]
    fn slot(&self, heap: Pkey) -> BlockSlot {
        BlockSlot { page: layout::thread_block::page(heap) }
    }
}

/// [`HEAP_LOCAL`] in one page of the running thread's block.
#[derive(Clone, Copy)]
pub(crate) struct BlockSlot {
    page: usize,
}

impl Slot for BlockSlot {
    #[inline(always)]
    fn get(&self) -> u64 {
        let token: u64;
        // SAFETY: initial-exec access to the thread-local `ia2_thread_block`
        // (psABI, thread-local storage): its offset from the thread pointer is in the GOT. The page
        // is inside the block and has the running compartment's key, or key 0. The address is never
        // computed from the thread control block, which every compartment can write.
        unsafe {
            core::arch::asm!(
                "mov {token}, qword ptr [rip + ia2_thread_block@GOTTPOFF]",
                "mov {token}, qword ptr fs:[{token} + {page} + {field}]",
                page = in(reg) self.page,
                field = const HEAP_LOCAL,
                token = out(reg) token,
                options(pure, readonly, nostack, preserves_flags),
            );
        }
        token
    }

    #[inline(always)]
    fn set(&self, token: u64) {
        // SAFETY: as for reading; the field belongs to this library (`layout::thread_block`).
        unsafe {
            core::arch::asm!(
                "mov {offset}, qword ptr [rip + ia2_thread_block@GOTTPOFF]",
                "mov qword ptr fs:[{offset} + {page} + {field}], {token}",
                page = in(reg) self.page,
                field = const HEAP_LOCAL,
                token = in(reg) token,
                offset = out(reg) _,
                options(nostack, preserves_flags),
            );
        }
    }
}
