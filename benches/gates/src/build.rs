//! Builds what is measured: a caller, a library it calls, and one library of gates for each kind of
//! switch. Which of these a process uses, the loader's search path decides.

use std::path::{Path, PathBuf};
use std::process::Command;

use abi::{Compiler, Signature, Target, Vectors};
use abi_pairs::config::Compilers;
use abi_pairs::toolchain;
use anyhow::{Context, Result, bail};
use ctype::{
    Convention, Field, Float, Int, Length, Name, Record, RecordDefinition, RecordKind, Scope, Type,
    TypeId, Types,
};
use gate::insn::{Insn, Text};
use gate::{Call, CallIndex, Crossing, Function, FunctionIndex, Program, Scrub, Stub, Switch};
use pkru::{Pkey, Pkru};

use crate::instead::{INSTEAD, Instead};

/// The hash of the type of the pointers in the worker.
const TYPE_HASH: u64 = 0x5eed;

/// Cycles that WRPKRU takes, as published.
pub(crate) const CYCLES: u32 = 24;

/// What stands in for WRPKRU.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Kind {
    /// Nothing.
    Nothing,
    /// A delay of [`CYCLES`].
    Delay,
    /// WRPKRU itself.
    Protected,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Kind; 3] = [Kind::Nothing, Kind::Delay, Kind::Protected];
    /// Those that a CPU without protection keys runs.
    pub(crate) const TIMED: [Kind; 2] = [Kind::Nothing, Kind::Delay];

    /// Its name, which is that of the folder with its library.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Nothing => "nothing",
            Kind::Delay => "delay",
            Kind::Protected => "wrpkru",
        }
    }

    /// The folder of gates that clear registers in another way.
    pub(crate) fn folder_of(self, other: &Instead) -> String {
        format!("{}-{}", self.name(), other.folder)
    }

    fn switch(self) -> Switch {
        match self {
            Kind::Nothing => Switch::Nothing,
            Kind::Delay => Switch::Delay(CYCLES),
            Kind::Protected => Switch::Protected,
        }
    }
}

/// A guarantee of the gates, which is left out to see what it costs.
pub(crate) struct Part {
    /// What it is.
    pub(crate) name: &'static str,
    /// The instructions that are for it alone.
    instructions: &'static [&'static str],
}

/// The guarantees that can be left out: nothing else depends on them.
pub(crate) const PARTS: [Part; 7] = [
    Part { name: "xmm0 to zmm15 cleared, both ways", instructions: &["vxorps"] },
    Part {
        name: "zmm16 to zmm31 and mask registers cleared, both ways",
        instructions: &["vpxord", "kxorw"],
    },
    Part { name: "x87 and MMX registers cleared, both ways", instructions: &["pxor %mm", "emms"] },
    Part { name: "MXCSR set, both ways", instructions: &["ldmxcsr"] },
    Part { name: "x87 control word set, saved and restored", instructions: &["fldcw", "fnstcw"] },
    Part { name: "direction flag cleared, both ways", instructions: &["cld"] },
    Part {
        name: "all of these",
        instructions: &[
            "vxorps", "vpxord", "kxorw", "pxor %mm", "emms", "ldmxcsr", "fldcw", "fnstcw", "cld",
        ],
    },
];

impl Part {
    /// The folder of the gates without it.
    pub(crate) fn folder(&self) -> String {
        let words = self.name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        format!("without-{}", words.collect::<Vec<_>>().join("-"))
    }

    fn taken_from(&self, assembly: &str) -> String {
        let is_for_it = |line: &str| {
            let line = line.trim_start();
            self.instructions.iter().any(|instruction| line.starts_with(instruction))
        };
        let mut out = String::new();
        for line in assembly.lines().filter(|line| !is_for_it(line)) {
            out.push_str(line);
            out.push('\n');
        }
        out
    }
}

/// A worker that was built.
pub(crate) struct Worker {
    directory: PathBuf,
}

impl Worker {
    /// Builds it in an empty folder.
    pub(crate) fn build(directory: &Path) -> Result<Worker> {
        let compilers = Compilers::find()?;
        let program = program(compilers.gcc)?;
        let write = |name: &str, text: &str| fs_err::write(directory.join(name), text);
        write("functions.h", include_str!("../c/functions.h"))?;
        write("functions.c", include_str!("../c/functions.c"))?;
        write("worker.c", include_str!("../c/worker.c"))?;
        toolchain::write_runtime(directory)?;
        let gcc = |arguments: &[&str]| -> Result<()> {
            let mut command = Command::new("gcc");
            let headers = concat!(env!("CARGO_MANIFEST_DIR"), "/../../runtime/libia2/include");
            command.args(["-O2", "-Wall", "-fPIC", "-pthread", "-I", headers]);
            let output = command.args(arguments).current_dir(directory).output()?;
            if !output.status.success() {
                bail!("{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
            }
            Ok(())
        };
        gcc(&["-shared", "-Wl,-z,now", "functions.c", "-o", "libfunctions.so"])?;
        let library = |folder: &str, text: &str| -> Result<()> {
            fs_err::create_dir(directory.join(folder))?;
            let file = format!("{folder}/gates.s");
            write(&file, &format!("{}\n{text}", gate::scrub_level(Scrub::Full)))?;
            let library = format!("{folder}/libcallgates.so");
            gcc(&["-shared", "-Wl,-z,now", &file, "-o", &library])
        };
        for kind in Kind::ALL {
            let gates = gate::assembly_with(&program, kind.switch());
            library(kind.name(), &format!("{}\n{gates}", floor(kind.switch())))?;
            for other in INSTEAD.iter().filter(|_| kind != Kind::Nothing) {
                let changed = other.made_of(&gates);
                library(&kind.folder_of(other), &format!("{}\n{changed}", floor(kind.switch())))?;
            }
            if kind == Kind::Delay {
                for part in &PARTS {
                    let less = part.taken_from(&gates);
                    library(&part.folder(), &format!("{}\n{less}", floor(kind.switch())))?;
                }
            }
        }
        let hash = format!("-DTYPE_HASH={TYPE_HASH:#x}ULL");
        gcc(&["-DIA2_ENABLE=1", "-DPKEY=1", &hash, "-c", "worker.c", "-o", "worker.o"])?;
        gcc(&["-w", "-c", "runtime.c", "-o", "runtime.o"])?;
        let objects = ["worker.o", "runtime.o", "-o", "worker"];
        let libraries = ["-L.", "-Lnothing", "-lfunctions", "-lcallgates", "-Wl,-z,now"];
        gcc(&[&objects[..], &libraries[..]].concat())?;
        Ok(Worker { directory: directory.to_owned() })
    }

    /// The command that runs it with the gates of this folder.
    pub(crate) fn command(&self, folder: &str) -> Command {
        let mut command = Command::new(self.directory.join("worker"));
        let own = self.directory.join(folder);
        command.env("LD_LIBRARY_PATH", format!("{}:{}", own.display(), self.directory.display()));
        command
    }
}

/// The assembly of the floor: what no gate can do without. It calls like a gate of `two`, has its
/// switches, each with a comparison, and runs the function on another stack.
fn floor(switch: Switch) -> String {
    let enter = |pkey| {
        let pkru = Pkru::of(pkey).bits();
        let wrpkru = Text { insn: &Insn::Wrpkru, symbol: "floor_two", switch };
        format!(
            "xorl %ecx, %ecx\nxorl %edx, %edx\nmovl ${pkru:#x}, %eax\n{wrpkru}\n\
             cmpl ${pkru:#x}, %eax\njne .Lfloor_bad\n"
        )
    };
    let [there, back] = [2, 1].map(|number| enter(key(number)));
    format!(
        ".text\n.balign 16\n.globl floor_two\n.type floor_two,@function\nfloor_two:\n\
         endbr64\npushq %rbp\nmovq %rsp, %rbp\n{there}\
         movq floor_stack@GOTPCREL(%rip), %rax\nmovq (%rax), %rsp\n\
         callq *two@GOTPCREL(%rip)\nmovq %rax, %r8\n{back}\
         movq %r8, %rax\nmovq %rbp, %rsp\npopq %rbp\nretq\n\
         .Lfloor_bad:\nud2\n.size floor_two,.-floor_two\n"
    )
}

/// The program of `functions.h`, as gcc compiles it.
fn program(gcc: u16) -> Result<Program> {
    let mut types = Types::default();
    let int = types.intern(Type::Int(Int::Int));
    let double = types.intern(Type::Float(Float::Double));
    let block = block(&mut types);
    let target = Target { compiler: Compiler::Gcc(gcc), vectors: Vectors::Sse };
    let signature = |result: TypeId, parameters: Vec<TypeId>| -> Result<Signature> {
        let function = ctype::Function {
            result,
            parameters,
            variadic: false,
            prototyped: true,
            convention: Convention::SysV,
        };
        abi::signature(&types, &function, target, &[]).context("a signature")
    };
    let functions = [
        ("own_two", 1, signature(int, vec![int; 2])?),
        ("none", 2, signature(int, Vec::new())?),
        ("two", 2, signature(int, vec![int; 2])?),
        ("six", 2, signature(int, vec![int; 6])?),
        ("nine", 2, signature(int, vec![int; 9])?),
        ("both", 2, signature(block, vec![block])?),
        ("real", 2, signature(double, vec![double])?),
    ];
    let crossings = (1..functions.len()).map(|index| Crossing {
        caller: key(1),
        function: FunctionIndex(index),
        call: CallIndex(0),
    });
    let stub = |symbol: &str, index| {
        let to = gate::Target { function: FunctionIndex(index), call: Some(CallIndex(0)) };
        Stub {
            symbol: symbol.to_owned(),
            type_hash: TYPE_HASH,
            is_looked_up: false,
            slots: vec![(key(1), to)],
            shapes: Vec::new(),
        }
    };
    Ok(Program {
        highest_pkey: key(2),
        crossings: crossings.collect(),
        stubs: vec![stub("stub_own_two", 0), stub("stub_two", 2)],
        functions: functions
            .into_iter()
            .zip(1..)
            .map(|((name, pkey, signature), id)| Function {
                id,
                name: name.to_owned(),
                pkey: key(pkey),
                scope: String::new(),
                calls: vec![Call { shape: String::new(), signature }],
            })
            .collect(),
    })
}

/// `struct block`, of 64 bytes.
fn block(types: &mut Types) -> TypeId {
    let long = types.intern(Type::Int(Int::Long));
    let words = types.intern(Type::Array(long.into(), Length::Constant(8)));
    let field =
        Field { name: Some("words".to_owned()), ty: words.into(), offset_bits: 0, bit_width: None };
    let definition =
        RecordDefinition { size: 64, align: 8, fields: vec![field], transparent_union: false };
    let (_, ty) = types.add_record(Record {
        kind: RecordKind::Struct,
        name: Name::Tag("block".to_owned()),
        scope: Scope::File,
        definition: Some(definition),
    });
    ty
}

fn key(number: u8) -> Pkey {
    Pkey::new(number).expect("there are 15")
}
