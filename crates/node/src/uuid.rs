//! UUID version 7 (RFC 9562 §5.7): ids of ours that are no digests.

use countersign_model::time::Timestamp;

/// A UUID of that time with the given random bytes.
#[must_use]
pub fn v7(now: Timestamp, random: [u8; 16]) -> String {
    let ms = now.ms().max(0).to_be_bytes();
    let mut bytes = random;
    for (slot, byte) in bytes.iter_mut().zip(ms.iter().skip(2)) {
        *slot = *byte;
    }
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = 0x70 | (*version & 0x0f);
    *variant = 0x80 | (*variant & 0x3f);
    let hex = countersign_model::digest::hex(&bytes);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_the_rfc() {
        // RFC 9562 Appendix A.6: 2022-02-22T19:22:22.000Z.
        let random = [
            0, 0, 0, 0, 0, 0, 0xfc, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f,
        ];
        let id = v7(Timestamp::from_ms(0x017F_22E2_79B0), random);
        assert_eq!(id, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    }
}
