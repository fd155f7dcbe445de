//! The whole assembly of `libcallgates.so`: gates, stubs, routines that clear registers, tables, vault
//! and thread block.

use std::collections::BTreeSet;
use std::fmt::Write;

use layout::callgates::table_size;
use layout::{PAGE_SIZE, UNPROTECTED, VERSION, stub as stub_layout, thread_block, vault};
use pkru::Pkey;

use crate::direct::{self, Shared};
use crate::insn::{Insn, Text};
use crate::masks::{self, Masks};
use crate::scrub::{self, Scrubs};
use crate::{Crossing, Program, Switch, debug_info, gate_symbol, stub, symbol};

/// The assembly text of the program's gates, in AT&T syntax. Needs [`crate::scrub_level`] in front.
pub fn assembly(program: &Program) -> String {
    assembly_with(program, Switch::Protected)
}

/// The same with another way to switch rights, for tests and benchmarks.
pub fn assembly_with(program: &Program, switch: Switch) -> String {
    let mut library = Library {
        program,
        switch,
        scrubs: Scrubs::default(),
        masks: Masks::default(),
        gate_names: Vec::new(),
        gate_entries: Vec::new(),
        out: String::new(),
    };
    library.header();
    library.gates();
    library.scrubs();
    library.stubs();
    library.line(".Lia2_text_end:");
    library.stub_functions();
    library.descriptor();
    library.constants();
    library.memory();
    for line in debug_info::describe(&library.gate_names) {
        library.line(line);
    }
    library.line(".section .note.GNU-stack,\"\",@progbits");
    library.out
}

struct Library<'a> {
    program: &'a Program,
    switch: Switch,
    scrubs: Scrubs,
    masks: Masks,
    /// Symbols of the direct gates.
    gate_names: Vec<String>,
    /// What the runtime knows about each: the assembly of a [`layout::callgates::Gate`].
    gate_entries: Vec<String>,
    out: String,
}

impl Library<'_> {
    fn line(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    fn global(&mut self, name: &str, kind: &str) {
        let name = symbol::global(name);
        self.line(format!(".globl {name}"));
        self.line(format!(".type {name},@{kind}"));
        self.line(format!("{name}:"));
    }

    fn function(&mut self, name: &str, insns: &[Insn]) {
        self.global(name, "function");
        self.line(format!("{}:", symbol::local(name)));
        self.body(name, insns);
        self.line(format!("{}:", symbol::local(&format!("end.{name}"))));
        self.size(name);
    }

    fn size(&mut self, name: &str) {
        self.line(format!(".size {0},.-{0}", symbol::global(name)));
    }

    fn body(&mut self, symbol: &str, insns: &[Insn]) {
        for insn in insns {
            let indent = if matches!(insn, Insn::Label(_)) { "" } else { "  " };
            let text = Text { insn, symbol, switch: self.switch };
            writeln!(self.out, "{indent}{text}").expect("a string takes everything");
        }
    }

    fn header(&mut self) {
        // Unwinders inside the process stop at a gate: they could not read the other stack. Debuggers
        // can, so the description goes into .debug_frame.
        self.line(".cfi_sections .debug_frame");
        self.line(format!("# highest compartment: {}", self.program.highest_pkey));
        self.line(".text");
        self.line(".balign 16");
        self.line(".Lia2_text:");
    }

    fn gates(&mut self) {
        let program = self.program;
        let mut crossings: BTreeSet<Crossing> = program.crossings.iter().copied().collect();
        for stub in &program.stubs {
            crossings.extend(stub::crossings(program, stub));
        }
        for (number, crossing) in crossings.into_iter().enumerate() {
            let target = &program.functions[crossing.function.0];
            let signature = &target.calls[crossing.call.0].signature;
            let (caller, pkey, name) = (crossing.caller, target.pkey, &target.name);
            self.line(format!("# {caller} -> {pkey}: {name} {signature}"));
            self.line(".balign 16");
            let mut shared = Shared { scrubs: &mut self.scrubs, masks: &mut self.masks };
            let insns = direct::gate(program, crossing, number, &mut shared);
            let symbol = gate_symbol(caller, target, crossing.call);
            self.function(&symbol, &insns);
            let (start, sizes) = (symbol::local(&symbol), direct::sizes(signature));
            let direct::Sizes { frame, body, .. } = sizes;
            let keeps = u16::from(sizes.keeps_old_pointer);
            let entry = format!(
                "  .long {start}-.Lia2_text; .byte {caller}, {frame}; .short {keeps}; .long {body}"
            );
            self.gate_entries.push(entry);
            self.gate_names.push(symbol);
        }
        self.line(".Lia2_gates_end:");
    }

    /// The routines that clear registers on a CPU without AVX, one per pattern.
    fn scrubs(&mut self) {
        let patterns = self.scrubs.patterns().to_vec();
        for (number, pattern) in patterns.iter().enumerate() {
            let insns = scrub::routine(pattern, &mut self.masks);
            let name = scrub::routine_symbol(number);
            self.line(".balign 16");
            self.line(format!(".type {name},@function"));
            self.line(format!("{name}:"));
            self.body(&name, &insns);
            self.line(format!(".size {name},.-{name}"));
        }
    }

    fn stubs(&mut self) {
        let program = self.program;
        self.line(format!(".balign {}", stub_layout::STRIDE));
        self.line("# entry stubs: type hash in front, entry, then a slot per calling compartment");
        self.line(format!(".skip {}", stub_layout::STRIDE - 8));
        for stub in &program.stubs {
            self.line(format!("  .quad {:#x}", stub.type_hash));
            if stub == &program.stubs[0] {
                self.global("ia2_stubs", "object");
            }
            self.global(&stub.symbol, "function");
            for (number, slots) in stub.all_slots().enumerate() {
                if number > 0 {
                    self.line(format!("# list of arguments {}", number - 1));
                    self.line(format!("  .quad {:#x}", crate::NO_TYPE));
                }
                let label = format!("{}_{number}", stub.symbol);
                let local = symbol::local(&label);
                self.line(format!("{local}:"));
                self.line("  .cfi_startproc");
                self.body(&label, &stub::entry());
                for caller in Pkey::all() {
                    self.line(format!(".org {local}+{}", stub_layout::slot(caller)));
                    self.line(format!("# called by {caller}"));
                    self.body(&label, &stub::slot(program, slots, caller));
                }
                self.line(format!(".org {local}+{}", stub_layout::STRIDE - 8));
                self.line("  .cfi_endproc");
            }
            self.size(&stub.symbol);
        }
        self.line("  .quad 0");
        if program.stubs.is_empty() {
            self.global("ia2_stubs", "object");
        }
        self.global("ia2_stubs_end", "object");
    }

    /// For each place where an entry stub can be: the number of the function it leads to, plus 1,
    /// and negative if that is not found by its address; 0 where there is no entry.
    fn stub_functions(&mut self) {
        let program = self.program;
        self.line(".section .rodata.ia2_stub_functions,\"a\",@progbits");
        self.line(".balign 4");
        self.global("ia2_stub_functions", "object");
        for stub in &program.stubs {
            let number = stub.slots.first().map_or(0, |(_, target)| target.function.0 + 1);
            let sign = if stub.is_looked_up { "" } else { "-" };
            self.line(format!("  .long {sign}{number}"));
            stub.shapes.iter().for_each(|_| self.line("  .long 0"));
        }
        self.line(".size ia2_stub_functions,.-ia2_stub_functions");
    }

    /// `layout::callgates::Callgates` and what it refers to.
    fn descriptor(&mut self) {
        let program = self.program;
        let version = match self.switch {
            Switch::Protected => VERSION,
            _ => VERSION | UNPROTECTED,
        };
        self.line(".section .data.rel.ro,\"aw\",@progbits");
        self.line(".balign 8");
        self.global("ia2_callgates", "object");
        self.line(format!("  .long {version:#x}, {}", program.highest_pkey));
        self.line(format!("  .quad .Lia2_functions, {}", program.functions.len()));
        self.line(format!("  .quad {}", symbol::TABLE));
        self.line("  .quad .Lia2_text, .Lia2_text_end");
        self.line(format!("  .quad .Lia2_gates, {}", self.gate_entries.len()));
        self.line(".size ia2_callgates,.-ia2_callgates");
        self.line(".Lia2_functions:");
        for (index, function) in program.functions.iter().enumerate() {
            self.line(format!("  .quad {:#x}, {}, .Lia2_name{index}", function.id, function.pkey));
        }
    }

    fn constants(&mut self) {
        self.line(".section .rodata.ia2_gates,\"a\",@progbits");
        self.line(".balign 4");
        self.line(".Lia2_gates:");
        for entry in std::mem::take(&mut self.gate_entries) {
            self.line(entry);
        }
        self.line(".section .rodata.str1.1,\"aMS\",@progbits,1");
        for (index, function) in self.program.functions.iter().enumerate() {
            self.line(format!(".Lia2_name{index}: .asciz \"{}\"", function.name));
        }
        self.line(".section .rodata.ia2_constants,\"a\",@progbits");
        self.line(format!(".balign {}", masks::ALIGN));
        self.line(format!("{}:", symbol::MASKS));
        let bytes = std::mem::take(&mut self.masks);
        for row in bytes.all().chunks(16) {
            let row: Vec<String> = row.iter().map(ToString::to_string).collect();
            self.line(format!("  .byte {}", row.join(",")));
        }
        self.line(".balign 8");
        self.line(format!("{}:", symbol::FLOAT_DEFAULTS));
        self.line("  .long 0x1f80");
        self.line("  .long 0x37f");
    }

    /// Memory the gates use: table, vault, thread block.
    fn memory(&mut self) {
        let compartments = self.program.highest_pkey.index() + 1;
        let table = table_size(self.program.functions.len());
        self.pages(symbol::TABLE, ".bss", "object", table);
        self.pages(symbol::VAULT, ".bss", "object", compartments * vault::STRIDE);
        let thread_local = ".section .tbss,\"awT\",@nobits";
        self.pages(symbol::THREAD_BLOCK, thread_local, "tls_object", compartments * PAGE_SIZE);
        for pkey in Pkey::all().take(compartments) {
            let name = format!("ia2_stackptr_{pkey}");
            self.line(format!(".globl {name}"));
            self.line(format!(".type {name},@tls_object"));
            self.line(format!(".size {name},8"));
            let offset = thread_block::page(pkey) + thread_block::STACK_POINTER;
            self.line(format!(".set {name},{}+{offset}", symbol::THREAD_BLOCK));
        }
    }

    fn pages(&mut self, label: &str, section: &str, kind: &str, size: usize) {
        let name = label.trim_start_matches(".L");
        self.line(section);
        self.line(format!(".balign {PAGE_SIZE}"));
        self.line(format!(".globl {name}"));
        self.line(format!(".type {name},@{kind}"));
        self.line(format!(".size {name},{size}"));
        self.line(format!("{name}:"));
        self.line(format!("{label}:"));
        self.line(format!("  .zero {size}"));
    }
}
