//! Links of Markdown files to other files and headings of the project.
//!
//! Looks at `[text](target)`, `![picture](target)` and `[name]: target`, outside code. A target with
//! a scheme (`https:`) is somebody else's and is not fetched.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use crate::workspace::Tree;

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let pages: BTreeMap<&str, Vec<String>> = tree
        .texts_ending(".md")
        .map(|(path, text)| (path, prose(text)))
        .collect();
    let anchors = pages
        .iter()
        .map(|(path, lines)| (*path, anchors(lines)))
        .collect();
    let mut faults = Vec::new();
    for (path, lines) in &pages {
        for (number, line) in lines.iter().enumerate() {
            let refused = targets(line)
                .into_iter()
                .filter_map(|target| refuse(tree, &anchors, path, target));
            faults.extend(refused.map(|text| Fault::at(path, number + 1, text)));
        }
    }
    faults
}

fn refuse(
    tree: &Tree,
    anchors: &BTreeMap<&str, BTreeSet<String>>,
    page: &str,
    target: &str,
) -> Option<String> {
    if has_scheme(target) || target.is_empty() {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let Some(path) = resolve(page, &path.replace("%20", " ")) else {
        return Some(format!("`{target}` leads out of the project"));
    };
    let folder = format!("{path}/");
    let exists = path.is_empty()
        || tree.files.contains_key(&path)
        || tree.files.keys().any(|file| file.starts_with(&folder));
    if !exists {
        return Some(format!("`{target}`: there is no {path}"));
    }
    let headings = anchors.get(path.as_str())?;
    (!anchor.is_empty() && !headings.contains(anchor))
        .then(|| format!("`{target}`: {path} has no heading `#{anchor}`"))
}

fn has_scheme(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| {
        scheme
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.'))
    })
}

/// Path from the root of the workspace; none if it leaves it.
fn resolve(page: &str, path: &str) -> Option<String> {
    if path.is_empty() {
        return Some(page.to_owned());
    }
    if path.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Lines of the page; those of fenced code are empty, so that numbers stay.
fn prose(text: &str) -> Vec<String> {
    let mut fence: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        let start = line.trim_start();
        let mark = ["```", "~~~"]
            .into_iter()
            .find(|mark| start.starts_with(mark));
        match (fence, mark) {
            (None, None) => {
                lines.push(line.to_owned());
                continue;
            }
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => {}
        }
        lines.push(String::new());
    }
    lines
}

fn targets(line: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let definition = line
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("]: "));
    if let Some((_, target)) = definition.filter(|(name, _)| !name.starts_with('^')) {
        targets.push(first_word(target));
    }
    for part in outside_code(line) {
        let behind_text = part
            .match_indices("](")
            .filter_map(|(at, mark)| part.get(at + mark.len()..));
        targets.extend(behind_text.filter_map(|rest| Some(first_word(until_close(rest)?))));
    }
    targets
}

/// Every other part between backticks, and all that follows one that is never closed.
fn outside_code(line: &str) -> Vec<&str> {
    let parts: Vec<&str> = line.split('`').collect();
    let is_open = parts.len().is_multiple_of(2);
    let last = parts.len().saturating_sub(1);
    let kept = parts
        .into_iter()
        .enumerate()
        .filter(|(at, _)| at % 2 == 0 || (is_open && *at == last));
    kept.map(|(_, part)| part).collect()
}

fn until_close(rest: &str) -> Option<&str> {
    let mut depth = 1_usize;
    for (at, character) in rest.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return rest.get(..at);
        }
    }
    None
}

/// The target without its title and angle brackets.
fn first_word(target: &str) -> &str {
    let target = target.trim();
    if let Some((inside, _)) = target
        .strip_prefix('<')
        .and_then(|rest| rest.split_once('>'))
    {
        return inside;
    }
    target.split_whitespace().next().unwrap_or_default()
}

/// Names of headings as web hosts make them, and explicit `id="..."`.
fn anchors(lines: &[String]) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for line in lines {
        for (_, rest) in line
            .match_indices("id=\"")
            .filter_map(|(at, mark)| line.split_at_checked(at + mark.len()))
        {
            anchors.extend(rest.split('"').next().map(str::to_owned));
        }
        let hashes = line.len() - line.trim_start_matches('#').len();
        let title = line.get(hashes..).unwrap_or_default();
        if !(1..=6).contains(&hashes) || !title.starts_with(' ') {
            continue;
        }
        let slug = slug(title);
        let count = seen.entry(slug.clone()).or_default();
        anchors.insert(if *count == 0 {
            slug
        } else {
            format!("{slug}-{count}")
        });
        *count += 1;
    }
    anchors
}

fn slug(title: &str) -> String {
    let shown = without_targets(title.trim());
    let letter = |letter: char| match letter {
        ' ' => Some('-'),
        '-' | '_' => Some(letter),
        _ => letter.is_alphanumeric().then_some(letter),
    };
    shown.to_lowercase().chars().filter_map(letter).collect()
}

/// `[text](target)` in a heading is shown as its text.
fn without_targets(title: &str) -> String {
    let mut parts = title.split("](");
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shown.push_str(part.split_once(')').map_or("", |(_, after)| after));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::*;

    #[test]
    fn links_that_lead_somewhere_pass() {
        let readme = "[a](docs/a.md) [b](docs/a.md#two-words) [c](#top) [d](docs) [e](docs/)\n\
                      ![p](docs/p%20q.png \"a title\") [w](https://example.org/x) <mailto:a@b>\n\
                      [r]: <docs/a.md#named>\n# Top\n";
        let page = "# A\n## `Two` words!\n<a id=\"named\"></a>\n[up](../README.md#top)\n";
        check(
            faults,
            &[
                ("README.md", readme),
                ("docs/a.md", page),
                ("docs/p q.png", ""),
            ],
            &[],
        );
    }

    #[test]
    fn links_that_lead_nowhere_are_faults() {
        check(
            faults,
            &[("a.md", "\n[x](b.md)")],
            &["a.md:2: `b.md`: there is no b.md"],
        );
        check(
            faults,
            &[("a.md", "[x]: b.md")],
            &["a.md:1: `b.md`: there is no b.md"],
        );
        check(
            faults,
            &[("a.md", "# A\n[x](#b)")],
            &["a.md:2: `#b`: a.md has no heading `#b`"],
        );
        check(
            faults,
            &[("d/a.md", "[x](../../b.md)")],
            &["d/a.md:1: `../../b.md` leads out of the project"],
        );
        check(
            faults,
            &[("a.md", "[x](/a.md)")],
            &["a.md:1: `/a.md` leads out of the project"],
        );
    }

    #[test]
    fn code_is_no_link() {
        check(
            faults,
            &[(
                "a.md",
                "```\n[x](b.md)\n```\n`[x](b.md)` and `f`[y](a.md)\n[^1]: a note",
            )],
            &[],
        );
    }

    #[test]
    fn slugs() {
        assert_eq!(
            slug(" Format laws (decide once)"),
            "format-laws-decide-once"
        );
        assert_eq!(
            slug("See [the design](a.md) — here"),
            "see-the-design--here"
        );
        let twice = ["# A".to_owned(), "# A".to_owned(), "#not".to_owned()];
        assert_eq!(
            anchors(&twice).into_iter().collect::<Vec<_>>(),
            ["a", "a-1"]
        );
    }
}
