//! The page for users names every word that comes out.

use countersign_reconcile::{ACCOUNTS, Basis, KINDS};

#[test]
fn every_word_is_on_the_page() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/custody.md");
    let page = std::fs::read_to_string(path).expect("the page is part of the project");
    for (_, word, meaning) in KINDS {
        assert!(
            page.contains(&format!("| `{word}` | {meaning} |")),
            "{word}"
        );
    }
    for (_, word) in ACCOUNTS {
        assert!(page.contains(&format!("| `{word}` |")), "{word}");
    }
    let bases = [
        Basis::Assumed,
        Basis::Sighted,
        Basis::GiverOnly,
        Basis::ReceiverOnly,
        Basis::Countersigned,
    ];
    for basis in bases {
        assert!(
            page.contains(&format!("| `{}` |", basis.as_str())),
            "{basis:?}"
        );
    }
}
