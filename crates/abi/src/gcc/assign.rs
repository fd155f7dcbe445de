//! gcc's assignment of registers and stack slots.

use ctype::{Type, TypeId};

use super::Gcc;
use crate::call::{Call, Style};
use crate::class::Class;
use crate::pieces::{Counters, Registers, ResultRegisters, Slices};
use crate::place::{Argument, ResultPlace, Signature};
use crate::register::X87;
use crate::supported::{align_of, size_of};
use crate::{Reason, Subject, Unsupported};

/// Lays out a call as gcc does.
pub(crate) fn assign(call: &Call<'_>) -> Result<Signature, Unsupported> {
    let gcc = Gcc::new(call.types, call.target);
    let result = gcc.result(call.result);
    let mut counters = Counters::default();
    if matches!(result, ResultPlace::Memory { .. }) {
        counters.general();
    }
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for (index, argument) in call.arguments.iter().enumerate() {
        let place = gcc
            .argument(argument.ty, argument.named, &mut counters)
            .ok_or(Unsupported { subject: Subject::Argument(index), reason: Reason::TooLarge })?;
        arguments.push(place);
    }
    let vector_count = (call.style != Style::Prototyped).then_some(counters.vectors());
    Ok(counters.finish(arguments, result, vector_count))
}

impl Gcc<'_> {
    fn argument(&self, ty: TypeId, named: bool, counters: &mut Counters) -> Option<Argument> {
        let slices = Slices::new(self.types, ty);
        let classes = self.classify(ty).filter(|classes| {
            let x87 = |class| matches!(class, Class::X87 | Class::X87Up | Class::ComplexX87);
            // Wide vectors without a parameter of their own go to the stack (psABI 3.5.7).
            !classes.iter().copied().any(x87) && (named || !self.has_wide_mode(ty))
        });
        let general = count(classes.as_deref(), Class::Integer);
        let vector = count(classes.as_deref(), Class::Sse);
        let pieces = match classes {
            Some(classes) if counters.have(general, vector) => {
                slices.in_registers(&classes, counters)
            }
            _ => {
                let offset = counters.push(slices.size(), self.slot_align(ty))?;
                slices.on_stack(offset)
            }
        };
        Some(Argument { ty, pieces })
    }

    /// Alignment of an argument's stack slot: that of the type without `_Atomic`.
    fn slot_align(&self, ty: TypeId) -> u64 {
        match self.types.get(ty) {
            Type::Atomic(value) => self.slot_align(value.ty),
            _ => align_of(self.types, ty),
        }
    }

    fn result(&self, ty: TypeId) -> ResultPlace {
        if matches!(self.types.get(ty), Type::Void) {
            return ResultPlace::None;
        }
        let slices = Slices::new(self.types, ty);
        let size = size_of(self.types, ty);
        let Some(classes) = self.classify(ty) else {
            return slices.in_memory(align_of(self.types, ty));
        };
        let pieces = match classes[0] {
            Class::X87 => vec![slices.on_x87(X87::St0, 0)],
            Class::ComplexX87 => {
                vec![slices.on_x87(X87::St0, 0), slices.on_x87(X87::St1, size / 2)]
            }
            _ => slices.in_registers(&classes, &mut ResultRegisters::default()),
        };
        if pieces.is_empty() { ResultPlace::None } else { ResultPlace::Registers(pieces) }
    }
}

fn count(classes: Option<&[Class]>, wanted: Class) -> usize {
    classes.unwrap_or_default().iter().filter(|&&class| class == wanted).count()
}
