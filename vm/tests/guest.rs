//! What can go wrong in the emulated machine, and that each kernel works.

mod support;

use std::fs::File;
use std::io::Write;
use std::time::Duration;

use support::{compile, settings, shell};
use vm::{Batch, Ending, Error, Job, Kernel, Machine, Session, Settings, Status, User};

fn session(memory_mib: u32) -> Session {
    Session::new(Machine::Qemu(Kernel::V6_1), settings(memory_mib))
}

fn death(error: &Error) -> &vm::GuestDeath {
    match error {
        Error::GuestDied(death) => death,
        other => panic!("the machine should have died: {other}"),
    }
}

#[test]
fn a_panic_ends_every_job_and_shows_the_console() {
    let session = session(512);
    let crash = || shell("echo c > /proc/sysrq-trigger; sleep 100").file("/bin/sleep");
    let mut batch = Batch::new();
    batch.push(crash().user(User::GuestRoot));
    batch.push(shell("sleep 100").file("/bin/sleep"));
    let mut count = 0;
    batch.run(&session, |_, result| {
        let error = result.unwrap_err();
        assert_eq!(death(&error).ending, Ending::Panic, "{error}");
        let text = error.to_string();
        assert!(text.contains("kernel panicked") && text.contains("sysrq"), "{text}");
        count += 1;
    });
    assert_eq!(count, 2);
    // The session stays unusable, and says why.
    let error = session.run(&Job::new("/bin/true")).unwrap_err();
    assert_eq!(death(&error).ending, Ending::Panic, "{error}");
}

#[test]
fn a_job_without_memory_left_is_named_and_the_others_go_on() {
    let scratch = tempfile::tempdir().unwrap();
    let session = session(512);
    let hog = compile("hog.c", scratch.path(), &[]);
    let error = session.run(&Job::new(hog)).unwrap_err();
    assert!(matches!(error, Error::OutOfMemory { memory_mib: 512 }), "{error}");
    assert!(error.to_string().contains("ran out of memory"), "{error}");
    assert_eq!(session.run(&Job::new("/bin/true")).unwrap().status, Status::Exited(0));

    let large = scratch.path().join("large");
    File::create(&large).unwrap().set_len(400 << 20).unwrap();
    let error = session.run(&Job::new("/bin/true").file(&large)).unwrap_err();
    assert!(matches!(error, Error::FilesTooLarge { memory_mib: 512 }), "{error}");
    // Writing too much is an ordinary error of the program, not the end of the machine.
    let fill = shell("cat /dev/zero > /tmp/full").file("/bin/cat");
    let outcome = session.run(&fill).unwrap();
    let text = String::from_utf8_lossy(&outcome.stderr).into_owned();
    assert!(text.contains("No space left on device"), "{text}");
    assert_eq!(session.run(&Job::new("/bin/true")).unwrap().status, Status::Exited(0));
}

#[test]
fn large_files_arrive_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let large = scratch.path().join("large");
    let mut file = File::create(&large).unwrap();
    let mut block: Vec<u8> = (0..1u32 << 18).flat_map(u32::to_le_bytes).collect();
    for number in 0..200u8 {
        block[0] = number;
        file.write_all(&block).unwrap();
    }
    let sum = |text: &[u8]| String::from_utf8_lossy(text).split(' ').next().unwrap().to_owned();
    let here = std::process::Command::new("md5sum").arg(&large).output().unwrap().stdout;
    let job = Job::new("md5sum").arg(&large).file(&large);
    let there = session(1024).run(&job).unwrap().stdout;
    assert_eq!(sum(&there), sum(&here));
}

#[test]
fn a_machine_has_a_time_limit_too() {
    let limit = Duration::from_secs(30);
    let session =
        Session::new(Machine::Qemu(Kernel::V6_1), Settings { time_limit: limit, ..settings(512) });
    let job = shell("sleep 1000").file("/bin/sleep").time_limit(Duration::from_secs(1000));
    let error = session.run(&job).unwrap_err();
    assert_eq!(death(&error).ending, Ending::TimeLimit(limit), "{error}");
}

#[test]
fn a_machine_that_cannot_start_says_why() {
    // Far too little for the kernel, so it panics or never comes up; QEMU rejects the other.
    let error = session(u32::MAX).run(&Job::new("/bin/true")).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("did not start") && text.contains("QEMU said"), "{text}");
    // Asking again gives the same answer at once.
    let session = session(24);
    let first = session.run(&Job::new("/bin/true")).unwrap_err().to_string();
    assert!(first.contains("did not start"), "{first}");
    assert_eq!(session.run(&Job::new("/bin/true")).unwrap_err().to_string(), first);
}

#[test]
fn each_kernel_has_protection_keys() {
    let scratch = tempfile::tempdir().unwrap();
    let program = compile("pkey.c", scratch.path(), &[]);
    for (kernel, release) in [(Kernel::V6_1, "6.1."), (Kernel::V6_12, "6.12.")] {
        let session = Session::new(Machine::Qemu(kernel), settings(512));
        let uname = session.run(&shell("uname -r").file("/bin/uname")).unwrap();
        let text = String::from_utf8_lossy(&uname.stdout).into_owned();
        assert!(text.starts_with(release), "{text}");
        let fault = session.run(&Job::new(&program).arg("report")).unwrap();
        assert_eq!(fault.stdout, b"signal 11 code 4 key right\n", "{release}");
        assert_eq!(session.run(&Job::new(&program)).unwrap().status, Status::Signaled(11));
    }
}
