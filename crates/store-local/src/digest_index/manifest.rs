//! The one file that says which runs count, and how far they are complete.
//!
//! Lines of text: `countersign digest index 1`, `log HEX`, `complete_to SIZE ROOT`, one
//! `run NUMBER FROM TO COUNT CHECK` a run, oldest first, `sha256 HEX` of everything before.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_ports::{StoreError, TreeHead};

use super::run::RunEntry;
use crate::folder::put_file;
use crate::limits::MANIFEST_BYTES_MAX;

const FIRST_LINE: &str = "countersign digest index 1";

/// What the manifest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) log: Digest,
    pub(super) complete_to: TreeHead,
    pub(super) runs: Vec<RunEntry>,
}

pub(super) fn manifest_path(folder: &Path) -> PathBuf {
    folder.join("manifest")
}

impl Manifest {
    /// Writes it over the one before, whole or not at all; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) fn put(&self, folder: &Path) -> Result<(), StoreError> {
        put_file(&manifest_path(folder), self.text().as_bytes())
    }

    /// Reads it; `None` when there is none.
    ///
    /// # Errors
    /// Why it cannot be believed.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, String> {
        let path = manifest_path(folder);
        let said = |error: &dyn ToString| format!("{}: {}", path.display(), error.to_string());
        match fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(said(&error)),
            Ok(found) if found.len() > MANIFEST_BYTES_MAX => return Err(said(&"it is too long")),
            Ok(_) => {}
        }
        let text = fs::read_to_string(&path).map_err(|error| said(&error))?;
        let parsed = Self::parse(&text);
        parsed
            .map(Some)
            .ok_or_else(|| said(&"it is not what was written"))
    }

    fn text(&self) -> String {
        let head = &self.complete_to;
        let mut text = format!(
            "{FIRST_LINE}\nlog {}\ncomplete_to {} {}\n",
            self.log, head.size.0, head.root
        );
        for run in &self.runs {
            let (number, from, to) = (run.number, run.from.0, run.to.0);
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "run {number} {from} {to} {} {:08x}",
                run.count, run.check
            );
        }
        let check = Digest::of(text.as_bytes());
        let _ = writeln!(text, "sha256 {check}");
        text
    }

    /// Only the very bytes that [`Manifest::text`] writes are taken, and runs that follow one another.
    fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(FIRST_LINE)?.strip_prefix("\nlog ")?;
        let (log, rest) = rest.split_once("\ncomplete_to ")?;
        let mut lines = rest.lines();
        let (size, root) = lines.next()?.split_once(' ')?;
        let runs: Option<_> = lines
            .filter(|line| !line.starts_with("sha256 "))
            .map(parse_run)
            .collect();
        let parsed = Self {
            log: Digest::from_hex(log)?,
            complete_to: TreeHead {
                size: Size(size.parse().ok()?),
                root: Digest::from_hex(root)?,
            },
            runs: runs?,
        };
        (parsed.text() == text && parsed.is_in_sequence()).then_some(parsed)
    }

    /// Each run begins where the one before ends, and none goes beyond the head.
    fn is_in_sequence(&self) -> bool {
        let mut end = Size(0);
        let follow = self.runs.iter().all(|run| {
            let follows = run.from == end && run.to >= run.from && run.count > 0;
            end = run.to;
            follows
        });
        follow && end <= self.complete_to.size
    }
}

fn parse_run(line: &str) -> Option<RunEntry> {
    let mut words = line.strip_prefix("run ")?.split(' ');
    let mut number = || words.next()?.parse::<u64>().ok();
    let (run, from, to, count) = (number()?, number()?, number()?, number()?);
    Some(RunEntry {
        number: run,
        from: Size(from),
        to: Size(to),
        count,
        check: u32::from_str_radix(words.next()?, 16).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let run = |number, from, to| RunEntry {
            number,
            from: Size(from),
            to: Size(to),
            count: 7,
            check: 0xab,
        };
        Manifest {
            log: Digest::of(b"log"),
            complete_to: TreeHead {
                size: Size(30),
                root: Digest::of(b"root"),
            },
            runs: vec![run(4, 0, 10), run(3, 10, 29)],
        }
    }

    fn check(change: impl FnOnce(&mut Manifest), expect: bool) {
        let mut manifest = manifest();
        change(&mut manifest);
        let read = Manifest::parse(&manifest.text());
        assert_eq!(read, expect.then_some(manifest));
    }

    #[test]
    fn what_was_written_is_read_and_runs_follow_one_another() {
        check(|_| {}, true);
        check(|m| m.runs.clear(), true);
        check(|m| m.complete_to.size = Size(29), true);
        check(|m| m.complete_to.size = Size(28), false);
        check(|m| m.runs.truncate(1), true);
        check(|m| m.runs.reverse(), false);
        check(|m| m.runs.iter_mut().for_each(|run| run.count = 0), false);
    }

    #[test]
    fn any_other_byte_is_refused() {
        let text = manifest().text();
        for at in 0..text.len() {
            assert_eq!(Manifest::parse(&text[..at]), None, "cut at {at}");
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1;
            let changed = String::from_utf8(bytes).expect("ASCII");
            assert_eq!(Manifest::parse(&changed), None, "changed at {at}");
        }
        assert_eq!(Manifest::parse(&format!("{text}\n")), None);
    }
}
