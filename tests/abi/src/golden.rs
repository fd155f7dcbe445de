//! A dozen gates whose machine code is kept as text, so that a change of gates shows what it does.

use abi::{Compiler, Target, Vectors};
use ctype::{Convention, Float, Int, RecordKind, Type, TypeId, Types};
use gate::{Call, CallIndex, Crossing, Function, FunctionIndex, Program};

use crate::program::key;
use crate::record::{Attributes, Member, add};

/// The program with those gates: compartment 1 calls functions of 2 that gcc 12 has compiled.
///
/// # Panics
/// If one of its signatures has no gate.
pub fn program() -> Program {
    let mut types = Types::default();
    let functions: Vec<Function> = signatures(&mut types)
        .into_iter()
        .zip(1..)
        .map(|((name, result, parameters), id)| {
            let function = ctype::Function {
                result,
                parameters,
                variadic: false,
                prototyped: true,
                convention: Convention::SysV,
            };
            let target = Target { compiler: Compiler::Gcc(12), vectors: Vectors::Sse };
            let signature = abi::signature(&types, &function, target, &[]).expect("ordinary types");
            let calls = vec![Call { shape: String::new(), signature }];
            Function { id, name: name.to_owned(), pkey: key(2), scope: String::new(), calls }
        })
        .collect();
    let crossings = (0..functions.len()).map(|index| Crossing {
        caller: key(1),
        function: FunctionIndex(index),
        call: CallIndex(0),
    });
    Program { highest_pkey: key(2), crossings: crossings.collect(), functions, stubs: Vec::new() }
}

/// Names, results and parameters.
fn signatures(types: &mut Types) -> Vec<(&'static str, TypeId, Vec<TypeId>)> {
    let void = types.intern(Type::Void);
    let int = types.intern(Type::Int(Int::Int));
    let long = types.intern(Type::Int(Int::Long));
    let character = types.intern(Type::Int(Int::SChar));
    let boolean = types.intern(Type::Int(Int::Bool));
    let wide = types.intern(Type::Int(Int::Int128));
    let double = types.intern(Type::Float(Float::Double));
    let extended = types.intern(Type::Float(Float::LongDouble));
    let block = |types: &mut Types, tag: &str, bytes: u64| {
        let words = types.intern(Type::Array(long.into(), ctype::Length::Constant(bytes / 8)));
        record(types, tag, &[("words", words)])
    };
    let mixed = record(types, "mixed", &[("letter", character), ("value", double)]);
    let [small, medium, large] =
        [("small", 64), ("medium", 200), ("large", 600)].map(|(tag, n)| block(types, tag, n));
    vec![
        ("nothing", void, Vec::new()),
        ("two_integers", int, vec![int; 2]),
        ("six_integers", long, vec![long; 6]),
        ("nine_integers", int, vec![int; 9]),
        ("narrow", character, vec![boolean, character]),
        ("wide", wide, vec![wide, long]),
        ("real", double, vec![double, double]),
        ("extended", extended, vec![extended]),
        ("mixed", mixed, vec![mixed]),
        ("small", small, vec![small]),
        ("medium", int, vec![medium]),
        ("large", large, vec![int]),
    ]
}

fn record(types: &mut Types, tag: &str, fields: &[(&str, TypeId)]) -> TypeId {
    let members: Vec<Member> = fields
        .iter()
        .map(|&(name, ty)| Member { name: Some(name.to_owned()), ty, bit_width: None })
        .collect();
    add(types, tag, RecordKind::Struct, &members, Attributes::default())
}
