//! WRPKRU and the checks behind it.
//!
//! Nothing that happens before a WRPKRU counts: code of any compartment can jump onto it, with any
//! values in registers. So each one is followed by three checks, and until they have passed nothing
//! is written:
//! - PKRU is what this gate writes here;
//! - the secret of the pair, the cookie in the entered compartment's page of the thread block, and
//!   the word that only this compartment knows add up;
//! - on the way back: the frame at the top of the caller's stack is of this gate and of the call
//!   that the callee returns from.

use layout::thread_block::{COOKIE, RUNNING, STACK_POINTER};
use layout::vault;
use pkru::{Pkey, Pkru};

use super::{BAD_FRAME, BAD_PKRU, BAD_SECRET, Builder, OWN_MXCSR, OWN_MXCSR_DONE, Phase, caller};
use crate::insn::{Cfi, Condition, Gpr, Insn, Label, Mem};
use crate::symbol;

/// As a 32-bit operand.
const UNCHECKED_ALIGNMENT: i32 = vault::UNCHECKED_ALIGNMENT as i32;
/// EFLAGS.AC (SDM volume 1, section 3.4.3).
const ALIGNMENT_CHECK: u32 = 1 << 18;

impl Builder<'_, '_> {
    /// WRPKRU and the comparison that belongs to it. What sets the state that the ABI promises stands
    /// between them: it costs least where the CPU has nothing else at hand.
    fn switch(&mut self, to: Pkey, state: impl IntoIterator<Item = Insn>) {
        let pkru = Pkru::of(to).bits();
        self.push([
            Insn::Zero(Gpr::Rcx),
            Insn::Zero(Gpr::Rdx),
            Insn::Constant(Gpr::Rax, pkru),
            Insn::Wrpkru,
        ]);
        self.push(state);
        self.push([
            Insn::CompareConstant(Gpr::Rax, pkru),
            Insn::Jump(Condition::NotEqual, BAD_PKRU),
        ]);
    }

    /// Takes the target's rights. `rbx` holds the pair's secret. If the function is `called` next, flags
    /// and MXCSR get the values that the ABI promises to a callee, and the x87 stack is empty. (The x87
    /// control word comes last, before the call: FLDCW costs most where a comparison waits for it.)
    pub(super) fn switch_to_target(&mut self, called: bool) {
        if called {
            self.switch(
                self.target,
                [Insn::Cld, Insn::Ldmxcsr(Mem::Own(symbol::FLOAT_DEFAULTS, 0))],
            );
            self.push([Insn::Emms]);
        } else {
            self.switch(self.target, []);
        }
        let (unchecked, admitted) = (self.label(), self.label());
        self.push([
            Insn::Load(Gpr::R14, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            Insn::AddFrom(Gpr::Rbx, self.thread_word(self.target, COOKIE)),
            Insn::AddFrom(Gpr::Rbx, self.secret(vault::admission(self.caller), self.target)),
            Insn::Jump(Condition::NotEqual, unchecked),
            Insn::Label(admitted),
        ]);
        self.admit_unchecked(unchecked, admitted);
    }

    /// Takes the caller's rights and its stack pointer. r15 is the claim, nonce plus the pair's secret,
    /// and the nonce behind the check. If the function has `returned`, flags, MXCSR and the x87 control word get the values that
    /// the ABI promises to a caller.
    pub(super) fn switch_to_caller(&mut self, phase: Phase, returned: bool) {
        if returned {
            let mxcsr = Insn::Ldmxcsr(Mem::Own(symbol::FLOAT_DEFAULTS, 0));
            self.switch(self.caller, [Insn::Cld, mxcsr]);
        } else {
            self.switch(self.caller, []);
        }
        let is_simple = returned && !self.frame.is_chunked();
        let mismatch = if is_simple { OWN_MXCSR } else { BAD_FRAME };
        let (unchecked, admitted) = (self.label(), self.label());
        self.push([
            Insn::Load(Gpr::R14, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            Insn::AddFrom(Gpr::R15, self.thread_word(self.caller, COOKIE)),
            Insn::AddFrom(Gpr::R15, self.secret(vault::readmission(self.target), self.caller)),
            // What is left is the nonce, if secret and cookie were right.
            Insn::Load(Gpr::Rsp, self.thread_word(self.caller, STACK_POINTER)),
            Insn::Cfi(Cfi::DefCfa(Gpr::Rsp, self.frame.to_cfa())),
        ]);
        if returned {
            // Of another frame, it is in force until the comparison that traps.
            self.push([Insn::Fldcw(Mem::Base(Gpr::Rsp, caller::CONTROL_WORD))]);
        }
        self.push([
            Insn::Compare(Gpr::R15, Mem::Base(Gpr::Rsp, caller::NONCE)),
            Insn::Jump(Condition::NotEqual, unchecked),
            Insn::Label(admitted),
            Insn::CompareMemory(Mem::Base(Gpr::Rsp, caller::IDENTITY), self.identity(phase)),
            Insn::Jump(Condition::NotEqual, mismatch),
        ]);
        self.readmit_unchecked(unchecked, admitted);
        if is_simple {
            self.push([Insn::Label(OWN_MXCSR_DONE)]);
            self.restore_mxcsr();
        }
        if returned {
            let saved = self.thread_word(self.caller, STACK_POINTER);
            self.push([Insn::StoreConstant(saved, RUNNING)]);
        }
    }

    /// In the target: `rbx` is not zero. On a CPU that does not stop at the misaligned cookie, it is
    /// [`vault::UNCHECKED_ALIGNMENT`]; then EFLAGS.AC is cleared with the stack that comes next.
    fn admit_unchecked(&mut self, cold: Label, done: Label) {
        let stack = self.thread_word(self.target, STACK_POINTER);
        self.outline(
            cold,
            Cfi::DefCfa(Gpr::Rbp, 16),
            [
                Insn::AddConstant(Gpr::Rbx, -UNCHECKED_ALIGNMENT),
                Insn::Jump(Condition::NotEqual, BAD_SECRET),
                Insn::Load(Gpr::Rsp, stack),
                Insn::Pushfq,
                Insn::AndBits(Mem::Base(Gpr::Rsp, 0), !ALIGNMENT_CHECK),
                Insn::Popfq,
                Insn::JumpAlways(done),
            ],
        );
    }

    /// In the caller: the claim is not the nonce. See [`Builder::admit_unchecked`].
    fn readmit_unchecked(&mut self, cold: Label, done: Label) {
        let cfa = Cfi::DefCfa(Gpr::Rsp, self.frame.to_cfa());
        self.outline(
            cold,
            cfa.clone(),
            [
                Insn::AddConstant(Gpr::R15, -UNCHECKED_ALIGNMENT),
                Insn::Compare(Gpr::R15, Mem::Base(Gpr::Rsp, caller::NONCE)),
                Insn::Jump(Condition::NotEqual, BAD_FRAME),
                Insn::Pushfq,
                Insn::Cfi(Cfi::DefCfa(Gpr::Rsp, self.frame.to_cfa() + 8)),
                Insn::AndBits(Mem::Base(Gpr::Rsp, 0), !ALIGNMENT_CHECK),
                Insn::Popfq,
                Insn::Cfi(cfa),
                Insn::JumpAlways(done),
            ],
        );
    }
}
