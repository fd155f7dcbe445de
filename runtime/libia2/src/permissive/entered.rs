//! Which function of each compartment was called last, from another one or by a pointer.
//!
//! The gates find the functions they call in a table. In permissive mode the table holds a thunk for
//! each, which notes the function and goes on in it; if pages are open for the compartment's sake
//! ([`super::lent`]) and it was another function that they were opened for, it traps first, and they
//! are closed.

use core::arch::naked_asm;
use core::mem::offset_of;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use layout::PAGE_SIZE;
use layout::trap::Trap;
use libc::{REG_R11, REG_RIP, ucontext_t};
use pkru::Pkey;
use sys::syscall::{self, Protection};

use super::{lent, state};
use crate::ids;
use crate::message::Message;
use crate::sealed::{SEALED, Sealed, Store};

/// A function that gates call.
#[derive(Clone, Copy)]
#[repr(C)]
struct Entry {
    address: usize,
    /// Its compartment.
    pkey: usize,
}

/// What is known of a compartment; all of it is a hint.
#[repr(C)]
pub(super) struct Last {
    /// Address of the [`Entry`] that was called last.
    entry: AtomicUsize,
    /// 1 while there may be pages that were opened for it.
    is_open: AtomicU32,
}

/// Bytes of a thunk. `ia2_function_at` in `ia2.h` knows how one begins, and that an [`Entry`] begins with
/// the address: programs compare functions, and look them up, by that.
const SIZE: usize = 32;

/// Puts thunks into the gates' table in the place of the functions that are known at start.
pub(crate) fn hook(slots: &mut [usize], store: &mut Store) {
    let functions = ids::functions();
    let entries = store.allocate::<Entry>(functions.len());
    let size = (SIZE * (1 + functions.len())).next_multiple_of(PAGE_SIZE);
    // SAFETY: a new mapping.
    let start = match unsafe { syscall::map_anonymous(0, size, Protection::READ_WRITE, 0) } {
        Ok(start) => start,
        Err(errno) => Message::error("no memory for permissive mode: ").errno(errno).stop(),
    };
    let write = |address: usize, bytes: &[u8]| {
        // SAFETY: within the new mapping; each thunk has its place behind the word at the start.
        unsafe { core::slice::from_raw_parts_mut(address as *mut u8, bytes.len()) }
            .copy_from_slice(bytes);
    };
    write(start, &(note as *const () as usize).to_ne_bytes());
    let known = slots.iter_mut().zip(functions).zip(entries).zip(1..).filter(|it| *it.0.0.0 != 0);
    for (((slot, function), entry), index) in known {
        *entry = Entry { address: *slot, pkey: function.pkey as usize };
        let thunk = start + SIZE * index;
        write(thunk, &[0xf3, 0x0f, 0x1e, 0xfa]); // endbr64
        write(thunk + 4, &[0x49, 0xbb]); // movabs r11, entry
        write(thunk + 6, &(core::ptr::from_ref(entry) as usize).to_ne_bytes());
        let behind = thunk + 20;
        write(thunk + 14, &[0xff, 0x25]); // jmp [rip + distance]
        write(thunk + 16, &((start as isize - behind as isize) as i32).to_ne_bytes());
        *slot = thunk;
    }
    // SAFETY: nothing of it has run yet.
    if let Err(errno) = unsafe { syscall::protect(start, size, Protection::READ_EXECUTE) } {
        Message::error("cannot make thunks of permissive mode executable: ").errno(errno).stop()
    }
}

/// Where thunks go: `r11` is the address of an [`Entry`]. All registers that carry arguments survive.
#[unsafe(naked)]
unsafe extern "C" fn note() {
    naked_asm!(
        "push rax", "push rcx",
        "mov rax, [rip + {sealed} + {state}]",
        "mov rcx, [r11 + {pkey}]", "shl rcx, {last_shift}",
        "lea rax, [rax + rcx + {last}]",
        "cmp [rax + {entry}], r11", "je 3f",
        "mov [rax + {entry}], r11",
        "cmp dword ptr [rax + {is_open}], 0", "je 3f",
        "ud1 eax, [eax + {trap}]",
        "3:",
        "pop rcx", "pop rax",
        "jmp [r11 + {address}]",
        sealed = sym SEALED,
        state = const offset_of!(Sealed, permissive_state),
        pkey = const offset_of!(Entry, pkey),
        address = const offset_of!(Entry, address),
        last = const offset_of!(super::State, last),
        last_shift = const size_of::<Last>().trailing_zeros(),
        entry = const offset_of!(Last, entry),
        is_open = const offset_of!(Last, is_open),
        trap = const Trap::PermissiveEntered as u8,
    )
}

const _: () = assert!(size_of::<Last>().is_power_of_two());

/// The trap: another function was called.
pub(super) fn close(context: &mut ucontext_t) -> bool {
    let entry = context.uc_mcontext.gregs[REG_R11 as usize] as *const Entry;
    // SAFETY: only the code above traps so, with an entry there; who jumps onto it chooses what is read,
    // with the rights of compartment 0.
    let pkey = unsafe { (*entry).pkey };
    if let Some(pkey) = u8::try_from(pkey).ok().and_then(Pkey::new) {
        state().last[pkey.index()].is_open.store(0, Ordering::Release);
        lent::close(pkey);
    }
    context.uc_mcontext.gregs[REG_RIP as usize] += Trap::LENGTH as i64;
    true
}

/// A page is about to be open until another function of the compartment is called.
pub(super) fn expect(pkey: Pkey) {
    state().last[pkey.index()].is_open.store(1, Ordering::Release);
}
