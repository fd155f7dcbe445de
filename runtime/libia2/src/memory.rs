//! Reading memory whatever its key is: by asking the kernel, which ignores PKRU there
//! (process_vm_readv(2)). For reports only; where a sandbox forbids the call, they are shorter.

use layout::PAGE_SIZE;
use linux_raw_sys::general::{__NR_process_vm_readv, __NR_process_vm_writev, iovec};
use sys::syscall;

use crate::owner::stack_of;

/// Copies bytes from this process. False if they cannot all be read.
pub(crate) fn read(address: usize, to: &mut [u8]) -> bool {
    let length = to.len();
    // A compartment's own stack needs no help.
    let running = sys::running_compartment().filter(|running| !running.is_untrusted());
    if running.is_some() && stack_of(address) == running {
        // SAFETY: memory of the running compartment, or it faults like any access of its own.
        unsafe { core::ptr::copy_nonoverlapping(address as *const u8, to.as_mut_ptr(), length) };
        return true;
    }
    transfer(__NR_process_vm_readv, to.as_mut_ptr() as usize, address, length)
}

/// Copies bytes into this process, as the kernel would in a system call of the program. False if
/// they cannot all be written. Permissive mode only.
pub(crate) fn write(address: usize, from: &[u8]) -> bool {
    transfer(__NR_process_vm_writev, from.as_ptr() as usize, address, from.len())
}

/// A word of this process.
pub(crate) fn word(address: usize) -> Option<usize> {
    let mut bytes = [0; size_of::<usize>()];
    read(address, &mut bytes).then(|| usize::from_ne_bytes(bytes))
}

/// Words of this process from an address on: as many as can be read.
pub(crate) fn words<const N: usize>(address: usize, to: &mut [usize; N]) -> &[usize] {
    // What lies behind on the next page may not be readable.
    let before = (PAGE_SIZE - address % PAGE_SIZE) / size_of::<usize>();
    let (first, rest) = to.split_at_mut(before.min(N));
    let read_to = |address: usize, words: &mut [usize]| {
        let length = size_of_val(words);
        transfer(__NR_process_vm_readv, words.as_mut_ptr() as usize, address, length)
    };
    let count = match (read_to(address, first), read_to(address + size_of_val(first), rest)) {
        (false, _) => 0,
        (true, false) => first.len(),
        (true, true) => N,
    };
    &to[..count]
}

fn transfer(number: u32, local: usize, remote: usize, length: usize) -> bool {
    let vector = |address: usize| iovec { iov_base: address as *mut _, iov_len: length as u64 };
    let (local, remote) = (vector(local), vector(remote));
    let process = syscall::getpid() as usize;
    let vectors = [(&raw const local) as usize, (&raw const remote) as usize];
    // SAFETY: the local range is a slice of the caller's; whether the other one may be read or
    // written the kernel decides.
    let done = unsafe { syscall::syscall(number, [process, vectors[0], 1, vectors[1], 1, 0]) };
    done == Ok(length)
}
