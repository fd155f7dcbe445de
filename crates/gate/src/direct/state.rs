//! What a direct gate does to the state of the processor beside general registers: it clears vector,
//! mask and x87 registers, and saves MXCSR where that is needed.
//!
//! The shortest way is that of a CPU with AVX-512 and a compartment that has nothing to do with MXCSR:
//! there, registers are cleared in line, and MXCSR is known. STMXCSR alone takes longer than
//! clearing all 32 vector registers, so the runtime finds out at start who needs it
//! (`layout::vault::REGISTERS`). All other ways lead through code behind the gate.

use abi::Live;
use layout::callgates::{CPU_AVX512, TABLE_CPU, table_scrub};
use layout::vault::{self, HAS_AVX512, MXCSR_IS_DEFAULT};

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
        let registers = self.secret(vault::REGISTERS, self.caller);
        let (long_way, clear) = (self.label(), self.label());
        self.push([
            Insn::CompareByte(registers.clone(), MXCSR_IS_DEFAULT | HAS_AVX512),
            Insn::Jump(Condition::NotEqual, long_way),
            Insn::Label(clear),
        ]);
        let done = self.scrub_inline(live);
        let identity = self.identity(Phase::CallWithMxcsr);
        // With an MXCSR that need not be saved, only a CPU with less registers leads here.
        let by_routine = self.label();
        self.outline(
            long_way,
            cfa,
            [
                Insn::TestBits(registers, MXCSR_IS_DEFAULT.into()),
                Insn::Jump(Condition::NotEqual, by_routine),
                Insn::Stmxcsr(place),
                Insn::StoreConstant(Mem::Base(Gpr::Rsp, caller::IDENTITY), identity),
                Insn::TestBits(Mem::Own(symbol::TABLE, TABLE_CPU), CPU_AVX512),
                Insn::Jump(Condition::NotEqual, clear),
                Insn::Label(by_routine),
            ],
        );
        let routine = self.scrub_routine(live);
        self.cold.extend([Insn::If(Scrub::Args), routine, Insn::End, Insn::JumpAlways(done)]);
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
        let by_routine = self.label();
        self.push([
            Insn::If(Scrub::Args),
            Insn::TestBits(Mem::Own(symbol::TABLE, TABLE_CPU), CPU_AVX512),
            Insn::Jump(Condition::Equal, by_routine),
            Insn::End,
        ]);
        let done = self.scrub_inline(live);
        let routine = self.scrub_routine(live);
        self.cold.push(Insn::If(Scrub::Args));
        self.outline(by_routine, cfa, [routine, Insn::JumpAlways(done)]);
        self.cold.push(Insn::End);
    }

    /// Clears them on a CPU with AVX-512. Returns the label behind that.
    fn scrub_inline(&mut self, live: &[Live]) -> Label {
        let inline = scrub::inline(&Pattern::of(live), self.shared.masks);
        self.push([Insn::If(Scrub::Args)]);
        self.push(inline);
        let done = self.label();
        self.push([Insn::End, Insn::Label(done)]);
        done
    }

    /// The call that clears them on another.
    fn scrub_routine(&mut self, live: &[Live]) -> Insn {
        let number = self.shared.scrubs.number(Pattern::of(live));
        let routine = table_scrub(self.shared.function_count, number);
        Insn::CallThrough(Mem::Own(symbol::TABLE, routine))
    }
}
