//! Text of any length into a file, without allocation.

use sys::syscall;

use crate::message::digits;

/// A file that is written to through a buffer.
pub(super) struct Writer {
    file: i32,
    buffer: [u8; 1024],
    used: usize,
}

impl Writer {
    /// Writes to this file descriptor.
    pub(super) fn new(file: i32) -> Writer {
        Writer { file, buffer: [0; 1024], used: 0 }
    }

    /// Appends bytes as they are.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Writer {
        for &byte in bytes {
            if self.used == self.buffer.len() {
                self.flush();
            }
            self.buffer[self.used] = byte;
            self.used += 1;
        }
        self
    }

    /// Appends text.
    pub(super) fn text(&mut self, text: &str) -> &mut Writer {
        self.bytes(text.as_bytes())
    }

    /// Appends a decimal number.
    pub(super) fn decimal(&mut self, number: u64) -> &mut Writer {
        digits(number, 10, &mut |digits| {
            self.bytes(digits);
        });
        self
    }

    /// Appends a JSON string (RFC 8259, section 7). Bytes that are not ASCII are taken as UTF-8.
    pub(super) fn string(&mut self, bytes: &[u8]) -> &mut Writer {
        self.text("\"");
        for &byte in bytes {
            match byte {
                b'"' | b'\\' => self.bytes(&[b'\\', byte]),
                0..0x20 => {
                    let hex = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
                    self.text("\\u00").bytes(&[hex(byte >> 4), hex(byte & 15)])
                }
                _ => self.bytes(&[byte]),
            };
        }
        self.text("\"")
    }

    /// Appends `"name":`, after a comma unless it is the first of an object.
    pub(super) fn name(&mut self, name: &str, is_first: bool) -> &mut Writer {
        if !is_first {
            self.text(",");
        }
        self.string(name.as_bytes()).text(":")
    }

    /// Writes what is in the buffer.
    pub(super) fn flush(&mut self) {
        let mut rest = &self.buffer[..self.used];
        while let Ok(written @ 1..) = syscall::write(self.file, rest) {
            rest = rest.get(written..).unwrap_or_default();
        }
        self.used = 0;
    }
}
