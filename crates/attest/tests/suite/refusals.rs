//! The codes: each once, sorted, with a page.

use countersign_attest::ERROR_CODES;
use countersign_attest::refusal::code;

use crate::data;

#[test]
fn codes_are_sorted_and_have_a_page() {
    assert!(ERROR_CODES.is_sorted_by(|a, b| a < b));
    for code in ERROR_CODES {
        let page = data::workspace().join(format!("docs/errors/{code}.md"));
        let text = std::fs::read_to_string(&page).unwrap_or_default();
        assert!(
            text.starts_with(&format!("# {code}\n")),
            "{}",
            page.display()
        );
    }
}

#[test]
fn constants_are_the_codes() {
    let constants = [
        code::BAD_BODY,
        code::BAD_GENESIS,
        code::BAD_KEY,
        code::BAD_RENEWAL,
        code::BAD_SIGNATURE,
        code::BAD_STATEMENT,
        code::BAD_SUBMISSION,
        code::BODY_TOO_LARGE,
        code::CHAIN_MISSING,
        code::ENVELOPE_MISSING,
        code::ISSUER_MISMATCH,
        code::KEY_TAKEN,
        code::LAST_ADMINISTRATOR,
        code::MAPPING_MISSING,
        code::NOT_AUTHORISED,
        code::RESERVED_KIND,
        code::RESERVED_NAME,
        code::REVOKED_KEY,
        code::SCENARIO_CLOCK_LATE,
        code::STRAY_BODY,
        code::UNKNOWN_KEY,
        code::UNKNOWN_KIND,
        code::WITHHELD_PART,
        code::WRONG_AUDIENCE,
    ];
    assert_eq!(constants.as_slice(), ERROR_CODES);
}
