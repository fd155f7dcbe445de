//! Real shared objects from every toolchain, before and after: every variable keeps its place and
//! value, and every padded module's pages can be taken away without anybody else noticing.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::program::{KINDS, Report, Variables, build_program, object, tls_size};
use support::toolchain::{Toolchain, Workshop};
use support::{pad, toolchain};

/// A program and the modules it is linked with.
struct Program {
    workshop: Workshop,
    path: PathBuf,
    names: Vec<&'static str>,
    files: Vec<PathBuf>,
    /// Sizes of the TLS segments before padding.
    sizes: Vec<u64>,
}

impl Program {
    /// Links the modules, chosen from [`KINDS`] and in this order. Modules and program are compiled
    /// with these further arguments.
    fn link(toolchain: Toolchain, kinds: &[usize], more: &[&str]) -> Program {
        let workshop = Workshop::new();
        let modules: Vec<Variables> = kinds.iter().map(|&kind| KINDS[kind]).collect();
        let files: Vec<PathBuf> =
            modules.iter().map(|module| module.build(&workshop, toolchain, more)).collect();
        let path = build_program(&workshop, toolchain, &files, more);
        let sizes = files.iter().map(|file| tls_size(file)).collect();
        let names = modules.iter().map(|module| module.name).collect();
        Program { workshop, path, names, files, sizes }
    }

    /// The program, to be run over all its modules.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.names);
        command
    }

    /// The same, taking the pages of the modules with these numbers away in turn.
    fn sealing(&self, modules: &[usize]) -> Command {
        let mut command = Command::new(&self.path);
        command.args(self.names.iter().zip(&self.sizes).enumerate().map(
            |(number, (name, size))| {
                if modules.contains(&number) { format!("{name}:{size}") } else { name.to_string() }
            },
        ));
        command
    }

    /// A directory with a padded copy of the C library.
    fn padded_libc(&self) -> PathBuf {
        let directory = self.workshop.path("libc");
        std::fs::create_dir(&directory).expect("creates a directory");
        let copy = directory.join("libc.so.6");
        std::fs::copy(toolchain::system_library("libc.so.6"), &copy).expect("copies libc");
        pad(&copy);
        directory
    }
}

fn check_padded_modules(toolchain: Toolchain, kinds: &[usize], more: &[&str]) {
    let program = Program::link(toolchain, kinds, more);
    let before = Report::of(&mut program.command());
    for file in &program.files {
        let message = pad(file);
        assert!(message.contains("grown from"), "{message}");
    }
    let all: Vec<usize> = (0..kinds.len()).collect();
    let after = Report::of(program.sealing(&all).env("LD_LIBRARY_PATH", program.padded_libc()));
    for (thread, thread_before) in after.threads.iter().zip(&before.threads) {
        for name in &program.names {
            let pages = thread.key_pages(&object(name), &[]);
            assert!(pages.is_ok(), "{toolchain:?} {kinds:?}: {name}: {pages:?} is in the way");
            let (now, then) = (thread.variable_offset(name), thread_before.variable_offset(name));
            assert_eq!(now, then, "{toolchain:?}: the variable of {name} moved in its block");
        }
        assert!(thread.key_pages("libc.so.6", &[]).is_ok(), "the C library could have a key");
    }
}

#[test]
fn every_toolchains_modules_get_pages_of_their_own() {
    for toolchain in Toolchain::ALL {
        check_padded_modules(toolchain, &[0, 1, 2, 3, 4, 5, 6], &[]);
    }
}

#[test]
fn the_order_of_loading_does_not_matter() {
    for order in [&[6, 5, 4, 3, 2, 1, 0][..], &[3, 0], &[0, 3], &[2, 6, 1], &[5, 1, 0, 4], &[4]] {
        check_padded_modules(Toolchain::GccBfd, order, &[]);
    }
}

#[test]
fn other_tls_models_work_too() {
    check_padded_modules(Toolchain::GccBfd, &[2, 0, 1], &["-ftls-model=initial-exec"]);
    check_padded_modules(Toolchain::GccBfd, &[2, 0, 1], &["-mtls-dialect=gnu2"]);
    check_padded_modules(Toolchain::GccLld, &[2, 0, 1], &["-mtls-dialect=gnu2"]);
}

/// The twin that must fail: without padding the pages are not a module's own.
#[test]
fn untouched_modules_share_their_pages() {
    let program = Program::link(Toolchain::GccBfd, &[0, 1, 2, 3], &[]);
    let report = Report::of(&mut program.command());
    for name in &program.names {
        assert!(report.threads[0].key_pages(&object(name), &[]).is_err(), "{name}");
    }
    let output = program.sealing(&[0]).output().expect("the program starts");
    assert!(!output.status.success(), "data was reachable without its page");
}

/// Padded and untouched modules together: what `key_pages` promises holds, and it never says that two
/// padded ones share a page.
#[test]
fn mixtures_behave_as_predicted() {
    let program = Program::link(Toolchain::GccBfd, &[0, 1, 2, 3, 4, 5], &[]);
    let originals: Vec<Vec<u8>> = program.files.iter().map(|f| toolchain::read(f)).collect();
    let mut granted = 0;
    let mut refused = 0;
    for subset in [0b000001, 0b101010, 0b010101, 0b110011, 0b001100, 0b011110, 0b111110] {
        let is_padded = |number: usize| subset >> number & 1 == 1;
        for (number, file) in program.files.iter().enumerate() {
            std::fs::write(file, &originals[number]).expect("restores a module");
            if is_padded(number) {
                pad(file);
            }
        }
        let report = Report::of(&mut program.command());
        let mut sealable = Vec::new();
        for (number, name) in program.names.iter().enumerate() {
            match report.threads[0].key_pages(&object(name), &[]) {
                Ok(_) => sealable.push(number),
                Err(culprit) => {
                    let other = program.names.iter().position(|name| object(name) == culprit);
                    let both_padded = is_padded(number) && other.is_some_and(is_padded);
                    assert!(!both_padded, "{subset:#b}: {name} and {culprit} share a page");
                    refused += 1;
                }
            }
        }
        granted += sealable.len();
        Report::of(&mut program.sealing(&sealable));
    }
    assert!(granted >= 12 && refused >= 12, "{granted} granted, {refused} refused");
}

/// Why libc.so.6 needs padding too: it lies directly in front of what was loaded before it.
#[test]
fn an_untouched_libc_is_named_as_the_obstacle() {
    // Thread-local variables of the program would leave a gap in which libc's have room.
    let program = Program::link(Toolchain::GccBfd, &[0], &["-DNO_TLS"]);
    pad(&program.files[0]);
    let report = Report::of(&mut program.command());
    for thread in &report.threads {
        assert_eq!(thread.key_pages("data.so", &[]), Err("libc.so.6".to_owned()));
    }
    let report = Report::of(program.command().env("LD_LIBRARY_PATH", program.padded_libc()));
    for thread in &report.threads {
        assert!(thread.key_pages("data.so", &[]).is_ok());
    }
}

/// The pad section of the toolkit's linker script: nothing to do, and pages of its own even beside
/// untouched modules.
#[test]
fn a_module_with_the_pad_section_needs_nothing() {
    const SECTION: &str = "__asm__(\".pushsection .tbss.ia2_pad,\\\"awT\\\",@nobits\\n\
        .p2align 12\\n.zero 4096\\n.popsection\");\n";
    const SCRIPT: &str = "SECTIONS { .tbss.ia2_pad ALIGN(4096) : \
        { KEEP(*(.tbss.ia2_pad)) } } INSERT AFTER .tbss;\n";
    for toolchain in Toolchain::ALL {
        let workshop = Workshop::new();
        let include = workshop.write("pad.h", SECTION);
        let script = workshop.write("pad.ld", SCRIPT);
        let include = format!("-include{}", include.display());
        let script = format!("-Wl,-T,{}", script.display());
        let both = KINDS[2].build(&workshop, toolchain, &[&include, &script]);
        let untouched = KINDS[3].build(&workshop, toolchain, &[]);

        let contents = toolchain::read(&both);
        let message = pad(&both);
        assert!(message.contains("has pages of its own already; unchanged"), "{message}");
        assert_eq!(toolchain::read(&both), contents);

        let size = tls_size(&both);
        let path = build_program(&workshop, toolchain, &[untouched, both], &[]);
        let sealed = format!("both:{size}");
        let report = Report::of(Command::new(path).args(["tiny", sealed.as_str()]));
        assert!(report.threads.iter().all(|thread| thread.key_pages("both.so", &[]).is_ok()));
    }
}

fn late(module: &str, file: &Path, size: u64) -> String {
    format!("{module}={}:{size}", file.display())
}

/// Loaded with dlopen: the C library allocates the blocks on the heap.
#[test]
fn modules_loaded_late_get_pages_of_their_own() {
    for toolchain in Toolchain::ALL {
        let program = Program::link(toolchain, &[1], &[]);
        let kinds = [KINDS[0], KINDS[2], KINDS[3], KINDS[6]];
        let files = kinds.map(|module| module.build(&program.workshop, toolchain, &[]));
        let arguments: Vec<String> = kinds
            .iter()
            .zip(&files)
            .map(|(module, file)| {
                let size = tls_size(file);
                pad(file);
                late(module.name, file, size)
            })
            .collect();
        let report = Report::of(program.command().args(arguments));
        let objects = kinds.map(|module| object(module.name));
        let objects = objects.each_ref().map(String::as_str);
        for thread in &report.threads {
            for object in objects {
                let pages = thread.key_pages(object, &objects);
                assert!(pages.is_ok(), "{toolchain:?}: {object}: {pages:?}");
            }
        }
    }
}

/// Loaded with dlopen, but reached by fixed offsets: needs room in the static area, as the help says.
#[test]
fn initial_exec_modules_can_be_loaded_late_with_a_tunable() {
    let program = Program::link(Toolchain::GccBfd, &[1], &[]);
    let late_module = KINDS[2];
    let file =
        late_module.build(&program.workshop, Toolchain::GccBfd, &["-ftls-model=initial-exec"]);
    let size = tls_size(&file);
    for file in [&program.files[0], &file] {
        pad(file);
    }
    let mut command = program.command();
    command.arg(late(late_module.name, &file, size));
    assert!(!command.output().expect("starts").status.success(), "needs no room, it seems");
    command.env("GLIBC_TUNABLES", "glibc.rtld.optional_static_tls=16384");
    let report = Report::of(&mut command);
    assert!(report.threads.iter().all(|thread| thread.key_pages("both.so", &[]).is_ok()));
}
