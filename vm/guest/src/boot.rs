//! Bringing the machine up: file systems, drivers, the loopback network.

use std::error::Error;
use std::ffi::CString;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use nix::errno::Errno;
use nix::kmod::{ModuleInitFlags, finit_module};
use nix::mount::{MsFlags, mount};

use crate::root::JOBS;

/// The agent's cgroup hierarchy, a child of which is made for each job.
pub(crate) const CGROUPS: &str = "/sys/fs/cgroup";

/// Where the host puts kernel modules, named so that their order is the order to load them in.
const MODULES: &str = "/modules";

/// The share of the machine's memory that files may take: those of the host and those that jobs
/// write. The rest is for the processes.
const FILES_SHARE: &str = "size=60%,mode=0755";

/// `MODULE_INIT_COMPRESSED_FILE` of `linux/module.h`: the kernel unpacks the module itself.
const COMPRESSED: i32 = 4;

/// Mounts what jobs need, loads the modules, and starts the loopback interface.
pub(crate) fn set_up() -> Result<(), Box<dyn Error>> {
    let plain = MsFlags::empty();
    mount_at("proc", "/proc", "proc", plain, "")?;
    mount_at("sysfs", "/sys", "sysfs", plain, "")?;
    mount_at("devtmpfs", "/dev", "devtmpfs", plain, "mode=0755")?;
    fs::create_dir_all("/dev/shm")?;
    mount_at("devpts", "/dev/pts", "devpts", plain, "ptmxmode=0666")?;
    // Each job moves one process into a new group; the option makes that quick.
    mount_at("cgroup2", CGROUPS, "cgroup2", plain, "favordynmods")?;
    fs::write(format!("{CGROUPS}/cgroup.subtree_control"), "+memory")
        .map_err(|error| format!("the memory controller of cgroups: {error}"))?;
    mount_at("tmpfs", JOBS, "tmpfs", plain, FILES_SHARE)?;
    load_modules()?;
    // The interface's flags as in `netdevice(7)`; 1 is IFF_UP.
    fs::write("/sys/class/net/lo/flags", "1").map_err(|error| format!("loopback: {error}"))?;
    // A job that takes all memory must not take the agent with it. `enter` resets this for jobs.
    fs::write("/proc/self/oom_score_adj", "-1000")?;
    Ok(())
}

/// Mounts a file system, making its mount point first.
pub(crate) fn mount_at(
    source: &str,
    target: impl AsRef<Path>,
    kind: &str,
    flags: MsFlags,
    options: &str,
) -> Result<(), Box<dyn Error>> {
    let target = target.as_ref();
    fs::create_dir_all(target).map_err(|error| format!("{}: {error}", target.display()))?;
    mount(Some(source), target, Some(kind), flags, Some(options))
        .map_err(|error| format!("mounting {kind} at {}: {error}", target.display()).into())
}

fn load_modules() -> Result<(), Box<dyn Error>> {
    let entries = fs::read_dir(MODULES)?.collect::<io::Result<Vec<_>>>()?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let compressed = path.extension().is_some_and(|extension| extension != "ko");
        let flags = if compressed { COMPRESSED } else { 0 };
        let flags = ModuleInitFlags::from_bits_retain(flags.cast_unsigned());
        match finit_module(File::open(&path)?, &CString::default(), flags) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(error) => return Err(format!("module {}: {error}", path.display()).into()),
        }
    }
    Ok(())
}
