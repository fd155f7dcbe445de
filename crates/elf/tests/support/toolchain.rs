//! The compilers and linkers whose output the tests read. A missing one fails the test that needs it.

use std::env;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A compiler with a linker.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Toolchain {
    GccBfd,
    GccLld,
    ClangBfd,
    ClangLld,
}

impl Toolchain {
    pub(crate) const ALL: [Toolchain; 4] =
        [Toolchain::GccBfd, Toolchain::GccLld, Toolchain::ClangBfd, Toolchain::ClangLld];

    fn compiler(self) -> Command {
        match self {
            Toolchain::GccBfd | Toolchain::GccLld => Command::new(tool("gcc")),
            Toolchain::ClangBfd | Toolchain::ClangLld => Command::new(tool("clang")),
        }
    }

    fn uses_lld(self) -> bool {
        matches!(self, Toolchain::GccLld | Toolchain::ClangLld)
    }
}

/// A directory of sources and what is built from them.
pub(crate) struct Workshop {
    directory: TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Workshop {
        Workshop::below(Path::new(env!("CARGO_TARGET_TMPDIR")))
    }

    /// One that other users can reach too, which the build directory may not be.
    pub(crate) fn for_every_user() -> Workshop {
        let workshop = Workshop::below(&env::temp_dir());
        std::fs::set_permissions(workshop.directory.path(), Permissions::from_mode(0o755))
            .expect("opens the directory");
        workshop
    }

    fn below(parent: &Path) -> Workshop {
        Workshop { directory: tempfile::tempdir_in(parent).expect("a temporary directory") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, contents).expect("writes a source");
        path
    }

    /// Compiles and links `arguments` to `output`.
    pub(crate) fn build(&self, toolchain: Toolchain, output: &str, arguments: &[&str]) -> PathBuf {
        let output = self.path(output);
        let mut command = toolchain.compiler();
        if toolchain.uses_lld() {
            command.arg("-fuse-ld=lld").arg("-B").arg(self.lld_directory());
        } else {
            command.arg("-fuse-ld=bfd");
        }
        command.arg("-o").arg(&output).args(arguments).current_dir(self.directory.path());
        run(&mut command);
        output
    }

    /// Builds a shared object from C text.
    pub(crate) fn shared_object(
        &self,
        toolchain: Toolchain,
        name: &str,
        c: &str,
        more: &[&str],
    ) -> PathBuf {
        let source = self.write(&format!("{name}.c"), c);
        let mut arguments = vec!["-shared", "-fPIC", source.to_str().expect("a UTF-8 path")];
        arguments.extend(more);
        self.build(toolchain, name, &arguments)
    }

    /// A directory that has lld under the one name both compilers look for.
    fn lld_directory(&self) -> PathBuf {
        let directory = self.path("lld");
        if !directory.exists() {
            std::fs::create_dir(&directory).expect("creates a directory");
            symlink(tool("ld.lld"), directory.join("ld.lld")).expect("links lld");
        }
        directory
    }
}

/// The file's bytes.
pub(crate) fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("reads a file that was just built")
}

/// Runs a command that must succeed, and returns its output.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{stdout}{stderr}", output.status);
    stdout.into_owned()
}

/// The program of this name in `PATH`, or the newest `NAME-<version>`.
pub(crate) fn tool(name: &str) -> PathBuf {
    let path = env::var_os("PATH").expect("PATH is set");
    let directories: Vec<PathBuf> = env::split_paths(&path).collect();
    let plain = directories.iter().map(|directory| directory.join(name)).find(|p| p.is_file());
    let versioned = || {
        (10..100).rev().find_map(|version| {
            let name = format!("{name}-{version}");
            directories.iter().map(|directory| directory.join(&name)).find(|p| p.is_file())
        })
    };
    plain.or_else(versioned).unwrap_or_else(|| panic!("{name} is needed by this test; install it"))
}

/// The file the dynamic linker finds for a library of the system.
pub(crate) fn system_library(name: &str) -> PathBuf {
    let printed = run(Command::new(tool("gcc")).arg(format!("-print-file-name={name}")));
    let path = PathBuf::from(printed.trim());
    assert!(path.is_absolute(), "the compiler does not know {name}");
    path
}
