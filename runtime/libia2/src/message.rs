//! Messages on standard error, made without allocation and safe in a signal handler.

use sys::syscall;

/// Exit status of a program that the runtime refuses to start or stops.
const EXIT_STATUS: i32 = 1;

/// How important a message is; `IA2_LOG` in the environment says which are shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub(crate) enum Level {
    /// Why the program ends, and violations.
    Error = 1,
    /// What is probably not meant.
    Warning = 2,
    /// What the runtime has arranged.
    Info = 3,
    /// Everything that happens.
    Debug = 4,
}

impl Level {
    /// The number of the least important level that `IA2_LOG` shows; `None` for an unknown word.
    pub(crate) fn limit(word: &[u8]) -> Option<u32> {
        let words: [&[u8]; 5] = [b"off", b"error", b"warn", b"info", b"debug"];
        words.iter().position(|&known| known == word).map(|index| index as u32)
    }

    /// Whether messages of this level are shown.
    pub(crate) fn is_shown(self) -> bool {
        self as u32 <= crate::sealed::sealed().log_level
    }
}

/// A line under construction. What does not fit any more is cut off.
pub(crate) struct Message {
    level: Level,
    bytes: [u8; 1024],
    length: usize,
}

impl Message {
    /// Begins a message: `ia2: <kind>`.
    pub(crate) fn new(kind: &str) -> Message {
        Message { level: Level::Error, bytes: [0; 1024], length: 0 }.text("ia2: ").text(kind)
    }

    /// Begins an error message.
    pub(crate) fn error(text: &str) -> Message {
        Message::new("error: ").text(text)
    }

    /// Begins a warning.
    pub(crate) fn warning(text: &str) -> Message {
        Message { level: Level::Warning, ..Message::new("warning: ") }.text(text)
    }

    /// Begins a message of a level that is not always shown.
    pub(crate) fn at(level: Level, text: &str) -> Message {
        Message { level, ..Message::new(text) }
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

    fn digits(self, number: u64, base: u64) -> Message {
        let mut message = Some(self);
        digits(number, base, &mut |digits| {
            message = message.take().map(|message| message.bytes(digits));
        });
        message.unwrap_or_else(|| Message::new(""))
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
        if !self.level.is_shown() {
            return;
        }
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

/// Gives the digits of a number to `take`.
pub(crate) fn digits(mut number: u64, base: u64, take: &mut dyn FnMut(&[u8])) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b"0123456789abcdef"[(number % base) as usize];
        number /= base;
        if number == 0 {
            return take(&digits[start..]);
        }
    }
}
