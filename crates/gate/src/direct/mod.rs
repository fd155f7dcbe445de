//! The direct gate: one caller, one function, one kind of call.
//!
//! ```text
//! caller's stack                          target's stack
//! return address                          …
//! rbp rbx r12 r13 r14 r15                 saved stack pointer (8 mod 16)
//! (x87 results)                           link: the gate's rbp on the caller's stack
//! (progress)                              (old saved stack pointer)
//! address of the result                   memory for the result
//! nonce                                   stack arguments
//! MXCSR, x87 control word                 return address
//! identity of the gate  ◄─ saved rsp
//! ```
//!
//! | register | caller ► target | target ► caller |
//! |---|---|---|
//! | rdi rsi r8 r9, xmm0–7 | arguments | cleared (but xmm0–3: result) |
//! | r12, r13, r10 | rdx, rcx, al | rax, rdx, rcx |
//! | xmm8–15 | stack arguments | result in memory |
//! | rbx | the pair's secret | |
//! | r15 | nonce of the call | nonce plus the pair's secret |
//! | rax, rcx, rdx | WRPKRU | WRPKRU |
//! | r14 | offset of the thread block | the same |
//! | r11 | progress of chunks | the same |
//!
//! r14 and r15 belong to the callee during the call; a callee that returns has restored them.
//! Everything above is a *claim* after a switch and is checked or harmless: an attacker may have
//! jumped to the WRPKRU.

mod blob;
mod chunks;
mod frame;
mod registers;
mod state;
mod switch;

use abi::{Live, Register, Signature, X87};
use layout::callgates::{CALL_PHASES, CPU_AVX, FIRST_IDENTITY, IDENTITIES, TABLE_CPU, table_entry};
use layout::thread_block::{self, RUNNING, STACK_LOW, STACK_POINTER, calls_left};
use layout::trap::Trap;
use layout::vault;
use pkru::Pkey;

use self::blob::Width;
use self::frame::{Frame, caller};
use crate::insn::{Cfi, Condition, Gpr, Insn, Label, Mem};
use crate::masks::Masks;
use crate::scrub::Scrubs;
use crate::{Crossing, Program, Unsupported, symbol};

/// Callee-saved registers, in the order they are pushed after rbp.
const SAVED: [Gpr; 5] = [Gpr::Rbx, Gpr::R12, Gpr::R13, Gpr::R14, Gpr::R15];
/// The stack pointer at a gate's calls of its own is not what the ABI asks for by this much.
const CALL_PADDING: i32 = 8;

/// What gates of a library share.
pub(crate) struct Shared<'a> {
    pub(crate) scrubs: &'a mut Scrubs,
    pub(crate) masks: &'a mut Masks,
}

/// Whether a gate can be made for calls of this kind.
pub(crate) fn check(signature: &Signature) -> Result<(), Unsupported> {
    Frame::new(signature).map(drop)
}

/// The sizes in a gate's [`layout::callgates::Gate`].
pub(crate) struct Sizes {
    pub(crate) frame: i32,
    pub(crate) keeps_old_pointer: bool,
    pub(crate) body: i32,
}

/// The sizes of a gate for calls of this kind.
pub(crate) fn sizes(signature: &Signature) -> Sizes {
    let frame = Frame::new(signature).expect("signatures are checked before they get a gate");
    Sizes {
        frame: frame.caller_size,
        keeps_old_pointer: frame.keeps_old_pointer(),
        body: frame.body,
    }
}

/// How many results are on the x87 stack.
fn x87_results(signature: &Signature) -> usize {
    let is_x87 = |live: &&Live| matches!(live.register, Register::X87(X87::St0 | X87::St1));
    signature.result_registers().iter().filter(is_x87).count()
}

/// What a gate is doing; part of its identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// The function runs.
    Call,
    /// Arguments are being carried over.
    Arguments,
    /// The result is being carried over.
    Result,
    /// The function runs, and the frame holds the caller's MXCSR.
    CallWithMxcsr,
}

/// The instructions of a direct gate. `number` tells it from all other gates of the program.
pub(crate) fn gate(
    program: &Program,
    crossing: Crossing,
    number: usize,
    shared: &mut Shared<'_>,
) -> Vec<Insn> {
    let function = &program.functions[crossing.function.0];
    let signature = &function.calls[crossing.call.0].signature;
    let mut builder = Builder {
        caller: crossing.caller,
        target: function.pkey,
        signature,
        frame: Frame::new(signature).expect("signatures are checked before they get a gate"),
        slot: table_entry(crossing.function.0),
        identity: FIRST_IDENTITY
            - IDENTITIES * i32::try_from(number).expect("fewer than 2^27 gates"),
        shared,
        next_label: FIRST_FREE_LABEL,
        out: Vec::new(),
        cold: Vec::new(),
    };
    builder.prologue();
    builder.enter();
    builder.call();
    builder.leave();
    builder.epilogue();
    builder.cold_parts();
    builder.out
}

const BAD_PKRU: Label = Label(0);
const BAD_SECRET: Label = Label(1);
const BAD_FRAME: Label = Label(2);
const NO_STACK: Label = Label(3);
const STACK_READY: Label = Label(4);
const OWN_MXCSR: Label = Label(5);
const OWN_MXCSR_DONE: Label = Label(6);
const STACK_FULL: Label = Label(7);
const FIRST_FREE_LABEL: u32 = 8;

struct Builder<'a, 'b> {
    caller: Pkey,
    target: Pkey,
    signature: &'a Signature,
    frame: Frame,
    /// Offset of the function's address in the table.
    slot: usize,
    identity: i32,
    shared: &'a mut Shared<'b>,
    next_label: u32,
    out: Vec<Insn>,
    /// What is hardly ever reached, or only on some CPUs.
    cold: Vec<Insn>,
}

impl Builder<'_, '_> {
    fn push(&mut self, insns: impl IntoIterator<Item = Insn>) {
        self.out.extend(insns);
    }

    fn label(&mut self) -> Label {
        self.next_label += 1;
        Label(self.next_label - 1)
    }

    fn identity(&self, phase: Phase) -> i32 {
        self.identity
            - match phase {
                Phase::Call => CALL_PHASES[0],
                Phase::Arguments => 1,
                Phase::Result => 2,
                Phase::CallWithMxcsr => CALL_PHASES[1],
            }
    }

    /// Emits code for each width of the spare registers, of which the CPU decides.
    fn by_width(&mut self, mut emit: impl FnMut(&mut Self, Width)) {
        let (narrow, done) = (self.label(), self.label());
        self.push([
            Insn::CompareByte(Mem::Own(symbol::TABLE, TABLE_CPU), CPU_AVX),
            Insn::Jump(Condition::Below, narrow),
        ]);
        emit(self, Width::Ymm);
        self.push([Insn::JumpAlways(done), Insn::Label(narrow)]);
        emit(self, Width::Xmm);
        self.push([Insn::Label(done)]);
    }

    /// Puts code behind the gate, where it is reached by a jump while the stack is at `cfa`.
    fn outline(&mut self, label: Label, cfa: Cfi, insns: impl IntoIterator<Item = Insn>) {
        self.cold.extend([Insn::Label(label), Insn::Cfi(cfa)]);
        self.cold.extend(insns);
    }

    /// Saves everything that must survive on the caller's stack, clears what is no argument, and
    /// picks up what travels in spare registers.
    fn prologue(&mut self) {
        use Insn::{Decrement, Fnstcw, Load, Mov, Push, Store, StoreConstant};
        let page = thread_block::page(self.caller);
        let left = Mem::Thread(Gpr::R14, page + calls_left(self.target));
        self.push([
            Insn::Cfi(Cfi::Startproc),
            Insn::Endbr64,
            Push(Gpr::Rbp),
            Insn::Cfi(Cfi::AdjustCfaOffset(8)),
            Insn::Cfi(Cfi::Offset(Gpr::Rbp, -16)),
            Mov(Gpr::Rbp, Gpr::Rsp),
            Insn::Cfi(Cfi::DefCfaRegister(Gpr::Rbp)),
        ]);
        for (index, register) in (0..).zip(SAVED) {
            self.push([Push(register), Insn::Cfi(Cfi::Offset(register, -24 - 8 * index))]);
        }
        let identity = self.identity(Phase::Call);
        let rsp = |offset| Mem::Base(Gpr::Rsp, offset);
        self.push([
            Load(Gpr::R14, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            Insn::Label(STACK_READY),
            Load(Gpr::R15, left.clone()),
            Decrement(Gpr::R15),
            Insn::Jump(Condition::Below, NO_STACK),
            Store(left, Gpr::R15),
            Insn::AddRsp(-self.frame.caller_size),
            StoreConstant(rsp(caller::IDENTITY), identity),
            Store(rsp(caller::NONCE), Gpr::R15),
            Fnstcw(rsp(caller::CONTROL_WORD)),
        ]);
        if self.frame.result.is_some() {
            self.push([Store(rsp(caller::RESULT), Gpr::Rdi)]);
        }
        let live = self.signature.argument_registers();
        self.save_and_scrub(&live);
        self.prepare_arguments(&live);
        self.send_arguments();
        self.push([
            Load(Gpr::Rbx, self.secret(vault::outgoing(self.target), self.caller)),
            Store(Mem::Thread(Gpr::R14, page + STACK_POINTER), Gpr::Rsp),
        ]);
    }

    /// Switches to the target's rights and stack.
    fn enter(&mut self) {
        self.switch_to_target(true);
        if self.frame.keeps_old_pointer() {
            self.enter_large();
        } else {
            self.push([
                Insn::Load(Gpr::Rsp, self.thread_word(self.target, STACK_POINTER)),
                Insn::StoreConstant(self.thread_word(self.target, STACK_POINTER), RUNNING),
                Insn::Push(Gpr::Rbp),
                Insn::Cfi(Cfi::CfaThroughLink(0)),
            ]);
            let body = self.frame.body;
            if body > 0 {
                self.push([Insn::AddRsp(-body), Insn::Cfi(Cfi::CfaThroughLink(body))]);
            }
        }
        if !self.frame.keeps_old_pointer() {
            let stored = self.frame.arguments.store_inline(Gpr::Rsp, 0);
            self.push(stored);
            let clear = Width::Xmm.clear(self.frame.arguments.size());
            self.push(clear);
        }
        self.result_memory();
    }

    /// Makes room for the result on the target's stack: all zero, so that what the callee leaves
    /// out is not old contents of that stack.
    fn result_memory(&mut self) {
        let Some(result) = &self.frame.result else { return };
        let (size, start) = (frame::round_up(result.size(), 16), self.frame.result_offset);
        let start_of = |offset| Mem::Base(Gpr::Rsp, start + offset);
        if size <= 2 * blob::Blob::INLINE {
            self.push([Insn::ClearXmm(crate::insn::Xmm(15))]);
            let stores = (0..size).step_by(16);
            self.push(stores.map(|at| Insn::StoreXmm(start_of(at), crate::insn::Xmm(15))));
        } else {
            self.push([
                Insn::Lea(Gpr::Rdi, start_of(0)),
                Insn::Constant(Gpr::Rcx, size.unsigned_abs() / 8),
                Insn::Zero(Gpr::Rax),
                Insn::RepStosq,
            ]);
        }
        self.push([Insn::Lea(Gpr::Rdi, start_of(0))]);
    }

    /// Puts arguments back into the registers that WRPKRU uses, and calls.
    fn call(&mut self) {
        let live = self.signature.argument_registers();
        self.restore_arguments(&live);
        self.push([
            Insn::Fldcw(Mem::Own(symbol::FLOAT_DEFAULTS, 4)),
            Insn::CallThrough(Mem::Own(symbol::TABLE, self.slot)),
        ]);
    }

    /// Takes the result off the target's stack and switches back.
    fn leave(&mut self) {
        let results = self.signature.result_registers();
        self.prepare_results(&results);
        self.scrub(&results, Cfi::CfaThroughLink(self.frame.link()));
        self.pick_up_result();
        self.push([self.claim()]);
        if !self.frame.keeps_old_pointer() {
            self.push([
                Insn::AddRsp(self.frame.body + 8),
                Insn::Cfi(Cfi::CfaThroughLink(-8)),
                Insn::Store(self.thread_word(self.target, STACK_POINTER), Gpr::Rsp),
            ]);
        }
        self.switch_to_caller(Phase::Call, true);
    }

    /// In the target: what the way back needs. Adds the pair's secret to the nonce in r15.
    fn claim(&self) -> Insn {
        Insn::AddFrom(Gpr::R15, self.secret(vault::incoming(self.caller), self.target))
    }

    /// Gives the result and the saved registers back to the caller.
    fn epilogue(&mut self) {
        if self.frame.is_chunked() {
            self.push([Insn::Ldmxcsr(Mem::Base(Gpr::Rsp, caller::MXCSR))]);
        }
        // Numbers the callee left on the x87 stack would make it overflow.
        let x87 = &caller::X87[..x87_results(self.signature)];
        let place = |&offset: &i32| Mem::Base(Gpr::Rsp, offset);
        self.push(x87.iter().map(place).map(Insn::FstpLong));
        self.push([Insn::Emms]);
        self.push(x87.iter().rev().map(place).map(Insn::FldLong));
        self.deliver_result();
        self.restore_results();
        let size = self.frame.caller_size;
        self.push([
            Insn::AddRsp(size),
            Insn::Cfi(Cfi::AdjustCfaOffset(-size)),
            Insn::Cfi(Cfi::RememberState),
        ]);
        for register in SAVED.into_iter().rev().chain([Gpr::Rbp]) {
            self.push([
                Insn::Pop(register),
                Insn::Cfi(Cfi::AdjustCfaOffset(-8)),
                Insn::Cfi(Cfi::Restore(register)),
            ]);
        }
        self.push([Insn::Ret]);
    }

    /// What is hardly ever reached.
    fn cold_parts(&mut self) {
        let page = thread_block::page(self.caller);
        // The call-frame information is that of the saved registers; the frame pointer still leads
        // to them where the stack was not switched yet.
        self.push([Insn::Cfi(Cfi::RestoreState), Insn::Cfi(Cfi::DefCfa(Gpr::Rbp, 16))]);
        for (label, trap) in [
            (BAD_PKRU, Trap::Pkru),
            (BAD_SECRET, Trap::Secret),
            (BAD_FRAME, Trap::Frame),
            (STACK_FULL, Trap::Stack),
        ] {
            self.push([Insn::Label(label), Insn::Trap(trap as u8)]);
        }
        self.push([
            Insn::Label(NO_STACK),
            Insn::AddRsp(-CALL_PADDING),
            Insn::Constant(Gpr::R10, self.target.number().into()),
            Insn::CallSymbol(symbol::PREPARE_STACK),
            Insn::AddRsp(CALL_PADDING),
            Insn::StoreConstant(Mem::Thread(Gpr::R14, page + calls_left(self.target)), -1),
            Insn::JumpAlways(STACK_READY),
        ]);
        let cold = std::mem::take(&mut self.cold);
        self.push(cold);
        self.push([Insn::Cfi(Cfi::Endproc)]);
    }

    /// A word of a compartment's page of the thread block.
    fn thread_word(&self, compartment: Pkey, offset: usize) -> Mem {
        Mem::Thread(Gpr::R14, thread_block::page(compartment) + offset)
    }

    /// A word of a compartment's page of secrets.
    fn secret(&self, offset: usize, compartment: Pkey) -> Mem {
        Mem::Own(symbol::VAULT, vault::pages(compartment) + offset)
    }

    /// Traps if the stack pointer in this register lies below the stack.
    fn check_room(&mut self, pointer: Gpr) {
        if self.frame.is_large() {
            self.push([
                Insn::Compare(pointer, self.thread_word(self.target, STACK_LOW)),
                Insn::Jump(Condition::Below, STACK_FULL),
            ]);
        }
    }
}
