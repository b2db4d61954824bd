//! `cargo xtask tidy`: the rules of the house that no lint knows.
//!
//! A check is a pure function from the tree to its faults, in a file of its own with a test that
//! plants a fault, and one line in [`CHECKS`]. A check with exceptions has them in one list beside
//! it, each with its reason, and an exception that nothing needs any more is a fault too.

mod crate_docs;
mod crate_edges;
mod error_pages;
mod file_length;
mod forbidden_code;
mod foreign_words;
mod frozen_vectors;
mod function_length;
mod links;
mod lints;
mod names;

use std::fmt;

use crate::terminal::say;
use crate::workspace::{Root, Tree};
use crate::{Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "tidy",
    arguments: "[CHECK...]",
    about: "check the rules that no lint knows",
    help: "Without arguments all checks run. Each fault is one line: path:line: check: what is wrong.\n\
           `cargo xtask tidy list` names the checks.",
    run,
};

/// One check of the tree.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    about: &'static str,
    faults: fn(&Tree) -> Vec<Fault>,
}

pub(crate) const CHECKS: &[Check] = &[
    Check {
        name: "crate_edges",
        about: "crates depend only on what the design allows",
        faults: crate_edges::faults,
    },
    Check {
        name: "file_length",
        about: "files have at most 500 lines without tests",
        faults: file_length::faults,
    },
    Check {
        name: "function_length",
        about: "functions have at most 70 lines",
        faults: function_length::faults,
    },
    Check {
        name: "names",
        about: "no util, helper, manager and the like, no get_",
        faults: names::faults,
    },
    Check {
        name: "links",
        about: "links in Markdown lead somewhere",
        faults: links::faults,
    },
    Check {
        name: "frozen_vectors",
        about: "frozen vectors are listed and unchanged",
        faults: frozen_vectors::faults,
    },
    Check {
        name: "foreign_words",
        about: "no texts from outside the project",
        faults: foreign_words::faults,
    },
    Check {
        name: "forbidden_code",
        about: "no ignored tests, allows, stubs, sleeps",
        faults: forbidden_code::faults,
    },
    Check {
        name: "error_pages",
        about: "error codes and their pages match",
        faults: error_pages::faults,
    },
    Check {
        name: "crate_docs",
        about: "lib.rs opens with 8 lines of prose",
        faults: crate_docs::faults,
    },
    Check {
        name: "lints",
        about: "every crate inherits the workspace's lints",
        faults: lints::faults,
    },
];

/// Something that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    path: String,
    /// From 1; 0 if the fault is of the whole file.
    line: usize,
    text: String,
}

impl Fault {
    fn at(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            text: text.into(),
        }
    }

    fn of(path: &str, text: impl Into<String>) -> Self {
        Self::at(path, 0, text)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.text),
            line => write!(f, "{}:{line}: {}", self.path, self.text),
        }
    }
}

fn run(root: &Root, arguments: &[String]) -> Outcome {
    if arguments == ["list"] {
        CHECKS
            .iter()
            .for_each(|check| say(&format!("{:<16} {}", check.name, check.about)));
        return Ok(());
    }
    if let Some(unknown) = arguments
        .iter()
        .find(|name| CHECKS.iter().all(|check| check.name != **name))
    {
        let names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        return Err(Stop::Usage(format!(
            "unknown check `{unknown}`; there are: {}",
            names.join(", ")
        )));
    }
    let failed = report(root, arguments).map_err(Stop::Failed)?;
    if failed == 0 {
        return Ok(());
    }
    Err(Stop::Failed(format!("tidy: {failed} checks failed")))
}

/// Runs the named checks (all if none is named), says each fault and returns how many checks failed.
pub(crate) fn report(root: &Root, names: &[String]) -> Result<usize, String> {
    let tree = Tree::read(root)?;
    let chosen = CHECKS
        .iter()
        .filter(|check| names.is_empty() || names.iter().any(|name| name == check.name));
    let mut failed = 0;
    for check in chosen {
        let faults = (check.faults)(&tree);
        faults
            .iter()
            .for_each(|fault| say(&format!("{fault} [{}]", check.name)));
        let verdict = if faults.is_empty() {
            "ok".to_owned()
        } else {
            format!("{} faults", faults.len())
        };
        say(&format!("tidy {:<16} {verdict}", check.name));
        failed += usize::from(!faults.is_empty());
    }
    Ok(failed)
}

/// A file of tests: `tests.rs`, or anything in a folder `tests`.
fn is_test_file(path: &str) -> bool {
    path.split('/')
        .any(|part| part == "tests" || part == "tests.rs")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Faults as text, against what is expected.
    pub(crate) fn check(faults: fn(&Tree) -> Vec<Fault>, files: &[(&str, &str)], expect: &[&str]) {
        let found: Vec<String> = faults(&Tree::of(files))
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, expect);
    }

    /// What all checks say of one source file in a library.
    pub(crate) fn faults_of_code(code: &str) -> Vec<String> {
        let tree = Tree::of(&[("crates/a/src/a.rs", code)]);
        let faults = CHECKS.iter().flat_map(|check| (check.faults)(&tree));
        faults.map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn names_of_checks_are_unique() {
        let mut names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
    }
}
