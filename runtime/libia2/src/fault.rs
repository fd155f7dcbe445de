//! An instruction that could not be executed, as the kernel's signal frame shows it.

use libc::{siginfo_t, ucontext_t};
use pkru::{Pkey, Pkru};

use crate::message::Message;
use crate::owner::{describe_code, object_at};
use crate::sealed::sealed;

/// `si_code` of SIGSEGV for a mapping without the right, and for a protection key (sigaction(2)).
pub(crate) const SEGV_ACCERR: i32 = 2;
/// See [`SEGV_ACCERR`].
pub(crate) const SEGV_PKUERR: i32 = 4;
/// Offset of `si_pkey` in siginfo_t on x86-64 (include/uapi/asm-generic/siginfo.h).
const SI_PKEY: usize = 32;
/// Bit of the page-fault error code: the access was a write (SDM volume 3A, section 4.7).
const FAULT_WRITE: i64 = 2;

/// The address of PKRU in a frame: the extended state is in the standard format, where it has a
/// fixed offset, and a kernel with protection keys always saves it.
fn pkru_word(context: &ucontext_t) -> *mut u32 {
    let offset = sealed().frame_pkru_offset as usize;
    context.uc_mcontext.fpregs.cast::<u8>().wrapping_add(offset).cast()
}

/// The rights of the interrupted code.
pub(crate) fn pkru_of(context: &ucontext_t) -> Pkru {
    // SAFETY: a word of the frame.
    Pkru::from_bits(unsafe { pkru_word(context).read() })
}

/// Changes the rights with which the interrupted code goes on. Permissive mode only.
pub(crate) fn set_pkru(context: &mut ucontext_t, rights: Pkru) {
    // SAFETY: a word of the frame, which the kernel loads when the handler returns.
    unsafe { pkru_word(context).write(rights.bits()) }
}

/// What happened where.
pub(crate) struct Fault {
    /// The address that was accessed.
    pub(crate) address: usize,
    /// Address of the instruction.
    pub(crate) instruction: usize,
    /// Whether the access was a write.
    pub(crate) is_write: bool,
    /// The rights it had.
    pub(crate) running: Pkru,
    /// The key of the memory, if that was the reason.
    pub(crate) key: Option<Pkey>,
    /// `si_code`
    pub(crate) code: i32,
}

impl Fault {
    /// Reads the frame.
    pub(crate) fn new(info: &siginfo_t, context: &ucontext_t) -> Fault {
        let registers = &context.uc_mcontext.gregs;
        // SAFETY: the kernel has filled the structure; the field exists for SIGSEGV, for others it is
        // some word of it.
        let (address, key) = unsafe {
            (info.si_addr() as usize, *(&raw const *info).byte_add(SI_PKEY).cast::<u32>())
        };
        let by_key = info.si_signo == libc::SIGSEGV && info.si_code == SEGV_PKUERR;
        Fault {
            address,
            instruction: registers[libc::REG_RIP as usize] as usize,
            is_write: registers[libc::REG_ERR as usize] & FAULT_WRITE != 0,
            running: pkru_of(context),
            key: u8::try_from(key).ok().and_then(Pkey::new).filter(|_| by_key),
            code: info.si_code,
        }
    }

    /// Appends `compartment 2 (./libfoo.so)`.
    pub(crate) fn who(&self, message: Message) -> Message {
        let message = match self.running.compartment() {
            Some(pkey) => message.text("compartment ").decimal(pkey.number().into()),
            None => message.text("code with PKRU ").hex(self.running.bits().into()),
        };
        match object_at(self.instruction) {
            Some(object) => message.text(" (").bytes(object.display_name()).text(")"),
            None => message,
        }
    }

    /// Prints `  in function foo+0x12 (./libfoo.so+0x1139)`.
    pub(crate) fn print_place(&self) {
        describe_code(Message::new("  in function "), self.instruction).print();
    }
}
