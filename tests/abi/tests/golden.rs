//! The machine code of a dozen gates, compared with `tests/abi/golden`. `UPDATE_EXPECT=1` makes what
//! is there now the expected code.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use abi_pairs::golden;
use anyhow::{Context, Result, ensure};
use gate::Scrub;
use iced_x86::{Decoder, DecoderOptions, Formatter, GasFormatter, Instruction};
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget};

#[test]
fn a_dozen_gates() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let program = golden::program();
    let text = format!("{}\n{}", gate::scrub_level(Scrub::Full), gate::assembly(&program));
    fs_err::write(directory.path().join("gates.s"), &text)?;
    let mut assemble = Command::new("gcc");
    assemble.args(["-c", "gates.s", "-o", "gates.o"]).current_dir(directory.path());
    ensure!(assemble.status()?.success(), "the gates do not assemble");
    let bytes = fs_err::read(directory.path().join("gates.o"))?;
    let found = disassembled(&bytes, &text)?;
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs_err::create_dir_all(&place)?;
        for (name, text) in &found {
            fs_err::write(place.join(format!("{name}.txt")), text)?;
        }
    }
    let mut names: Vec<String> = Vec::new();
    for entry in fs_err::read_dir(&place)? {
        names.push(entry?.path().file_stem().context("a name")?.to_string_lossy().into_owned());
    }
    names.sort();
    assert_eq!(names, found.keys().cloned().collect::<Vec<_>>(), "the files in {place:?}");
    for (name, text) in &found {
        let expected = fs_err::read_to_string(place.join(format!("{name}.txt")))?;
        assert_eq!(&expected, text, "{name}: UPDATE_EXPECT=1 makes this the expected code");
    }
    Ok(())
}

/// The text of each global function of an object file; the assembly has a comment in front of each.
fn disassembled(object: &[u8], assembly: &str) -> Result<BTreeMap<String, String>> {
    let file = ElfFile64::<object::Endianness>::parse(object)?;
    let section = file.section_by_name(".text").context("no code")?;
    let (code, relocations) = (section.data()?, relocations(&file, &section)?);
    let mut found = BTreeMap::new();
    let functions = file.symbols().filter(|symbol| symbol.is_global() && symbol.size() > 0);
    for symbol in functions.filter(|symbol| symbol.section_index() == Some(section.index())) {
        let name = symbol.name()?;
        let range = symbol.address()..symbol.address() + symbol.size();
        let body = &code[range.start as usize..range.end as usize];
        let instructions: Vec<Instruction> =
            Decoder::with_ip(64, body, range.start, DecoderOptions::NONE).iter().collect();
        let comment = comment(assembly, name);
        let mut text = format!("{comment}# {} bytes\n", symbol.size());
        let mut formatter = GasFormatter::new();
        formatter.options_mut().set_rip_relative_addresses(true);
        formatter.options_mut().set_branch_leading_zeros(false);
        formatter.options_mut().set_uppercase_hex(false);
        for instruction in &instructions {
            let mut line = String::new();
            // Addresses in the text are those from the start of the gate.
            let shown = relative(*instruction, range.start);
            formatter.format(&shown, &mut line);
            let offset = instruction.ip() - range.start;
            write!(text, "{offset:4x}  {line}")?;
            let end = instruction.next_ip();
            for (_, target) in relocations.range(instruction.ip()..end) {
                write!(text, "  # {target}")?;
            }
            text.push('\n');
        }
        found.insert(name.to_owned(), text);
    }
    Ok(found)
}

/// The instruction as if its function began at 0. Places outside the function come from relocations.
fn relative(mut instruction: Instruction, start: u64) -> Instruction {
    if instruction.is_ip_rel_memory_operand() {
        // The field holds nothing before the object is linked: the relocation says it all.
        instruction.set_memory_displacement64(instruction.next_ip());
    }
    if instruction.near_branch_target() != 0 {
        instruction.set_near_branch64(instruction.near_branch_target() - start);
    }
    instruction
}

fn relocations<'a>(
    file: &ElfFile64<'a>,
    section: &impl ObjectSection<'a>,
) -> Result<BTreeMap<u64, String>> {
    let mut found = BTreeMap::new();
    for (offset, relocation) in section.relocations() {
        let RelocationTarget::Symbol(index) = relocation.target() else { continue };
        let symbol = file.symbol_by_index(index)?;
        let name = match symbol.section_index().filter(|_| symbol.name() == Ok("")) {
            Some(section) => file.section_by_index(section)?.name()?.to_owned(),
            None => symbol.name()?.to_owned(),
        };
        // What is added is relative to the end of the field.
        found.insert(offset, format!("{name}{:+}", relocation.addend()));
    }
    Ok(found)
}

/// The comment that stands in front of a gate.
fn comment(assembly: &str, name: &str) -> String {
    let lines: Vec<&str> = assembly.lines().collect();
    let label = format!("{name}:");
    let at = lines.iter().position(|line| *line == label).unwrap_or(0);
    let comment = lines[..at].iter().rev().find(|line| line.starts_with("# "));
    comment.map(|line| format!("{line}\n")).unwrap_or_default()
}
