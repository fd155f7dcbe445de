//! A random program: types, functions, who calls whom how.

use abi::{Signature, Target, Vectors};
use ctype::{Convention, Float, Int, Length, RecordKind, Type, TypeId, Types};
use gate::{Call, CallIndex, Crossing, FunctionIndex, Scrub, Stub};
use pkru::Pkey;

use crate::config::{Compilers, Config};
use crate::function::{Function, Style};
use crate::random::Random;
use crate::types::{Features, Universe};

/// Number of compartments.
pub const COMPARTMENTS: u8 = 3;
/// The hash of the type of every pointer in these programs.
const TYPE_HASH: u64 = 0x5eed;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Where the random numbers start.
    pub seed: u64,
    /// How many functions.
    pub functions: usize,
    /// Widest vectors that the machine has that will run it.
    pub widest: Vectors,
}

/// A program.
pub struct Program {
    /// Its types.
    pub universe: Universe,
    /// How each compartment is built, from compartment 1 on.
    pub configs: Vec<Config>,
    /// Its functions.
    pub functions: Vec<Function>,
    /// Calls that caller and callee mean alike: function, kind of call, caller.
    pub calls: Vec<(usize, usize, u8)>,
    /// The gates.
    pub gates: gate::Program,
    /// How much the gates clear: everything in half of the programs.
    pub scrub: Scrub,
}

impl Program {
    /// The program of a seed.
    pub fn new(options: Options, compilers: &Compilers) -> Program {
        let mut random = Random::new(options.seed);
        let configs: Vec<Config> =
            (0..COMPARTMENTS).map(|_| Config::random(&mut random, options.widest)).collect();
        let all_clang = configs.iter().all(|config| config.is_clang);
        let features = Features {
            bit_int: all_clang,
            float16: compilers.gcc >= 12 || all_clang,
            // clang calls functions for it that libgcc has from then on.
            bfloat16: compilers.gcc >= 13,
            complex_long_double: configs
                .iter()
                .all(|config| config.is_clang || config.vectors < Vectors::Avx512),
            widest: options.widest.bytes(),
        };
        let scrub = match options.seed % 4 {
            0 => Scrub::None,
            1 => Scrub::Args,
            _ => Scrub::Full,
        };
        let mut program = Program {
            scrub,
            universe: Universe::default(),
            configs,
            functions: Vec::new(),
            calls: Vec::new(),
            gates: gate::Program {
                highest_pkey: key(COMPARTMENTS),
                functions: Vec::new(),
                crossings: Vec::new(),
                stubs: Vec::new(),
            },
        };
        // Some have no place in the ABI; others take theirs.
        for _ in 0..20 * options.functions {
            if program.functions.len() == options.functions {
                break;
            }
            let function =
                Function::random(&mut program.universe, &mut random, features, COMPARTMENTS);
            program.add(function, compilers);
        }
        program
    }

    /// Adds a function if every kind of call of it is possible from somewhere.
    fn add(&mut self, function: Function, compilers: &Compilers) {
        let index = self.functions.len();
        let mut calls = Vec::new();
        let mut callable = Vec::new();
        if self.is_lost(&function, compilers) {
            return;
        }
        for shape in 0..function.shapes.len() {
            if self.va_arg_is_wrong(&function, shape, compilers) {
                return;
            }
            let Some(own) = self.signature(&function, shape, function.owner, compilers) else {
                return;
            };
            for caller in (1..=COMPARTMENTS).filter(|&caller| caller != function.owner) {
                let theirs = self.signature(&function, shape, caller, compilers);
                if theirs.as_ref() == Some(&own) {
                    callable.push((shape, caller));
                }
            }
            let name = match function.style {
                Style::Variadic => format!("s{shape}"),
                _ => String::new(),
            };
            calls.push(Call { shape: name, signature: own });
        }
        let crossing = |&(shape, caller): &(usize, u8)| Crossing {
            caller: key(caller),
            function: FunctionIndex(index),
            call: CallIndex(shape),
        };
        self.gates.crossings.extend(callable.iter().map(crossing));
        let slots = |shape: usize| {
            let target = |call| gate::Target { function: FunctionIndex(index), call };
            let others = callable
                .iter()
                .filter(|(known, _)| *known == shape)
                .map(|&(_, caller)| (key(caller), target(Some(CallIndex(shape)))));
            std::iter::once((key(function.owner), target(None))).chain(others).collect::<Vec<_>>()
        };
        let is_variadic = function.style == Style::Variadic;
        let shapes = (0..function.shapes.len()).filter(|_| is_variadic).map(slots).collect();
        self.gates.stubs.push(Stub {
            symbol: format!("stub_{index}"),
            type_hash: TYPE_HASH,
            is_looked_up: false,
            slots: if is_variadic { Vec::new() } else { slots(0) },
            shapes,
        });
        self.gates.functions.push(gate::Function {
            id: index as u64 + 1,
            name: format!("f{index}"),
            pkey: key(function.owner),
            scope: String::new(),
            calls,
        });
        self.calls.extend(callable.into_iter().map(|(shape, caller)| (index, shape, caller)));
        self.functions.push(function);
    }

    /// Whether clang's `va_arg` gives something else than what was passed, in plain calls as well.
    fn va_arg_is_wrong(
        &mut self,
        function: &Function,
        shape: usize,
        compilers: &Compilers,
    ) -> bool {
        if function.style != Style::Variadic {
            return false;
        }
        // Before version 20, it looks for what follows an `__int128` on the stack in the register
        // that its callers leave empty.
        let is_int128 = |ty| {
            let ty = self.universe.types.get(ty);
            matches!(ty, Type::Int(Int::Int128 | Int::UInt128))
        };
        let is_old = compilers.clang.1 < 20 && self.configs.iter().any(|config| config.is_clang);
        if is_old && function.arguments(shape).any(is_int128) {
            return true;
        }
        let owner = self.configs[usize::from(function.owner) - 1];
        let (types, target) = (&mut self.universe.types, owner.target(compilers));
        if !owner.is_clang {
            return false;
        }
        // It looks for a record that has a vector register of more than 16 bytes to itself where it
        // has saved the low 16 bytes of those.
        let is_record = |types: &Types, ty| matches!(types.get(ty), Type::Record(_));
        if function.shapes[shape]
            .iter()
            .any(|&ty| is_record(types, ty) && has_wide_register(types, ty, target))
        {
            return true;
        }
        // It believes that wide vectors with a parameter take a register, though the caller passes
        // them on the stack: which matters when registers run out.
        const FEW: usize = 6;
        function.arguments(shape).count() > FEW
            && function.parameters.iter().any(|&ty| has_wide_register(types, ty, target))
    }

    /// Whether a compiler loses part of a value, in plain calls as well.
    fn is_lost(&mut self, function: &Function, compilers: &Compilers) -> bool {
        let all = function.shapes.iter().flatten().chain(&function.parameters);
        let mut all = all.chain(&function.result);
        // Of a union of a float and an array of `_Float16`, clang passes the float.
        if self.configs.iter().any(|config| config.is_clang)
            && all.clone().any(|&ty| has_union_of_floats(&self.universe.types, ty))
        {
            return true;
        }
        let mut by_gcc = self.configs.iter().filter(|config| !config.is_clang);
        // Of an array of complex integers the first of which spans two eightbytes, gcc passes only
        // four bytes of the second.
        if by_gcc.clone().next().is_some()
            && all.any(|&ty| spans_eightbytes(&self.universe.types, ty, 0))
        {
            return true;
        }
        // Behind a call whose result is a record in a register of more than 16 bytes, gcc may clear the
        // upper part.
        let types = &mut self.universe.types;
        function.result.is_some_and(|ty| {
            matches!(types.get(ty), Type::Record(_))
                && by_gcc
                    .any(|gcc| gcc.optimized && has_wide_register(types, ty, gcc.target(compilers)))
        })
    }

    fn signature(
        &mut self,
        function: &Function,
        shape: usize,
        compartment: u8,
        compilers: &Compilers,
    ) -> Option<Signature> {
        let target = self.configs[usize::from(compartment) - 1].target(compilers);
        function.signature(&mut self.universe, shape, target)
    }
}

/// Whether a value of this type is passed in a vector register of more than 16 bytes.
fn has_wide_register(types: &mut Types, ty: TypeId, target: Target) -> bool {
    let function = ctype::Function {
        result: types.intern(Type::Void),
        parameters: vec![ty],
        variadic: false,
        prototyped: true,
        convention: Convention::SysV,
    };
    let signature = abi::signature(types, &function, target, &[]);
    signature
        .is_ok_and(|signature| signature.argument_registers().iter().any(|live| live.bytes > 16))
}

/// Whether there is a union in a value of this type that contains both.
fn has_union_of_floats(types: &Types, ty: TypeId) -> bool {
    match types.get(ty) {
        Type::Array(element, _) => has_union_of_floats(types, element.ty),
        Type::Record(record) => {
            let record = types.record(*record);
            let is_union = record.kind == RecordKind::Union;
            let both = [Float::Float, Float::Float16].map(|float| contains(types, ty, float));
            let mut fields = record.definition.iter().flat_map(|record| &record.fields);
            is_union && both == [true; 2]
                || fields.any(|field| has_union_of_floats(types, field.ty.ty))
        }
        _ => false,
    }
}

/// Whether a value of this type contains such a number.
fn contains(types: &Types, ty: TypeId, float: Float) -> bool {
    match types.get(ty) {
        Type::Float(own) => *own == float,
        Type::Array(element, _) => contains(types, element.ty, float),
        Type::Record(record) => {
            let mut fields =
                types.record(*record).definition.iter().flat_map(|record| &record.fields);
            fields.any(|field| contains(types, field.ty.ty, float))
        }
        _ => false,
    }
}

/// Whether there is such an array in a value of this type, which begins at this byte.
fn spans_eightbytes(types: &Types, ty: TypeId, offset: u64) -> bool {
    match types.get(ty) {
        Type::Array(element, Length::Constant(1..)) => match types.get(element.ty) {
            Type::Complex(part) if matches!(types.get(*part), Type::Int(_)) => {
                let size = types.size_of(element.ty).unwrap_or(0);
                size < 8 && offset % 8 + size > 8
            }
            _ => spans_eightbytes(types, element.ty, offset),
        },
        Type::Record(record) => {
            let fields = types.record(*record).definition.iter().flat_map(|record| &record.fields);
            fields
                .filter(|field| field.bit_width.is_none())
                .any(|field| spans_eightbytes(types, field.ty.ty, offset + field.offset_bits / 8))
        }
        _ => false,
    }
}

/// The key of a compartment.
pub fn key(compartment: u8) -> Pkey {
    Pkey::new(compartment).expect("there are 15")
}
