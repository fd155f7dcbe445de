//! The compartment of a source: `-DPKEY=N`.

use diagnostics::Span;
use pkru::Pkey;
use thiserror::Error;

use crate::command::{Command, Use};

/// The value of PKEY is not the number of a compartment.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum PkeyError {
    /// Not a decimal number, or none at all.
    #[error("`{argument}` does not give a number")]
    NotANumber {
        /// As written in the command.
        argument: String,
        /// Its place in the database.
        at: Span,
    },
    /// A number below 0.
    #[error("`{argument}` is negative")]
    Negative {
        /// As written in the command.
        argument: String,
        /// Its place in the database.
        at: Span,
    },
    /// A number above 15.
    #[error("`{argument}` is above {}", Pkey::MAX)]
    TooLarge {
        /// As written in the command.
        argument: String,
        /// Its place in the database.
        at: Span,
    },
}

impl Command {
    /// The compartment: the last `-DPKEY=N` wins, and without one, or after `-UPKEY`, it is the
    /// untrusted key 0.
    pub fn pkey(&self) -> Result<Pkey, PkeyError> {
        let last = self.uses(&["-D", "-U"]).rfind(|flag| macro_name(flag.value) == "PKEY");
        match last {
            Some(definition) if definition.name == "-D" => self.pkey_of(definition),
            _ => Ok(Pkey::UNTRUSTED),
        }
    }

    fn pkey_of(&self, definition: Use<'_>) -> Result<Pkey, PkeyError> {
        let argument = definition.argument.text.clone();
        // `-DPKEY=1`, or `-D` and `PKEY=1` in two words.
        let is_joined = definition.argument.words.len() == 1;
        let at = self.origin().locate(if is_joined { &argument } else { definition.value });
        let number = definition.value.strip_prefix("PKEY=").unwrap_or_default();
        let digits = number.strip_prefix('-').unwrap_or(number);
        let is_decimal = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        // The compiler reads the value as C, where a leading zero means octal.
        let is_octal = digits.len() > 1 && digits.starts_with('0');
        if !is_decimal || is_octal {
            return Err(PkeyError::NotANumber { argument, at });
        }
        if number.starts_with('-') {
            return Err(PkeyError::Negative { argument, at });
        }
        let key = number.parse().ok().and_then(Pkey::new);
        key.ok_or(PkeyError::TooLarge { argument, at })
    }
}

/// The name of the macro that the value of `-D` or `-U` is about.
fn macro_name(definition: &str) -> &str {
    definition.split(['=', '(']).next().unwrap_or_default().trim()
}
