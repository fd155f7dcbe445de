//! Running the service, in every build and with every attack.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use camino::Utf8Path;
use vm::{Job, Machine, Outcome, Session, Settings, Status};

use super::tiff;
use crate::program::build::{Built, Variant, build};
use crate::program::counting;
use crate::program::recipe::Recipe;
use crate::program::tree::{Patch, Tree};
use crate::progress::Progress;
use crate::workspace::root;

/// The secret. Its beginning is what the implant looks for.
pub(super) const KEY: &str = "VAULT-KEY-7f3a91c2e55d4b08-DO-NOT-LEAK";
/// What fixes the vulnerability.
const FIX: Patch<'static> = Patch::Debian { source: "tiff", name: "CVE-2025-9900.patch" };
/// The limit on the service's address space, in KiB for `ulimit -v`. It also brings the heaps near
/// enough to each other for the exploit, which reaches 16 GiB; without it they are 512 GiB apart.
const ADDRESS_SPACE: u32 = 4 << 20;

/// What a plain and a compartmentalized build did with the same task.
pub(super) struct Pair {
    pub(super) plain: Ran,
    pub(super) compartments: Ran,
}

/// What a program did.
pub(super) struct Ran {
    pub(super) status: Status,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl From<Outcome> for Ran {
    fn from(outcome: Outcome) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { status: outcome.status, stdout: text(&outcome.stdout), stderr: text(&outcome.stderr) }
    }
}

/// How the implant in libtiff gets at the key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// From its constructor, directly.
    Constructor,
    /// When a picture is opened, directly.
    Read,
    /// When a picture is opened, by a system call.
    Write,
    /// From its destructor, directly.
    Destructor,
}

impl Way {
    /// All of them.
    pub(super) const ALL: [Way; 4] = [Way::Constructor, Way::Read, Way::Write, Way::Destructor];

    /// The value of `TIFF_IMPLANT`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Way::Constructor => "constructor",
            Way::Read => "read",
            Way::Write => "write",
            Way::Destructor => "destructor",
        }
    }
}

/// Everything that was run.
pub(super) struct Evidence {
    /// A harmless picture.
    pub(super) good: Pair,
    /// The exploit.
    pub(super) exploit: Pair,
    /// The exploit, with the fixed libtiff.
    pub(super) fixed: Pair,
    /// The tampered libtiff.
    pub(super) implants: Vec<(Way, Pair)>,
    /// The harmless picture again, with gates that count.
    pub(super) counted: Ran,
}

/// The programs of one state of the sources.
struct Service {
    plain: Built,
    compartments: Built,
}

impl Service {
    fn build(
        recipe: &Recipe,
        patches: &[Patch<'_>],
        folder: &Path,
        progress: &Progress,
    ) -> Result<Service> {
        let step = |text: &str| progress.step(text);
        let what = if patches.is_empty() { "libtiff 4.5.0" } else { "libtiff 4.5.0, fixed" };
        progress.step(&format!("{what}: unpacking and configuring its sources"));
        let tree = Tree::prepare(recipe, patches, folder, &step)?;
        progress.step(&format!("{what}: building the plain service"));
        let program = tree.program("cardd")?;
        let plain = build(&program, Variant::Plain)?;
        progress.step(&format!("{what}: rewriting it, and building the compartmentalized service"));
        let compartments = build(&program, Variant::Compartments)?;
        Ok(Service { plain, compartments })
    }

    fn built(&self, variant: Variant) -> &Built {
        match variant {
            Variant::Plain => &self.plain,
            Variant::Compartments | Variant::Permissive => &self.compartments,
        }
    }
}

/// Builds and runs everything.
///
/// # Errors
/// Something cannot be built or run at all; what programs do is evidence, not an error.
pub(super) fn gather(progress: &Progress) -> Result<Evidence> {
    let recipe = Recipe::read(&root().join("examples/cardd"))?;
    progress.step(&recipe.text.about);
    let folder = root().join("target/programs/cardd");
    let service = Service::build(&recipe, &[], &folder.join("vulnerable"), progress)?;
    let fixed = Service::build(&recipe, &[FIX], &folder.join("fixed"), progress)?;

    let machine = Machine::pick()?;
    progress.step(&format!("running them on {machine}"));
    let runner = Runner { session: Session::new(machine, Settings::default()), folder };
    let distance = runner.pair(&service, |variant| {
        runner.prepare(variant)?;
        Ok(vec!["--layout".to_owned()])
    })?;
    for (variant, ran) in
        [(Variant::Plain, &distance.plain), (Variant::Compartments, &distance.compartments)]
    {
        let layout = Layout::read(ran)?;
        fs_err::write(runner.inputs(variant).join("evil.tif"), tiff::evil(layout.distance())?)?;
    }
    let attack = |_| Ok(["--layout", "3:good.tif", "7:evil.tif"].map(str::to_owned).to_vec());
    let good = |_| Ok(vec!["3:good.tif".to_owned()]);
    let mut implants = Vec::new();
    for way in Way::ALL {
        let ran = runner.pair_with(&service, good, |variant| Extra {
            libraries: Some(folder_of(&service.built(variant).file("implanted/libtiff.so.6"))),
            implant: Some(way),
        })?;
        implants.push((way, ran));
    }
    Ok(Evidence {
        good: runner.pair(&service, good)?,
        exploit: runner.pair(&service, attack)?,
        fixed: runner.pair(&fixed, attack)?,
        implants,
        counted: runner.counted(&service.compartments)?,
    })
}

/// Where raster and client table are in a process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Layout {
    raster: u64,
    /// First byte of the client table.
    pub(super) clients: u64,
    /// First byte behind it.
    pub(super) end: u64,
}

impl Layout {
    /// Reads what `--layout` prints.
    pub(super) fn read(ran: &Ran) -> Result<Layout> {
        let line = ran.stdout.lines().find_map(|line| line.strip_prefix("layout: "));
        let line = line.with_context(|| format!("no layout was printed:\n{}", ran.stderr))?;
        let field = |name: &str| -> Result<u64> {
            let value = line.split(' ').find_map(|word| word.strip_prefix(name));
            let digits = value.and_then(|value| value.strip_prefix("=0x"));
            Ok(u64::from_str_radix(digits.with_context(|| format!("no {name} in {line}"))?, 16)?)
        };
        Ok(Layout { raster: field("raster")?, clients: field("clients")?, end: field("end")? })
    }

    /// From the raster to the table, in bytes.
    pub(super) fn distance(self) -> i64 {
        self.clients.wrapping_sub(self.raster).cast_signed()
    }

    /// The client in whose record an address is.
    pub(super) fn client_at(self, address: u64) -> Option<u64> {
        let offset = address.checked_sub(self.clients)?;
        (address < self.end).then_some(offset / 64)
    }
}

/// What else a run is given.
#[derive(Default)]
struct Extra {
    /// A folder whose libraries take the place of the usual ones.
    libraries: Option<PathBuf>,
    implant: Option<Way>,
}

struct Runner {
    session: Session,
    folder: PathBuf,
}

impl Runner {
    /// The folder with the input files for a variant; the exploit must know the layout.
    fn inputs(&self, variant: Variant) -> PathBuf {
        self.folder.join("inputs").join(variant.name())
    }

    fn prepare(&self, variant: Variant) -> Result<()> {
        let folder = self.inputs(variant);
        fs_err::create_dir_all(&folder)?;
        fs_err::write(folder.join("vault.key"), format!("{KEY}\n"))?;
        fs_err::write(folder.join("good.tif"), tiff::good())?;
        Ok(())
    }

    fn pair(
        &self,
        service: &Service,
        args: impl Fn(Variant) -> Result<Vec<String>>,
    ) -> Result<Pair> {
        self.pair_with(service, args, |_| Extra::default())
    }

    fn pair_with(
        &self,
        service: &Service,
        args: impl Fn(Variant) -> Result<Vec<String>>,
        extra: impl Fn(Variant) -> Extra,
    ) -> Result<Pair> {
        let run =
            |variant| self.run(service.built(variant), variant, args(variant)?, &extra(variant));
        Ok(Pair { plain: run(Variant::Plain)?, compartments: run(Variant::Compartments)? })
    }

    /// Runs the service with a limit on its address space, as services that read pictures of strangers
    /// are run.
    fn run(
        &self,
        built: &Built,
        variant: Variant,
        args: Vec<String>,
        extra: &Extra,
    ) -> Result<Ran> {
        let program = built.file("cardd");
        let inputs = self.inputs(variant);
        let limited = format!("ulimit -v {ADDRESS_SPACE} && exec \"$0\" \"$@\"");
        let mut job = Job::new("/bin/sh").args(["-c", &limited]).arg(&program).args(args);
        job = job.file(&program).cwd(&inputs).time_limit(Duration::from_secs(60));
        for entry in fs_err::read_dir(&inputs)? {
            job = job.file(entry?.path());
        }
        if let Some(libraries) = &extra.libraries {
            job = job.env("LD_LIBRARY_PATH", libraries);
        }
        if let Some(way) = extra.implant {
            job = job.env("TIFF_IMPLANT", way.name());
        }
        Ok(self.session.run(&job)?.into())
    }

    /// Serves the harmless picture with gates that count.
    fn counted(&self, built: &Built) -> Result<Ran> {
        let library = built.file("counting/libcallgates.so");
        let path = Utf8Path::from_path(&library).context("the path is not UTF-8")?;
        let gates = built.gates().context("a program in compartments has gates")?;
        counting::build(Utf8Path::new(gates), path)?;
        let extra = Extra { libraries: Some(folder_of(&library)), implant: None };
        let ran = self.run(built, Variant::Compartments, vec!["3:good.tif".to_owned()], &extra)?;
        ensure!(
            ran.status == Status::Exited(0),
            "with counting gates the service ended with {:?}:\n{}",
            ran.status,
            ran.stderr
        );
        Ok(ran)
    }
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(file).to_owned()
}
