//! A library opens with prose: what it is for, what it never does, where to start.

use super::Fault;
use crate::workspace::Tree;

/// Lines of `//!` at the very top.
const LINES_MIN: usize = 8;

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let libraries = tree
        .texts_ending("/src/lib.rs")
        .filter(|(path, _)| path.starts_with("crates/"));
    let opening = libraries.map(|(path, text)| {
        (
            path,
            text.lines()
                .take_while(|line| line.starts_with("//!"))
                .count(),
        )
    });
    let short = opening.filter(|(_, lines)| *lines < LINES_MIN);
    short
        .map(|(path, lines)| {
            Fault::of(
                path,
                format!("opens with {lines} lines of `//!`, at least {LINES_MIN}"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::faults;

    #[test]
    fn libraries_open_with_prose() {
        let path = "crates/a/src/lib.rs";
        check(
            faults,
            &[(path, &"//! x\n".repeat(8)), ("crates/b/src/main.rs", "")],
            &[],
        );
        check(
            faults,
            &[(path, &"//! x\n".repeat(7))],
            &["crates/a/src/lib.rs: opens with 7 lines of `//!`, at least 8"],
        );
        let late = format!("mod a;\n{}", "//! x\n".repeat(9));
        check(
            faults,
            &[(path, &late)],
            &["crates/a/src/lib.rs: opens with 0 lines of `//!`, at least 8"],
        );
    }
}
