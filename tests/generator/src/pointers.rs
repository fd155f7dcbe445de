//! Expressions whose value is a function pointer, and calls through them.

use crate::functions::Function;
use crate::histogram::Histogram;
use crate::random::Random;
use crate::types::{Ty, Types};

/// What an expression may use.
pub(crate) struct Scope<'a> {
    pub(crate) types: &'a Types,
    pub(crate) functions: &'a [Function],
    pub(crate) compartment: u8,
    /// Pointers that can be named here, by signature: variables, members, elements.
    pub(crate) lvalues: Vec<(usize, String)>,
    /// Declarations of variables that expressions assign to, called `a0`, `a1` and so on.
    pub(crate) assigned: Vec<String>,
    /// Constructs that are not to be used.
    pub(crate) avoided: &'a [String],
    pub(crate) random: &'a mut Random,
    pub(crate) histogram: &'a mut Histogram,
}

/// What [`Scope::pointer`] may make. The first four end the expression.
const POINTERS: [&str; 20] = [
    "function elsewhere",
    "variable",
    "address of function",
    "alias macro",
    "conditional",
    "comma",
    "star of function",
    "getter",
    "cast to own type",
    "cast to another type",
    "through void pointer",
    "compound literal",
    "compound array",
    "statement expression",
    "identity macro",
    "elvis",
    "assignment as value",
    "passed through a call",
    "pasted name",
    "parentheses",
];

impl Scope<'_> {
    /// The index of one of these constructs that is not avoided.
    pub(crate) fn choice(&mut self, constructs: &[&str]) -> usize {
        loop {
            let choice = self.random.below(constructs.len());
            if !self.avoided.iter().any(|avoided| avoided == constructs[choice]) {
                return choice;
            }
        }
    }

    /// A function of this signature that the compartment can name.
    pub(crate) fn function(&mut self, signature: usize) -> Function {
        let own = self.compartment;
        let all: Vec<&Function> = self
            .functions
            .iter()
            .filter(|f| f.signature == signature && (!f.is_static || f.compartment == own))
            .collect();
        (*self.random.pick(&all)).clone()
    }

    /// The name of a function of this signature that every compartment can name.
    pub(crate) fn exported(&mut self, signature: usize) -> String {
        let all: Vec<&Function> =
            self.functions.iter().filter(|f| f.signature == signature && !f.is_static).collect();
        self.random.pick(&all).name.clone()
    }

    /// The name of a function of this signature.
    pub(crate) fn name(&mut self, signature: usize) -> String {
        let function = self.function(signature);
        self.histogram.count(
            match (function.is_static, function.compartment == self.compartment) {
                (true, _) => "static function",
                (false, true) => "own function",
                (false, false) => "function elsewhere",
            },
        );
        function.name
    }

    /// An expression of function-pointer type. It may stand as an operand of anything.
    pub(crate) fn pointer(&mut self, signature: usize, depth: usize) -> String {
        let types = self.types;
        let p = &types.prefix;
        let named: Vec<String> =
            self.lvalues.iter().filter(|(s, _)| *s == signature).map(|(_, n)| n.clone()).collect();
        let inner = |scope: &mut Self| scope.pointer(signature, depth.saturating_sub(1));
        let limit = if depth == 0 { 4 } else { POINTERS.len() };
        match self.choice(&POINTERS[..limit]) {
            0 => self.name(signature),
            1 if !named.is_empty() => {
                self.histogram.count("variable");
                self.random.pick(&named).clone()
            }
            1 | 2 => {
                self.histogram.count("address of function");
                format!("(&{})", self.name(signature))
            }
            3 => {
                self.histogram.count("alias macro");
                format!("{p}_ALIAS{signature}")
            }
            4 => {
                self.histogram.count("conditional");
                let (a, b) = (inner(self), inner(self));
                format!("(h & {} ? {a} : {b})", 1 << self.random.below(5))
            }
            5 => {
                self.histogram.count("comma");
                format!("((void)h, {})", inner(self))
            }
            6 => {
                self.histogram.count("star of function");
                format!("(*{})", self.name(signature))
            }
            7 => {
                self.histogram.count("getter");
                format!("{p}_get{signature}(h)")
            }
            8 => {
                self.histogram.count("cast to own type");
                format!("(({}){})", types.type_name(signature), inner(self))
            }
            9 => {
                self.histogram.count("cast to another type");
                let pointer = inner(self);
                format!("(({})(void (*)(void)){pointer})", types.type_name(signature))
            }
            10 => {
                self.histogram.count("through void pointer");
                let pointer = inner(self);
                format!("(({})(void *){pointer})", types.type_name(signature))
            }
            11 => {
                self.histogram.count("compound literal");
                let pointer = inner(self);
                format!("((struct {p}_ops{signature}){{ .first = {pointer}, .n = 1 }}).first")
            }
            12 => {
                self.histogram.count("compound array");
                let (a, b) = (inner(self), inner(self));
                let name = types.function(signature, "(*[])", None);
                format!("(({name}){{ {a}, {b} }})[h & 1]")
            }
            13 => {
                self.histogram.count("statement expression");
                let declared = types.declare(Ty::Function(signature), "inside");
                let pointer = inner(self);
                format!("({{ {declared} = {pointer}; inside; }})")
            }
            14 => {
                self.histogram.count("identity macro");
                format!("{p}_SAME({})", inner(self))
            }
            15 => {
                self.histogram.count("elvis");
                let (a, b) = (inner(self), inner(self));
                format!("({a} ?: {b})")
            }
            16 => {
                self.histogram.count("assignment as value");
                let pointer = inner(self);
                let target = format!("a{}", self.assigned.len());
                self.assigned.push(types.declare(Ty::Function(signature), &target));
                format!("({target} = {pointer})")
            }
            18 => {
                self.histogram.count("pasted name");
                let name = self.exported(signature);
                let (_, compartment) = name.rsplit_once('_').expect("it ends in its compartment");
                format!("{p}_PASTE{signature}({compartment})")
            }
            17 => {
                self.histogram.count("passed through a call");
                format!("{p}_pass{signature}({})", inner(self))
            }
            _ => {
                self.histogram.count("parentheses");
                format!("({})", inner(self))
            }
        }
    }

    /// A condition made of function pointers.
    pub(crate) fn condition(&mut self, signature: usize, depth: usize) -> String {
        let pointer = self.pointer(signature, depth);
        match self.random.below(10) {
            0 => {
                self.histogram.count("truth test");
                pointer
            }
            1 => {
                self.histogram.count("negation");
                format!("!{pointer}")
            }
            2 => {
                self.histogram.count("compared with NULL");
                format!("{pointer} != NULL")
            }
            3 => {
                self.histogram.count("compared with 0");
                format!("0 == {pointer}")
            }
            4 => {
                self.histogram.count("compared with function");
                let name = self.name(signature);
                format!("{pointer} == {name}")
            }
            5 => {
                self.histogram.count("compared with pointer");
                let other = self.pointer(signature, 0);
                format!("{pointer} != {other}")
            }
            6 => {
                self.histogram.count("and");
                format!("{pointer} && (h & 1)")
            }
            7 => {
                self.histogram.count("or");
                format!("(h & 2) || {pointer}")
            }
            8 => {
                self.histogram.count("cast to _Bool");
                format!("(_Bool){pointer}")
            }
            _ => {
                self.histogram.count("double negation");
                format!("!!{pointer}")
            }
        }
    }

    /// A call of a pointer with this signature.
    pub(crate) fn call(&mut self, signature: usize, depth: usize) -> String {
        let pointer = self.pointer(signature, depth);
        let arguments = self.arguments(signature, depth);
        let p = &self.types.prefix;
        match self.random.below(6) {
            0 => {
                self.histogram.count("call through star");
                format!("(*{pointer})({arguments})")
            }
            1 => {
                self.histogram.count("call through two stars");
                format!("(**{pointer})({arguments})")
            }
            2 => {
                self.histogram.count("call macro");
                let list =
                    if arguments.is_empty() { String::new() } else { format!(", {arguments}") };
                format!("{p}_CALL({pointer}{list})")
            }
            _ => {
                self.histogram.count("call");
                format!("{pointer}({arguments})")
            }
        }
    }

    /// Arguments for a signature.
    pub(crate) fn arguments(&mut self, signature: usize, depth: usize) -> String {
        let types = self.types;
        let parameters = types.signatures[signature].parameters.clone();
        let list: Vec<String> = parameters
            .into_iter()
            .map(|ty| match ty {
                Ty::Function(_) if self.random.percent(15) => {
                    self.histogram.count("null argument");
                    (*self.random.pick(&["0", "NULL", "(void *)0"])).to_owned()
                }
                Ty::Function(pointed) => {
                    self.histogram.count("callback argument");
                    self.pointer(pointed, depth.min(1))
                }
                ty => {
                    let salt = self.random.below(64);
                    types.value(ty, salt)
                }
            })
            .collect();
        list.join(", ")
    }
}
