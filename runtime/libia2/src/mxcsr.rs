//! Which compartments have anything to do with MXCSR, the control and status register of vector
//! arithmetic.
//!
//! A gate that returns must give its caller the MXCSR it had. Storing it before every call takes
//! longer than all else that a gate saves, and hardly any program changes it. So the runtime looks at
//! what is loaded: a compartment whose code neither reads nor changes the register has the default in
//! it, and its gates load that (`layout::vault::REGISTERS`). What counts is
//! - an instruction that stores or loads the register, at any byte of the code (the runtime's own
//!   restore what they found);
//! - a reference to a function of the C library's `<fenv.h>`, and a look-up of one by dlsym(3).
//!
//! Objects without a compartment serve all of them, except for the C library itself: its mathematical
//! functions restore what they change. Code that a program makes while it runs is not looked at.

use core::ffi::c_void;

use layout::vault::{self, MXCSR_IS_DEFAULT};
use libc::{PF_R, PF_X, PT_LOAD};
use pkru::Pkey;

use crate::cpu;
use crate::found::is_c_library;
use crate::object::{Loaded, Object, Range};
use crate::relocations::Tables;
use crate::sealed::sealed;
use crate::switch::FLOAT_DEFAULTS;
use crate::{enter, ids, late};

/// Functions of `<fenv.h>`, and glibc's own beside them.
const FUNCTIONS: [&[u8]; 19] = [
    b"feclearexcept",
    b"fedisableexcept",
    b"feenableexcept",
    b"fegetenv",
    b"fegetexcept",
    b"fegetexceptflag",
    b"fegetmode",
    b"fegetround",
    b"feholdexcept",
    b"feraiseexcept",
    b"fesetenv",
    b"fesetexcept",
    b"fesetexceptflag",
    b"fesetmode",
    b"fesetround",
    b"fetestexcept",
    b"fetestexceptflag",
    b"feupdateenv",
    b"__fe_dfl_env",
];

/// At start: tells the gates of all compartments.
///
/// # Safety
/// The vault is still writable, no gate runs, and all objects' code can be read.
pub(crate) unsafe fn tell_gates(objects: &[Object], highest: Pkey) {
    let shared = objects.iter().any(|object| object.pkey.is_untrusted() && concerns(object));
    let kind = cpu::vectors() as u8;
    for pkey in Pkey::all().filter(|&pkey| pkey <= highest) {
        let own = || objects.iter().any(|object| object.pkey == pkey && concerns(object));
        let default = if shared || own() { 0 } else { MXCSR_IS_DEFAULT };
        // SAFETY: a byte of the vault, by the caller's obligation.
        unsafe { place(pkey).write(kind | default) };
    }
}

/// An object of the running compartment has just been loaded.
pub(crate) fn loaded(object: &Object, running: Pkey) {
    if concerns(object) {
        must_be_saved(running);
    }
}

/// The running compartment has called dlopen(3): are there new objects without a compartment that
/// concern it?
pub(crate) fn others_loaded(running: Pkey) {
    let found = Loaded::find(|Loaded { object, .. }| {
        let is_old = sealed().objects().iter().any(|known| known.base == object.base);
        !is_old && !late::has_compartment(object) && concerns(object)
    });
    if found.is_some() {
        must_be_saved(running);
    }
}

/// The running compartment has looked up a function.
pub(crate) fn looked_up(name: &[u8], running: Pkey) {
    if FUNCTIONS.contains(&name) {
        must_be_saved(running);
    }
}

fn place(pkey: Pkey) -> *mut u8 {
    (ids::vault() + vault::pages(pkey) + vault::REGISTERS) as *mut u8
}

fn must_be_saved(running: Pkey) {
    let place = place(running);
    // SAFETY: a byte of the running compartment's own part of the vault. Calls that are under way
    // began with the default; their frames say so.
    unsafe { place.write_volatile(place.read_volatile() & !MXCSR_IS_DEFAULT) };
}

/// Whether code of the object may read or change the register.
fn concerns(object: &Object) -> bool {
    let is_gates = object.has_code_at(ids::callgates().text as usize);
    let is_trusted = is_c_library(object) || object.pkey.is_untrusted() && is_gates;
    !is_trusted && (refers_to_functions(object) || code(object).any(touches))
}

fn refers_to_functions(object: &Object) -> bool {
    let Some(tables) = Tables::of(object) else { return false };
    let mut relocations = tables.relocations();
    // SAFETY: the loader has used the same tables.
    relocations.any(|relocation| FUNCTIONS.contains(&unsafe { tables.name(relocation) }))
}

/// The object's code: `Err` for what cannot be read.
fn code(object: &Object) -> impl Iterator<Item = Result<Range, ()>> {
    let headers = object.headers().iter();
    let executable =
        headers.filter(|header| header.p_type == PT_LOAD && header.p_flags & PF_X != 0);
    executable.map(
        |header| {
            if header.p_flags & PF_R != 0 { Ok(object.range(header)) } else { Err(()) }
        },
    )
}

/// Whether there is such an instruction at any byte.
fn touches(code: Result<Range, ()>) -> bool {
    let Ok(code) = code else { return true };
    // SAFETY: code that the loader has mapped readable, and that nobody writes.
    let bytes = unsafe { core::slice::from_raw_parts(code.start as *const u8, code.length()) };
    let mut from = 0;
    while let Some(at) = next(bytes, from) {
        if is_access(bytes, at) && !is_runtimes(code.start + at, bytes.get(at + 1..)) {
            return true;
        }
        from = at + 1;
    }
    false
}

/// The last byte of the opcode of all these instructions.
const OPCODE: u8 = 0xae;

/// Where that byte occurs next.
fn next(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    // SAFETY: reads the slice only.
    let found = unsafe { libc::memchr(rest.as_ptr().cast::<c_void>(), OPCODE.into(), rest.len()) };
    if found.is_null() { None } else { Some(found as usize - bytes.as_ptr() as usize) }
}

/// Whether the opcode byte is part of LDMXCSR, STMXCSR, FXRSTOR or XRSTOR with an operand in memory
/// (SDM volume 2: `0F AE /2`, `/3`, `/1`, `/5`, the first two also with a VEX prefix).
fn is_access(bytes: &[u8], at: usize) -> bool {
    let before = |distance: usize| at.checked_sub(distance).and_then(|place| bytes.get(place));
    let Some(&operand) = bytes.get(at + 1) else { return false };
    let extension = operand >> 3 & 7;
    if operand >> 6 == 3 {
        return false;
    }
    // VEX: vvvv unused, 128 bits, no prefix, the map of the escape byte 0F (SDM volume 2, 2.3.5).
    let is_vex = matches!(before(1), Some(0x78 | 0xf8))
        && (before(2) == Some(&0xc5) || before(3) == Some(&0xc4));
    match extension {
        2 | 3 => before(1) == Some(&0x0f) || is_vex,
        1 | 5 => before(1) == Some(&0x0f),
        _ => false,
    }
}

/// Whether that is an instruction of the runtime: it loads the default, or stands in the routine that
/// enters compartments, which restores what it found. `rest` follows the opcode.
fn is_runtimes(address: usize, rest: Option<&[u8]>) -> bool {
    const LDMXCSR_RIP_RELATIVE: u8 = 0x15;
    if enter::contains(address) {
        return true;
    }
    let Some(&[LDMXCSR_RIP_RELATIVE, a, b, c, d]) = rest.and_then(|rest| rest.first_chunk()) else {
        return false;
    };
    let distance = i32::from_le_bytes([a, b, c, d]) as isize;
    // The distance counts from the end of the instruction.
    address.wrapping_add(6).wrapping_add_signed(distance) == (&raw const FLOAT_DEFAULTS) as usize
}
