//! The command that only preprocesses a source.

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Carrier, Command, Kind};
use crate::flags::{Reason, Treatment};
use crate::paths::{FileSystem, canonical, in_canonical_directory};

/// Flags that name a directory of headers, or a header.
const SEARCHED: [&str; 6] = ["-I", "-iquote", "-isystem", "-idirafter", "-include", "-imacros"];

impl Command {
    /// The compiler and its arguments, without those that name sources and outputs, say how far to
    /// compile, write dependencies, or include one of the `generated` files (absolute).
    ///
    /// With `-E`, and a source behind them, they preprocess it as the command does. `copy` says where
    /// a directory or header has a copy; copies are looked into first.
    pub fn for_preprocessing(
        &self,
        files: &dyn FileSystem,
        generated: &[Utf8PathBuf],
        copy: &dyn Fn(&Utf8Path) -> Option<Utf8PathBuf>,
    ) -> Vec<String> {
        let mut words = vec![self.driver().program().to_owned()];
        for argument in self.arguments() {
            if argument.carrier != Carrier::Command {
                continue;
            }
            let is_left_out = match &argument.kind {
                Kind::Input => true,
                Kind::Unknown => false,
                Kind::Flag { found, value } => {
                    let is_generated = || {
                        let path = value.as_deref().unwrap_or_default().into();
                        let here = in_canonical_directory(files, self.directory(), path);
                        let real = canonical(files, self.directory(), path);
                        generated.iter().any(|known| *known == here || *known == real)
                    };
                    match found.flag.treatment {
                        Treatment::Drop(
                            Reason::Output | Reason::Dependencies | Reason::Stage | Reason::Linker,
                        ) => found.flag.canonical != "-x",
                        _ => found.flag.canonical == "-include" && is_generated(),
                    }
                }
            };
            if is_left_out {
                continue;
            }
            if let Kind::Flag { found, value: Some(value) } = &argument.kind
                && SEARCHED.contains(&found.flag.canonical)
                && let Some(copy) = copy(&canonical(files, self.directory(), value.as_str().into()))
            {
                words.extend([found.flag.canonical.to_owned(), copy.into_string()]);
                if found.flag.canonical == "-include" {
                    continue;
                }
            }
            words.extend(self.words[argument.words.clone()].iter().cloned());
        }
        words
    }
}
