//! gcc's rules, as measured with gcc 11 and 12.
//!
//! gcc classifies members in the order of declaration, each at its bit offset. Where it departs
//! from the psABI it is mostly because it asks what machine mode a type has.

mod assign;
mod vector_mode;

pub(crate) use assign::assign;

use ctype::{
    Field, Float, Int, Length, RecordDefinition, RecordId, RecordKind, Type, TypeId, Types,
};

use crate::class::Class;
use crate::supported::{definition, size_of};
use crate::{Compiler, Target, Vectors};
use vector_mode::VectorMode;

/// The state all rules look at.
struct Gcc<'a> {
    types: &'a Types,
    compiler: Compiler,
    vectors: Vectors,
}

/// Classes of the eightbytes of a value; `None` if it goes to memory.
type Classes = Option<Vec<Class>>;

impl<'a> Gcc<'a> {
    fn new(types: &'a Types, target: Target) -> Gcc<'a> {
        Gcc { types, compiler: target.compiler, vectors: target.vectors }
    }

    fn is_union(&self, record: RecordId) -> bool {
        self.types.record(record).kind == RecordKind::Union
    }

    /// The classes of a value that is passed or returned as such.
    fn classify(&self, ty: TypeId) -> Classes {
        match self.types.get(ty) {
            Type::Vector { element, lanes } => self.vector(*element, *lanes, ty, 0, true),
            Type::Atomic(value) => self.classify(value.ty),
            _ => self.member(ty, 0),
        }
    }

    /// The classes of a member that starts `bit` bits into its object.
    fn member(&self, ty: TypeId, bit: u64) -> Classes {
        let size = size_of(self.types, ty);
        match self.types.get(ty) {
            Type::Record(record) => {
                let definition = definition(self.types, *record)?;
                let union = self.is_union(*record);
                self.aggregate(size, bit, |words| {
                    if union {
                        self.union(definition, bit, words)
                    } else {
                        self.structure(definition, bit, words)
                    }
                })
            }
            Type::Array(element, _) => self.aggregate(size, bit, |words| {
                // Also for an array without elements, if it does not start an eightbyte.
                let classes = self.member(element.ty, bit)?;
                (0..words.len()).for_each(|word| words[word] = classes[word % classes.len()]);
                Some(())
            }),
            Type::Atomic(value) => self.member(value.ty, bit),
            Type::Vector { element, lanes } => self.vector(*element, *lanes, ty, bit, false),
            Type::Complex(element) => self.complex(*element, bit),
            Type::Float(float) => float_classes(*float, bit),
            Type::Int(Int::Int128 | Int::UInt128) => aligned(bit, 128, &[Class::Integer; 2]),
            Type::BitInt { .. } => match size {
                ..=8 => aligned(bit, 8 * size, &[Class::Integer]),
                16 => Some(vec![Class::Integer; 2]),
                _ => None,
            },
            Type::Int(_) | Type::Pointer(_) | Type::Enum(_) => {
                aligned(bit, 8 * size, &[Class::Integer])
            }
            Type::Void | Type::Function(_) => None,
        }
    }

    /// Classifies the parts of an aggregate by `fill` and cleans up (psABI 3.2.3, post merger).
    fn aggregate(
        &self,
        size: u64,
        bit: u64,
        fill: impl FnOnce(&mut [Class]) -> Option<()>,
    ) -> Classes {
        if size > 64 {
            return None;
        }
        let count = (size + bit % 64 / 8).div_ceil(8);
        if count == 0 {
            return Some(vec![Class::No]);
        }
        let mut words = vec![Class::No; usize::try_from(count).ok()?];
        fill(&mut words)?;
        let one_vector =
            words[0] == Class::Sse && words[1..].iter().all(|&class| class == Class::SseUp);
        if words.len() > 2 && !one_vector {
            return None;
        }
        for index in 0..words.len() {
            let before = index.checked_sub(1).map(|before| words[before]);
            match words[index] {
                Class::Memory => return None,
                Class::SseUp if !matches!(before, Some(Class::Sse | Class::SseUp)) => {
                    words[index] = Class::Sse;
                }
                Class::X87Up if before != Some(Class::X87) => return None,
                _ => {}
            }
        }
        Some(words)
    }

    fn structure(&self, record: &RecordDefinition, bit: u64, words: &mut [Class]) -> Option<()> {
        for field in &record.fields {
            let position = field.offset_bits + bit % 64;
            if let Some(width) = field.bit_width {
                if width > 0 || self.counts_zero_width() {
                    let end = (position + u64::from(width)).div_ceil(64);
                    merge(words, position / 64, &vec![Class::Integer; span(position / 64, end)]);
                }
            } else if !matches!(self.types.get(field.ty.ty), Type::Array(_, Length::Incomplete)) {
                let classes = self.member(field.ty.ty, (field.offset_bits + bit) % 512)?;
                merge(words, position / 64, &classes);
            }
        }
        Some(())
    }

    /// gcc 12 stopped giving an eightbyte to a bit-field of width zero inside it.
    fn counts_zero_width(&self) -> bool {
        matches!(self.compiler, Compiler::Gcc(..12))
    }

    fn union(&self, record: &RecordDefinition, bit: u64, words: &mut [Class]) -> Option<()> {
        for field in &record.fields {
            let classes = self.union_member(field, bit)?;
            merge(words, 0, &classes);
        }
        Some(())
    }

    /// A bit-field of a union is an integer of the smallest size that holds it.
    fn union_member(&self, field: &Field, bit: u64) -> Classes {
        match field.bit_width {
            Some(width) => {
                let bits = u64::from(width).next_power_of_two().max(8);
                aligned(bit, bits, &vec![Class::Integer; span(0, bits.div_ceil(64))])
            }
            None => self.member(field.ty.ty, bit),
        }
    }

    fn vector(
        &self,
        element: TypeId,
        lanes: u32,
        ty: TypeId,
        bit: u64,
        outermost: bool,
    ) -> Classes {
        let size = size_of(self.types, ty);
        let mut up = vec![Class::SseUp; span(0, size / 8)];
        match self.vector_mode(element, lanes, size, outermost) {
            VectorMode::Integer => aligned(bit, 8 * size, &[Class::Integer]),
            VectorMode::Half | VectorMode::LoneInt128 => aligned(bit, 8 * size, &[Class::Sse]),
            VectorMode::Whole => {
                up[0] = Class::Sse;
                aligned(bit, 8 * size, &up)
            }
            VectorMode::Block => None,
        }
    }

    fn complex(&self, element: TypeId, bit: u64) -> Classes {
        let bits = 8 * size_of(self.types, element);
        let (class, lone) = match self.types.get(element) {
            Type::Float(Float::LongDouble) => {
                return aligned(bit, bits, &[Class::ComplexX87; 4]);
            }
            Type::Float(Float::Float128) => return None,
            // The two halves of a small one count as two eightbytes wherever they are inside.
            Type::Float(Float::Double) => (Class::Sse, false),
            Type::Float(_) => (Class::Sse, bit.is_multiple_of(64)),
            _ if bits > 64 => return None,
            _ => (Class::Integer, bit % 64 + 2 * bits <= 64),
        };
        aligned(bit, bits, &vec![class; if lone { 1 } else { 2 }])
    }
}

fn float_classes(float: Float, bit: u64) -> Classes {
    match float {
        Float::LongDouble => aligned(bit, 128, &[Class::X87, Class::X87Up]),
        Float::Float128 => aligned(bit, 128, &[Class::Sse, Class::SseUp]),
        _ => aligned(bit, 8 * float.size(), &[Class::Sse]),
    }
}

/// A member that is not aligned puts the whole object into memory.
fn aligned(bit: u64, alignment_bits: u64, classes: &[Class]) -> Classes {
    bit.is_multiple_of(alignment_bits).then(|| classes.to_vec())
}

/// Merges the classes of a member into those of its object, from eightbyte `first` on.
fn merge(words: &mut [Class], first: u64, classes: &[Class]) {
    let first = usize::try_from(first).unwrap_or(usize::MAX);
    for (word, &class) in words.iter_mut().skip(first).zip(classes) {
        *word = class.merge(*word);
    }
}

/// Number of eightbytes from `start` to `end`.
fn span(start: u64, end: u64) -> usize {
    usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX)
}
