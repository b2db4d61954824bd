//! How many items some CBOR holds, counted before it is decoded.
//!
//! A decoded item takes some thirty times the byte that it may come in. Large inputs are counted
//! first, so that memory is bounded by a number that the format gives, not by the sender.

/// True if `bytes` hold at most `items_max` items, by what their heads announce and by what is
/// there. Says nothing of whether they are well-formed.
pub(crate) fn holds(bytes: &[u8], items_max: usize) -> bool {
    let mut rest = bytes;
    let mut there = 0_usize;
    let mut announced = 0_u64;
    while let Some((first, after)) = rest.split_first() {
        let Some((n, after)) = argument(first & 31, after) else {
            return false;
        };
        there += 1;
        announced = announced.saturating_add(match first >> 5 {
            4 => n,
            5 => n.saturating_mul(2),
            _ => 0,
        });
        if there > items_max || announced > items_max as u64 {
            return false;
        }
        let skip = match first >> 5 {
            2 | 3 => n,
            _ => 0,
        };
        let Some(next) = usize::try_from(skip).ok().and_then(|n| after.get(n..)) else {
            return false;
        };
        rest = next;
    }
    true
}

/// The argument of a head and what follows it; `None` if the bytes end or the form is not ours.
fn argument(low: u8, after: &[u8]) -> Option<(u64, &[u8])> {
    let size = match low {
        0..=23 => return Some((u64::from(low), after)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (bytes, rest) = after.split_at_checked(size)?;
    let n = bytes.iter().fold(0_u64, |n, b| n << 8 | u64::from(*b));
    Some((n, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_model::digest::hex_decode;

    fn check(hex: &str, items_max: usize, expect: bool) {
        let bytes = hex_decode(hex).expect("hex");
        assert_eq!(holds(&bytes, items_max), expect, "{hex} within {items_max}");
    }

    #[test]
    fn items_are_counted_by_announcement_and_by_sight() {
        check("83010203", 4, true);
        check("83010203", 3, false);
        check("43010203", 1, true);
        // A million announced, none there; a map announces two a pair.
        check("9a000f4240", 1000, false);
        check("a101", 2, true);
        check("a2", 3, false);
        check("9bffffffffffffffff", 10, false);
        check("5bffffffffffffffff", 10, false);
        check("1f", 10, false);
    }
}
