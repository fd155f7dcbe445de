//! What debuggers and indirect branch tracking need of gates.

use std::process::Command;

use abi::Vectors;
use abi_pairs::config::Compilers;
use abi_pairs::program::{Options, Program};
use abi_pairs::toolchain::{self, Protection};
use anyhow::{Context, Result, ensure};
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSymbol};

fn program(seed: u64, functions: usize) -> Result<(tempfile::TempDir, std::path::PathBuf)> {
    let compilers = Compilers::find()?;
    let widest =
        if std::arch::is_x86_feature_detected!("avx") { Vectors::Avx } else { Vectors::Sse };
    let program = Program::new(Options { seed, functions, widest }, &compilers);
    let directory = tempfile::tempdir()?;
    let executable =
        toolchain::build(&program, &compilers, Protection::Remembered, directory.path())?;
    Ok((directory, executable))
}

/// gdb walks through gates, in both directions and at every instruction of them.
#[test]
fn gdb_walks_through_gates() -> Result<()> {
    const SEED: u64 = 5;
    let (directory, executable) = program(SEED, 12)?;
    let script = directory.path().join("walk.py");
    fs_err::write(&script, include_str!("../gdb/walk.py"))?;
    let output = Command::new("gdb")
        .args(["-batch", "-nx", "-x"])
        .arg(&script)
        .arg(&executable)
        .env("WALK_ARGUMENTS", format!("{SEED} 5 1"))
        .env("WALK_CALLS", "150")
        .output()
        .context("gdb is not installed; `./x doctor` says what is needed")?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let last = stdout.lines().last().unwrap_or_default();
    let found: Vec<u64> = last.split(' ').filter_map(|word| word.parse().ok()).collect();
    let [instructions, calls, gates] = found[..] else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        anyhow::bail!("seed {SEED}, {}:\n{stdout}\n{stderr}", output.status);
    };
    ensure!(output.status.success(), "{stdout}");
    ensure!(instructions > 5000 && calls > 50 && gates > 10, "hardly anything was seen: {last}");
    Ok(())
}

/// Gates, entry stubs and their slots are reached by indirect jumps and calls, so each begins with
/// ENDBR64 (SDM volume 1, section 18.3).
#[test]
fn every_way_in_begins_with_endbr64() -> Result<()> {
    const ENDBR64: [u8; 4] = [0xf3, 0x0f, 0x1e, 0xfa];
    let (_directory, executable) = program(7, 20)?;
    let bytes = fs_err::read(executable)?;
    let file = ElfFile64::<object::Endianness>::parse(&*bytes)?;
    let text = file.section_by_name(".text").context("no code")?;
    let (code, start) = (text.data()?, text.address());
    let at = |address: u64| &code[(address - start) as usize..][..4];
    let mut looked_at = 0;
    for symbol in file.symbols() {
        let name = symbol.name()?;
        let is_gate = name.starts_with("ia2_") && name.contains("_to_");
        let is_stub = name.strip_prefix("stub_").is_some_and(|rest| rest.parse::<u32>().is_ok());
        if !is_gate && !is_stub {
            continue;
        }
        looked_at += 1;
        ensure!(at(symbol.address()) == ENDBR64, "{name}");
        if is_stub {
            for caller in pkru::Pkey::all() {
                let slot = symbol.address() + layout::stub::slot(caller) as u64;
                ensure!(at(slot) == ENDBR64, "{name}, slot of {caller}");
            }
        }
    }
    ensure!(looked_at > 20, "hardly any gate");
    Ok(())
}
