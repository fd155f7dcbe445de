//! The functions of a program, and what of them each compartment can name.

use crate::random::Random;
use crate::types::{Ty, Types};

/// Compartments of every pack.
pub(crate) const COMPARTMENTS: [u8; 3] = [1, 2, 3];

/// A function.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) signature: usize,
    pub(crate) compartment: u8,
    pub(crate) is_static: bool,
}

/// The functions that are there to be pointed to.
pub(crate) fn random(types: &Types, random: &mut Random) -> Vec<Function> {
    let mut functions = Vec::new();
    for signature in 0..types.signatures.len() {
        for compartment in COMPARTMENTS {
            let prefix = &types.prefix;
            // At least one that all can name.
            let is_needed = usize::from(compartment) == 1 + signature % COMPARTMENTS.len();
            if is_needed || random.percent(50) {
                let name = format!("{prefix}_f{signature}_{compartment}");
                functions.push(Function { name, signature, compartment, is_static: false });
            }
            if random.percent(40) {
                let name = format!("{prefix}_s{signature}_{compartment}");
                functions.push(Function { name, signature, compartment, is_static: true });
            }
        }
    }
    functions
}

impl Function {
    /// The declaration, without a semicolon.
    pub(crate) fn declaration(&self, types: &Types, names: Option<&[String]>) -> String {
        let storage = if self.is_static { "static " } else { "" };
        format!("{storage}{}", types.function(self.signature, &self.name, names))
    }

    /// The definition: takes its arguments into a checksum, calls function pointers among them, and
    /// makes its result of it.
    pub(crate) fn definition(&self, types: &Types, salt: usize, result: Option<&str>) -> String {
        let signature = &types.signatures[self.signature];
        let names: Vec<String> = (0..signature.parameters.len()).map(|i| format!("p{i}")).collect();
        let mut body = format!("    unsigned long h = {salt};\n");
        for (name, &ty) in names.iter().zip(&signature.parameters) {
            if let Ty::Function(pointed) = ty {
                let call = call_with_values(types, pointed, name, salt);
                let absorbed = types.absorb(types.signatures[pointed].result, &call);
                body.push_str(&format!("    if ({name}) {{ {absorbed} }}\n"));
            } else {
                body.push_str(&format!("    {}\n", types.absorb(ty, name)));
            }
        }
        match (signature.result, result) {
            (Ty::Void, _) => body.push_str(&format!("    {}_effect(h);\n", types.prefix)),
            (Ty::Function(_), Some(result)) => body.push_str(&format!("    return {result};\n")),
            (Ty::Function(_), None) => body.push_str("    return 0;\n"),
            (ty, _) => body.push_str(&format!("    return {};\n", types.value(ty, salt))),
        }
        format!("{} {{\n{body}}}\n", self.declaration(types, Some(&names)))
    }
}

/// A call with arguments that depend on the checksum; function pointers among them are null.
pub(crate) fn call_with_values(
    types: &Types,
    signature: usize,
    callee: &str,
    salt: usize,
) -> String {
    let arguments: Vec<String> = types.signatures[signature]
        .parameters
        .iter()
        .enumerate()
        .map(|(index, &ty)| match ty {
            Ty::Function(_) => "0".to_owned(),
            ty => types.value(ty, salt + index),
        })
        .collect();
    format!("{callee}({})", arguments.join(", "))
}
