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

/// Their definitions, for a source of their own: tables, which compile in no time, and two routines.
pub fn definitions(universe: &Universe) -> String {
    let mut out = String::from("#include \"types.h\"\n#include <string.h>\n");
    out.push_str(ROUTINES);
    for (ty, name) in universe.named() {
        let mut fixes = Fixes::default();
        fix(&universe.types, ty, 0, &mut fixes);
        let Fixes { rows, statements } = fixes;
        let mut ranges = String::new();
        for range in abi::value_bytes(&universe.types, ty).iter() {
            write!(ranges, "{{{}, {}}}, ", range.start, range.end - range.start)
                .expect("a string takes everything");
        }
        writeln!(
            out,
            "void fill_{name}({name} *v, u64 seed)\n\
             {{\n    static const struct fix fixes[] = {{{rows}{{0}}}};\n    \
             unsigned char *p = (unsigned char *)v;\n    \
             fill(p, sizeof *v, seed, fixes);\n{statements}}}\n\
             int same_{name}(const {name} *v, const {name} *w)\n\
             {{\n    static const struct range ranges[] = {{{ranges}{{0}}}};\n    \
             return same(v, w, ranges);\n}}"
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

const ROUTINES: &str = "\
struct fix { unsigned offset; unsigned char keep, set; };
struct range { unsigned start, size; };
static void fill(unsigned char *p, unsigned long size, u64 seed, const struct fix *fixes)
{
    for (unsigned long i = 0; i < size; i++)
        p[i] = (unsigned char)(mix(seed + i / 8 * 0x9e3779b97f4a7c15ull) >> i % 8 * 8);
    for (; fixes->keep; fixes++)
        p[fixes->offset] = (unsigned char)((p[fixes->offset] & fixes->keep) | fixes->set);
}
static int same(const void *v, const void *w, const struct range *ranges)
{
    const unsigned char *p = v, *q = w;
    for (; ranges->size; ranges++)
        if (memcmp(p + ranges->start, q + ranges->start, ranges->size))
            return 0;
    return 1;
}
";

/// What makes random bytes a value.
#[derive(Default)]
struct Fixes {
    /// Bytes: where, which bits stay, which are set then.
    rows: String,
    /// All else, as statements.
    statements: String,
}

impl Fixes {
    fn byte(&mut self, offset: u64, keep: u8, set: u8) {
        write!(self.rows, "{{{offset}, {keep:#x}, {set:#x}}}, ")
            .expect("a string takes everything");
    }
}

fn fix(types: &Types, ty: TypeId, offset: u64, out: &mut Fixes) {
    match types.get(ty) {
        Type::Int(Int::Bool) => out.byte(offset, 1, 0),
        Type::Float(float) => {
            // Clears the top bit of the exponent.
            let byte = match float {
                Float::Float16 | Float::BFloat16 => 1,
                Float::Float => 3,
                Float::Double => 7,
                Float::LongDouble => 9,
                Float::Float128 => 15,
            };
            out.byte(offset + byte, 0xbf, 0);
            if *float == Float::LongDouble {
                // The integer bit, and an exponent that is not zero.
                out.byte(offset + 7, 0xff, 0x80);
                out.byte(offset + 9, 0xff, 0x10);
            }
        }
        Type::BitInt { bits, signed } => {
            // Unused bits are copies of the sign, or zero.
            let size = types.size_of(ty).unwrap_or(1);
            let shift = 64 - bits;
            let cast = if *signed { "long long" } else { "u64" };
            writeln!(
                out.statements,
                "    {{ {cast} w = 0; memcpy(&w, p + {offset}, {size}); \
                 w = ({cast})((u64)w << {shift}) >> {shift}; memcpy(p + {offset}, &w, {size}); }}"
            )
            .expect("a string takes everything");
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
            for index in 0..*length {
                fix(types, element.ty, offset + index * size, out);
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
