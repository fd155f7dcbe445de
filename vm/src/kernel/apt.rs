//! Fetching a kernel package with apt, without touching the system's own state: package lists, cache
//! and sources of this use only. No rights are needed, and apt checks all signatures.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::Kernel;
use crate::error::Error;

/// One suite of a Debian archive.
pub(super) struct Suite {
    pub(super) archive: Archive,
    pub(super) name: &'static str,
}

/// Debian keeps its security updates in an archive of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Archive {
    Main,
    Security,
}

impl Archive {
    /// Last step of its address.
    fn name(self) -> &'static str {
        match self {
            Archive::Main => "debian",
            Archive::Security => "debian-security",
        }
    }
}

/// The package whose one dependency is the newest kernel image for virtual machines.
const META_PACKAGE: &str = "linux-image-cloud-amd64";

/// The keys Debian signs with, where the system's own list of trusted keys lacks them.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Downloads and unpacks the kernel's package below `scratch`; gives the unpacked tree.
pub(super) fn unpack_kernel(
    kernel: Kernel,
    scratch: &Path,
    progress: &dyn Fn(&str),
) -> Result<PathBuf, Error> {
    let apt = Apt::new(scratch)?;
    apt.write_sources(kernel)?;
    progress(&format!("kernel {kernel}: reading Debian's package lists"));
    apt.run("apt-get", &["update"])?;
    let depends = apt.run("apt-cache", &["depends", "--important", META_PACKAGE])?;
    let package = depends
        .lines()
        .find_map(|line| line.trim().strip_prefix("Depends: "))
        .ok_or_else(|| Error::NoKernel(format!("{META_PACKAGE} depends on nothing")))?;
    progress(&format!("kernel {kernel}: downloading {package}"));
    apt.run("apt-get", &["download", package])?;
    progress(&format!("kernel {kernel}: unpacking {package}"));
    let tree = scratch.join("package");
    let archive = only_package(scratch)?;
    let mut dpkg = Command::new("dpkg");
    checked(dpkg.arg("-x").arg(archive).arg(&tree))?;
    Ok(tree)
}

/// apt with a configuration of its own.
struct Apt {
    scratch: PathBuf,
    options: Vec<String>,
}

impl Apt {
    fn new(scratch: &Path) -> Result<Apt, Error> {
        for directory in ["lists/partial", "cache/archives/partial"] {
            let directory = scratch.join(directory);
            fs::create_dir_all(&directory).map_err(Error::file(&directory))?;
        }
        let here = scratch.display();
        let options = vec![
            format!("Dir::State::lists={here}/lists"),
            format!("Dir::State::status={here}/status"),
            format!("Dir::Cache={here}/cache"),
            format!("Dir::Etc::sourcelist={here}/sources.list"),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            "Dir::Etc::preferences=/dev/null".to_owned(),
            "Dir::Etc::preferencesparts=/dev/null".to_owned(),
            // The scratch directory is readable to its owner only.
            "APT::Sandbox::User=root".to_owned(),
            // Else an update that failed to fetch a list would count as a success.
            "APT::Update::Error-Mode=any".to_owned(),
            "APT::Architecture=amd64".to_owned(),
            "APT::Architectures=amd64".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            "Acquire::Retries=3".to_owned(),
        ];
        let apt = Apt { scratch: scratch.to_owned(), options };
        apt.write("status", "")?;
        Ok(apt)
    }

    /// Names the kernel's suites, on the mirror that the system uses.
    fn write_sources(&self, kernel: Kernel) -> Result<(), Error> {
        // What an update *would* fetch tells the mirrors, whatever format the sources have.
        let mut apt = Command::new("apt-get");
        let uris = checked(apt.args(["update", "--print-uris"])).unwrap_or_default();
        let trust = if Path::new(KEYRING).exists() {
            format!("[arch=amd64 signed-by={KEYRING}]")
        } else {
            "[arch=amd64]".to_owned()
        };
        let mut sources = String::new();
        for suite in kernel.suites() {
            let mirror = mirror(&uris, suite.archive);
            sources.push_str(&format!("deb {trust} {mirror} {} main\n", suite.name));
        }
        self.write("sources.list", &sources)
    }

    fn write(&self, name: &str, contents: &str) -> Result<(), Error> {
        let path = self.scratch.join(name);
        fs::write(&path, contents).map_err(Error::file(&path))
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<String, Error> {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        checked(command.args(args).current_dir(&self.scratch))
    }
}

/// The address of an archive among those of `apt-get update --print-uris`, else Debian's own.
fn mirror(uris: &str, archive: Archive) -> String {
    uris.lines()
        .filter_map(|line| line.strip_prefix('\'')?.split_once("/dists/"))
        .map(|(base, _)| base)
        .find(|base| base.trim_end_matches('/').ends_with(&format!("/{}", archive.name())))
        .map_or_else(|| format!("http://deb.debian.org/{}", archive.name()), str::to_owned)
}

/// The one package that was downloaded.
fn only_package(directory: &Path) -> Result<PathBuf, Error> {
    let entries = fs::read_dir(directory).map_err(Error::file(directory))?;
    for entry in entries {
        let path = entry.map_err(Error::file(directory))?.path();
        if path.extension().is_some_and(|extension| extension == "deb") {
            return Ok(path);
        }
    }
    Err(Error::NoKernel("apt-get download left no package".to_owned()))
}

/// Runs a command and gives its standard output.
fn checked(command: &mut Command) -> Result<String, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    // Messages in English, whoever reads the error.
    let Output { status, stdout, stderr } =
        command.env("LC_ALL", "C.UTF-8").output().map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                Error::NoKernel(format!(
                    "{name} not found: it is fetched with Debian's apt-get and dpkg, which this \
                     system does not have"
                ))
            } else {
                Error::system(&name)(error)
            }
        })?;
    if !status.success() {
        // The options say where the lists are, which tells nobody anything.
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        let options = args.iter().take_while(|arg| *arg == "-o" || arg.contains('=')).count();
        return Err(Error::NoKernel(format!(
            "`{name} {}` failed ({status}):\n{}",
            args[options..].join(" "),
            String::from_utf8_lossy(&stderr).trim_end()
        )));
    }
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_mirror_is_used() {
        let uris = "'http://mirror.example/debian/dists/bookworm/InRelease' x 0 \n\
                    'http://mirror.example/debian-security/dists/bookworm-security/InRelease' y 0 \n";
        assert_eq!(mirror(uris, Archive::Main), "http://mirror.example/debian");
        assert_eq!(mirror(uris, Archive::Security), "http://mirror.example/debian-security");
    }

    #[test]
    fn without_one_it_is_debians_own() {
        let uris = "'http://archive.ubuntu.com/ubuntu/dists/noble/InRelease' x 0 \n";
        assert_eq!(mirror(uris, Archive::Main), "http://deb.debian.org/debian");
        assert_eq!(mirror("", Archive::Security), "http://deb.debian.org/debian-security");
    }
}
