//! Modules with thread-local storage, and the program that runs threads over them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

use layout::tls_padding::{Obstacle, Storage, TlsBlock, key_pages};

use super::toolchain::{Toolchain, Workshop, run};

/// The thread-local variables of a module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Variables {
    pub(crate) name: &'static str,
    /// Initialised longs.
    pub(crate) data: usize,
    /// Zero bytes.
    pub(crate) zeros: usize,
    pub(crate) align: usize,
}

/// Every kind of TLS segment a compiler makes.
pub(crate) const KINDS: [Variables; 7] = [
    Variables { name: "data", data: 3, zeros: 0, align: 8 },
    Variables { name: "zeros", data: 0, zeros: 40, align: 1 },
    Variables { name: "both", data: 5, zeros: 100, align: 16 },
    Variables { name: "tiny", data: 0, zeros: 1, align: 1 },
    Variables { name: "large", data: 700, zeros: 20_000, align: 32 },
    Variables { name: "cacheline", data: 2, zeros: 10, align: 64 },
    Variables { name: "twopages", data: 1, zeros: 5000, align: 8192 },
];

impl Variables {
    /// Builds the module as `NAME.so`.
    pub(crate) fn build(
        &self,
        workshop: &Workshop,
        toolchain: Toolchain,
        more: &[&str],
    ) -> PathBuf {
        let Variables { name, data, zeros, align } = self;
        let c = format!(
            "#define NAME {name}\n#define DATA {data}\n#define ZEROS {zeros}\n#define ALIGN {align}\n{}",
            include_str!("../tls/module.c")
        );
        let soname = format!("-Wl,-soname,{}", object(name));
        let mut arguments = vec!["-O1", soname.as_str()];
        arguments.extend(more);
        workshop.shared_object(toolchain, &object(name), &c, &arguments)
    }
}

/// Builds the program, linked with these modules in this order.
pub(crate) fn build_program(
    workshop: &Workshop,
    toolchain: Toolchain,
    modules: &[PathBuf],
    more: &[&str],
) -> PathBuf {
    let source = workshop.write("program.c", include_str!("../tls/program.c"));
    let mut arguments = vec!["-O1", "-pthread"];
    arguments.extend(["-Wl,-rpath,$ORIGIN", "-Wl,--no-as-needed"]);
    arguments.push(source.to_str().expect("a UTF-8 path"));
    arguments.extend(modules.iter().map(|module| module.to_str().expect("a UTF-8 path")));
    arguments.extend(more);
    workshop.build(toolchain, "program", &arguments)
}

/// What the program printed: for each thread, where everything is.
pub(crate) struct Report {
    pub(crate) threads: Vec<Thread>,
}

/// One thread of the program.
#[derive(Default)]
pub(crate) struct Thread {
    thread_pointer: usize,
    /// Object, address, `p_memsz` and `p_flags`.
    blocks: Vec<(String, usize, u64, u32)>,
    variables: BTreeMap<String, usize>,
}

impl Report {
    /// Runs the program; every check in it must succeed.
    pub(crate) fn of(command: &mut Command) -> Report {
        let mut threads: BTreeMap<usize, Thread> = BTreeMap::new();
        for line in run(command).lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let thread = threads.entry(number(words[1])).or_default();
            match words[0] {
                "thread" => thread.thread_pointer = number(words[2]),
                "block" => thread.blocks.push((
                    words[2].to_owned(),
                    number(words[3]),
                    number(words[4]) as u64,
                    number(words[5]) as u32,
                )),
                "variable" => {
                    thread.variables.insert(words[2].to_owned(), number(words[3]));
                }
                other => panic!("the program printed {other}: {line}"),
            }
        }
        assert_eq!(threads.len(), 9, "main and two rounds of four threads");
        Report { threads: threads.into_values().collect() }
    }
}

impl Thread {
    /// The pages of an object that can carry its key, or the name of what is in the way. The objects
    /// in `dynamic` were loaded late.
    pub(crate) fn key_pages(&self, object: &str, dynamic: &[&str]) -> Result<Range<usize>, String> {
        let blocks: Vec<TlsBlock> = self
            .blocks
            .iter()
            .map(|(object, start, size, flags)| {
                let is_dynamic = dynamic.contains(&object.as_str());
                let storage = if is_dynamic { Storage::Dynamic } else { Storage::Static };
                TlsBlock::new(*start, *size, *flags, storage)
            })
            .collect();
        key_pages(&blocks, self.index(object), self.thread_pointer).map_err(|obstacle| {
            match obstacle {
                Obstacle::Module(other) => self.blocks[other].0.clone(),
                other => format!("{other:?}"),
            }
        })
    }

    /// How far a module's variable is from the start of its block.
    pub(crate) fn variable_offset(&self, module: &str) -> usize {
        self.variables[module] - self.blocks[self.index(&object(module))].1
    }

    fn index(&self, object: &str) -> usize {
        let index = self.blocks.iter().position(|block| block.0 == object);
        index.unwrap_or_else(|| panic!("no block of {object}"))
    }
}

/// The file name of a module.
pub(crate) fn object(module: &str) -> String {
    format!("{module}.so")
}

fn number(text: &str) -> usize {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => usize::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The size of a file's TLS segment.
pub(crate) fn tls_size(path: &Path) -> u64 {
    let bytes = super::toolchain::read(path);
    let file = elf::ElfFile::open(&bytes).expect("an ELF file");
    file.tls().expect("a TLS segment").memory_size
}
