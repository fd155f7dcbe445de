//! Raw system calls.

use linux_raw_sys::general::{
    __NR_exit_group, __NR_getpid, __NR_gettid, __NR_kill, __NR_madvise, __NR_mmap, __NR_mprotect,
    __NR_munmap, __NR_pkey_alloc, __NR_pkey_mprotect, __NR_write,
};
use pkru::Pkey;

/// An error number (errno(3)) as the kernel returned it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub i32);

/// Splits a raw return value: -4095 to -1 are error numbers (syscall(2)).
fn result(value: isize) -> Result<usize, Errno> {
    if (-4095..0).contains(&value) { Err(Errno(-value as i32)) } else { Ok(value as usize) }
}

/// Makes a system call.
///
/// # Safety
/// Whatever the call does to memory must be sound for the whole program.
///
/// # Errors
/// The error number the kernel returned.
#[inline(always)]
pub unsafe fn syscall(number: u32, args: [usize; 6]) -> Result<usize, Errno> {
    let value: isize;
    // SAFETY: the kernel's convention: number in RAX, arguments in RDI, RSI, RDX, R10, R8, R9; RCX
    // and R11 are overwritten (syscall(2)). What the call does is the caller's obligation.
    unsafe {
        core::arch::asm!("syscall",
            inlateout("rax") number as isize => value,
            in("rdi") args[0], in("rsi") args[1], in("rdx") args[2],
            in("r10") args[3], in("r8") args[4], in("r9") args[5],
            lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    result(value)
}

/// Writes to a file descriptor; see write(2).
///
/// # Errors
/// Those of write(2).
pub fn write(fd: i32, bytes: &[u8]) -> Result<usize, Errno> {
    // SAFETY: the kernel only reads the slice.
    unsafe { syscall(__NR_write, [fd as usize, bytes.as_ptr() as usize, bytes.len(), 0, 0, 0]) }
}

/// Ends the process with this status at once; see exit_group(2).
pub fn exit_group(status: i32) -> ! {
    loop {
        // SAFETY: does not return, touches no memory.
        let _ = unsafe { syscall(__NR_exit_group, [status as usize, 0, 0, 0, 0, 0]) };
    }
}

/// The process id; see getpid(2).
pub fn getpid() -> i32 {
    // SAFETY: touches no memory and cannot fail.
    unsafe { syscall(__NR_getpid, [0; 6]) }.unwrap_or(0) as i32
}

/// The thread id; see gettid(2).
pub fn gettid() -> i32 {
    // SAFETY: touches no memory and cannot fail.
    unsafe { syscall(__NR_gettid, [0; 6]) }.unwrap_or(0) as i32
}

/// Sends a signal; see kill(2).
///
/// # Errors
/// Those of kill(2).
pub fn kill(pid: i32, signal: i32) -> Result<(), Errno> {
    // SAFETY: touches no memory of ours.
    unsafe { syscall(__NR_kill, [pid as usize, signal as usize, 0, 0, 0, 0]) }.map(drop)
}

/// Access rights of a mapping (`PROT_*`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Protection(pub u32);

impl Protection {
    /// No access.
    pub const NONE: Protection = Protection(0);
    /// Reading only.
    pub const READ: Protection = Protection(1);
    /// Reading and writing.
    pub const READ_WRITE: Protection = Protection(3);
    /// Reading and executing.
    pub const READ_EXECUTE: Protection = Protection(5);
}

/// Maps private anonymous memory with these `MAP_*` flags besides; see mmap(2).
///
/// # Safety
/// With `MAP_FIXED` in `flags`, what was mapped there is gone.
///
/// # Errors
/// Those of mmap(2).
pub unsafe fn map_anonymous(
    address: usize,
    length: usize,
    protection: Protection,
    flags: u32,
) -> Result<usize, Errno> {
    use linux_raw_sys::general::{MAP_ANONYMOUS, MAP_PRIVATE};
    let flags = MAP_ANONYMOUS | MAP_PRIVATE | flags;
    let args = [address, length, protection.0 as usize, flags as usize, usize::MAX, 0];
    // SAFETY: a new mapping disturbs nobody unless MAP_FIXED is asked for, which the caller answers for.
    unsafe { syscall(__NR_mmap, args) }
}

/// Unmaps memory; see munmap(2).
///
/// # Safety
/// Nobody may use the range any more.
///
/// # Errors
/// Those of munmap(2).
pub unsafe fn unmap(address: usize, length: usize) -> Result<(), Errno> {
    // SAFETY: the caller's obligation.
    unsafe { syscall(__NR_munmap, [address, length, 0, 0, 0, 0]) }.map(drop)
}

/// Changes the access rights of mapped memory; see mprotect(2).
///
/// # Safety
/// Nobody may rely on rights that are taken away.
///
/// # Errors
/// Those of mprotect(2).
pub unsafe fn protect(address: usize, length: usize, rights: Protection) -> Result<(), Errno> {
    // SAFETY: the caller's obligation.
    unsafe { syscall(__NR_mprotect, [address, length, rights.0 as usize, 0, 0, 0]) }.map(drop)
}

/// Gives mapped memory a protection key and access rights; see pkey_mprotect(2).
///
/// # Safety
/// Nobody may rely on rights that are taken away.
///
/// # Errors
/// Those of pkey_mprotect(2).
pub unsafe fn protect_with_key(
    address: usize,
    length: usize,
    rights: Protection,
    key: Pkey,
) -> Result<(), Errno> {
    let args = [address, length, rights.0 as usize, key.index(), 0, 0];
    // SAFETY: the caller's obligation.
    unsafe { syscall(__NR_pkey_mprotect, args) }.map(drop)
}

/// Advises the kernel about mapped memory; see madvise(2).
///
/// # Safety
/// Advice that discards contents must not hit memory whose contents are still wanted.
///
/// # Errors
/// Those of madvise(2).
pub unsafe fn advise(address: usize, length: usize, advice: u32) -> Result<(), Errno> {
    // SAFETY: the caller's obligation.
    unsafe { syscall(__NR_madvise, [address, length, advice as usize, 0, 0, 0]) }.map(drop)
}

/// Allocates the next free protection key without any right to it; see pkey_alloc(2).
///
/// # Errors
/// `ENOSPC` when none is left or the CPU has none, `ENOSYS` before Linux 4.9.
pub fn allocate_key() -> Result<u32, Errno> {
    const PKEY_DISABLE_ACCESS: usize = 1;
    // SAFETY: no memory carries the new key yet, and the running thread's rights do not grow.
    unsafe { syscall(__NR_pkey_alloc, [0, PKEY_DISABLE_ACCESS, 0, 0, 0, 0]) }.map(|key| key as u32)
}
