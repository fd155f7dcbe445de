//! Whether values of a type can be passed at all, and whether the rules for them are known.
//!
//! Classification starts only after this check, so it may take complete, consistent types for
//! granted.

use ctype::{Float, Int, Length, RecordDefinition, RecordId, Type, TypeId, Types};

use crate::{Compiler, Reason, Target};

/// A value larger than this is refused, so that offsets fit 32 bits.
const LARGEST: u64 = i32::MAX as u64;

/// Checks that a value of type `ty` can be passed or returned.
pub(crate) fn check_value(types: &Types, target: Target, ty: TypeId) -> Result<(), Reason> {
    if matches!(types.get(ty), Type::Void | Type::Function(_) | Type::Array(..)) {
        return Err(Reason::NotAValue);
    }
    Checker { types, target }.check(ty)
}

struct Checker<'a> {
    types: &'a Types,
    target: Target,
}

impl Checker<'_> {
    fn check(&self, ty: TypeId) -> Result<(), Reason> {
        match self.types.get(ty) {
            Type::Void | Type::Function(_) => return Err(Reason::NotAValue),
            Type::Int(_) | Type::Pointer(_) => {}
            Type::BitInt { .. } => self.check_bit_int()?,
            Type::Float(float) => self.check_float(*float)?,
            Type::Complex(element) => self.check_complex(*element)?,
            Type::Vector { element, lanes } => self.check_vector(*element, *lanes)?,
            Type::Atomic(value) => self.check_atomic(value.ty)?,
            Type::Array(element, Length::Constant(_)) => self.check(element.ty)?,
            // Accepted as the last member of a record only, which does not come here.
            Type::Array(_, Length::Incomplete) => return Err(Reason::Incomplete),
            Type::Array(_, Length::Variable) => return Err(Reason::VariableLength),
            Type::Record(record) => self.check_record(*record)?,
            Type::Enum(decl) => {
                self.types.enumeration(*decl).underlying.ok_or(Reason::Incomplete)?;
            }
        }
        match self.types.size_of(ty) {
            Some(size) if size <= LARGEST => Ok(()),
            Some(_) => Err(Reason::TooLarge),
            None => Err(Reason::Incomplete),
        }
    }

    fn check_bit_int(&self) -> Result<(), Reason> {
        match self.target.compiler {
            Compiler::Clang(_) | Compiler::Gcc(14..) => Ok(()),
            compiler @ Compiler::Gcc(_) => Err(Reason::NoBitInt(compiler)),
        }
    }

    fn check_float(&self, float: Float) -> Result<(), Reason> {
        let compiler = self.target.compiler;
        let exists = match (float, compiler) {
            (Float::Float16, Compiler::Gcc(major)) => major >= 12,
            (Float::BFloat16, Compiler::Gcc(major)) => major >= 13,
            (Float::Float16 | Float::BFloat16, Compiler::Clang(major)) => major >= 15,
            (Float::Float | Float::Double | Float::LongDouble | Float::Float128, _) => true,
        };
        if exists { Ok(()) } else { Err(Reason::NoSuchFloat(float, compiler)) }
    }

    fn check_complex(&self, element: TypeId) -> Result<(), Reason> {
        match self.types.get(element) {
            Type::Float(float) => self.check_float(*float),
            Type::Int(int) if *int != Int::Bool => Ok(()),
            _ => Err(Reason::Complex),
        }
    }

    fn check_vector(&self, element: TypeId, lanes: u32) -> Result<(), Reason> {
        match self.types.get(element) {
            // An x87 number has 10 bytes in 16; which of them a vector keeps is not written down.
            Type::Float(Float::LongDouble) => return Err(Reason::Vector),
            Type::Float(float) => self.check_float(*float)?,
            // clang packs vectors of `_Bool` to bits.
            Type::Int(int) if *int != Int::Bool => {}
            _ => return Err(Reason::Vector),
        }
        if lanes == 0 { Err(Reason::Vector) } else { Ok(()) }
    }

    fn check_atomic(&self, value: TypeId) -> Result<(), Reason> {
        match self.types.get(value) {
            Type::Int(_)
            | Type::Float(_)
            | Type::Pointer(_)
            | Type::Complex(_)
            | Type::Enum(_)
            | Type::Record(_) => self.check(value)?,
            _ => return Err(Reason::Atomic),
        }
        let size = self.types.size_of(value).ok_or(Reason::Incomplete)?;
        match self.target.compiler {
            Compiler::Gcc(_) if size <= 16 && !size.is_power_of_two() => {
                Err(Reason::AtomicLayout { size })
            }
            Compiler::Gcc(_) | Compiler::Clang(_) => Ok(()),
        }
    }

    fn check_record(&self, record: RecordId) -> Result<(), Reason> {
        let definition = definition(self.types, record).ok_or(Reason::Incomplete)?;
        if !definition.align.is_power_of_two() {
            return Err(Reason::Layout);
        }
        let size_bits = definition.size.checked_mul(8).ok_or(Reason::TooLarge)?;
        let last = definition.fields.len().saturating_sub(1);
        for (index, field) in definition.fields.iter().enumerate() {
            let flexible = match self.types.get(field.ty.ty) {
                Type::Array(element, Length::Incomplete) if index == last => Some(element.ty),
                _ => None,
            };
            let bits = match (flexible, field.bit_width) {
                (Some(element), _) => {
                    self.check(element)?;
                    0
                }
                // Nothing is there, so it does not matter where.
                (None, Some(0)) => continue,
                (None, Some(width)) => {
                    self.check(field.ty.ty)?;
                    u64::from(width)
                }
                (None, None) => {
                    self.check(field.ty.ty)?;
                    8 * self.types.size_of(field.ty.ty).ok_or(Reason::Incomplete)?
                }
            };
            let inside = field.offset_bits.checked_add(bits).is_some_and(|end| end <= size_bits);
            let aligned = field.bit_width.is_some() || field.offset_bits.is_multiple_of(8);
            if !inside || !aligned {
                return Err(Reason::Layout);
            }
        }
        Ok(())
    }
}

/// The members of a record, if it is complete.
pub(crate) fn definition(types: &Types, record: RecordId) -> Option<&RecordDefinition> {
    types.record(record).definition.as_ref()
}

/// Size of a type that has passed [`check_value`], or of a part of one; an array `T a[]` at the end
/// of a struct takes no room.
pub(crate) fn size_of(types: &Types, ty: TypeId) -> u64 {
    types.size_of(ty).unwrap_or(0)
}

/// Alignment of a type that has passed [`check_value`], or of a part of one.
pub(crate) fn align_of(types: &Types, ty: TypeId) -> u64 {
    types.align_of(ty).unwrap_or(1)
}
