//! The conversation with the guest agent: jobs go in, output and ends come out, many at a time.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use nix::unistd::{getgid, getuid};
use vm_shared::frame::{read_frame, write_frame};
use vm_shared::message::{Entry, Finish, FromGuest, JobId, Node, Owner, Spec, ToGuest};
use vm_shared::supervise::{End, Stream};

use super::Emulator;
use super::upload::Uploads;
use crate::closure::HostNode;
use crate::error::{Ending, Error, GuestDeath};
use crate::job::{Job, Outcome, Status, User};
use crate::plan::Plan;

/// The running machine.
pub(crate) struct Guest {
    shared: Arc<Shared>,
    uploads: Mutex<Uploads>,
    next_job: Mutex<u32>,
    slots: Slots,
    memory_mib: u32,
}

/// What the thread that listens to the guest shares with those that run jobs.
struct Shared {
    socket: UnixStream,
    /// Held while a frame is written, so that frames never interleave.
    writing: Mutex<()>,
    state: Mutex<State>,
}

enum State {
    /// The jobs that run, by who waits for their messages.
    Up(HashMap<JobId, Sender<(FromGuest, Vec<u8>)>>),
    Down(Arc<GuestDeath>),
}

impl Guest {
    /// Waits until the agent is ready, then listens to it in a thread of its own.
    pub(super) fn connect(
        socket: UnixStream,
        mut emulator: Emulator,
        memory_mib: u32,
        boot_limit: Duration,
        initramfs: File,
    ) -> Result<Guest, Error> {
        let mut reader = socket.try_clone().map_err(Error::system("the guest's socket"))?;
        let timeout = |limit| socket.set_read_timeout(limit);
        timeout(Some(boot_limit)).map_err(Error::system("the guest's socket"))?;
        match read_frame(&mut reader) {
            Ok(Some((FromGuest::Ready { .. }, _))) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(Error::NoBoot(emulator.autopsy(Ending::NotReady(boot_limit))));
            }
            _ => return Err(Error::NoBoot(emulator.autopsy(Ending::Stopped))),
        }
        timeout(None).map_err(Error::system("the guest's socket"))?;
        // The machine has read it.
        drop(initramfs);

        let shared = Arc::new(Shared {
            socket,
            writing: Mutex::new(()),
            state: Mutex::new(State::Up(HashMap::new())),
        });
        let listener = Arc::clone(&shared);
        thread::spawn(move || listener.listen(reader, emulator));
        Ok(Guest {
            shared,
            uploads: Mutex::default(),
            next_job: Mutex::new(0),
            slots: Slots::new(super::cpus()),
            memory_mib,
        })
    }

    /// Runs a job to its end; waits for a free CPU first.
    pub(crate) fn run(
        &self,
        job: &Job,
        plan: &Plan,
        on_output: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Outcome, Error> {
        let spec = self.upload(job, plan)?;
        let _slot = self.slots.take();
        let id = {
            let mut next = lock(&self.next_job);
            *next += 1;
            JobId(*next)
        };
        let messages = self.shared.expect(id)?;
        self.shared.send(&ToGuest::Run { job: id, spec }, &[])?;
        let mut fetched = vec![None; job.fetch.len()];
        loop {
            // The sender is dropped when the machine goes down.
            let Ok((message, data)) = messages.recv() else { return Err(self.shared.death()) };
            match message {
                FromGuest::Output { stream, .. } => on_output(stream, &data),
                FromGuest::Fetched { index, .. } => {
                    if let Some(file) = fetched.get_mut(index) {
                        file.get_or_insert_with(Vec::new).extend_from_slice(&data);
                    }
                }
                FromGuest::Done { result, micros, .. } => {
                    let status = self.status(job, result)?;
                    let duration = Duration::from_micros(micros);
                    let (stdout, stderr) = (Vec::new(), Vec::new());
                    return Ok(Outcome { status, stdout, stderr, duration, fetched });
                }
                FromGuest::Ready { .. } => {}
            }
        }
    }

    fn status(&self, job: &Job, result: Finish) -> Result<Status, Error> {
        let memory_mib = self.memory_mib;
        match result {
            Finish::Ended(End::Exited(status)) => Ok(Status::Exited(status)),
            Finish::Ended(End::Signaled(signal)) => Ok(Status::Signaled(signal)),
            Finish::Ended(End::TimedOut) => Ok(Status::TimedOut),
            Finish::Ended(End::TooMuchOutput) => Err(Error::TooMuchOutput),
            Finish::OutOfMemory => Err(Error::OutOfMemory { memory_mib }),
            Finish::StoreFull => Err(Error::FilesTooLarge { memory_mib }),
            Finish::NotStarted(reason) => {
                Err(Error::NotStarted { program: job.program.clone(), reason })
            }
        }
    }

    /// Sends the files of a job and gives its description in the guest's terms.
    fn upload(&self, job: &Job, plan: &Plan) -> Result<Spec, Error> {
        let mut uploads = lock(&self.uploads);
        let send = |message: &ToGuest, data: &[u8]| self.shared.send(message, data);
        let mut tree = Vec::new();
        for (path, node) in plan.tree.iter() {
            let node = match node {
                HostNode::Directory { mode, owner } => {
                    Node::Directory { mode: *mode, owner: *owner }
                }
                HostNode::Link(target) => Node::Link(target.clone()),
                HostNode::File => Node::File(uploads.file(path, &send)?),
            };
            tree.push(Entry { path: path.into(), node });
        }
        let stdin = match job.stdin.as_slice() {
            [] => None,
            bytes => Some(uploads.bytes(bytes, &send)?),
        };
        let os = |path: &Path| OsString::from(path);
        Ok(Spec {
            program: os(&plan.program),
            name: os(&job.program),
            args: job.args.clone(),
            env: job.env.clone(),
            cwd: os(&plan.cwd),
            stdin,
            time_limit_ms: u64::try_from(job.time_limit.as_millis()).unwrap_or(u64::MAX),
            user: owner(job.user),
            tree,
            fetch: plan.fetch.clone(),
        })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        // The listener sees the end of the stream, ends the emulator, and is gone.
        let _: io::Result<()> = self.shared.socket.shutdown(Shutdown::Both);
    }
}

impl Shared {
    /// Passes messages on to those who wait for them, until the machine goes down.
    fn listen(&self, mut reader: UnixStream, mut emulator: Emulator) {
        while let Ok(Some((message, data))) = read_frame::<FromGuest>(&mut reader) {
            let job = match &message {
                FromGuest::Output { job, .. }
                | FromGuest::Fetched { job, .. }
                | FromGuest::Done { job, .. } => *job,
                FromGuest::Ready { .. } => continue,
            };
            let is_last = matches!(message, FromGuest::Done { .. });
            if let State::Up(waiting) = &mut *lock(&self.state) {
                if let Some(waiter) = waiting.get(&job) {
                    // A job nobody waits for any more is of no interest.
                    let _: Result<(), _> = waiter.send((message, data));
                }
                if is_last {
                    waiting.remove(&job);
                }
            }
        }
        let death = Arc::new(emulator.autopsy(Ending::Stopped));
        *lock(&self.state) = State::Down(death);
    }

    /// Starts to keep the messages of a job.
    fn expect(&self, job: JobId) -> Result<Receiver<(FromGuest, Vec<u8>)>, Error> {
        match &mut *lock(&self.state) {
            State::Up(waiting) => {
                let (sender, receiver) = mpsc::channel();
                waiting.insert(job, sender);
                Ok(receiver)
            }
            State::Down(death) => Err(Error::GuestDied(Arc::clone(death))),
        }
    }

    fn send(&self, message: &ToGuest, data: &[u8]) -> Result<(), Error> {
        let written = {
            let _writing = lock(&self.writing);
            write_frame(&mut &self.socket, message, data)
        };
        written.map_err(|error| match error.kind() {
            io::ErrorKind::InvalidInput => Error::system("job")(error),
            _ => self.death(),
        })
    }

    /// Why the machine went down, once the listener has found out.
    fn death(&self) -> Error {
        loop {
            if let State::Down(death) = &*lock(&self.state) {
                return Error::GuestDied(Arc::clone(death));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// As many jobs run at a time as the machine has CPUs, else their time limits would mean little.
struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

struct Slot<'a>(&'a Slots);

impl Slots {
    fn new(count: usize) -> Slots {
        Slots { free: Mutex::new(count), freed: Condvar::new() }
    }

    fn take(&self) -> Slot<'_> {
        let mut free = lock(&self.free);
        while *free == 0 {
            free = self.freed.wait(free).unwrap_or_else(std::sync::PoisonError::into_inner);
        }
        *free -= 1;
        Slot(self)
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *lock(&self.0.free) += 1;
        self.0.freed.notify_one();
    }
}

/// Locks; a caller's panic in its output callback must not take the other jobs down.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn owner(user: User) -> Owner {
    match user {
        User::Caller => Owner { uid: getuid().as_raw(), gid: getgid().as_raw() },
        User::GuestRoot => Owner { uid: 0, gid: 0 },
    }
}
