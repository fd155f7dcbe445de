//! What the runtime and every compartment read and nobody writes after start.
//!
//! [`SEALED`] lies in the executable's RELRO segment, so the loader has already made it read-only
//! when the runtime starts; [`fill`] opens it once, before any other code of the program runs.
//! Variable-length parts lie in the [`Store`], which becomes read-only as a whole.

use core::cell::UnsafeCell;

use layout::PAGE_SIZE;
use sys::syscall::{self, Protection};

use crate::message::{Level, Message};
use crate::object::Object;
use crate::{action, enter, interpose, late, permissive};

/// The root of everything sealed.
#[repr(C, align(4096))]
pub(crate) struct Sealed {
    /// Entries into compartments, by index.
    pub(crate) hooks: *const enter::Hook,
    /// Number of hooks.
    pub(crate) hook_count: u32,
    /// Highest protection key of the program.
    pub(crate) highest_pkey: u32,
    /// Base address of the stack arenas; that of compartment `k` starts at `k << stack_arena_shift`.
    pub(crate) stacks: usize,
    /// Logarithm of an arena's size.
    pub(crate) stack_arena_shift: usize,
    /// Bytes of an arena that one stack takes, its guard page included.
    pub(crate) stack_slot: usize,
    /// Stacks that fit into an arena.
    pub(crate) stack_slots: usize,
    /// What vector registers there are: 0 for those of 16 bytes, 1 for AVX, 2 for AVX-512.
    pub(crate) has_avx: u32,
    /// Offset of PKRU in the extended state of a signal frame (CPUID leaf 0DH, sub-leaf 9).
    pub(crate) frame_pkru_offset: u32,
    /// All loaded objects at start.
    pub(crate) objects: *const Object,
    /// Number of objects.
    pub(crate) object_count: usize,
    /// Signal handlers that may be entered, sorted by entry address.
    pub(crate) handlers: *const action::Declared,
    /// Number of handlers.
    pub(crate) handler_count: usize,
    /// Key of thread-specific data by which the end of a thread is noticed.
    pub(crate) end_key: u32,
    /// Whether the kernel writes signal frames with the rights of the interrupted code (before
    /// Linux 6.12) rather than with all rights.
    pub(crate) frames_need_key_0: bool,
    /// Addresses of the functions of the C library that are replaced.
    pub(crate) originals: *const interpose::Originals,
    /// 1 in permissive mode, else 0.
    pub(crate) permissive: u32,
    /// The C library's own handler of the signal for cancellation; 0 if no thread is cancelled.
    pub(crate) cancel_handler: usize,
    /// Offset in the thread control block of the innermost cleanup handler's address.
    pub(crate) cleanup_offset: usize,
    /// Address of a page that nobody may touch.
    pub(crate) untouchable: usize,
    /// Signal by which the memory map is printed; 0 for none.
    pub(crate) map_signal: u32,
    /// Least important level of messages that are shown.
    pub(crate) log_level: u32,
    /// Functions that no object of the start defines.
    pub(crate) late_functions: *const late::Function,
    /// Number of those.
    pub(crate) late_function_count: usize,
    /// What permissive mode writes; null in other programs.
    pub(crate) permissive_state: *mut permissive::State,
}

/// A [`Sealed`] that can be written once.
#[repr(transparent)]
pub(crate) struct Cell(UnsafeCell<Sealed>);

// SAFETY: written by `fill` alone, before a second thread can exist; read-only memory afterwards.
unsafe impl Sync for Cell {}

/// The root. In RELRO, whole pages.
#[unsafe(link_section = ".data.rel.ro.ia2_sealed")]
pub(crate) static SEALED: Cell = Cell(UnsafeCell::new(Sealed {
    hooks: core::ptr::null(),
    hook_count: 0,
    highest_pkey: 0,
    stacks: 0,
    stack_arena_shift: 0,
    stack_slot: 0,
    stack_slots: 0,
    has_avx: 0,
    frame_pkru_offset: 0,
    objects: core::ptr::null(),
    object_count: 0,
    handlers: core::ptr::null(),
    handler_count: 0,
    end_key: 0,
    frames_need_key_0: false,
    originals: core::ptr::null(),
    permissive: 0,
    cancel_handler: 0,
    cleanup_offset: 0,
    untouchable: 0,
    map_signal: 0,
    log_level: Level::Warning as u32,
    late_functions: core::ptr::null(),
    late_function_count: 0,
    permissive_state: core::ptr::null_mut(),
}));

/// The sealed root.
pub(crate) fn sealed() -> &'static Sealed {
    // SAFETY: after `fill` the memory is never written again; before, only the one thread of the
    // starting program is there, and `fill` holds no reference across its callback.
    unsafe { &*SEALED.0.get() }
}

impl Sealed {
    /// All loaded objects at start.
    pub(crate) fn objects(&self) -> &'static [Object] {
        // SAFETY: `start` stored a slice of the store, or the empty state with length 0.
        unsafe { slice(self.objects, self.object_count) }
    }

    /// Functions that no object of the start defines, in the order of their trampolines.
    pub(crate) fn late_functions(&self) -> &'static [late::Function] {
        // SAFETY: as for the objects.
        unsafe { slice(self.late_functions, self.late_function_count) }
    }

    /// Signal handlers, sorted by entry address.
    pub(crate) fn handlers(&self) -> &'static [action::Declared] {
        // SAFETY: as for the objects.
        unsafe { slice(self.handlers, self.handler_count) }
    }
}

impl Sealed {
    /// Addresses of the functions of the C library that are replaced; 0 for those nobody uses.
    pub(crate) fn originals(&self) -> &'static interpose::Originals {
        static NONE: interpose::Originals = [0; interpose::Name::Count as usize];
        // SAFETY: null, or stored at start and never changed.
        unsafe { self.originals.as_ref().unwrap_or(&NONE) }
    }
}

/// # Safety
/// `data` points to `length` values that live and stay unchanged for ever, unless `length` is 0.
unsafe fn slice<T>(data: *const T, length: usize) -> &'static [T] {
    if length == 0 {
        return &[];
    }
    // SAFETY: the caller's obligation.
    unsafe { core::slice::from_raw_parts(data, length) }
}

/// Lets `write` set fields of the root, then makes it read-only again.
///
/// # Safety
/// The program has only its first thread and no code but the runtime's is running.
pub(crate) unsafe fn fill(write: impl FnOnce(&mut Sealed)) {
    let root = SEALED.0.get();
    let length = size_of::<Sealed>().next_multiple_of(PAGE_SIZE);
    // SAFETY: the root fills whole pages that hold nothing else.
    let opened = unsafe { syscall::protect(root as usize, length, Protection::READ_WRITE) };
    if let Err(errno) = opened {
        Message::error("cannot write the runtime's own data: ").errno(errno).stop()
    }
    // SAFETY: nobody else runs, so the exclusive reference is the only one in use.
    write(unsafe { &mut *root });
    // SAFETY: nobody writes the root outside this function.
    let closed = unsafe { syscall::protect(root as usize, length, Protection::READ) };
    if let Err(errno) = closed {
        Message::error("cannot make the runtime's data read-only: ").errno(errno).stop()
    }
}

/// Memory that is filled during start and then sealed.
pub(crate) struct Store {
    start: usize,
    used: usize,
}

/// Address space of the store; only what is used becomes memory.
const STORE_SIZE: usize = 16 << 20;

impl Store {
    /// Reserves the memory.
    pub(crate) fn new() -> Store {
        // SAFETY: a new mapping at an address of the kernel's choice.
        match unsafe { syscall::map_anonymous(0, STORE_SIZE, Protection::READ_WRITE, 0) } {
            Ok(start) => Store { start, used: 0 },
            Err(errno) => {
                Message::error("no memory for the runtime's tables: ").errno(errno).stop()
            }
        }
    }

    /// Memory for `length` values, zeroed.
    pub(crate) fn allocate<T: Copy>(&mut self, length: usize) -> &'static mut [T] {
        let offset = self.used.next_multiple_of(align_of::<T>());
        let end = length.checked_mul(size_of::<T>()).and_then(|bytes| offset.checked_add(bytes));
        let Some(end) = end.filter(|&end| end <= STORE_SIZE) else {
            Message::error("the program is too big for the runtime's tables").stop()
        };
        self.used = end;
        // SAFETY: a part of the mapping that is given out once, aligned, and zero, which is a valid
        // value of the types stored here (numbers, raw pointers, options of references).
        unsafe { core::slice::from_raw_parts_mut((self.start + offset) as *mut T, length) }
    }

    /// Makes everything allocated so far read-only for ever and gives the rest back.
    pub(crate) fn seal(self) {
        let used = self.used.next_multiple_of(PAGE_SIZE);
        // SAFETY: the slices given out are only read from here on.
        let sealed = unsafe { syscall::protect(self.start, used, Protection::READ) };
        // SAFETY: nothing was given out of the rest.
        let rest = unsafe { syscall::unmap(self.start + used, STORE_SIZE - used) };
        if let Err(errno) = sealed.and(rest) {
            Message::error("cannot seal the runtime's tables: ").errno(errno).stop()
        }
    }
}
