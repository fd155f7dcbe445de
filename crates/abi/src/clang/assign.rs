//! LLVM's assignment of registers and stack slots.

use ctype::{Type, TypeId};

use super::classify::{Classifier, Naming};
use super::lower::{Kind, Lowered, Needs, Scalar};
use crate::call::{Call, Style};
use crate::pieces::{Counters, Registers, Slices};
use crate::place::{Argument, Piece, Place, ResultPlace, Signature};
use crate::register::{General, Vector, X87};
use crate::supported::align_of;
use crate::{Reason, Subject, Unsupported};

/// Lays out a call as clang of this major version does.
pub(crate) fn assign(call: &Call<'_>, major: u16) -> Result<Signature, Unsupported> {
    let widest = call.target.vectors.bytes();
    let classifier = Classifier { types: call.types, widest, major };
    let mut backend = Backend { classifier, style: call.style, counters: Counters::default() };
    let mut free = Needs { general: General::ARGUMENTS.len(), vector: Vector::ARGUMENTS.into() };
    let result = backend.result(call.result, &mut free);
    let mut arguments = Vec::with_capacity(call.arguments.len());
    for (index, argument) in call.arguments.iter().enumerate() {
        let naming = if argument.named { Naming::Named } else { Naming::Unnamed };
        let lowered = backend.classifier.front_end(argument.ty, naming, &mut free);
        let pieces = backend
            .argument(argument.ty, &lowered)
            .ok_or(Unsupported { subject: Subject::Argument(index), reason: Reason::TooLarge })?;
        arguments.push(Argument { ty: argument.ty, pieces });
    }
    let wide_unprototyped = call.style == Style::Unprototyped && has_wide_piece(&arguments);
    let counts = call.style != Style::Prototyped && !wide_unprototyped;
    let vector_count = counts.then_some(backend.counters.vectors());
    Ok(backend.counters.finish(arguments, result, vector_count))
}

/// clang does not treat an unprototyped call as variadic if it passes wide vectors in registers.
fn has_wide_piece(arguments: &[Argument]) -> bool {
    let mut pieces = arguments.iter().flat_map(|argument| &argument.pieces);
    pieces.any(|piece| matches!(piece.place, Place::Register(_)) && piece.size > 16)
}

impl Classifier<'_> {
    /// What the front end makes of an argument, given the registers it believes free.
    fn front_end(&self, ty: TypeId, naming: Naming, free: &mut Needs) -> Lowered {
        let (lowered, needs) = self.lower_argument(ty, naming);
        if needs.general > free.general || needs.vector > free.vector {
            return self.without_registers(ty);
        }
        free.general -= needs.general;
        free.vector -= needs.vector;
        lowered
    }
}

struct Backend<'a> {
    classifier: Classifier<'a>,
    style: Style,
    counters: Counters,
}

impl Backend<'_> {
    /// Places for an argument; `None` if stack offsets overflow.
    fn argument(&mut self, ty: TypeId, lowered: &Lowered) -> Option<Vec<Piece>> {
        let slices = Slices::new(self.classifier.types, ty);
        match lowered {
            Lowered::Ignored => Some(Vec::new()),
            Lowered::Memory { align } => {
                // A copy takes a slot even if it has no bytes.
                let offset = self.counters.push(slices.size().max(8), *align)?;
                Some(slices.on_stack(offset))
            }
            Lowered::Scalars(scalars) => {
                let mut pieces = Vec::new();
                for &scalar in scalars {
                    self.scalar(&slices, scalar, &mut pieces)?;
                }
                Some(pieces)
            }
        }
    }

    fn scalar(&mut self, slices: &Slices, scalar: Scalar, pieces: &mut Vec<Piece>) -> Option<()> {
        let Scalar { offset, kind } = scalar;
        match kind {
            Kind::Integer => self.integer(slices, offset, pieces)?,
            Kind::Integer128 => self.integer_128(slices, pieces)?,
            Kind::Float => self.vector(slices, offset, Slot::new(8, 8), pieces)?,
            Kind::SmallVector => self.vector(slices, offset, Slot::new(8, 16), pieces)?,
            Kind::Float128 => self.vector(slices, offset, Slot::new(16, 16), pieces)?,
            Kind::Vector(size) => self.vector(slices, offset, Slot::new(size, size), pieces)?,
            Kind::X87 => pieces.push(self.slot(slices, offset, Slot::new(16, 16))?),
            Kind::VectorOfInteger128(size) => {
                pieces.push(self.slot(slices, offset, Slot::new(size, size))?);
            }
        }
        Some(())
    }

    fn integer(&mut self, slices: &Slices, offset: u64, pieces: &mut Vec<Piece>) -> Option<()> {
        let piece = if self.counters.have(1, 0) {
            slices.general(self.counters.general(), offset)
        } else {
            let place = self.counters.push(8, 8)?;
            let piece = slices.piece(Place::Stack(place), offset, 8);
            Piece { extension: slices.extension(), ..piece }
        };
        pieces.push(piece);
        Some(())
    }

    /// An `i128` for which the front end saw no two registers, or `_Atomic`.
    fn integer_128(&mut self, slices: &Slices, pieces: &mut Vec<Piece>) -> Option<()> {
        if self.classifier.major < 18 {
            // LLVM cut it into two integers like any other.
            self.integer(slices, 0, pieces)?;
            return self.integer(slices, 8, pieces);
        }
        if self.counters.have(2, 0) {
            pieces.push(slices.general(self.counters.general(), 0));
            pieces.push(slices.general(self.counters.general(), 8));
            return Some(());
        }
        if self.classifier.major < 20 && self.counters.have(1, 0) {
            // The last register is lost to those that follow.
            self.counters.general();
        }
        pieces.push(self.slot(slices, 0, Slot::new(16, 16))?);
        Some(())
    }

    fn vector(
        &mut self,
        slices: &Slices,
        offset: u64,
        slot: Slot,
        pieces: &mut Vec<Piece>,
    ) -> Option<()> {
        // LLVM keeps wide vectors out of registers in variadic calls, even if they are named.
        let wide = slot.size > 16 && self.style == Style::Variadic;
        let piece = if !wide && self.counters.have(0, 1) {
            slices.vector(self.counters.vector(), offset, slot.size)
        } else {
            self.slot(slices, offset, slot)?
        };
        pieces.push(piece);
        Some(())
    }

    fn slot(&mut self, slices: &Slices, offset: u64, slot: Slot) -> Option<Piece> {
        let place = self.counters.push(slot.size.max(slot.align), slot.align)?;
        Some(slices.piece(Place::Stack(place), offset, slot.size))
    }

    fn result(&mut self, ty: TypeId, free: &mut Needs) -> ResultPlace {
        let types = self.classifier.types;
        if matches!(types.get(ty), Type::Void) {
            return ResultPlace::None;
        }
        let slices = Slices::new(types, ty);
        match self.classifier.lower_result(ty) {
            Lowered::Ignored => ResultPlace::None,
            Lowered::Memory { align } => {
                free.general -= 1;
                self.counters.general();
                slices.in_memory(align)
            }
            Lowered::Scalars(scalars) => match self.result_registers(&slices, &scalars) {
                Some(pieces) => ResultPlace::Registers(pieces),
                None => {
                    // LLVM returns it through memory; the front end does not know.
                    self.counters.general();
                    slices.in_memory(align_of(types, ty))
                }
            },
        }
    }

    /// `None` if the registers do not suffice.
    fn result_registers(&self, slices: &Slices, scalars: &[Scalar]) -> Option<Vec<Piece>> {
        let mut general = [General::Rax, General::Rdx, General::Rcx].into_iter();
        let mut x87 = [X87::St0, X87::St1].into_iter();
        let mut vector = 0..4;
        let mut pieces = Vec::new();
        for &Scalar { offset, kind } in scalars {
            match kind {
                Kind::Integer => pieces.push(slices.general(general.next()?, offset)),
                Kind::Integer128 => {
                    pieces.push(slices.general(general.next()?, offset));
                    pieces.push(slices.general(general.next()?, offset + 8));
                }
                Kind::Float | Kind::SmallVector => {
                    pieces.push(slices.vector(vector.next()?, offset, 8));
                }
                Kind::Float128 => pieces.push(slices.vector(vector.next()?, offset, 16)),
                Kind::Vector(size) => {
                    let width = size.min(self.classifier.widest);
                    for part in 0..size / width {
                        let offset = offset + part * width;
                        pieces.push(slices.vector(vector.next()?, offset, width));
                    }
                }
                Kind::X87 => pieces.push(slices.on_x87(x87.next()?, offset)),
                Kind::VectorOfInteger128(size) => {
                    for part in 0..size / 8 {
                        pieces.push(slices.general(general.next()?, offset + 8 * part));
                    }
                }
            }
        }
        Some(pieces)
    }
}

/// Room on the stack.
#[derive(Clone, Copy)]
struct Slot {
    size: u64,
    align: u64,
}

impl Slot {
    fn new(size: u64, align: u64) -> Slot {
        Slot { size, align }
    }
}
