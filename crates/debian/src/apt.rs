//! apt with a configuration of its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::Error;

/// One suite of a Debian archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Suite {
    /// The archive that carries it.
    pub archive: Archive,
    /// Its name, for example `bookworm`.
    pub name: &'static str,
}

/// Debian keeps its security updates in an archive of their own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Archive {
    /// Releases and their point updates.
    Main,
    /// Security updates.
    Security,
}

impl Archive {
    /// Last step of its address.
    fn name(self) -> &'static str {
        match self {
            Archive::Main => "debian",
            Archive::Security => "debian-security",
        }
    }
}

/// What is fetched from an archive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// Packages to install, for amd64.
    Packages,
    /// Source packages.
    Sources,
}

impl Content {
    /// How sources.list(5) calls it.
    fn kind(self) -> &'static str {
        match self {
            Content::Packages => "deb",
            Content::Sources => "deb-src",
        }
    }
}

/// The keys Debian signs with, where the system's own list of trusted keys lacks them.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// apt that knows these suites only and keeps all it knows in a scratch directory.
#[derive(Debug)]
pub struct Apt {
    scratch: PathBuf,
    options: Vec<String>,
}

impl Apt {
    /// Prepares apt in this directory, on the mirror that the system uses, and reads the lists.
    ///
    /// # Errors
    /// apt is missing, or the lists cannot be fetched.
    pub fn new(scratch: &Path, suites: &[Suite], content: Content) -> Result<Apt, Error> {
        for directory in ["lists/partial", "cache/archives/partial"] {
            let directory = scratch.join(directory);
            fs::create_dir_all(&directory).map_err(Error::file(&directory))?;
        }
        let here = scratch.display();
        let options = vec![
            format!("Dir::State::lists={here}/lists"),
            format!("Dir::State::status={here}/status"),
            format!("Dir::Cache={here}/cache"),
            format!("Dir::Etc::sourcelist={here}/sources.list"),
            "Dir::Etc::sourceparts=/dev/null".to_owned(),
            "Dir::Etc::preferences=/dev/null".to_owned(),
            "Dir::Etc::preferencesparts=/dev/null".to_owned(),
            // The scratch directory is readable to its owner only.
            "APT::Sandbox::User=root".to_owned(),
            // Else an update that failed to fetch a list would count as a success.
            "APT::Update::Error-Mode=any".to_owned(),
            "APT::Architecture=amd64".to_owned(),
            "APT::Architectures=amd64".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            "Acquire::Retries=3".to_owned(),
        ];
        let apt = Apt { scratch: scratch.to_owned(), options };
        apt.write("status", "")?;
        apt.write("sources.list", &sources(suites, content))?;
        apt.run("apt-get", &["update"])?;
        Ok(apt)
    }

    /// Runs one of apt's programs in the scratch directory and gives what it prints.
    ///
    /// # Errors
    /// It is missing or fails.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<String, Error> {
        let mut command = Command::new(program);
        for option in &self.options {
            command.args(["-o", option]);
        }
        run(command.args(args).current_dir(&self.scratch))
    }

    fn write(&self, name: &str, contents: &str) -> Result<(), Error> {
        let path = self.scratch.join(name);
        fs::write(&path, contents).map_err(Error::file(&path))
    }
}

/// The text of sources.list(5) for these suites.
fn sources(suites: &[Suite], content: Content) -> String {
    // What an update *would* fetch tells the mirrors, whatever format the sources have.
    let uris = run(Command::new("apt-get").args(["update", "--print-uris"])).unwrap_or_default();
    let trust = if Path::new(KEYRING).exists() {
        format!("[arch=amd64 signed-by={KEYRING}]")
    } else {
        "[arch=amd64]".to_owned()
    };
    let line = |suite: &Suite| {
        let mirror = mirror(&uris, suite.archive);
        format!("{} {trust} {mirror} {} main\n", content.kind(), suite.name)
    };
    suites.iter().map(line).collect()
}

/// The address of an archive among those of `apt-get update --print-uris`, else Debian's own.
fn mirror(uris: &str, archive: Archive) -> String {
    uris.lines()
        .filter_map(|line| line.strip_prefix('\'')?.split_once("/dists/"))
        .map(|(base, _)| base)
        .find(|base| base.trim_end_matches('/').ends_with(&format!("/{}", archive.name())))
        .map_or_else(|| format!("http://deb.debian.org/{}", archive.name()), str::to_owned)
}

/// Runs a command and gives its standard output.
///
/// # Errors
/// The program is missing or fails; then the error holds what it printed.
pub fn run(command: &mut Command) -> Result<String, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    // Messages in English, whoever reads the error.
    let Output { status, stdout, stderr } =
        command.env("LC_ALL", "C.UTF-8").output().map_err(|reason| {
            if reason.kind() == io::ErrorKind::NotFound {
                let packages = "Debian's packages apt and dpkg-dev";
                Error::ProgramMissing { program: program.clone(), packages }
            } else {
                Error::NotStarted { program: program.clone(), reason }
            }
        })?;
    if !status.success() {
        // The options say where the lists are, which tells nobody anything.
        let args: Vec<_> = command.get_args().map(|arg| arg.to_string_lossy()).collect();
        let options = args.chunks(2).take_while(|pair| pair[0] == "-o").count() * 2;
        let words: Vec<_> = args.iter().skip(options).map(AsRef::as_ref).collect();
        return Err(Error::Failed {
            command: format!("{program} {}", words.join(" ")),
            status,
            messages: String::from_utf8_lossy(&stderr).trim_end().to_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_mirror_is_used() {
        let uris = "'http://mirror.example/debian/dists/bookworm/InRelease' x 0 \n\
                    'http://mirror.example/debian-security/dists/bookworm-security/InRelease' y 0 \n";
        assert_eq!(mirror(uris, Archive::Main), "http://mirror.example/debian");
        assert_eq!(mirror(uris, Archive::Security), "http://mirror.example/debian-security");
    }

    #[test]
    fn without_one_it_is_debians_own() {
        let uris = "'http://archive.ubuntu.com/ubuntu/dists/noble/InRelease' x 0 \n";
        assert_eq!(mirror(uris, Archive::Main), "http://deb.debian.org/debian");
        assert_eq!(mirror("", Archive::Security), "http://deb.debian.org/debian-security");
    }

    #[test]
    fn errors_show_the_command_without_options() {
        let mut command = Command::new("sh");
        command.args(["-o", "nounset", "-c", "echo reason >&2; exit 3"]);
        let text = run(&mut command).unwrap_err().to_string();
        assert!(
            text.starts_with("`sh -c echo reason >&2; exit 3` failed (exit status: 3)"),
            "{text}"
        );
        assert!(text.ends_with("\nreason"), "{text}");
        let text = run(&mut Command::new("no-such-program")).unwrap_err().to_string();
        assert!(text.starts_with("no-such-program not found"), "{text}");
    }
}
