//! Who called whom, across gates and signal handlers: for reports.
//!
//! Within a compartment the compilers' tables lead from frame to frame ([`crate::cfi`]). A generated
//! gate has a table as well. The runtime's own transitions have none; they leave a link on the stack
//! they switch to:
//!
//! ```text
//! return address in ia2_enter   two words above: the caller's frame pointer there, and with it
//!                               its return address
//! return address in deliver     the record of the interrupted compartment, with its registers
//! ```

use core::ops::ControlFlow;

use layout::thread_block::{STACK_POINTER, page};
use libc::ucontext_t;
use pkru::Pkey;

use crate::cfi::{self, RBP, RBX, RIP, RSP, Registers};
use crate::ids::callgates;
use crate::message::Message;
use crate::owner::{describe_code, object_at, stack_of};
use crate::symbol::{self, Kind};
use crate::{enter, memory, object, signal};

/// Frames that are looked at.
const MOST_FRAMES: usize = 64;

/// A function that is being executed.
pub(crate) struct Frame {
    /// An address of the instruction it is at.
    pub(crate) pc: usize,
    /// Its stack: from where its callee's begins, downward, to where it was called.
    pub(crate) low: usize,
    /// See [`Frame::low`].
    pub(crate) high: usize,
    /// What it is.
    pub(crate) kind: FrameKind,
}

/// Kinds of frames.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FrameKind {
    /// A function of the program or a library.
    Function,
    /// A gate, from the compartment that follows.
    Gate,
    /// The delivery of a signal to a handler, in the function that follows.
    Signal,
}

/// Visits the frames from interrupted code outward.
pub(crate) fn walk(registers: &Registers, mut visit: impl FnMut(&Frame) -> ControlFlow<()>) {
    let mut registers = *registers;
    // A call stands in front of its return address.
    let mut back = 0;
    for _ in 0..MOST_FRAMES {
        let pc = registers.0[RIP].wrapping_sub(back);
        back = 1;
        let low = registers.0[RSP];
        let (next, high, kind) = if enter::contains(pc) {
            let Some(next) = behind_enter(low) else { return };
            (next, low, FrameKind::Gate)
        } else if signal::is_delivery(pc) {
            let Some(next) = interrupted(&registers) else { return };
            back = 0;
            (next, low, FrameKind::Signal)
        } else {
            let Some(object) = object_at(pc) else { return };
            let gates = callgates();
            let is_gate = (gates.text as usize..gates.text_end as usize).contains(&pc);
            let kind = if is_gate { FrameKind::Gate } else { FrameKind::Function };
            match cfi::step(object, pc, &registers) {
                Some((next, high)) => (next, high, kind),
                None => {
                    let _ = visit(&Frame { pc, low, high: low, kind });
                    return;
                }
            }
        };
        if visit(&Frame { pc, low, high, kind }).is_break() {
            return;
        }
        let is_outward = kind != FrameKind::Function || next.0[RSP] > low;
        if next.0[RIP] == 0 || !is_outward {
            return;
        }
        registers = next;
    }
}

/// Across `ia2_enter`, from the stack pointer to which its body returns ([`enter::ia2_enter`]).
fn behind_enter(stack: usize) -> Option<Registers> {
    let frame = memory::word(stack + 16)?;
    let mut registers = Registers([0; 17]);
    registers.0[RBP] = memory::word(frame)?;
    registers.0[RIP] = memory::word(frame + 8)?;
    registers.0[RSP] = frame + 16;
    // rbx, r12 to r15 are pushed below the frame pointer.
    for (index, register) in [RBX, 12, 13, 14, 15].into_iter().enumerate() {
        registers.0[register] = memory::word(frame - 8 * (index + 1))?;
    }
    Some(registers)
}

/// The registers of what a signal interrupted, from those with which its handler returns
/// ([`crate::signal`]).
fn interrupted(registers: &Registers) -> Option<Registers> {
    let stack = registers.0[RBX];
    let record = if signal::is_record(memory::word(stack)?) {
        stack
    } else {
        let pkey = u8::try_from(memory::word(stack - 8)?).ok().and_then(Pkey::new)?;
        let block =
            object::thread_pointer().wrapping_add_signed(crate::enter::thread_block_offset());
        memory::word(block + page(pkey) + STACK_POINTER)?
    };
    if !signal::is_record(memory::word(record)?) {
        return None;
    }
    let address = memory::word(record + 16)?;
    let mut context = core::mem::MaybeUninit::<ucontext_t>::zeroed();
    // SAFETY: as many bytes as the structure has, in which every value is valid.
    let bytes = unsafe {
        core::slice::from_raw_parts_mut(context.as_mut_ptr().cast::<u8>(), size_of::<ucontext_t>())
    };
    let length = core::mem::offset_of!(ucontext_t, uc_sigmask);
    // SAFETY: zeroed above, and partly filled.
    memory::read(address, &mut bytes[..length])
        .then(|| Registers::of(unsafe { context.assume_init_ref() }))
}

/// Prints who called, from the caller of the interrupted function on. Recursion takes a line.
pub(crate) fn print(registers: &Registers) {
    let mut last = None;
    let mut repeated = 0;
    let mut crossed = None;
    let print_repeated = |repeated: &mut u64| {
        if *repeated > 0 {
            Message::new("    and by itself, ").decimal(*repeated).text(" times").print();
        }
        *repeated = 0;
    };
    walk(registers, |frame| {
        match frame.kind {
            FrameKind::Function => {
                if let Some(crossing) = crossed.take() {
                    let from = stack_of(frame.low).unwrap_or(Pkey::UNTRUSTED);
                    Message::new("  ")
                        .text(crossing)
                        .text("compartment ")
                        .decimal(from.number().into())
                        .print();
                } else if last == Some(frame.pc) {
                    repeated += 1;
                    return ControlFlow::Continue(());
                }
                print_repeated(&mut repeated);
                if last.is_some() {
                    describe_code(Message::new("  called by "), frame.pc).print();
                }
                last = Some(frame.pc);
            }
            FrameKind::Gate => {
                print_repeated(&mut repeated);
                crossed = Some("through a call gate, from ");
                last = Some(0);
            }
            FrameKind::Signal => {
                print_repeated(&mut repeated);
                crossed = Some("as a signal handler, which interrupted ");
                last = Some(0);
            }
        }
        ControlFlow::Continue(())
    });
    print_repeated(&mut repeated);
}

/// The function, of interrupted code's callers, in whose frame an address lies: where it begins.
pub(crate) fn function_with_local(registers: &Registers, address: usize) -> Option<usize> {
    let mut found = None;
    walk(registers, |frame| {
        let is_here = frame.kind == FrameKind::Function
            && (frame.low..frame.high).contains(&address)
            && stack_of(frame.low) == stack_of(address);
        if is_here {
            found = Some(frame.pc);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    let pc = found?;
    let object = object_at(pc)?;
    let symbol = symbol::find(object, pc - object.base, Kind::Function);
    Some(symbol.map_or(pc, |symbol| pc - symbol.offset))
}
