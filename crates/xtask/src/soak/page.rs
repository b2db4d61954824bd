//! `docs/soak.md`: a section for each kind of long run, each written by its own.

use std::fmt::Write as _;

use crate::Stop;
use crate::process::output;
use crate::workspace::Root;

const PAGE: &str = "docs/soak.md";
const HEAD: &str = "# Long runs\n\nWritten by `cargo xtask soak`, section by section.\n";

/// Puts a section in the place of the one with that title, or behind the others.
pub(super) fn write_section(root: &Root, title: &str, body: &str) -> Result<(), Stop> {
    let path = root.path().join(PAGE);
    let old = std::fs::read_to_string(&path).unwrap_or_default();
    let new = with_section(&old, title, body);
    std::fs::write(path, new).map_err(|error| Stop::Failed(format!("soak: {PAGE}: {error}")))
}

fn with_section(page: &str, title: &str, body: &str) -> String {
    let mut parts = page.split("\n## ");
    let head = parts.next().filter(|head| head.starts_with("# Long runs"));
    let mut out = head.unwrap_or(HEAD).trim_end().to_owned();
    let mut is_written = false;
    let mut push = |name: &str, text: &str| {
        // Writing to a string cannot fail.
        let _ = write!(out, "\n\n## {name}\n\n{}", text.trim());
    };
    for (name, text) in parts.filter_map(|part| part.split_once('\n')) {
        let is_it = name == title;
        is_written |= is_it;
        push(name, if is_it { body } else { text });
    }
    if !is_written {
        push(title, body);
    }
    out.push('\n');
    out
}

/// The commit of the tree that is run, with `-dirty` behind it if tracked files are not as committed.
/// Pages are not run: those that a campaign writes while it goes on make no tree dirty.
pub(crate) fn commit(root: &Root) -> Result<String, Stop> {
    let git = std::ffi::OsString::from("git");
    let ask = |arguments: &[&str]| {
        let said = output(root, &git, arguments).map_err(Stop::Failed)?;
        Ok::<_, Stop>(String::from_utf8_lossy(&said).trim().to_owned())
    };
    let commit = ask(&["describe", "--always"])?;
    let tracked = ["status", "--porcelain", "--untracked-files=no"];
    let changed = ask(&[&tracked[..], &["--", ".", ":(exclude)docs"]].concat())?;
    let dirty = if changed.is_empty() { "" } else { "-dirty" };
    Ok(format!("{commit}{dirty}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_replaced_or_added_and_the_others_stay() {
        let one = with_section("", "One", "first\n");
        assert_eq!(one, format!("{HEAD}\n## One\n\nfirst\n"));
        let two = with_section(&one, "Two", "second");
        assert_eq!(
            two,
            format!("{HEAD}\n## One\n\nfirst\n\n## Two\n\nsecond\n")
        );
        let again = with_section(&two, "One", "once more");
        assert_eq!(
            again,
            format!("{HEAD}\n## One\n\nonce more\n\n## Two\n\nsecond\n")
        );
    }
}
