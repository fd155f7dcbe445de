//! Where a hostile jump can go: every byte of the gates, and what surrounds the runtime's WRPKRUs.
//!
//! Three kinds of places, because a jump costs milliseconds: bytes `near` a WRPKRU, of which every one
//! matters; the `start` of any other instruction; and the `middle` of one.
//!
//! The list leaves out bytes from which the CPU would come to a far return or far call, which occur
//! when decoding begins in the middle of an instruction. QEMU's emulator (7.2) reads the stack for
//! them with the kernel's rights and a truncated address, so any program can crash the emulated
//! kernel with one; on a real CPU they are ordinary faults.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use iced_x86::{Decoder, DecoderOptions, Instruction, Mnemonic};
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSymbol, SymbolKind};

/// Opcode of WRPKRU (SDM volume 2).
const WRPKRU: [u8; 3] = [0x0f, 0x01, 0xef];
/// How far the code around a WRPKRU reaches that belongs to the same transition.
const BEFORE: usize = 200;
const BEHIND: usize = 500;
/// Bytes around a WRPKRU where the rights are decided: its operands before, the checks behind.
const NEAR: std::ops::Range<isize> = -8..32;
/// Instructions that are followed from a target.
const STEPS: usize = 64;

/// Writes the list beside the program: lines of `NAME ADDRESS KIND`, the address in the file and in
/// hexadecimal. Returns its path.
///
/// # Errors
/// If a file cannot be read or has no code.
pub fn write(program: &Path) -> Result<PathBuf> {
    let directory = program.parent().context("a program lies in a directory")?;
    let gates = directory.join("libcallgates.so");
    let mut text = String::new();
    for (name, path, all) in [("libcallgates.so", gates.as_path(), true), ("main", program, false)]
    {
        let found = targets(&fs_err::read(path)?, all)?;
        ensure!(!found.is_empty(), "{}: nothing to jump to", path.display());
        for (address, kind) in found {
            writeln!(text, "{name} {address:x} {kind}").expect("a string takes everything");
        }
    }
    let list = directory.join("targets");
    fs_err::write(&list, text)?;
    Ok(list)
}

fn targets(bytes: &[u8], all: bool) -> Result<Vec<(u64, &'static str)>> {
    let file = ElfFile64::<object::Endianness>::parse(bytes)?;
    let mut found = Vec::new();
    // Not the linkage tables: what a compartment can reach through them it can call anyway.
    for section in file.sections().filter(|section| section.name() == Ok(".text")) {
        let code = Code { bytes: section.data()?, address: section.address() };
        let (mut offsets, mut near) = (BTreeSet::new(), BTreeSet::new());
        if all {
            offsets.extend(0..code.bytes.len());
        }
        for (at, _) in code.bytes.windows(3).enumerate().filter(|(_, bytes)| **bytes == WRPKRU) {
            offsets.extend(at.saturating_sub(BEFORE)..(at + BEHIND).min(code.bytes.len()));
            near.extend(NEAR.filter_map(|distance| at.checked_add_signed(distance)));
        }
        let starts = starts(&file, &code);
        for offset in offsets.into_iter().filter(|&offset| !code.reaches_far_transfer(offset)) {
            let kind = match offset {
                _ if near.contains(&offset) => "near",
                _ if starts.contains(&offset) => "start",
                _ => "middle",
            };
            found.push((code.address + offset as u64, kind));
        }
    }
    Ok(found)
}

/// Where instructions begin, by the symbols of functions.
fn starts(file: &ElfFile64<'_>, code: &Code<'_>) -> BTreeSet<usize> {
    let mut starts = BTreeSet::new();
    for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
        let Some(start) = symbol.address().checked_sub(code.address) else { continue };
        let end = start.saturating_add(symbol.size()).min(code.bytes.len() as u64);
        let Some(body) = code.bytes.get(start as usize..end as usize) else { continue };
        let mut decoder = Decoder::with_ip(64, body, start, DecoderOptions::NONE);
        starts.extend(decoder.iter().map(|insn| insn.ip() as usize));
    }
    starts
}

/// A section of code.
struct Code<'a> {
    bytes: &'a [u8],
    address: u64,
}

impl Code<'_> {
    /// Follows all paths from here.
    fn reaches_far_transfer(&self, offset: usize) -> bool {
        let mut seen = BTreeSet::new();
        let mut next = vec![offset];
        while let Some(offset) = next.pop() {
            if seen.len() == STEPS || !seen.insert(offset) {
                continue;
            }
            let Some(rest) = self.bytes.get(offset..) else { continue };
            let mut decoder =
                Decoder::with_ip(64, rest, self.address + offset as u64, DecoderOptions::NONE);
            let insn = decoder.decode();
            if is_far(&insn) {
                return true;
            }
            next.extend(self.successors(&insn, offset));
        }
        false
    }

    fn successors(&self, insn: &Instruction, offset: usize) -> Vec<usize> {
        if insn.is_invalid() {
            return Vec::new();
        }
        let mut next = Vec::new();
        if !matches!(insn.mnemonic(), Mnemonic::Jmp | Mnemonic::Ret | Mnemonic::Ud1 | Mnemonic::Ud2)
        {
            next.push(offset + insn.len());
        }
        // Zero unless it is a near branch.
        let target = insn.near_branch_target().checked_sub(self.address);
        next.extend(target.filter(|&target| target < self.bytes.len() as u64).map(|t| t as usize));
        next
    }
}

fn is_far(insn: &Instruction) -> bool {
    use iced_x86::OpKind::{FarBranch16, FarBranch32};
    let is_return = matches!(
        insn.mnemonic(),
        Mnemonic::Retf | Mnemonic::Iret | Mnemonic::Iretd | Mnemonic::Iretq
    );
    let is_branch = matches!(insn.op0_kind(), FarBranch16 | FarBranch32);
    // `call` and `jmp` through a far pointer in memory: opcode FF, /3 and /5.
    let name = format!("{:?}", insn.code());
    is_return || is_branch || name.starts_with("Call_m16") || name.starts_with("Jmp_m16")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reaches(bytes: &[u8]) -> bool {
        Code { bytes, address: 0x1000 }.reaches_far_transfer(0)
    }

    #[test]
    fn far_returns_are_found_behind_other_instructions_and_jumps() {
        assert!(reaches(&[0xca, 3, 0]));
        assert!(reaches(&[0x90, 0xcb]));
        assert!(reaches(&[0xeb, 1, 0xc3, 0xcf]));
        assert!(reaches(&[0xff, 0x18]));
    }

    #[test]
    fn near_returns_and_traps_end_a_path() {
        assert!(!reaches(&[0xc3, 0xcb]));
        assert!(!reaches(&[0x67, 0x0f, 0xb9, 0x40, 1, 0xcb]));
        assert!(!reaches(&[0x83, 0xca, 3, 0xc3]));
    }
}
