//! The kernels of the emulated machine: Debian's own, fetched once with apt and kept in the user's
//! cache. Nothing is installed.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use debian::{Apt, Archive, Content, Suite, cache};

use crate::error::Error;

/// A kernel to boot in the emulator.
///
/// Signal delivery to a thread without rights to its stack changed in Linux 6.12, so there is one
/// kernel of each kind.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Kernel {
    /// Linux 6.1, from Debian 12.
    #[default]
    V6_1,
    /// Linux 6.12, from the backports of Debian 12.
    V6_12,
}

/// A kernel in the cache.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KernelFiles {
    /// `uname -r`.
    pub release: String,
    /// The compressed image.
    pub image: PathBuf,
    /// The modules the guest agent needs, in the order of loading.
    pub modules: Vec<PathBuf>,
}

/// The modules the guest agent needs, in the order of loading, by their path below
/// `/lib/modules/RELEASE/kernel` without suffix: the serial port to the host, and overlays.
const MODULES: [&str; 7] = [
    "drivers/virtio/virtio_ring",
    "drivers/virtio/virtio",
    "drivers/virtio/virtio_pci_modern_dev",
    "drivers/virtio/virtio_pci_legacy_dev",
    "drivers/virtio/virtio_pci",
    "drivers/char/virtio_console",
    "fs/overlayfs/overlay",
];

/// The package whose one dependency is the newest kernel image for virtual machines.
const META_PACKAGE: &str = "linux-image-cloud-amd64";

/// The file of a cached kernel that holds its release; written last.
const RELEASE: &str = "release";

impl Kernel {
    /// Every kernel.
    pub const ALL: [Kernel; 2] = [Kernel::V6_1, Kernel::V6_12];

    /// The Debian suites that carry it, each with the name of its archive.
    fn suites(self) -> &'static [Suite] {
        match self {
            Kernel::V6_1 => &[
                Suite { archive: Archive::Main, name: "bookworm" },
                Suite { archive: Archive::Security, name: "bookworm-security" },
            ],
            Kernel::V6_12 => &[Suite { archive: Archive::Main, name: "bookworm-backports" }],
        }
    }

    /// The kernel, if it is in the cache.
    ///
    /// # Errors
    /// There is no place for a cache, or what is in it cannot be read.
    pub fn cached(self) -> Result<Option<KernelFiles>, Error> {
        load(&cache::directory()?.join(self.directory()))
    }

    /// The kernel, from the cache or else from Debian. Each step is told to `progress`.
    ///
    /// # Errors
    /// It is not in the cache and cannot be fetched.
    pub fn fetch(self, progress: &dyn Fn(&str)) -> Result<KernelFiles, Error> {
        let place = cache::entry(&self.directory(), progress, |scratch, entry| {
            collect(&self.unpack(scratch, progress)?, entry)
        })?;
        load(&place)?.ok_or_else(|| Error::NoKernel(format!("{} is incomplete", place.display())))
    }

    /// Downloads and unpacks the kernel's package below `scratch`; gives the unpacked tree.
    fn unpack(self, scratch: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, Error> {
        progress(&format!("kernel {self}: reading Debian's package lists"));
        let apt = Apt::new(scratch, self.suites(), Content::Packages)?;
        let depends = apt.run("apt-cache", &["depends", "--important", META_PACKAGE])?;
        let package = depends
            .lines()
            .find_map(|line| line.trim().strip_prefix("Depends: "))
            .ok_or_else(|| Error::NoKernel(format!("{META_PACKAGE} depends on nothing")))?;
        progress(&format!("kernel {self}: downloading {package}"));
        apt.run("apt-get", &["download", package])?;
        progress(&format!("kernel {self}: unpacking {package}"));
        let tree = scratch.join("package");
        debian::run(Command::new("dpkg").arg("-x").arg(only_package(scratch)?).arg(&tree))?;
        Ok(tree)
    }

    fn directory(self) -> String {
        format!("kernel-{self}")
    }
}

impl fmt::Display for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kernel::V6_1 => "6.1",
            Kernel::V6_12 => "6.12",
        })
    }
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

/// A kernel collected here before.
fn load(place: &Path) -> Result<Option<KernelFiles>, Error> {
    let release = place.join(RELEASE);
    if !release.exists() {
        return Ok(None);
    }
    let release = fs::read_to_string(&release).map_err(Error::file(&release))?;
    let modules = place.join("modules");
    let entries = fs::read_dir(&modules).map_err(Error::file(&modules))?;
    let mut modules = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Error::file(&modules))?;
    modules.sort();
    Ok(Some(KernelFiles { release, image: place.join("vmlinuz"), modules }))
}

/// Copies what is needed of an unpacked kernel package.
fn collect(package: &Path, place: &Path) -> Result<(), Error> {
    let modules = place.join("modules");
    fs::create_dir_all(&modules).map_err(Error::file(&modules))?;
    let releases = package.join("lib/modules");
    let release = fs::read_dir(&releases)
        .map_err(Error::file(&releases))?
        .next()
        .ok_or_else(|| Error::NoKernel("its package holds no modules".to_owned()))?
        .map_err(Error::file(&releases))?
        .file_name();
    let release = release.to_string_lossy();
    copy(&package.join(format!("boot/vmlinuz-{release}")), &place.join("vmlinuz"))?;

    let tree = releases.join(&*release);
    let builtin = tree.join("modules.builtin");
    let builtin = fs::read_to_string(&builtin).map_err(Error::file(&builtin))?;
    for (index, module) in MODULES.iter().enumerate() {
        let file = format!("kernel/{module}.ko");
        if builtin.lines().any(|line| line == file) {
            continue;
        }
        let found = ["", ".xz", ".zst"]
            .iter()
            .map(|suffix| tree.join(format!("{file}{suffix}")))
            .find(|path| path.exists())
            .ok_or_else(|| Error::NoKernel(format!("kernel {release} has no module {module}")))?;
        let name = found.file_name().unwrap_or_default().to_string_lossy();
        // The number keeps the order of loading.
        copy(&found, &modules.join(format!("{index}-{name}")))?;
    }
    let path = place.join(RELEASE);
    fs::write(&path, &*release).map_err(Error::file(&path))
}

fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    fs::copy(from, to).map(|_| ()).map_err(Error::file(from))
}
