//! Instructions and memory accesses of one call, counted exactly: a debugger's loop steps through the
//! worker and decodes each instruction before it runs.
//!
//! The gates are the real ones. Where the CPU has no protection keys, WRPKRU and RDPKRU are not run
//! but done by hand; they are counted all the same.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use anyhow::{Context, Result, bail, ensure};
use iced_x86::{Code, Decoder, DecoderOptions, InstructionInfoFactory, OpAccess};
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::build::{Kind, Worker};
use crate::instead::INSTEAD;

/// What one call does besides running the called function.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Count {
    /// Instructions, the caller's around the call included.
    pub(crate) instructions: u64,
    /// Instructions of gates and stubs among them.
    pub(crate) in_gates: u64,
    /// How often memory was read.
    pub(crate) reads: u64,
    /// How often memory was written.
    pub(crate) writes: u64,
    /// How many WRPKRU there were.
    pub(crate) switches: u64,
}

/// The rows that are counted.
const ROWS: [&str; 17] = [
    "floor",
    "plain none",
    "plain two",
    "plain six",
    "plain nine",
    "plain both",
    "plain real",
    "gate none",
    "gate two",
    "gate six",
    "gate nine",
    "gate both",
    "gate real",
    "plain pointer",
    "plain pointer to other",
    "pointer same",
    "pointer cross",
];

/// Counts of all rows.
pub(crate) type Counts = BTreeMap<&'static str, Count>;

/// Counts them.
pub(crate) fn all(worker: &Worker) -> Result<Counts> {
    ROWS.into_iter()
        .map(|row| {
            let count = counted(worker, Kind::Protected.name(), row, None);
            Ok((row, count.with_context(|| format!("counting {row}"))?))
        })
        .collect()
}

/// Kinds of CPU, by what the worker is told; the last one is this CPU.
const CPUS: [(&str, Option<&str>); 3] =
    [("without AVX", Some("sse")), (AVX, Some("avx")), (THIS, None)];
/// A CPU with AVX and without AVX-512.
pub(crate) const AVX: &str = "with AVX";
/// The CPU of the machine.
pub(crate) const THIS: &str = "of this machine";

/// Counts of a direct call with 2 integers, and of the plain one, on several kinds of CPU.
pub(crate) fn by_cpu(worker: &Worker) -> Result<Vec<(&'static str, Count, Count)>> {
    let count = |vectors, row| counted(worker, Kind::Protected.name(), row, vectors);
    CPUS.into_iter()
        .map(|(name, vectors)| {
            Ok((name, count(vectors, "gate two")?, count(vectors, "plain two")?))
        })
        .collect()
}

/// The same with other ways to clear registers.
pub(crate) fn instead(worker: &Worker) -> Result<Vec<(&'static str, Count)>> {
    INSTEAD
        .iter()
        .map(|other| {
            let folder = Kind::Protected.folder_of(other);
            Ok((other.name, counted(worker, &folder, "gate two", other.vectors)?))
        })
        .collect()
}

/// All counts, tab-separated.
pub(crate) fn raw(counts: &Counts) -> String {
    let mut out = String::from("row\tinstructions\tin gates\treads\twrites\tWRPKRU\n");
    for (row, count) in counts {
        let Count { instructions, in_gates, reads, writes, switches } = count;
        writeln!(out, "{row}\t{instructions}\t{in_gates}\t{reads}\t{writes}\t{switches}")
            .expect("a string takes everything");
    }
    out
}

fn counted(worker: &Worker, folder: &str, row: &str, vectors: Option<&str>) -> Result<Count> {
    let mut command = worker.command(folder);
    command.args(["count", row]).envs(vectors.map(|vectors| ("VECTORS", vectors)));
    let mut child = traced(&mut command)?;
    let mut stepper = Stepper::new(Pid::from_raw(i32::try_from(child.id())?))?;
    // The first call gives compartments their stacks; the second is the one that counts.
    stepper.resume()?;
    stepper.enter_libraries()?;
    let mut ignored = Count::default();
    stepper.count_to_marker(&mut ignored)?;
    let mut count = Count::default();
    stepper.count_to_marker(&mut count)?;
    child.kill()?;
    child.wait()?;
    Ok(count)
}

/// Starts a program that stops before its first instruction.
#[allow(unsafe_code, reason = "Command::pre_exec is unsafe: its closure runs after fork")]
fn traced(command: &mut Command) -> Result<Child> {
    // SAFETY: between fork and exec, only one system call is made.
    unsafe { command.pre_exec(|| ptrace::traceme().map_err(Into::into)) };
    Ok(command.spawn()?)
}

struct Stepper {
    process: Pid,
    memory: File,
    gates: Range<u64>,
    functions: Range<u64>,
    info: InstructionInfoFactory,
    pkru: u64,
    last: u64,
}

/// Rights of compartment 1, with which the worker's calls are made.
const CALLER: u64 = 0xffff_fff0;

impl Stepper {
    /// A stepper of a process that has just been started.
    fn new(process: Pid) -> Result<Stepper> {
        ensure!(matches!(waitpid(process, None)?, WaitStatus::Stopped(..)), "it does not stop");
        Ok(Stepper {
            process,
            memory: File::open(format!("/proc/{process}/mem"))?,
            gates: 0..0,
            functions: 0..0,
            info: InstructionInfoFactory::new(),
            pkru: CALLER,
            last: 0,
        })
    }

    /// Lets it run to the first breakpoint.
    fn resume(&mut self) -> Result<()> {
        ptrace::cont(self.process, None)?;
        self.wait()
    }

    fn wait(&self) -> Result<()> {
        match waitpid(self.process, None)? {
            WaitStatus::Stopped(_, Signal::SIGTRAP) => Ok(()),
            status => bail!("{status:?} instead of a step"),
        }
    }

    /// Looks where the libraries are.
    fn enter_libraries(&mut self) -> Result<()> {
        let maps = fs_err::read_to_string(format!("/proc/{}/maps", self.process))?;
        let code = |name: &str| -> Result<Range<u64>> {
            let is_code = |line: &&str| line.ends_with(name) && line.contains(" r-xp ");
            let line = maps.lines().find(is_code).with_context(|| format!("no {name}"))?;
            let (range, _) = line.split_once(' ').context("a range")?;
            let (start, end) = range.split_once('-').context("a range")?;
            Ok(u64::from_str_radix(start, 16)?..u64::from_str_radix(end, 16)?)
        };
        self.gates = code("/libcallgates.so")?;
        self.functions = code("/libfunctions.so")?;
        Ok(())
    }

    /// Steps to the next breakpoint and behind it, and counts what is before it.
    fn count_to_marker(&mut self, count: &mut Count) -> Result<()> {
        loop {
            let mut registers = ptrace::getregs(self.process)?;
            let mut bytes = [0; 15];
            let length = self.memory.read_at(&mut bytes, registers.rip)?;
            let mut decoder =
                Decoder::with_ip(64, &bytes[..length], registers.rip, DecoderOptions::NONE);
            let instruction = decoder.decode();
            match instruction.code() {
                Code::Int3 => {
                    registers.rip = instruction.next_ip();
                    ptrace::setregs(self.process, registers)?;
                    return Ok(());
                }
                Code::Wrpkru => {
                    self.pkru = registers.rax & 0xffff_ffff;
                    count.switches += 1;
                }
                Code::Rdpkru => (registers.rax, registers.rdx) = (self.pkru, 0),
                _ => {}
            }
            self.note(&instruction, count);
            if matches!(instruction.code(), Code::Wrpkru | Code::Rdpkru) {
                registers.rip = instruction.next_ip();
                ptrace::setregs(self.process, registers)?;
            } else {
                ptrace::step(self.process, None)?;
                self.wait()?;
            }
        }
    }

    fn note(&mut self, instruction: &iced_x86::Instruction, count: &mut Count) {
        let at = instruction.ip();
        // An instruction with a repeat prefix is met once per repetition.
        let is_new = at != self.last;
        self.last = at;
        if self.functions.contains(&at) {
            return;
        }
        count.instructions += u64::from(is_new);
        count.in_gates += u64::from(is_new && self.gates.contains(&at));
        for memory in self.info.info(instruction).used_memory() {
            match memory.access() {
                OpAccess::Read | OpAccess::CondRead => count.reads += 1,
                OpAccess::Write | OpAccess::CondWrite => count.writes += 1,
                OpAccess::ReadWrite | OpAccess::ReadCondWrite => {
                    count.reads += 1;
                    count.writes += 1;
                }
                OpAccess::None | OpAccess::NoMemAccess => {}
            }
        }
    }
}
