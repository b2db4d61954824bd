//! What is said to people; texts from outside, made harmless for a terminal.

use countersign_attest::Genesis;

use crate::limits::SHOWN_CHARS_MAX;

/// A number and its noun.
pub(crate) fn many(count: u64, one: &str, several: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {several}")
    }
}

/// What a log's first entry says, in short.
pub(crate) fn first_words(genesis: &Genesis) -> String {
    let terms = genesis.terms();
    let administrators = terms.administrators.len() as u64;
    format!(
        "{}; {}; node key {}",
        shown(terms.origin.as_str()),
        many(administrators, "administrator", "administrators"),
        terms.node_key.id().0.short()
    )
}

/// The text with control characters, and characters that turn the direction of writing, shown as `?`.
pub(crate) fn plain(text: &str) -> String {
    let harmless = |letter: char| {
        let turns = matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if letter.is_control() || turns {
            '?'
        } else {
            letter
        }
    };
    text.chars().map(harmless).collect()
}

/// A short text from outside, for a sentence of ours.
pub(crate) fn shown(text: &str) -> String {
    let mut out: String = plain(text).chars().take(SHOWN_CHARS_MAX).collect();
    if text.chars().nth(SHOWN_CHARS_MAX).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c\n"), "a?[31mb?c?");
        assert_eq!(shown(&"x".repeat(SHOWN_CHARS_MAX)).len(), SHOWN_CHARS_MAX);
        assert!(shown(&"x".repeat(SHOWN_CHARS_MAX + 1)).ends_with('…'));
    }
}
