//! Programs that must not start, or go on with an object they load: one clear error, exit status 1, and
//! nothing of it has run.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use anyhow::{Result, bail, ensure};
use harness::check::shown;
use harness::guide::{Way, follow_from, programs, scratch};
use harness::paths;
use harness::rewrite::copy;
use vm::{Job, Kernel, Keys, Machine, Outcome, Session, Settings, Status};

/// A program of the guide, with changes.
struct Changed {
    sources: PathBuf,
}

impl Changed {
    /// One of the guide's programs.
    fn new(test: &str, program: &str) -> Result<Changed> {
        Changed::of(test, &programs().join(program))
    }

    /// The program that loads an object of a compartment while it runs.
    fn plugin(test: &str) -> Result<Changed> {
        Changed::of(test, &paths::root().join("tests/guide/refused/plugin"))
    }

    fn of(test: &str, program: &Path) -> Result<Changed> {
        let sources = scratch().join(test).join("sources");
        if sources.exists() {
            fs_err::remove_dir_all(&sources)?;
        }
        copy(program, &sources)?;
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

/// With its plugin, and variables `NAME=value` of the environment.
fn run_with(program: &Path, environment: &[(&str, &str)]) -> Result<Outcome> {
    let mut job = Job::new(program);
    let plugin = program.with_file_name("libplug.so");
    if plugin.exists() {
        job = job.file(plugin);
    }
    for (name, value) in environment {
        job = job.env(name, value);
    }
    run_job(&job)
}

fn run(program: &Path) -> Result<Outcome> {
    run_with(program, &[])
}

/// Runs it where all other tests run theirs: the machine is booted once.
fn run_job(job: &Job) -> Result<Outcome> {
    static SESSION: LazyLock<Session> = LazyLock::new(|| {
        let machine = Machine::pick().expect("a machine with protection keys");
        Session::new(machine, Settings::default())
    });
    Ok(SESSION.run(job)?)
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

#[test]
fn with_a_library_in_two_compartments() -> Result<()> {
    let list = "sed -i 's/^#define IA2_COMPARTMENT 1/&\\n#define IA2_COMPARTMENT_LIBRARIES \"libfoo.so\"/' main.c";
    let program = Changed::new("two_owners", "foobar")?.after_rewriting(list)?.build()?;
    check_refused(&run(&program)?, &["libfoo.so", "is claimed by two compartments"])
}

/// A flag that comes last in the link of `libfoo.so`, and what is said about it.
fn check_flag(test: &str, flag: &str, says: &[&str]) -> Result<()> {
    let change = format!("sed -i 's/bar.c --/& {flag}/' \"$project/build.sh\"");
    let program = Changed::new(test, "foobar")?.after_rewriting(&change)?.build()?;
    check_refused(&run(&program)?, says)
}

#[test]
fn with_a_library_that_keeps_its_relocations_writable() -> Result<()> {
    check_flag("no_relro", "-Wl,-z,norelro", &["libfoo.so", "-Wl,-z,relro"])
}

#[test]
fn with_a_library_that_is_bound_lazily() -> Result<()> {
    check_flag("lazy", "-Wl,-z,lazy", &["libfoo.so", "-Wl,-z,now"])
}

#[test]
fn with_code_that_the_loader_writes_to() -> Result<()> {
    let function = r#"
cat >>src/foo.c <<'END'
__asm__(".pushsection .text\nmovabs $foo_name, %rax\n.popsection");
END
sed -i 's/bar.c --/& -Wl,-z,notext/' "$project/build.sh"
"#;
    let program = Changed::new("text_relocations", "foobar")?.after_rewriting(function)?.build()?;
    check_refused(&run(&program)?, &["libfoo.so", "DT_TEXTREL", "-fPIC"])
}

/// A library that nobody rewrote, in compartment 2: its variable lies between those of others.
#[test]
fn with_thread_local_variables_of_two_compartments_on_a_page() -> Result<()> {
    let library = r#"
echo '__thread long nearby = 1;' >nearby.c
"$CC" -shared -fPIC -Wl,-z,now,-z,relro nearby.c -o "$bin/libnearby.so"
sed -i 's/^#define IA2_COMPARTMENT 2/&\n#define IA2_COMPARTMENT_LIBRARIES "libnearby.so"/' src/foo.c
sed -i 's/bar.c --/& -Wl,--no-as-needed -lnearby/' "$project/build.sh"
"#;
    let program = Changed::new("shared_page", "foobar")?.after_rewriting(library)?.build()?;
    let says =
        ["thread-local variables of ", "libnearby.so (compartment 2) share a page", "pad-tls"];
    check_refused(&run(&program)?, &says)
}

/// A preloaded library whose resolver, which the loader calls while it relocates, is there first.
#[test]
fn with_a_key_that_something_else_has_taken() -> Result<()> {
    let library = r#"
cat >taker.c <<'END'
static void nothing(void) {}
static void (*take(void))(void)
{
    long result = 330; /* pkey_alloc */
    __asm__ volatile("syscall" : "+a"(result) : "D"(0L), "S"(0L) : "rcx", "r11", "memory");
    return nothing;
}
static void taken(void) __attribute__((ifunc("take")));
void (*volatile taken_at)(void) = taken;
END
"$CC" -shared -fPIC taker.c -o "$bin/libtaker.so"
"#;
    let program = Changed::new("taken", "foobar")?.after_rewriting(library)?.build()?;
    let taker = program.with_file_name("libtaker.so");
    let job = Job::new(&program).file(&taker).env("LD_PRELOAD", &taker);
    let says = ["protection key", "something else in this process uses protection keys"];
    check_refused(&run_job(&job)?, &says)
}

#[test]
fn with_words_in_the_environment_that_mean_nothing() -> Result<()> {
    let program = Changed::new("environment", "foobar")?.build()?;
    for (name, value) in [("IA2_LOG", "loud"), ("IA2_STACK_SIZE", "8M"), ("IA2_MAP_SIGNAL", "")] {
        check_refused(&run_with(&program, &[(name, value)])?, &[name, value])?;
    }
    Ok(())
}

#[test]
fn not_with_a_plugin_that_is_built_as_it_should_be() -> Result<()> {
    let outcome = run(&Changed::plugin("plugin")?.build()?)?;
    let is_fine = outcome.status == Status::Exited(0) && outcome.stdout == b"41\n43\n";
    ensure!(is_fine, "{}", shown(&outcome));
    Ok(())
}

/// The plugin, changed by shell commands, and what is said when it is loaded.
fn check_plugin(test: &str, change: &str, says: &[&str]) -> Result<()> {
    let program = Changed::plugin(test)?.after_rewriting(change)?.build()?;
    check_refused(&run(&program)?, says)
}

/// A flag that comes last in the compilation and link of the plugin.
fn check_plugin_flag(test: &str, flag: &str, says: &[&str]) -> Result<()> {
    let change = format!("sed -i 's/plug.c --/& {flag}/' \"$project/build.sh\"");
    check_plugin(test, &change, says)
}

#[test]
fn with_a_plugin_whose_thread_local_variables_need_room_at_start() -> Result<()> {
    let change = "sed -i 's/plug.c --/& -ftls-model=initial-exec/' \"$project/build.sh\"";
    let program = Changed::plugin("initial_exec")?.after_rewriting(change)?.build()?;
    // The loader has little of it; there is more on demand.
    let outcome = run(&program)?;
    let says = b"cannot allocate memory in static TLS block\n";
    ensure!(outcome.status == Status::Exited(2), "{}", shown(&outcome));
    ensure!(outcome.stderr.ends_with(says), "{}", shown(&outcome));
    let more = [("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=65536")];
    let says = ["libplug.so", "initial-exec", "-ftls-model=global-dynamic"];
    check_refused(&run_with(&program, &more)?, &says)
}

#[test]
fn with_a_plugin_that_uses_thread_local_descriptors() -> Result<()> {
    let says = ["libplug.so", "descriptors", "-mtls-dialect=gnu"];
    check_plugin_flag("descriptors", "-mtls-dialect=gnu2", &says)
}

#[test]
fn with_a_plugin_that_keeps_its_relocations_writable() -> Result<()> {
    check_plugin_flag("late_no_relro", "-Wl,-z,norelro", &["libplug.so", "-Wl,-z,relro"])
}

#[test]
fn with_a_plugin_that_is_bound_lazily() -> Result<()> {
    check_plugin_flag("late_lazy", "-Wl,-z,lazy", &["libplug.so", "-Wl,-z,now"])
}

#[test]
fn with_a_plugin_that_chooses_functions_by_resolvers() -> Result<()> {
    let resolver = r#"
cat >>plug.c <<'END'
static int seven(void) { return 7; }
static int (*choose(void))(void) { return seven; }
int plug_chosen(void) __attribute__((ifunc("choose")));
END
"#;
    check_plugin("late_ifunc", resolver, &["libplug.so", "ifunc"])
}

#[test]
fn with_a_plugin_of_a_compartment_that_is_not_there() -> Result<()> {
    let change = "sed -i 's/IA2_COMPARTMENT 2/IA2_COMPARTMENT 3/' plug.c
sed -i 's/plug 2/plug 3/' \"$project/build.sh\"";
    check_plugin("late_other", change, &["libplug.so", "that the program does not have: 3"])
}

#[test]
fn with_a_name_space_of_its_own() -> Result<()> {
    let change = "sed -i 's/dlopen(/dlmopen(LM_ID_NEWLM, /' main.c";
    check_plugin("dlmopen", change, &["dlmopen", "use dlopen"])
}
