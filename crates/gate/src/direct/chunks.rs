//! Arguments on the stack and results in memory: picking them up on one side, putting them down on
//! the other.
//!
//! What fits the spare registers crosses with the call or the return. The rest crosses first (the
//! arguments) or last (the result), a chunk at a time with two switches each, because there is never
//! a moment with the rights of both compartments:
//!
//! ```text
//! arguments   caller: load chunk ─► target: store it ─► caller: next one …  then the call
//! result      the return, then      caller ─► target: load chunk ─► caller: store it, next one …
//! ```
//!
//! In between, the target's saved stack pointer is below the callee's frame and points to words that
//! say which gate made it, in which phase it is and for which call, as the gate's frame does on the
//! caller's stack. So nobody gets at the callee's frame but the call that made it: a signal handler
//! that runs in the target stays below it, and code that jumps here without such a call traps.

use layout::thread_block::{RUNNING, STACK_POINTER};
use layout::vault;

use super::blob::Width;
use super::frame::caller;
use super::{BAD_FRAME, Builder, Phase};
use crate::insn::{Cfi, Condition, Gpr, Insn, Mem};

/// While chunks cross, from the target's saved stack pointer to the identity of the gate …
const PENDING_IDENTITY: i32 = 0;
/// … to the nonce of the call …
const PENDING_NONCE: i32 = 8;
/// … and to the callee's frame.
const PENDING: i32 = 24;

impl Builder<'_, '_> {
    /// In the caller: carries all chunks over but the last, and picks that up.
    pub(super) fn send_arguments(&mut self) {
        let to_arguments = self.frame.to_cfa();
        if !self.frame.arguments.is_chunked() {
            let masks = &mut *self.shared.masks;
            let loads = self.frame.arguments.load_inline(Gpr::Rsp, to_arguments, masks);
            self.push(loads);
            return;
        }
        self.by_width(|gate, width| {
            if gate.frame.arguments.in_chunks(width) > 0 {
                gate.argument_chunks(width);
            }
            let masks = &mut *gate.shared.masks;
            let loads = gate.frame.arguments.load_rest(width, Gpr::Rsp, to_arguments, masks);
            gate.push(loads);
        });
    }

    fn argument_chunks(&mut self, width: Width) {
        let (again, next, ready) = (self.label(), self.label(), self.label());
        let end = self.frame.arguments.in_chunks(width);
        self.set_phase(Phase::Arguments);
        self.push([Insn::Zero(Gpr::R11), Insn::Label(again)]);
        self.push([Insn::Store(Mem::Base(Gpr::Rsp, caller::PROGRESS), Gpr::R11)]);
        let place = (Gpr::Rsp, Gpr::R11, self.frame.to_cfa());
        let masks = &mut *self.shared.masks;
        let loads = self.frame.arguments.load_chunk(width, place, Gpr::Rax, masks);
        self.push(loads);
        self.push([
            Insn::Load(Gpr::Rbx, self.secret(vault::outgoing(self.target), self.caller)),
            Insn::Store(self.thread_word(self.caller, STACK_POINTER), Gpr::Rsp),
        ]);
        self.switch_to_target(false);
        self.check_progress(end - width.chunk());
        self.push([
            Insn::Load(Gpr::Rax, self.thread_word(self.target, STACK_POINTER)),
            Insn::Test(Gpr::R11),
            Insn::Jump(Condition::NotEqual, next),
        ]);
        self.reserve_frame();
        self.push([Insn::Lea(Gpr::Rax, Mem::Base(Gpr::Rcx, -PENDING))]);
        self.set_pending(Phase::Arguments);
        self.push([
            Insn::Store(self.thread_word(self.target, STACK_POINTER), Gpr::Rax),
            Insn::JumpAlways(ready),
            Insn::Label(next),
        ]);
        self.check_pending(Phase::Arguments);
        self.push([Insn::Lea(Gpr::Rcx, Mem::Base(Gpr::Rax, PENDING)), Insn::Label(ready)]);
        let stores = self.frame.arguments.store_chunk(width, (Gpr::Rcx, Gpr::R11, 0));
        self.push(stores);
        // The check on the other side takes the secret off again: what is left is the nonce.
        self.push([self.claim()]);
        self.switch_to_caller(Phase::Arguments, false);
        self.push([
            Insn::Load(Gpr::R11, Mem::Base(Gpr::Rsp, caller::PROGRESS)),
            Insn::AddConstant(Gpr::R11, width.chunk()),
            Insn::CompareLong(Gpr::R11, end),
            Insn::Jump(Condition::Below, again),
        ]);
        self.set_phase(Phase::Call);
    }

    /// In the caller: notes in its frame what the gate is doing.
    fn set_phase(&mut self, phase: Phase) {
        let place = Mem::Base(Gpr::Rsp, caller::IDENTITY);
        self.push([Insn::StoreConstant(place, self.identity(phase))]);
    }

    /// In the target: notes at `rax` what the gate is doing.
    fn set_pending(&mut self, phase: Phase) {
        let identity = self.identity(phase);
        self.push([
            Insn::StoreConstant(Mem::Base(Gpr::Rax, PENDING_IDENTITY), identity),
            Insn::Store(Mem::Base(Gpr::Rax, PENDING_NONCE), Gpr::R15),
        ]);
    }

    /// In the target: `r11` comes from outside.
    fn check_progress(&mut self, last: i32) {
        self.push([Insn::CompareLong(Gpr::R11, last), Insn::Jump(Condition::Above, BAD_FRAME)]);
    }

    /// In the target: is the frame above the saved stack pointer in `rax` the one of this call?
    fn check_pending(&mut self, phase: Phase) {
        let identity = self.identity(phase);
        self.push([
            Insn::CompareMemory(Mem::Base(Gpr::Rax, PENDING_IDENTITY), identity),
            Insn::Jump(Condition::NotEqual, BAD_FRAME),
            Insn::Compare(Gpr::R15, Mem::Base(Gpr::Rax, PENDING_NONCE)),
            Insn::Jump(Condition::NotEqual, BAD_FRAME),
        ]);
    }

    /// In the target: makes `rcx` the callee's stack pointer below the saved one in `rax`, which it
    /// writes down.
    fn reserve_frame(&mut self) {
        let (body, align) = (self.frame.body, self.frame.align);
        self.push([Insn::Lea(Gpr::Rcx, Mem::Base(Gpr::Rax, -(body + 16)))]);
        self.push([Insn::AlignDown(Gpr::Rcx, align)]);
        self.check_room(Gpr::Rcx);
        self.push([Insn::Store(Mem::Base(Gpr::Rcx, body), Gpr::Rax)]);
    }

    /// In the target: switches to its stack if the frame is large, chunked or specially aligned, and
    /// puts the last of the arguments down.
    pub(super) fn enter_large(&mut self) {
        self.push([Insn::Load(Gpr::Rax, self.thread_word(self.target, STACK_POINTER))]);
        if self.frame.arguments.is_chunked() {
            self.by_width(|gate, width| {
                if gate.frame.arguments.in_chunks(width) > 0 {
                    gate.check_pending(Phase::Arguments);
                    gate.push([Insn::Lea(Gpr::Rcx, Mem::Base(Gpr::Rax, PENDING))]);
                } else {
                    gate.reserve_frame();
                }
                let stores = gate.frame.arguments.store_rest(width, Gpr::Rcx, 0);
                gate.push(stores);
                let all = width.clear(width.chunk());
                gate.push(all);
            });
        } else {
            self.reserve_frame();
            let stores = self.frame.arguments.store_inline(Gpr::Rcx, 0);
            self.push(stores);
            let clear = Width::Xmm.clear(self.frame.arguments.size());
            self.push(clear);
        }
        let link = self.frame.link();
        self.push([
            Insn::Store(Mem::Base(Gpr::Rcx, link), Gpr::Rbp),
            Insn::Mov(Gpr::Rsp, Gpr::Rcx),
            Insn::Cfi(Cfi::CfaThroughLink(link)),
            Insn::StoreConstant(self.thread_word(self.target, STACK_POINTER), RUNNING),
        ]);
    }

    /// In the target after the call: picks up the last of the result; the rest stays where it is,
    /// and the saved stack pointer below it.
    pub(super) fn pick_up_result(&mut self) {
        let start = self.frame.result_offset;
        match &self.frame.result {
            Some(result) if result.is_chunked() => {
                self.by_width(|gate, width| {
                    let result = gate.frame.result.as_ref().expect("checked above");
                    let chunked = result.in_chunks(width) > 0;
                    let masks = &mut *gate.shared.masks;
                    let loads = result.load_rest(width, Gpr::Rsp, start, masks);
                    gate.push(loads);
                    if chunked {
                        gate.push([Insn::Lea(Gpr::Rax, Mem::Base(Gpr::Rsp, -PENDING))]);
                        gate.set_pending(Phase::Result);
                    } else {
                        gate.push([Insn::Load(Gpr::Rax, Mem::Base(Gpr::Rsp, gate.frame.body))]);
                    }
                });
            }
            Some(result) => {
                let loads = result.load_inline(Gpr::Rsp, start, self.shared.masks);
                self.push(loads);
                self.load_old_pointer();
            }
            None => self.load_old_pointer(),
        }
        if self.frame.keeps_old_pointer() {
            self.push([Insn::Store(self.thread_word(self.target, STACK_POINTER), Gpr::Rax)]);
        }
    }

    fn load_old_pointer(&mut self) {
        if self.frame.keeps_old_pointer() {
            self.push([Insn::Load(Gpr::Rax, Mem::Base(Gpr::Rsp, self.frame.body))]);
        }
    }

    /// In the caller: puts the result into its memory and returns its address. That is the caller's
    /// own; the callee is not asked for it.
    pub(super) fn deliver_result(&mut self) {
        if self.frame.result.is_none() {
            return;
        }
        let address = Mem::Base(Gpr::Rsp, caller::RESULT);
        self.push([Insn::Load(Gpr::Rax, address.clone())]);
        let result = self.frame.result.as_ref().expect("checked above");
        if !result.is_chunked() {
            let stores = result.store_inline(Gpr::Rax, 0);
            let clear = Width::Xmm.clear(result.size());
            self.push(stores);
            self.push(clear);
            return;
        }
        self.by_width(|gate, width| {
            let result = gate.frame.result.as_ref().expect("checked above");
            let chunked = result.in_chunks(width) > 0;
            let stores = result.store_rest(width, Gpr::Rax, 0);
            gate.push(stores);
            if chunked {
                gate.result_chunks(width);
            }
            gate.push(width.clear(width.chunk()));
            if width == Width::Ymm {
                gate.push([Insn::Vzeroupper]);
            }
        });
        self.push([Insn::Load(Gpr::Rax, address)]);
    }

    fn result_chunks(&mut self, width: Width) {
        let (again, more) = (self.label(), self.label());
        let result = self.frame.result.as_ref().expect("only called for results in memory");
        let end = result.in_chunks(width);
        let last = end - width.chunk();
        self.set_phase(Phase::Result);
        self.push([
            Insn::Load(Gpr::R15, Mem::Base(Gpr::Rsp, caller::NONCE)),
            Insn::Zero(Gpr::R11),
            Insn::Label(again),
            Insn::Store(Mem::Base(Gpr::Rsp, caller::PROGRESS), Gpr::R11),
            Insn::Load(Gpr::Rbx, self.secret(vault::outgoing(self.target), self.caller)),
            Insn::Store(self.thread_word(self.caller, STACK_POINTER), Gpr::Rsp),
        ]);
        self.switch_to_target(false);
        self.check_progress(last);
        self.push([Insn::Load(Gpr::Rax, self.thread_word(self.target, STACK_POINTER))]);
        self.check_pending(Phase::Result);
        let place = (Gpr::Rax, Gpr::R11, PENDING + self.frame.result_offset);
        let result = self.frame.result.as_ref().expect("only called for results in memory");
        let loads = result.load_chunk(width, place, Gpr::Rdx, self.shared.masks);
        self.push(loads);
        self.push([
            Insn::CompareLong(Gpr::R11, last),
            Insn::Jump(Condition::NotEqual, more),
            Insn::Load(Gpr::Rax, Mem::Base(Gpr::Rax, PENDING + self.frame.body)),
            Insn::Store(self.thread_word(self.target, STACK_POINTER), Gpr::Rax),
            Insn::Label(more),
            self.claim(),
        ]);
        self.switch_to_caller(Phase::Result, false);
        self.push([
            Insn::Load(Gpr::R11, Mem::Base(Gpr::Rsp, caller::PROGRESS)),
            Insn::Load(Gpr::Rax, Mem::Base(Gpr::Rsp, caller::RESULT)),
        ]);
        let result = self.frame.result.as_ref().expect("only called for results in memory");
        let stores = result.store_chunk(width, (Gpr::Rax, Gpr::R11, 0));
        self.push(stores);
        self.push([
            Insn::AddConstant(Gpr::R11, width.chunk()),
            Insn::CompareLong(Gpr::R11, end),
            Insn::Jump(Condition::Below, again),
            Insn::Zero(Gpr::R11),
            Insn::StoreConstant(self.thread_word(self.caller, STACK_POINTER), RUNNING),
        ]);
    }
}

const _: () = assert!(PENDING % 16 == 8, "saved stack pointers are 8 modulo 16, frames 0");
