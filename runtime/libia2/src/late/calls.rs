//! `dlopen` and its relatives.

use core::arch::naked_asm;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::mem::offset_of;

use pkru::Pkey;

use super::compartment_of;
use crate::hooks::{CALL_LOADER, EXPECT, SWEEP};
use crate::interpose::{self, Name, original};
use crate::message::{Message, digits};
use crate::object::Loaded;
use crate::owner::object_at;
use crate::relocations::Tables;
use crate::sealed::{SEALED, Sealed, sealed};
use crate::{found, mxcsr, thread, thunk};

unsafe extern "C" {
    fn shared_malloc(size: usize) -> *mut c_void;
    fn shared_free(block: *mut c_void);
}

/// The compartments that may have objects.
fn all() -> impl Iterator<Item = Pkey> {
    Pkey::all().skip(1).filter(|&pkey| pkey <= thread::highest())
}

/// What the hook is asked for.
const OPEN: usize = 0;
const CLOSE: usize = 1;

/// Body of the hook that calls the loader in compartment 0.
pub(crate) unsafe extern "C" fn call(what: usize, argument: usize, mode: usize, _: usize) -> usize {
    // SAFETY: the originals' types; compartment 0 is free to pass anything.
    unsafe {
        match what {
            OPEN => {
                let open: extern "C" fn(usize, c_int) -> usize =
                    core::mem::transmute(original(Name::dlopen));
                let handle = open(argument, mode as c_int);
                redirect_others();
                handle
            }
            CLOSE => {
                let close: extern "C" fn(usize) -> c_int =
                    core::mem::transmute(original(Name::dlclose));
                close(argument) as isize as usize
            }
            _ => 0,
        }
    }
}

/// Redirects references of objects that were loaded and belong to no compartment. Their constructors
/// have run.
fn redirect_others() {
    Loaded::find(|Loaded { object, .. }| {
        let is_old = sealed().objects().iter().any(|known| known.base == object.base);
        if !is_old && compartment_of(object).is_none() {
            // SAFETY: the object is new, and key 0 its own.
            unsafe { interpose::redirect_late(object, None) };
        }
        false
    });
}

/// dlopen(3). The name is passed in shared memory.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn dlopen() {
    naked_asm!("endbr64", "mov rdx, [rsp]", "jmp {open}", open = sym open)
}

unsafe extern "C" fn open(name: *const c_char, mode: c_int, caller: usize) -> usize {
    const LONGEST: usize = 4096;
    // SAFETY: a C string or null, by the contract of dlopen(3); a block that is large enough.
    let copy = unsafe {
        if name.is_null() {
            core::ptr::null_mut()
        } else {
            let copy = shared_malloc(2 * LONGEST).cast::<u8>();
            if copy.is_null() {
                return 0;
            }
            let found = find(CStr::from_ptr(name).to_bytes(), caller, copy, 2 * LONGEST);
            if !found {
                copy.copy_from_nonoverlapping(
                    name.cast(),
                    CStr::from_ptr(name).count_bytes().min(2 * LONGEST - 1) + 1,
                );
                copy.add(2 * LONGEST - 1).write(0);
            }
            copy
        }
    };
    // SAFETY: the bodies take any numbers.
    unsafe {
        for pkey in all() {
            thunk::enter(EXPECT + pkey.index(), [0, 0, 0]);
        }
        let handle = thunk::enter(CALL_LOADER, [OPEN, copy as usize, mode as usize]);
        for pkey in all() {
            thunk::enter(EXPECT + pkey.index(), [1, 0, 0]);
        }
        shared_free(copy.cast());
        if let Some(running) = sys::running_compartment() {
            mxcsr::others_loaded(running);
        }
        handle
    }
}

/// Looks for a library where the calling object says (`DT_RUNPATH`, `DT_RPATH`), which the loader
/// would do if that object had called it.
///
/// # Safety
/// `copy` has room for so many bytes.
unsafe fn find(name: &[u8], caller: usize, copy: *mut u8, room: usize) -> bool {
    const DT_RPATH: usize = 15;
    const DT_RUNPATH: usize = 29;
    if name.is_empty() || name.contains(&b'/') {
        return false;
    }
    let Some(object) = object_at(caller).filter(|object| !object.name().is_empty()) else {
        return false;
    };
    let list = object.dynamic_value(DT_RUNPATH).or_else(|| object.dynamic_value(DT_RPATH));
    let Some(list) = list.and_then(|offset| Tables::of(object)?.string(offset)) else {
        return false;
    };
    let path = object.name();
    let origin = &path[..path.iter().rposition(|&byte| byte == b'/').unwrap_or(0)];
    for folder in list.split(|&byte| byte == b':').filter(|folder| !folder.is_empty()) {
        let rest = folder.strip_prefix(b"$ORIGIN").or_else(|| folder.strip_prefix(b"${ORIGIN}"));
        let parts = match rest {
            Some(rest) => [origin, rest, b"/", name, b"\0"],
            None => [folder, b"", b"/", name, b"\0"],
        };
        let length: usize = parts.iter().map(|part| part.len()).sum();
        if length > room {
            continue;
        }
        // SAFETY: fits, as just seen; a C string by the last part.
        unsafe {
            let mut end = copy;
            for part in parts {
                end.copy_from_nonoverlapping(part.as_ptr(), part.len());
                end = end.add(part.len());
            }
            if libc::access(copy.cast(), libc::R_OK) == 0 {
                return true;
            }
        }
    }
    false
}

/// dlmopen(3), for other name spaces than the program's.
pub(crate) unsafe extern "C" fn dlmopen(space: isize, name: *const c_char, mode: c_int) -> usize {
    if space != 0 {
        Message::error("dlmopen: objects in a name space of their own would have a C library of ")
            .text("their own, which belongs to no compartment; use dlopen")
            .stop()
    }
    // SAFETY: the program's arguments.
    unsafe { open(name, mode, 0) }
}

/// dlclose(3).
pub(crate) unsafe extern "C" fn dlclose(handle: usize) -> c_int {
    // SAFETY: the bodies take any numbers.
    unsafe {
        let status = thunk::enter(CALL_LOADER, [CLOSE, handle, 0]) as c_int;
        for pkey in all() {
            thunk::enter(SWEEP + pkey.index(), [0; 3]);
        }
        status
    }
}

/// dlsym(3). A function of a compartment is found by the address of its entry stub, if it has one. `RTLD_NEXT` is about the caller, so the original is called in its name.
#[unsafe(naked)]
pub(crate) unsafe extern "C" fn dlsym() {
    naked_asm!(
        "endbr64",
        "cmp rdi, -1", "jne {find}",
        "mov rax, [rip + {sealed} + {originals}]",
        "jmp [rax + 8 * {dlsym}]",
        find = sym symbol,
        sealed = sym SEALED,
        originals = const offset_of!(Sealed, originals),
        dlsym = const Name::dlsym as usize,
    )
}

unsafe extern "C" fn symbol(handle: usize, name: *const c_char) -> usize {
    // SAFETY: the original's type; the program's arguments.
    let address = unsafe {
        let find: extern "C" fn(usize, *const c_char) -> usize =
            core::mem::transmute(original(Name::dlsym));
        find(handle, name)
    };
    if let Some(running) = sys::running_compartment() {
        // SAFETY: a C string by the contract of dlsym(3).
        mxcsr::looked_up(unsafe { CStr::from_ptr(name).to_bytes() }, running);
        found::looked_up(address, running);
    }
    let owner = object_at(address)
        .filter(|object| !object.pkey.is_untrusted() && object.has_code_at(address));
    let Some(owner) = owner else { return address };
    // SAFETY: a C string by the contract of dlsym(3).
    let name = unsafe { CStr::from_ptr(name).to_bytes() };
    if let Some(stub) = stub_of(owner.pkey, name) {
        return stub;
    }
    Message::warning("dlsym found ")
        .bytes(name)
        .text(" of ")
        .bytes(owner.display_name())
        .text(", which other compartments cannot call; put IA2_DEFINE_WRAPPER(")
        .bytes(name)
        .text(") behind its definition")
        .print();
    address
}

/// The entry stub of a function that is not static.
fn stub_of(pkey: Pkey, name: &[u8]) -> Option<usize> {
    let mut symbol = [0; 512];
    let mut length = 0;
    let mut add = |part: &[u8]| {
        symbol.get_mut(length..length + part.len())?.copy_from_slice(part);
        length += part.len();
        Some(())
    };
    add(b"ia2_fn_")?;
    let mut fits = Some(());
    digits(pkey.number().into(), 10, &mut |digits| fits = add(digits));
    fits?;
    add(b"_")?;
    add(name)?;
    let gates = sealed().objects().iter().find(|object| object.is_named(b"libcallgates.so"))?;
    Tables::of(gates)?.find(gates, &symbol[..length])
}
