//! Families of kinds of findings (docs/formats/scenario.md §5): one matter under several names,
//! those that detectors have today and those that discrepancies have.

/// Kinds of findings that say the same thing.
#[derive(Debug)]
struct KindFamily {
    kinds: &'static [&'static str],
    /// It says that goods were taken or a record bent: never tolerated on innocents.
    is_theft: bool,
}

const fn family(kinds: &'static [&'static str], is_theft: bool) -> KindFamily {
    KindFamily { kinds, is_theft }
}

/// Said of a clock, not of goods: neither found nor false.
const REMARKS: [&str; 1] = ["clock_off"];

const FAMILIES: [KindFamily; 11] = [
    family(&["missing_units", "missing"], true),
    family(
        &["quantity_gap", "quantity_mismatch", "inventory_variance"],
        true,
    ),
    family(&["weight_gap", "weight_mismatch"], true),
    family(
        &["conflicting_claim", "record_tampering", "late_evidence"],
        true,
    ),
    family(&["seal_mismatch", "seal_broken"], true),
    family(&["containment_change"], true),
    family(
        &[
            "unsigned_handover",
            "custody_gap",
            "unaccepted",
            "proof_missing",
        ],
        false,
    ),
    family(
        &[
            "broken_sequence",
            "out_of_sequence",
            "impossible_travel",
            "duplicate_identity",
        ],
        false,
    ),
    family(&["unexpected_units", "unexpected", "wrong_place"], false),
    family(&["late_units", "late", "dwell"], false),
    family(
        &["broken_chain", "suppressed_statement", "source_silent"],
        false,
    ),
];

fn family_of(kind: &str) -> Option<&'static KindFamily> {
    FAMILIES.iter().find(|family| family.kinds.contains(&kind))
}

/// The two words are of one family; a word that no family has is one of its own.
pub(super) fn are_one(kind: &str, other: &str) -> bool {
    kind == other || family_of(kind).is_some_and(|family| family.kinds.contains(&other))
}

/// It says that goods were taken or a record bent.
pub(super) fn is_theft(kind: &str) -> bool {
    family_of(kind).is_some_and(|family| family.is_theft)
}

/// It says nothing of goods.
pub(super) fn is_remark(kind: &str) -> bool {
    REMARKS.contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_family_are_one() {
        assert!(are_one("missing_units", "missing"));
        assert!(are_one("own_kind", "own_kind"));
        assert!(!are_one("own_kind", "missing"));
        assert!(!are_one("missing", "late"));
        assert!(is_theft("quantity_mismatch") && !is_theft("late") && !is_theft("own_kind"));
        assert!(is_remark("clock_off"));
    }

    #[test]
    fn no_word_is_in_two_families() {
        let words: Vec<&str> = FAMILIES.iter().flat_map(|f| f.kinds).copied().collect();
        for (at, word) in words.iter().enumerate() {
            assert!(!words[at + 1..].contains(word), "{word}");
        }
    }
}
