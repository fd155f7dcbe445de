//! Serving the host: storing files, and running jobs in parallel.

use std::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use nix::sys::utsname::uname;
use vm_shared::frame::MAX_DATA;
use vm_shared::message::{Finish, FromGuest, JobId, Node, Spec, ToGuest};
use vm_shared::supervise::{kill_group, supervise};

use crate::boot::CGROUPS;
use crate::enter;
use crate::port::Port;
use crate::root::Root;
use crate::store::{self, Attributes, Store};

/// Serves the host until it hangs up.
pub(crate) fn serve(port: Port) -> Result<(), Box<dyn Error>> {
    let port = Arc::new(port);
    let kernel = uname()?.release().to_string_lossy().into_owned();
    port.send(&FromGuest::Ready { kernel }, &[])?;
    let mut store = Store::default();
    while let Some((message, data)) = port.receive()? {
        match message {
            ToGuest::Store { file, mode, owner, modified } => {
                store.begin(file, &Attributes { mode, owner, modified })?;
            }
            ToGuest::Append { file } => store.append(file, &data)?,
            ToGuest::Run { job, spec } => {
                let port = Arc::clone(&port);
                let room = has_all_files(&store, &spec);
                thread::spawn(move || run(&port, job, &spec, room));
            }
        }
    }
    Ok(())
}

/// Whether the store holds all the job's files.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    Enough,
    Lacking,
}

fn has_all_files(store: &Store, spec: &Spec) -> Room {
    let in_tree = spec.tree.iter().filter_map(|entry| match entry.node {
        Node::File(file) => Some(file),
        Node::Directory { .. } | Node::Link(_) => None,
    });
    if in_tree.chain(spec.stdin).all(|file| store.has(file)) { Room::Enough } else { Room::Lacking }
}

/// Runs one job and reports its end.
fn run(port: &Port, job: JobId, spec: &Spec, room: Room) {
    let (result, duration) = match room {
        Room::Lacking => (Finish::StoreFull, Duration::ZERO),
        Room::Enough => run_program(port, job, spec).unwrap_or_else(|error| {
            let full = error.downcast_ref::<io::Error>().map(io::Error::kind)
                == Some(io::ErrorKind::StorageFull);
            let finish =
                if full { Finish::StoreFull } else { Finish::NotStarted(error.to_string()) };
            (finish, Duration::ZERO)
        }),
    };
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    send(port, &FromGuest::Done { job, result, micros }, &[]);
}

/// Sends what cannot be kept back. Without the host there is nothing left to do for anybody, so the
/// agent ends, and with it the machine.
fn send(port: &Port, message: &FromGuest, data: &[u8]) {
    if let Err(error) = port.send(message, data) {
        eprintln!("ia2 guest agent: sending to the host: {error}");
        std::process::exit(1);
    }
}

fn run_program(port: &Port, job: JobId, spec: &Spec) -> Result<(Finish, Duration), Box<dyn Error>> {
    let root = Root::new(job, &spec.tree)?;
    let cgroup = Cgroup::new(job)?;
    let mut command = enter::command(spec, &cgroup.path, &root.path())?;
    command.stdin(match spec.stdin {
        Some(file) => Stdio::from(File::open(store::path(file))?),
        None => Stdio::null(),
    });
    let limit = Duration::from_millis(spec.time_limit_ms);
    let kill_rest = |leader| {
        kill_group(leader);
        cgroup.kill();
    };
    let run = supervise(command, limit, &kill_rest, &mut |stream, bytes| {
        send(port, &FromGuest::Output { job, stream }, bytes);
    })?;
    if cgroup.ran_out_of_memory()? {
        return Ok((Finish::OutOfMemory, run.duration));
    }
    for (index, path) in spec.fetch.iter().enumerate() {
        if let Some(file) = root.open(path)? {
            send_file(port, &FromGuest::Fetched { job, index }, file)?;
        }
    }
    Ok((Finish::Ended(run.end), run.duration))
}

/// Sends a file; one empty frame if it is empty.
fn send_file(port: &Port, header: &FromGuest, mut file: File) -> io::Result<()> {
    let mut buffer = vec![0; MAX_DATA];
    let mut count = file.read(&mut buffer)?;
    loop {
        send(port, header, &buffer[..count]);
        count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
    }
}

/// The control group of one job: every process of the job is in it, whatever it does.
struct Cgroup {
    path: PathBuf,
}

impl Cgroup {
    fn new(job: JobId) -> io::Result<Cgroup> {
        let path = PathBuf::from(format!("{CGROUPS}/job{}", job.0));
        fs::create_dir(&path)?;
        Ok(Cgroup { path })
    }

    /// Kills all processes in it (`cgroup.kill`, Linux 5.14).
    fn kill(&self) {
        if let Err(error) = fs::write(self.path.join("cgroup.kill"), "1") {
            eprintln!("ia2 guest agent: killing {}: {error}", self.path.display());
        }
    }

    /// Whether the kernel killed one of its processes for lack of memory.
    fn ran_out_of_memory(&self) -> io::Result<bool> {
        let events = fs::read_to_string(self.path.join("memory.events"))?;
        Ok(events
            .lines()
            .filter_map(|line| line.strip_prefix("oom_kill "))
            .any(|count| count != "0"))
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        self.kill();
        // Killed processes need a moment to leave; an empty directory left behind harms nobody.
        for _ in 0..100 {
            if fs::remove_dir(&self.path).is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}
