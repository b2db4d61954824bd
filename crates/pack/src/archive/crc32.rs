//! CRC-32 as ZIP uses it: polynomial 0xEDB88320 reflected, initial and final value all ones
//! (ISO 3309; APPNOTE 4.4.7).

/// CRC of each single byte.
const TABLE: [u32; 256] = table();

#[expect(
    clippy::indexing_slicing,
    reason = "the index runs over the length of the array, at compile time"
)]
const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u32;
    while byte < 256 {
        let mut value = byte;
        let mut bit = 0;
        while bit < 8 {
            value = (value >> 1) ^ (0xedb8_8320 & (value & 1).wrapping_neg());
            bit += 1;
        }
        table[byte as usize] = value;
        byte += 1;
    }
    table
}

/// CRC-32 of these bytes.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let [low, ..] = (crc ^ u32::from(*byte)).to_le_bytes();
        // The table has an entry for every byte.
        TABLE
            .get(usize::from(low))
            .map_or(0, |value| value ^ (crc >> 8))
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn known_values() {
        // The check value of the CRC catalogue, and of nothing.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(crc32(&[0; 32]), 0x190a_55ad);
    }
}
