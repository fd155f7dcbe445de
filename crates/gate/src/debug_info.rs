//! Debugging information (DWARF 4) by which debuggers walk through gates.
//!
//! `.debug_frame` says where a gate's caller is (see [`crate::direct`]). That is not enough: gdb takes
//! a stack for corrupt as soon as an older frame lies at a lower address than a younger one, as the
//! frames of different compartments do. It compares no address with that of an *inlined* function,
//! though. So every gate is described as a function with an inlined one in it, named [`INLINED`],
//! which shows up as a frame of its own between callee and gate.
//!
//! gdb ignores inlined functions without the place of their call (DW_AT_call_line); line 0 of the
//! unit stands for none.

use crate::symbol;

/// Name of the function that seems to be inlined into every gate.
pub const INLINED: &str = "[call gate]";

/// Tags, attributes and forms (DWARF 4, chapter 7).
const COMPILE_UNIT: u8 = 0x11;
const SUBPROGRAM: u8 = 0x2e;
const INLINED_SUBROUTINE: u8 = 0x1d;
const NAME: (u8, u8) = (0x03, STRING);
const LOW_PC: (u8, u8) = (0x11, ADDRESS);
const HIGH_PC: (u8, u8) = (0x12, DATA8);
const LANGUAGE: (u8, u8) = (0x13, DATA2);
const INLINE: (u8, u8) = (0x20, DATA1);
const ABSTRACT_ORIGIN: (u8, u8) = (0x31, REF4);
const CALL_FILE: (u8, u8) = (0x58, DATA1);
const CALL_LINE: (u8, u8) = (0x59, DATA1);
const EXTERNAL: (u8, u8) = (0x3f, FLAG_PRESENT);
const ADDRESS: u8 = 0x01;
const DATA2: u8 = 0x05;
const DATA8: u8 = 0x07;
const STRING: u8 = 0x08;
const DATA1: u8 = 0x0b;
const REF4: u8 = 0x13;
const FLAG_PRESENT: u8 = 0x19;

/// Codes of the abbreviations below.
const UNIT: u8 = 1;
const INLINED_FUNCTION: u8 = 2;
const GATE: u8 = 3;
const INLINED_HERE: u8 = 4;

/// Describes these gates. Each has the local labels `.LNAME` and `.Lend.NAME`; all are in the text
/// from `.Lia2_text` to `.Lia2_gates_end`. One statement per item.
pub(crate) fn describe(gates: &[String]) -> Vec<String> {
    let mut out = abbreviations();
    let mut text = |line: &str| out.push(line.to_owned());
    text(".section .debug_info,\"\",@progbits");
    text(".Lia2_unit:");
    text("  .long .Lia2_unit_end - .Lia2_unit_start");
    text(".Lia2_unit_start:");
    text("  .short 4");
    text("  .long .Lia2_abbreviations");
    text("  .byte 8");
    text(&format!("  .byte {UNIT}"));
    text("  .asciz \"libcallgates\"");
    // DW_LANG_C99: what the gates are called from.
    text("  .short 0x000c");
    text("  .quad .Lia2_text, .Lia2_gates_end - .Lia2_text");
    text(".Lia2_inlined:");
    // DW_INL_inlined.
    text(&format!("  .byte {INLINED_FUNCTION}"));
    text(&format!("  .asciz \"{INLINED}\""));
    text("  .byte 1");
    for gate in gates {
        // Not its first instruction (endbr64): there the gate has not begun to be anything else.
        text(&format!("  .byte {GATE}"));
        text(&format!("  .asciz \"{gate}\""));
        let (start, end) = (symbol::local(gate), symbol::local(&format!("end.{gate}")));
        text(&format!("  .quad {start}, {end} - {start}"));
        text(&format!("  .byte {INLINED_HERE}"));
        text("  .long .Lia2_inlined - .Lia2_unit");
        text("  .byte 1, 0");
        text(&format!("  .quad {start} + 4, {end} - {start} - 4"));
        text("  .byte 0");
    }
    text("  .byte 0");
    text(".Lia2_unit_end:");
    out
}

fn abbreviations() -> Vec<String> {
    // Code, tag, whether it has children, and attributes with their forms.
    type Abbreviation<'a> = (u8, u8, bool, &'a [(u8, u8)]);
    let table: [Abbreviation<'_>; 4] = [
        (UNIT, COMPILE_UNIT, true, &[NAME, LANGUAGE, LOW_PC, HIGH_PC]),
        (INLINED_FUNCTION, SUBPROGRAM, false, &[NAME, INLINE]),
        (GATE, SUBPROGRAM, true, &[EXTERNAL, NAME, LOW_PC, HIGH_PC]),
        (
            INLINED_HERE,
            INLINED_SUBROUTINE,
            false,
            &[ABSTRACT_ORIGIN, CALL_FILE, CALL_LINE, LOW_PC, HIGH_PC],
        ),
    ];
    let mut out =
        vec![".section .debug_abbrev,\"\",@progbits".to_owned(), ".Lia2_abbreviations:".to_owned()];
    for (code, tag, has_children, attributes) in table {
        // All numbers are below 128, where ULEB128 is one byte.
        let fields = attributes.iter().flat_map(|&(attribute, form)| [attribute, form]);
        let bytes = [code, tag, u8::from(has_children)].into_iter().chain(fields).chain([0, 0]);
        let bytes: Vec<String> = bytes.map(|byte| byte.to_string()).collect();
        out.push(format!("  .byte {}", bytes.join(",")));
    }
    out.push("  .byte 0".to_owned());
    out
}
