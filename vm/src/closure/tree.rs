//! The part of the file system a job sees: every directory and link on the way to its files, so that
//! each path means there what it means here.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

use vm_shared::message::Owner;

use crate::error::Error;

/// What every Linux system has of its own; nothing below these is taken along.
const SYSTEM: [&str; 3] = ["/dev", "/proc", "/sys"];

/// As many links as the kernel follows in one path (`path_resolution(7)`).
const MAX_LINKS: u32 = 40;

/// A name of the tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum HostNode {
    /// A directory with these permission bits.
    Directory {
        /// Permission bits.
        mode: u32,
        /// Its owner.
        owner: Owner,
    },
    /// A symbolic link to this target.
    Link(OsString),
    /// A regular file, which has the name's own path here.
    File,
}

/// Names by absolute path; parents come before their children.
#[derive(Default, Debug)]
pub(crate) struct Tree {
    nodes: BTreeMap<PathBuf, HostNode>,
}

impl Tree {
    /// Adds a file or directory with all directories and links that lead to it.
    pub(crate) fn add(&mut self, path: &Path) -> Result<(), Error> {
        self.walk(path).map_err(Error::file(path))
    }

    /// Adds everything below a directory. Sockets, pipes and devices are left out.
    pub(crate) fn add_below(&mut self, directory: &Path) -> Result<Vec<PathBuf>, Error> {
        let list = |path: &Path| -> io::Result<Vec<fs::DirEntry>> { fs::read_dir(path)?.collect() };
        let mut waiting = vec![directory.to_owned()];
        let mut files = Vec::new();
        while let Some(directory) = waiting.pop() {
            for entry in list(&directory).map_err(Error::file(&directory))? {
                let kind = entry.file_type().map_err(Error::file(entry.path()))?;
                if kind.is_dir() {
                    waiting.push(entry.path());
                }
                if kind.is_symlink() {
                    // The link itself; where it leads to may be missing or elsewhere.
                    let target = fs::read_link(entry.path()).map_err(Error::file(entry.path()))?;
                    let parent = directory.canonicalize().map_err(Error::file(&directory))?;
                    let name = parent.join(entry.file_name());
                    self.nodes.insert(name, HostNode::Link(target.into_os_string()));
                } else if kind.is_dir() || kind.is_file() {
                    self.add(&entry.path())?;
                    files.extend(kind.is_file().then(|| entry.path()));
                }
            }
        }
        Ok(files)
    }

    /// All names, parents first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Path, &HostNode)> {
        self.nodes.iter().map(|(path, node)| (path.as_path(), node))
    }

    fn walk(&mut self, path: &Path) -> io::Result<()> {
        debug_assert!(path.is_absolute(), "{path:?}");
        let mut place = PathBuf::from("/");
        let mut rest = steps(path.as_os_str());
        let mut links = 0;
        while let Some(step) = rest.pop() {
            if step == ".." {
                place.pop();
                continue;
            }
            let next = place.join(&step);
            if SYSTEM.iter().any(|system| next.starts_with(system)) {
                return Ok(());
            }
            let metadata = fs::symlink_metadata(&next)?;
            if metadata.is_symlink() {
                links += 1;
                if links > MAX_LINKS {
                    return Err(io::Error::from_raw_os_error(libc::ELOOP));
                }
                let target = fs::read_link(&next)?.into_os_string();
                rest.extend(steps(&target));
                if Path::new(&target).is_absolute() {
                    place = PathBuf::from("/");
                }
                self.nodes.insert(next, HostNode::Link(target));
            } else {
                self.nodes.insert(next.clone(), node(&metadata)?);
                place = next;
            }
        }
        Ok(())
    }
}

/// The steps of a path, last one first.
fn steps(path: &OsStr) -> Vec<OsString> {
    let mut steps: Vec<_> = Path::new(path)
        .components()
        .filter(|component| matches!(component, Component::Normal(_) | Component::ParentDir))
        .map(|component| component.as_os_str().to_owned())
        .collect();
    steps.reverse();
    steps
}

fn node(metadata: &Metadata) -> io::Result<HostNode> {
    if metadata.is_dir() {
        let owner = Owner { uid: metadata.uid(), gid: metadata.gid() };
        Ok(HostNode::Directory { mode: metadata.mode() & 0o7777, owner })
    } else if metadata.is_file() {
        Ok(HostNode::File)
    } else {
        let text = "neither a regular file nor a directory";
        Err(io::Error::new(io::ErrorKind::InvalidInput, text))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn names_of(tree: &Tree, below: &Path) -> Vec<String> {
        tree.iter()
            .filter_map(|(path, node)| Some((path.strip_prefix(below).ok()?, node)))
            .map(|(path, node)| match node {
                HostNode::Directory { .. } => format!("{}/", path.display()),
                HostNode::Link(target) => format!("{} -> {}", path.display(), target.display()),
                HostNode::File => path.display().to_string(),
            })
            .filter(|name| name != "/")
            .collect()
    }

    #[test]
    fn links_on_the_way_are_kept() {
        let scratch = tempfile::tempdir().unwrap();
        let top = scratch.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("real/deep")).unwrap();
        fs::write(top.join("real/file"), "x").unwrap();
        fs::write(top.join("real/unnamed"), "x").unwrap();
        symlink("real", top.join("relative")).unwrap();
        symlink(top.join("relative/deep"), top.join("absolute")).unwrap();

        let mut tree = Tree::default();
        tree.add(&top.join("absolute/../file")).unwrap();
        let mut expected = vec![
            format!("absolute -> {}/relative/deep", top.display()),
            "real/".to_owned(),
            "real/deep/".to_owned(),
            "real/file".to_owned(),
            "relative -> real".to_owned(),
        ];
        expected.sort();
        let mut names = names_of(&tree, &top);
        names.sort();
        assert_eq!(names, expected);
    }

    #[test]
    fn a_directory_comes_with_all_that_is_below_it() {
        let scratch = tempfile::tempdir().unwrap();
        let top = scratch.path().canonicalize().unwrap();
        fs::create_dir_all(top.join("a/b")).unwrap();
        fs::write(top.join("a/b/c"), "x").unwrap();
        symlink("nowhere", top.join("a/dangling")).unwrap();
        let mut tree = Tree::default();
        tree.add(&top.join("a")).unwrap();
        tree.add_below(&top.join("a")).unwrap();
        assert_eq!(names_of(&tree, &top), ["a/", "a/b/", "a/b/c", "a/dangling -> nowhere"]);
    }

    #[test]
    fn wrong_paths_are_errors() {
        let scratch = tempfile::tempdir().unwrap();
        let top = scratch.path();
        symlink("loop", top.join("loop")).unwrap();
        fs::write(top.join("file"), "x").unwrap();
        let error = |name: &str| Tree::default().add(&top.join(name)).unwrap_err().to_string();
        assert!(error("missing").contains("No such file"), "{}", error("missing"));
        assert!(error("loop").contains("symbolic links"), "{}", error("loop"));
        assert!(error("file/below").contains("Not a directory"), "{}", error("file/below"));
    }

    #[test]
    fn what_every_system_has_is_not_taken_along() {
        let mut tree = Tree::default();
        tree.add(Path::new("/dev/null")).unwrap();
        tree.add(Path::new("/proc/self/maps")).unwrap();
        assert_eq!(tree.iter().count(), 0);
    }
}
