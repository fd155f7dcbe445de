//! A job made ready: its program found, its files collected. All that can be wrong with a job before
//! it runs is found here, so that no machine is booted for it.

use std::env;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::closure::{Closure, LinkerVariables, Tree};
use crate::error::Error;
use crate::job::{DEFAULT_PATH, Job};

/// A job made ready.
pub(crate) struct Plan {
    /// Absolute path of the program.
    pub(crate) program: PathBuf,
    /// Absolute working directory.
    pub(crate) cwd: PathBuf,
    /// Every file it needs.
    pub(crate) tree: Tree,
    /// Absolute paths of the files to fetch.
    pub(crate) fetch: Vec<OsString>,
}

impl Plan {
    /// Makes a job ready.
    pub(crate) fn new(job: &Job) -> Result<Plan, Error> {
        let here = env::current_dir().map_err(Error::system("the current directory"))?;
        let cwd = here.join(job.cwd.as_deref().unwrap_or(Path::new("")));
        let program = find_program(job, &cwd)?;
        let variables = LinkerVariables {
            library_path: job.variable("LD_LIBRARY_PATH"),
            preload: job.variable("LD_PRELOAD"),
        };
        let mut closure = Closure::new(&cwd, &variables)?;
        closure.add_program(&program)?;
        for file in &job.files {
            closure.add(&cwd.join(file))?;
        }
        let fetch = job.fetch.iter().map(|path| cwd.join(path).into_os_string()).collect();
        Ok(Plan { program, cwd, tree: closure.into_tree(), fetch })
    }
}

/// The program: a path relative to the working directory, or a name in the job's search path.
fn find_program(job: &Job, cwd: &Path) -> Result<PathBuf, Error> {
    let is_program = |path: &PathBuf| {
        path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
    };
    if job.program.as_os_str().as_bytes().contains(&b'/') {
        let path = cwd.join(&job.program);
        return match path.metadata() {
            Err(_) => Err(Error::ProgramNotFound(path)),
            Ok(_) if is_program(&path) => Ok(path),
            Ok(_) => {
                let reason = "not an executable file (chmod +x?)".to_owned();
                Err(Error::NotStarted { program: path, reason })
            }
        };
    }
    let path = job.variable("PATH").unwrap_or(DEFAULT_PATH.as_ref());
    env::split_paths(path)
        .map(|directory| cwd.join(directory).join(&job.program))
        .find(is_program)
        .ok_or_else(|| Error::ProgramNotFound(job.program.clone()))
}
