use proptest::prelude::*;

use super::*;
use crate::digest::hex_decode;

fn check(hex: &str, expect: Result<(), CborError>) {
    let bytes = hex_decode(hex).expect("hex");
    let got = decode(&bytes);
    assert_eq!(got.clone().map(|_| ()), expect, "{hex}");
    if let Ok(value) = got {
        assert_eq!(value.encode(), bytes, "{hex} is written as it was read");
    }
}

#[test]
fn strictness() {
    check("00", Ok(()));
    check("1818", Ok(()));
    check("1817", Err(CborError::NotShortest));
    check("190018", Err(CborError::NotShortest));
    check("3903e7", Ok(()));
    check("a201020304", Ok(()));
    check("a203040102", Err(CborError::KeyOrder));
    check("a201020102", Err(CborError::KeyOrder));
    check("9f01ff", Err(CborError::Form));
    check("f97e00", Err(CborError::Form));
    check("f7", Err(CborError::Form));
    check("61ff", Err(CborError::Utf8));
    check("8201", Err(CborError::Truncated));
    check("9bffffffffffffffff", Err(CborError::Truncated));
    check("0000", Err(CborError::Trailing));
    check("d28440a04040", Ok(()));
    check(&"81".repeat(DEPTH_MAX + 2), Err(CborError::Depth));
}

fn check_any_order(hex: &str, expect: Result<(), CborError>) {
    let bytes = hex_decode(hex).expect("hex");
    let got = decode_any_order(&bytes);
    assert_eq!(got.clone().map(|_| ()), expect, "{hex}");
    if let Ok(value) = got {
        assert_eq!(value.encode(), bytes, "{hex} is written as it was read");
    }
}

#[test]
fn keys_may_stand_in_any_order_and_nothing_else_is_lax() {
    check_any_order("a219018b010127", Ok(()));
    check_any_order("a2012719018b01", Ok(()));
    check_any_order("a201270126", Err(CborError::KeyOrder));
    check_any_order("a3012702260126", Err(CborError::KeyOrder));
    check_any_order("a2612701612700", Err(CborError::KeyOrder));
    check_any_order("a1180100", Err(CborError::NotShortest));
    check_any_order("5801ff", Err(CborError::NotShortest));
    check_any_order("1b00000000ffffffff", Err(CborError::NotShortest));
    check_any_order("1b0000000100000000", Ok(()));
    check_any_order("bf0101ff", Err(CborError::Form));
    check_any_order("5f4101ff", Err(CborError::Form));
    check_any_order("fb3ff0000000000000", Err(CborError::Form));
    check_any_order("f820", Err(CborError::Form));
    check_any_order("1c", Err(CborError::Form));
    check_any_order("", Err(CborError::Truncated));
    check_any_order("bbffffffffffffffff", Err(CborError::Truncated));
    check_any_order("5bffffffffffffffff", Err(CborError::Truncated));
    check_any_order(&format!("{}00", "81".repeat(DEPTH_MAX)), Ok(()));
    check_any_order(&"c1".repeat(60_000), Err(CborError::Depth));
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_written_back(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(value) = decode(&bytes) {
            prop_assert_eq!(value.encode(), bytes);
        }
    }

    #[test]
    fn only_the_order_of_keys_is_lax(bytes in proptest::collection::vec(any::<u8>(), 0..24)) {
        match decode(&bytes) {
            Err(CborError::KeyOrder) => {}
            other => prop_assert_eq!(decode_any_order(&bytes), other),
        }
    }

    #[test]
    fn integers_round_trip(n in any::<i64>()) {
        let mut out = Writer::default();
        out.int(n);
        let bytes = out.into_bytes();
        prop_assert_eq!(decode(&bytes).map(|v| v.as_i64()), Ok(Some(n)));
    }
}
