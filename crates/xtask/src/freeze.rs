//! `cargo xtask freeze`: adds new vectors and golden files to the list of frozen ones.
//!
//! Frozen for good is what the list of the last commit holds. A line that was added since may still
//! change with its file, so that a vector can be written until it is right.

use std::fs;

use crate::frozen::{Frozen, LIST, is_frozen, parse, render, sha256_hex};
use crate::terminal::say;
use crate::workspace::{Root, Tree};
use crate::{Command, Outcome, Stop, process};

pub(crate) const COMMAND: Command = Command {
    name: "freeze",
    arguments: "",
    about: "add new files under testdata to the list of frozen ones",
    help: "Lists each file under testdata/vectors/*/v*/ and testdata/golden/ with its SHA-256 in\n\
           testdata/FROZEN.sha256. A file that the last commit's list holds must be as it was; changed\n\
           or gone, it is refused and nothing is written. A new format is a new folder v2, v3, ...",
    run,
};

fn run(root: &Root, arguments: &[String]) -> Outcome {
    if let Some(unknown) = arguments.first() {
        return Err(Stop::Usage(format!(
            "freeze takes no argument, got `{unknown}`"
        )));
    }
    let tree = Tree::read(root).map_err(Stop::Failed)?;
    let committed = committed_list(root).map_err(Stop::Failed)?;
    let committed = parse(&committed).map_err(|(line, text)| {
        Stop::Failed(format!("{LIST} of the last commit:{line}: {text}"))
    })?;
    let listed = parse(tree.text(LIST).unwrap_or_default());
    let listed = listed.map_err(|(line, text)| Stop::Failed(format!("{LIST}:{line}: {text}")))?;
    let wanted = freeze(&tree, &committed)
        .map_err(|refused| Stop::Failed(format!("refused:\n{}", refused.join("\n"))))?;
    for change in changes(&listed, &wanted) {
        say(&change);
    }
    if listed != wanted {
        fs::write(root.path().join(LIST), render(&wanted))
            .map_err(|error| Stop::Failed(format!("{LIST}: {error}")))?;
    }
    say(&format!("{} files are frozen", wanted.len()));
    Ok(())
}

/// The list in the last commit; empty if it has none, or if there is no commit yet.
fn committed_list(root: &Root) -> Result<String, String> {
    let git = "git".into();
    if process::output(root, &git, &["rev-parse", "--git-dir"]).is_err() {
        return Err("freeze compares with the last commit, and this is no clone".to_owned());
    }
    let spec = format!("HEAD:{LIST}");
    if process::output(root, &git, &["rev-parse", "--verify", "--quiet", &spec]).is_err() {
        return Ok(String::new());
    }
    let list = process::output(root, &git, &["show", &spec])?;
    String::from_utf8(list).map_err(|error| format!("{LIST}: {error}"))
}

/// The list as it should be, or what is refused.
fn freeze(tree: &Tree, committed: &Frozen) -> Result<Frozen, Vec<String>> {
    let found = tree
        .files
        .iter()
        .filter(|(path, _)| is_frozen(path) || committed.contains_key(*path));
    let wanted: Frozen = found
        .map(|(path, content)| (path.clone(), sha256_hex(content)))
        .collect();
    let refused = committed
        .iter()
        .filter_map(|(path, hex)| match wanted.get(path) {
            None => Some(format!("{path} is gone")),
            Some(now) if now != hex => Some(format!("{path} has changed")),
            Some(_) => None,
        });
    let refused: Vec<String> = refused.collect();
    if refused.is_empty() {
        Ok(wanted)
    } else {
        Err(refused)
    }
}

fn changes(listed: &Frozen, wanted: &Frozen) -> Vec<String> {
    let added = wanted
        .iter()
        .filter_map(|(path, hex)| match listed.get(path) {
            None => Some(format!("new      {path}")),
            Some(before) if before != hex => Some(format!("changed  {path} (not committed yet)")),
            Some(_) => None,
        });
    let gone = listed.keys().filter(|path| !wanted.contains_key(*path));
    added
        .chain(gone.map(|path| format!("dropped  {path} (not committed yet)")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "testdata/vectors/claim/v1/old";
    const NEW: &str = "testdata/golden/0.1/new";

    fn list(files: &[(&str, &str)]) -> Frozen {
        files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), sha256_hex(text.as_bytes())))
            .collect()
    }

    fn check(
        files: &[(&str, &str)],
        committed: &[(&str, &str)],
        expect: Result<&[(&str, &str)], &str>,
    ) {
        let expect = expect.map(list).map_err(|text| vec![text.to_owned()]);
        assert_eq!(freeze(&Tree::of(files), &list(committed)), expect);
    }

    #[test]
    fn new_files_are_added_and_committed_ones_stay() {
        check(
            &[(OLD, "a"), (NEW, "b"), ("testdata/README.md", "")],
            &[(OLD, "a")],
            Ok(&[(OLD, "a"), (NEW, "b")]),
        );
        check(&[(OLD, "x")], &[], Ok(&[(OLD, "x")]));
        check(
            &[(OLD, "x")],
            &[(OLD, "a")],
            Err("testdata/vectors/claim/v1/old has changed"),
        );
        check(
            &[(NEW, "b")],
            &[(OLD, "a")],
            Err("testdata/vectors/claim/v1/old is gone"),
        );
    }

    #[test]
    fn changes_are_told() {
        let told = changes(
            &list(&[(OLD, "a"), ("gone", "")]),
            &list(&[(OLD, "b"), (NEW, "c")]),
        );
        assert_eq!(
            told,
            [
                "new      testdata/golden/0.1/new",
                "changed  testdata/vectors/claim/v1/old (not committed yet)",
                "dropped  gone (not committed yet)",
            ]
        );
    }
}
