//! One step of unwinding by the compilers' tables (`.eh_frame`; the gates' `.debug_frame`).
//!
//! Safe in a signal handler: tables are read where the loader mapped them or in the object's file, the
//! stacks through the kernel ([`crate::memory`]), whatever their keys.

use gimli::{
    BaseAddresses, CfaRule, DebugFrame, EhFrame, EhFrameHdr, EndianSlice, FrameDescriptionEntry,
    LittleEndian, Pointer, Register, RegisterRule, UnwindContext, UnwindContextStorage,
    UnwindExpression, UnwindSection,
};
use libc::{PT_GNU_EH_FRAME, PT_LOAD, ucontext_t};

use crate::memory;
use crate::object::Object;
use crate::symbol;

/// DWARF's numbers of registers (psABI, section 3.6.2).
pub(crate) const RBX: usize = 3;
/// See [`RBX`].
pub(crate) const RBP: usize = 6;
/// See [`RBX`].
pub(crate) const RSP: usize = 7;
/// The return address; as a register, where the frame goes on.
pub(crate) const RIP: usize = 16;

/// What registers hold in a frame.
#[derive(Clone, Copy)]
pub(crate) struct Registers(pub(crate) [usize; 17]);

impl Registers {
    /// Those of interrupted code.
    pub(crate) fn of(context: &ucontext_t) -> Registers {
        use libc::{
            REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RAX, REG_RBP,
            REG_RBX, REG_RCX, REG_RDI, REG_RDX, REG_RIP, REG_RSI, REG_RSP,
        };
        let places = [
            REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI, REG_RBP, REG_RSP, REG_R8, REG_R9,
            REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP,
        ];
        Registers(places.map(|place| context.uc_mcontext.gregs[place as usize] as usize))
    }
}

/// Room for the rules of a frame, without an allocator.
struct OnStack;

impl UnwindContextStorage<usize> for OnStack {
    type Rules = [(Register, RegisterRule<usize>); 20];
    type Stack = [gimli::UnwindTableRow<usize, Self>; 4];
}

type Slice = EndianSlice<'static, LittleEndian>;

/// The registers of the caller of a frame, and where the frame begins (its canonical frame address).
/// `pc` is an address of the instruction that the frame is at or in. `None` where tables end.
pub(crate) fn step(
    object: &Object,
    pc: usize,
    registers: &Registers,
) -> Option<(Registers, usize)> {
    step_loaded(object, pc, registers).or_else(|| by_file(object, pc, registers))
}

/// The same by `.eh_frame` alone, found through its search table.
pub(crate) fn step_loaded(
    object: &Object,
    pc: usize,
    registers: &Registers,
) -> Option<(Registers, usize)> {
    let header = object.headers().iter().find(|header| header.p_type == PT_GNU_EH_FRAME)?;
    let header = object.range(header);
    // SAFETY: a segment of the object, which is loaded and stays so.
    let bytes = unsafe { core::slice::from_raw_parts(header.start as *const u8, header.length()) };
    let bases = BaseAddresses::default().set_eh_frame_hdr(header.start as u64);
    let parsed = EhFrameHdr::new(bytes, LittleEndian).parse(&bases, 8).ok()?;
    let Pointer::Direct(start) = parsed.eh_frame_ptr() else { return None };
    let start = usize::try_from(start).ok()?;
    // The table ends somewhere in the segment; it has an end mark of its own.
    let segment = object
        .headers()
        .iter()
        .filter(|header| header.p_type == PT_LOAD)
        .map(|header| object.range(header))
        .find(|range| range.contains(start))?;
    // SAFETY: as above.
    let bytes = unsafe { core::slice::from_raw_parts(start as *const u8, segment.end - start) };
    let frames = EhFrame::new(bytes, LittleEndian);
    let bases = bases.set_eh_frame(start as u64);
    let pc = pc as u64;
    let entry =
        parsed.table()?.fde_for_address(&frames, &bases, pc, EhFrame::cie_from_offset).ok()?;
    by_entry(&frames, &bases, &entry, pc, registers)
}

/// By `.debug_frame` in the object's file, whose addresses are relative to the object.
fn by_file(object: &Object, pc: usize, registers: &Registers) -> Option<(Registers, usize)> {
    let bytes = symbol::section(object, ".debug_frame")?;
    let mut frames = DebugFrame::new(bytes, LittleEndian);
    frames.set_address_size(8);
    let bases = BaseAddresses::default();
    let pc = (pc - object.base) as u64;
    let entry = frames.fde_for_address(&bases, pc, DebugFrame::cie_from_offset).ok()?;
    by_entry(&frames, &bases, &entry, pc, registers)
}

fn by_entry<Section: UnwindSection<Slice>>(
    section: &Section,
    bases: &BaseAddresses,
    entry: &FrameDescriptionEntry<Slice>,
    pc: u64,
    registers: &Registers,
) -> Option<(Registers, usize)> {
    let mut context = UnwindContext::<usize, OnStack>::new_in();
    let row = entry.unwind_info_for_address(section, bases, &mut context, pc).ok()?;
    let cfa = match row.cfa() {
        CfaRule::RegisterAndOffset { register, offset } => {
            value(registers, *register)?.wrapping_add_signed(*offset as isize)
        }
        CfaRule::Expression(expression) => evaluate(section, expression, registers, None)?,
    };
    let mut caller = *registers;
    caller.0[RSP] = cfa;
    caller.0[RIP] = 0;
    for (register, rule) in row.registers() {
        let slot = caller.0.get_mut(usize::from(register.0))?;
        *slot = match rule {
            RegisterRule::Offset(offset) => {
                memory::word(cfa.wrapping_add_signed(*offset as isize))?
            }
            RegisterRule::ValOffset(offset) => cfa.wrapping_add_signed(*offset as isize),
            RegisterRule::Register(other) => value(registers, *other)?,
            RegisterRule::Expression(expression) => {
                memory::word(evaluate(section, expression, registers, Some(cfa))?)?
            }
            RegisterRule::ValExpression(expression) => {
                evaluate(section, expression, registers, Some(cfa))?
            }
            RegisterRule::Undefined if usize::from(register.0) == RIP => return None,
            _ => continue,
        };
    }
    Some((caller, cfa))
}

fn value(registers: &Registers, register: Register) -> Option<usize> {
    registers.0.get(usize::from(register.0)).copied()
}

/// Evaluates what compilers, linkers (for procedure linkage tables) and gates write.
fn evaluate<Section: UnwindSection<Slice>>(
    section: &Section,
    expression: &UnwindExpression<usize>,
    registers: &Registers,
    first: Option<usize>,
) -> Option<usize> {
    // DWARF 5, section 7.7.1.
    const DEREF: u8 = 0x06;
    const AND: u8 = 0x1a;
    const MINUS: u8 = 0x1c;
    const PLUS: u8 = 0x22;
    const PLUS_UCONST: u8 = 0x23;
    const SHL: u8 = 0x24;
    const GE: u8 = 0x2a;
    const LIT0: u8 = 0x30;
    const LIT31: u8 = 0x4f;
    const BREG0: u8 = 0x70;
    const BREG31: u8 = 0x8f;
    const CONST1U: u8 = 0x08;
    let mut stack = [0usize; 8];
    let mut depth = 0;
    let mut input = expression.get(section).ok()?.0;
    let push = |stack: &mut [usize; 8], depth: &mut usize, number| {
        *stack.get_mut(*depth)? = number;
        *depth += 1;
        Some(())
    };
    if let Some(first) = first {
        push(&mut stack, &mut depth, first)?;
    }
    use gimli::Reader;
    while !input.is_empty() {
        let operation = input.read_u8().ok()?;
        let number = match operation {
            LIT0..=LIT31 => usize::from(operation - LIT0),
            CONST1U => usize::from(input.read_u8().ok()?),
            BREG0..=BREG31 => {
                let register = registers.0.get(usize::from(operation - BREG0))?;
                register.wrapping_add_signed(input.read_sleb128().ok()? as isize)
            }
            _ => {
                depth = depth.checked_sub(1)?;
                let top = stack[depth];
                match operation {
                    DEREF => memory::word(top)?,
                    PLUS_UCONST => top.wrapping_add(input.read_uleb128().ok()? as usize),
                    AND | MINUS | PLUS | SHL | GE => {
                        depth = depth.checked_sub(1)?;
                        let below = stack[depth];
                        match operation {
                            AND => below & top,
                            MINUS => below.wrapping_sub(top),
                            PLUS => below.wrapping_add(top),
                            SHL => below.checked_shl(u32::try_from(top).ok()?)?,
                            _ => usize::from(below.cast_signed() >= top.cast_signed()),
                        }
                    }
                    _ => return None,
                }
            }
        };
        push(&mut stack, &mut depth, number)?;
    }
    stack.get(depth.checked_sub(1)?).copied()
}
