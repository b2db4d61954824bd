//! Vectors and golden logs are only ever added to: what a release has written must stay readable.

use super::Fault;
use crate::frozen::{LIST, is_frozen, parse, sha256_hex};
use crate::workspace::Tree;

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let frozen = match parse(tree.text(LIST).unwrap_or_default()) {
        Ok(frozen) => frozen,
        Err((line, text)) => return vec![Fault::at(LIST, line, text)],
    };
    let listed = frozen
        .iter()
        .filter_map(|(path, hex)| match tree.files.get(path) {
            None => Some(Fault::of(path, "is frozen, and gone")),
            Some(content) if sha256_hex(content) != *hex => {
                Some(Fault::of(path, "is frozen, and has changed"))
            }
            Some(_) => None,
        });
    let found = tree
        .files
        .keys()
        .filter(|path| is_frozen(path) && !frozen.contains_key(*path));
    let unlisted = found.map(|path| {
        Fault::of(
            path,
            format!("is not listed in {LIST}: `cargo xtask freeze`"),
        )
    });
    listed.chain(unlisted).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    const PATH: &str = "testdata/vectors/claim/v1/a.json";

    #[test]
    fn frozen_files_are_listed_and_unchanged() {
        let list = format!("{}  {PATH}\n", sha256_hex(b"{}"));
        check(faults, &[], &[]);
        check(faults, &[(PATH, "{}"), (LIST, &list)], &[]);
        check(
            faults,
            &[(PATH, "{ }"), (LIST, &list)],
            &["testdata/vectors/claim/v1/a.json: is frozen, and has changed"],
        );
        check(
            faults,
            &[(LIST, &list)],
            &["testdata/vectors/claim/v1/a.json: is frozen, and gone"],
        );
        check(
            faults,
            &[(PATH, "{}")],
            &[
                "testdata/vectors/claim/v1/a.json: is not listed in testdata/FROZEN.sha256: `cargo xtask freeze`",
            ],
        );
        check(
            faults,
            &[(LIST, "\n")],
            &["testdata/FROZEN.sha256:1: not a line of the form `HEX  PATH`"],
        );
    }
}
