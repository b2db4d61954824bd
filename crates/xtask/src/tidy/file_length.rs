//! A file is read in one sitting.

use super::{Fault, is_test_file};
use crate::rust_source::Source;
use crate::workspace::Tree;

/// Lines of a `.rs` file, items under `#[cfg(test)]` not counted.
const LINES_MAX: usize = 500;

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let files = tree
        .texts_ending(".rs")
        .filter(|(path, _)| !is_test_file(path));
    let lengths = files.map(|(path, text)| (path, Source::new(text).lines_without_tests()));
    let long = lengths.filter(|(_, lines)| *lines > LINES_MAX);
    long.map(|(path, lines)| {
        Fault::of(
            path,
            format!("{lines} lines without tests, at most {LINES_MAX}"),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::faults;

    #[test]
    fn lines_count_without_tests() {
        let long = "// x\n".repeat(501);
        check(
            faults,
            &[("a.rs", &long)],
            &["a.rs: 501 lines without tests, at most 500"],
        );
        check(
            faults,
            &[
                ("a.md", &long),
                ("src/tests.rs", &long),
                ("tests/a.rs", &long),
            ],
            &[],
        );
        let tested = format!("fn a() {{}}\n#[cfg(test)]\nmod tests {{\n{long}}}\n");
        check(faults, &[("a.rs", &tested)], &[]);
    }
}
