//! The emulated machine: QEMU with a kernel and the guest agent.

mod channel;
mod cpio;
mod initramfs;
mod upload;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{self, Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{env, fs, io};

use crate::before_exec::die_with_starter;
use crate::error::{Ending, Error, GuestDeath};
use crate::kernel::{Kernel, KernelFiles};
use crate::session::{Keys, Settings};
pub(crate) use channel::Guest;

/// The emulator.
pub const PROGRAM: &str = "qemu-system-x86_64";
/// The Debian package that brings it.
pub const PACKAGE: &str = "qemu-system-x86";

/// - A panic or an oops ends the machine at once (with `-no-reboot`).
/// - The mitigations against speculation only cost time: the emulated CPU does not speculate.
/// - Interrupted in `cmpxchg16b`, QEMU 7.2's emulator leaves garbage in the flags. The kernel, which
///   returns from the interrupt with such flags, crashes (6.12 at every second boot), so it must not
///   use the instruction. Programs still see it and can.
const KERNEL_OPTIONS: &str =
    "console=ttyS0 quiet panic=-1 oops=panic mitigations=off clearcpuid=cx16";

/// How long the machine may take to become ready: about three seconds on an idle machine.
const BOOT_LIMIT: Duration = Duration::from_secs(180);

/// How many CPUs the machine has, and so how many jobs run at a time.
pub(crate) fn cpus() -> usize {
    thread::available_parallelism().map_or(1, |cpus| cpus.get().min(4))
}

/// Boots the machine and waits until its agent is ready.
pub(crate) fn boot(kernel: Kernel, settings: &Settings) -> Result<Guest, Error> {
    // Before tens of megabytes are fetched for it.
    if !is_on_path(PROGRAM) {
        return Err(Error::QemuMissing);
    }
    let files = kernel.fetch(&*settings.progress)?;
    (settings.progress)(&format!("booting the emulated machine (Linux {})", files.release));
    let initramfs = write_initramfs(&files)?;
    let (ours, theirs) = UnixStream::pair().map_err(Error::system("socketpair"))?;
    let command = command(&files, &initramfs, settings, theirs);
    let emulator = Emulator::start(command, settings.time_limit)?;
    Guest::connect(ours, emulator, settings.memory_mib, BOOT_LIMIT, initramfs)
}

fn is_on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(program).is_file())
}

/// Writes the initramfs to a file without a name, which vanishes with this process.
fn write_initramfs(files: &KernelFiles) -> Result<File, Error> {
    let read = |path| fs::read(path).map_err(Error::file(path));
    let modules = files.modules.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let names = files.modules.iter().filter_map(|path| path.file_name()?.to_str());
    let archive = initramfs::build(names.zip(&modules));
    let write = || {
        let mut file = tempfile::tempfile()?;
        file.write_all(&archive)?;
        Ok(file)
    };
    write().map_err(Error::system("a temporary file for the initramfs"))
}

fn command(
    files: &KernelFiles,
    initramfs: &File,
    settings: &Settings,
    channel: UnixStream,
) -> Command {
    let (cpu, keys) = match settings.keys {
        Keys::Usable => ("max", ""),
        Keys::NotInCpu => ("max,pku=off", ""),
        Keys::NotInKernel => ("max", "nopku"),
    };
    let options = format!("{KERNEL_OPTIONS} {keys} {}", settings.kernel_options);
    let mut command = Command::new(PROGRAM);
    command
        .args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"])
        .args(["-accel", "tcg", "-cpu", cpu])
        .args(["-smp", &cpus().to_string(), "-m", &settings.memory_mib.to_string()])
        .arg("-kernel")
        .arg(&files.image)
        .arg("-initrd")
        .arg(format!("/proc/{}/fd/{}", process::id(), initramfs.as_raw_fd()))
        .args(["-append", &options])
        // The console is our standard output, the channel to the agent our standard input.
        .args(["-chardev", "file,id=console,path=/dev/stdout", "-serial", "chardev:console"])
        .args(["-device", "virtio-serial-pci", "-chardev", "socket,id=jobs,fd=0"])
        .args(["-device", &format!("virtserialport,chardev=jobs,name={}", initramfs::PORT)])
        .stdin(Stdio::from(OwnedFd::from(channel)))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The running emulator.
pub(crate) struct Emulator {
    /// Tells the keeper to end it.
    stop: Sender<()>,
    keeper: Option<JoinHandle<Option<Ending>>>,
    console: Option<Collector>,
    errors: Option<Collector>,
}

/// A thread that reads a pipe to its end.
type Collector = JoinHandle<Vec<u8>>;

impl Emulator {
    fn start(mut command: Command, time_limit: Duration) -> Result<Emulator, Error> {
        die_with_starter(&mut command);
        let (stop, stopped) = mpsc::channel();
        let (started, child) = mpsc::channel();
        // The keeper both starts and awaits the emulator, which dies with its starting thread.
        let keeper = thread::spawn(move || {
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) => {
                    let _: Result<(), _> = started.send(Err(error));
                    return None;
                }
            };
            // Only the emulator may hold the other end of the channel, else it never closes.
            drop(command);
            let pipes = (child.stdout.take(), child.stderr.take());
            let _: Result<(), _> = started.send(Ok(pipes));
            keep(&mut child, &stopped, time_limit)
        });
        let started = child.recv().unwrap_or_else(|_| Err(io::ErrorKind::BrokenPipe.into()));
        let (stdout, stderr) = started.map_err(Error::system(PROGRAM))?;
        let (console, errors) = (Some(collect(stdout)), Some(collect(stderr)));
        Ok(Emulator { stop, keeper: Some(keeper), console, errors })
    }

    /// Ends the emulator, unless it has ended by itself, and says why it ended. `presumed` is the reason if
    /// nothing tells otherwise.
    pub(crate) fn autopsy(&mut self, presumed: Ending) -> GuestDeath {
        let limit = self.stop();
        // The emulator has ended, so its pipes end too.
        let text = |collector: &mut Option<Collector>| {
            let bytes = collector.take().and_then(|thread| thread.join().ok()).unwrap_or_default();
            String::from_utf8_lossy(&bytes).replace('\r', "")
        };
        let console = text(&mut self.console);
        let ending = limit.unwrap_or_else(|| {
            if console.contains("System is deadlocked on memory") {
                Ending::OutOfMemory
            } else if console.contains("Kernel panic") {
                Ending::Panic
            } else {
                presumed
            }
        });
        GuestDeath { ending, console, emulator: text(&mut self.errors) }
    }

    /// Ends the emulator; the reason if the keeper had one to end it before.
    fn stop(&mut self) -> Option<Ending> {
        // The keeper may be gone with the emulator.
        let _: Result<(), _> = self.stop.send(());
        self.keeper.take().and_then(|keeper| keeper.join().ok().flatten())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits until the emulator has ended, ending it when told to or when its time is up.
fn keep(child: &mut Child, stopped: &Receiver<()>, time_limit: Duration) -> Option<Ending> {
    let ending = match stopped.recv_timeout(time_limit) {
        Err(RecvTimeoutError::Timeout) => Some(Ending::TimeLimit(time_limit)),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => None,
    };
    let _: io::Result<()> = child.kill();
    let _: io::Result<_> = child.wait();
    ending
}

/// Collects what comes from a pipe.
fn collect(pipe: Option<impl Read + Send + 'static>) -> Collector {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is kept.
            let _: io::Result<usize> = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
