//! Types and signatures, and how C declares things of them.

use crate::random::Random;

/// A type of a parameter or result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ty {
    Void,
    /// An integer type by its name, as an index into [`INTEGERS`].
    Integer(usize),
    Double,
    /// A small structure, passed by value.
    Pair,
    /// A large structure, passed by value.
    Block,
    /// A pointer to functions of this signature.
    Function(usize),
}

/// Integer types.
pub(crate) const INTEGERS: [&str; 7] =
    ["int", "unsigned", "long", "unsigned long", "short", "unsigned char", "long long"];

/// What functions take and return.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signature {
    pub(crate) result: Ty,
    pub(crate) parameters: Vec<Ty>,
}

/// The signatures of one program. Those that take or return function pointers do so of signatures
/// with lower numbers, so nothing calls itself without end.
#[derive(Clone, Debug)]
pub(crate) struct Types {
    /// Prefix of all names of the program.
    pub(crate) prefix: String,
    pub(crate) signatures: Vec<Signature>,
}

impl Types {
    pub(crate) fn random(prefix: String, random: &mut Random) -> Types {
        let mut types = Types { prefix, signatures: Vec::new() };
        let count = 2 + random.below(2);
        while types.signatures.len() < count {
            let number = types.signatures.len();
            let result = match random.below(12) {
                0 => Ty::Void,
                1 if number > 0 => Ty::Function(random.below(number)),
                _ => value(random),
            };
            let parameters = (0..random.below(6))
                .map(|_| match random.below(5) {
                    0 if number > 0 => Ty::Function(random.below(number)),
                    _ => value(random),
                })
                .collect();
            let signature = Signature { result, parameters };
            if !types.signatures.contains(&signature) {
                types.signatures.push(signature);
            }
        }
        types
    }

    /// A declaration of something: `int *x`, `int (*f)(long)`.
    pub(crate) fn declare(&self, ty: Ty, declarator: &str) -> String {
        let prefix = &self.prefix;
        match ty {
            Ty::Void => format!("void {declarator}"),
            Ty::Integer(index) => format!("{} {declarator}", INTEGERS[index]),
            Ty::Double => format!("double {declarator}"),
            Ty::Pair => format!("struct {prefix}_pair {declarator}"),
            Ty::Block => format!("struct {prefix}_block {declarator}"),
            Ty::Function(signature) => self.function(signature, &format!("(*{declarator})"), None),
        }
        .trim_end()
        .to_owned()
    }

    /// A declaration of a function, with names for its parameters if there are any.
    pub(crate) fn function(
        &self,
        signature: usize,
        declarator: &str,
        names: Option<&[String]>,
    ) -> String {
        let Signature { result, parameters } = &self.signatures[signature];
        let mut list: Vec<String> = parameters
            .iter()
            .enumerate()
            .map(|(index, &ty)| {
                let name = names.and_then(|names| names.get(index)).map_or("", String::as_str);
                self.declare(ty, name)
            })
            .collect();
        if list.is_empty() {
            list.push("void".to_owned());
        }
        self.declare(*result, &format!("{declarator}({})", list.join(", ")))
    }

    /// The name of a type: `int (*)(long)`.
    pub(crate) fn type_name(&self, signature: usize) -> String {
        self.function(signature, "(*)", None)
    }

    /// An expression of a type that depends on the checksum `h`. Not for function pointers.
    pub(crate) fn value(&self, ty: Ty, salt: usize) -> String {
        let prefix = &self.prefix;
        let shift = salt % 13;
        match ty {
            Ty::Void | Ty::Function(_) => unreachable!("no value of its own"),
            Ty::Integer(index) => format!("({})((h >> {shift}) & 0x3f)", INTEGERS[index]),
            Ty::Double => format!("(double)((h >> {shift}) & 0xfff)"),
            Ty::Pair => format!("{prefix}_pair(h + {salt})"),
            Ty::Block => format!("{prefix}_block(h + {salt})"),
        }
    }

    /// A statement that takes a value into the checksum. Function pointers count as null or not.
    pub(crate) fn absorb(&self, ty: Ty, expression: &str) -> String {
        let prefix = &self.prefix;
        match ty {
            Ty::Void => format!("{expression}; h = mix(h, 1);"),
            Ty::Integer(_) => format!("h = mix(h, (unsigned long)({expression}));"),
            Ty::Double => format!("h = mix(h, (unsigned long)({expression}));"),
            Ty::Pair => format!("h = mix(h, {prefix}_of_pair({expression}));"),
            Ty::Block => format!("h = mix(h, {prefix}_of_block({expression}));"),
            Ty::Function(_) => format!("h = mix(h, ({expression}) != 0);"),
        }
    }

    /// What every source of the program has.
    pub(crate) fn common(&self) -> String {
        let p = &self.prefix;
        format!(
            "struct {p}_pair {{ int a; double b; }};\n\
             struct {p}_block {{ long a[5]; }};\n\
             static inline struct {p}_pair {p}_pair(unsigned long h) {{ struct {p}_pair v = {{ (int)(h & 0x3ff), (double)((h >> 10) & 0x3ff) }}; return v; }}\n\
             static inline struct {p}_block {p}_block(unsigned long h) {{ struct {p}_block v = {{ {{ 0 }} }}; for (int i = 0; i < 5; i++) v.a[i] = (long)((h >> i) & 0xff); return v; }}\n\
             static inline unsigned long {p}_of_pair(struct {p}_pair v) {{ return (unsigned long)v.a * 31 + (unsigned long)v.b; }}\n\
             static inline unsigned long {p}_of_block(struct {p}_block v) {{ unsigned long h = 0; for (int i = 0; i < 5; i++) h = h * 7 + (unsigned long)v.a[i]; return h; }}\n"
        )
    }
}

fn value(random: &mut Random) -> Ty {
    match random.below(10) {
        0 => Ty::Double,
        1 => Ty::Pair,
        2 if random.percent(50) => Ty::Block,
        _ => Ty::Integer(random.below(INTEGERS.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarators_nest() {
        let types = Types {
            prefix: "p".to_owned(),
            signatures: vec![
                Signature { result: Ty::Integer(0), parameters: vec![Ty::Pair] },
                Signature {
                    result: Ty::Function(0),
                    parameters: vec![Ty::Function(0), Ty::Double],
                },
            ],
        };
        assert_eq!(types.declare(Ty::Function(0), "f"), "int (*f)(struct p_pair)");
        assert_eq!(
            types.declare(Ty::Function(1), "g"),
            "int (*(*g)(int (*)(struct p_pair), double))(struct p_pair)"
        );
        assert_eq!(types.type_name(0), "int (*)(struct p_pair)");
    }
}
