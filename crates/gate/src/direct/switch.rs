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

use layout::callgates::{CPU_NO_ALIGNMENT_CHECK, TABLE_CPU};
use layout::thread_block::{COOKIE, RUNNING, STACK_POINTER};
use layout::vault;
use pkru::{Pkey, Pkru};

use super::{BAD_FRAME, BAD_PKRU, BAD_SECRET, Builder, Phase, caller};
use crate::insn::{Cfi, Condition, Gpr, Insn, Label, Mem};
use crate::symbol;

/// EFLAGS.AC (SDM volume 1, section 3.4.3).
const ALIGNMENT_CHECK: u32 = 1 << 18;

impl Builder<'_, '_> {
    /// WRPKRU and the comparison that belongs to it.
    fn switch(&mut self, to: Pkey) {
        let pkru = Pkru::of(to).bits();
        self.push([
            Insn::Zero(Gpr::Rcx),
            Insn::Zero(Gpr::Rdx),
            Insn::Constant(Gpr::Rax, pkru),
            Insn::Wrpkru,
            Insn::CompareConstant(Gpr::Rax, pkru),
            Insn::Jump(Condition::NotEqual, BAD_PKRU),
        ]);
    }

    /// Takes the target's rights. `rbx` holds the pair's secret. If the function is `called` next,
    /// flags and control words get the values that the ABI promises to a callee.
    pub(super) fn switch_to_target(&mut self, called: bool) {
        self.switch(self.target);
        if called {
            self.push([
                Insn::Ldmxcsr(Mem::Own(symbol::FLOAT_DEFAULTS, 0)),
                Insn::Fldcw(Mem::Own(symbol::FLOAT_DEFAULTS, 4)),
                Insn::Emms,
                Insn::Cld,
            ]);
        }
        self.push([
            Insn::Load(Gpr::R14, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            Insn::AddFrom(Gpr::Rbx, self.thread_word(self.target, COOKIE)),
            Insn::AddFrom(Gpr::Rbx, self.secret(vault::admission(self.caller), self.target)),
            Insn::Jump(Condition::NotEqual, BAD_SECRET),
        ]);
    }

    /// Takes the caller's rights and its stack pointer. `rbx` holds the pair's secret plus the nonce.
    /// If the function has `returned`, flags get the values that the ABI promises to a caller.
    pub(super) fn switch_to_caller(&mut self, phase: Phase, returned: bool) {
        self.switch(self.caller);
        if returned {
            self.push([Insn::Cld]);
        }
        self.push([
            Insn::Load(Gpr::R14, Mem::ThreadOffset(symbol::THREAD_BLOCK)),
            Insn::AddFrom(Gpr::Rbx, self.thread_word(self.caller, COOKIE)),
            Insn::AddFrom(Gpr::Rbx, self.secret(vault::readmission(self.target), self.caller)),
            // What is left in rbx is the nonce, if secret and cookie were right.
            Insn::Load(Gpr::Rsp, self.thread_word(self.caller, STACK_POINTER)),
            Insn::Cfi(Cfi::DefCfa(Gpr::Rsp, self.frame.to_cfa())),
            Insn::Compare(Gpr::Rbx, Mem::Base(Gpr::Rsp, caller::NONCE)),
            Insn::Jump(Condition::NotEqual, BAD_FRAME),
            Insn::CompareMemory(Mem::Base(Gpr::Rsp, caller::IDENTITY), self.identity(phase)),
            Insn::Jump(Condition::NotEqual, BAD_FRAME),
        ]);
        if returned {
            let saved = self.thread_word(self.caller, STACK_POINTER);
            self.push([Insn::StoreConstant(saved, RUNNING)]);
        }
    }

    /// Clears EFLAGS.AC where the CPU does not stop at the misaligned cookie.
    pub(super) fn check_flags(&mut self, cold: Label, done: Label) {
        self.push([
            Insn::TestBits(Mem::Own(symbol::TABLE, TABLE_CPU), CPU_NO_ALIGNMENT_CHECK),
            Insn::Jump(Condition::NotEqual, cold),
            Insn::Label(done),
        ]);
    }

    /// The cold part of [`Builder::check_flags`].
    pub(super) fn clear_alignment_check(&mut self, cold: Label, done: Label) {
        self.push([
            Insn::Label(cold),
            Insn::Pushfq,
            Insn::AndBits(Mem::Base(Gpr::Rsp, 0), !ALIGNMENT_CHECK),
            Insn::Popfq,
            Insn::JumpAlways(done),
        ]);
    }
}
