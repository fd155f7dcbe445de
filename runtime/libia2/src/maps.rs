//! The kernel's list of mappings with their protection keys (`/proc/self/smaps`, proc(5)).

use linux_raw_sys::general::{__NR_close, __NR_open, __NR_read, O_CLOEXEC};
use sys::syscall;

use crate::object::Range;

/// A mapping.
pub(crate) struct Mapping<'a> {
    /// Where it is.
    pub(crate) range: Range,
    /// Its access rights, for example `rw-p`.
    pub(crate) rights: &'a [u8],
    /// Its protection key.
    pub(crate) key: u8,
    /// The mapped file, or the kernel's name for it; may be cut off.
    pub(crate) name: &'a [u8],
}

/// The first line of a mapping, until the line with its key comes.
struct Header {
    range: Range,
    rights: [u8; 4],
    name: [u8; 128],
    name_length: usize,
}

impl Header {
    /// `7f00-7f10 rw-p 00000000 00:00 0    /file`
    fn parse(line: &[u8]) -> Option<Header> {
        let mut words = line.split(|&byte| byte == b' ').filter(|word| !word.is_empty());
        let mut ends = words.next()?.split(|&byte| byte == b'-');
        let range = Range { start: hex(ends.next()?)?, end: hex(ends.next()?)? };
        let rights = words.next()?.try_into().ok()?;
        let mut header = Header { range, rights, name: [0; 128], name_length: 0 };
        // Offset, device and inode stand between.
        if let Some(name) = words.nth(3) {
            let length = name.len().min(header.name.len());
            header.name[..length].copy_from_slice(&name[..length]);
            header.name_length = length;
        }
        Some(header)
    }
}

fn hex(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0usize, |number, &digit| {
        let digit = char::from(digit).to_digit(16)? as usize;
        number.checked_mul(16)?.checked_add(digit)
    })
}

/// `ProtectionKey:         3`
fn protection_key(line: &[u8]) -> Option<u8> {
    let digits = line.strip_prefix(b"ProtectionKey:")?.trim_ascii();
    digits.iter().try_fold(0u8, |number, &digit| {
        let digit = char::from(digit).to_digit(10)? as u8;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// Calls the function for every mapping. False if the list cannot be read.
pub(crate) fn each(mut take: impl FnMut(&Mapping<'_>)) -> bool {
    let path = c"/proc/self/smaps".as_ptr() as usize;
    // SAFETY: the kernel reads the path.
    let opened = unsafe { syscall::syscall(__NR_open, [path, O_CLOEXEC as usize, 0, 0, 0, 0]) };
    let Ok(file) = opened else { return false };
    let mut header: Option<Header> = None;
    let mut line = [0u8; 512];
    let mut used = 0;
    let mut buffer = [0u8; 1024];
    loop {
        let arguments = [file, buffer.as_mut_ptr() as usize, buffer.len(), 0, 0, 0];
        // SAFETY: the kernel writes the buffer.
        let Ok(length @ 1..) = (unsafe { syscall::syscall(__NR_read, arguments) }) else { break };
        for &byte in &buffer[..length] {
            if byte != b'\n' {
                // What is too long for the line is cut off.
                if used < line.len() {
                    line[used] = byte;
                    used += 1;
                }
                continue;
            }
            let text = &line[..used];
            used = 0;
            if let Some(key) = protection_key(text) {
                if let Some(header) = header.take() {
                    take(&Mapping {
                        range: header.range,
                        rights: &header.rights,
                        key,
                        name: &header.name[..header.name_length],
                    });
                }
            } else if let Some(found) = Header::parse(text) {
                header = Some(found);
            }
        }
    }
    // SAFETY: the file was opened above.
    let _ = unsafe { syscall::syscall(__NR_close, [file, 0, 0, 0, 0, 0]) };
    true
}
