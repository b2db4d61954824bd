//! CRC-32C (Castagnoli; RFC 9260 appendix A), by the processor's own instruction where it has one.
//!
//! It finds what disks and memory do to bytes: every burst of up to 32 bits, and all but one in
//! 2^32 of the rest. It is no protection against somebody who writes to the folder.

/// The check over what `before` is the check of, followed by `bytes`; 0 is the check of nothing.
pub(crate) fn crc32c(before: u32, bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(before, bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The polynomial, bits reversed.
    const POLYNOMIAL: u32 = 0x82f6_3b78;

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
