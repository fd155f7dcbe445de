//! All codes, with their explanations.
//!
//! A code is one entry in the table of its area: the documentation comment of the constant *is* the
//! explanation that `ia2 explain` prints. Its first line is the title; after an empty line comes
//! Markdown with an example, in fences that name their language. A test sees to that, and to every
//! code being used by some pass.

use crate::code::Explanation;

/// Defines the constants and the table of one area.
macro_rules! codes {
    ($( $(#[doc = $line:literal])+ $name:ident = $number:literal; )+) => {
        $(
            $(#[doc = $line])+
            pub const $name: $crate::Code = $crate::Code::new($number);
        )+

        pub(super) const TABLE: &[$crate::Explanation] = &[
            $( $crate::Explanation {
                code: $name,
                name: stringify!($name),
                documentation: concat!($($line, "\n"),+),
            } ),+
        ];
    };
}

mod compile_commands;
mod macros;
mod outputs;
mod plan;
mod risks;
mod sources;

pub use compile_commands::*;
pub use macros::*;
pub use outputs::*;
pub use plan::*;
pub use risks::*;
pub use sources::*;

/// The areas: first and last number, what they are about, and their table.
const AREAS: [(u16, u16, &[Explanation]); 6] = [
    (2000, 2099, compile_commands::TABLE),
    (2100, 2199, sources::TABLE),
    (2200, 2299, plan::TABLE),
    (2300, 2399, macros::TABLE),
    (2400, 2499, outputs::TABLE),
    (2500, 2599, risks::TABLE),
];

/// Every code there is, in the order of the tables.
pub fn all() -> impl Iterator<Item = &'static Explanation> {
    AREAS.into_iter().flat_map(|(_, _, table)| table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_unique_and_in_their_area() {
        let mut seen = std::collections::BTreeMap::new();
        for (first, last, table) in AREAS {
            for entry in table {
                let number = entry.code.number();
                assert!((first..=last).contains(&number), "{} is outside its area", entry.code);
                if let Some(other) = seen.insert(number, entry.name) {
                    panic!("{} is both {other} and {}", entry.code, entry.name);
                }
            }
        }
    }

    #[test]
    fn every_code_is_explained_with_an_example() {
        for entry in all() {
            let (code, title, markdown) = (entry.code, entry.title(), entry.markdown());
            assert!(!title.is_empty() && title.len() <= 80, "{code} needs a title of one line");
            assert!(!title.ends_with('.'), "the title of {code} is not a sentence");
            assert!(markdown.len() >= 150, "{code} is not really explained");
            let fences: Vec<&str> = markdown.lines().filter(|l| l.starts_with("```")).collect();
            assert!(!fences.is_empty(), "{code} has no example");
            assert!(fences.len().is_multiple_of(2), "{code} has an open fence");
            for opening in fences.iter().step_by(2) {
                assert!(opening.len() > 3, "{code}: a fence must name its language");
            }
        }
    }

    #[test]
    fn explanations_print_as_markdown() {
        let text = PKEY_NOT_A_NUMBER.explanation().to_string();
        assert!(text.starts_with("# IA2012: "), "{text}");
        assert!(text.contains("\n```"), "fences start their line: {text}");
        assert_eq!("ia2012".parse(), Ok(PKEY_NOT_A_NUMBER));
        assert!("IA9999".parse::<crate::Code>().is_err());
        assert!("2012".parse::<crate::Code>().is_err());
    }
}
