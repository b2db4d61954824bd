//! Every stable code that an outsider may meet has a page, and every page a code.
//!
//! A crate registers its codes in an array `ERROR_CODES` of string literals; in an array of tuples
//! the first literal of each is the code. The page of a code is `docs/errors/CODE.md`.

use std::collections::BTreeMap;

use super::Fault;
use crate::rust_source::{Source, closing};
use crate::workspace::Tree;

const REGISTER: &str = "ERROR_CODES";
const PAGES: &str = "docs/errors/";
/// The table of contents is not the page of a code.
const CONTENTS: &str = "README";

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let mut codes: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut faults = Vec::new();
    let sources = tree
        .texts_ending(".rs")
        .filter(|(path, text)| path.starts_with("crates/") && text.contains(REGISTER));
    for (path, text) in sources {
        for found in registered(&Source::new(text)) {
            match found {
                Ok((line, code)) => {
                    codes.insert(code, (path.to_owned(), line));
                }
                Err((line, text)) => faults.push(Fault::at(path, line, text)),
            }
        }
    }
    let has_page = |code: &str| tree.files.contains_key(&format!("{PAGES}{code}.md"));
    let without_page = codes.iter().filter(|(code, _)| !has_page(code));
    faults.extend(without_page.map(|(code, (path, line))| {
        Fault::at(
            path,
            *line,
            format!("`{code}` has no page {PAGES}{code}.md"),
        )
    }));
    let pages = tree
        .files
        .keys()
        .filter_map(|path| path.strip_prefix(PAGES)?.strip_suffix(".md"));
    let without_code = pages.filter(|code| *code != CONTENTS && !codes.contains_key(*code));
    faults.extend(without_code.map(|code| {
        Fault::of(
            &format!("{PAGES}{code}.md"),
            format!("no {REGISTER} lists `{code}`"),
        )
    }));
    faults
}

type Registered = Result<(usize, String), (usize, String)>;

fn registered(source: &Source<'_>) -> Vec<Registered> {
    let declared = source.find_word(REGISTER).into_iter();
    let outside_tests = declared.filter(|offset| !source.is_in_tests(*offset));
    outside_tests
        .filter(|offset| is_declared(source.mask(), *offset))
        .flat_map(|offset| array(source, offset))
        .collect()
}

fn is_declared(mask: &str, offset: usize) -> bool {
    let before = mask.get(..offset).unwrap_or_default().trim_end();
    before.ends_with("const") || before.ends_with("static")
}

fn array(source: &Source<'_>, offset: usize) -> Vec<Registered> {
    let mask = source.mask();
    let after = |from: usize, what: char| Some(from + mask.get(from..)?.find(what)?);
    let range = after(offset, '=')
        .and_then(|equals| after(equals, '['))
        .and_then(|open| Some(open + 1..closing(mask, open)?));
    let Some(range) = range else {
        return vec![Err((
            source.line(offset),
            format!("{REGISTER} is not an array of literals"),
        ))];
    };
    let inside = mask.get(range.clone()).unwrap_or_default();
    if inside.chars().any(|letter| letter.is_alphanumeric()) {
        return vec![Err((
            source.line(offset),
            format!("{REGISTER} holds something else than literals"),
        ))];
    }
    let literals = source.strings(range.clone()).into_iter();
    let codes =
        literals.filter(|(at, _)| begins_item(mask.get(range.start..*at).unwrap_or_default()));
    codes
        .map(|(at, code)| judged(source.line(at), code))
        .collect()
}

/// Whether what stands before a literal in the array makes it a code: all brackets closed, or one
/// just opened.
fn begins_item(before: &str) -> bool {
    before.trim_end().ends_with('(') || before.matches('(').count() == before.matches(')').count()
}

fn judged(line: usize, code: &str) -> Registered {
    let is_code = code.starts_with(|first: char| first.is_ascii_lowercase())
        && code
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    if is_code {
        Ok((line, code.to_owned()))
    } else {
        Err((line, format!("`{code}` is not in snake case")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;
    use super::faults;

    const PATH: &str = "crates/a/src/lib.rs";

    #[test]
    fn codes_and_pages_match() {
        let code = "pub const ERROR_CODES: &[&str] = &[\"bad_cut\", // \"not_this\"\n \"late\"];\nlet x = ERROR_CODES[0];";
        check(
            faults,
            &[
                (PATH, code),
                ("docs/errors/bad_cut.md", ""),
                ("docs/errors/late.md", ""),
                ("docs/errors/README.md", ""),
            ],
            &[],
        );
        let code = "static ERROR_CODES: [(&str, &str); 1] = [(\"late\", \"came (too) late\")];";
        check(faults, &[(PATH, code), ("docs/errors/late.md", "")], &[]);
    }

    #[test]
    fn missing_pages_and_codes_are_faults() {
        let code = "pub const ERROR_CODES: &[&str] = &[\n\"late\"];";
        check(
            faults,
            &[(PATH, code), ("docs/errors/gone.md", "")],
            &[
                "crates/a/src/lib.rs:2: `late` has no page docs/errors/late.md",
                "docs/errors/gone.md: no ERROR_CODES lists `gone`",
            ],
        );
        let tested = format!("#[cfg(test)]\nmod tests {{ {code} }}");
        check(faults, &[(PATH, &tested)], &[]);
    }

    #[test]
    fn registers_hold_literals_in_snake_case() {
        let code = "const ERROR_CODES: &[&str] = &[LATE];";
        check(
            faults,
            &[(PATH, code)],
            &["crates/a/src/lib.rs:1: ERROR_CODES holds something else than literals"],
        );
        let code = "const ERROR_CODES: &[&str] = &[\"TooLate\"];";
        check(
            faults,
            &[(PATH, code)],
            &["crates/a/src/lib.rs:1: `TooLate` is not in snake case"],
        );
        check(
            faults,
            &[(PATH, "const ERROR_CODES: X = f();")],
            &["crates/a/src/lib.rs:1: ERROR_CODES is not an array of literals"],
        );
    }
}
