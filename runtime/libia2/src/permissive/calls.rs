//! System calls of the program, intercepted.
//!
//! A call is not made by the handler, where it would have the handler's rights, stack and signal
//! mask, but by the program: the handler sends it to a trampoline. What must not wait is done by the
//! handler itself: signal masks, which must never contain the signals permissive mode lives on.
#![expect(non_upper_case_globals, reason = "names of the kernel's headers")]

use core::sync::atomic::{AtomicUsize, Ordering};

use libc::{
    REG_R8, REG_R9, REG_R10, REG_RAX, REG_RCX, REG_RDI, REG_RDX, REG_RIP, REG_RSI, REG_RSP,
    ucontext_t,
};
use linux_raw_sys::errno::{EFAULT, EINVAL};
use linux_raw_sys::general::{
    __NR_clone, __NR_clone3, __NR_execve, __NR_execveat, __NR_exit_group, __NR_fork,
    __NR_rt_sigaction, __NR_rt_sigprocmask, __NR_rt_sigreturn, __NR_tgkill, __NR_vfork, CLONE_VM,
    SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK,
};
use pkru::{Pkey, Pkru};

use super::arguments::{access_of, foreign, foreign_buffer};
use super::log;
use super::site::Access;
use super::step::{mask_of, set_mask};
use super::{fork_child, lent, masks, state, thread, trampoline};
use crate::cfi::{RIP, RSP, Registers};
use crate::fault::{pkru_of, set_pkru};
use crate::handler::{self, KernelAction, SYNCHRONOUS};
use crate::memory;

/// Where system calls are made: the address behind each, at the index of its trampoline.
#[repr(C)]
pub(super) struct Sites([AtomicUsize; trampoline::SITES]);

/// Registers with arguments, in order.
const ARGUMENTS: [i32; 6] = [REG_RDI, REG_RSI, REG_RDX, REG_R10, REG_R8, REG_R9];

/// A call under way.
#[derive(Clone, Copy)]
#[repr(C)]
struct Call {
    /// The program's stack pointer tells it from calls that its signal handlers make meanwhile.
    stack: usize,
    /// Where the program goes on.
    behind: usize,
    arguments: [usize; 6],
    number: u32,
    /// Rights to be given back.
    rights: u32,
    /// The rights were widened without knowing why.
    is_retry: bool,
}

/// The latest calls of a thread.
#[repr(C)]
pub(super) struct Pending {
    calls: [Call; 8],
    next: usize,
    /// Room for what arguments of a call that waits may point to.
    pub(super) scratch: [u64; 3],
}

impl Pending {
    fn add(&mut self, call: Call) {
        let same = self.calls.iter().position(|other| other.stack == call.stack);
        let index = same.unwrap_or(self.next % self.calls.len());
        self.next = index + 1;
        self.calls[index] = call;
    }

    fn find(&mut self, stack: usize) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.stack == stack && stack != 0)
    }
}

impl Sites {
    /// The trampoline for calls from this place.
    fn trampoline(&self, behind: usize) -> Option<usize> {
        for (index, slot) in self.0.iter().enumerate() {
            let known = match slot.compare_exchange(0, behind, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => true,
                Err(other) => other == behind,
            };
            if known {
                return Some(trampoline::of_site(index));
            }
        }
        None
    }
}

fn register(context: &mut ucontext_t, register: i32) -> &mut i64 {
    &mut context.uc_mcontext.gregs[register as usize]
}

fn get(context: &ucontext_t, register: i32) -> usize {
    context.uc_mcontext.gregs[register as usize] as usize
}

/// A system call was about to be made.
pub(super) fn intercept(context: &mut ucontext_t) -> bool {
    let number = get(context, REG_RAX) as u32;
    let arguments = ARGUMENTS.map(|register| get(context, register));
    match number {
        __NR_rt_sigreturn => {
            *register(context, REG_RIP) = trampoline::restorer() as i64;
            return true;
        }
        __NR_rt_sigprocmask => {
            let result = set_blocked(context, &arguments);
            return emulated(context, result);
        }
        __NR_rt_sigaction => return emulated(context, set_action(&arguments)),
        __NR_exit_group | __NR_execve | __NR_execveat => super::ends(),
        __NR_tgkill if is_deadly(arguments[2] as i32) => super::ends(),
        _ => {}
    }
    let running = pkru_of(context);
    let call = Call {
        stack: get(context, REG_RSP),
        behind: get(context, REG_RIP),
        arguments,
        number,
        rights: running.bits(),
        is_retry: false,
    };
    thread().calls.add(call);
    let pkey = running.compartment().unwrap_or(Pkey::UNTRUSTED);
    lent::take_back_all(pkey);
    if let Some((foreign, access)) = foreign_buffer(pkey, number, &arguments) {
        let at = at(context, &call);
        log::record_call(access, running, foreign.owner, foreign.address, number, &at);
        widen(context, number);
        return true;
    }
    let place = state().calls.trampoline(call.behind);
    match place {
        // A new thread, or a child that uses its parent's memory: no handler can come between.
        Some(place) if !is_fork(number, &arguments) && !masks::replace(context, number) => {
            *register(context, REG_RIP) = place as i64;
        }
        _ => *register(context, REG_RIP) = trampoline::trapping() as i64,
    }
    true
}

/// Whether the program does not handle SIGABRT and sends it to itself: abort(3) does not return.
fn is_deadly(signal: i32) -> bool {
    signal == libc::SIGABRT
        && handler::exchange_action(signal, None)
            .is_ok_and(|action| action.handler == libc::SIG_DFL)
}

/// Whether the call makes a process with memory of its own.
fn is_fork(number: u32, arguments: &[usize; 6]) -> bool {
    let shares = |flags: usize| flags & CLONE_VM as usize != 0;
    match number {
        __NR_fork => true,
        __NR_vfork => false,
        __NR_clone => !shares(arguments[0]),
        __NR_clone3 => memory::word(arguments[0]).is_some_and(|flags| !shares(flags)),
        _ => false,
    }
}

/// Makes the call once more, or at last, with all keys open.
fn widen(context: &mut ucontext_t, number: u32) {
    set_pkru(context, Pkru::from_bits(0));
    *register(context, REG_RAX) = number.into();
    *register(context, REG_RIP) = trampoline::trapping() as i64;
}

/// A call came back with EFAULT: was it about a key? `rcx` is the address of its place's slot.
pub(super) fn faulted(context: &mut ucontext_t) -> bool {
    let stack = get(context, REG_RSP);
    let slot = get(context, REG_RCX) as *const AtomicUsize;
    let Some(call) = thread().calls.find(stack) else {
        // SAFETY: the trampoline computed the address of a slot.
        *register(context, REG_RIP) = unsafe { (*slot).load(Ordering::Acquire) } as i64;
        return true;
    };
    let running = Pkru::from_bits(call.rights);
    let pkey = running.compartment().unwrap_or(Pkey::UNTRUSTED);
    call.is_retry = true;
    let at = at(context, call);
    for address in call.arguments {
        if let Some(foreign) = foreign(pkey, address) {
            let access = access_of(call.number);
            log::record_call(access, running, foreign.owner, address, call.number, &at);
            call.is_retry = false;
        }
        // Lent by another thread meanwhile.
        if lent::is_lent(address, pkey) {
            call.is_retry = false;
        }
    }
    let number = call.number;
    widen(context, number);
    true
}

/// The registers where a call was made.
fn at(context: &ucontext_t, call: &Call) -> Registers {
    let mut registers = Registers::of(context);
    registers.0[RIP] = call.behind;
    registers.0[RSP] = call.stack;
    registers
}

/// A call that traps behind is done. False if there is none.
pub(super) fn done(context: &mut ucontext_t) -> bool {
    let Some(call) = thread().calls.find(get(context, REG_RSP)) else { return false };
    let call = *call;
    let result = get(context, REG_RAX);
    if call.is_retry && result != (EFAULT as usize).wrapping_neg() {
        // Memory that an argument's structure refers to.
        let running = Pkru::from_bits(call.rights);
        let owner = Pkey::UNTRUSTED;
        log::record_call(Access::Call, running, owner, 0, call.number, &at(context, &call));
    }
    for (register_, argument) in ARGUMENTS.into_iter().zip(call.arguments) {
        *register(context, register_) = argument as i64;
    }
    set_pkru(context, Pkru::from_bits(call.rights));
    *register(context, REG_RIP) = call.behind as i64;
    if result == 0 && is_fork(call.number, &call.arguments) {
        fork_child();
    }
    true
}

/// Ends a call that the handler has made.
fn emulated(context: &mut ucontext_t, result: Result<(), u32>) -> bool {
    *register(context, REG_RAX) = result.map_or_else(|errno| -i64::from(errno), |()| 0);
    true
}

/// rt_sigprocmask(2), on the mask that the frame restores.
fn set_blocked(context: &mut ucontext_t, arguments: &[usize; 6]) -> Result<(), u32> {
    let &[how, new, old, size, ..] = arguments;
    if size != size_of::<u64>() {
        return Err(EINVAL);
    }
    let before = mask_of(context);
    if new != 0 {
        let new = memory::word(new).ok_or(EFAULT)? as u64;
        let mask = match how as u32 {
            SIG_BLOCK => before | new,
            SIG_UNBLOCK => before & !new,
            SIG_SETMASK => new,
            _ => return Err(EINVAL),
        };
        set_mask(context, mask & !SYNCHRONOUS);
    }
    if old != 0 && !memory::write(old, &before.to_ne_bytes()) {
        return Err(EFAULT);
    }
    Ok(())
}

/// rt_sigaction(2).
fn set_action(arguments: &[usize; 6]) -> Result<(), u32> {
    let &[signal, new, old, size, ..] = arguments;
    if size != size_of::<u64>() {
        return Err(EINVAL);
    }
    let mut bytes = [0; size_of::<KernelAction>()];
    let action = if new == 0 {
        None
    } else if memory::read(new, &mut bytes) {
        // SAFETY: any bytes are a valid structure of numbers.
        let mut action: KernelAction = unsafe { core::mem::transmute(bytes) };
        action.mask &= !SYNCHRONOUS;
        Some(action)
    } else {
        return Err(EFAULT);
    };
    let before =
        handler::exchange_action(signal as i32, action.as_ref()).map_err(|errno| errno.0 as u32)?;
    // SAFETY: the structure has no padding.
    let bytes: [u8; size_of::<KernelAction>()] = unsafe { core::mem::transmute(before) };
    if old != 0 && !memory::write(old, &bytes) {
        return Err(EFAULT);
    }
    Ok(())
}
