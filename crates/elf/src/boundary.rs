//! Is it an instruction, or are they bytes inside another one?

use iced_x86::{Code, Decoder, DecoderOptions, Mnemonic};

use crate::Address;
use crate::code::CodeRange;
use crate::scan::{Instruction, Occurrence, scan};

/// How an occurrence relates to the instructions of its function.
///
/// Found by decoding from the function's start, one instruction after the other, so data between
/// instructions (jump tables of hand-written code) can lead it astray. It is a hint for people who
/// look for the cause, not a reason to let an occurrence pass.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placement {
    /// The function has this very instruction, starting here with its prefixes.
    Instruction(Address),
    /// The bytes are part of another instruction, which starts here: an operand, for example.
    Inside(Address),
    /// No symbol contains the place, or what leads up to it cannot be decoded.
    Unknown,
}

impl Placement {
    /// Decodes from `function` up to the occurrence. Both lie in `code`.
    pub(crate) fn of(found: &Occurrence, function: Address, code: &CodeRange<'_>) -> Placement {
        let bytes = function
            .distance_from(code.start)
            .and_then(|skipped| code.bytes.get(usize::try_from(skipped).ok()?..));
        let Some(bytes) = bytes else { return Placement::Unknown };
        for instruction in &mut Decoder::with_ip(64, bytes, function.0, DecoderOptions::NONE) {
            if instruction.code() == Code::INVALID {
                return Placement::Unknown;
            }
            if found.address.0 < instruction.next_ip() {
                let start = Address(instruction.ip());
                let its_bytes =
                    &bytes[(instruction.ip() - function.0) as usize..][..instruction.len()];
                // The operands of an instruction we look for may hold the bytes of another.
                let is_first = scan(its_bytes, start).first() == Some(found);
                return match sensitive(instruction.mnemonic()) {
                    Some(same) if same == found.instruction && is_first => {
                        Placement::Instruction(start)
                    }
                    _ => Placement::Inside(start),
                };
            }
        }
        Placement::Unknown
    }
}

/// The instruction a mnemonic stands for, if it is one we look for.
fn sensitive(mnemonic: Mnemonic) -> Option<Instruction> {
    match mnemonic {
        Mnemonic::Wrpkru => Some(Instruction::Wrpkru),
        Mnemonic::Xrstor | Mnemonic::Xrstor64 => Some(Instruction::Xrstor),
        Mnemonic::Xrstors | Mnemonic::Xrstors64 => Some(Instruction::Xrstors),
        Mnemonic::Wrfsbase => Some(Instruction::Wrfsbase),
        Mnemonic::Wrgsbase => Some(Instruction::Wrgsbase),
        _ => None,
    }
}

/// What a decoder makes of the first instruction: one we look for, or `None`.
#[cfg(test)]
pub(crate) fn decode_one(bytes: &[u8]) -> Option<Instruction> {
    let instruction = Decoder::new(64, bytes, DecoderOptions::NONE).decode();
    (instruction.code() != Code::INVALID).then(|| sensitive(instruction.mnemonic())).flatten()
}
