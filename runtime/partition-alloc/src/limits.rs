//! `IA2_HEAP_LIMIT`: how many bytes heaps may grow to.
//!
//! The value is a list of entries with commas between them. An entry is a number of bytes, for every
//! compartment, or a compartment's number, a colon and a number of bytes. Of several entries for a
//! compartment the last one counts. `K`, `M` and `G` after a number of bytes stand for factors of 1024.

use pkru::Pkey;

/// A limit per key in bytes; 0 is none.
pub(crate) type Limits = [usize; Pkey::COUNT];

/// The limits that a value of the variable says; `None` if it says none.
pub(crate) fn parse(value: &[u8]) -> Option<Limits> {
    let mut limits = [0; Pkey::COUNT];
    for entry in value.split(|&byte| byte == b',') {
        match entry.iter().position(|&byte| byte == b':') {
            None => limits = [bytes(entry)?; Pkey::COUNT],
            Some(colon) => {
                let (key, rest) = entry.split_at(colon);
                let key = u8::try_from(number(key)?).ok().and_then(Pkey::new)?;
                limits[key.index()] = bytes(&rest[1..])?;
            }
        }
    }
    Some(limits)
}

/// A number of bytes: digits, then perhaps a factor.
fn bytes(text: &[u8]) -> Option<usize> {
    let (digits, shift) = match text.split_last()? {
        (b'K', digits) => (digits, 10),
        (b'M', digits) => (digits, 20),
        (b'G', digits) => (digits, 30),
        _ => (text, 0),
    };
    number(digits)?.checked_mul(1 << shift)
}

/// A decimal number.
fn number(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0usize, |number, &byte| match byte {
        b'0'..=b'9' => number.checked_mul(10)?.checked_add(usize::from(byte - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(value: &str, key: usize) -> Option<usize> {
        parse(value.as_bytes()).map(|limits| limits[key])
    }

    #[test]
    fn one_number_is_for_all() {
        assert_eq!((limit("1000", 0), limit("1000", 15)), (Some(1000), Some(1000)));
        assert_eq!(limit("64K", 3), Some(64 << 10));
        assert_eq!(limit("8M", 3), Some(8 << 20));
        assert_eq!(limit("2G", 3), Some(2 << 30));
    }

    #[test]
    fn compartments_may_have_their_own() {
        let value = "64M,2:1M,15:7";
        assert_eq!(limit(value, 1), Some(64 << 20));
        assert_eq!(limit(value, 2), Some(1 << 20));
        assert_eq!(limit(value, 15), Some(7));
        assert_eq!((limit("2:1M", 1), limit("2:1M", 2)), (Some(0), Some(1 << 20)));
    }

    #[test]
    fn anything_else_is_refused() {
        for value in ["", ",", "1,", "x", "-1", "1T", "M", "16:1", "1:", ":1", "1:2:3", " 1"] {
            assert_eq!(parse(value.as_bytes()), None, "{value}");
        }
        assert_eq!(parse(b"99999999999999999999"), None);
        assert_eq!(parse(b"18446744073709551615G"), None);
    }
}
