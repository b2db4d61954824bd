//! `cargo xtask mutate`: defects are planted, one at a time, and the tests must notice each.
//!
//! A test that has never failed proves little. Each [`Defect`] is a change of text and the test that
//! must fail with it. The tree is copied beside cargo's build folder, where the defect is put in, the
//! named test is built and run, and the text is put back; the clone itself is never touched. Before its
//! first defect each named test must pass on the copy as it is. A defect that does not compile is not noticed.
//!
//! The unit tests here make sure that every defect still fits the tree.

mod copy;
mod table;

use std::fmt::Write as _;

use crate::process::{captured, cargo};
use crate::soak::page::commit;
use crate::terminal::say;
use crate::workspace::{Root, Tree};
use crate::{Command, Outcome, Stop};
use copy::Copy;
use table::DEFECTS;

pub(crate) const COMMAND: Command = Command {
    name: "mutate",
    arguments: "[NAME...]",
    about: "plant each known defect and see that a test notices it",
    help: "Without a NAME all defects are planted, one after the other. What came of it is written to\n\
           docs/mutations.md; rows of defects that were not planted stay as they were.\n\
           `cargo xtask mutate list` names them. Takes about a minute each.",
    run,
};

/// Seconds that a build or a test may take; the first build of the copy takes longest.
const SECONDS_MAX: &str = "3600";
/// Where the result is written.
const PAGE: &str = "docs/mutations.md";

/// A change that breaks something, and the test that must fail then.
struct Defect {
    name: &'static str,
    /// What is wrong with it, for the page.
    about: &'static str,
    /// Below which folder the texts stand, in one file.
    folder: &'static str,
    /// Old and new texts; each old one stands exactly once in that file.
    edits: &'static [(&'static str, &'static str)],
    test: Test,
}

/// A test, as cargo finds it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Test {
    package: &'static str,
    /// `--lib`, or the name of a file of `tests/`.
    target: &'static str,
    name: &'static str,
}

impl Test {
    fn call(&self, rest: &[&'static str]) -> Vec<&'static str> {
        let target = match self.target {
            "--lib" => vec!["--lib"],
            file => vec!["--test", file],
        };
        let call = ["test", "--package", self.package]
            .into_iter()
            .chain(target);
        call.chain(rest.iter().copied()).collect()
    }

    /// The call by which a person runs it.
    fn shown(&self) -> String {
        format!("cargo {}", self.call(&[self.name]).join(" "))
    }
}

/// What became of a defect.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    Noticed,
    /// The test passed.
    Missed,
    /// It could not be tried: why.
    Broken(String),
}

fn run(root: &Root, arguments: &[String]) -> Outcome {
    if let [only] = arguments
        && only == "list"
    {
        for defect in DEFECTS {
            say(&format!("{:<34} {}", defect.name, defect.about));
        }
        return Ok(());
    }
    let chosen = chosen(arguments)?;
    let commit = commit(root)?;
    let tree = Tree::read(root).map_err(Stop::Failed)?;
    let copy = Copy::of(root, &tree).map_err(Stop::Failed)?;
    let (mut passing, mut fates) = (Vec::new(), Vec::new());
    for defect in chosen {
        let fate = passes_without(&copy, defect.test, &mut passing)
            .map_or_else(Fate::Broken, |()| plant(&copy, &tree, defect));
        say(&row(defect, &fate));
        fates.push((defect, fate));
    }
    let path = root.path().join(PAGE);
    let before = std::fs::read_to_string(&path).unwrap_or_default();
    std::fs::write(path, page(&commit, &fates, &before))
        .map_err(|error| Stop::Failed(format!("mutate: {PAGE}: {error}")))?;
    let missed = fates.iter().filter(|(_, fate)| *fate != Fate::Noticed);
    match missed.count() {
        0 => Ok(()),
        count => Err(Stop::Failed(format!(
            "mutate: {count} of {} defects were not noticed",
            fates.len()
        ))),
    }
}

fn chosen(names: &[String]) -> Result<Vec<&'static Defect>, Stop> {
    if names.is_empty() {
        return Ok(DEFECTS.iter().collect());
    }
    let find = |name: &String| {
        let found = DEFECTS.iter().find(|defect| defect.name == name);
        found.ok_or_else(|| Stop::Usage(format!("mutate: there is no defect `{name}`; see list")))
    };
    names.iter().map(find).collect()
}

/// A test that fails anyway would notice everything: each must pass once on the copy as it is.
fn passes_without(copy: &Copy, test: Test, passing: &mut Vec<Test>) -> Result<(), String> {
    if passing.contains(&test) {
        return Ok(());
    }
    match outcome(copy, test) {
        Fate::Missed => {
            passing.push(test);
            Ok(())
        }
        Fate::Noticed => Err(format!("it fails without a defect: {}", test.shown())),
        Fate::Broken(why) => Err(why),
    }
}

/// Puts the defect in, runs its test, and takes the defect out again.
fn plant(copy: &Copy, tree: &Tree, defect: &Defect) -> Fate {
    let (path, text) = match broken_text(tree, defect) {
        Ok(found) => found,
        Err(why) => return Fate::Broken(why),
    };
    if let Err(why) = copy.write(path, text.as_bytes()) {
        return Fate::Broken(why);
    }
    let fate = outcome(copy, defect.test);
    match copy.write(path, tree.text(path).unwrap_or_default().as_bytes()) {
        Ok(()) => fate,
        Err(why) => Fate::Broken(why),
    }
}

fn outcome(copy: &Copy, test: Test) -> Fate {
    let timed = |rest: &[&'static str]| {
        let cargo = cargo();
        let cargo = cargo.to_string_lossy();
        let limit = [SECONDS_MAX, &cargo];
        let call: Vec<&str> = limit.into_iter().chain(test.call(rest)).collect();
        captured(copy.root(), &"timeout".into(), &call)
    };
    match timed(&["--no-run"]) {
        Ok((true, _)) => {}
        Ok((false, said)) => return Fate::Broken(format!("it does not build:\n{said}")),
        Err(why) => return Fate::Broken(why),
    }
    match timed(&["--", test.name]) {
        Ok((succeeded, said)) => read_outcome(succeeded, &said, test.name),
        Err(why) => Fate::Broken(why),
    }
}

fn read_outcome(succeeded: bool, said: &str, name: &str) -> Fate {
    // Others say that the test has been running for long.
    let line =
        |line: &&str| line.starts_with("test ") && line.contains(name) && line.contains(" ... ");
    let Some(line) = said.lines().find(line) else {
        return Fate::Broken(format!("no test `{name}` ran:\n{said}"));
    };
    match (succeeded, line.ends_with("... ok")) {
        (true, true) => Fate::Missed,
        (false, false) => Fate::Noticed,
        _ => Fate::Broken(format!("the test ended oddly:\n{said}")),
    }
}

/// The file that holds the texts of a defect, and what it says with the defect.
fn broken_text<'t>(tree: &'t Tree, defect: &Defect) -> Result<(&'t str, String), String> {
    let stale = |why: String| format!("the table is stale: {}: {why}", defect.name);
    let (first, _) = defect
        .edits
        .first()
        .ok_or_else(|| stale("no edit".into()))?;
    let below = format!("{}/", defect.folder);
    let files = tree.texts_ending(".rs");
    let mut files = files.filter(|(path, text)| path.starts_with(&below) && text.contains(first));
    let (path, text) = files
        .next()
        .ok_or_else(|| stale(format!("nowhere below {below}: {first}")))?;
    if let Some((other, _)) = files.next() {
        return Err(stale(format!("in {path} and in {other}: {first}")));
    }
    let mut broken = text.to_owned();
    for (old, new) in defect.edits {
        if text.matches(old).count() != 1 {
            return Err(stale(format!("not once in {path}: {old}")));
        }
        broken = broken.replace(old, new);
    }
    Ok((path, broken))
}

fn row(defect: &Defect, fate: &Fate) -> String {
    match fate {
        Fate::Noticed => format!("{:<34} noticed by {}", defect.name, defect.test.name),
        Fate::Missed => format!("{:<34} MISSED by {}", defect.name, defect.test.shown()),
        Fate::Broken(why) => format!("{:<34} NOT TRIED: {why}", defect.name),
    }
}

/// The page: a row for each defect of the table, from this run or, where it was not in it, from the
/// page as it was.
fn page(commit: &str, fates: &[(&Defect, Fate)], before: &str) -> String {
    let mut out = "# Planted defects\n\nWritten by `cargo xtask mutate`, which plants each defect in a copy \
                   of the tree and runs the test that must notice it.\n\n| defect | what is broken | noticed by \
                   | at commit |\n|---|---|---|---|\n"
        .to_owned();
    for defect in DEFECTS {
        let begins = format!("| {} | ", defect.name);
        let old = before.lines().find(|line| line.starts_with(&begins));
        let fate = fates.iter().find(|(of, _)| of.name == defect.name);
        let result = match (fate, old) {
            (Some((_, Fate::Noticed)), _) => format!("`{}` | {commit}", defect.test.name),
            (Some((_, Fate::Missed)), _) => format!("nobody | {commit}"),
            (Some((_, Fate::Broken(_))), _) => format!("could not be tried | {commit}"),
            (None, Some(old)) => {
                out.push_str(old);
                out.push('\n');
                continue;
            }
            (None, None) => "not tried yet |".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{begins}{} | {result} |", defect.about);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_defect_fits_the_tree_and_names_a_test_of_it() {
        let tree = Tree::read(&Root::above_current_folder().unwrap()).unwrap();
        let mut names = std::collections::BTreeSet::new();
        let stale = DEFECTS
            .iter()
            .filter_map(|defect| broken_text(&tree, defect).err());
        let stale: Vec<String> = stale.collect();
        assert!(stale.is_empty(), "{}", stale.join("\n"));
        for defect in DEFECTS {
            let (path, broken) = broken_text(&tree, defect).unwrap();
            assert_ne!(tree.text(path).unwrap(), broken, "{}", defect.name);
            assert!(names.insert(defect.name), "{} twice", defect.name);
            let test = format!("fn {}(", defect.test.name);
            let literal = format!("\"{}\"", defect.test.name);
            let folder = format!(
                "crates/{}/",
                defect.test.package.trim_start_matches("countersign-")
            );
            let folder = folder.replace("crates/countersign/", "crates/cli/");
            let mut sources = tree
                .texts_ending(".rs")
                .filter(|(path, _)| path.starts_with(&folder));
            let is_there = sources.any(|(_, text)| text.contains(&test) || text.contains(&literal));
            assert!(is_there, "{}: no test {test} in {folder}", defect.name);
        }
        assert!(DEFECTS.len() >= 10);
    }

    fn check(edits: &'static [(&'static str, &'static str)], files: &[(&str, &str)], expect: &str) {
        let defect = Defect {
            name: "one",
            about: "",
            folder: "crates/a/src",
            edits,
            test: Test {
                package: "countersign-a",
                target: "--lib",
                name: "t",
            },
        };
        match broken_text(&Tree::of(files), &defect) {
            Ok((path, text)) => assert_eq!(format!("{path}: {text}"), expect),
            Err(why) => assert!(why.contains(expect), "{why}"),
        }
    }

    #[test]
    fn a_text_that_is_not_there_once_makes_the_table_stale() {
        let files = [
            ("crates/a/src/x.rs", "one two two"),
            ("crates/b/src/x.rs", "one"),
        ];
        check(&[("one", "1")], &files, "crates/a/src/x.rs: 1 two two");
        check(&[("two", "2")], &files, "not once");
        check(&[("three", "3")], &files, "the table is stale");
        let both = [("crates/a/src/x.rs", "one"), ("crates/a/src/y.rs", "one")];
        check(&[("one", "1")], &both, "and in");
    }

    #[test]
    fn rows_of_defects_that_were_not_planted_stay() {
        let [one, two, three, ..] = DEFECTS else {
            panic!("there are more");
        };
        let first = page("abc", &[(one, Fate::Noticed), (two, Fate::Missed)], "");
        let then = page("def", &[(two, Fate::Noticed)], &first);
        let row = |text: &str, defect: &Defect| {
            let begins = format!("| {} | ", defect.name);
            let found = text.lines().find(|line| line.starts_with(&begins));
            found.unwrap().to_owned()
        };
        assert_eq!(row(&then, one), row(&first, one));
        assert!(row(&first, two).ends_with("| nobody | abc |"));
        assert!(row(&then, two).ends_with("` | def |"));
        assert!(row(&then, three).contains("not tried yet"));
    }

    #[test]
    fn only_a_test_that_ran_and_failed_has_noticed() {
        let read = |succeeded, said| read_outcome(succeeded, said, "it_holds");
        assert_eq!(read(false, "test a::it_holds ... FAILED"), Fate::Noticed);
        assert_eq!(read(true, "test it_holds ... ok"), Fate::Missed);
        let slow = "test it_holds has been running for over 60 seconds\ntest it_holds ... ok";
        assert_eq!(read(true, slow), Fate::Missed);
        assert!(matches!(read(true, "running 0 tests"), Fate::Broken(_)));
        assert!(matches!(read(false, "error: no"), Fate::Broken(_)));
        assert!(matches!(
            read(false, "test it_holds ... ok"),
            Fate::Broken(_)
        ));
    }
}
