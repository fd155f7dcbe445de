//! The running thread: its compartment, from PKRU, and its thread block, relative to `%fs`.
//!
//! This is the only place that knows the symbol of the thread block, and the only one that reads
//! PKRU.

use layout::thread_block::{HEAP, HEAP_SIZE};
use partition_heap::{Class, Slot, class::CLASSES};
use pkru::Pkey;

use crate::{
    caller::Caller,
    fatal,
    heaps::{Heap, Heaps},
    process,
};

/// What all callers have in common: the heaps of the process, and slots in the thread block.
macro_rules! of_the_process {
    () => {
        type ThreadSlot = BlockSlot;

        #[inline(always)]
        fn heaps(&self) -> &Heaps {
            process::heaps()
        }

        #[inline(always)]
        fn slot(&self, heap: &Heap) -> BlockSlot {
            BlockSlot { offset: heap.slot_offset() }
        }
    };
}

/// The running thread in the compartment that is running.
#[derive(Clone, Copy)]
pub(crate) struct Running(&'static Heap);

impl Running {
    /// Who is running. For a PKRU value that no gate loads this is somebody without a heap, and
    /// whatever they ask for ends in [`Caller::refuse_nobody`].
    #[inline(always)]
    pub(crate) fn now() -> Running {
        Running(process::heaps().of(sys::read_pkru()))
    }

    /// Who is running, if it is somebody with a private heap.
    #[inline(always)]
    pub(crate) fn in_private() -> Option<Running> {
        process::heaps().private(sys::read_pkru()).map(Running)
    }
}

impl Caller for Running {
    of_the_process!();
    type Careful = Running;

    fn careful(&self) -> Running {
        *self
    }

    #[inline(always)]
    fn heap(&self) -> &Heap {
        self.0
    }

    fn refuse_nobody(&self) {
        if self.heaps().is_nobodys(self.0) {
            fatal::stop(format_args!(
                "called with {:?}, which is the PKRU value of no compartment",
                sys::read_pkru()
            ))
        }
    }

    fn compartment(&self) -> Pkey {
        self.0.key
    }

    fn prefix(&self) -> &'static str {
        ""
    }
}

/// A thread that runs code of this compartment, which has a heap.
///
/// Nothing checks that it runs with the compartment's rights: without them the first access to the
/// heap is a key fault.
#[derive(Clone, Copy)]
pub(crate) struct In<const KEY: usize>;

impl<const KEY: usize> Caller for In<KEY> {
    of_the_process!();
    type Careful = Running;

    #[cold]
    #[inline(never)]
    fn careful(&self) -> Running {
        Running::now()
    }

    #[inline(always)]
    fn heap(&self) -> &Heap {
        process::heaps().private_at::<KEY>()
    }

    fn refuse_nobody(&self) {
        self.careful().refuse_nobody();
    }

    fn compartment(&self) -> Pkey {
        self.heap().key
    }

    fn prefix(&self) -> &'static str {
        ""
    }
}

/// Any thread, in any compartment, that asks for shared memory.
#[derive(Clone, Copy)]
pub(crate) struct Sharing;

impl Caller for Sharing {
    of_the_process!();
    type Careful = Sharing;

    fn careful(&self) -> Sharing {
        *self
    }

    #[inline(always)]
    fn heap(&self) -> &Heap {
        process::heaps().shared()
    }

    fn refuse_nobody(&self) {
        // Key 0 is open whatever PKRU says, or there would be no stack to get here.
    }

    fn compartment(&self) -> Pkey {
        Running::now().compartment()
    }

    fn prefix(&self) -> &'static str {
        "shared_"
    }
}

/// Offset of the thread's slot for the heap with this key from the thread pointer.
pub(crate) fn slot_offset(heap: Pkey) -> isize {
    let block: isize;
    // SAFETY: reads the offset of the thread-local `ia2_thread_block` from the GOT, where the
    // initial-exec model keeps it (psABI, thread-local storage).
    unsafe {
        core::arch::asm!("mov {block}, qword ptr [rip + ia2_thread_block@GOTTPOFF]",
            block = out(reg) block, options(pure, readonly, nostack, preserves_flags));
    }
    block + (layout::thread_block::page(heap) + HEAP) as isize
}

/// [`HEAP`] in one page of the running thread's block: the token, then by class where blocks are
/// taken from. Addresses are never computed from the thread control block, which every compartment
/// can write.
#[derive(Clone, Copy)]
pub(crate) struct BlockSlot {
    offset: isize,
}

// There is no class 0; its place has the token.
const _: () = assert!(CLASSES * size_of::<u64>() <= HEAP_SIZE);

impl Slot for BlockSlot {
    #[inline(always)]
    fn token(&self) -> u64 {
        let token: u64;
        // SAFETY: the field is inside the running thread's block, on a page with the running
        // compartment's key or key 0.
        unsafe {
            core::arch::asm!("mov {token}, qword ptr fs:[{offset}]",
                offset = in(reg) self.offset, token = out(reg) token,
                options(pure, readonly, nostack, preserves_flags));
        }
        token
    }

    #[inline(always)]
    fn set_token(&self, token: u64) {
        // SAFETY: as for reading; the field belongs to this library (`layout::thread_block`).
        unsafe {
            core::arch::asm!("mov qword ptr fs:[{offset}], {token}",
                offset = in(reg) self.offset, token = in(reg) token,
                options(nostack, preserves_flags));
        }
    }

    #[inline(always)]
    fn current(&self, class: Class) -> u64 {
        let index = usize::from(class.byte());
        let place: u64;
        debug_assert!(index < CLASSES);
        // SAFETY: as for the token, since the class is a real one.
        unsafe {
            core::arch::asm!("mov {place}, qword ptr fs:[{offset} + {index} * 8]",
                offset = in(reg) self.offset, index = in(reg) index, place = lateout(reg) place,
                options(pure, readonly, nostack, preserves_flags));
        }
        place
    }

    #[inline(always)]
    fn set_current(&self, class: Class, place: u64) {
        let index = usize::from(class.byte());
        debug_assert!(index < CLASSES);
        // SAFETY: as for the token, since the class is a real one.
        unsafe {
            core::arch::asm!("mov qword ptr fs:[{offset} + {index} * 8], {place}",
                offset = in(reg) self.offset, index = in(reg) index, place = in(reg) place,
                options(nostack, preserves_flags));
        }
    }
}
