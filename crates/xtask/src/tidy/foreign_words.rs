//! Texts that have no business in the project: paths of one machine, names of the places where
//! somebody works on it, hosts of package registries.

use super::Fault;
use crate::workspace::Tree;

/// Compared without regard to case. In pieces, so that this file is not a fault itself.
const WORDS: [&str; 8] = [
    concat!("/wo", "rk/"),
    concat!("fa", "rm-"),
    concat!("sub", "agent"),
    concat!("before", "-stop"),
    concat!("crates", ".io"),
    concat!("py", "pi.org"),
    concat!("npm", "js.org"),
    concat!("proxy.go", "lang.org"),
];

/// Written by cargo, which names where each package came from.
const GENERATED: [&str; 1] = ["Cargo.lock"];

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let texts = tree.texts().filter(|(path, _)| !GENERATED.contains(path));
    let lines = texts.flat_map(|(path, text)| {
        text.lines()
            .enumerate()
            .map(move |(at, line)| (path, at + 1, line))
    });
    let found = lines.flat_map(|(path, number, line)| {
        let line = line.to_ascii_lowercase();
        let words = WORDS.iter().filter(move |word| line.contains(**word));
        words.map(move |word| Fault::at(path, number, format!("`{word}` does not belong here")))
    });
    let named = tree.files.keys().flat_map(|path| {
        let words = WORDS
            .iter()
            .filter(|word| path.to_ascii_lowercase().contains(**word));
        words.map(|word| Fault::of(path, format!("`{word}` does not belong in a name")))
    });
    found.chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::{WORDS, faults};

    #[test]
    fn each_word_is_found_in_any_case_and_only_outside_the_lock_file() {
        for word in WORDS {
            let text = format!("fine\nsee {}x", word.to_uppercase());
            check(
                faults,
                &[("a.md", &text)],
                &[&format!("a.md:2: `{word}` does not belong here")],
            );
            check(faults, &[("Cargo.lock", &text)], &[]);
        }
        let name = concat!("docs/sub", "agent.md");
        let expect = format!(
            "{name}: `{}` does not belong in a name",
            concat!("sub", "agent")
        );
        check(faults, &[(name, "")], &[&expect]);
        check(
            faults,
            &[("a.md", "pharmacy, a farm, work/, crates/io")],
            &[],
        );
    }
}
