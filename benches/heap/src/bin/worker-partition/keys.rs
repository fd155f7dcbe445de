//! Protection keys for one process that measures: the CPU's, or a stand-in where it has none.
//!
//! The stand-in runs the same library, so that what is measured is the shipped code: pkey_mprotect(2)
//! is answered by mprotect(2), and each RDPKRU instruction in the loaded library is replaced by one
//! that yields the PKRU value of compartment 1. On a CPU with keys RDPKRU waits for what comes before
//! it; the stand-in does not (the lower bound), or waits with LFENCE, which also holds up what comes
//! after it (the upper bound).

use std::{arch::asm, ffi::c_void, io::Error};

/// PKRU of code in compartment 1.
const PKRU_OF_1: u32 = 0xffff_fff0;

/// Where protection keys come from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// The CPU and the kernel.
    Real,
    /// Nowhere; reading PKRU costs nothing.
    Free,
    /// Nowhere; reading PKRU waits for all instructions before it, and those after wait for it.
    Fenced,
}

impl Keys {
    /// Real ones if this CPU and kernel have them, else the stand-in that the environment variable
    /// `STAND_IN` names (`fenced`, or by default `free`).
    pub fn of_this_process() -> Keys {
        let leaf = std::arch::x86_64::__cpuid_count(7, 0);
        // OSPKE: CPUID.(7, 0):ECX bit 4.
        if leaf.ecx & 1 << 4 != 0 && std::env::var_os("STAND_IN").is_none() {
            return Keys::Real;
        }
        match std::env::var("STAND_IN").as_deref() {
            Ok("fenced") => Keys::Fenced,
            Ok("free") | Err(_) => Keys::Free,
            Ok(other) => panic!("STAND_IN={other}: neither free nor fenced"),
        }
    }

    /// Allocates all fifteen keys, or prepares the stand-in for the library that holds the function.
    pub fn prepare(self, function: *const c_void) {
        match self {
            Keys::Real => {
                for _ in 1..16 {
                    // SAFETY: allocates a key.
                    let key = unsafe { libc::syscall(libc::SYS_pkey_alloc, 0, 1) };
                    assert!(key > 0, "no key is free: {}", Error::last_os_error());
                }
            }
            Keys::Free | Keys::Fenced => {
                answer_pkey_mprotect();
                replace_rdpkru(function, self);
            }
        }
    }

    /// Enters compartment 1.
    pub fn enter_compartment_1(self) {
        if self == Keys::Real {
            // SAFETY: opens compartment 1 besides key 0; nothing of ours carries another key.
            unsafe { asm!("wrpkru", in("eax") PKRU_OF_1, in("ecx") 0, in("edx") 0) };
        }
    }
}

/// Makes pkey_mprotect(2) do what mprotect(2) does, by a filter that turns it into SIGSYS.
fn answer_pkey_mprotect() {
    extern "C" fn on_sigsys(_: i32, _: *mut libc::siginfo_t, context: *mut c_void) {
        // SAFETY: the kernel passes a `ucontext_t` to handlers with SA_SIGINFO.
        let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
        let [start, length, rights] =
            [libc::REG_RDI, libc::REG_RSI, libc::REG_RDX].map(|index| registers[index as usize]);
        // SAFETY: what the interrupted code asked for, less the key.
        let result = unsafe { libc::syscall(libc::SYS_mprotect, start, length, rights) };
        registers[libc::REG_RAX as usize] = if result == 0 {
            0
        } else {
            -i64::from(Error::last_os_error().raw_os_error().unwrap_or(1))
        };
    }
    let number = u32::try_from(libc::SYS_pkey_mprotect).expect("a system call number");
    let instruction = |code: u32, value, if_not| libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: if_not,
        k: value,
    };
    let filter = [
        // The first word of `seccomp_data` is the system call's number.
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
        instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, number, 1),
        instruction(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_TRAP, 0),
        instruction(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW, 0),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_ptr().cast_mut() };
    // SAFETY: `action` is a valid action, the filter program lives while the kernel copies it.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = on_sigsys as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
        assert_eq!(libc::sigaction(libc::SIGSYS, &raw const action, std::ptr::null_mut()), 0);
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let mode = libc::SECCOMP_MODE_FILTER;
        assert_eq!(libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program), 0);
    }
}

/// `xor ecx, ecx; rdpkru`: how the library reads PKRU (`sys::read_pkru`).
const READS_PKRU: [u8; 5] = [0x31, 0xc9, 0x0f, 0x01, 0xee];

/// Replaces RDPKRU in the library that holds a function.
fn replace_rdpkru(function: *const c_void, keys: Keys) {
    let text = executable_mapping(function as usize);
    let (start, length) = (text.start as *mut u8, text.len());
    let rights = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    // SAFETY: the mapping is code of the library, which nobody else runs or writes yet.
    let code = unsafe {
        assert_eq!(libc::mprotect(start.cast(), length, rights), 0, "{}", Error::last_os_error());
        std::slice::from_raw_parts_mut(start, length)
    };
    let [a, b, c, d] = PKRU_OF_1.to_le_bytes();
    let constant = [0xb8, a, b, c, d]; // mov eax, PKRU_OF_1
    let thunk = near(text.end, &[0x0f, 0xae, 0xe8, 0xb8, a, b, c, d, 0xc3]); // lfence; mov; ret
    let mut found = 0;
    for at in 0..code.len() - READS_PKRU.len() {
        if code[at..at + 3] == READS_PKRU[2..] {
            panic!("the library reads PKRU in a way that cannot be replaced");
        }
        if code[at..at + READS_PKRU.len()] == READS_PKRU {
            let call = (thunk as i64 - (text.start + at + 5) as i64) as i32;
            let [e, f, g, h] = call.to_le_bytes();
            let with = if keys == Keys::Fenced { [0xe8, e, f, g, h] } else { constant };
            code[at..at + with.len()].copy_from_slice(&with);
            found += 1;
        }
    }
    assert!(found > 0, "the library never reads PKRU");
    // SAFETY: as above.
    unsafe { libc::mprotect(start.cast(), length, libc::PROT_READ | libc::PROT_EXEC) };
}

/// Puts code on a page of its own, which a near call from before this address can reach.
fn near(address: usize, code: &[u8]) -> usize {
    let rights = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, somewhere after the address if the kernel can.
    let page =
        unsafe { libc::mmap((address + (1 << 24)) as *mut c_void, 4096, rights, flags, -1, 0) };
    assert!(page != libc::MAP_FAILED && (page as usize).abs_diff(address) < 1 << 30);
    // SAFETY: the page is new and writable.
    unsafe { page.cast::<u8>().copy_from(code.as_ptr(), code.len()) };
    page as usize
}

/// The mapping with code that holds an address.
fn executable_mapping(address: usize) -> std::ops::Range<usize> {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("procfs");
    let ranges = maps.lines().filter(|line| line.contains(" r-xp ")).filter_map(|line| {
        let (start, end) = line.split(' ').next()?.split_once('-')?;
        let [start, end] = [start, end].map(|text| usize::from_str_radix(text, 16));
        Some(start.ok()?..end.ok()?)
    });
    ranges.into_iter().find(|range| range.contains(&address)).expect("the function is mapped")
}
