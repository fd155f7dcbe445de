//! What a job gets and what comes back is the same on every machine.

mod support;

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::time::{Duration, Instant};

use support::{compile, emulated, on_each, output_on_each, shell};
use vm::{Batch, Error, Job, Status, User};

#[test]
fn exit_status_and_signals_are_told_apart() {
    on_each(&shell("exit 42"), |outcome, machine| {
        assert_eq!(outcome.status, Status::Exited(42), "{machine}");
    });
    on_each(&shell("kill -TERM $$"), |outcome, machine| {
        assert_eq!(outcome.status, Status::Signaled(15), "{machine}");
    });
}

#[test]
fn a_key_fault_is_reported_with_its_key() {
    let scratch = tempfile::tempdir().unwrap();
    let program = compile("pkey.c", scratch.path(), &[]);
    on_each(&Job::new(&program).arg("report"), |outcome, machine| {
        let text = String::from_utf8_lossy(&outcome.stdout).into_owned();
        // SEGV_PKUERR is 4.
        assert_eq!(text, "signal 11 code 4 key right\n", "{machine}");
        assert_eq!(outcome.status, Status::Exited(3), "{machine}");
    });
    on_each(&Job::new(&program), |outcome, machine| {
        assert_eq!(outcome.status, Status::Signaled(11), "{machine}");
    });
}

#[test]
fn arguments_environment_directory_and_input_arrive_unchanged() {
    let scratch = tempfile::Builder::new().prefix("with space ").tempdir().unwrap();
    compile("show.c", scratch.path(), &[]);
    let not_text = OsString::from_vec(vec![b'\xff', b'x']);
    let job = Job::new("./show")
        .args(["", "two words", "*", "$HOME", "line\nbreak"])
        .arg(not_text)
        .env("NAME", "va=lue with space")
        .cwd(scratch.path())
        .stdin(*b"\0in\xff\n");
    let id = |flag| {
        String::from_utf8(std::process::Command::new("id").arg(flag).output().unwrap().stdout)
            .unwrap()
    };
    let expected = format!(
        "arg 0 [./show]\narg 1 []\narg 2 [two words]\narg 3 [*]\narg 4 [$HOME]\n\
         arg 5 [line\nbreak]\narg 6 [\u{fffd}x]\n\
         env [PATH=/usr/local/bin:/usr/bin:/bin]\nenv [NAME=va=lue with space]\n\
         cwd [{}]\nuser {} group {}\nstdin [00696eff0a]\n",
        scratch.path().canonicalize().unwrap().display(),
        id("-u").trim(),
        id("-g").trim(),
    );
    output_on_each(&job, |text, machine| assert_eq!(sorted(text), sorted(&expected), "{machine}"));
}

/// The order of the environment means nothing.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn output_is_binary_and_its_streams_are_separate() {
    let scratch = tempfile::tempdir().unwrap();
    let up: Vec<u8> = (0..=255).cycle().take(256 * 4096).collect();
    let down: Vec<u8> = (0..=255).rev().cycle().take(256 * 4096).collect();
    on_each(&Job::new(compile("bytes.c", scratch.path(), &[])), |outcome, machine| {
        assert_eq!(outcome.status, Status::Exited(0), "{machine}");
        assert!(outcome.stdout == up, "{machine}: standard output differs");
        assert!(outcome.stderr == down, "{machine}: standard error differs");
    });
}

#[test]
fn output_comes_while_the_program_runs() {
    for session in support::sessions() {
        let start = Instant::now();
        let mut first = None;
        let outcome = session
            .stream(&shell("echo now; sleep 3").file("/bin/sleep"), &mut |_, bytes| {
                assert_eq!(bytes, b"now\n");
                first.get_or_insert(Instant::now());
            })
            .unwrap();
        let between = Instant::now() - first.expect("there was output");
        assert!(between > Duration::from_secs(2), "{}: {between:?}", session.machine());
        assert!(outcome.stdout.is_empty() && start.elapsed() > between);
    }
}

#[test]
fn a_time_limit_kills_everything_the_job_started() {
    let job = shell("sleep 1000 & sleep 1001; echo never")
        .file("/bin/sleep")
        .time_limit(Duration::from_secs(1));
    on_each(&job, |outcome, machine| {
        assert_eq!(outcome.status, Status::TimedOut, "{machine}");
        assert_eq!(outcome.stdout, b"", "{machine}");
        assert!(outcome.duration < Duration::from_secs(20), "{machine}: {:?}", outcome.duration);
    });
    // In the emulator not even a process that left the group is spared; `ps` sees all.
    let job = Job::new("/usr/bin/setsid").arg("/bin/sleep").arg("1002").file("/bin/sleep");
    emulated().run(&job.time_limit(Duration::from_secs(1))).unwrap();
    let list =
        shell("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").file("/bin/cat").file("/usr/bin/tr");
    let text = String::from_utf8(emulated().run(&list).unwrap().stdout).unwrap();
    assert!(text.contains("init") && !text.contains("sleep 100"), "{text}");
}

#[test]
fn endless_output_is_stopped() {
    for session in support::sessions() {
        let error = session.run(&Job::new("yes")).unwrap_err();
        assert!(matches!(error, Error::TooMuchOutput), "{}: {error}", session.machine());
    }
}

#[test]
fn input_files_are_there_and_written_files_can_be_fetched() {
    let scratch = tempfile::tempdir().unwrap();
    fs::create_dir_all(scratch.path().join("in/deep")).unwrap();
    fs::write(scratch.path().join("in/deep/a"), "first ").unwrap();
    fs::write(scratch.path().join("in/b"), "second").unwrap();
    let job = shell("cat in/deep/a in/b > out/both; : > out/empty; rm -f in/b; cat out/both")
        .cwd(scratch.path())
        .file("/bin/cat")
        .file("/bin/rm")
        .file("in")
        .file("out")
        .fetch("out/both")
        .fetch("out/empty")
        .fetch("out/missing");
    fs::create_dir(scratch.path().join("out")).unwrap();
    // The emulator comes first among the machines, so the file to be removed is still there.
    on_each(&job, |outcome, machine| {
        assert_eq!(outcome.stdout, b"first second", "{machine}");
        let fetched = [Some(b"first second".to_vec()), Some(vec![]), None];
        assert_eq!(outcome.fetched, fetched, "{machine}");
    });
}

#[test]
fn jobs_of_one_boot_do_not_see_each_others_files() {
    let scratch = tempfile::tempdir().unwrap();
    let input = scratch.path().join("input");
    fs::write(&input, "as it was").unwrap();
    let spoil = shell("echo spoiled > input; echo x > left; echo x > /tmp/left; echo x > /dev/shm/left; cat input")
        .cwd(scratch.path())
        .file(&input)
        .file("/bin/cat");
    let look = shell("cat input; ls . /tmp /dev/shm")
        .cwd(scratch.path())
        .file(&input)
        .file("/bin/cat")
        .file("/bin/ls");
    let text = |job| String::from_utf8(emulated().run(job).unwrap().stdout).unwrap();
    assert_eq!(text(&spoil), "spoiled\n");
    let after = text(&look);
    assert!(after.starts_with("as it was") && !after.contains("left"), "{after}");
    assert_eq!(fs::read_to_string(&input).unwrap(), "as it was");
    // A file that is changed here is new there.
    fs::write(&input, "changed").unwrap();
    assert!(text(&look).starts_with("changed"));
}

#[test]
fn the_guests_superuser_is_only_had_there() {
    let job = shell("id -u").file("/usr/bin/id").user(User::GuestRoot);
    for session in support::sessions() {
        match session.run(&job) {
            Ok(outcome) => assert_eq!(outcome.stdout, b"0\n"),
            Err(error) => assert!(matches!(error, Error::EmulatorOnly), "{error}"),
        }
    }
    assert_eq!(emulated().run(&job).unwrap().stdout, b"0\n");
}

#[test]
fn many_jobs_run_in_one_boot() {
    let scratch = tempfile::tempdir().unwrap();
    let program = compile("show.c", scratch.path(), &[]);
    let mut batch = Batch::new();
    for number in 0..200 {
        batch.push(Job::new(&program).arg(number.to_string()));
    }
    for session in support::sessions() {
        session.run(&batch.jobs()[0]).unwrap();
        let start = Instant::now();
        let mut seen = vec![0; batch.jobs().len()];
        batch.run(session, |index, outcome| {
            let text = String::from_utf8(outcome.unwrap().stdout).unwrap();
            assert!(text.contains(&format!("arg 1 [{index}]\n")), "{index}: {text}");
            seen[index] += 1;
        });
        assert!(seen.iter().all(|&count| count == 1), "{seen:?}");
        let each = start.elapsed() / u32::try_from(seen.len()).unwrap();
        eprintln!("{}: {each:?} per job", session.machine());
        assert!(each < Duration::from_millis(250), "{}: {each:?} per job", session.machine());
    }
}
