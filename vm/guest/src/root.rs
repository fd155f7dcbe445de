//! The root directory of one job: exactly the files it named, plus what every Linux system has.
//!
//! The named files are the lower layer of an overlay, hard links into the store; what the job writes
//! goes to the upper layer and is deleted with it. So jobs cannot see or change each other's files.

use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use nix::fcntl::{OFlag, OpenHow, ResolveFlag, open, openat2};
use nix::mount::{MntFlags, MsFlags, umount2};
use nix::sys::stat::Mode;
use vm_shared::message::{Entry, JobId, Node};

use crate::boot::mount_at;
use crate::store;

/// Everything about jobs lies on one file system, because hard links and overlays need that.
pub(crate) const JOBS: &str = "/jobs";

/// The mounted root of one job; dropping it deletes all the job wrote.
pub(crate) struct Root {
    job: PathBuf,
}

impl Root {
    /// Makes the tree and mounts it.
    pub(crate) fn new(job: JobId, tree: &[Entry]) -> Result<Root, Box<dyn Error>> {
        let root = Root { job: PathBuf::from(format!("{JOBS}/{}", job.0)) };
        for layer in ["lower", "upper", "work", "root"] {
            fs::create_dir_all(root.job.join(layer))?;
        }
        let lower = root.job.join("lower");
        for name in ["proc", "sys", "dev"] {
            fs::create_dir(lower.join(name))?;
        }
        make_tree(&lower, tree)?;
        make_tmp(&lower)?;
        root.mount()?;
        Ok(root)
    }

    /// The root as seen from outside of it.
    pub(crate) fn path(&self) -> PathBuf {
        self.job.join("root")
    }

    fn mount(&self) -> Result<(), Box<dyn Error>> {
        let layer = |name| self.job.join(name).display().to_string();
        let options = format!(
            "lowerdir={},upperdir={},workdir={}",
            layer("lower"),
            layer("upper"),
            layer("work")
        );
        let (root, plain) = (self.path(), MsFlags::empty());
        mount_at("overlay", &root, "overlay", plain, &options)?;
        mount_at("proc", root.join("proc"), "proc", plain, "")?;
        let bind = MsFlags::MS_BIND | MsFlags::MS_REC;
        mount_at("/sys", root.join("sys"), "", bind, "")?;
        mount_at("/dev", root.join("dev"), "", bind, "")?;
        // Shared memory objects of its own, so that names of concurrent jobs do not clash.
        mount_at("tmpfs", root.join("dev/shm"), "tmpfs", plain, "size=20%,mode=1777")
    }

    /// Opens a file the way a process inside the root would, or `None` if there is none.
    pub(crate) fn open(&self, path: &OsString) -> io::Result<Option<File>> {
        let root = open(&self.path(), OFlag::O_DIRECTORY | OFlag::O_CLOEXEC, Mode::empty())?;
        let how = OpenHow::new()
            .flags(OFlag::O_RDONLY | OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)
            .resolve(ResolveFlag::RESOLVE_IN_ROOT);
        match openat2(&root, path.as_os_str(), how).map(File::from) {
            Ok(file) if file.metadata()?.is_file() => Ok(Some(file)),
            Ok(_) => Ok(None),
            Err(nix::errno::Errno::ENOENT | nix::errno::Errno::ENOTDIR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let root = self.path();
        // Each may be absent when setting up failed halfway; deleting is then all that is left.
        for mount in ["dev/shm", "dev", "sys", "proc", ""] {
            let _: nix::Result<()> = umount2(&root.join(mount), MntFlags::MNT_DETACH);
        }
        if let Err(error) = fs::remove_dir_all(&self.job) {
            eprintln!("ia2 guest agent: deleting {}: {error}", self.job.display());
        }
    }
}

/// Makes the named files below the lower layer.
fn make_tree(lower: &Path, tree: &[Entry]) -> io::Result<()> {
    for Entry { path, node } in tree {
        let name = Path::new(path);
        let place = lower.join(name.strip_prefix("/").unwrap_or(name));
        let made = match node {
            Node::Directory { mode, owner } => make_directory(&place)
                .and_then(|()| chown(&place, Some(owner.uid), Some(owner.gid)))
                .and_then(|()| fs::set_permissions(&place, Permissions::from_mode(*mode))),
            Node::Link(target) => symlink(target, &place),
            Node::File(file) => fs::hard_link(store::path(*file), &place),
        };
        made.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", name.display())))?;
    }
    Ok(())
}

/// Makes a directory, which may be there already: the root itself, or one every system has.
fn make_directory(place: &Path) -> io::Result<()> {
    match fs::create_dir(place) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && place.is_dir() => Ok(()),
        result => result,
    }
}

/// Every program may expect to be able to write below `/tmp`.
fn make_tmp(lower: &Path) -> io::Result<()> {
    let tmp = lower.join("tmp");
    make_directory(&tmp)?;
    debug_assert!(tmp.as_os_str().as_bytes().ends_with(b"/tmp"));
    fs::set_permissions(&tmp, Permissions::from_mode(0o1777))
}
