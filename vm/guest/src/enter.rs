//! What happens in a job's process before its program: it joins the job's cgroup, enters the job's
//! root and drops the agent's rights.
#![allow(unsafe_code, reason = "Command::pre_exec is unsafe: its closure runs after fork")]

use std::ffi::CString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::fcntl::{OFlag, open};
use nix::sched::{CloneFlags, unshare};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::stat::Mode;
use nix::unistd::{Gid, Uid, chdir, chroot, setgid, setgroups, setuid};
use vm_shared::message::{Owner, Spec};

/// The command that becomes the job's program, in this cgroup and below this root.
pub(crate) fn command(spec: &Spec, cgroup: &Path, root: &Path) -> io::Result<Command> {
    let mut command = Command::new(&spec.program);
    let pairs = spec.env.iter().map(|(name, value)| (name, value));
    command.arg0(&spec.name).args(&spec.args).env_clear().envs(pairs);
    let steps = Steps {
        cgroup: OpenOptions::new().write(true).open(cgroup.join("cgroup.procs"))?,
        root: CString::new(root.as_os_str().as_bytes())?,
        cwd: CString::new(spec.cwd.as_bytes())?,
        user: spec.user,
    };
    // SAFETY: the closure runs in a forked child of a process with several threads, so it may only
    // do what is async-signal-safe (`signal-safety(7)`). It makes system calls, with everything
    // they need prepared here; it takes no memory and no lock.
    unsafe { command.pre_exec(move || steps.take()) };
    Ok(command)
}

/// What the process does to itself, prepared so that no memory is needed.
struct Steps {
    cgroup: File,
    root: CString,
    cwd: CString,
    user: Owner,
}

impl Steps {
    fn take(&self) -> io::Result<()> {
        // 0 stands for the process that writes it.
        (&self.cgroup).write_all(b"0")?;
        // The agent is spared when memory runs out; the job is not.
        let score = open(c"/proc/self/oom_score_adj", OFlag::O_WRONLY, Mode::empty())?;
        nix::unistd::write(&score, b"0")?;
        // System V shared memory and semaphores, and POSIX queues, end with the job.
        unshare(CloneFlags::CLONE_NEWIPC)?;
        setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
        chroot(self.root.as_c_str())?;
        chdir(self.cwd.as_c_str())?;
        let gid = Gid::from_raw(self.user.gid);
        setgroups(&[gid])?;
        setgid(gid)?;
        setuid(Uid::from_raw(self.user.uid))?;
        Ok(())
    }
}
