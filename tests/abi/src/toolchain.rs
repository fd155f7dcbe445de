//! From a program to an executable.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use gate::Switch;
use layout::{callgates, thread_block, vault};

use crate::config::Compilers;
use crate::emit;
use crate::program::Program;

/// Whether an executable needs protection keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Protection {
    /// Gates switch PKRU.
    Real,
    /// Gates remember what they would have written.
    Remembered,
}

impl Compilers {
    /// Finds gcc and the newest clang.
    ///
    /// # Errors
    /// If one is missing.
    pub fn find() -> Result<Compilers> {
        let major = |program: &str| -> Option<u16> {
            let output = Command::new(program).arg("-dumpversion").output().ok()?;
            String::from_utf8_lossy(&output.stdout).split('.').next()?.trim().parse().ok()
        };
        let gcc = major("gcc").context("gcc is not installed; `./x doctor` says what is needed")?;
        let candidates = ["clang", "clang-19", "clang-18", "clang-17", "clang-16"];
        let clang = candidates
            .iter()
            .find_map(|name| Some(((*name).to_owned(), major(name)?)))
            .context("clang is not installed; `./x doctor` says what is needed")?;
        Ok(Compilers { gcc, clang })
    }
}

/// Writes the sources of a program into a directory and builds it. Returns the executable.
///
/// # Errors
/// What the compiler printed.
pub fn build(
    program: &Program,
    compilers: &Compilers,
    protection: Protection,
    directory: &Path,
) -> Result<PathBuf> {
    fs_err::create_dir_all(directory)?;
    let write = |name: &str, text: &str| fs_err::write(directory.join(name), text);
    write_runtime(directory)?;
    write("driver.c", include_str!("../c/driver.c"))?;
    write("types.h", &emit::header(program))?;
    write("values.c", &crate::values::definitions(&program.universe))?;
    write("main.c", &emit::main(program))?;
    let switch = match protection {
        Protection::Real => Switch::Protected,
        Protection::Remembered => Switch::Remembered,
    };
    let gates = gate::assembly_with(&program.gates, switch);
    write("gates.s", &format!("{}\n{gates}", gate::scrub_level(program.scrub)))?;
    let mut objects = vec!["values.o".to_owned()];
    // Types that only clang has occur in programs that clang compiles.
    let mut command = Command::new(program.configs[0].program(compilers));
    command.args(["-O0", "-std=gnu17", "-w", "-c", "values.c", "-o", "values.o"]);
    run(command.current_dir(directory))?;
    for number in emit::compartments() {
        let config = program.configs[usize::from(number) - 1];
        let source = format!("compartment_{number}.c");
        write(&source, &format!("/* {config} */\n{}", emit::compartment(program, number)))?;
        let object = format!("compartment_{number}.o");
        let mut command = Command::new(config.program(compilers));
        command.args(config.flags()).args(["-std=gnu17", "-w", "-c", &source, "-o", &object]);
        run(command.current_dir(directory))?;
        objects.push(object);
    }
    let mut command = Command::new("gcc");
    command.args(["-O1", "-w", "-static", "-pthread", "-o", "program"]);
    command.args(["main.c", "runtime.c", "driver.c", "gates.s"]).args(&objects);
    if protection == Protection::Real {
        command.arg("-DPROTECTED");
    }
    run(command.current_dir(directory))?;
    Ok(directory.join("program"))
}

/// Whether [`build`] failed by no fault of the program: gcc 12 crashes in some functions with `va_arg`.
pub fn is_compiler_crash(error: &anyhow::Error) -> bool {
    error.to_string().contains("internal compiler error")
}

/// Writes `runtime.c`, and what it includes, into a directory.
///
/// # Errors
/// If a file cannot be written.
pub fn write_runtime(directory: &Path) -> Result<()> {
    let write = |name: &str, text: &str| fs_err::write(directory.join(name), text);
    write("runtime.h", include_str!("../c/runtime.h"))?;
    write("runtime.c", include_str!("../c/runtime.c"))?;
    write("layout.h", &layout_header())?;
    Ok(())
}

/// The numbers of `crates/layout` that the C runtime needs.
fn layout_header() -> String {
    let untrusted = pkru::Pkey::UNTRUSTED;
    let numbers = [
        ("STACK_POINTER", thread_block::STACK_POINTER),
        ("STACK_HIGH", thread_block::STACK_HIGH),
        ("STACK_LOW", thread_block::STACK_LOW),
        ("COOKIE", thread_block::COOKIE),
        ("VAULT_STRIDE", vault::STRIDE),
        ("VAULT_COOKIE", vault::COOKIE),
        ("VAULT_OUTGOING", vault::outgoing(untrusted)),
        ("VAULT_INCOMING", vault::incoming(untrusted)),
        ("VAULT_ADMISSION", vault::admission(untrusted)),
        ("VAULT_READMISSION", vault::readmission(untrusted)),
        ("VAULT_REGISTERS", vault::REGISTERS),
        ("MXCSR_IS_DEFAULT", vault::MXCSR_IS_DEFAULT.into()),
        ("CPU_SSE", callgates::CPU_SSE.into()),
        ("CPU_AVX", callgates::CPU_AVX.into()),
        ("CPU_AVX512", callgates::CPU_AVX512.into()),
    ];
    let mut out = String::new();
    for (name, number) in numbers {
        writeln!(out, "#define {name} {number}").expect("a string takes everything");
    }
    let sum = vault::UNCHECKED_ALIGNMENT;
    let running = thread_block::RUNNING;
    // An emulator, which has the keys, does not check alignment; this machine does.
    writeln!(
        out,
        "#define RUNNING_TEXT \"{running}\"\n#ifdef PROTECTED\n#define ALIGNMENT_SUM {sum}\n\
         #else\n#define ALIGNMENT_SUM 0\n#endif"
    )
    .expect("a string takes everything");
    out
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let first: Vec<&str> = text.lines().take(30).collect();
        bail!("{command:?}\n{}", first.join("\n"));
    }
    Ok(())
}
