//! The table of outside things. A new one is an entry here.

use super::For::{Demo, Programs, Stage, Test};
use super::{Need, find};

/// Everything outside that any task uses, except Rust and the C linker, which `./x` sees to.
pub(crate) const NEEDS: &[Need] = &[
    Need {
        name: "gcc",
        why: "compiles compartments, and links everything",
        packages: &[&["gcc"], &["libc6-dev"]],
        tasks: &[Stage, Test, Demo, Programs],
        find: || find::version("gcc", 10),
    },
    Need {
        name: "clang",
        why: "compiles compartments: what works with gcc must work with clang",
        packages: &[&["clang-19", "clang-18", "clang-17", "clang-16"]],
        tasks: &[Test],
        find: || find::newest("clang", 16, 19),
    },
    Need {
        name: "libclang",
        why: "reads C sources for the rewriter",
        packages: &[
            &["libclang1-19", "libclang1-18", "libclang1-17", "libclang1-16"],
            // Headers that the compiler brings, like stddef.h.
            &[
                "libclang-common-19-dev",
                "libclang-common-18-dev",
                "libclang-common-17-dev",
                "libclang-common-16-dev",
            ],
        ],
        tasks: &[Test, Demo, Programs],
        find: find::libclang,
    },
    Need {
        name: "lld",
        why: "links compartments: what works with GNU ld must work with lld",
        packages: &[&["lld-19", "lld-18", "lld-17", "lld-16"]],
        tasks: &[Test],
        find: || find::newest("ld.lld", 16, 19),
    },
    Need {
        name: "gold, mold",
        why: "refuse the linker script: the guide says so, and a test tries it",
        packages: &[&["binutils-gold", "binutils"], &["mold"]],
        tasks: &[Test],
        find: || find::all(&["ld.gold", "mold"]),
    },
    Need {
        name: "binutils",
        why: "ld, objcopy and ar make the runtime one object; readelf checks it",
        packages: &[&["binutils"]],
        tasks: &[Stage, Test, Demo, Programs],
        find: || find::all(&["ld", "objcopy", "ar", "readelf"]),
    },
    Need {
        name: "gdb",
        why: "walks through gates: backtraces must be right at every instruction of them",
        packages: &[&["gdb"]],
        tasks: &[Test],
        find: || find::version("gdb", 10),
    },
    Need {
        name: "QEMU",
        why: "runs programs where the CPU has no protection keys",
        packages: &[&[vm::QEMU_PACKAGE]],
        tasks: &[Test, Demo, Programs],
        find: || find::version(vm::QEMU_PROGRAM, 7),
    },
    Need {
        name: "apt, dpkg",
        why: "fetch the emulator's kernel image and the sources of real programs",
        packages: &[&["dpkg-dev"]],
        tasks: &[Test, Demo, Programs],
        find: || {
            find::all(&["apt-get", "apt-cache", "dpkg", "dpkg-source", "patch", "bzip2", "xz"])
        },
    },
    Need {
        name: "git",
        why: "lists the files that the rules of the repository are about",
        packages: &[&["git"]],
        tasks: &[Test],
        find: || find::version("git", 2),
    },
    Need {
        name: "bear",
        why: "records compile commands, as the guide says",
        packages: &[&["bear"]],
        tasks: &[Test],
        find: || find::version("bear", 3),
    },
    Need {
        name: "cmake",
        why: "builds real programs",
        packages: &[&["cmake"]],
        tasks: &[Test, Demo, Programs],
        find: || find::version("cmake", 3),
    },
    Need {
        name: "g++",
        why: "builds expat's tests, some of which are C++",
        packages: &[&["g++"]],
        tasks: &[Test],
        find: || find::version("g++", 12),
    },
    Need {
        name: "ninja",
        why: "builds real programs, for cmake",
        packages: &[&["ninja-build"]],
        tasks: &[Test, Demo, Programs],
        find: || find::version("ninja", 1),
    },
    Need {
        name: "make",
        why: "builds real programs",
        packages: &[&["make"]],
        tasks: &[Test, Programs],
        find: || find::version("make", 4),
    },
    Need {
        name: "tclsh",
        why: "makes SQLite's single source file, in its own build",
        packages: &[&["tcl"]],
        tasks: &[Test, Programs],
        find: || find::all(&["tclsh"]),
    },
    Need {
        name: "python3",
        why: "runs the script that makes the paths of compile commands canonical",
        packages: &[&["python3"]],
        tasks: &[Test],
        find: || find::version("python3", 3),
    },
];
