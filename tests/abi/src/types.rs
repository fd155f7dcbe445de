//! Random C types, as data and as C text.

use std::fmt::Write;

use ctype::{Enum, Float, Int, Length, Name, RecordKind, Scope, Type, TypeId, Types};

use crate::random::Random;
use crate::record::{self, Attributes, Member};

/// The types of a program.
#[derive(Default)]
pub struct Universe {
    /// As data.
    pub types: Types,
    /// As C: typedefs, records and what is asserted of them.
    pub text: String,
    known: Vec<(TypeId, String)>,
    next: usize,
}

/// What a program's compilers have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Features {
    /// Both know `_BitInt`.
    pub bit_int: bool,
    /// Both know `_Float16`.
    pub float16: bool,
    /// Both know `__bf16`.
    pub bfloat16: bool,
    /// All pass `_Complex long double`. gcc 12 with `-O2 -mavx512f` loses a byte of it on the way to
    /// the stack, without any gate.
    pub complex_long_double: bool,
    /// Widest vectors in bytes that a machine that runs the program has.
    pub widest: u64,
}

const INTS: [(Int, &str); 14] = [
    (Int::Bool, "_Bool"),
    (Int::Char, "char"),
    (Int::SChar, "signed char"),
    (Int::UChar, "unsigned char"),
    (Int::Short, "short"),
    (Int::UShort, "unsigned short"),
    (Int::Int, "int"),
    (Int::UInt, "unsigned"),
    (Int::Long, "long"),
    (Int::ULong, "unsigned long"),
    (Int::LongLong, "long long"),
    (Int::ULongLong, "unsigned long long"),
    (Int::Int128, "__int128"),
    (Int::UInt128, "unsigned __int128"),
];
const FLOATS: [(Float, &str); 6] = [
    (Float::Float, "float"),
    (Float::Double, "double"),
    (Float::LongDouble, "long double"),
    (Float::Float128, "__float128"),
    (Float::Float16, "_Float16"),
    (Float::BFloat16, "__bf16"),
];

impl Universe {
    /// The C name of a type that was made here.
    pub fn name(&self, ty: TypeId) -> &str {
        let known = self.known.iter().find(|(known, _)| *known == ty);
        known.map_or("void", |(_, name)| name)
    }

    /// All types that have a name, in the order they were made.
    pub fn named(&self) -> impl Iterator<Item = (TypeId, &str)> {
        self.known.iter().map(|(ty, name)| (*ty, name.as_str()))
    }

    fn fresh(&mut self) -> String {
        self.next += 1;
        format!("T{}", self.next)
    }

    /// Gives a type a name by a typedef; `declarator` has `%` where the name belongs.
    fn define(&mut self, ty: TypeId, declarator: &str) -> TypeId {
        if !self.known.iter().any(|(known, _)| *known == ty) {
            let name = self.fresh();
            let declarator = declarator.replace('%', &name);
            writeln!(self.text, "typedef {declarator};").expect("a string takes everything");
            self.known.push((ty, name));
        }
        ty
    }

    /// A type that is no record.
    pub fn scalar(&mut self, random: &mut Random, features: Features) -> TypeId {
        match random.below(16) {
            0..=5 => self.int(random),
            6..=8 => self.float(random, features),
            9 => {
                let void = self.types.intern(Type::Void);
                let ty = self.types.pointer(void);
                self.define(ty, "void *%")
            }
            10 => {
                let int = *random.pick(&[Int::UInt, Int::Int]);
                let name = self.fresh();
                let first = if int == Int::Int { -1 } else { 0 };
                writeln!(self.text, "typedef enum {{ {name}_a = {first}, {name}_b = 7 }} {name};")
                    .expect("a string takes everything");
                let decl = Enum {
                    name: Name::Typedef(name.clone()),
                    scope: Scope::File,
                    underlying: Some(int),
                };
                let (_, ty) = self.types.add_enum(decl);
                self.known.push((ty, name));
                ty
            }
            11 => {
                let choices = &[FLOATS[0], FLOATS[1], FLOATS[1], FLOATS[2]];
                let usable = if features.complex_long_double { 4 } else { 3 };
                let (float, name) = *random.pick(&choices[..usable]);
                let element = self.types.float(float);
                let ty = self.types.intern(Type::Complex(element));
                self.define(ty, &format!("_Complex {name} %"))
            }
            12 => {
                let (int, name) = *random.pick(&[INTS[2], INTS[4], INTS[6], INTS[8]]);
                let element = self.types.int(int);
                let ty = self.types.intern(Type::Complex(element));
                self.define(ty, &format!("_Complex {name} %"))
            }
            13 if features.bit_int => {
                let bits = 2 + random.below(62) as u32;
                let signed = random.one_in(2);
                let ty = self.types.intern(Type::BitInt { bits, signed });
                let prefix = if signed { "" } else { "unsigned " };
                self.define(ty, &format!("{prefix}_BitInt({bits}) %"))
            }
            _ => self.vector(random, features),
        }
    }

    fn int(&mut self, random: &mut Random) -> TypeId {
        let (int, name) = *random.pick(&INTS);
        let ty = self.types.int(int);
        self.define(ty, &format!("{name} %"))
    }

    fn float(&mut self, random: &mut Random, features: Features) -> TypeId {
        let (float, name) = *random.pick(&FLOATS);
        let exists = match float {
            Float::Float16 => features.float16,
            Float::BFloat16 => features.bfloat16,
            _ => true,
        };
        if !exists {
            return self.float(random, features);
        }
        let ty = self.types.float(float);
        self.define(ty, &format!("{name} %"))
    }

    fn vector(&mut self, random: &mut Random, features: Features) -> TypeId {
        let sizes: Vec<u64> = [8, 16, 16, 32, 64]
            .into_iter()
            .filter(|&size| size <= features.widest.max(16))
            .collect();
        let size = *random.pick(&sizes);
        let (element, width, name) = match random.below(5) {
            0 => (self.types.float(Float::Float), 4, "float"),
            1 if size > 8 => (self.types.float(Float::Double), 8, "double"),
            2 => (self.types.int(Int::SChar), 1, "signed char"),
            3 => (self.types.int(Int::Short), 2, "short"),
            _ => (self.types.int(Int::Int), 4, "int"),
        };
        let lanes = (size / width) as u32;
        let ty = self.types.intern(Type::Vector { element, lanes });
        self.define(ty, &format!("{name} % __attribute__((vector_size({size})))"))
    }

    /// A struct or union.
    pub fn record(&mut self, random: &mut Random, features: Features, depth: u32) -> TypeId {
        let kind = if random.one_in(5) { RecordKind::Union } else { RecordKind::Struct };
        let packed = random.one_in(8);
        let align = random.one_in(10).then(|| *random.pick(&[2, 8, 16, 32, 64]));
        let count = match random.below(12) {
            0..=8 => 1 + random.index(4),
            9 => 1 + random.index(12),
            10 => 0,
            _ => 1,
        };
        let mut members = Vec::new();
        let mut body = String::new();
        for number in 0..count {
            let name = format!("m{number}");
            let (member, text) = if !packed && random.one_in(6) {
                self.bit_field(random, &name)
            } else {
                self.member(random, features, depth, &name)
            };
            members.push(member);
            body.push_str(&text);
        }
        let attributes = Attributes { packed, align };
        let tag = self.fresh();
        let keyword = if kind == RecordKind::Union { "union" } else { "struct" };
        let ty = record::add(&mut self.types, &tag, kind, &members, attributes);
        let mut suffix = String::new();
        if packed {
            suffix.push_str(" __attribute__((packed))");
        }
        if let Some(align) = align {
            write!(suffix, " __attribute__((aligned({align})))")
                .expect("a string takes everything");
        }
        // gcc's _Alignof says 16 of vectors wider than its registers, but lays them out like clang.
        let size = self.types.size_of(ty).unwrap_or(0);
        write!(
            self.text,
            "typedef {keyword} {tag} {{{body} }}{suffix} {tag};\n\
             _Static_assert(sizeof({tag}) == {size}, \"{tag}\");\n"
        )
        .expect("a string takes everything");
        self.known.push((ty, tag));
        ty
    }

    fn bit_field(&mut self, random: &mut Random, name: &str) -> (Member, String) {
        let (int, keyword) = *random.pick(&[INTS[3], INTS[5], INTS[6], INTS[7], INTS[8], INTS[9]]);
        let width = 1 + random.below(8 * int.size()) as u32;
        let ty = self.types.int(int);
        let ty = self.define(ty, &format!("{keyword} %"));
        let text = format!(" {keyword} {name} : {width};");
        (Member { name: Some(name.to_owned()), ty, bit_width: Some(width) }, text)
    }

    fn member(
        &mut self,
        random: &mut Random,
        features: Features,
        depth: u32,
        name: &str,
    ) -> (Member, String) {
        let element = if depth > 0 && random.one_in(4) {
            self.record(random, features, depth - 1)
        } else {
            self.scalar(random, features)
        };
        let element_name = self.name(element).to_owned();
        let (ty, text) = match random.below(16) {
            0..=2 => {
                let length = match random.below(8) {
                    0 => 1 + random.below(40),
                    _ => 1 + random.below(4),
                };
                let array = Type::Array(element.into(), Length::Constant(length));
                (self.types.intern(array), format!(" {element_name} {name}[{length}];"))
            }
            _ => (element, format!(" {element_name} {name};")),
        };
        (Member { name: Some(name.to_owned()), ty, bit_width: None }, text)
    }

    /// A type to be passed or returned.
    pub fn value(&mut self, random: &mut Random, features: Features) -> TypeId {
        // Types used before are used again: what matters is what stands beside them.
        if !self.known.is_empty() && random.one_in(3) {
            return self.known[random.index(self.known.len())].0;
        }
        if random.one_in(3) {
            self.record(random, features, 2)
        } else {
            self.scalar(random, features)
        }
    }

    /// A struct of about so many bytes.
    pub fn large_record(&mut self, random: &mut Random, bytes: u64) -> TypeId {
        let element = if random.one_in(2) {
            let (short, char) = (self.types.int(Int::Short), self.types.int(Int::UChar));
            self.define(short, "short %");
            self.define(char, "unsigned char %");
            let member =
                |name: &str, ty| Member { name: Some(name.to_owned()), ty, bit_width: None };
            let tag = self.fresh();
            let members = [member("a", char), member("b", short)];
            let kind = RecordKind::Struct;
            let ty = record::add(&mut self.types, &tag, kind, &members, Attributes::default());
            writeln!(self.text, "typedef struct {tag} {{ unsigned char a; short b; }} {tag};")
                .expect("a string takes everything");
            self.known.push((ty, tag));
            ty
        } else {
            let int = self.types.int(Int::UChar);
            self.define(int, "unsigned char %")
        };
        let size = self.types.size_of(element).unwrap_or(1);
        let length = bytes.div_ceil(size).max(1);
        let array = self.types.intern(Type::Array(element.into(), Length::Constant(length)));
        let tag = self.fresh();
        let members = [Member { name: Some("a".to_owned()), ty: array, bit_width: None }];
        let kind = RecordKind::Struct;
        let ty = record::add(&mut self.types, &tag, kind, &members, Attributes::default());
        let element = self.name(element).to_owned();
        writeln!(self.text, "typedef struct {tag} {{ {element} a[{length}]; }} {tag};")
            .expect("a string takes everything");
        self.known.push((ty, tag));
        ty
    }
}
