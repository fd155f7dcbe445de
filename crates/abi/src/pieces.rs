//! Cutting values into pieces, and counting registers and stack bytes: what all compilers share.

use ctype::{Int, Type, TypeId, Types};

use crate::ByteRanges;
use crate::class::Class;
use crate::place::{Argument, Extension, Piece, Place, ResultPlace, Signature};
use crate::register::{General, Register, Vector, X87};
use crate::supported::size_of;
use crate::value::value_bytes;

/// A value to be cut.
pub(crate) struct Slices {
    size: u64,
    value: ByteRanges,
    extension: Option<Extension>,
}

impl Slices {
    /// To cut an argument or a result.
    pub(crate) fn new(types: &Types, ty: TypeId) -> Slices {
        let (size, value) = (size_of(types, ty), value_bytes(types, ty));
        Slices { size, value, extension: extension(types, ty) }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// How callers extend the whole value, if it is a narrow integer.
    pub(crate) fn extension(&self) -> Option<Extension> {
        self.extension
    }

    /// The bytes from `offset` on, at most `size`, in `place`.
    pub(crate) fn piece(&self, place: Place, offset: u64, size: u64) -> Piece {
        let size = size.min(self.size - offset);
        let value = self.value.within(offset..offset + size);
        Piece { place, offset, size, value, extension: None }
    }

    /// The eightbyte at `offset` in a general register.
    pub(crate) fn general(&self, register: General, offset: u64) -> Piece {
        let piece = self.piece(Place::Register(register.into()), offset, 8);
        Piece { extension: self.extension, ..piece }
    }

    pub(crate) fn vector(&self, number: u8, offset: u64, size: u64) -> Piece {
        self.piece(Place::Register(Register::Vector(Vector::new(number))), offset, size)
    }

    /// An `x87` number that starts at `offset`.
    pub(crate) fn on_x87(&self, register: X87, offset: u64) -> Piece {
        self.piece(Place::Register(Register::X87(register)), offset, 10)
    }

    /// The whole argument on the stack: no piece if it has no bytes.
    pub(crate) fn on_stack(&self, offset: u32) -> Vec<Piece> {
        if self.size == 0 {
            return Vec::new();
        }
        let piece = self.piece(Place::Stack(offset), 0, self.size);
        vec![Piece { extension: self.extension, ..piece }]
    }

    /// The whole result in the caller's memory.
    pub(crate) fn in_memory(&self, align: u64) -> ResultPlace {
        ResultPlace::Memory { size: self.size, align, value: self.value.clone() }
    }

    /// One piece per eightbyte, vectors of more in one.
    pub(crate) fn in_registers(
        &self,
        classes: &[Class],
        registers: &mut impl Registers,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (index, class) in classes.iter().enumerate() {
            let offset = 8 * index as u64;
            if offset >= self.size {
                break;
            }
            match class {
                Class::Integer => pieces.push(self.general(registers.general(), offset)),
                Class::Sse => {
                    let ups = classes[index + 1..].iter().take_while(|&&up| up == Class::SseUp);
                    pieces.push(self.vector(
                        registers.vector(),
                        offset,
                        8 + 8 * ups.count() as u64,
                    ));
                }
                _ => {}
            }
        }
        pieces
    }
}

/// How callers extend an argument of this type.
fn extension(types: &Types, ty: TypeId) -> Option<Extension> {
    match types.get(ty) {
        Type::Int(Int::Bool) => Some(Extension { bits: 1, signed: false }),
        Type::Int(int) if int.size() < 4 => {
            let bits = if int.size() == 1 { 8 } else { 16 };
            Some(Extension { bits, signed: int.is_signed() })
        }
        Type::BitInt { bits, signed } if *bits < 32 => {
            Some(Extension { bits: *bits, signed: *signed })
        }
        Type::Enum(decl) => match types.enumeration(*decl).underlying {
            Some(int) if int.size() < 4 => {
                let bits = if int.size() == 1 { 8 } else { 16 };
                Some(Extension { bits, signed: int.is_signed() })
            }
            _ => None,
        },
        Type::Atomic(value) => extension(types, value.ty),
        _ => None,
    }
}

/// A source of registers.
pub(crate) trait Registers {
    /// The next general register.
    fn general(&mut self) -> General;
    /// Number of the next vector register.
    fn vector(&mut self) -> u8;
}

/// The registers of a result of at most two eightbytes.
#[derive(Default)]
pub(crate) struct ResultRegisters {
    general: usize,
    vector: u8,
}

impl Registers for ResultRegisters {
    fn general(&mut self) -> General {
        self.general += 1;
        [General::Rax, General::Rdx][self.general - 1]
    }

    fn vector(&mut self) -> u8 {
        self.vector += 1;
        self.vector - 1
    }
}

/// Registers and stack bytes handed out so far.
#[derive(Default)]
pub(crate) struct Counters {
    general: usize,
    vector: u8,
    stack: u64,
    stack_align: u64,
}

impl Registers for Counters {
    fn general(&mut self) -> General {
        self.general += 1;
        General::ARGUMENTS[self.general - 1]
    }

    fn vector(&mut self) -> u8 {
        self.vector += 1;
        self.vector - 1
    }
}

impl Counters {
    /// Whether so many general and vector registers are left.
    pub(crate) fn have(&self, general: usize, vector: usize) -> bool {
        self.general + general <= General::ARGUMENTS.len()
            && usize::from(self.vector) + vector <= usize::from(Vector::ARGUMENTS)
    }

    /// How many vector registers are taken.
    pub(crate) fn vectors(&self) -> u8 {
        self.vector
    }

    /// Reserves a stack slot and returns its offset; `None` if offsets overflow.
    pub(crate) fn push(&mut self, size: u64, align: u64) -> Option<u32> {
        let align = align.max(8);
        let offset = self.stack.checked_next_multiple_of(align)?;
        self.stack = offset.checked_add(size)?.checked_next_multiple_of(8)?;
        self.stack_align = self.stack_align.max(align);
        u32::try_from(self.stack).ok()?;
        u32::try_from(align).ok()?;
        u32::try_from(offset).ok()
    }

    /// The call as a whole.
    pub(crate) fn finish(
        self,
        arguments: Vec<Argument>,
        result: ResultPlace,
        vector_count: Option<u8>,
    ) -> Signature {
        // `push` has checked that both fit.
        let stack_bytes = u32::try_from(self.stack).expect("the stack bytes fit 32 bits");
        let stack_align = u32::try_from(self.stack_align.max(16)).expect("alignments fit 32 bits");
        Signature { arguments, result, stack_bytes, stack_align, vector_count }
    }
}
