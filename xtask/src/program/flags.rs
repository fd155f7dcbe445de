//! The flags that the guide prescribes.

use crate::workspace::root;

/// The functions that the linker must send to the runtime and the allocator.
const WRAPPED: [&str; 16] = [
    "pthread_create",
    "calloc",
    "free",
    "malloc",
    "memalign",
    "posix_memalign",
    "pvalloc",
    "realloc",
    "valloc",
    "malloc_usable_size",
    "realpath",
    "strdup",
    "strndup",
    "getcwd",
    "asprintf",
    "vasprintf",
];

/// For every compile command, also those that the rewriter reads.
pub(crate) fn headers() -> Vec<String> {
    ["runtime/libia2/include", "runtime/partition-alloc/include"]
        .iter()
        .map(|path| format!("-I{}", root().join(path).display()))
        .collect()
}

/// For every compile command of rewritten sources. `header` is the generated one.
pub(super) fn compile(header: &str) -> Vec<String> {
    let flags =
        ["-fPIC", "-DIA2_ENABLE=1", "-include", header, "-Werror=incompatible-pointer-types"];
    flags.map(str::to_owned).to_vec()
}

/// For every link command.
pub(super) fn link() -> Vec<String> {
    let mut flags: Vec<_> = WRAPPED.iter().map(|name| format!("-Wl,--wrap={name}")).collect();
    flags.extend(["-pthread", "-Wl,-z,now", "-Wl,-z,relro"].map(str::to_owned));
    flags.push(format!("-Wl,-T{}", root().join("runtime/libia2/padding.ld").display()));
    flags
}

/// For the link command of the program, which initialises the runtime.
pub(super) fn link_program() -> Vec<String> {
    let root = root().display();
    vec![
        "-Wl,--wrap=main".to_owned(),
        format!("-Wl,--dynamic-list={root}/runtime/libia2/dynsym.syms"),
        "-Wl,--export-dynamic".to_owned(),
        format!("-L{root}/build/runtime/libia2"),
        format!("-L{root}/build/runtime/partition-alloc"),
        // The guide leaves finding the allocator to the user.
        format!("-Wl,-rpath,{root}/build/runtime/partition-alloc"),
        "-llibia2".to_owned(),
        "-lpartition-alloc".to_owned(),
        "-lcallgates".to_owned(),
    ]
}
