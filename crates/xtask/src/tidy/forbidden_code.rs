//! Code that only pretends: tests that do not run, lints switched off, stubs, waiting by the clock.

use super::Fault;
use crate::rust_source::Source;
use crate::workspace::Tree;

/// (what stands in the code, what to do).
const WORDS: [(&str, &str); 4] = [
    ("todo!", "write it, or leave it out"),
    ("unimplemented!", "write it, or leave it out"),
    ("dbg!", "remove it"),
    (
        "thread::sleep",
        "time is an input; wait for the event itself",
    ),
];
/// (attribute, what to do).
const ATTRIBUTES: [(&str, &str); 2] = [
    ("ignore", "a test runs or is not there"),
    ("allow(", "mend it, or `#[expect(lint, reason = \"...\")]`"),
];

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    tree.texts_ending(".rs")
        .flat_map(|(path, text)| of_file(path, &Source::new(text)))
        .collect()
}

fn of_file(path: &str, source: &Source<'_>) -> Vec<Fault> {
    let words = WORDS.iter().flat_map(|(word, advice)| {
        source
            .find_word(word)
            .into_iter()
            .map(move |offset| (offset, *word, *advice))
    });
    let attributes = source
        .attributes()
        .into_iter()
        .filter_map(|(offset, inside)| {
            let (name, advice) = ATTRIBUTES
                .iter()
                .find(|(name, _)| has_attribute(inside, name))?;
            Some((offset, name.trim_end_matches('('), *advice))
        });
    let mut found: Vec<_> = words.chain(attributes).collect();
    found.sort_unstable();
    found
        .iter()
        .map(|(offset, word, advice)| {
            Fault::at(path, source.line(*offset), format!("`{word}`: {advice}"))
        })
        .collect()
}

/// Directly, or behind a condition.
fn has_attribute(inside: &str, name: &str) -> bool {
    let begins = |text: &str| {
        let after = text.trim_start().strip_prefix(name);
        after.is_some_and(|after| {
            name.ends_with('(')
                || !after.starts_with(|next: char| next.is_alphanumeric() || next == '_')
        })
    };
    begins(inside) || (inside.starts_with("cfg_attr(") && inside.split(',').skip(1).any(begins))
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::faults;

    #[test]
    fn pretences_are_faults() {
        check(
            faults,
            &[("a.rs", "\nfn a() { todo!() }")],
            &["a.rs:2: `todo!`: write it, or leave it out"],
        );
        check(
            faults,
            &[("a.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}")],
            &["a.rs:2: `ignore`: a test runs or is not there"],
        );
        check(
            faults,
            &[("a.rs", "#![allow(dead_code)]")],
            &["a.rs:1: `allow`: mend it, or `#[expect(lint, reason = \"...\")]`"],
        );
        check(
            faults,
            &[(
                "a.rs",
                "#[cfg_attr(test, allow(x))] fn a() { unimplemented!() }",
            )],
            &[
                "a.rs:1: `allow`: mend it, or `#[expect(lint, reason = \"...\")]`",
                "a.rs:1: `unimplemented!`: write it, or leave it out",
            ],
        );
        check(
            faults,
            &[("a.rs", "std::thread::sleep(x); dbg!(x);")],
            &[
                "a.rs:1: `thread::sleep`: time is an input; wait for the event itself",
                "a.rs:1: `dbg!`: remove it",
            ],
        );
    }

    #[test]
    fn words_in_texts_and_alike_pass() {
        let code =
            "// todo!()\nlet a = \"#[allow(x)]\"; #[arg(ignore_case)] #[expect(x, reason = \"y\")]";
        check(faults, &[("a.rs", code), ("a.md", "todo!")], &[]);
    }
}
