//! Whether this machine has protection keys. This is the only place that decides it.
#![allow(unsafe_code, reason = "pkey_alloc(2) and pkey_free(2) have no safe wrapper")]

use std::fs;
use std::io;

use thiserror::Error;

/// Why programs that need protection keys cannot run on this machine.
#[derive(Debug, Error)]
pub enum NoPku {
    /// The CPU has no PKU, or the kernel does not use it.
    #[error(
        "this machine has no memory protection keys (PKU): `ospke` is missing in /proc/cpuinfo, \
         which means that the CPU or the kernel does not support them"
    )]
    Absent,
    /// The CPU and kernel have it, but this process may not use it.
    #[error(
        "the CPU has memory protection keys (PKU), but the kernel gives this process none: \
         pkey_alloc: {0} (a seccomp filter of a container?)"
    )]
    Refused(io::Error),
}

/// Checks that a program started here can use protection keys.
///
/// # Errors
/// The reason why it cannot.
pub fn check() -> Result<(), NoPku> {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    if !lists_ospke(&cpuinfo) {
        return Err(NoPku::Absent);
    }
    allocate_and_free().map_err(NoPku::Refused)
}

/// Whether the first CPU's flags contain `ospke`: CPUID's sign that the kernel has set CR4.PKE.
fn lists_ospke(cpuinfo: &str) -> bool {
    cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("flags")?.split_once(':'))
        .is_some_and(|(_, flags)| flags.split_whitespace().any(|flag| flag == "ospke"))
}

/// Takes a key from the kernel and gives it back (`pkey_alloc(2)`).
fn allocate_and_free() -> io::Result<()> {
    const NO_FLAGS: libc::c_ulong = 0;
    const ALL_RIGHTS: libc::c_ulong = 0;
    // SAFETY: pkey_alloc takes two integers and touches no memory. It sets the new key's rights in
    // this thread's PKRU, which is harmless: no memory has that key.
    let key = unsafe { libc::syscall(libc::SYS_pkey_alloc, NO_FLAGS, ALL_RIGHTS) };
    if key < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: pkey_free takes one integer; the key was allocated above and no memory has it.
    let freed = unsafe { libc::syscall(libc::SYS_pkey_free, key) };
    if freed < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_flag_itself_counts() {
        assert!(lists_ospke("processor : 0\nflags\t\t: fpu pku ospke sse\nbugs : none\n"));
        assert!(!lists_ospke("flags\t\t: fpu pku sse\n"));
        assert!(!lists_ospke("flags\t\t: fpu not_ospke\nbugs\t\t: ospke\n"));
        assert!(!lists_ospke(""));
    }
}
