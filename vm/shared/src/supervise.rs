//! Running one process: its output as it comes, a time limit, and an end that leaves nothing behind.

use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::frame::MAX_DATA;

/// The most a process may print on both streams together, in bytes. A runaway process would
/// otherwise fill the memory of the machine that collects its output.
pub const OUTPUT_LIMIT: u64 = 256 << 20;

/// How long output is still read after the process has ended: long enough for what is in the pipes,
/// short enough that a descendant which left the process group cannot hold the result back.
const DRAIN: Duration = Duration::from_secs(2);

/// Where a process printed something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a process ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum End {
    /// It exited with this status.
    Exited(i32),
    /// This signal killed it.
    Signaled(i32),
    /// It was killed because its time was up.
    TimedOut,
    /// It was killed because it printed more than [`OUTPUT_LIMIT`].
    TooMuchOutput,
}

/// A process that ran.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Supervised {
    /// How it ended.
    pub end: End,
    /// From its start to its end.
    pub duration: Duration,
}

/// Kills whatever is left of a process and its descendants, given the process.
pub type KillRest<'a> = &'a dyn Fn(Pid);

/// Kills the process group that [`supervise`] made for this process.
pub fn kill_group(leader: Pid) {
    // The one possible failure is that no process of the group is left.
    let _: Result<(), Errno> = killpg(leader, Signal::SIGKILL);
}

/// Runs a command in a process group of its own until it ends or must be killed.
///
/// `on_output` gets everything printed, in order per stream. When the process has ended, or its time
/// is up, `kill_rest` is called; [`kill_group`] is enough unless a process may leave the group.
///
/// # Errors
/// The process could not be started.
pub fn supervise(
    mut command: Command,
    time_limit: Duration,
    kill_rest: KillRest<'_>,
    on_output: &mut dyn FnMut(Stream, &[u8]),
) -> io::Result<Supervised> {
    command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let leader = Pid::from_raw(child.id().cast_signed());
    let events = watch(&mut child, leader);
    let mut run = Run { start, kill_rest, leader, ended: None, killed_for: None, printed: 0 };
    run.follow(&events, start + time_limit, on_output);
    // Reaped only now: until then the zombie keeps its number, so that no kill can hit a stranger.
    let status = child.wait()?;
    let end = run.killed_for.unwrap_or_else(|| end_of(status));
    Ok(Supervised { end, duration: run.ended.unwrap_or_else(|| start.elapsed()) })
}

/// What the threads around a process report.
enum Event {
    Output(Stream, Vec<u8>),
    /// One of the two streams has reached its end.
    Closed,
    /// The process has ended (and is not yet reaped).
    Ended,
}

/// Starts the threads that read both streams and wait for the end.
fn watch(child: &mut Child, leader: Pid) -> Receiver<Event> {
    // Bounded, so that a process printing faster than its output is taken has to wait.
    let (sender, events) = mpsc::sync_channel(16);
    let forward = |stream, pipe: Option<Box<dyn Read + Send>>| {
        let sender = sender.clone();
        thread::spawn(move || {
            let mut pipe = pipe.expect("both streams are piped");
            let mut buffer = vec![0; MAX_DATA];
            while let Ok(count @ 1..) = pipe.read(&mut buffer) {
                if sender.send(Event::Output(stream, buffer[..count].to_vec())).is_err() {
                    return;
                }
            }
            let _: Result<(), _> = sender.send(Event::Closed);
        });
    };
    forward(Stream::Stdout, child.stdout.take().map(|pipe| Box::new(pipe) as _));
    forward(Stream::Stderr, child.stderr.take().map(|pipe| Box::new(pipe) as _));
    thread::spawn(move || {
        let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT;
        while waitid(Id::Pid(leader), flags) == Err(Errno::EINTR) {}
        let _: Result<(), _> = sender.send(Event::Ended);
    });
    events
}

/// One process on its way from start to end.
struct Run<'a> {
    start: Instant,
    kill_rest: KillRest<'a>,
    leader: Pid,
    /// How long it ran, once it has ended.
    ended: Option<Duration>,
    /// Why it was killed, if it was.
    killed_for: Option<End>,
    printed: u64,
}

impl Run<'_> {
    fn follow(
        &mut self,
        events: &Receiver<Event>,
        deadline: Instant,
        on_output: &mut dyn FnMut(Stream, &[u8]),
    ) {
        let mut until = deadline;
        let mut open_streams = 2;
        while self.ended.is_none() || open_streams > 0 {
            let left = until.saturating_duration_since(Instant::now());
            match events.recv_timeout(left) {
                Ok(Event::Output(stream, bytes)) => {
                    self.printed += bytes.len() as u64;
                    if self.printed <= OUTPUT_LIMIT {
                        on_output(stream, &bytes);
                    } else {
                        self.kill(End::TooMuchOutput);
                    }
                }
                Ok(Event::Closed) => open_streams -= 1,
                Ok(Event::Ended) => {
                    self.ended = Some(self.start.elapsed());
                    (self.kill_rest)(self.leader);
                    until = Instant::now() + DRAIN;
                }
                // A killed process always ends, so from here on there is only its end to wait for.
                Err(RecvTimeoutError::Timeout) if self.ended.is_none() => {
                    self.kill(End::TimedOut);
                    until += Duration::from_secs(3600);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn kill(&mut self, reason: End) {
        if self.ended.is_none() && self.killed_for.is_none() {
            self.killed_for = Some(reason);
            (self.kill_rest)(self.leader);
        }
    }
}

fn end_of(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Exited(code),
        (None, Some(signal)) => End::Signaled(signal),
        (None, None) => unreachable!("a reaped process has exited or was killed: {status:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, time_limit: Duration) -> (Supervised, String, String) {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).stdin(Stdio::null());
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let result =
            supervise(command, time_limit, &kill_group, &mut |stream, bytes| match stream {
                Stream::Stdout => out.extend_from_slice(bytes),
                Stream::Stderr => err.extend_from_slice(bytes),
            });
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (result.unwrap(), text(out), text(err))
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn status_and_streams_are_told_apart() {
        let (run, out, err) = shell("echo out; echo err >&2; exit 7", LONG);
        assert_eq!((run.end, out.as_str(), err.as_str()), (End::Exited(7), "out\n", "err\n"));
        assert_eq!(shell("kill -SEGV $$", LONG).0.end, End::Signaled(11));
    }

    #[test]
    fn a_time_limit_ends_the_whole_group() {
        let (run, out, _) = shell("sleep 1000 & echo $!; wait", Duration::from_millis(300));
        assert_eq!(run.end, End::TimedOut);
        assert!(run.duration < Duration::from_secs(10), "{run:?}");
        let sleeper = Pid::from_raw(out.trim().parse().unwrap());
        assert!(is_gone(sleeper), "the background process is still there");
    }

    #[test]
    fn what_a_process_leaves_behind_is_killed() {
        let (run, out, _) = shell("sleep 1000 & echo $!", LONG);
        assert_eq!(run.end, End::Exited(0));
        assert!(run.duration < Duration::from_secs(10), "{run:?}");
        assert!(is_gone(Pid::from_raw(out.trim().parse().unwrap())));
    }

    #[test]
    fn a_descendant_outside_the_group_cannot_hold_the_result_back() {
        let start = Instant::now();
        let (run, out, _) = shell("setsid sh -c 'echo $$; exec sleep 30' & sleep 1", LONG);
        assert_eq!(run.end, End::Exited(0));
        assert!(start.elapsed() >= DRAIN, "the descendant did not hold the pipe open");
        assert!(start.elapsed() < Duration::from_secs(25));
        kill_group(Pid::from_raw(out.trim().parse().unwrap()));
    }

    #[test]
    fn endless_output_is_stopped() {
        assert_eq!(shell("yes", LONG).0.end, End::TooMuchOutput);
    }

    #[test]
    fn a_missing_program_is_an_error() {
        let command = Command::new("/nonexistent/program");
        let error = supervise(command, LONG, &kill_group, &mut |_, _| ()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    /// Whether the process is gone or a zombie waiting for its parent, soon.
    fn is_gone(process: Pid) -> bool {
        let stat = format!("/proc/{process}/stat");
        (0..100).any(|_| {
            thread::sleep(Duration::from_millis(20));
            std::fs::read_to_string(&stat).map_or(true, |text| text.contains(") Z "))
        })
    }
}
