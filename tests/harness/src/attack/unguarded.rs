//! Programs without their checks: controls for attacks on gates and runtime.
//!
//! A check is a conditional jump to a trap, an instruction that carries the number of the check
//! (`layout::trap`). Replaced by nothing, the jump leaves a program that works as before for honest
//! code, and shows what an attacker could do if that one check were missing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use iced_x86::{Decoder, DecoderOptions};
use layout::trap::PREFIX;
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};

/// Copies the program and its libraries, without the checks of these numbers. Returns the copy.
///
/// # Errors
/// If a file cannot be read or no check was found, which would make the control worthless.
pub fn copy(program: &Path, codes: &[u8]) -> Result<PathBuf> {
    let from = program.parent().context("a program lies in a directory")?;
    let suffix = codes.iter().map(ToString::to_string).collect::<Vec<_>>().join("-");
    let to = from.with_file_name(format!("without-{suffix}"));
    fs_err::create_dir_all(&to)?;
    let mut removed = 0;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        let mut bytes = fs_err::read(entry.path())?;
        removed +=
            remove_checks(&mut bytes, codes).with_context(|| format!("{:?}", entry.path()))?;
        let target = to.join(entry.file_name());
        fs_err::copy(entry.path(), &target)?;
        fs_err::write(&target, bytes)?;
    }
    ensure!(removed > 0, "{}: no check with code {codes:?}", from.display());
    Ok(to.join(program.file_name().context("a program has a name")?))
}

/// Replaces the jumps to traps with these codes by no-operations. Returns how many.
fn remove_checks(bytes: &mut [u8], codes: &[u8]) -> Result<usize> {
    const NOP: u8 = 0x90;
    let mut jumps = Vec::new();
    let file = ElfFile64::<object::Endianness>::parse(&*bytes)?;
    for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
        let (code, address) = (section.data()?, section.address());
        let (offset, _) = section.file_range().context("code is in the file")?;
        let traps = traps(code, address, codes);
        for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
            let Some(start) = symbol.address().checked_sub(address) else { continue };
            let end = start.saturating_add(symbol.size()).min(code.len() as u64);
            if start >= end {
                continue;
            }
            let body = &code[start as usize..end as usize];
            let mut decoder = Decoder::with_ip(64, body, symbol.address(), DecoderOptions::NONE);
            for insn in decoder.iter() {
                let here = (insn.ip() - address) as usize;
                let bytes = &code[here..here + insn.len()];
                if is_conditional_jump(bytes) && traps.contains(&insn.near_branch_target()) {
                    jumps.push((offset as usize + here, bytes.len()));
                }
            }
        }
    }
    // A function may have two names.
    jumps.sort_unstable();
    jumps.dedup();
    for &(offset, length) in &jumps {
        bytes[offset..offset + length].fill(NOP);
    }
    Ok(jumps.len())
}

/// Jcc with a short or a near offset (SDM volume 2).
fn is_conditional_jump(bytes: &[u8]) -> bool {
    matches!(bytes, [0x70..=0x7f, _] | [0x0f, 0x80..=0x8f, ..])
}

/// Addresses of the traps with these codes.
fn traps(code: &[u8], address: u64, codes: &[u8]) -> BTreeSet<u64> {
    let length = PREFIX.len() + 1;
    let is_trap =
        |window: &[u8]| window.starts_with(&PREFIX) && codes.contains(&window[length - 1]);
    let windows = (0u64..).zip(code.windows(length));
    windows.filter(|(_, window)| is_trap(window)).map(|(offset, _)| address + offset).collect()
}
