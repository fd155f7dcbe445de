//! Measures libpartition-alloc.so as programs use it: the functions that the runtime leads the calls of
//! compartment 1's shared objects to, in compartment 1, with protection keys or a stand-in for them
//! (`keys`). The environment variable `PARTITION_ALLOC` says where the library is. `CALLER=anybody`
//! measures `__wrap_malloc`, which looks who is running, `CALLER=sharing` `shared_malloc`.
//!
//! The worker stands in for the runtime: it allocates the keys, gives the page of the thread block its
//! key, and enters compartment 1.

mod keys;

use std::{
    arch::{asm, global_asm},
    ffi::{CStr, CString, c_char, c_void},
    sync::OnceLock,
};

use heap_bench::{allocator::Allocator, worker};
use keys::Keys;

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

/// What threads need: where keys come from, and the library's `ia2_heap_thread_end`.
static PROCESS: OnceLock<(Keys, extern "C" fn())> = OnceLock::new();

/// Gives the page of the running thread's block that belongs to compartment 1 a key.
fn key_thread_block(key: i32) {
    let page = thread_block() + 4096;
    // SAFETY: page 1 of this thread's block, which only the library uses.
    let result = unsafe { libc::syscall(libc::SYS_pkey_mprotect, page, 4096usize, 3, key) };
    assert_eq!(result, 0, "the thread block cannot get key {key}");
}

fn enter() {
    key_thread_block(1);
    PROCESS.get().expect("main has set it").0.enter_compartment_1();
}

fn leave() {
    PROCESS.get().expect("main has set it").1();
    // The pages of a finished thread are used again by the next, which must find zeros.
    key_thread_block(0);
}

fn main() {
    let path = std::env::var("PARTITION_ALLOC").expect("PARTITION_ALLOC names the library");
    let path = CString::new(path).expect("a path");
    // SAFETY: loads a library.
    let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    if library.is_null() {
        // SAFETY: there was an error, so this is a C string.
        eprintln!("{:?}", unsafe { CStr::from_ptr(libc::dlerror()) });
        std::process::exit(1);
    }
    let find = |name: &str| {
        let name = CString::new(name).expect("a name");
        // SAFETY: the library is loaded, the name a C string.
        let symbol = unsafe { libc::dlsym(library, name.as_ptr()) };
        assert!(!symbol.is_null(), "{name:?} is missing");
        symbol
    };
    type Malloc = unsafe extern "C" fn(usize) -> *mut u8;
    type Calloc = unsafe extern "C" fn(usize, usize) -> *mut u8;
    type Realloc = unsafe extern "C" fn(*mut u8, usize) -> *mut u8;
    type Free = unsafe extern "C" fn(*mut u8);
    let keys = Keys::of_this_process();
    keys.prepare(find("__wrap_malloc"));
    let caller = std::env::var("CALLER").unwrap_or_default();
    let prefix = if caller == "sharing" { "shared_" } else { "__wrap_" };
    // SAFETY: the type is that of the library's documentation.
    let within: extern "C" fn(*const c_void, i32) -> *mut c_void =
        unsafe { std::mem::transmute(find("ia2_heap_function")) };
    let named = |name| {
        let function = find(&format!("{prefix}{name}"));
        let own = within(function, 1);
        if caller.is_empty() && !own.is_null() { own } else { function }
    };
    // SAFETY: the types are those of the library's documentation.
    let allocator = unsafe {
        let start: extern "C" fn(u32, *const c_char, i32) =
            std::mem::transmute(find("ia2_heap_start"));
        start(15, std::ptr::null(), 0);
        let end: extern "C" fn() = std::mem::transmute(find("ia2_heap_thread_end"));
        assert!(PROCESS.set((keys, end)).is_ok());
        assert!(!within(find("__wrap_malloc"), 1).is_null());
        Allocator {
            malloc: std::mem::transmute::<*mut c_void, Malloc>(named("malloc")),
            calloc: std::mem::transmute::<*mut c_void, Calloc>(named("calloc")),
            realloc: std::mem::transmute::<*mut c_void, Realloc>(named("realloc")),
            free: std::mem::transmute::<*mut c_void, Free>(named("free")),
            thread_start: enter,
            thread_end: leave,
        }
    };
    worker::main(&allocator);
}
