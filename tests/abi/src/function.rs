//! Random functions and the calls made of them.

use abi::{Signature, Target};
use ctype::{Convention, TypeId};

use crate::random::Random;
use crate::types::{Features, Universe};

/// What the declaration says of the parameters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// Everything.
    Prototyped,
    /// There are more: `...`.
    Variadic,
    /// Nothing: `f()`.
    Unprototyped,
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Compartment that defines it.
    pub owner: u8,
    /// Its result.
    pub result: Option<TypeId>,
    /// Its named parameters; of an unprototyped one those of the definition.
    pub parameters: Vec<TypeId>,
    /// What callers see.
    pub style: Style,
    /// Arguments in the place of `...`: one list for each kind of call, a single empty one unless
    /// the function is variadic.
    pub shapes: Vec<Vec<TypeId>>,
}

impl Function {
    /// A random one.
    pub fn random(
        universe: &mut Universe,
        random: &mut Random,
        features: Features,
        compartments: u8,
    ) -> Function {
        let style = match random.below(8) {
            0 => Style::Unprototyped,
            1 | 2 => Style::Variadic,
            _ => Style::Prototyped,
        };
        let count = match random.below(20) {
            0 => 0,
            19 => 40 + random.index(200),
            18 => 16 + random.index(24),
            _ => 1 + random.index(9),
        };
        let mut parameters: Vec<TypeId> =
            (0..count).map(|_| universe.value(random, features)).collect();
        if random.one_in(8) {
            let size = large_size(random);
            let place = random.index(parameters.len() + 1);
            parameters.insert(place, universe.large_record(random, size));
        }
        if style == Style::Variadic && parameters.is_empty() {
            parameters.push(universe.scalar(random, features));
        }
        let result = match random.below(8) {
            0 => None,
            1 => {
                let size = large_size(random);
                Some(universe.large_record(random, size))
            }
            _ => Some(universe.value(random, features)),
        };
        let shapes = match style {
            Style::Variadic => (0..1 + random.index(3))
                .map(|_| {
                    let count = random.index(12);
                    (0..count).map(|_| universe.value(random, features)).collect()
                })
                .collect(),
            _ => vec![Vec::new()],
        };
        let owner = 1 + random.below(compartments.into()) as u8;
        Function { owner, result, parameters, style, shapes }
    }

    /// The arguments of a kind of call.
    pub fn arguments(&self, shape: usize) -> impl Iterator<Item = TypeId> + '_ {
        self.parameters.iter().chain(&self.shapes[shape]).copied()
    }

    /// How the kind of call is made by this compiler; `None` if it cannot be.
    pub fn signature(
        &self,
        universe: &mut Universe,
        shape: usize,
        target: Target,
    ) -> Option<Signature> {
        let void = universe.types.intern(ctype::Type::Void);
        let named = match self.style {
            Style::Unprototyped => Vec::new(),
            _ => self.parameters.clone(),
        };
        let function = ctype::Function {
            result: self.result.unwrap_or(void),
            parameters: named,
            variadic: self.style == Style::Variadic,
            prototyped: self.style != Style::Unprototyped,
            convention: Convention::SysV,
        };
        let extra = match self.style {
            Style::Unprototyped => &self.parameters,
            _ => &self.shapes[shape],
        };
        let signature = abi::signature(&universe.types, &function, target, extra).ok()?;
        gate::check(&signature).ok()?;
        Some(signature)
    }
}

/// A number of bytes that crosses in one chunk or in many.
fn large_size(random: &mut Random) -> u64 {
    let end = if random.one_in(6) { 20_000 } else { 1200 };
    8 + random.below(end)
}
