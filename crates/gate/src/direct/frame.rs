//! What a gate keeps where: its frame on the caller's stack and the callee's on the target's.

use abi::{ResultPlace, Signature};

use super::blob::Blob;
use crate::Unsupported;

/// Offsets of the frame on the caller's stack. It begins at the saved stack pointer, which is
/// 8 modulo 16.
pub(super) mod caller {
    /// Which gate is at work, and at what.
    pub(crate) const IDENTITY: i32 = 0;
    pub(crate) const MXCSR: i32 = 8;
    pub(crate) const CONTROL_WORD: i32 = 12;
    /// Tells this call from all others of this caller to this target.
    pub(crate) const NONCE: i32 = 16;
    /// Where the result goes, if it is in memory.
    pub(crate) const RESULT: i32 = 24;
    /// How many bytes have been carried over in chunks.
    pub(crate) const PROGRESS: i32 = 32;
    /// Two numbers of the x87 stack, when no chunks are carried over any more.
    pub(crate) const X87: [i32; 2] = [32, 48];
}

/// The sizes of both frames.
pub(super) struct Frame {
    /// Arguments on the stack.
    pub(super) arguments: Blob,
    /// The result, if it is in memory.
    pub(super) result: Option<Blob>,
    /// Size of the frame on the caller's stack.
    pub(super) caller_size: i32,
    /// Alignment of the target's stack pointer at the call.
    pub(super) align: i32,
    /// From the target's stack pointer at the call to the memory for the result.
    pub(super) result_offset: i32,
    /// From the target's stack pointer at the call to the words of the gate.
    pub(super) body: i32,
}

/// Registers that the gate saves below the frame pointer, and the frame pointer and return address.
const SAVED_WORDS: i32 = 5 + 2;
/// Frames of more bytes than this could reach beyond a guard page, so they are checked.
const UNCHECKED_BODY: i32 = 2048;

impl Frame {
    pub(super) fn new(signature: &Signature) -> Result<Frame, Unsupported> {
        let size = |bytes: u64| {
            i32::try_from(bytes)
                .ok()
                .filter(|&bytes| bytes <= super::super::LARGEST)
                .ok_or(Unsupported::TooLarge(bytes))
        };
        let stack_bytes = size(signature.stack_bytes.into())?;
        let arguments = Blob::new(stack_bytes, signature.stack_values());
        let (result, result_align) = match &signature.result {
            ResultPlace::Memory { size: bytes, align, value } => {
                (Some(Blob::new(size(*bytes)?, value.clone())), size(*align)?)
            }
            _ => (None, 1),
        };
        let align = size(signature.stack_align.into())?.max(result_align).max(16);
        let result_offset = round_up(round_up(stack_bytes, 16), result_align.max(16));
        let result_size = result.as_ref().map_or(0, |blob| round_up(blob.size(), 16));
        let body = result_offset + result_size;
        let is_x87 = super::x87_results(signature) > 0;
        let is_chunked = arguments.is_chunked() || result.as_ref().is_some_and(Blob::is_chunked);
        let caller_size = match (is_x87, is_chunked) {
            (true, _) => 64,
            (false, true) => 48,
            (false, false) => 32,
        };
        Ok(Frame { arguments, result, caller_size, align, result_offset, body })
    }

    /// From the saved stack pointer of the caller to the canonical frame address.
    pub(super) fn to_cfa(&self) -> i32 {
        self.caller_size + 8 * SAVED_WORDS
    }

    /// Whether some of it travels in chunks of its own.
    pub(super) fn is_chunked(&self) -> bool {
        self.arguments.is_chunked() || self.result.as_ref().is_some_and(Blob::is_chunked)
    }

    /// Whether the callee's frame needs the stack pointer before it to be written down, because it
    /// does not follow from the one at the call.
    pub(super) fn keeps_old_pointer(&self) -> bool {
        self.is_chunked() || self.align > 16
    }

    /// Whether it has to be checked that the frame fits the stack.
    pub(super) fn is_large(&self) -> bool {
        self.body + self.align > UNCHECKED_BODY
    }

    /// From the target's stack pointer at the call to the link.
    pub(super) fn link(&self) -> i32 {
        if self.keeps_old_pointer() { self.body + 8 } else { self.body }
    }
}

pub(super) fn round_up(bytes: i32, align: i32) -> i32 {
    (bytes + align - 1) & -align
}
