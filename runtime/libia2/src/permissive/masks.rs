//! System calls that wait with another signal mask: it must not block what permissive mode lives on.
#![expect(non_upper_case_globals, reason = "names of the kernel's headers")]

use libc::{REG_R8, REG_R9, REG_R10, REG_RDI, ucontext_t};
use linux_raw_sys::general::{
    __NR_epoll_pwait, __NR_epoll_pwait2, __NR_ppoll, __NR_pselect6, __NR_rt_sigsuspend,
};

use super::thread;
use crate::handler::SYNCHRONOUS;
use crate::memory;

/// Lets the call wait with a mask that leaves out those signals, if it would block one. The program's
/// register gets its value back when the call is done.
pub(super) fn replace(context: &mut ucontext_t, number: u32) -> bool {
    let place = match number {
        __NR_rt_sigsuspend => REG_RDI,
        __NR_ppoll => REG_R10,
        __NR_epoll_pwait => REG_R8,
        __NR_epoll_pwait2 => REG_R8,
        __NR_pselect6 => REG_R9,
        _ => return false,
    };
    let argument = &mut context.uc_mcontext.gregs[place as usize];
    let address = *argument as usize;
    if address == 0 {
        return false;
    }
    // pselect6 takes a structure with the mask's address and size.
    let is_indirect = number == __NR_pselect6;
    let mask_address = if is_indirect { memory::word(address) } else { Some(address) };
    let Some(mask) = mask_address.filter(|&address| address != 0).and_then(memory::word) else {
        return false;
    };
    let mask = mask as u64;
    if mask & SYNCHRONOUS == 0 {
        return false;
    }
    let scratch = &mut thread().calls.scratch;
    scratch[0] = mask & !SYNCHRONOUS;
    scratch[1] = (&raw const scratch[0]) as u64;
    scratch[2] = size_of::<u64>() as u64;
    let replacement = if is_indirect { &raw const scratch[1] } else { &raw const scratch[0] };
    *argument = replacement as i64;
    true
}
