//! Measures libpartition-alloc.so as programs use it: `__wrap_malloc` in compartment 1, with real
//! protection keys. The environment variable `PARTITION_ALLOC` says where the library is.
//! `SHARED=1` measures `shared_malloc` instead.
//!
//! The worker stands in for the runtime: it allocates the keys, gives the page of the thread block its
//! key, and enters compartment 1.

use std::{
    arch::{asm, global_asm},
    ffi::{CString, c_char, c_int, c_long, c_void},
    sync::OnceLock,
};

use heap_bench::{allocator::Allocator, worker};

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlerror() -> *const c_char;
    fn syscall(number: c_long, ...) -> c_long;
}

const SYS_PKEY_MPROTECT: c_long = 329;
const SYS_PKEY_ALLOC: c_long = 330;
const PKRU_OF_1: u32 = 0xffff_fff0;

// The thread block: sixteen pages of thread-local storage (`layout::thread_block`).
global_asm!(
    ".pushsection .tbss.ia2_thread_block, \"awT\", @nobits",
    ".globl ia2_thread_block",
    ".type ia2_thread_block, @object",
    ".size ia2_thread_block, 65536",
    ".balign 4096",
    "ia2_thread_block: .skip 65536",
    ".popsection",
);

fn thread_block() -> usize {
    let address: usize;
    // SAFETY: initial-exec access to a thread-local variable.
    unsafe {
        asm!("mov {a}, qword ptr [rip + ia2_thread_block@GOTTPOFF]", "add {a}, qword ptr fs:[0]",
            a = out(reg) address);
    }
    address
}

/// Functions of the library that threads need.
static THREAD_END: OnceLock<extern "C" fn()> = OnceLock::new();

fn enter() {
    // SAFETY: page 1 of this thread's block, which only the library uses.
    let result = unsafe { syscall(SYS_PKEY_MPROTECT, thread_block() + 4096, 4096usize, 3, 1) };
    assert_eq!(result, 0, "the thread block cannot get its key");
    // SAFETY: opens compartment 1 besides key 0; nothing of ours carries another key.
    unsafe { asm!("wrpkru", in("eax") PKRU_OF_1, in("ecx") 0, in("edx") 0) };
}

fn leave() {
    THREAD_END.get().expect("main has loaded the library")();
    // The pages of a finished thread are used again by the next.
    // SAFETY: as in `enter`; the block's page is zero again, as the next thread must find it.
    let result = unsafe { syscall(SYS_PKEY_MPROTECT, thread_block() + 4096, 4096usize, 3, 0) };
    assert_eq!(result, 0, "the thread block cannot get key 0 back");
}

fn main() {
    let path = std::env::var("PARTITION_ALLOC").expect("PARTITION_ALLOC names the library");
    let path = CString::new(path).expect("a path");
    // SAFETY: loads a library and looks its functions up; the types are those of its documentation.
    let library = unsafe { dlopen(path.as_ptr(), 2) };
    if library.is_null() {
        // SAFETY: there was an error, so this is a C string.
        eprintln!("{:?}", unsafe { std::ffi::CStr::from_ptr(dlerror()) });
        std::process::exit(1);
    }
    let find = |name: &str| {
        let name = CString::new(name).expect("a name");
        // SAFETY: as above.
        let symbol = unsafe { dlsym(library, name.as_ptr()) };
        assert!(!symbol.is_null(), "{name:?} is missing");
        symbol
    };
    for _ in 1..16 {
        // SAFETY: allocates a key.
        let key = unsafe { syscall(SYS_PKEY_ALLOC, 0, 1) };
        assert!(key > 0, "this CPU or kernel has no protection keys");
    }
    let prefix = if std::env::var_os("SHARED").is_some() { "shared_" } else { "__wrap_" };
    // SAFETY: the types are those of the library's documentation.
    let allocator = unsafe {
        let start: extern "C" fn(u32, usize) = std::mem::transmute(find("ia2_heap_start"));
        start(15, 0);
        let end: extern "C" fn() = std::mem::transmute(find("ia2_heap_thread_end"));
        THREAD_END.set(end).expect("set once");
        Allocator {
            malloc: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(usize) -> *mut u8>(
                find(&format!("{prefix}malloc")),
            ),
            calloc: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(usize, usize) -> *mut u8>(
                find(&format!("{prefix}calloc")),
            ),
            realloc: std::mem::transmute::<
                *mut c_void,
                unsafe extern "C" fn(*mut u8, usize) -> *mut u8,
            >(find(&format!("{prefix}realloc"))),
            free: std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut u8)>(find(
                &format!("{prefix}free"),
            )),
            thread_start: enter,
            thread_end: leave,
        }
    };
    worker::main(&allocator);
}
