//! `sigaction` and its relatives: who handles a signal.
//!
//! A handler runs in the compartment that asked for it; one that was declared with
//! `IA2_DEFINE_SIGHANDLER` in the compartment of its declaration, whoever asks. The function is
//! written down in that compartment's vault, where nobody else can change it, and the kernel gets the
//! compartment's entry ([`crate::signal`]).
//!
//! Signals by which protection shows stay the runtime's own. What is none of its affairs goes on to
//! the program's handler ([`forward`]).

use libc::{SA_ONSTACK, SA_RESTART, SIG_DFL, SIG_ERR, SIG_IGN, sigaction};
use linux_raw_sys::general::{SA_NODEFER, SA_RESTORER, SA_SIGINFO};
use pkru::Pkey;
use sys::syscall::Errno;

use layout::thread_block;
use layout::vault::{FORWARD, HANDLER_SIZE, HANDLERS, SIGNALS, pages};

use crate::handler::{self, KernelAction, SYNCHRONOUS};
use crate::hooks::SET_HANDLER;
use crate::message::Message;
use crate::sealed::sealed;
use crate::{coroutine, ids, memory, object, permissive, report, signal_entry, thunk};

/// What a compartment has asked for.
#[derive(Clone, Copy)]
#[repr(C)]
struct Action {
    function: usize,
    mask: u64,
    flags: u64,
}

const _: () = assert!(size_of::<Action>() == HANDLER_SIZE);

/// A declared signal handler.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Declared {
    /// Address that stands for it.
    pub(crate) entry: usize,
    /// Address of the function.
    pub(crate) address: usize,
    /// Compartment it runs in.
    pub(crate) pkey: u64,
}

/// Where a compartment keeps what it has asked for.
fn slot(pkey: Pkey, signal: i32) -> *mut Action {
    (ids::vault() + pages(pkey) + HANDLERS + (signal as usize - 1) * HANDLER_SIZE) as *mut Action
}

fn running() -> Pkey {
    match sys::running_compartment() {
        Some(pkey) => pkey,
        None => {
            Message::error("sigaction is called with rights that belong to no compartment").stop()
        }
    }
}

/// Signals whose handler is the runtime.
fn is_ours(signal: i32) -> bool {
    report::SIGNALS.contains(&signal)
        || signal as u32 == sealed().map_signal
        || permissive::is_on() && [libc::SIGTRAP, libc::SIGSYS].contains(&signal)
}

fn forward_slot(signal: i32) -> *mut u8 {
    (ids::vault() + pages(Pkey::UNTRUSTED) + FORWARD + signal as usize - 1) as *mut u8
}

/// Value of a forward slot for a signal that is ignored.
const IGNORED: u8 = u8::MAX;

/// What the program has arranged for a signal that the runtime handles.
pub(crate) enum Forward {
    /// Nothing.
    Default,
    /// It is ignored.
    Ignore,
    /// This entry is to be called, in the state in which the kernel called the runtime.
    Call(usize),
}

/// Where a signal goes that is none of the runtime's affairs.
pub(crate) fn forward(signal: i32) -> Forward {
    // SAFETY: a byte of the vault.
    match unsafe { forward_slot(signal).read() } {
        0 => Forward::Default,
        IGNORED => Forward::Ignore,
        number => match Pkey::new(number - 1) {
            Some(pkey) => Forward::Call(signal_entry::entry_of(pkey)),
            None => Forward::Default,
        },
    }
}

/// Whether the program's handler of a signal runs on an alternate stack that its compartment has named
/// for this thread. Asks the kernel for that compartment's memory.
pub(crate) fn has_stack_of_its_own(signal: i32, entry: usize) -> bool {
    let Some(pkey) = signal_entry::pkey_of(entry) else { return false };
    let flags = memory::word(slot(pkey, signal) as usize + core::mem::offset_of!(Action, flags));
    let block = object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
    let size = memory::word(block + thread_block::page(pkey) + thread_block::ALTERNATE_SIZE);
    flags.is_some_and(|flags| flags & SA_ONSTACK as usize != 0)
        && size.is_some_and(|size| size != 0)
}

/// Body of the hook by which a compartment installs the declared handler of another one: `index` is
/// its number among the declared ones, `signal` has the flags in the upper half.
pub(crate) unsafe extern "C" fn set(signal: usize, index: usize, mask: usize, _: usize) -> usize {
    let (signal, flags) = (signal as u32 as i32, (signal >> 32) as u64);
    let declared = sealed().handlers().get(index);
    let Some(declared) = declared.filter(|declared| {
        (1..=SIGNALS as i32).contains(&signal) && declared.pkey == u64::from(running().number())
    }) else {
        Message::error("a compartment installs a signal handler that nobody declared").stop()
    };
    // SAFETY: the running compartment's own slot.
    unsafe {
        slot(running(), signal).write(Action {
            function: declared.address,
            mask: mask as u64,
            flags,
        });
    }
    0
}

/// Writes down what the program asks for, and returns the compartment it concerns.
fn write_down(signal: i32, action: &sigaction, mask: u64) -> Pkey {
    let flags = action.sa_flags as u32 as u64;
    let function = action.sa_sigaction;
    let pkey = running();
    let declared = sealed().handlers().iter().position(|declared| declared.entry == function);
    let declared = declared.map(|index| (index, &sealed().handlers()[index]));
    match declared {
        Some((index, declared)) if declared.pkey != u64::from(pkey.number()) => {
            let Some(owner) = u8::try_from(declared.pkey).ok().and_then(Pkey::new) else {
                Message::error("a declared signal handler belongs to no compartment").stop()
            };
            let arguments = [signal as usize | (flags as usize) << 32, index, mask as usize];
            // SAFETY: the body checks what it is given.
            unsafe { thunk::enter(SET_HANDLER + owner.index(), arguments) };
            owner
        }
        _ => {
            let function = declared.map_or(function, |(_, declared)| declared.address);
            // SAFETY: the running compartment's own slot.
            unsafe { slot(pkey, signal).write(Action { function, mask, flags }) };
            pkey
        }
    }
}

/// What the program had asked for, from what the kernel has.
fn previous(signal: i32, kernel: &KernelAction) -> KernelAction {
    let mut old = *kernel;
    let pkey = if is_ours(signal) {
        match forward(signal) {
            Forward::Default => return KernelAction::default(),
            Forward::Ignore => return KernelAction { handler: SIG_IGN, ..Default::default() },
            Forward::Call(entry) => {
                old = KernelAction { handler: entry, ..Default::default() };
                signal_entry::pkey_of(entry)
            }
        }
    } else {
        signal_entry::pkey_of(kernel.handler)
    };
    if pkey == Some(running()) {
        // SAFETY: the running compartment's own slot.
        let action = unsafe { slot(running(), signal).read() };
        old.handler = action.function;
        old.flags = action.flags | u64::from(SA_RESTORER);
        old.mask = action.mask;
    }
    old
}

/// Changes who handles a signal.
fn change(signal: i32, action: Option<&sigaction>) -> Result<KernelAction, Errno> {
    if !(1..=SIGNALS as i32).contains(&signal) {
        return Err(Errno(libc::EINVAL));
    }
    let Some(action) = action else {
        let kernel = handler::exchange_action(signal, None)?;
        return Ok(previous(signal, &kernel));
    };
    // SAFETY: glibc's sigset_t begins with the kernel's.
    let mask = unsafe { (&raw const action.sa_mask).cast::<u64>().read() };
    let old = previous(signal, &handler::exchange_action(signal, None)?);
    let is_handler = ![SIG_DFL, SIG_IGN].contains(&action.sa_sigaction);
    let entry = if !is_handler {
        action.sa_sigaction
    } else if signal_entry::pkey_of(action.sa_sigaction).is_some() {
        // What another compartment had installed is put back.
        action.sa_sigaction
    } else {
        signal_entry::entry_of(write_down(signal, action, mask))
    };
    if is_ours(signal) {
        let value = match signal_entry::pkey_of(entry) {
            Some(pkey) => pkey.number() + 1,
            None if entry == SIG_IGN => IGNORED,
            None => 0,
        };
        // SAFETY: a byte of the vault, on key 0.
        unsafe { forward_slot(signal).write(value) };
        return Ok(old);
    }
    let mut flags = action.sa_flags as u32 as u64 & !u64::from(SA_NODEFER) | u64::from(SA_RESTORER);
    if is_handler {
        flags |= u64::from(SA_SIGINFO);
        // The frame must be where the kernel can write it.
        if sealed().frames_need_key_0 || coroutine::in_use() {
            flags |= SA_ONSTACK as u64;
        }
    }
    let kernel = KernelAction {
        handler: entry,
        flags,
        restorer: permissive::trampoline::restorer(),
        mask: !SYNCHRONOUS,
    };
    handler::exchange_action(signal, Some(&kernel))?;
    Ok(old)
}

fn set_errno(Errno(number): Errno) {
    // SAFETY: the running thread's errno.
    unsafe { *libc::__errno_location() = number };
}

/// `sigaction`, for every compartment.
pub(crate) unsafe extern "C" fn change_action(
    signal: i32,
    action: *const sigaction,
    old: *mut sigaction,
) -> i32 {
    // SAFETY: null or valid by the contract of sigaction(2).
    match change(signal, unsafe { action.as_ref() }) {
        Ok(previous) => {
            // SAFETY: as above.
            if let Some(old) = unsafe { old.as_mut() } {
                old.sa_sigaction = previous.handler;
                old.sa_flags = previous.flags as i32;
                old.sa_restorer = None;
                // SAFETY: glibc's sigset_t begins with the kernel's; the rest is unused.
                unsafe { (&raw mut old.sa_mask).cast::<u64>().write(previous.mask) };
            }
            0
        }
        Err(errno) => {
            set_errno(errno);
            -1
        }
    }
}

/// `signal`, with the meaning glibc gives it (BSD: the handler stays, system calls are restarted).
pub(crate) unsafe extern "C" fn signal(signal: i32, handler: usize) -> usize {
    set_handler(signal, handler, SA_RESTART)
}

/// `sysv_signal`: the handler runs once, with the signal not blocked.
pub(crate) unsafe extern "C" fn sysv_signal(signal: i32, handler: usize) -> usize {
    set_handler(signal, handler, libc::SA_RESETHAND | libc::SA_NODEFER)
}

fn set_handler(signal: i32, handler: usize, flags: i32) -> usize {
    // SAFETY: all-zero is a valid sigaction.
    let mut action: sigaction = unsafe { core::mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    match change(signal, Some(&action)) {
        Ok(old) => old.handler,
        Err(errno) => {
            set_errno(errno);
            SIG_ERR
        }
    }
}
