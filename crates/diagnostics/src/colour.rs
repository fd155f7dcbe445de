//! When to use colour.

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::str::FromStr;

use crate::Style;

/// What the user asked for, as in `--color=auto`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ColourChoice {
    /// On a terminal only, and not if `NO_COLOR` is set to anything (<https://no-color.org>).
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColourChoice {
    /// The style for this stream, given the value of the environment variable `NO_COLOR`.
    pub fn style(self, stream: &impl IsTerminal, no_color: Option<&OsStr>) -> Style {
        let coloured = match self {
            ColourChoice::Always => true,
            ColourChoice::Never => false,
            ColourChoice::Auto => no_color.is_none_or(OsStr::is_empty) && stream.is_terminal(),
        };
        if coloured { Style::Coloured } else { Style::Plain }
    }
}

impl FromStr for ColourChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<ColourChoice, String> {
        match text {
            "auto" => Ok(ColourChoice::Auto),
            "always" => Ok(ColourChoice::Always),
            "never" => Ok(ColourChoice::Never),
            other => Err(format!("`{other}` is not one of `auto`, `always`, `never`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_colour_only_when_told() {
        let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH")).expect("own manifest");
        assert_eq!(ColourChoice::Auto.style(&file, None), Style::Plain);
        assert_eq!(ColourChoice::Always.style(&file, None), Style::Coloured);
        assert_eq!("never".parse::<ColourChoice>().map(|c| c.style(&file, None)), Ok(Style::Plain));
        assert!("yes".parse::<ColourChoice>().is_err());
    }
}
