//! Compiling and linking a program, plain or with the guide's flags.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};
use camino::{Utf8Path, Utf8PathBuf};

use super::flags;
use super::recipe::Dso;
use super::rewrite::{self, Generated};
use super::tree::Program;
use super::unit::Unit;
use crate::command::quiet;
use crate::workspace::root;

/// What a program is built as.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Variant {
    /// As it is, no compartments.
    Plain,
    /// Rewritten, in compartments.
    Compartments,
    /// The same, but violations are logged and the program goes on.
    Permissive,
}

impl Variant {
    /// The name of its folder.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Variant::Plain => "plain",
            Variant::Compartments => "compartments",
            Variant::Permissive => "permissive",
        }
    }
}

/// The files of a built program.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    folder: Utf8PathBuf,
    gates: Option<String>,
}

impl Built {
    /// A file of the recipe.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name).into()
    }

    /// The source of `libcallgates.so`, for programs in compartments.
    pub(crate) fn gates(&self) -> Option<&str> {
        self.gates.as_deref()
    }
}

/// Builds a program.
///
/// # Errors
/// What the rewriter or the compiler says.
pub(crate) fn build(program: &Program<'_>, variant: Variant) -> Result<Built> {
    let output = program.folder.join(variant.name());
    fs_err::create_dir_all(&output)?;
    let generated = match variant {
        Variant::Plain => None,
        Variant::Compartments | Variant::Permissive => Some(rewrite::rewrite(program)?),
    };
    if let Some(generated) = &generated {
        gates(&generated.gates(), &output.join("libcallgates.so"))?;
    }
    let builder = Builder { program, variant, generated, output };
    let objects = builder.compile()?;
    for (dso, units) in &program.parts {
        builder.link(dso, units, &objects)?;
    }
    let gates = builder.generated.as_ref().map(Generated::gates);
    Ok(Built { folder: builder.output, gates })
}

/// Builds `libcallgates.so` with the guide's command.
pub(super) fn gates(source: &str, library: &Utf8Path) -> Result<()> {
    let include = root().join("runtime/libia2/include");
    let mut command = Command::new("cc");
    command.args(["-shared", "-fPIC", "-Wl,-z,now", source, "-I"]).arg(include).arg("-o");
    quiet(command.arg(library))?;
    Ok(())
}

struct Builder<'a> {
    program: &'a Program<'a>,
    variant: Variant,
    /// What the rewriter made, if there are compartments.
    generated: Option<Generated>,
    output: Utf8PathBuf,
}

/// The object file of each unit, by compartment.
type Objects<'a> = BTreeMap<(&'a Unit, u8), Utf8PathBuf>;

impl Builder<'_> {
    /// Compiles every unit once for each compartment it is in.
    fn compile(&self) -> Result<Objects<'_>> {
        let folder = self.output.join("objects");
        fs_err::create_dir_all(&folder)?;
        let mut objects = Objects::new();
        for (dso, units) in &self.program.parts {
            for unit in *units {
                let number = objects.len();
                let name = unit.source.file_stem().unwrap_or_default();
                let path = folder.join(format!("{number}-{name}.o"));
                objects.entry((unit, dso.pkey)).or_insert(path);
            }
        }
        let commands: Vec<_> = objects
            .iter()
            .map(|((unit, pkey), object)| self.compile_command(unit, *pkey, object))
            .collect::<Result<_>>()?;
        run_all(commands)?;
        Ok(objects)
    }

    fn compile_command(&self, unit: &Unit, pkey: u8, object: &Utf8Path) -> Result<Command> {
        let moved;
        let (unit, added) = match &self.generated {
            None => (unit, Vec::new()),
            Some(generated) => {
                moved = unit.moved(&self.program.root(), &self.program.rewritten());
                // The compiler may run in a folder that holds no source.
                fs_err::create_dir_all(&moved.directory)?;
                let mut added = flags::compile(&generated.header());
                added.push(format!("-DPKEY={pkey}"));
                if self.variant == Variant::Permissive {
                    added.extend(["-include", "permissive_mode.h"].map(str::to_owned));
                }
                (&moved, added)
            }
        };
        let (compiler, arguments) = unit.arguments.split_first().context("an empty command")?;
        let mut command = Command::new(compiler);
        command.current_dir(&unit.directory).args(flags::headers()).args(added);
        command.args(arguments).arg("-o").arg(object);
        Ok(command)
    }

    fn link(&self, dso: &Dso, units: &[Unit], objects: &Objects<'_>) -> Result<()> {
        let file = self.output.join(&dso.file);
        fs_err::create_dir_all(file.parent().unwrap_or(&self.output))?;
        let mut command = Command::new("cc");
        command.current_dir(self.program.root()).arg("-o").arg(&file);
        if dso.is_library() {
            command.args(["-shared", &format!("-Wl,-soname,{}", dso.file_name())]);
        }
        command.args(units.iter().map(|unit| &objects[&(unit, dso.pkey)]));
        command.args(dso.libraries.iter().map(|library| self.output.join(library)));
        command.arg("-Wl,-rpath,$ORIGIN").args(&dso.link);
        if let Some(generated) = &self.generated {
            command.args(flags::link()).args(generated.link(dso.pkey));
            command.arg(format!("-L{}", self.output));
            if !dso.is_library() {
                command.args(flags::link_program());
            }
        }
        quiet(&mut command)?;
        Ok(())
    }
}

/// Runs commands side by side, as many as there are CPUs; gives the first error.
pub(crate) fn run_all(commands: Vec<Command>) -> Result<()> {
    let waiting = Mutex::new(commands.into_iter());
    let next = || waiting.lock().expect("taking a command cannot panic").next();
    let work = || -> Result<()> {
        while let Some(mut command) = next() {
            quiet(&mut command)?;
        }
        Ok(())
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| worker.join().expect("no worker panics"));
        results.collect::<Vec<_>>().into_iter().collect()
    })
}
