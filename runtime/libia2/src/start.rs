//! Start-up: from the loader's hands to a program in compartments.
//!
//! The loader calls [`start`] through `DT_PREINIT_ARRAY`: everything is mapped and relocated, no
//! constructor has run, there is one thread, and PKRU opens key 0 only. The C library is not
//! initialised yet either (its `environ` is null), so arguments come from the loader alone.

use core::ffi::{CStr, c_char};

use layout::callgates::table_size;
use layout::{PAGE_SIZE, vault};
use pkru::Pkey;
use sys::syscall::{self, Protection};

use crate::hooks::Hooks;
use crate::ids::{self, callgates};
use crate::message::{Level, Message};
use crate::sealed::{self, Store};
use crate::{
    cancel, checks, cpu, ending, fork, frame, handler, interpose, keys, mxcsr, object, permissive,
    program, release, report,
};

type Preinit = extern "C" fn(i32, *const *const c_char, *const *const c_char);

#[used]
#[unsafe(link_section = ".preinit_array")]
static PREINIT: Preinit = start;

unsafe extern "C" {
    fn ia2_heap_start(highest_pkey: u32, limits: *const c_char, permissive: i32);
}

extern "C" fn start(_: i32, _: *const *const c_char, environment: *const *const c_char) {
    keys::require_pku();
    cpu::refuse_shadow_stacks();
    let mut store = Store::new();
    let objects = object::all_loaded(&mut store);
    let highest = program::assign(objects);
    let objects = &*objects;
    checks::check(objects);
    keys::allocate_all();
    let is_permissive = program::is_permissive(objects);
    let limits = variable(environment, b"IA2_HEAP_LIMIT");
    let limits = limits.map_or(core::ptr::null(), |value| value.as_ptr().cast());
    // SAFETY: keys are allocated, nothing has used the heap, and this is the only thread. A value in
    // the environment is a C string.
    unsafe { ia2_heap_start(highest.number().into(), limits, is_permissive.into()) };
    // SAFETY: the gates' table is writable until it is sealed here.
    let late_functions =
        unsafe { program::fill_table(objects, cpu::vectors(), is_permissive, &mut store) };
    seal_table();
    let handlers = program::handlers(objects, &mut store);
    let main = objects.first().map_or(Pkey::UNTRUSTED, |executable| executable.pkey);
    let mut hooks = Hooks::new(&mut store, main);
    for object in objects.iter().filter(|object| !object.pkey.is_untrusted()) {
        hooks.redirect(object, &mut store);
    }
    let hooks = hooks.finish();
    // These use functions that are replaced afterwards.
    let end_key = release::create_key();
    fork::prepare();
    let cleanup_offset = ending::find_cleanup_offset();
    let cancel_handler = cancel::find_handler(objects);
    let untouchable = cancel::untouchable_page();
    // SAFETY: no code of the program has run, and no data has its key yet.
    let originals = unsafe { interpose::redirect(objects, &mut store) };
    let stacks = StackArenas::reserve(number(environment, c"IA2_STACK_SIZE"));
    let log_level = log_level(environment);
    let map_signal = number(environment, c"IA2_MAP_SIGNAL") as u32;
    let json = variable(environment, b"IA2_PERMISSIVE_JSON");
    let json = json.map_or(core::ptr::null(), |value| value.as_ptr().cast());
    let lend_after = number(environment, c"IA2_PERMISSIVE_LEND_AFTER") as u64;
    let permissive_state =
        if is_permissive { permissive::create(json, lend_after) } else { core::ptr::null_mut() };
    // SAFETY: no other code of the program runs yet.
    unsafe {
        sealed::fill(|sealed| {
            sealed.hooks = hooks.as_ptr();
            sealed.hook_count = hooks.len() as u32;
            sealed.highest_pkey = highest.number().into();
            sealed.stacks = stacks.base;
            sealed.stack_arena_shift = stacks.arena_shift;
            sealed.stack_slot = stacks.slot;
            sealed.stack_slots = stacks.slots;
            sealed.has_avx = cpu::vectors() as u32;
            sealed.frame_pkru_offset = core::arch::x86_64::__cpuid_count(0xd, 9).ebx;
            sealed.objects = objects.as_ptr();
            sealed.object_count = objects.len();
            sealed.handlers = handlers.as_ptr();
            sealed.handler_count = handlers.len();
            sealed.late_functions = late_functions.as_ptr();
            sealed.late_function_count = late_functions.len();
            sealed.end_key = end_key;
            sealed.originals = originals;
            sealed.permissive = is_permissive.into();
            sealed.permissive_state = permissive_state;
            sealed.log_level = log_level;
            sealed.map_signal = map_signal;
            sealed.cleanup_offset = cleanup_offset;
            sealed.untouchable = untouchable;
            sealed.cancel_handler = cancel_handler;
            sealed.frames_need_key_0 = frame::frames_need_key_0();
        });
    }
    store.seal();
    make_secrets();
    // SAFETY: nothing has its key yet, and no code of the program has run.
    unsafe { mxcsr::tell_gates(objects, highest) };
    keys::protect_vault(highest);
    for object in objects.iter().filter(|object| !object.pkey.is_untrusted()) {
        keys::protect_data(object);
    }
    keys::protect_thread(objects, highest);
    handler::prepare_thread();
    handler::install(&report::SIGNALS);
    if map_signal != 0 {
        handler::install(&[map_signal as i32]);
    }
    cancel::install();
    if is_permissive {
        permissive::start();
    }
}

/// Which messages are shown: `IA2_LOG`.
fn log_level(environment: *const *const c_char) -> u32 {
    let Some(word) = variable(environment, b"IA2_LOG") else { return Level::Warning as u32 };
    match Level::limit(word) {
        Some(limit) => limit,
        None => Message::error("IA2_LOG=")
            .bytes(word)
            .text(" in the environment: give off, error, warn, info or debug")
            .stop(),
    }
}

/// A number from the environment; 0 if it is not set.
fn number(environment: *const *const c_char, name: &'static CStr) -> usize {
    let Some(value) = variable(environment, name.to_bytes()) else { return 0 };
    let parsed = value.iter().try_fold(0usize, |number, &byte| match byte {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(usize::from(byte - b'0')),
        _ => None,
    });
    match parsed {
        Some(number) if !value.is_empty() => number,
        _ => Message::error("")
            .bytes(name.to_bytes())
            .text("=")
            .bytes(value)
            .text(" in the environment is not a number")
            .stop(),
    }
}

/// The value of an environment variable.
fn variable(environment: *const *const c_char, name: &[u8]) -> Option<&'static [u8]> {
    let mut entry = environment;
    loop {
        // SAFETY: the kernel's array of C strings, ended by a null pointer.
        let text = unsafe {
            if (*entry).is_null() {
                return None;
            }
            CStr::from_ptr(*entry).to_bytes()
        };
        if let Some(value) = text.strip_prefix(name).and_then(|rest| rest.strip_prefix(b"=")) {
            return Some(value);
        }
        // SAFETY: not yet at the end.
        entry = unsafe { entry.add(1) };
    }
}

/// Makes the gates' table of function addresses read-only for ever.
fn seal_table() {
    let gates = callgates();
    let bytes = table_size(gates.function_count);
    // SAFETY: the table fills whole pages, and nobody writes it any more.
    let sealed = unsafe { syscall::protect(gates.table as usize, bytes, Protection::READ) };
    if let Err(errno) = sealed {
        Message::error("cannot seal the gates' table: ").errno(errno).stop()
    }
}

/// Fills the vault: secrets of pairs, cookies, and what these lack to zero.
fn make_secrets() {
    let sum = if crate::alignment::is_checked() { 0 } else { vault::UNCHECKED_ALIGNMENT };
    let highest = crate::thread::highest();
    let all = || Pkey::all().filter(move |&key| key <= highest);
    let word = |key: Pkey, offset| (ids::vault() + vault::pages(key) + offset) as *mut u64;
    for key in all() {
        // Compartment 0 has no secrets, and its thread block has no cookie before it has a stack.
        let cookie = if key.is_untrusted() { 0 } else { random() };
        // SAFETY: words of the vault, still writable, which only this thread uses.
        unsafe {
            word(key, vault::OWN).write(random());
            word(key, vault::COOKIE).write(cookie);
        }
    }
    for caller in all() {
        for target in all() {
            let secret = random();
            // SAFETY: as above; the cookies were written by the first loop.
            unsafe {
                let lacking = |key| {
                    let cookie: u64 = word(key, vault::COOKIE).read();
                    sum.wrapping_sub(cookie.wrapping_add(secret))
                };
                word(caller, vault::outgoing(target)).write(secret);
                word(target, vault::incoming(caller)).write(secret);
                word(target, vault::admission(caller)).write(lacking(target));
                word(caller, vault::readmission(target)).write(lacking(caller));
            }
        }
    }
}

/// A random number from the kernel.
fn random() -> u64 {
    let mut number = 0u64;
    let buffer = (&raw mut number) as usize;
    let arguments = [buffer, size_of::<u64>(), 0, 0, 0, 0];
    // SAFETY: the kernel writes the eight bytes of `number`.
    match unsafe { syscall::syscall(linux_raw_sys::general::__NR_getrandom, arguments) } {
        Ok(8) => number,
        _ => Message::error("the kernel gives no random numbers").stop(),
    }
}

/// Address space for the stacks of all compartments.
struct StackArenas {
    base: usize,
    arena_shift: usize,
    slot: usize,
    slots: usize,
}

impl StackArenas {
    /// Reserves as much as the address-space limit allows: 64 GiB per compartment, or less.
    fn reserve(stack_size: usize) -> StackArenas {
        const LARGEST_SHIFT: usize = 36;
        const SMALLEST_SHIFT: usize = 26;
        let stack = if stack_size == 0 { default_stack_size() } else { stack_size };
        let slot = stack.next_multiple_of(PAGE_SIZE).max(4 * PAGE_SIZE) + PAGE_SIZE;
        for arena_shift in (SMALLEST_SHIFT..=LARGEST_SHIFT).rev() {
            // The last page is the guard above the last stack of the last arena.
            let bytes = (Pkey::COUNT << arena_shift) + PAGE_SIZE;
            let flags = linux_raw_sys::general::MAP_NORESERVE;
            // A stack's upper guard is the next slot's page, so the last slot needs one behind it.
            let slots = (((1 << arena_shift) - PAGE_SIZE) / slot).min(vault::STACK_SLOTS);
            if slots == 0 {
                break;
            }
            // SAFETY: a new mapping at an address of the kernel's choice.
            let mapped = unsafe { syscall::map_anonymous(0, bytes, Protection::NONE, flags) };
            if let Ok(base) = mapped {
                return StackArenas { base, arena_shift, slot, slots };
            }
        }
        Message::error("no address space for stacks of ")
            .decimal(slot as u64)
            .text(" bytes per compartment and thread; set IA2_STACK_SIZE or raise `ulimit -v`")
            .stop()
    }
}

/// The size the system gives to a process's own stack, or 8 MiB where that is unlimited.
fn default_stack_size() -> usize {
    const DEFAULT: usize = 8 << 20;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the call fills the structure; it is a plain system call in the C library.
    let status = unsafe { libc::getrlimit(libc::RLIMIT_STACK, &raw mut limit) };
    match usize::try_from(limit.rlim_cur) {
        Ok(size) if status == 0 && limit.rlim_cur != libc::RLIM_INFINITY => size.min(1 << 30),
        _ => DEFAULT,
    }
}
