//! The violation report: who touched what, whose it is.
//!
//! The handler runs with the rights of compartment 0 on an alternate stack of its own, reads sealed
//! memory, the signal frame and files, and changes nothing. Afterwards the signal has its default
//! action and the faulting instruction runs again, so the process ends as it would without us.

use core::ffi::c_void;

use layout::trap;
use libc::{SA_NODEFER, SA_ONSTACK, SA_SIGINFO, SIGILL, SIGSEGV, siginfo_t, ucontext_t};
use pkru::{Pkey, Pkru};
use sys::syscall::{self, Protection};

use crate::ids::callgates;
use crate::message::Message;
use crate::object::{self, Object};
use crate::sealed::sealed;
use crate::symbol::{self, Kind};

/// `si_code` values of SIGSEGV (sigaction(2)).
const SEGV_ACCERR: i32 = 2;
const SEGV_PKUERR: i32 = 4;
/// Offset of `si_pkey` in siginfo_t on x86-64 (include/uapi/asm-generic/siginfo.h).
const SI_PKEY: usize = 32;
/// Bit of the page-fault error code: the access was a write (SDM volume 3A, section 4.7).
const FAULT_WRITE: i64 = 2;
const STACK_SIZE: usize = 64 << 10;

unsafe extern "C" {
    fn ia2_heap_owner(address: *const c_void) -> i32;
}

/// Installs the handlers for the process and the alternate stack of the first thread.
pub(crate) fn install() {
    prepare_thread();
    for signal in [SIGSEGV, SIGILL] {
        // SAFETY: all-zero is a valid sigaction; the handler has the signature SA_SIGINFO asks for.
        let status = unsafe {
            let mut action: libc::sigaction = core::mem::zeroed();
            action.sa_sigaction = handle as *const () as usize;
            action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
            libc::sigaction(signal, &raw const action, core::ptr::null_mut())
        };
        if status != 0 {
            Message::error("cannot install the handler that reports violations").stop()
        }
    }
}

/// Gives the running thread an alternate signal stack on key 0, with a guard page below.
pub(crate) fn prepare_thread() {
    let guard = layout::PAGE_SIZE;
    // SAFETY: a fresh mapping that only this thread's signal frames use.
    let status = unsafe {
        match syscall::map_anonymous(0, STACK_SIZE + guard, Protection::READ_WRITE, 0) {
            Ok(base) => {
                let _ = syscall::protect(base, guard, Protection::NONE);
                let stack = libc::stack_t {
                    ss_sp: (base + guard) as *mut c_void,
                    ss_flags: 0,
                    ss_size: STACK_SIZE,
                };
                libc::sigaltstack(&raw const stack, core::ptr::null_mut())
            }
            Err(errno) => Message::error("no memory for a signal stack: ").errno(errno).stop(),
        }
    };
    if status != 0 {
        Message::error("cannot set the stack for signal handlers").stop()
    }
}

/// Takes the running thread's alternate stack away again.
pub(crate) fn release_thread() {
    // SAFETY: all-zero is a valid stack_t; the stack was made by `prepare_thread` unless the program
    // replaced it, which its size shows.
    unsafe {
        let mut old: libc::stack_t = core::mem::zeroed();
        let none =
            libc::stack_t { ss_sp: core::ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 };
        if libc::sigaltstack(&raw const none, &raw mut old) == 0
            && old.ss_size == STACK_SIZE
            && old.ss_flags & libc::SS_DISABLE == 0
        {
            let guard = layout::PAGE_SIZE;
            let _ = syscall::unmap(old.ss_sp as usize - guard, STACK_SIZE + guard);
        }
    }
}

extern "C" fn handle(signal: i32, info: *const siginfo_t, context: *const ucontext_t) {
    // SAFETY: the kernel passes valid structures on this stack.
    let (code, address, key) = unsafe {
        ((*info).si_code, (*info).si_addr() as usize, *info.byte_add(SI_PKEY).cast::<u32>())
    };
    // SAFETY: as above.
    let fault = unsafe { Fault::new(&*context, address) };
    match (signal, code) {
        (SIGSEGV, SEGV_PKUERR) => fault.report_key(key),
        (SIGSEGV, SEGV_ACCERR) => fault.report_guard_page(),
        (SIGILL, _) => fault.report_trap(),
        _ => {}
    }
    // SAFETY: the default action of a signal that is about to come again.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// An instruction that could not be executed.
struct Fault {
    address: usize,
    instruction: usize,
    is_write: bool,
    running: Pkru,
}

impl Fault {
    fn new(context: &ucontext_t, address: usize) -> Fault {
        let registers = &context.uc_mcontext.gregs;
        let offset = sealed().frame_pkru_offset as usize;
        // SAFETY: the frame's extended state is in the standard format, where PKRU has this offset;
        // a kernel with protection keys always saves it.
        let bits = unsafe { *context.uc_mcontext.fpregs.byte_add(offset).cast::<u32>() };
        Fault {
            address,
            instruction: registers[libc::REG_RIP as usize] as usize,
            is_write: registers[libc::REG_ERR as usize] & FAULT_WRITE != 0,
            running: Pkru::from_bits(bits),
        }
    }

    /// `compartment 2 (./libfoo.so)`
    fn who(&self, message: Message) -> Message {
        let message = match self.running.compartment() {
            Some(pkey) => message.text("compartment ").decimal(pkey.number().into()),
            None => message.text("code with PKRU ").hex(self.running.bits().into()),
        };
        match object_at(self.instruction) {
            Some(object) => message.text(" (").bytes(object.display_name()).text(")"),
            None => message,
        }
    }

    /// `  in function foo+0x12 (./libfoo.so+0x1139)`
    fn print_place(&self) {
        let message = Message::new("  in function ");
        let Some(object) = object_at(self.instruction) else {
            return message.text("unknown, at ").hex(self.instruction as u64).print();
        };
        let address = (self.instruction - object.base) as u64;
        let message = match symbol::find(object, address, Kind::Function) {
            Some(symbol) => message.bytes(symbol.name).text("+").hex(symbol.offset),
            None => message.text("unknown"),
        };
        message.text(" (").bytes(object.display_name()).text("+").hex(address).text(")").print();
    }

    fn report_key(&self, key: u32) {
        let access = if self.is_write { " must not write " } else { " must not read " };
        self.who(Message::new("violation: "))
            .text(access)
            .hex(self.address as u64)
            .text(", which belongs to compartment ")
            .decimal(key.into())
            .print();
        self.print_place();
        owner(Message::new("  the address is in "), self.address).print();
    }

    fn report_guard_page(&self) {
        if let Some(pkey) = stack_of(self.address) {
            self.who(Message::new("stack overflow: "))
                .text(" ran over the end of the stack of compartment ")
                .decimal(pkey.number().into())
                .text(" at ")
                .hex(self.address as u64)
                .text("; IA2_STACK_SIZE sets the size in bytes")
                .print();
            self.print_place();
        }
    }

    fn report_trap(&self) {
        let gates = callgates();
        let in_gates = (gates.text as usize..gates.text_end as usize).contains(&self.instruction);
        // The runtime traps in the executable, `IA2_CALL` wherever it is used.
        let in_object =
            object_at(self.instruction).is_some_and(|object| object.has_code_at(self.instruction));
        if !in_gates && !in_object {
            return;
        }
        // SAFETY: the bytes of the instruction that was just executed; objects' code is readable.
        let bytes = unsafe { *(self.instruction as *const [u8; 5]) };
        let Some(&code) = bytes.strip_prefix(&trap::PREFIX).and_then(<[u8]>::first) else { return };
        if let Some(trap) = trap::Trap::from_code(code) {
            self.who(Message::new("violation: ")).text(" stopped: ").text(trap.message()).print();
            self.print_place();
        }
    }
}

/// The object whose code or data lies at the address.
fn object_at(address: usize) -> Option<&'static Object> {
    sealed().objects().iter().find(|object| object.contains(address))
}

/// The compartment in whose stack arena the address lies.
fn stack_of(address: usize) -> Option<Pkey> {
    let index = address.checked_sub(sealed().stacks)? >> sealed().stack_arena_shift;
    u8::try_from(index).ok().and_then(Pkey::new)
}

/// Appends whose memory the address is.
fn owner(message: Message, address: usize) -> Message {
    if let Some(object) = object_at(address) {
        let relative = (address - object.base) as u64;
        let message = match symbol::find(object, relative, Kind::Variable) {
            Some(symbol) => message
                .text("variable ")
                .bytes(symbol.name)
                .text("+")
                .hex(symbol.offset)
                .text(" of "),
            None => message.text("the data of "),
        };
        return message.bytes(object.display_name());
    }
    if let Some(pkey) = stack_of(address) {
        return message.text("a stack of compartment ").decimal(pkey.number().into());
    }
    // SAFETY: only compares the address with the heaps' ranges.
    let heap = unsafe { ia2_heap_owner(address as *const c_void) };
    if heap >= 0 {
        return message.text("the heap of compartment ").decimal(heap as u64);
    }
    let thread_pointer = object::thread_pointer();
    let local = sealed().objects().iter().find_map(|object| {
        let block = object.thread_local_block(thread_pointer)?;
        let offset = address.checked_sub(block.start)?;
        (offset < block.size).then_some((object, offset as u64))
    });
    let Some((object, offset)) = local else { return message.text("a mapping without a name") };
    let message = match symbol::find(object, offset, Kind::ThreadLocal) {
        Some(symbol) => message
            .text("thread-local variable ")
            .bytes(symbol.name)
            .text("+")
            .hex(symbol.offset)
            .text(" of "),
        None => message.text("thread-local storage of "),
    };
    message.bytes(object.display_name())
}
