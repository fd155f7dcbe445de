//! From a function type to the call that compilers lay out.

use ctype::{Convention, Function, Type, TypeId, Types};

use crate::promote::is_promoted;
use crate::supported::check_value;
use crate::{Compiler, Reason, Signature, Subject, Target, Unsupported, clang, gcc};

/// A call whose types have been checked.
pub(crate) struct Call<'a> {
    pub(crate) types: &'a Types,
    pub(crate) target: Target,
    pub(crate) result: TypeId,
    pub(crate) arguments: Vec<CallArgument>,
    pub(crate) style: Style,
}

/// An argument of a call.
#[derive(Clone, Copy)]
pub(crate) struct CallArgument {
    /// Its type as passed.
    pub(crate) ty: TypeId,
    /// Whether it is not one of those that `...` stands for.
    pub(crate) named: bool,
}

/// What the function type says of its parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Everything.
    Prototyped,
    /// There may be more: `...`.
    Variadic,
    /// Nothing: `f()` before C23.
    Unprototyped,
}

/// Lays out a call of `function`, compiled for `target`.
///
/// `extra` are the types of the arguments that have no parameter: those in the place of `...`, or
/// all arguments if the function has no prototype. They must be as [`crate::promote`] leaves them.
/// The parameters of a function *defined* without prototype (`int f(c) char c; {…}`) arrive
/// promoted too, so such a definition is the call of an unprototyped function with its promoted
/// parameters.
///
/// # Errors
/// [`Unsupported`] if any part of the call has no known place; then there must be no gate for it.
pub fn signature(
    types: &Types,
    function: &Function,
    target: Target,
    extra: &[TypeId],
) -> Result<Signature, Unsupported> {
    let call = check(types, function, target, extra)?;
    match target.compiler {
        Compiler::Gcc(_) => gcc::assign(&call),
        Compiler::Clang(major) => clang::assign(&call, major),
    }
}

fn check<'a>(
    types: &'a Types,
    function: &Function,
    target: Target,
    extra: &[TypeId],
) -> Result<Call<'a>, Unsupported> {
    let refuse = |reason| Unsupported { subject: Subject::Function, reason };
    if function.convention != Convention::SysV {
        return Err(refuse(Reason::Convention));
    }
    if !target.compiler.is_known() {
        return Err(refuse(Reason::UnknownCompiler(target.compiler)));
    }
    let style = match function {
        Function { prototyped: false, .. } => Style::Unprototyped,
        Function { variadic: true, .. } => Style::Variadic,
        _ => Style::Prototyped,
    };
    if style == Style::Prototyped && !extra.is_empty() {
        let declared = function.parameters.len();
        let given = declared + extra.len();
        return Err(refuse(Reason::TooManyArguments { declared, given }));
    }
    if !matches!(types.get(function.result), Type::Void) {
        check_value(types, target, function.result)
            .map_err(|reason| Unsupported { subject: Subject::Result, reason })?;
    }
    let parameters = function.parameters.iter().map(|&ty| CallArgument { ty, named: true });
    let extra = extra.iter().map(|&ty| CallArgument { ty, named: false });
    let mut arguments = Vec::new();
    for (index, CallArgument { ty, named }) in parameters.chain(extra).enumerate() {
        check_argument(types, target, ty, named)
            .map_err(|reason| Unsupported { subject: Subject::Argument(index), reason })?;
        // Without a prototype all arguments count as named.
        let named = named || style == Style::Unprototyped;
        arguments.push(CallArgument { ty: passed_type(types, ty), named });
    }
    Ok(Call { types, target, result: function.result, arguments, style })
}

fn check_argument(types: &Types, target: Target, ty: TypeId, named: bool) -> Result<(), Reason> {
    check_value(types, target, ty)?;
    if named || is_promoted(types, ty) { Ok(()) } else { Err(Reason::NotPromoted) }
}

/// A `transparent_union` is passed as its first member (GCC manual, "Common Type Attributes").
fn passed_type(types: &Types, ty: TypeId) -> TypeId {
    let Type::Record(record) = types.get(ty) else { return ty };
    match &types.record(*record).definition {
        Some(definition) if definition.transparent_union => {
            definition.fields.first().map_or(ty, |first| first.ty.ty)
        }
        _ => ty,
    }
}
