//! The whole assembly of `libcallgates.so`: gates, stubs, tables, vault and thread block.

use std::collections::BTreeSet;
use std::fmt::Write;

use layout::callgates::table_size;
use layout::{PAGE_SIZE, VERSION, stub as stub_layout, thread_block, vault};
use pkru::Pkey;

use crate::direct::{self, symbol};
use crate::insn::{Insn, Text};
use crate::{Crossing, Program, gate_symbol, stub};

/// The assembly text of the program's gates, in AT&T syntax, one statement per line.
pub fn assembly(program: &Program) -> String {
    let mut out = String::new();
    header(&mut out, program);
    gates(&mut out, program);
    stubs(&mut out, program);
    line(&mut out, ".Lia2_text_end:");
    descriptor(&mut out, program);
    memory(&mut out, program);
    line(&mut out, ".section .note.GNU-stack,\"\",@progbits");
    out
}

fn line(out: &mut String, text: impl AsRef<str>) {
    out.push_str(text.as_ref());
    out.push('\n');
}

fn function(out: &mut String, name: &str, insns: &[Insn]) {
    line(out, format!(".globl {name}"));
    line(out, format!(".type {name},@function"));
    line(out, format!("{name}:"));
    line(out, format!(".L{name}:"));
    body(out, name, insns);
    line(out, format!(".size {name},.-{name}"));
}

fn body(out: &mut String, name: &str, insns: &[Insn]) {
    for insn in insns {
        let indent = if matches!(insn, Insn::Label(_)) { "" } else { "  " };
        writeln!(out, "{indent}{}", Text(insn, name)).expect("a string takes everything");
    }
}

fn header(out: &mut String, program: &Program) {
    // Unwinders inside the process stop at a gate: they could not read the other stack. Debuggers
    // can, so the description goes into .debug_frame.
    line(out, ".cfi_sections .debug_frame");
    line(out, ".section .rodata.cst8,\"aM\",@progbits,8");
    line(out, ".balign 8");
    line(out, format!("{}:", symbol::FLOAT_DEFAULTS));
    line(out, "  .long 0x1f80");
    line(out, "  .long 0x37f");
    line(out, format!("# highest compartment: {}", program.highest_pkey));
    line(out, ".text");
    line(out, ".balign 16");
    line(out, ".Lia2_text:");
}

fn gates(out: &mut String, program: &Program) {
    let mut crossings: BTreeSet<Crossing> = program.crossings.iter().copied().collect();
    for stub in &program.stubs {
        crossings.extend(stub::crossings(program, stub));
    }
    for (number, crossing) in crossings.into_iter().enumerate() {
        let target = &program.functions[crossing.function.0];
        line(
            out,
            format!(
                "# {} -> {}: {} {}",
                crossing.caller, target.pkey, target.name, target.signature
            ),
        );
        line(out, ".balign 16");
        let name = gate_symbol(crossing.caller, target);
        function(out, &name, &direct::gate(program, crossing, number));
    }
}

fn stubs(out: &mut String, program: &Program) {
    line(out, format!(".balign {}", stub_layout::STRIDE));
    let edge = |out: &mut String, name: &str| {
        line(out, format!(".globl {name}"));
        line(out, format!(".type {name},@object"));
        line(out, format!("{name}:"));
    };
    line(out, "# entry stubs: type hash in front, entry, then a slot per calling compartment");
    line(out, format!(".skip {}", stub_layout::STRIDE - 8));
    for stub in &program.stubs {
        line(out, format!("  .quad {:#x}", stub.type_hash));
        if stub == &program.stubs[0] {
            edge(out, "ia2_stubs");
        }
        line(out, format!(".globl {}", stub.symbol));
        line(out, format!(".type {},@function", stub.symbol));
        line(out, format!("{}:", stub.symbol));
        line(out, format!(".L{}:", stub.symbol));
        body(out, &stub.symbol, &stub::entry());
        for caller in Pkey::all() {
            line(out, format!(".org {}+{}", stub.symbol, stub_layout::slot(caller)));
            line(out, format!("# called by {caller}"));
            body(out, &stub.symbol, &stub::slot(program, stub, caller));
        }
        line(out, format!(".org {}+{}", stub.symbol, stub_layout::STRIDE - 8));
        line(out, format!(".size {0},.-{0}", stub.symbol));
    }
    line(out, "  .quad 0");
    if program.stubs.is_empty() {
        edge(out, "ia2_stubs");
    }
    edge(out, "ia2_stubs_end");
}

/// `layout::callgates::Callgates` and its array of functions.
fn descriptor(out: &mut String, program: &Program) {
    line(out, ".section .data.rel.ro,\"aw\",@progbits");
    line(out, ".balign 8");
    line(out, ".globl ia2_callgates");
    line(out, ".type ia2_callgates,@object");
    line(out, "ia2_callgates:");
    line(out, format!("  .long {VERSION}, {}", program.highest_pkey));
    line(out, format!("  .quad .Lia2_functions, {}", program.functions.len()));
    line(out, format!("  .quad {}", symbol::TABLE));
    line(out, "  .quad .Lia2_text, .Lia2_text_end");
    line(out, ".size ia2_callgates,.-ia2_callgates");
    line(out, ".Lia2_functions:");
    for (index, function) in program.functions.iter().enumerate() {
        let pkey = function.pkey;
        line(out, format!("  .quad {:#x}, {pkey}, .Lia2_name{index}", function.id));
    }
    line(out, ".section .rodata.str1.1,\"aMS\",@progbits,1");
    for (index, function) in program.functions.iter().enumerate() {
        line(out, format!(".Lia2_name{index}: .asciz \"{}\"", function.name));
    }
}

/// Memory the gates use: table, vault, thread block.
fn memory(out: &mut String, program: &Program) {
    let compartments = program.highest_pkey.index() + 1;
    let mut pages = |label: &str, section: &str, kind: &str, size: usize| {
        let name = label.trim_start_matches(".L");
        line(out, section);
        line(out, format!(".balign {PAGE_SIZE}"));
        line(out, format!(".globl {name}"));
        line(out, format!(".type {name},@{kind}"));
        line(out, format!(".size {name},{size}"));
        line(out, format!("{name}:"));
        line(out, format!("{label}:"));
        line(out, format!("  .zero {size}"));
    };
    pages(symbol::TABLE, ".bss", "object", table_size(program.functions.len()));
    pages(symbol::VAULT, ".bss", "object", compartments * vault::STRIDE);
    pages(
        symbol::THREAD_BLOCK,
        ".section .tbss,\"awT\",@nobits",
        "tls_object",
        compartments * PAGE_SIZE,
    );
    for pkey in Pkey::all().take(compartments) {
        let name = format!("ia2_stackptr_{pkey}");
        line(out, format!(".globl {name}"));
        line(out, format!(".type {name},@tls_object"));
        line(out, format!(".size {name},8"));
        let offset = thread_block::page(pkey) + thread_block::STACK_POINTER;
        line(out, format!(".set {name},{}+{offset}", symbol::THREAD_BLOCK));
    }
}
