//! Functions that no object of the start defines: what gates call for them until a late object does.
//!
//! The gates' table is sealed. A function that is missing gets one of the trampolines below there,
//! which looks into the table of its compartment `k`, with the rights of `k`, in which the gate has
//! arrived. That table is private to `k`, and read-only but for the moment in which it changes.

use core::arch::naked_asm;
use core::ffi::c_void;
use core::mem::offset_of;

use layout::PAGE_SIZE;
use layout::callgates::{Registered, table_entry};
use layout::trap::Trap;
use layout::vault::{LATE_FUNCTIONS, STRIDE, pages};
use pkru::Pkey;
use sys::syscall::Protection;

use crate::ids::{self, callgates};
use crate::keys;
use crate::message::Message;
use crate::object::Range;
use crate::sealed::{SEALED, Sealed, Store, sealed};

#[allow(clashing_extern_declarations, reason = "its address is all that others declare it for")]
unsafe extern "C" {
    fn __wrap_memalign(alignment: usize, size: usize) -> *mut c_void;
}

/// A missing function.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Function {
    /// Its index in the gates' table.
    index: u32,
    /// Its compartment.
    pkey: u32,
}

/// Most functions that can be missing.
const MOST: usize = 4096;
/// Bytes of a trampoline.
const SIZE: usize = 16;

/// One small function per missing one, in the order of [`Sealed::late_functions`]. All registers that
/// carry arguments survive.
#[unsafe(naked)]
unsafe extern "C" fn trampolines() {
    naked_asm!(
        ".set .Lia2_late, 0",
        ".rept {count}",
        ".p2align 4",
        "endbr64",
        "mov r11d, offset .Lia2_late",
        "jmp {call}",
        ".set .Lia2_late, .Lia2_late + 1",
        ".endr",
        count = const MOST,
        call = sym call,
    )
}

/// Goes on in function `r11`, with the rights of its compartment: for others the table faults.
#[unsafe(naked)]
unsafe extern "C" fn call() {
    naked_asm!(
        "mov r10, [rip + {sealed} + {late_functions}]",
        "mov r10d, [r10 + 8 * r11 + {pkey}]",
        "imul r10, r10, {stride}",
        "add r10, [rip + ia2_vault@GOTPCREL]",
        "mov r10, [r10 + {table}]",
        "test r10, r10", "jz 2f",
        "mov r10, [r10 + 8 * r11]",
        "test r10, r10", "jz 2f",
        "jmp r10",
        "2: ud1 eax, [eax + {unregistered}]",
        sealed = sym SEALED,
        late_functions = const offset_of!(Sealed, late_functions),
        pkey = const offset_of!(Function, pkey),
        stride = const STRIDE,
        table = const LATE_FUNCTIONS,
        unregistered = const Trap::Unregistered as u8,
    )
}

fn first() -> usize {
    (trampolines as *const () as usize).next_multiple_of(SIZE)
}

/// Puts trampolines into the gates' table for what is missing there.
pub(crate) fn assign(slots: &mut [usize], store: &mut Store) -> &'static [Function] {
    let count = slots.iter().filter(|slot| **slot == 0).count().min(MOST);
    let missing = store.allocate::<Function>(count);
    // SAFETY: the descriptor names an array of that length in its own library.
    let functions =
        unsafe { core::slice::from_raw_parts(callgates().functions, callgates().function_count) };
    let places = slots.iter_mut().enumerate().filter(|(_, slot)| **slot == 0);
    for (number, (index, slot)) in places.enumerate() {
        *slot = match missing.get_mut(number) {
            Some(entry) => {
                *entry = Function { index: index as u32, pkey: functions[index].pkey };
                first() + number * SIZE
            }
            None => crate::enter::unregistered as *const () as usize,
        };
    }
    missing
}

/// The running compartment's table, as long as there are missing functions, made writable.
fn open(pkey: Pkey) -> Option<(&'static mut [usize], Range)> {
    let length = sealed().late_functions().len();
    if length == 0 {
        return None;
    }
    let size = (length * size_of::<usize>()).next_multiple_of(PAGE_SIZE);
    let word = (ids::vault() + pages(pkey) + LATE_FUNCTIONS) as *mut usize;
    // SAFETY: a word of the running compartment's page, and its own memory, whole pages of its heap.
    // Objects are loaded one at a time: the loader holds its lock.
    unsafe {
        if word.read() == 0 {
            let block = __wrap_memalign(PAGE_SIZE, size);
            if block.is_null() {
                Message::error("no memory for a loaded object's functions").stop()
            }
            block.cast::<u8>().write_bytes(0, size);
            word.write(block as usize);
        }
        let start = word.read();
        let range = Range { start, end: start + size };
        keys::protect(range, Protection::READ_WRITE, pkey, b"the table of functions");
        Some((core::slice::from_raw_parts_mut(start as *mut usize, length), range))
    }
}

fn close(pkey: Pkey, range: Range) {
    keys::protect(range, Protection::READ, pkey, b"the table of functions");
}

/// Enters the functions that an object of the running compartment registers.
pub(super) fn enter(pkey: Pkey, registered: impl Iterator<Item = &'static Registered>) {
    let Some((table, range)) = open(pkey) else { return };
    let functions = ids::functions();
    // SAFETY: as in `assign`; the gates' table has a word per function.
    let slots = unsafe {
        core::slice::from_raw_parts(callgates().table.byte_add(table_entry(0)), functions.len())
    };
    for entry in registered {
        let key = (entry.id, u32::from(pkey.number()));
        let found = functions.binary_search_by_key(&key, |function| (function.id, function.pkey));
        // Not found: no gate leads there. Not one of the trampolines: an object of the start has it.
        let number = found.ok().and_then(|index| slots[index].checked_sub(first()));
        if let Some(slot) = number.and_then(|offset| table.get_mut(offset / SIZE))
            && *slot == 0
        {
            *slot = entry.address;
        }
    }
    close(pkey, range);
}

/// Takes out what lies in an object that is gone.
pub(super) fn leave(pkey: Pkey, gone: Range) {
    let Some((table, range)) = open(pkey) else { return };
    for slot in table.iter_mut().filter(|slot| gone.contains(**slot)) {
        *slot = 0;
    }
    close(pkey, range);
}
