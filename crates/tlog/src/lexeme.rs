//! The lexemes that the C2SP pages share: padded standard base64 (RFC 4648 section 4) and ASCII
//! decimals. Both are read strictly, so that a value has exactly one spelling: what parses can be
//! written again byte for byte.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Standard alphabet, with padding.
pub(crate) fn base64_encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The bytes of a padded base64 text; `None` for white space, missing padding, a foreign alphabet
/// or unused bits that are not zero.
pub(crate) fn base64_decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// An unsigned ASCII decimal without sign or leading zeros, unless it is `0`.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    if text.is_empty() || !digits || padded {
        return None;
    }
    text.parse().ok()
}

/// Whether the text holds an ASCII control character other than newline (signed-note, "Format").
pub(crate) fn has_control(text: &str) -> bool {
    text.bytes().any(|byte| byte < 0x20 && byte != b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: Option<u64>) {
        assert_eq!(decimal(input), expect, "{input:?}");
    }

    #[test]
    fn decimals_have_one_spelling() {
        check("0", Some(0));
        check("18446744073709551615", Some(u64::MAX));
        check("18446744073709551616", None);
        for bad in [
            "", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "0x1", "\u{0661}",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn base64_has_one_spelling() {
        assert_eq!(base64_decode("AA=="), Some(vec![0]));
        assert_eq!(base64_decode(""), Some(vec![]));
        for bad in [
            "AA", "AA=", "AB==", "A A=", "AA==\n", "_w==", "-w==", "====", "AA==AA==",
        ] {
            assert_eq!(base64_decode(bad), None, "{bad:?}");
        }
    }
}
