//! Building a case with the guide's flags.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::case::{Case, Dso};
use crate::paths::root;
use crate::rewrite::{PREFIX, Rewritten, include_flags};

/// A C compiler.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Compiler {
    #[default]
    Gcc,
    Clang,
}

impl Compiler {
    /// Both.
    pub const ALL: [Compiler; 2] = [Compiler::Gcc, Compiler::Clang];

    /// Name for tests and directories.
    pub fn name(self) -> &'static str {
        match self {
            Compiler::Gcc => "gcc",
            Compiler::Clang => "clang",
        }
    }

    /// The program, the newest there is.
    ///
    /// # Errors
    /// If none is installed.
    pub fn program(self) -> Result<String> {
        let candidates: &[&str] = match self {
            Compiler::Gcc => &["gcc"],
            Compiler::Clang => &["clang", "clang-19", "clang-18", "clang-17", "clang-16"],
        };
        let runs = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
        match candidates.iter().find(runs) {
            Some(name) => Ok((*name).to_owned()),
            None => bail!("{} is not installed; `./x doctor` says what is needed", self.name()),
        }
    }
}

/// What is built of a case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Variant {
    /// The original sources, no compartments.
    Plain,
    /// The rewritten sources with IA2_ENABLE 0.
    Disabled,
    /// The rewritten sources in compartments.
    Compartments,
}

impl Variant {
    /// All of them.
    pub const ALL: [Variant; 3] = [Variant::Plain, Variant::Disabled, Variant::Compartments];

    /// Name for directories.
    pub fn name(self) -> &'static str {
        match self {
            Variant::Plain => "plain",
            Variant::Disabled => "disabled",
            Variant::Compartments => "compartments",
        }
    }
}

/// The functions that the guide wraps in every shared object.
const WRAPPED: [&str; 16] = [
    "pthread_create",
    "calloc",
    "free",
    "malloc",
    "memalign",
    "posix_memalign",
    "pvalloc",
    "realloc",
    "valloc",
    "malloc_usable_size",
    "realpath",
    "strdup",
    "strndup",
    "getcwd",
    "asprintf",
    "vasprintf",
];

struct Builder<'a> {
    case: &'a Case,
    rewritten: &'a Rewritten,
    compiler: String,
    variant: Variant,
    output: PathBuf,
}

/// Builds one variant of the case. Returns the (first) executable; others lie beside it.
///
/// # Errors
/// What the compiler printed.
pub fn build(
    case: &Case,
    rewritten: &Rewritten,
    compiler: Compiler,
    variant: Variant,
) -> Result<PathBuf> {
    let output = rewritten.directory.join(compiler.name()).join(variant.name());
    fs_err::create_dir_all(&output)?;
    let builder =
        Builder { case, rewritten, compiler: compiler.program()?, variant, output: output.clone() };
    if variant == Variant::Compartments {
        builder.gates(&[])?;
    } else {
        builder.plain_allocator()?;
    }
    for library in case.libraries() {
        builder.link(library)?;
    }
    for executable in case.executables() {
        builder.link(executable)?;
    }
    Ok(output.join(&case.executable().name))
}

/// Copies a compartmentalized program, with gates that clear less (`-DIA2_SCRUB=`). Returns the copy.
///
/// # Errors
/// What the compiler printed, or a file that cannot be copied.
pub fn with_scrub(
    case: &Case,
    rewritten: &Rewritten,
    compiler: Compiler,
    program: &Path,
    level: &str,
) -> Result<PathBuf> {
    let from = program.parent().context("a program lies in a directory")?;
    let output = from.with_file_name(format!("scrub-{level}"));
    fs_err::create_dir_all(&output)?;
    for entry in fs_err::read_dir(from)? {
        let entry = entry?;
        fs_err::copy(entry.path(), output.join(entry.file_name()))?;
    }
    let variant = Variant::Compartments;
    let compiler = compiler.program()?;
    let builder = Builder { case, rewritten, compiler, variant, output: output.clone() };
    builder.gates(&[format!("-DIA2_SCRUB={level}")])?;
    Ok(output.join(program.file_name().context("a program has a name")?))
}

impl Builder<'_> {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.compiler);
        command.current_dir(&self.rewritten.directory);
        command
    }

    /// `libcallgates.so`, with the guide's command and these flags.
    fn gates(&self, flags: &[String]) -> Result<()> {
        let mut command = self.command();
        command
            .args(["-shared", "-fPIC", "-Wl,-z,now"])
            .args(flags)
            .arg(format!("{PREFIX}.c"))
            .arg("-I")
            .arg(root().join("runtime/libia2/include"))
            .arg("-o")
            .arg(self.output.join("libcallgates.so"));
        run(command)
    }

    /// Without compartments `shared_malloc` is `malloc`.
    fn plain_allocator(&self) -> Result<()> {
        let source = root().join("tests/harness/c/plain_allocator.c");
        let mut command = self.command();
        command.args(["-shared", "-fPIC"]).arg(source).arg("-o");
        command.arg(self.output.join("libplain-allocator.so"));
        run(command)
    }

    /// Compiles and links one shared object.
    fn link(&self, dso: &Dso) -> Result<()> {
        let is_executable = self.case.is_executable(dso);
        let mut command = self.command();
        command.args(["-g", "-O1", "-Wall", "-Wno-unused-function", "-fPIC"]).args(include_flags());
        command.args(&self.case.description.flags).args(&dso.flags);
        if !is_executable {
            command.arg("-shared").arg(format!("-Wl,-soname,lib{}.so", dso.name));
        }
        let tree = match self.variant {
            Variant::Plain => "src",
            _ if dso.prebuilt => "src",
            Variant::Disabled | Variant::Compartments => "out",
        };
        if self.variant != Variant::Plain && !dso.prebuilt {
            command
                .arg(format!("-DIA2_ENABLE={}", u8::from(self.variant == Variant::Compartments)));
            command.arg("-include").arg(format!("{PREFIX}.h"));
            command.arg("-Werror=incompatible-pointer-types");
        }
        if !dso.prebuilt && dso.pkey != 0 {
            command.arg(format!("-DPKEY={}", dso.pkey));
        }
        command.args(dso.sources.iter().map(|source| format!("{tree}/{source}")));
        let name = if is_executable { dso.name.clone() } else { format!("lib{}.so", dso.name) };
        command.arg("-o").arg(self.output.join(name));
        command.arg("-pthread").arg("-L").arg(&self.output);
        command.arg("-Wl,-rpath,$ORIGIN").arg("-Wl,--export-dynamic");
        if self.variant == Variant::Compartments && !dso.prebuilt {
            self.compartment_flags(&mut command, dso, is_executable);
        }
        command.args(self.case.linked(dso).iter().map(|library| format!("-l{library}")));
        if self.variant != Variant::Compartments {
            command.arg("-lplain-allocator");
        } else if is_executable {
            command.args(["-llibia2", "-lpartition-alloc", "-lcallgates"]);
            // The guide leaves finding the allocator to the user.
            let library = root().join("build/runtime/partition-alloc");
            command.arg(format!("-Wl,-rpath,{}", library.display()));
        }
        run(command)
    }

    fn compartment_flags(&self, command: &mut Command, dso: &Dso, is_executable: bool) {
        command.args(WRAPPED.iter().map(|name| format!("-Wl,--wrap={name}")));
        command.args(["-Wl,-z,now", "-Wl,-z,relro"]);
        let script = root().join("runtime/libia2/padding.ld");
        command.arg(format!("-Wl,-T{}", script.display()));
        let arguments = self.rewritten.directory.join(format!("{PREFIX}_{}.ld", dso.pkey));
        if arguments.exists() {
            command.arg(format!("-Wl,@{}", arguments.display()));
        }
        if is_executable {
            command.arg("-Wl,--wrap=main");
            let list = root().join("runtime/libia2/dynsym.syms");
            command.arg(format!("-Wl,--dynamic-list={}", list.display()));
            for directory in ["build/runtime/libia2", "build/runtime/partition-alloc"] {
                command.arg("-L").arg(root().join(directory));
            }
        }
    }
}

fn run(mut command: Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("{}\n{text}", shown(&command));
    }
    if text.contains("warning:") {
        bail!("{}\nwarnings:\n{text}", shown(&command));
    }
    Ok(())
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Whether a path is there; for messages about what is missing.
///
/// # Errors
/// What to do about it.
pub fn require(path: &Path) -> Result<()> {
    if path.exists() {
        return Ok(());
    }
    bail!("{} is missing; `./x stage` makes it", path.display())
}
