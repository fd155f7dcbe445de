//! Frames: how messages travel over a byte stream.
//!
//! A frame is two little-endian 32-bit lengths, a header and raw data:
//!
//! ```text
//! | header length | data length | header … | data … |
//! ```
//!
//! The header is encoded with postcard; the data is raw because programs print anything.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// The most data one frame carries, in bytes. Larger contents are sent in several frames, so that
/// frames of other jobs can pass in between.
pub const MAX_DATA: usize = 256 << 10;

/// The longest header, in bytes: the list of files of one job with some ten thousand entries.
const MAX_HEADER: usize = 16 << 20;

/// Writes one frame with a single `write_all`, so that writers sharing a lock never interleave.
///
/// # Errors
/// Those of the stream, and `InvalidInput` for a header or data above the limits.
pub fn write_frame<H: Serialize>(out: &mut impl Write, header: &H, data: &[u8]) -> io::Result<()> {
    let header = postcard::to_stdvec(header).map_err(io::Error::other)?;
    if header.len() > MAX_HEADER || data.len() > MAX_DATA {
        let text = format!("frame too large: {} + {} bytes", header.len(), data.len());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let mut frame = Vec::with_capacity(8 + header.len() + data.len());
    frame.extend_from_slice(&(header.len() as u32).to_le_bytes());
    frame.extend_from_slice(&(data.len() as u32).to_le_bytes());
    frame.extend_from_slice(&header);
    frame.extend_from_slice(data);
    out.write_all(&frame)
}

/// Reads one frame; `None` when the stream ends before one begins.
///
/// # Errors
/// Those of the stream; `UnexpectedEof` when it ends inside a frame; `InvalidData` for lengths above
/// the limits or a header that is not an `H`.
pub fn read_frame<H: DeserializeOwned>(input: &mut impl Read) -> io::Result<Option<(H, Vec<u8>)>> {
    let mut lengths = [0; 8];
    if !fill_or_end(input, &mut lengths)? {
        return Ok(None);
    }
    let length = |at: usize| {
        u32::from_le_bytes([lengths[at], lengths[at + 1], lengths[at + 2], lengths[at + 3]])
            as usize
    };
    let (header_length, data_length) = (length(0), length(4));
    if header_length > MAX_HEADER || data_length > MAX_DATA {
        let text = format!("not a frame: lengths {header_length} and {data_length}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, text));
    }
    let mut header = vec![0; header_length];
    input.read_exact(&mut header)?;
    let mut data = vec![0; data_length];
    input.read_exact(&mut data)?;
    let header = postcard::from_bytes(&header)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Some((header, data)))
}

/// Fills the buffer; false when the stream ends before its first byte.
fn fill_or_end(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, &header, data).unwrap();
        bytes
    }

    #[test]
    fn frames_come_back_as_they_went_in() {
        let mut bytes = written("one", b"\0\xff\n");
        bytes.extend(written("two", b""));
        let mut input = bytes.as_slice();
        assert_eq!(read_frame(&mut input).unwrap(), Some(("one".to_owned(), b"\0\xff\n".to_vec())));
        assert_eq!(read_frame(&mut input).unwrap(), Some(("two".to_owned(), vec![])));
        assert_eq!(read_frame::<String>(&mut input).unwrap(), None);
    }

    #[test]
    fn a_frame_cut_short_anywhere_is_an_error() {
        let bytes = written("header", b"data");
        for end in 1..bytes.len() {
            let error = read_frame::<String>(&mut &bytes[..end]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {end}");
        }
    }

    #[test]
    fn noise_is_refused_before_memory_is_taken_for_it() {
        let error = read_frame::<String>(&mut [0xff; 64].as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let error = write_frame(&mut Vec::new(), &"", &vec![0; MAX_DATA + 1]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
}
