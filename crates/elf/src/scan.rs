//! Search for instructions that change what a thread may reach: PKRU, or the base of `%fs`/`%gs`.
//!
//! An attacker can jump to any byte, so every offset counts, not only where a compiler meant an
//! instruction to start. Encodings: Intel SDM volume 2 (WRPKRU, XRSTOR, XRSTORS, WRFSBASE and
//! WRGSBASE) and section 2.1.1 on prefixes; the two-byte REX2 prefix, which replaces the escape byte
//! `0f`, is from the Intel APX architecture specification.

use std::fmt;

use crate::boundary::Placement;
use crate::file::ElfFile;
use crate::{Address, ElfError};

/// An instruction that changes protection-key rights or a segment base.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Instruction {
    /// Writes PKRU from EAX.
    Wrpkru,
    /// Loads processor state, PKRU included if asked to, from memory.
    Xrstor,
    /// The supervisor's XRSTOR; faults in user mode.
    Xrstors,
    /// Writes the base of `%fs`, which is where thread-local storage is looked for.
    Wrfsbase,
    /// Writes the base of `%gs`.
    Wrgsbase,
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Instruction::Wrpkru => "WRPKRU",
            Instruction::Xrstor => "XRSTOR",
            Instruction::Xrstors => "XRSTORS",
            Instruction::Wrfsbase => "WRFSBASE",
            Instruction::Wrgsbase => "WRGSBASE",
        })
    }
}

/// How an instruction's opcode is escaped.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Encoding {
    /// With the escape byte `0f`. Every CPU executes it.
    Legacy,
    /// With a REX2 prefix. Only CPUs with APX execute it, if the kernel has enabled that.
    Rex2,
}

/// Bytes that the CPU would execute as one of these instructions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Occurrence {
    /// Address of the escape byte, or of the REX2 prefix. Other prefixes may stand before it.
    pub address: Address,
    /// Which instruction.
    pub instruction: Instruction,
    /// In which encoding.
    pub encoding: Encoding,
}

/// An occurrence in a file, and what is known about the place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sighting {
    /// What was found, and where.
    pub occurrence: Occurrence,
    /// The function it is in, if a symbol with a size contains it.
    pub symbol: Option<String>,
    /// Whether that function means it as an instruction.
    pub placement: Placement,
}

impl ElfFile<'_> {
    /// Every occurrence in memory that is executable once the file is loaded, by address.
    ///
    /// # Errors
    /// If the symbol tables are damaged.
    pub fn sensitive_instructions(&self) -> Result<Vec<Sighting>, ElfError> {
        let symbols = self.symbols()?;
        let mut sightings = Vec::new();
        for range in self.code() {
            for occurrence in scan(&range.bytes, range.start) {
                let symbol = symbols.enclosing(occurrence.address);
                let placement = symbol.map_or(Placement::Unknown, |symbol| {
                    Placement::of(&occurrence, symbol.address, &range)
                });
                let symbol = symbol.map(|symbol| symbol.name.clone());
                sightings.push(Sighting { occurrence, symbol, placement });
            }
        }
        Ok(sightings)
    }
}

/// Every occurrence in bytes of which the first is at `start`, by address.
pub fn scan(bytes: &[u8], start: Address) -> Vec<Occurrence> {
    (0..bytes.len())
        .filter_map(|offset| {
            let (instruction, encoding) = at(bytes, offset)?;
            let address = start.checked_add(offset as u64)?;
            Some(Occurrence { address, instruction, encoding })
        })
        .collect()
}

const ESCAPE: u8 = 0x0f;
const REX2: u8 = 0xd5;

/// The instruction whose escape byte or REX2 prefix is at this offset.
fn at(bytes: &[u8], offset: usize) -> Option<(Instruction, Encoding)> {
    let (encoding, opcode) = match bytes[offset..] {
        [ESCAPE, opcode, modrm, ..] => (Encoding::Legacy, [opcode, modrm]),
        // Bit 7 of the payload selects the map of the opcodes escaped by 0f.
        [REX2, payload, opcode, modrm, ..] if payload & 0x80 != 0 => {
            (Encoding::Rex2, [opcode, modrm])
        }
        _ => return None,
    };
    let [opcode, modrm] = opcode;
    let is_memory = modrm >> 6 != 3;
    let instruction = match (opcode, (modrm >> 3) & 7) {
        (0x01, _) if modrm == 0xef => Instruction::Wrpkru,
        // With a register operand these are LFENCE, RDRAND and the like.
        (0xae, 5) if is_memory => Instruction::Xrstor,
        (0xc7, 3) if is_memory => Instruction::Xrstors,
        (0xae, 2) if !is_memory && has_f3_prefix(&bytes[..offset]) => Instruction::Wrfsbase,
        (0xae, 3) if !is_memory && has_f3_prefix(&bytes[..offset]) => Instruction::Wrgsbase,
        _ => return None,
    };
    Some((instruction, encoding))
}

/// Whether the prefixes that end here include F3. They may come in any order, but a REX prefix
/// counts only as the last one; fifteen bytes are the longest instruction there is.
fn has_f3_prefix(before: &[u8]) -> bool {
    const LONGEST: usize = 15;
    const LEGACY: [u8; 11] = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3];
    let is_rex = |byte: &u8| byte & 0xf0 == 0x40;
    before
        .iter()
        .rev()
        .take(LONGEST)
        // A REX prefix in front of other prefixes has no effect, but does not end them either.
        .take_while(|byte| LEGACY.contains(byte) || is_rex(byte))
        .any(|&byte| byte == 0xf3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Legacy, Rex2};
    use Instruction::{Wrfsbase, Wrgsbase, Wrpkru, Xrstor, Xrstors};

    fn check(bytes: &[u8], expected: &[(u64, Instruction, Encoding)]) {
        let found: Vec<_> = scan(bytes, Address(0x1000))
            .iter()
            .map(|found| (found.address.0 - 0x1000, found.instruction, found.encoding))
            .collect();
        assert_eq!(found, expected, "{bytes:02x?}");
    }

    #[test]
    fn wrpkru_is_found_at_every_offset_and_only_whole() {
        check(&[0x0f, 0x01, 0xef], &[(0, Wrpkru, Legacy)]);
        // mov $0xef010f, %eax hides one at its second byte.
        check(&[0xb8, 0x0f, 0x01, 0xef, 0x00], &[(1, Wrpkru, Legacy)]);
        check(
            &[0x0f, 0x0f, 0x01, 0xef, 0x0f, 0x01, 0xef],
            &[(1, Wrpkru, Legacy), (4, Wrpkru, Legacy)],
        );
        check(&[0x0f, 0x01], &[]);
        check(&[0x0f, 0x01, 0xee], &[]); // RDPKRU
    }

    #[test]
    fn xrstor_has_a_memory_operand_of_any_form() {
        for modrm in [0x28, 0x2c, 0x2d, 0x68, 0x6c, 0xa8, 0xaf] {
            check(&[0x0f, 0xae, modrm, 0, 0, 0, 0], &[(0, Xrstor, Legacy)]);
            check(&[0x48, 0x0f, 0xae, modrm, 0, 0], &[(1, Xrstor, Legacy)]);
            check(&[0x66, 0x0f, 0xae, modrm, 0, 0], &[(1, Xrstor, Legacy)]);
        }
        check(&[0x0f, 0xae, 0xe8], &[]); // LFENCE
        check(&[0x0f, 0xae, 0x20], &[]); // XSAVE
        check(&[0x0f, 0xae, 0x08], &[]); // FXRSTOR
        check(&[0x0f, 0xc7, 0x1f], &[(0, Xrstors, Legacy)]);
        check(&[0x0f, 0xc7, 0xdf], &[]);
        check(&[0x0f, 0xc7, 0x27], &[]); // XSAVEC
    }

    #[test]
    fn segment_bases_are_written_with_f3_among_the_prefixes() {
        check(&[0xf3, 0x0f, 0xae, 0xd0], &[(1, Wrfsbase, Legacy)]);
        check(&[0xf3, 0x48, 0x0f, 0xae, 0xdf], &[(2, Wrgsbase, Legacy)]);
        check(&[0xf3, 0x66, 0x2e, 0x4f, 0x0f, 0xae, 0xd7], &[(4, Wrfsbase, Legacy)]);
        check(&[0xf3, 0x48, 0x66, 0x0f, 0xae, 0xd7], &[(3, Wrfsbase, Legacy)]);
        check(&[0x0f, 0xae, 0xd0], &[]); // without F3 there is no such instruction
        check(&[0xf3, 0x90, 0x0f, 0xae, 0xd0], &[]); // the F3 belongs to PAUSE
        check(&[0xf3, 0x0f, 0xae, 0xc0], &[]); // RDFSBASE
        check(&[0xf3, 0x0f, 0xae, 0xe8], &[]); // INCSSP
    }

    #[test]
    fn rex2_forms_are_found_too() {
        // As clang 19 assembles `{rex2} wrpkru` and so on.
        check(&[0xd5, 0x80, 0x01, 0xef], &[(0, Wrpkru, Rex2)]);
        check(&[0xd5, 0x88, 0xae, 0x28], &[(0, Xrstor, Rex2)]);
        check(&[0xd5, 0x80, 0xc7, 0x18], &[(0, Xrstors, Rex2)]);
        check(&[0xf3, 0xd5, 0x98, 0xae, 0xd0], &[(1, Wrfsbase, Rex2)]);
        check(&[0xd5, 0x00, 0x01, 0xef], &[]); // the map without escape: ADD
    }

    #[test]
    fn agrees_with_a_decoder_on_every_operand_byte() {
        for opcode in [[0x0f, 0x01], [0x0f, 0xae], [0x0f, 0xc7]] {
            for prefix in [&[][..], &[0xf3], &[0x48], &[0xf3, 0x48], &[0x67, 0xf3]] {
                for modrm in 0..=255 {
                    let mut bytes = prefix.to_vec();
                    bytes.extend(opcode);
                    bytes.extend([modrm, 0, 0, 0, 0, 0]);
                    let ours = scan(&bytes, Address(0)).first().map(|found| found.instruction);
                    if let Some(theirs) = crate::boundary::decode_one(&bytes) {
                        assert_eq!(ours, Some(theirs), "{bytes:02x?}");
                    }
                }
            }
        }
    }
}
