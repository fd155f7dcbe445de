//! `setjmp` and `longjmp`, within a compartment and across gates.
//!
//! A compartment that calls `setjmp` keeps a record of its own of where to go on; the jmp_buf only says
//! which record is meant. So a jmp_buf may lie in shared memory, and who changes it changes nothing.
//! Every other compartment *marks* how deep its stack is at that moment.
//!
//! ```text
//! setjmp(env) in 1:   record of env in 1; marks of env in 2, 3, …
//! 1 calls 2, 2 calls 3, 3 calls longjmp(env):
//!                     enter 1: has it a record of env? then
//!                         enter 2, 3, …: their stacks are as deep as at the mark
//!                         go on at the record, with the rights of 1
//! ```
//!
//! The frames between are gone; a compartment that was asked to forget frames which somebody still
//! waits for stops at the gate when that call returns, because its frame is not there.

use core::arch::naked_asm;
use core::ffi::c_int;
use core::mem::offset_of;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use layout::vault::{JUMPS, pages};
use linux_raw_sys::general::SIG_SETMASK;
use pkru::Pkey;

use crate::handler::{SYNCHRONOUS, change_mask};
use crate::hooks::{JUMP, MARK, UNWIND};
use crate::interpose::{Name, original};
use crate::message::Message;
use crate::owner::stack_of;
use crate::sealed::{SEALED, Sealed, sealed};
use crate::{heap, ids, object, thread, thunk};

/// Registers that a call preserves, stack pointer and address to go on at.
#[derive(Clone, Copy)]
#[repr(C)]
struct Registers([usize; 8]);
const STACK: usize = 6;

/// Where to go on for a jmp_buf.
#[repr(C)]
struct Record {
    buffer: AtomicUsize,
    registers: Registers,
}

/// How deep the compartment's stack was when another one set a jmp_buf.
#[repr(C)]
struct Mark {
    buffer: AtomicUsize,
    stack: usize,
}

const RECORDS: usize = 256;

/// What a compartment keeps, in its private memory. Entries have their place by the buffer's address;
/// what finds its place taken takes it over.
#[repr(C)]
struct Table {
    records: [Record; RECORDS],
    marks: [Mark; RECORDS],
}

fn place(buffer: usize) -> usize {
    // A jmp_buf has 200 bytes.
    (buffer / 8).wrapping_mul(0x9e37_79b9) % RECORDS
}

fn running() -> Pkey {
    match sys::running_compartment() {
        Some(pkey) => pkey,
        None => {
            Message::error("longjmp is called with rights that belong to no compartment").stop()
        }
    }
}

/// The running compartment's table. `None` without memory.
fn table(pkey: Pkey) -> Option<*mut Table> {
    let word = (ids::vault() + pages(pkey) + JUMPS) as *mut *mut Table;
    // SAFETY: a word of the running compartment's page; a table lost in a race is lost memory only.
    unsafe {
        let word = AtomicPtr::from_ptr(word);
        let known = word.load(Ordering::Acquire);
        if !known.is_null() {
            return Some(known);
        }
        let fresh = heap::ia2_heap_calloc(1, size_of::<Table>()).cast::<Table>();
        if fresh.is_null() {
            return None;
        }
        let none = core::ptr::null_mut();
        Some(match word.compare_exchange(none, fresh, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => fresh,
            Err(other) => other,
        })
    }
}

/// The running thread's compartments but this one.
fn others(pkey: Pkey) -> impl Iterator<Item = Pkey> {
    Pkey::all().filter(move |&other| other <= thread::highest() && other != pkey)
}

/// Makes the record and the marks of a buffer.
extern "C" fn remember(buffer: usize, registers: &Registers) {
    let pkey = running();
    if let Some(table) = table(pkey) {
        // SAFETY: an entry of the running compartment's table. Threads use different buffers; two whose
        // places are the same lose one record, and the jump to it stops or is made by the C library.
        unsafe {
            let record = &raw mut (*table).records[place(buffer)];
            (*record).buffer.store(0, Ordering::Release);
            (*record).registers = *registers;
            (*record).buffer.store(buffer, Ordering::Release);
        }
    }
    for other in others(pkey) {
        // SAFETY: the body takes any number.
        unsafe { thunk::enter(MARK + other.index(), [buffer, 0, 0]) };
    }
}

/// Body of the hook by which the running compartment marks its depth: the fifth argument.
pub(crate) unsafe extern "C" fn mark(
    buffer: usize,
    _: usize,
    _: usize,
    _: usize,
    stack: usize,
) -> usize {
    if let Some(table) = table(running()) {
        // SAFETY: as for records.
        unsafe {
            let mark = &raw mut (*table).marks[place(buffer)];
            (*mark).buffer.store(0, Ordering::Release);
            (*mark).stack = stack;
            (*mark).buffer.store(buffer, Ordering::Release);
        }
    }
    0
}

/// Body of the hook by which the running compartment forgets frames: returns the stack pointer that it
/// goes on with, at least what it has.
pub(crate) unsafe extern "C" fn unwind(
    buffer: usize,
    _: usize,
    _: usize,
    _: usize,
    stack: usize,
) -> usize {
    let Some(table) = table(running()) else { return stack };
    // SAFETY: as for records.
    let (marked, depth) = unsafe {
        let mark = &raw const (*table).marks[place(buffer)];
        ((*mark).buffer.load(Ordering::Acquire), (*mark).stack)
    };
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    let page = block + layout::thread_block::page(running());
    // SAFETY: a word of the running compartment's page.
    let high = unsafe { ((page + layout::thread_block::STACK_HIGH) as *const usize).read() };
    // The mark may be another thread's, if the buffer has been used there.
    let is_mine = depth > stack && depth < high && depth % 16 == 8;
    if marked == buffer && is_mine { depth } else { stack }
}

/// The word of the control block with which glibc disguises addresses in a jmp_buf (`PTR_MANGLE`).
fn guard() -> usize {
    const GUARD: usize = 0x30;
    // SAFETY: a word of the control block.
    unsafe { ((object::thread_pointer() + GUARD) as *const usize).read() }
}

/// An address as glibc keeps it in a jmp_buf.
pub(crate) fn disguise(address: usize) -> usize {
    (address ^ guard()).rotate_left(17)
}

/// The stack pointer in a jmp_buf.
unsafe fn stack_in(buffer: usize) -> usize {
    // SAFETY: a jmp_buf by the caller's obligation.
    let disguised = unsafe { ((buffer + 8 * STACK) as *const usize).read() };
    disguised.rotate_right(17) ^ guard()
}

/// The record that the running compartment has of a buffer.
fn record(buffer: usize) -> Option<Registers> {
    let table = table(running())?;
    // SAFETY: as in `remember`.
    unsafe {
        let record = &raw const (*table).records[place(buffer)];
        let registers = (*record).registers;
        ((*record).buffer.load(Ordering::Acquire) == buffer).then_some(registers)
    }
}

/// Jumps, from any compartment to the one that has set the buffer.
fn jump(buffer: usize, value: c_int) -> ! {
    let pkey = running();
    // SAFETY: a jmp_buf by the contract of longjmp(3); else this faults in the program's name.
    let owner = unsafe { stack_of(stack_in(buffer)) }.unwrap_or(pkey);
    if owner != pkey {
        // SAFETY: the body checks what it is given, and does not return.
        unsafe { thunk::enter(JUMP + owner.index(), [buffer, value as usize, 0]) };
        sys::syscall::exit_group(1)
    }
    let Some(registers) = record(buffer) else {
        // Set where we did not see it, or long ago: the C library's own way, within the compartment.
        // SAFETY: the original's type.
        unsafe {
            let longjmp: extern "C" fn(usize, c_int) -> ! = core::mem::transmute(any_original());
            longjmp(buffer, value)
        }
    };
    go_on(buffer, &registers, value)
}

fn go_on(buffer: usize, registers: &Registers, value: c_int) -> ! {
    for other in others(running()) {
        // SAFETY: the body takes any number.
        unsafe { thunk::enter(UNWIND + other.index(), [buffer, 0, 0]) };
    }
    /// Offsets in a jmp_buf: whether a signal mask was saved, and the mask.
    const HAS_MASK: usize = 64;
    const MASK: usize = 72;
    // SAFETY: a jmp_buf; the record is of a frame that is still there, by the contract of longjmp(3).
    unsafe {
        if ((buffer + HAS_MASK) as *const c_int).read() != 0 {
            change_mask(SIG_SETMASK, ((buffer + MASK) as *const u64).read() & !SYNCHRONOUS);
        }
        resume(registers, if value == 0 { 1 } else { value })
    }
}

/// Body of the hook by which another compartment jumps into the running one.
pub(crate) unsafe extern "C" fn land(buffer: usize, value: usize, _: usize, _: usize) -> usize {
    match record(buffer) {
        Some(registers) if stack_of(registers.0[STACK]) == Some(running()) => {
            go_on(buffer, &registers, value as c_int)
        }
        _ => Message::error("longjmp leads into compartment ")
            .decimal(running().number().into())
            .text(", which has not called setjmp with that jmp_buf")
            .stop(),
    }
}

/// Loads the registers (`rdi`) and goes on there with a value (`esi`).
#[unsafe(naked)]
unsafe extern "C" fn resume(registers: *const Registers, value: c_int) -> ! {
    naked_asm!(
        "mov rbx, [rdi]",
        "mov rbp, [rdi + 8]",
        "mov r12, [rdi + 16]",
        "mov r13, [rdi + 24]",
        "mov r14, [rdi + 32]",
        "mov r15, [rdi + 40]",
        "mov rdx, [rdi + 56]",
        "mov eax, esi",
        "mov rsp, [rdi + 48]",
        "jmp rdx",
    )
}

/// A function in the place of `setjmp`: remembers, then goes on in the original.
macro_rules! remembering {
    ($name:ident, $original:ident) => {
        #[doc = concat!("`", stringify!($original), "`.")]
        #[unsafe(naked)]
        pub(crate) unsafe extern "C" fn $name() {
            naked_asm!(
                "endbr64",
                "push rsi", "push rdi", "sub rsp, 72",
                "mov [rsp], rbx", "mov [rsp + 8], rbp", "mov [rsp + 16], r12", "mov [rsp + 24], r13",
                "mov [rsp + 32], r14", "mov [rsp + 40], r15",
                "lea rax, [rsp + 96]", "mov [rsp + 48], rax",
                "mov rax, [rsp + 88]", "mov [rsp + 56], rax",
                "mov rsi, rsp",
                "call {remember}",
                "add rsp, 72", "pop rdi", "pop rsi",
                "mov rax, [rip + {sealed} + {originals}]",
                "jmp [rax + 8 * {name}]",
                remember = sym remember,
                sealed = sym SEALED,
                originals = const offset_of!(Sealed, originals),
                name = const Name::$original as usize,
            )
        }
    };
}
remembering!(setjmp, setjmp);
remembering!(setjmp_without_mask, _setjmp);
remembering!(sigsetjmp, __sigsetjmp);

/// `longjmp` and all its relatives, which do the same.
pub(crate) unsafe extern "C" fn longjmp(buffer: usize, value: c_int) -> ! {
    jump(buffer, value)
}

/// The original of one of them.
fn any_original() -> usize {
    let names = [Name::longjmp, Name::_longjmp, Name::siglongjmp, Name::__longjmp_chk];
    let known = names.into_iter().find(|&name| sealed().originals()[name as usize] != 0);
    original(known.unwrap_or(Name::longjmp))
}
