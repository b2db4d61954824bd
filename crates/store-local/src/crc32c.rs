//! CRC-32C (Castagnoli; RFC 9260 appendix A), sixteen bytes at a time.
//!
//! It finds what disks and memory do to bytes: every burst of up to 32 bits, and all but one in
//! 2^32 of the rest. It is no protection against somebody who writes to the folder.

/// The polynomial, bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

static TABLES: [[u32; 256]; 16] = tables();

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses an index out of bounds"
)]
const fn tables() -> [[u32; 256]; 16] {
    let mut tables = [[0_u32; 256]; 16];
    let mut byte = 0;
    let mut value = 0_u32;
    while byte < 256 {
        let mut crc = value;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc >> 1) ^ (POLYNOMIAL * (crc & 1));
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
        value += 1;
    }
    let mut table = 1;
    while table < 16 {
        byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

fn at(table: &[u32; 256], byte: u8) -> u32 {
    table.get(usize::from(byte)).copied().unwrap_or(0)
}

/// The check over what `before` is the check of, followed by `bytes`; 0 is the check of nothing.
pub(crate) fn crc32c(before: u32, bytes: &[u8]) -> u32 {
    let [
        t0,
        t1,
        t2,
        t3,
        t4,
        t5,
        t6,
        t7,
        t8,
        t9,
        t10,
        t11,
        t12,
        t13,
        t14,
        t15,
    ] = &TABLES;
    let (chunks, rest) = bytes.as_chunks::<16>();
    let mut crc = !before;
    for [
        b0,
        b1,
        b2,
        b3,
        b4,
        b5,
        b6,
        b7,
        b8,
        b9,
        b10,
        b11,
        b12,
        b13,
        b14,
        b15,
    ] in chunks
    {
        let [c0, c1, c2, c3] = crc.to_le_bytes();
        let early = at(t15, c0 ^ b0) ^ at(t14, c1 ^ b1) ^ at(t13, c2 ^ b2) ^ at(t12, c3 ^ b3);
        let middle = at(t11, *b4) ^ at(t10, *b5) ^ at(t9, *b6) ^ at(t8, *b7);
        let late = at(t7, *b8) ^ at(t6, *b9) ^ at(t5, *b10) ^ at(t4, *b11);
        crc = early ^ middle ^ late ^ at(t3, *b12) ^ at(t2, *b13) ^ at(t1, *b14) ^ at(t0, *b15);
    }
    for byte in rest {
        let [c0, ..] = crc.to_le_bytes();
        crc = at(t0, c0 ^ byte) ^ (crc >> 8);
    }
    !crc
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(bytes: &[u8], expect: u32) {
        assert_eq!(crc32c(0, bytes), expect, "{bytes:02x?}");
    }

    /// RFC 3720 appendix B.4, and the usual nine digits.
    #[test]
    fn published_values() {
        check(b"", 0);
        check(b"123456789", 0xe306_9283);
        check(&[0; 32], 0x8a91_36aa);
        check(&[0xff; 32], 0x62a8_ab43);
        let upwards: Vec<u8> = (0..32).collect();
        check(&upwards, 0x46dd_794e);
        let downwards: Vec<u8> = (0..32).rev().collect();
        check(&downwards, 0x113f_db5c);
    }

    fn bit_by_bit(bytes: &[u8]) -> u32 {
        let mut crc = !0_u32;
        for byte in bytes {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = (crc >> 1) ^ (POLYNOMIAL * (crc & 1));
            }
        }
        !crc
    }

    proptest! {
        #[test]
        fn equals_the_slow_way_and_can_be_continued(bytes: Vec<u8>, cut: usize) {
            let (front, back) = bytes.split_at(cut % (bytes.len() + 1));
            prop_assert_eq!(crc32c(0, &bytes), bit_by_bit(&bytes));
            prop_assert_eq!(crc32c(crc32c(0, front), back), bit_by_bit(&bytes));
        }
    }
}
