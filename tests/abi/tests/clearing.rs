//! Every instruction of a gate that clears a register is needed, and its absence is seen.
//!
//! `c/probe.c` looks into all registers behind two gates. Here it runs with each clearing instruction
//! of these taken out in turn, for each kind of CPU whose instructions this one has; each time it must
//! find the mark that then gets through.

use std::path::Path;
use std::process::{Command, Output};

use abi_pairs::golden;
use abi_pairs::toolchain;
use anyhow::{Context, Result, ensure};
use gate::{FunctionIndex, Scrub, Switch};
use iced_x86::{Code, Decoder, DecoderOptions, Instruction, Register};
use object::read::elf::ElfFile64;
use object::{Object, ObjectSection, ObjectSymbol};

/// A kind of CPU whose way of clearing is taken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
enum Cpu {
    Sse,
    Avx,
    Avx512,
}

impl Cpu {
    /// The kind of this one.
    fn own() -> Cpu {
        if std::arch::is_x86_feature_detected!("avx512f") {
            Cpu::Avx512
        } else if std::arch::is_x86_feature_detected!("avx") {
            Cpu::Avx
        } else {
            Cpu::Sse
        }
    }

    /// Runs the probe as if this CPU were of this kind.
    fn run(self, probe: &Path) -> Result<Output> {
        let mut command = Command::new(probe);
        match self {
            _ if self == Cpu::own() => &mut command,
            Cpu::Sse => command.env("VECTORS", "sse"),
            Cpu::Avx => command.env("VECTORS", "avx"),
            Cpu::Avx512 => &mut command,
        };
        Ok(command.output()?)
    }
}

/// Other bytes in the place of an instruction.
struct Change {
    /// Where in the file.
    offset: usize,
    bytes: Vec<u8>,
    /// On which kind of CPU its effect is to be seen.
    cpu: Cpu,
    what: String,
}

#[test]
fn each_clearing_instruction_is_needed() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let probe = build(directory.path())?;
    let whole = fs_err::read(&probe)?;
    for cpu in [Cpu::Sse, Cpu::Avx, Cpu::Avx512].into_iter().filter(|&cpu| cpu <= Cpu::own()) {
        let output = cpu.run(&probe)?;
        ensure!(output.status.success(), "{cpu:?}: {output:?}");
    }
    let changes = changes(&whole)?;
    let mut tried = [0; 3];
    for (number, change) in changes.iter().enumerate().filter(|(_, c)| c.cpu <= Cpu::own()) {
        let mut bytes = whole.clone();
        bytes[change.offset..change.offset + change.bytes.len()].copy_from_slice(&change.bytes);
        let changed = directory.path().join(format!("probe-{number}"));
        fs_err::write(&changed, bytes)?;
        fs_err::set_permissions(&changed, fs_err::metadata(&probe)?.permissions())?;
        let output = change.cpu.run(&changed)?;
        fs_err::remove_file(&changed)?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.code() == Some(1) && stderr.contains("something in "),
            "{:?}, {}: not seen: {output:?}",
            change.cpu,
            change.what
        );
        tried[change.cpu as usize] += 1;
    }
    // Of two gates, two ways each. Three times a number of 8 bytes stays in a vector register, which is
    // one change instead of two. Routines are for three sets of such registers.
    let (gates, ways) = (2, 2);
    let sse = 3 * 16;
    let avx = ways * 2 + (ways * 16 * 2 - 3);
    let avx512 = (gates * ways * 16 * 2 - 3) + gates * ways * (16 + 8);
    let all = gates * ways * 8 + gates * (10 + 7);
    let mut expected = [sse, avx, avx512];
    expected[Cpu::own() as usize] += all;
    for (cpu, (tried, expected)) in
        [Cpu::Sse, Cpu::Avx, Cpu::Avx512].into_iter().zip(tried.into_iter().zip(expected))
    {
        if cpu <= Cpu::own() {
            assert_eq!(tried, expected, "changes for {cpu:?}");
        } else {
            eprintln!("this CPU is not of the kind {cpu:?}: its clearing is not tried");
        }
    }
    Ok(())
}

/// Builds the probe with the gates of two functions of [`golden::program`].
fn build(directory: &Path) -> Result<std::path::PathBuf> {
    let mut program = golden::program();
    program.functions.retain(|function| matches!(function.name.as_str(), "nothing" | "real"));
    program.crossings.truncate(program.functions.len());
    for (index, crossing) in program.crossings.iter_mut().enumerate() {
        crossing.function = FunctionIndex(index);
    }
    let gates = gate::assembly_with(&program, Switch::Remembered);
    let write = |name: &str, text: &str| fs_err::write(directory.join(name), text);
    write("gates.s", &format!("{}\n{gates}", gate::scrub_level(Scrub::Full)))?;
    write("probe.c", include_str!("../c/probe.c"))?;
    toolchain::write_runtime(directory)?;
    let mut command = Command::new("gcc");
    command.args(["-O1", "-w", "-static", "-pthread", "-o", "probe"]);
    command.args(["probe.c", "runtime.c", "gates.s"]).current_dir(directory);
    let output = command.output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(directory.join("probe"))
}

/// What is to be changed in the file.
fn changes(bytes: &[u8]) -> Result<Vec<Change>> {
    let file = ElfFile64::<object::Endianness>::parse(bytes)?;
    let text = file.section_by_name(".text").context("no code")?;
    let (start, _) = text.file_range().context("no code in the file")?;
    let mut found = Vec::new();
    for symbol in file.symbols().filter(|symbol| symbol.size() > 0) {
        let name = symbol.name()?;
        let part = match name {
            "ia2_1_to_2_nothing" => Part::Gate { vectors_live: false },
            "ia2_1_to_2_real" => Part::Gate { vectors_live: true },
            _ if name.starts_with("ia2_scrub_") => Part::Routine,
            _ => continue,
        };
        let from = usize::try_from(symbol.address() - text.address())?;
        let body = &text.data()?[from..from + usize::try_from(symbol.size())?];
        let decoder = Decoder::with_ip(64, body, symbol.address(), DecoderOptions::NONE);
        for instruction in decoder {
            let at = usize::try_from(instruction.ip() - symbol.address())?;
            let offset = usize::try_from(start)? + from + at;
            for (cpu, bytes) in part.replacements(&instruction) {
                let what = format!("{name}+{at:#x}: {bytes:02x?} for {:?}", instruction.code());
                found.push(Change { offset, bytes, cpu, what });
            }
        }
    }
    Ok(found)
}

/// What an instruction is part of.
#[derive(Clone, Copy)]
enum Part {
    /// A gate; whether vector registers carry anything.
    Gate { vectors_live: bool },
    /// What clears vector registers without AVX.
    Routine,
}

impl Part {
    /// What is put in the place of an instruction that clears a register, and on which CPU that shows.
    fn replacements(self, instruction: &Instruction) -> Vec<(Cpu, Vec<u8>)> {
        let nothing = vec![0x90; instruction.len()];
        let is_alone = instruction.op0_register() == instruction.op1_register();
        match (self, instruction.code()) {
            (Part::Routine, Code::Xorps_xmm_xmmm128 | Code::Movq_xmm_xmmm64) => {
                vec![(Cpu::Sse, nothing)]
            }
            (Part::Gate { vectors_live }, Code::VEX_Vxorps_xmm_xmm_xmmm128) => {
                let lower = only_lower(instruction);
                let mut all = vec![(Cpu::Avx512, nothing.clone()), (Cpu::Avx512, lower.clone())];
                if vectors_live {
                    all.extend([(Cpu::Avx, nothing), (Cpu::Avx, lower)]);
                }
                all
            }
            (Part::Gate { .. }, Code::VEX_Vmovq_xmm_xmmm64) => {
                vec![(Cpu::Avx512, nothing.clone()), (Cpu::Avx, nothing)]
            }
            (Part::Gate { .. }, Code::VEX_Vzeroall) => {
                const VZEROUPPER: [u8; 3] = [0xc5, 0xf8, 0x77];
                vec![(Cpu::Avx, nothing), (Cpu::Avx, VZEROUPPER.to_vec())]
            }
            (
                Part::Gate { .. },
                Code::EVEX_Vpxord_zmm_k1z_zmm_zmmm512b32 | Code::VEX_Kxorw_kr_kr_kr,
            ) => vec![(Cpu::Avx512, nothing)],
            (Part::Gate { .. }, Code::Pxor_mm_mmm64) => vec![(Cpu::own(), nothing)],
            // ECX must be zero for WRPKRU, which would fault; here nothing runs it.
            (Part::Gate { .. }, Code::Xor_r32_rm32 | Code::Xor_rm32_r32)
                if is_alone && instruction.op0_register() != Register::ECX =>
            {
                vec![(Cpu::own(), nothing)]
            }
            _ => Vec::new(),
        }
    }
}

/// XORPS, which leaves the upper half of its register, for VXORPS.
fn only_lower(instruction: &Instruction) -> Vec<u8> {
    let number = (instruction.op0_register() as u32 - Register::XMM0 as u32) as u8;
    let operands = 0xc0 | ((number % 8) << 3) | (number % 8);
    match number {
        0..8 => vec![0x0f, 0x57, operands, 0x90],
        _ => vec![0x45, 0x0f, 0x57, operands],
    }
}
