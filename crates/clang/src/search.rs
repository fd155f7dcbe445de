//! Where libclang is, found without looking at every directory of the system.
//!
//! clang-sys runs `llvm-config` and looks into each directory two levels below `/usr/lib`, which takes
//! longer than reading a small source. The directories here are those of the distributions; where
//! none of them has a libclang, clang-sys searches its own way.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The variable by which people name the libclang to use, and we tell clang-sys.
const VARIABLE: &str = "LIBCLANG_PATH";

/// Directories with libraries, and directories in which every LLVM has one of its own.
const LIBRARIES: [&str; 4] =
    ["/usr/local/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib"];
const INSTALLATIONS: [&str; 5] =
    ["/usr/lib", "/usr/lib64", "/usr/lib/llvm", "/usr/local", "/usr/local/opt"];

/// Runs `load` with the variable set to the newest libclang that is found, if nobody has set it.
pub(crate) fn with_newest<T>(load: impl FnOnce() -> T) -> T {
    if std::env::var_os(VARIABLE).is_some() || !is_single_threaded() {
        return load();
    }
    let Some(path) = newest() else { return load() };
    // SAFETY: this is the only thread of the process, so no other one reads the environment.
    unsafe { std::env::set_var(VARIABLE, &path) };
    let loaded = load();
    // SAFETY: as above; loading a library starts no thread.
    unsafe { std::env::remove_var(VARIABLE) };
    loaded
}

/// Changing the environment is only sound while no other thread can look at it.
fn is_single_threaded() -> bool {
    std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1)
}

/// The libclang with the highest version in the known places.
fn newest() -> Option<PathBuf> {
    let mut directories: Vec<PathBuf> = LIBRARIES.iter().map(PathBuf::from).collect();
    for installations in INSTALLATIONS {
        for entry in std::fs::read_dir(installations).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
            if name.starts_with("llvm") || (installations.ends_with("llvm") && is_number) {
                directories.extend(["lib", "lib64"].map(|sub| entry.path().join(sub)));
            }
        }
    }
    let found = directories.iter().flat_map(|directory| libraries(directory));
    // Of the same library under several names the one in the directory with the fewest others:
    // clang-sys looks at each file beside it.
    found
        .max_by_key(|(version, path)| (*version, std::cmp::Reverse(path.clone())))
        .map(|(_, path)| path)
}

/// The libclangs in a directory, with their versions.
fn libraries(directory: &Path) -> Vec<(u32, PathBuf)> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let version = version(&entry.file_name(), directory)?;
            Some((version, entry.path()))
        })
        .collect()
}

/// The version that names tell: `libclang-19.so.1`, `libclang.so.19.1`, or `libclang.so.1` in
/// `llvm-19/lib`.
fn version(file: &OsStr, directory: &Path) -> Option<u32> {
    let rest = file.to_str()?.strip_prefix("libclang")?;
    let (in_name, in_end) = rest.split_once(".so")?;
    let major = |text: &str| text.split('.').next().and_then(|digits| digits.parse::<u32>().ok());
    if let Some(number) = in_name.strip_prefix('-') {
        return major(number);
    }
    if !in_name.is_empty() {
        return None;
    }
    let of_installation = || {
        let name = directory.parent()?.file_name()?.to_str()?;
        major(name.trim_start_matches("llvm").trim_start_matches('-'))
    };
    // Debian's libclang.so.1 has had that name since version 2.
    let by_end = in_end.strip_prefix('.').and_then(major).filter(|&number| number > 1);
    by_end.or_else(of_installation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_by_names() {
        let version = |file: &str, directory: &str| version(OsStr::new(file), Path::new(directory));
        assert_eq!(version("libclang-19.so.1", "/usr/lib/llvm-19/lib"), Some(19));
        assert_eq!(version("libclang-19.so.19", "/usr/lib/x86_64-linux-gnu"), Some(19));
        assert_eq!(version("libclang.so.1", "/usr/lib/llvm-17/lib"), Some(17));
        assert_eq!(version("libclang.so.18.1.8", "/usr/lib64"), Some(18));
        assert_eq!(version("libclang.so", "/usr/lib/llvm/20/lib64"), Some(20));
        assert_eq!(version("libclang-cpp.so.19.1", "/usr/lib/llvm-19/lib"), None);
        assert_eq!(version("libclang.so", "/usr/lib"), None);
        assert_eq!(version("libclangAST.so.19", "/usr/lib64"), None);
    }
}
