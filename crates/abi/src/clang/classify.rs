//! clang's classes, as its front end finds them.
//!
//! It knows two of them: one for the first eightbyte and one for the rest, so a vector of 32 or 64
//! bytes has the same classes as one of 16.

use ctype::{Float, Int, Length, RecordDefinition, RecordKind, Type, TypeId, Types};

use crate::class::Class;
use crate::supported::{align_of, definition, size_of};

/// What the rules look at.
pub(super) struct Classifier<'a> {
    pub(super) types: &'a Types,
    /// Size in bytes of the widest vector that has a register.
    pub(super) widest: u64,
    /// clang's major version.
    pub(super) major: u16,
}

/// The classes of the first eightbyte and of the rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pair {
    pub(super) low: Class,
    pub(super) high: Class,
}

impl Pair {
    const NONE: Pair = Pair { low: Class::No, high: Class::No };
    const MEMORY: Pair = Pair { low: Class::Memory, high: Class::No };

    fn both(class: Class) -> Pair {
        Pair { low: class, high: class }
    }

    /// The class for a value inside one eightbyte, by the bit it starts at.
    fn at(bit: u64, class: Class) -> Pair {
        if bit < 64 {
            Pair { low: class, high: Class::No }
        } else {
            Pair { low: Class::No, high: class }
        }
    }

    /// The same for a value that may reach into the second eightbyte: `last` is a bit there.
    fn spread(bit: u64, last: u64, class: Class) -> Pair {
        if bit / 64 == last / 64 { Pair::at(bit, class) } else { Pair::both(class) }
    }

    fn merge(self, other: Pair) -> Pair {
        Pair { low: self.low.merge(other.low), high: self.high.merge(other.high) }
    }

    fn is_memory(self) -> bool {
        self.low == Class::Memory || self.high == Class::Memory
    }

    /// The cleanup after merging, for an aggregate of this many bits (psABI 3.2.3).
    fn finish(mut self, bits: u64) -> Pair {
        let x87_alone = self.high == Class::X87Up && self.low != Class::X87;
        let one_vector = self.low == Class::Sse && self.high == Class::SseUp;
        if self.high == Class::Memory || x87_alone || (bits > 128 && !one_vector) {
            self.low = Class::Memory;
        }
        if self.high == Class::SseUp && self.low != Class::Sse {
            self.high = Class::Sse;
        }
        self
    }
}

/// Whether an argument has a parameter of its own; only then may wide vectors use registers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    Named,
    Unnamed,
}

impl Classifier<'_> {
    /// The classes of a value that starts `bit` bits into the object that is passed.
    pub(super) fn classify(&self, ty: TypeId, bit: u64, naming: Naming) -> Pair {
        match self.types.get(ty) {
            Type::Void => Pair::NONE,
            Type::Int(Int::Int128 | Int::UInt128) => Pair::both(Class::Integer),
            Type::Int(_) | Type::Pointer(_) | Type::Enum(_) => Pair::at(bit, Class::Integer),
            Type::BitInt { bits: ..=64, .. } => Pair::at(bit, Class::Integer),
            Type::BitInt { bits: ..=128, .. } => Pair::both(Class::Integer),
            Type::Float(float) => self.float(*float, bit),
            Type::Complex(element) => self.complex(*element, bit),
            Type::Vector { element, .. } => self.vector(*element, ty, bit, naming),
            Type::Array(element, Length::Constant(length)) => {
                self.array(element.ty, *length, ty, bit, naming)
            }
            Type::Record(record) => match definition(self.types, *record) {
                Some(fields) => self.record(fields, self.types.record(*record).kind, bit, naming),
                None => Pair::MEMORY,
            },
            // Among them `_Atomic`, which the rules forget.
            Type::BitInt { .. } | Type::Atomic(_) | Type::Array(..) | Type::Function(_) => {
                Pair::at(bit, Class::Memory)
            }
        }
    }

    fn float(&self, float: Float, bit: u64) -> Pair {
        match float {
            Float::LongDouble => Pair { low: Class::X87, high: Class::X87Up },
            Float::Float128 if self.major >= 18 => Pair { low: Class::Sse, high: Class::SseUp },
            Float::Float128 => Pair::at(bit, Class::Memory),
            _ => Pair::at(bit, Class::Sse),
        }
    }

    fn complex(&self, element: TypeId, bit: u64) -> Pair {
        let bits = 8 * size_of(self.types, element);
        let class = match self.types.get(element) {
            Type::Float(Float::LongDouble) => return Pair::both(Class::ComplexX87),
            Type::Float(Float::Double) => return Pair::both(Class::Sse),
            Type::Float(Float::Float128) => return Pair::at(bit, Class::Memory),
            Type::Float(_) => Class::Sse,
            _ if bits > 64 => return Pair::at(bit, Class::Memory),
            _ if bits > 32 => return Pair::both(Class::Integer),
            _ => Class::Integer,
        };
        Pair::spread(bit, bit + bits, class)
    }

    fn vector(&self, element: TypeId, ty: TypeId, bit: u64, naming: Naming) -> Pair {
        let size = size_of(self.types, ty);
        let element = self.types.get(element);
        let is_wide = matches!(element, Type::Int(Int::Int128 | Int::UInt128));
        match size {
            1 | 2 | 4 => Pair::spread(bit, bit + 8 * size - 1, Class::Integer),
            8 if *element == Type::Float(Float::Double) => Pair::at(bit, Class::Memory),
            8 => Pair::spread(bit, bit + 63, Class::Sse),
            16 => Pair { low: Class::Sse, high: Class::SseUp },
            _ if naming == Naming::Named && size <= self.widest && !is_wide => {
                Pair { low: Class::Sse, high: Class::SseUp }
            }
            _ => Pair::at(bit, Class::Memory),
        }
    }

    fn array(&self, element: TypeId, length: u64, ty: TypeId, bit: u64, naming: Naming) -> Pair {
        let bits = 8 * size_of(self.types, ty);
        let step = 8 * size_of(self.types, element);
        let misaligned = !bit.is_multiple_of(8 * align_of(self.types, element));
        let too_wide = bits > 128 && (bits != step || bits > 8 * self.widest);
        if bits > 512 || misaligned {
            return Pair::at(bit, Class::Memory);
        }
        if too_wide {
            // clang forgets to say so; a union of it and a vector of 16 bytes goes into a register.
            return Pair::NONE;
        }
        let mut pair = Pair::NONE;
        // Elements without size all classify alike, however many there are.
        let length = if step == 0 { length.min(1) } else { length };
        for index in 0..length {
            pair = pair.merge(self.classify(element, bit + index * step, naming));
            if pair.is_memory() {
                break;
            }
        }
        pair.finish(bits)
    }

    fn record(
        &self,
        record: &RecordDefinition,
        kind: RecordKind,
        bit: u64,
        naming: Naming,
    ) -> Pair {
        let bits = 8 * record.size;
        if bits > 512 || self.has_flexible_array(record) {
            return Pair::at(bit, Class::Memory);
        }
        let mut pair = Pair::NONE;
        for field in &record.fields {
            if field.bit_width.is_some() && field.name.is_none() {
                continue;
            }
            let field_bits = 8 * size_of(self.types, field.ty.ty);
            let fills = kind == RecordKind::Union || field_bits == bits;
            if bits > 128 && (!fills || bits > 8 * self.widest) {
                pair.low = Class::Memory;
                break;
            }
            let position = bit + field.offset_bits;
            let alignment_bits = 8 * align_of(self.types, field.ty.ty);
            let member = match field.bit_width {
                Some(width) => bit_field(position, u64::from(width)),
                None if !position.is_multiple_of(alignment_bits) => {
                    pair.low = Class::Memory;
                    break;
                }
                None => self.classify(field.ty.ty, position, naming),
            };
            pair = pair.merge(member);
            if pair.is_memory() {
                break;
            }
        }
        pair.finish(bits)
    }

    /// Whether the record ends in `T a[]`, directly or in its last member.
    fn has_flexible_array(&self, record: &RecordDefinition) -> bool {
        record.fields.iter().any(|field| match self.types.get(field.ty.ty) {
            Type::Array(_, Length::Incomplete) => true,
            Type::Record(inner) => {
                definition(self.types, *inner).is_some_and(|inner| self.has_flexible_array(inner))
            }
            _ => false,
        })
    }
}

fn bit_field(bit: u64, width: u64) -> Pair {
    Pair::spread(bit, bit + width.saturating_sub(1), Class::Integer)
}
