//! `cargo xtask new detector NAME`: the file of a detector, its table test, its page, its line in
//! the register and its `mod`. What it writes stands below its code, as text with `NAME` and
//! `TITLE`.

use std::fs;

use crate::terminal::say;
use crate::workspace::Root;
use crate::{Command, Outcome, Stop};

pub(crate) const COMMAND: Command = Command {
    name: "new",
    arguments: "detector NAME",
    about: "make a detector: its file, its test, its page",
    help: "NAME is in snake case and says what is found, as in `dwell_too_long`. Makes\n\
           crates/detect/src/detectors/NAME.rs and docs/detectors/NAME.md, and adds one line between\n\
           each pair of marks in crates/detect/src/detectors/mod.rs. Nothing that exists is\n\
           overwritten.",
    run,
};

const FOLDER: &str = "crates/detect/src/detectors";
const PAGES: &str = "docs/detectors";

/// Words that cannot name a module.
const KEYWORDS: [&str; 40] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "priv", "pub", "ref", "return",
    "self", "static", "struct", "super", "trait", "true",
];

fn run(root: &Root, arguments: &[String]) -> Outcome {
    let name = match arguments {
        [kind, name] if kind == "detector" => name,
        _ => {
            return Err(Stop::Usage(
                "usage: cargo xtask new detector NAME".to_owned(),
            ));
        }
    };
    if !is_name(name) {
        return Err(Stop::Usage(format!(
            "`{name}` is no name in snake case, such as `dwell_too_long`"
        )));
    }
    let code = format!("{FOLDER}/{name}.rs");
    let page = format!("{PAGES}/{name}.md");
    if let Some(path) = [&code, &page]
        .into_iter()
        .find(|path| root.path().join(path).exists())
    {
        return Err(Stop::Failed(format!("{path} exists")));
    }
    let register = format!("{FOLDER}/mod.rs");
    let text = fs::read_to_string(root.path().join(&register))
        .map_err(|error| Stop::Failed(format!("{register}: {error}")))?;
    let registered =
        registered(&text, name).map_err(|why| Stop::Failed(format!("{register}: {why}")))?;
    for (path, text) in [
        (code, filled(DETECTOR, name)),
        (page, filled(PAGE, name)),
        (register, registered),
    ] {
        write(root, &path, &text).map_err(|error| Stop::Failed(format!("{path}: {error}")))?;
        say(&format!("wrote {path}"));
    }
    Ok(())
}

fn write(root: &Root, path: &str, text: &str) -> std::io::Result<()> {
    let path = root.path().join(path);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

fn is_name(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.split('_').all(is_word)
        && !KEYWORDS.contains(&name)
}

/// The register with one more line between each pair of marks, in order of the names.
fn registered(text: &str, name: &str) -> Result<String, String> {
    let mut text = text.to_owned();
    for (about, template) in REGISTER_LINES {
        text = with_line(&text, about, template, name)?;
    }
    Ok(text)
}

fn with_line(text: &str, about: &str, template: &str, name: &str) -> Result<String, String> {
    let line = filled(template, name);
    let lines: Vec<&str> = text.lines().collect();
    let mark = |edge: &str| {
        let mark = format!("// {about}: {edge}");
        lines
            .iter()
            .position(|line| line.trim() == mark)
            .ok_or_else(|| format!("lacks the mark `{mark}`"))
    };
    let (begin, end) = (mark("begin")?, mark("end")?);
    let inside = lines
        .get(begin + 1..end)
        .ok_or_else(|| format!("its marks of {about} are in the wrong order"))?;
    if inside.iter().any(|known| known.trim() == line) {
        return Err(format!("`{line}` is there already"));
    }
    let place = inside
        .iter()
        .position(|known| name_in(known, template) > name)
        .unwrap_or(inside.len());
    // As deep as the mark above it.
    let depth: String = lines
        .get(begin)
        .map_or("", |mark| mark)
        .chars()
        .take_while(|next| *next == ' ')
        .collect();
    let new = format!("{depth}{line}");
    let (before, after) = lines.split_at(begin + 1 + place);
    let all: Vec<&str> = before
        .iter()
        .copied()
        .chain([new.as_str()])
        .chain(after.iter().copied())
        .collect();
    Ok(all.join("\n") + "\n")
}

/// The name for which a line was filled; the line itself if it is of another shape.
fn name_in<'a>(line: &'a str, template: &str) -> &'a str {
    let line = line.trim();
    let (before, after) = template.split_once("NAME").unwrap_or((template, ""));
    line.strip_prefix(before)
        .and_then(|rest| rest.strip_suffix(after))
        .unwrap_or(line)
}

fn filled(template: &str, name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    let title: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect();
    template.replace("NAME", name).replace("TITLE", &title)
}

// ---------------------------------------------------------------- what is written, from here on --

/// (which marks, the line between them).
const REGISTER_LINES: [(&str, &str); 2] =
    [("modules", "mod NAME;"), ("detectors", "&NAME::DETECTOR,")];

const DETECTOR: &str = r#"//! TITLE: what it finds, in one sentence a shift leader understands.
//!
//! Looks at: which discrepancies or marks, and what it takes together. Silent when: what makes
//! it hold its tongue. Its page for users is `docs/detectors/NAME.md`.

use countersign_reconcile::{Discrepancy, Kind};

use crate::detector::Detector;
use crate::finding::Severity;

/// Stable id: it stands in findings, so it never changes.
const ID: &str = "NAME";

/// From so many units on it is worth a look. Say where the number comes from.
const UNITS_MIN: i64 = 12;

/// Say how severe it is, and why. Raise the version when the code judges otherwise.
pub(crate) const DETECTOR: Detector = Detector {
    version: 1,
    constants: &[("units_min", UNITS_MIN)],
    severity: |_| Severity::Low,
    ..Detector::over_discrepancies(ID, takes, |_| ID)
};

fn takes(discrepancy: &Discrepancy) -> bool {
    let units = discrepancy.units.len() as u64;
    discrepancy.kind == Kind::Late && units >= UNITS_MIN.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{check_of, discrepancy, unit};

    #[test]
    fn table() {
        let check = check_of(&DETECTOR);
        let late = |units: i64| {
            let mut late = discrepancy(Kind::Late, 1, 1, "arrive");
            late.units = (0..units.unsigned_abs()).map(unit).collect();
            late
        };
        check(&[], &[]);
        check(&[late(UNITS_MIN - 1)], &[]);
        check(&[late(UNITS_MIN)], &[(Severity::Low, ID)]);
        check(&[discrepancy(Kind::Missing, 1, 1, "arrive")], &[]);
    }
}
"#;

const PAGE: &str = "# TITLE

Id: `NAME`

## What it finds

## From what

## Severity

## What to do

## What else it may be
";

// ------------------------------------------------------------------- end of what is written --

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tests::faults_of_code;

    #[test]
    fn names() {
        let check = |name: &str, expect: bool| assert_eq!(is_name(name), expect, "{name}");
        check("dwell_too_long", true);
        check("x12_gap", true);
        for name in [
            "",
            "Dwell",
            "dwell-long",
            "dwell__long",
            "_dwell",
            "dwell_",
            "2fast",
            "../up",
            "match",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn the_register_stays_in_order() {
        let register = |names: &[&str]| {
            let lines = |depth: &str, template: &str| -> String {
                let line = |name: &&str| format!("{depth}{}\n", filled(template, name));
                names.iter().map(line).collect()
            };
            let [(_, module), (_, entry)] = REGISTER_LINES;
            format!(
                "//! Doc.\n// modules: begin\n{}// modules: end\n\
                 const D: X = &[\n    // detectors: begin\n{}    // detectors: end\n];\n",
                lines("", module),
                lines("    ", entry),
            )
        };
        let check = |names: &[&str], name: &str, expect: &[&str]| {
            assert_eq!(registered(&register(names), name), Ok(register(expect)));
        };
        check(&[], "b", &["b"]);
        check(&["b", "d"], "c", &["b", "c", "d"]);
        check(&["b", "d"], "e", &["b", "d", "e"]);
        check(
            &["dwell", "dwell_long"],
            "dwell2",
            &["dwell", "dwell2", "dwell_long"],
        );
        assert_eq!(
            registered(&register(&["b"]), "b").unwrap_err(),
            "`mod b;` is there already"
        );
        assert_eq!(
            registered("// modules: end\n", "b").unwrap_err(),
            "lacks the mark `// modules: begin`"
        );
        assert!(registered("// modules: end\n// modules: begin", "b").is_err());
        assert_eq!(
            registered("// modules: begin\n// modules: end", "b").unwrap_err(),
            "lacks the mark `// detectors: begin`"
        );
    }

    #[test]
    fn what_is_written_is_filled_and_tidy() {
        let code = filled(DETECTOR, "dwell_too_long");
        assert!(code.starts_with("//! Dwell too long"), "{code}");
        assert!(
            code.contains("\"dwell_too_long\"")
                && !code.contains("NAME")
                && !code.contains("TITLE")
        );
        assert!(filled(PAGE, "dwell_too_long").contains("`dwell_too_long`"));
        assert_eq!(faults_of_code(&code), Vec::<String>::new());
    }
}
