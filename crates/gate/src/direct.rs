//! The direct gate: one caller, one function.
//!
//! ```text
//! caller's stack                          target's stack
//! return address                          …
//! rbp rbx r12 r13 r14 r15                 saved stack pointer (8 mod 16)
//! address of the result's memory          link: the gate's rbp on the caller's stack
//! MXCSR, x87 control word                 memory for the result
//! identity of this gate  ◄─ saved rsp     stack arguments
//!                                         return address
//! ```
//!
//! | register | caller ► target | target ► caller |
//! |---|---|---|
//! | rdi rsi r8 r9, xmm0–7 | arguments | cleared (but xmm0–3: result) |
//! | r12, r13, r14 | rdx, rcx, rax | rax, rdx, rcx |
//! | xmm8–15 | stack arguments | result in memory |
//! | rbx | the pair's secret | the pair's secret |
//! | rax, rcx, rdx | WRPKRU | WRPKRU |
//! | r11 | offset of the thread block | offset of the thread block |

mod registers;

use abi::{Register, ResultPlace};
use layout::callgates::table_entry;
use layout::thread_block::{READY, STACK_POINTER};
use layout::trap::Trap;
use layout::{thread_block, vault};
use pkru::{Pkey, Pkru};

use self::registers::general;
use crate::insn::{Cfi, Condition, Gpr, Insn, Label, Mem, Xmm};
use crate::{Crossing, Function, Program};

/// Offsets of the frame on the caller's stack.
const IDENTITY: i32 = 0;
const MXCSR: i32 = 8;
const CONTROL_WORD: i32 = 12;
const RESULT_ADDRESS: i32 = 16;
const FRAME_SIZE: i32 = 32;
/// Callee-saved registers, in the order they are pushed after rbp.
const SAVED: [Gpr; 5] = [Gpr::Rbx, Gpr::R12, Gpr::R13, Gpr::R14, Gpr::R15];
/// From the stack pointer after the frame to the canonical frame address: frame, six registers and
/// the return address.
const FRAME_TO_CFA: i32 = FRAME_SIZE + 8 * (SAVED.len() as i32 + 2);

const BAD_PKRU: Label = Label(0);
const BAD_SECRET: Label = Label(1);
const BAD_FRAME: Label = Label(2);
const NO_STACK: Label = Label(3);
const READY_TO_CALL: Label = Label(4);
const ENTRY_VECTORS_DONE: Label = Label(5);
const EXIT_VECTORS_DONE: Label = Label(6);

/// First of the identities; far below zero, where no address and no small number is.
const FIRST_IDENTITY: i32 = -0x4000_0000;

/// The symbols that gates use. Those of their own library are local labels, so that no other object's
/// symbol can take their place.
pub(crate) mod symbol {
    /// `layout::vault`
    pub(crate) const VAULT: &str = ".Lia2_vault";
    /// `layout::thread_block`
    pub(crate) const THREAD_BLOCK: &str = ".Lia2_thread_block";
    /// Addresses of functions.
    pub(crate) const TABLE: &str = ".Lia2_table";
    /// Initial MXCSR and x87 control word.
    pub(crate) const FLOAT_DEFAULTS: &str = ".Lia2_float_defaults";
    /// In the runtime: gives a compartment its stack in this thread.
    pub(crate) const PREPARE_STACK: &str = "ia2_prepare_stack";
}

/// The instructions of a direct gate. `number` tells it from all other gates of the program.
pub(crate) fn gate(program: &Program, crossing: Crossing, number: usize) -> Vec<Insn> {
    let function = &program.functions[crossing.function.0];
    let identity = FIRST_IDENTITY - i32::try_from(number).expect("fewer than 2^30 gates");
    let mut builder = Builder {
        caller: crossing.caller,
        target: function.pkey,
        function,
        slot: table_entry(crossing.function.0),
        identity,
        out: Vec::new(),
    };
    builder.prologue();
    builder.enter();
    builder.call();
    builder.leave();
    builder.epilogue();
    builder.cold_parts();
    builder.out
}

struct Builder<'a> {
    caller: Pkey,
    target: Pkey,
    function: &'a Function,
    /// Offset of the function's address in the table.
    slot: usize,
    identity: i32,
    out: Vec<Insn>,
}

impl Builder<'_> {
    fn push(&mut self, insns: impl IntoIterator<Item = Insn>) {
        self.out.extend(insns);
    }

    /// Size of a result in memory, if that is how it travels.
    fn result_bytes(&self) -> Option<i32> {
        match self.function.signature.result {
            ResultPlace::Memory { size, .. } => Some(i32::try_from(size).expect("checked")),
            _ => None,
        }
    }

    fn stack_bytes(&self) -> i32 {
        i32::try_from(self.function.signature.stack_bytes).expect("checked")
    }

    /// Bytes on the target's stack below the link, 16-byte aligned.
    fn target_frame(&self) -> i32 {
        round_up(self.stack_bytes()) + round_up(self.result_bytes().unwrap_or(0))
    }

    /// Saves everything that must survive on the caller's stack.
    fn prologue(&mut self) {
        use Insn::{Fnstcw, Load, Mov, Push, Stmxcsr, Store, StoreConstant, TestBits};
        let caller_page = thread_block::page(self.caller);
        self.push([
            Insn::Cfi(Cfi::Startproc),
            Insn::Endbr64,
            Insn::Label(READY_TO_CALL),
            Load(Gpr::R11, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            TestBits(Mem::Thread(Gpr::R11, caller_page + READY), 1 << self.target.number()),
            Insn::Jump(Condition::Equal, NO_STACK),
            Push(Gpr::Rbp),
            Insn::Cfi(Cfi::AdjustCfaOffset(8)),
            Insn::Cfi(Cfi::Offset(Gpr::Rbp, -16)),
            Mov(Gpr::Rbp, Gpr::Rsp),
            Insn::Cfi(Cfi::DefCfaRegister(Gpr::Rbp)),
        ]);
        for (index, register) in (0..).zip(SAVED) {
            self.push([Push(register), Insn::Cfi(Cfi::Offset(register, -24 - 8 * index))]);
        }
        self.push([
            Insn::AddRsp(-FRAME_SIZE),
            StoreConstant(Mem::Base(Gpr::Rsp, IDENTITY), self.identity),
            Stmxcsr(Mem::Base(Gpr::Rsp, MXCSR)),
            Fnstcw(Mem::Base(Gpr::Rsp, CONTROL_WORD)),
        ]);
        if self.result_bytes().is_some() {
            self.push([Store(Mem::Base(Gpr::Rsp, RESULT_ADDRESS), Gpr::Rdi)]);
        }
        // Stack arguments begin above the return address.
        self.load_spare(self.stack_bytes(), Gpr::Rsp, FRAME_TO_CFA);
        self.push([Load(
            Gpr::Rbx,
            Mem::Own(symbol::VAULT, vault::pages(self.caller) + vault::outgoing(self.target)),
        )]);
        for (kept, register) in self.moved_arguments() {
            self.push([Mov(kept, register)]);
        }
        self.push([Store(Mem::Thread(Gpr::R11, caller_page + STACK_POINTER), Gpr::Rsp)]);
    }

    /// Switches to the target's rights and stack.
    fn enter(&mut self) {
        self.switch(self.target, vault::pages(self.target) + vault::incoming(self.caller));
        self.push([
            Insn::Load(
                Gpr::Rsp,
                Mem::Thread(Gpr::R11, thread_block::page(self.target) + STACK_POINTER),
            ),
            Insn::Push(Gpr::Rbp),
            Insn::Cfi(Cfi::CfaThroughLink(0)),
        ]);
        let frame = self.target_frame();
        if frame > 0 {
            self.push([Insn::AddRsp(-frame), Insn::Cfi(Cfi::CfaThroughLink(frame))]);
        }
        self.store_spare(self.stack_bytes(), Gpr::Rsp, 0);
        if let Some(size) = self.result_bytes() {
            // The callee fills this memory; what it leaves out must not be old stack contents.
            self.push([Insn::ClearXmm(Xmm(15))]);
            let start = round_up(self.stack_bytes());
            for offset in (0..round_up(size)).step_by(16) {
                self.push([Insn::StoreXmm(Mem::Base(Gpr::Rsp, start + offset), Xmm(15))]);
            }
            self.push([Insn::Lea(Gpr::Rdi, Mem::Base(Gpr::Rsp, start))]);
        }
        self.push([
            Insn::Cld,
            Insn::Ldmxcsr(Mem::Own(symbol::FLOAT_DEFAULTS, 0)),
            Insn::Fldcw(Mem::Own(symbol::FLOAT_DEFAULTS, 4)),
        ]);
    }

    /// Clears what is no argument and calls.
    fn call(&mut self) {
        let live = self.function.signature.argument_registers();
        self.clear_vectors(&live, ENTRY_VECTORS_DONE);
        for (kept, register) in self.moved_arguments() {
            self.push([Insn::Mov(register, kept)]);
        }
        // WRPKRU faults unless rcx and rdx are zero, so those need no clearing.
        let moved: Vec<Gpr> = self.moved_arguments().map(|(_, register)| register).collect();
        let zero = [Gpr::Rcx, Gpr::Rdx].into_iter().filter(|register| !moved.contains(register));
        self.clear_general(&live, &zero.collect::<Vec<_>>());
        self.push([Insn::CallThrough(Mem::Own(symbol::TABLE, self.slot))]);
    }

    /// Takes the result off the target's stack and switches back.
    fn leave(&mut self) {
        let live = self.function.signature.result_registers();
        if let Some(size) = self.result_bytes() {
            self.load_spare(size, Gpr::Rsp, round_up(self.stack_bytes()));
        }
        let below_link = self.target_frame() + 8;
        self.push([
            Insn::AddRsp(below_link),
            Insn::Cfi(Cfi::CfaThroughLink(-8)),
            Insn::Load(Gpr::R11, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            Insn::Store(
                Mem::Thread(Gpr::R11, thread_block::page(self.target) + STACK_POINTER),
                Gpr::Rsp,
            ),
            Insn::Load(
                Gpr::Rbx,
                Mem::Own(symbol::VAULT, vault::pages(self.target) + vault::incoming(self.caller)),
            ),
        ]);
        for (kept, register) in self.moved_results() {
            self.push([Insn::Mov(kept, register)]);
        }
        let spare = (0..self.result_bytes().unwrap_or(0)).step_by(16).count();
        let mut live_vectors = live.clone();
        live_vectors.retain(|live| matches!(live.register, Register::Vector(_)));
        self.clear_vectors_but(&live_vectors, spare, EXIT_VECTORS_DONE);
        let kept: Vec<Gpr> =
            self.moved_results().map(|(kept, _)| kept).chain([Gpr::Rbx, Gpr::Rbp]).collect();
        // What the switch overwrites needs no clearing, what the epilogue restores neither.
        let rewritten =
            [Gpr::Rax, Gpr::Rcx, Gpr::Rdx, Gpr::R11, Gpr::R12, Gpr::R13, Gpr::R14, Gpr::R15];
        let untouched: Vec<Gpr> = kept.into_iter().chain(rewritten).collect();
        self.clear_general(&[], &untouched);
        self.switch(self.caller, vault::pages(self.caller) + vault::outgoing(self.target));
        self.push([
            Insn::Load(
                Gpr::Rsp,
                Mem::Thread(Gpr::R11, thread_block::page(self.caller) + STACK_POINTER),
            ),
            Insn::CompareMemory(Mem::Base(Gpr::Rsp, IDENTITY), self.identity),
            Insn::Jump(Condition::NotEqual, BAD_FRAME),
            Insn::Cfi(Cfi::DefCfa(Gpr::Rsp, FRAME_TO_CFA)),
        ]);
    }

    /// Gives the result and the saved registers back to the caller.
    fn epilogue(&mut self) {
        self.push([
            Insn::Cld,
            Insn::Ldmxcsr(Mem::Base(Gpr::Rsp, MXCSR)),
            Insn::Fldcw(Mem::Base(Gpr::Rsp, CONTROL_WORD)),
        ]);
        let results: Vec<_> = self.moved_results().collect();
        if let Some(size) = self.result_bytes() {
            // The address is the caller's own; the callee's idea of it is not asked for.
            self.push([Insn::Load(Gpr::Rax, Mem::Base(Gpr::Rsp, RESULT_ADDRESS))]);
            self.store_spare(size, Gpr::Rax, 0);
            for register in 0..(size + 15) / 16 {
                self.push([Insn::ClearXmm(Xmm(8 + register as u8))]);
            }
        }
        for &(kept, register) in &results {
            self.push([Insn::Mov(register, kept)]);
        }
        let live = self.function.signature.result_registers();
        let is_live = |gpr: Gpr| live.iter().any(|live| general(live) == Some(gpr));
        for register in [Gpr::R11, Gpr::Rax].into_iter().filter(|&register| !is_live(register)) {
            self.push([Insn::Zero(register)]);
        }
        self.push([Insn::AddRsp(FRAME_SIZE), Insn::Cfi(Cfi::AdjustCfaOffset(-FRAME_SIZE))]);
        self.push([Insn::Cfi(Cfi::RememberState)]);
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
        let caller_page = thread_block::page(self.caller);
        self.push([Insn::Cfi(Cfi::RestoreState)]);
        for (label, trap) in
            [(BAD_PKRU, Trap::Pkru), (BAD_SECRET, Trap::Secret), (BAD_FRAME, Trap::Frame)]
        {
            self.push([Insn::Label(label), Insn::Trap(trap as u8)]);
        }
        self.push([
            Insn::Cfi(Cfi::DefCfa(Gpr::Rsp, 8)),
            Insn::Label(NO_STACK),
            Insn::Constant(Gpr::R10, self.target.number().into()),
            Insn::CallSymbol(symbol::PREPARE_STACK),
            Insn::Load(Gpr::R11, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            Insn::OrBits(Mem::Thread(Gpr::R11, caller_page + READY), 1 << self.target.number()),
            Insn::JumpAlways(READY_TO_CALL),
            Insn::Cfi(Cfi::Endproc),
        ]);
    }

    /// WRPKRU with its checks. The secret in rbx must be the one at this offset of the vault, which
    /// the new rights open and the old ones need not.
    fn switch(&mut self, to: Pkey, secret: usize) {
        let pkru = Pkru::of(to).bits();
        self.push([
            Insn::Zero(Gpr::Rcx),
            Insn::Zero(Gpr::Rdx),
            Insn::Constant(Gpr::Rax, pkru),
            Insn::Wrpkru,
            Insn::CompareConstant(Gpr::Rax, pkru),
            Insn::Jump(Condition::NotEqual, BAD_PKRU),
            Insn::Compare(Mem::Own(symbol::VAULT, secret), Gpr::Rbx),
            Insn::Jump(Condition::NotEqual, BAD_SECRET),
            Insn::Load(Gpr::R11, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
        ]);
    }

    /// Argument registers that WRPKRU overwrites, with where they wait meanwhile.
    fn moved_arguments(&self) -> impl Iterator<Item = (Gpr, Gpr)> + use<> {
        let live = self.function.signature.argument_registers();
        [(Gpr::R12, Gpr::Rdx), (Gpr::R13, Gpr::Rcx), (Gpr::R14, Gpr::Rax)]
            .into_iter()
            .filter(move |&(_, register)| live.iter().any(|live| general(live) == Some(register)))
    }

    /// Result registers that WRPKRU overwrites. A result in memory has none: the caller knows the
    /// address it returns.
    fn moved_results(&self) -> impl Iterator<Item = (Gpr, Gpr)> + use<> {
        let live = match self.result_bytes() {
            Some(_) => Vec::new(),
            None => self.function.signature.result_registers(),
        };
        [(Gpr::R12, Gpr::Rax), (Gpr::R13, Gpr::Rdx), (Gpr::R14, Gpr::Rcx)]
            .into_iter()
            .filter(move |&(_, register)| live.iter().any(|live| general(live) == Some(register)))
    }
}

fn round_up(bytes: i32) -> i32 {
    (bytes + 15) & !15
}
