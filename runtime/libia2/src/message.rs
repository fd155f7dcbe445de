//! Messages on standard error, made without allocation and safe in a signal handler.

use sys::syscall;

/// Exit status of a program that the runtime refuses to start or stops.
const EXIT_STATUS: i32 = 1;

/// A line under construction. What does not fit any more is cut off.
pub(crate) struct Message {
    bytes: [u8; 1024],
    length: usize,
}

impl Message {
    /// Begins a message: `ia2: <kind>`.
    pub(crate) fn new(kind: &str) -> Message {
        Message { bytes: [0; 1024], length: 0 }.text("ia2: ").text(kind)
    }

    /// Begins an error message.
    pub(crate) fn error(text: &str) -> Message {
        Message::new("error: ").text(text)
    }

    /// Appends text.
    #[must_use]
    pub(crate) fn text(self, text: &str) -> Message {
        self.bytes(text.as_bytes())
    }

    /// Appends bytes as they are, such as a file name.
    #[must_use]
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Message {
        let room = self.bytes.len() - 1 - self.length;
        let count = bytes.len().min(room);
        self.bytes[self.length..self.length + count].copy_from_slice(&bytes[..count]);
        self.length += count;
        self
    }

    /// Appends a decimal number.
    #[must_use]
    pub(crate) fn decimal(self, number: u64) -> Message {
        self.digits(number, 10)
    }

    /// Appends a hexadecimal number with `0x` in front.
    #[must_use]
    pub(crate) fn hex(self, number: u64) -> Message {
        self.text("0x").digits(number, 16)
    }

    fn digits(self, mut number: u64, base: u64) -> Message {
        let mut digits = [0; 20];
        let mut start = digits.len();
        loop {
            start -= 1;
            digits[start] = b"0123456789abcdef"[(number % base) as usize];
            number /= base;
            if number == 0 {
                return self.bytes(&digits[start..]);
            }
        }
    }

    /// Appends what an error number means, for the few that can occur here.
    #[must_use]
    pub(crate) fn errno(self, sys::syscall::Errno(number): sys::syscall::Errno) -> Message {
        use linux_raw_sys::errno::{EACCES, EAGAIN, EEXIST, EINVAL, ENOMEM, ENOSPC, ENOSYS, EPERM};
        let name = match number as u32 {
            EACCES => "EACCES: permission denied",
            EAGAIN => "EAGAIN: resource temporarily unavailable",
            EEXIST => "EEXIST: the address range is in use",
            EINVAL => "EINVAL: invalid argument",
            ENOMEM => "ENOMEM: out of memory or address space",
            ENOSPC => "ENOSPC: none left",
            ENOSYS => "ENOSYS: not known to this kernel",
            EPERM => "EPERM: not permitted",
            _ => return self.text("error number ").decimal(number as u64),
        };
        self.text(name)
    }

    /// Writes the message and a line end to standard error.
    pub(crate) fn print(self) {
        let mut line = self;
        line.bytes[line.length] = b'\n';
        let mut rest = &line.bytes[..=line.length];
        while let Ok(written @ 1..) = syscall::write(2, rest) {
            rest = rest.get(written..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
        }
    }

    /// Writes the message and ends the process.
    pub(crate) fn stop(self) -> ! {
        self.print();
        syscall::exit_group(EXIT_STATUS)
    }
}
