//! `cargo xtask new detector NAME`: the file of a detector, its table test, its page, its line in
//! the register. What it writes stands below its code, as text with `NAME` and `TITLE`.

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
           the marks in crates/detect/src/detectors/mod.rs. Nothing that exists is overwritten.",
    run,
};

const FOLDER: &str = "crates/detect/src/detectors";
const PAGES: &str = "docs/detectors";
const REGISTER_BEGIN: &str = "// detectors: begin";
const REGISTER_END: &str = "// detectors: end";

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

/// The register with one more line between its marks, in order.
fn registered(text: &str, name: &str) -> Result<String, String> {
    let line = filled(REGISTER_LINE, name);
    let lines: Vec<&str> = text.lines().collect();
    let mark = |mark: &str| {
        lines
            .iter()
            .position(|line| line.trim() == mark)
            .ok_or_else(|| format!("lacks the mark `{mark}`"))
    };
    let (begin, end) = (mark(REGISTER_BEGIN)?, mark(REGISTER_END)?);
    let inside = lines
        .get(begin + 1..end)
        .ok_or_else(|| "its marks are in the wrong order".to_owned())?;
    if inside.iter().any(|known| known.trim() == line) {
        return Err(format!("`{line}` is there already"));
    }
    let place = inside
        .iter()
        .position(|known| known.trim() > line.as_str())
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

const REGISTER_LINE: &str = "mod NAME;";

const DETECTOR: &str = r#"//! TITLE: what it finds, in one sentence a shift leader understands.
//!
//! Looks at: which discrepancies, marks or claims. Silent when: what makes it hold its tongue.
//! Its page for users is `docs/detectors/NAME.md`.

/// Stable id: it stands in findings, so it never changes.
pub(crate) const ID: &str = "NAME";

/// From here on it is worth a look, in minutes. Say where the number comes from.
const MINUTES_MIN: u64 = 30;

/// Whether so many minutes are worth a look.
fn is_worth_a_look(minutes: u64) -> bool {
    minutes >= MINUTES_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(minutes: u64, expect: bool) {
        assert_eq!(is_worth_a_look(minutes), expect, "{ID}: {minutes} minutes");
    }

    #[test]
    fn table() {
        check(0, false);
        check(MINUTES_MIN - 1, false);
        check(MINUTES_MIN, true);
    }
}
"#;

const PAGE: &str = "# TITLE

Id: `NAME`

## What it finds

## What it looks at

## When it is silent

## Where its numbers come from

## What to do about a finding
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
        let text =
            "//! Doc.\n    // detectors: begin\n    mod b;\n    mod d;\n    // detectors: end\n";
        let expect = |line: &str| {
            text.replacen(
                &format!("    {line}"),
                &format!("    mod c;\n    {line}"),
                1,
            )
        };
        assert_eq!(registered(text, "c").unwrap(), expect("mod d;"));
        assert_eq!(
            registered(text, "b").unwrap_err(),
            "`mod b;` is there already"
        );
        assert_eq!(
            registered("// detectors: end\n", "b").unwrap_err(),
            "lacks the mark `// detectors: begin`"
        );
        assert_eq!(
            registered("// detectors: begin\n// detectors: end", "b").unwrap(),
            "// detectors: begin\nmod b;\n// detectors: end\n"
        );
        assert!(registered("// detectors: end\n// detectors: begin", "b").is_err());
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
