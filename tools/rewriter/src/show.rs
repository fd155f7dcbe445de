//! Showing diagnostics.

use std::borrow::Cow;

use diagnostics::{Counts, Diagnostics, Renderer, SourcePath, Sources};

use crate::options::{Arguments, MessageFormat};
use crate::origin::Origins;

/// Source files as they are on disk, shown relative to the current directory.
struct Disk {
    current: Option<camino::Utf8PathBuf>,
}

impl Sources for Disk {
    fn bytes(&self, file: &SourcePath) -> Option<Cow<'_, [u8]>> {
        std::fs::read(file.as_path()).ok().map(Cow::Owned)
    }

    fn shown_path(&self, file: &SourcePath) -> String {
        let path = file.as_path();
        let relative = self.current.as_ref().and_then(|current| path.strip_prefix(current).ok());
        relative.unwrap_or(path).to_string()
    }
}

/// Writes all diagnostics to standard error, and how many there were.
pub(crate) fn show(diagnostics: Diagnostics, arguments: &Arguments) {
    let current = std::env::current_dir().ok();
    let sources = Disk { current: current.and_then(|path| path.try_into().ok()) };
    let style = arguments.color.style(&std::io::stderr(), std::env::var_os("NO_COLOR").as_deref());
    let mut origins = Origins::default();
    let restored = diagnostics.into_iter().map(|mut diagnostic| {
        origins.restore(&mut diagnostic);
        diagnostic
    });
    let list = restored.collect::<Diagnostics>().into_sorted();
    let counts = Counts::of(&list);
    let mut renderer = Renderer::new(&sources, style);
    for diagnostic in &list {
        match arguments.message_format {
            MessageFormat::Human => eprintln!("{}", renderer.text(diagnostic)),
            MessageFormat::Json => eprintln!("{}", renderer.json(diagnostic)),
        }
    }
    if counts.errors > 0 && arguments.message_format == MessageFormat::Human {
        let errors =
            if counts.errors == 1 { "1 error" } else { &format!("{} errors", counts.errors) };
        eprintln!("ia2-rewriter: {errors}, nothing was written");
    }
}
