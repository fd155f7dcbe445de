//! What a direct gate does to the state of the processor beside general registers: it clears vector,
//! mask and x87 registers, and saves MXCSR where that is needed.
//!
//! Registers are cleared in line, whether the CPU has AVX-512 or only AVX; with MXCSR that need not be
//! saved, one comparison decides both. STMXCSR alone takes longer than clearing all 32 vector registers,
//! so the runtime finds out at start who needs it (`layout::vault::REGISTERS`).
//!
//! With AVX alone and nothing to keep in vector registers, VZEROALL clears them behind the gate. With
//! AVX-512 the same instruction would cost more time than it saves bytes: there, clearing is one block.

use abi::Live;
use layout::callgates::{CPU_AVX, TABLE_CPU};
use layout::vault::{self, MXCSR_IS_DEFAULT};

use super::frame::caller;
use super::{BAD_FRAME, Builder, OWN_MXCSR, OWN_MXCSR_DONE, Phase};
use crate::insn::{Cfi, Condition, Gpr, Insn, Label, Mem, Scrub};
use crate::scrub::{self, Pattern};
use crate::symbol;

impl Builder<'_, '_> {
    /// In the caller: saves MXCSR, if it can be another than the default, and clears all registers
    /// but the arguments and the general ones. The identity says whether MXCSR was saved.
    pub(super) fn save_and_scrub(&mut self, live: &[Live]) {
        let cfa = Cfi::DefCfa(Gpr::Rbp, 16);
        let place = Mem::Base(Gpr::Rsp, caller::MXCSR);
        if self.frame.is_chunked() {
            // The identity changes from chunk to chunk.
            self.push([Insn::Stmxcsr(place)]);
            self.scrub(live, cfa);
            return;
        }
        let pattern = Pattern::of(live);
        self.push(scrub::x87(&pattern));
        let registers = self.secret(vault::REGISTERS, self.caller);
        self.push([Insn::CompareByte(registers.clone(), MXCSR_IS_DEFAULT | CPU_AVX)]);
        let labels = self.scrub_by_cpu(&pattern, cfa);
        // With an MXCSR that need not be saved, only a CPU without AVX leads here.
        let by_routine = self.label();
        let identity = self.identity(Phase::CallWithMxcsr);
        self.cold.extend([
            Insn::Label(labels.rest),
            Insn::TestBits(registers, MXCSR_IS_DEFAULT.into()),
            Insn::Jump(Condition::NotEqual, by_routine),
            Insn::Stmxcsr(place),
            Insn::StoreConstant(Mem::Base(Gpr::Rsp, caller::IDENTITY), identity),
            Insn::CompareByte(Mem::Own(symbol::TABLE, TABLE_CPU), CPU_AVX),
            Insn::Jump(Condition::Above, labels.avx512),
            Insn::Jump(Condition::Equal, labels.avx),
            Insn::Label(by_routine),
        ]);
        self.scrub_by_routine(pattern, labels.done);
    }

    /// In the caller, with the frame's identity not that of most calls: does it say that MXCSR was
    /// saved?
    pub(super) fn restore_mxcsr(&mut self) {
        let identity = self.identity(Phase::CallWithMxcsr);
        self.outline(
            OWN_MXCSR,
            Cfi::DefCfa(Gpr::Rsp, self.frame.to_cfa()),
            [
                Insn::CompareMemory(Mem::Base(Gpr::Rsp, caller::IDENTITY), identity),
                Insn::Jump(Condition::NotEqual, BAD_FRAME),
                Insn::Ldmxcsr(Mem::Base(Gpr::Rsp, caller::MXCSR)),
                Insn::JumpAlways(OWN_MXCSR_DONE),
            ],
        );
    }

    /// Clears all registers but the live and the general ones. `cfa` is where the stack is.
    pub(super) fn scrub(&mut self, live: &[Live], cfa: Cfi) {
        let pattern = Pattern::of(live);
        self.push(scrub::x87(&pattern));
        let cpu = Mem::Own(symbol::TABLE, TABLE_CPU);
        self.push([Insn::If(Scrub::Args), Insn::CompareByte(cpu, CPU_AVX)]);
        self.cold.push(Insn::If(Scrub::Args));
        let labels = self.scrub_by_cpu(&pattern, cfa);
        self.cold.push(Insn::Label(labels.rest));
        self.scrub_by_routine(pattern, labels.done);
        self.push([Insn::End]);
        self.cold.push(Insn::End);
    }

    /// Clears vector and mask registers. Flags are those of a comparison of the CPU with [`CPU_AVX`].
    /// What is to be done if it was below belongs at the end of the cold parts.
    fn scrub_by_cpu(&mut self, pattern: &Pattern, cfa: Cfi) -> ScrubLabels {
        let [avx512, avx, rest, done] = std::array::from_fn(|_| self.label());
        let lower = scrub::lower_vectors(pattern, self.shared.masks);
        if pattern.is_free_of_vectors() {
            self.push([Insn::Jump(Condition::BelowOrEqual, avx), Insn::Label(avx512)]);
            self.push(lower);
            self.outline(avx, cfa, [Insn::Jump(Condition::Below, rest)]);
            let vzeroall = [Insn::If(Scrub::Args), Insn::Vzeroall, Insn::End];
            self.cold.extend(vzeroall.into_iter().chain([Insn::JumpAlways(done)]));
        } else {
            self.push([Insn::Jump(Condition::Below, rest)]);
            self.push([Insn::Label(avx512), Insn::Label(avx)]);
            self.push(lower);
            self.push([Insn::Jump(Condition::Equal, done)]);
            self.cold.push(Insn::Cfi(cfa));
        }
        self.push(scrub::upper_vectors());
        self.push([Insn::Label(done)]);
        ScrubLabels { avx512, avx, rest, done }
    }

    /// In the cold parts: clears vector registers on a CPU without AVX.
    fn scrub_by_routine(&mut self, pattern: Pattern, done: Label) {
        let routine = scrub::routine_symbol(self.shared.scrubs.number(pattern));
        let call = [Insn::If(Scrub::Args), Insn::CallRoutine(routine), Insn::End];
        self.cold.extend(call.into_iter().chain([Insn::JumpAlways(done)]));
    }
}

/// Places in a gate where registers are cleared.
struct ScrubLabels {
    /// Where a CPU with AVX-512 begins.
    avx512: Label,
    /// Where one with AVX does.
    avx: Label,
    /// Where the code for others is to be.
    rest: Label,
    /// Behind all this.
    done: Label,
}
