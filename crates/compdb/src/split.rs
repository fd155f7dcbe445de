//! Splitting the `command` string of a database entry, and quoting.
//!
//! The rules are those of clang's `JSONCompilationDatabase`, which every consumer of compile
//! databases follows: arguments are separated by spaces (and by nothing else); single quotes
//! protect everything up to the next one; within double quotes and outside of quotes a backslash
//! protects the character after it, whatever that is. There are no comments, variables or patterns.

use std::borrow::Cow;

use thiserror::Error;

/// A command ends inside quotes or after a backslash.
///
/// clang would take what is there. We do not, because the rest of the command has been lost.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Error)]
pub enum Unterminated {
    /// Inside quotes of this kind.
    #[error("the command ends before the closing `{0}`")]
    Quote(char),
    /// After a backslash that has nothing to protect.
    #[error("the command ends after a backslash")]
    Backslash,
}

/// The arguments of a command line.
pub fn split(command: &str) -> Result<Vec<String>, Unterminated> {
    let mut arguments = Vec::new();
    let mut rest = command.chars();
    while let Some(first) = rest.find(|&c| c != ' ') {
        arguments.push(argument(first, &mut rest)?);
    }
    Ok(arguments)
}

/// The argument that begins with `first`; takes the space after it as well.
fn argument(first: char, rest: &mut std::str::Chars<'_>) -> Result<String, Unterminated> {
    let mut argument = String::new();
    let mut quote = None;
    let mut next = Some(first);
    while let Some(c) = next {
        match (quote, c) {
            (None, ' ') => return Ok(argument),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if c == open => quote = None,
            (None | Some('"'), '\\') => {
                argument.push(rest.next().ok_or(Unterminated::Backslash)?);
            }
            _ => argument.push(c),
        }
        next = rest.next();
    }
    match quote {
        None => Ok(argument),
        Some(open) => Err(Unterminated::Quote(open)),
    }
}

/// The argument in a form that [`split`] and a POSIX shell both read as that argument.
pub fn quote(argument: &str) -> Cow<'_, str> {
    let harmless = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_".contains(c);
    if !argument.is_empty() && argument.chars().all(harmless) {
        return Cow::Borrowed(argument);
    }
    Cow::Owned(format!("'{}'", argument.replace('\'', r"'\''")))
}

/// The arguments as one command line.
pub fn join<'a>(arguments: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<Cow<'_, str>> = arguments.into_iter().map(quote).collect();
    quoted.join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(command: &str, expected: &[&str]) {
        assert_eq!(split(command).as_deref(), Ok(&expected.map_owned()[..]), "{command}");
    }

    trait MapOwned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl MapOwned for [&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|&s| s.to_owned()).collect()
        }
    }

    #[test]
    fn a_number_sign_and_a_variable_mean_nothing() {
        check(
            "gcc -DA=1 # -DB $HOME ~ * a.c",
            &["gcc", "-DA=1", "#", "-DB", "$HOME", "~", "*", "a.c"],
        );
    }

    #[test]
    fn only_spaces_separate() {
        check("  a  b\tc\nd ", &["a", "b\tc\nd"]);
        check("", &[]);
        check("   ", &[]);
    }

    #[test]
    fn quotes() {
        check(r#"-DX="a b" '-DY=c d' "" ''"#, &["-DX=a b", "-DY=c d", "", ""]);
        check(r#"a"b"'c'd"#, &["abcd"]);
        check(r#"-DS=\"a\ b\""#, &[r#"-DS="a b""#]);
        check(r#"'a\b' "a\b" "a\\b" a\b"#, &[r"a\b", "ab", r"a\b", "ab"]);
        check(r#"'a"b' "a'b""#, &[r#"a"b"#, "a'b"]);
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        assert_eq!(split("gcc 'a.c"), Err(Unterminated::Quote('\'')));
        assert_eq!(split("gcc \"a.c"), Err(Unterminated::Quote('"')));
        assert_eq!(split("gcc \"a.c\\"), Err(Unterminated::Backslash));
        assert_eq!(split("gcc a.c\\"), Err(Unterminated::Backslash));
    }

    proptest! {
        #[test]
        fn quoting_round_trips(arguments in prop::collection::vec(any::<String>(), 0..6)) {
            let line = join(arguments.iter().map(String::as_str));
            prop_assert_eq!(split(&line), Ok(arguments));
        }

        #[test]
        fn special_characters_round_trip(arguments in prop::collection::vec("[ \"'\\\\a$#\n\t]{0,8}", 0..6)) {
            let line = join(arguments.iter().map(String::as_str));
            prop_assert_eq!(split(&line), Ok(arguments));
        }
    }
}
