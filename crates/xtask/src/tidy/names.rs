//! Names that say nothing. A thing without a better name has not been understood yet.

use super::{Fault, is_test_file};
use crate::rust_source::{Declaration, Source};
use crate::workspace::Tree;

/// Names of modules, files and folders of code.
const PLACES: [&str; 8] = [
    "util", "utils", "helper", "helpers", "common", "misc", "manager", "managers",
];
/// Last words of types.
const ENDINGS: [&str; 9] = [
    "Manager",
    "Helper",
    "Helpers",
    "Util",
    "Utils",
    "Processor",
    "Info",
    "Data",
    "Misc",
];
const GETTER: &str = "get_";
const CODE: [&str; 6] = [".rs", ".py", ".ts", ".tsx", ".js", ".sh"];

/// (path, name, reason): a name that somebody else gave, such as a method of a foreign trait.
const EXCEPTIONS: &[(&str, &str, &str)] = &[];

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    with_exceptions(tree, EXCEPTIONS)
}

fn with_exceptions(tree: &Tree, exceptions: &[(&str, &str, &str)]) -> Vec<Fault> {
    let mut found: Vec<(String, Fault)> = Vec::new();
    for (path, text) in tree.texts() {
        if CODE.iter().any(|ending| path.ends_with(ending)) {
            found.extend(of_path(path));
        }
        if path.ends_with(".rs") {
            found.extend(of_source(path, &Source::new(text)));
        }
    }
    let is_needed = |&(path, name, _): &&(&str, &str, &str)| {
        found
            .iter()
            .any(|(found, fault)| found == name && fault.path == *path)
    };
    let stale = exceptions.iter().filter(|exception| !is_needed(exception));
    let stale: Vec<Fault> = stale
        .map(|(path, name, _)| Fault::of(path, format!("the exception for `{name}` is not needed")))
        .collect();
    let is_excepted = |name: &str, fault: &Fault| {
        exceptions
            .iter()
            .any(|&(path, excepted, _)| path == fault.path && excepted == name)
    };
    let kept = found
        .into_iter()
        .filter(|(name, fault)| !is_excepted(name, fault));
    kept.map(|(_, fault)| fault).chain(stale).collect()
}

fn of_path(path: &str) -> Option<(String, Fault)> {
    let stem = |part: &str| part.split('.').next().unwrap_or_default().to_owned();
    let name = path
        .split('/')
        .map(stem)
        .find(|name| PLACES.contains(&name.as_str()))?;
    let fault = Fault::of(path, format!("`{name}` says nothing about what is inside"));
    Some((name, fault))
}

fn of_source(path: &str, source: &Source<'_>) -> Vec<(String, Fault)> {
    let refused = source.declarations().into_iter().filter_map(|found| {
        let why = refuse(
            &found,
            source.is_in_tests(found.offset) || is_test_file(path),
        )?;
        let fault = Fault::at(
            path,
            source.line(found.offset),
            format!("`{} {}`: {why}", found.keyword, found.name),
        );
        Some((found.name.to_owned(), fault))
    });
    refused.collect()
}

/// The name of a test is a sentence, so it may begin with any word.
fn refuse(found: &Declaration<'_>, is_test: bool) -> Option<&'static str> {
    match found.keyword {
        "mod" if PLACES.contains(&found.name) => Some("says nothing about what is inside"),
        "fn" if found.name.starts_with(GETTER) && !is_test => {
            Some("a getter has the name of what it gives")
        }
        "struct" | "enum" | "union" | "trait" | "type"
            if ENDINGS.iter().any(|ending| found.name.ends_with(ending)) =>
        {
            Some("the last word says nothing")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn empty_names_are_faults() {
        check(
            faults,
            &[("src/utils/a.rs", "")],
            &["src/utils/a.rs: `utils` says nothing about what is inside"],
        );
        check(
            faults,
            &[("tools/common.py", "")],
            &["tools/common.py: `common` says nothing about what is inside"],
        );
        check(
            faults,
            &[("a.rs", "\nmod helpers;")],
            &["a.rs:2: `mod helpers`: says nothing about what is inside"],
        );
        check(
            faults,
            &[("a.rs", "struct UnitInfo;")],
            &["a.rs:1: `struct UnitInfo`: the last word says nothing"],
        );
        check(
            faults,
            &[("a.rs", "trait Manager {}")],
            &["a.rs:1: `trait Manager`: the last word says nothing"],
        );
        check(
            faults,
            &[("a.rs", "fn get_unit() {}")],
            &["a.rs:1: `fn get_unit`: a getter has the name of what it gives"],
        );
    }

    #[test]
    fn names_that_only_look_alike_pass() {
        let code =
            "struct Metadata; struct DataCarrier; fn get(); // struct UnitInfo\nmod common_stock;";
        check(
            faults,
            &[
                ("a.rs", code),
                ("docs/common.md", ""),
                ("src/utilisation.rs", ""),
            ],
            &[],
        );
        check(
            faults,
            &[("tests/a.rs", "fn get_on_empty_is_none() {}")],
            &[],
        );
    }

    #[test]
    fn an_exception_holds_for_one_file_and_must_be_needed() {
        let tree = Tree::of(&[("a.rs", "fn get_mut() {}"), ("b.rs", "fn get_mut() {}")]);
        let found = with_exceptions(
            &tree,
            &[
                ("a.rs", "get_mut", "a foreign trait"),
                ("c.rs", "X", "gone"),
            ],
        );
        let paths: Vec<_> = found.iter().map(|fault| fault.path.as_str()).collect();
        assert_eq!(paths, ["b.rs", "c.rs"]);
    }
}
