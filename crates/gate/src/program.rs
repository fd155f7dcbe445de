//! Everything that crosses compartments in a program.

use abi::Signature;
use pkru::Pkey;

/// Index of a function in [`Program::functions`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FunctionIndex(pub usize);

/// Index of a kind of call in [`Function::calls`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallIndex(pub usize);

/// A function that is called across compartments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Function {
    /// What its object registers at start; with [`Function::pkey`] unique in the program.
    pub id: u64,
    /// Name in C, for symbols and messages.
    pub name: String,
    /// Compartment that defines it.
    pub pkey: Pkey,
    /// Tells functions of the same name and compartment apart: empty for external functions, the
    /// source file for static ones. Letters, digits and underscores.
    pub scope: String,
    /// How it is called: one kind for a function with a fixed list of parameters, else one for each
    /// list of arguments that occurs.
    pub calls: Vec<Call>,
}

/// A kind of call of a function.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Call {
    /// Tells it from the function's other kinds of calls; empty for the only one of a function with a
    /// fixed list of parameters. Letters, digits and underscores.
    pub shape: String,
    /// Where arguments and result travel.
    pub signature: Signature,
}

/// A direct gate: this compartment calls that function like this.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Crossing {
    /// Who calls.
    pub caller: Pkey,
    /// What is called; of another compartment.
    pub function: FunctionIndex,
    /// How.
    pub call: CallIndex,
}

/// An address that any compartment may call: what an opaque function pointer points to, or the
/// `__wrap_` symbol of a function for callers that were not compiled with the generated header.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stub {
    /// Its symbol.
    pub symbol: String,
    /// Hash of the pointer type; [`NO_TYPE`] if no opaque pointer may point here.
    pub type_hash: u64,
    /// Whether a pointer may also be the function's own address: it is looked up by name.
    pub is_looked_up: bool,
    /// What the call of each compartment that may call it leads to.
    pub slots: Vec<(Pkey, Target)>,
    /// The same for calls with other lists of arguments, if the type is that of a variadic function
    /// or has no prototype: one entry for each list that occurs in the program with this type, in the
    /// order that callers know.
    pub shapes: Vec<Vec<(Pkey, Target)>>,
}

/// What a slot of a stub leads to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Target {
    /// The function.
    pub function: FunctionIndex,
    /// How it is called; `None` if that is not known, so that only the function's own compartment
    /// can call it.
    pub call: Option<CallIndex>,
}

/// The hash of no type. `type_hash` in `rewrite` never gives it.
pub const NO_TYPE: u64 = 0;

/// Everything that crosses compartments in a program.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    /// The number `INIT_RUNTIME` names.
    pub highest_pkey: Pkey,
    /// All functions, in ascending order of [`Function::id`] and [`Function::pkey`].
    pub functions: Vec<Function>,
    /// Direct gates. Those that stubs need besides are added by [`crate::assembly`].
    pub crossings: Vec<Crossing>,
    /// Entry stubs.
    pub stubs: Vec<Stub>,
}

impl Stub {
    /// All its slots: those of the stub itself, then those of each list of arguments.
    pub(crate) fn all_slots(&self) -> impl Iterator<Item = &[(Pkey, Target)]> {
        std::iter::once(self.slots.as_slice()).chain(self.shapes.iter().map(Vec::as_slice))
    }
}

/// Symbol of the direct gate by which `caller` calls the function. The dot is in no C identifier: it is not
/// the gate of another function.
pub fn gate_symbol(caller: Pkey, function: &Function, call: CallIndex) -> String {
    let name = format!("ia2_{caller}_to_{}", scoped_name(function));
    match function.calls[call.0].shape.as_str() {
        "" => name,
        shape => format!("{name}.with_{shape}"),
    }
}

/// Symbol of the function's entry stub for pointers of its own type.
pub fn stub_symbol(function: &Function) -> String {
    format!("ia2_fn_{}", scoped_name(function))
}

fn scoped_name(Function { pkey, scope, name, .. }: &Function) -> String {
    if scope.is_empty() { format!("{pkey}_{name}") } else { format!("{pkey}_{scope}_{name}") }
}
