//! C functions that fill and compare values of each type.
//!
//! Values are random bytes that a seed repeats, so the callee knows what it must get without anybody
//! telling it. Numbers are made finite and truth values 0 or 1: others need not survive a copy.

use std::fmt::Write;

use ctype::{Field, Float, Int, Length, Type, TypeId, Types};

use crate::types::Universe;

/// Their declarations, for every source that uses them.
pub fn declarations(universe: &Universe) -> String {
    let mut out = String::new();
    for (_, name) in universe.named() {
        writeln!(
            out,
            "void fill_{name}({name} *v, u64 seed);\nint same_{name}(const {name} *v, const {name} *w);"
        )
        .expect("a string takes everything");
    }
    out
}

/// Their definitions, for a source of their own.
pub fn definitions(universe: &Universe) -> String {
    let mut out = String::from("#include \"types.h\"\n#include <string.h>\n");
    out.push_str(RANDOM_BYTES);
    for (ty, name) in universe.named() {
        let mut fixes = String::new();
        fix(&universe.types, ty, 0, &mut fixes);
        let mut ranges = String::new();
        for range in abi::value_bytes(&universe.types, ty).iter() {
            write!(
                ranges,
                " && !memcmp(p + {0}, q + {0}, {1})",
                range.start,
                range.end - range.start
            )
            .expect("a string takes everything");
        }
        writeln!(
            out,
            "void fill_{name}({name} *v, u64 seed)\n\
             {{\n    unsigned char *p = (unsigned char *)v;\n    random_bytes(p, sizeof *v, seed);\n{fixes}}}\n\
             int same_{name}(const {name} *v, const {name} *w)\n\
             {{\n    const unsigned char *p = (const unsigned char *)v, *q = (const unsigned char *)w;\n    \
             (void)p, (void)q;\n    return 1{ranges};\n}}"
        )
        .expect("a string takes everything");
    }
    out
}

/// What every source uses: the mixing step of [`crate::random`].
pub const MIX: &str = "\
typedef unsigned long long u64;
static __inline__ u64 mix(u64 x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}
";

const RANDOM_BYTES: &str = "\
static void random_bytes(unsigned char *p, unsigned long size, u64 seed)
{
    for (unsigned long i = 0; i < size; i++)
        p[i] = (unsigned char)(mix(seed + i / 8 * 0x9e3779b97f4a7c15ull) >> i % 8 * 8);
}
";

/// Statements that make the random bytes a value.
fn fix(types: &Types, ty: TypeId, offset: u64, out: &mut String) {
    let mut line = |text: String| writeln!(out, "    {text}").expect("a string takes everything");
    match types.get(ty) {
        Type::Int(Int::Bool) => line(format!("p[{offset}] &= 1;")),
        Type::Float(float) => {
            // Clears the top bit of the exponent.
            let (byte, mask) = match float {
                Float::Float16 => (1, 0xbf),
                Float::BFloat16 => (1, 0xbf),
                Float::Float => (3, 0xbf),
                Float::Double => (7, 0xbf),
                Float::LongDouble => (9, 0xbf),
                Float::Float128 => (15, 0xbf),
            };
            line(format!("p[{}] &= {mask:#x};", offset + byte));
            if *float == Float::LongDouble {
                // The integer bit, and an exponent that is not zero.
                line(format!("p[{}] |= 0x80;", offset + 7));
                line(format!("p[{}] |= 0x10;", offset + 9));
            }
        }
        Type::BitInt { bits, signed } => {
            // Unused bits are copies of the sign, or zero.
            let size = types.size_of(ty).unwrap_or(1);
            let shift = 64 - bits;
            let cast = if *signed { "long long" } else { "u64" };
            line(format!(
                "{{ {cast} w = 0; memcpy(&w, p + {offset}, {size}); \
                 w = ({cast})((u64)w << {shift}) >> {shift}; memcpy(p + {offset}, &w, {size}); }}"
            ));
        }
        Type::Complex(element) | Type::Vector { element, .. } => {
            let size = types.size_of(*element).unwrap_or(1);
            let count = match types.get(ty) {
                Type::Vector { lanes, .. } => u64::from(*lanes),
                _ => 2,
            };
            for index in 0..count {
                fix(types, *element, offset + index * size, out);
            }
        }
        Type::Array(element, Length::Constant(length)) => {
            let size = types.size_of(element.ty).unwrap_or(1);
            let mut one = String::new();
            fix(types, element.ty, offset, &mut one);
            if !one.is_empty() {
                for index in 0..*length {
                    fix(types, element.ty, offset + index * size, out);
                }
            }
        }
        Type::Record(record) => {
            let fields: &[Field] =
                types.record(*record).definition.as_ref().map_or(&[], |record| &record.fields);
            for field in fields.iter().filter(|field| field.bit_width.is_none()) {
                fix(types, field.ty.ty, offset + field.offset_bits / 8, out);
            }
        }
        _ => {}
    }
}
