//! Programs that must not start: one clear error, exit status 1, and nothing of theirs has run.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Result, bail, ensure};
use harness::check::shown;
use harness::guide::{Way, follow_from, programs, scratch};
use harness::rewrite::copy;
use vm::{Job, Kernel, Keys, Machine, Outcome, Session, Settings, Status};

/// A program of the guide, with changes.
struct Changed {
    sources: PathBuf,
}

impl Changed {
    fn new(test: &str, program: &str) -> Result<Changed> {
        let sources = scratch().join(test).join("sources");
        if sources.exists() {
            fs_err::remove_dir_all(&sources)?;
        }
        copy(&programs().join(program), &sources)?;
        Ok(Changed { sources })
    }

    /// Replaces text that must occur in a source.
    fn replace(self, file: &str, old: &str, new: &str) -> Result<Changed> {
        let path = self.sources.join(file);
        let text = fs_err::read_to_string(&path)?;
        ensure!(text.contains(old), "`{old}` is not in {file}");
        fs_err::write(path, text.replace(old, new))?;
        Ok(self)
    }

    /// Commands for the directory of the rewritten sources.
    fn after_rewriting(self, commands: &str) -> Result<Changed> {
        fs_err::write(self.sources.join("change.sh"), commands)?;
        Ok(self)
    }

    fn build(&self) -> Result<PathBuf> {
        let work = self.sources.parent().expect("below a directory");
        Ok(follow_from(&self.sources, work, Way::PLAIN)?.compartments)
    }
}

/// The program ends at once and says this.
fn check_refused(outcome: &Outcome, says: &[&str]) -> Result<()> {
    ensure!(outcome.status == Status::Exited(1), "{}", shown(outcome));
    ensure!(outcome.stdout.is_empty(), "something ran: {}", shown(outcome));
    let stderr = String::from_utf8_lossy(&outcome.stderr);
    ensure!(stderr.lines().count() == 1, "not one error: {}", shown(outcome));
    ensure!(stderr.starts_with("ia2: error: "), "{}", shown(outcome));
    for text in says {
        ensure!(stderr.contains(text), "`{text}` is missing: {}", shown(outcome));
    }
    Ok(())
}

/// Runs it where all other tests run theirs: the machine is booted once.
fn run(program: &Path) -> Result<Outcome> {
    static SESSION: LazyLock<Session> = LazyLock::new(|| {
        let machine = Machine::pick().expect("a machine with protection keys");
        Session::new(machine, Settings::default())
    });
    Ok(SESSION.run(&Job::new(program))?)
}

#[test]
fn on_a_machine_without_protection_keys() -> Result<()> {
    let program = Changed::new("no_keys", "foobar")?.build()?;
    for (keys, says) in [
        (Keys::NotInCpu, "this CPU has no memory protection keys (PKU)"),
        (Keys::NotInKernel, "but the kernel does not use them"),
    ] {
        let settings = Settings { keys, ..Settings::default() };
        let session = Session::new(Machine::Qemu(Kernel::V6_1), settings);
        check_refused(&session.run(&Job::new(&program))?, &[says])?;
    }
    Ok(())
}

/// gold and mold do not take the linker script, and say so; no program comes of it.
#[test]
fn with_linkers_that_do_not_know_the_flags() -> Result<()> {
    let work = scratch().join("linkers");
    for (way, says) in Way::REFUSED {
        let Err(error) = follow_from(&programs().join("foobar"), &work, way) else {
            bail!("{} links the program: run it in tests/harness/tests/guide.rs", way.name())
        };
        let error = format!("{error:#}");
        ensure!(error.contains(says), "{}: `{says}` is missing: {error}", way.name());
    }
    Ok(())
}

#[test]
fn with_a_library_that_does_not_say_where_it_belongs() -> Result<()> {
    // The rewriter knows sources, not shared objects: another library of the compartment says it.
    let program = Changed::new("no_init_include", "two_dsos")?
        .replace("left.c", "#include <ia2_compartment_init.inc>\n", "")?
        .build()?;
    let says = ["libleft.so holds code compiled for compartment 2", "<ia2_compartment_init.inc>"];
    check_refused(&run(&program)?, &says)
}

#[test]
fn with_gates_for_another_number_of_compartments() -> Result<()> {
    let program = Changed::new("other_gates", "foobar")?
        .after_rewriting("sed -i 's/INIT_RUNTIME(2)/INIT_RUNTIME(3)/' main.c")?
        .build()?;
    let says = ["libcallgates.so was generated for INIT_RUNTIME(2)", "says INIT_RUNTIME(3)"];
    check_refused(&run(&program)?, &says)
}

#[test]
fn with_a_compartment_beyond_the_last() -> Result<()> {
    let change = "sed -i 's/INIT_RUNTIME(2)/INIT_RUNTIME(1)/' main.c";
    let program = Changed::new("too_small", "foobar")?.after_rewriting(change)?.build()?;
    check_refused(&run(&program)?, &["INIT_RUNTIME(1)"])
}

#[test]
fn with_two_runtimes() -> Result<()> {
    let change = "sed -i 's/^#define IA2_COMPARTMENT 2/INIT_RUNTIME(2);\\n&/' src/foo.c";
    let program = Changed::new("two_runtimes", "foobar")?.after_rewriting(change)?.build()?;
    check_refused(&run(&program)?, &["INIT_RUNTIME occurs twice", "libfoo.so"])
}

#[test]
fn without_a_runtime() -> Result<()> {
    let change = "sed -i 's/INIT_RUNTIME(2);//' main.c";
    let program = Changed::new("no_runtime", "foobar")?.after_rewriting(change)?.build()?;
    check_refused(&run(&program)?, &["no INIT_RUNTIME in the program"])
}

#[test]
fn with_a_library_of_a_compartment_that_is_not_there() -> Result<()> {
    let list =
        "#define IA2_COMPARTMENT_LIBRARIES \"libnone.so\"\n#include <ia2_compartment_init.inc>";
    let program = Changed::new("no_library", "foobar")?
        .replace("src/foo.c", "#include <ia2_compartment_init.inc>", list)?
        .build()?;
    check_refused(&run(&program)?, &["IA2_COMPARTMENT_LIBRARIES", "libnone.so", "not loaded"])
}
