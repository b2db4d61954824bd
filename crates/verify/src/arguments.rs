//! The arguments of the program, read by hand: it stays small and has nothing to update.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints, under the name by which the program was called.
pub(crate) fn help(program: &str) -> String {
    HELP.replace("PROGRAM", program)
}

const HELP: &str = "\
Checks evidence of a Countersign log offline: packs, receipts, proofs, whole logs.

    PROGRAM [--key KEY]... [--json] [--show] FILE...
    PROGRAM [--policy FILE] [--json] [--show] FILE...

FILE is an evidence pack (pack.zip) or a node's data folder, each of which is checked by itself.
All other files are checked together: claim receipts, .tlog-proof files with their statements,
genesis, bodies, envelopes.

Of a data folder (ground/ and log/ in it) everything is checked: every signature, body and
batch, the tree over all entries, every published tile. Nothing is locked or written; a node may
be running on it. Give older checkpoints beside it, and the log must still be the one they cover.

  --key KEY      the key of the log that you trust, as name+id+base64, or @FILE that holds it
                 (or several, one a line).
                 May be given again for other logs. Get it from the operator's contract or from
                 somebody you trust, never from whoever sent you the evidence.
  --policy FILE  a trust policy (c2sp.org/tlog-policy): logs, witnesses, and how many of them
                 must have cosigned. Instead of --key.
  --json         one line of JSON for each report
  --show         also print what the claims of a pack say
  --help         this text
  --version      the version

For each piece the report says what it would prove and whether it does. The exit code is that of
the worst piece:

  0  proven       it follows from the key that you gave
  1  disproven    something contradicts, or it cannot be read
  2               wrong use: an argument, a file that is not there, a key that is none
  3  cannot tell  nothing contradicts, and something is missing; without --key and --policy
                  the best answer is `consistent in itself`, which a forger can reach too

Each reason in brackets has a page, docs/errors/REASON.md; how to verify what: docs/verify.md.
";

/// What the caller wants.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// `--help`.
    Help,
    /// `--version`.
    Version,
    /// A check.
    Check(Arguments),
}

/// A check.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    /// Values of `--key`.
    pub(crate) keys: Vec<String>,
    /// Value of `--policy`.
    pub(crate) policy: Option<PathBuf>,
    /// `--json`.
    pub(crate) json: bool,
    /// `--show`.
    pub(crate) show: bool,
    /// The files.
    pub(crate) files: Vec<PathBuf>,
}

impl Arguments {
    /// Reads the arguments after the program's name; an error is a sentence.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Asked, String> {
        let mut asked = Self::default();
        let mut arguments = arguments.into_iter();
        let mut options = true;
        while let Some(argument) = arguments.next() {
            let text = argument.to_str().unwrap_or_default().to_owned();
            if !options || !text.starts_with('-') {
                asked.files.push(argument.into());
                continue;
            }
            let (name, inline) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text, None),
            };
            let mut value = || {
                let next = inline
                    .clone()
                    .map(OsString::from)
                    .or_else(|| arguments.next());
                next.ok_or_else(|| format!("{name} needs a value"))
            };
            match name.as_str() {
                "--key" => {
                    let key = value()?.into_string();
                    asked
                        .keys
                        .push(key.map_err(|_| "--key is not a text".to_owned())?);
                }
                "--policy" if asked.policy.is_some() => {
                    return Err("--policy is given twice".to_owned());
                }
                "--policy" => asked.policy = Some(value()?.into()),
                _ if inline.is_some() => return Err(format!("{name} takes no value")),
                "--json" => asked.json = true,
                "--show" => asked.show = true,
                "--help" | "-h" => return Ok(Asked::Help),
                "--version" => return Ok(Asked::Version),
                "--" => options = false,
                _ => return Err(format!("unknown option {name}")),
            }
        }
        asked.checked()
    }

    fn checked(self) -> Result<Asked, String> {
        if self.files.is_empty() {
            return Err("no file to check".to_owned());
        }
        if self.policy.is_some() && !self.keys.is_empty() {
            return Err(
                "--key and --policy exclude each other: a policy names its logs".to_owned(),
            );
        }
        if self.json && self.show {
            return Err("--json and --show exclude each other".to_owned());
        }
        Ok(Asked::Check(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: Result<(usize, usize), &str>) {
        let arguments = line
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(OsString::from);
        let got = Arguments::parse(arguments).map(|asked| match asked {
            Asked::Check(asked) => (asked.keys.len(), asked.files.len()),
            Asked::Help | Asked::Version => (0, 0),
        });
        assert_eq!(got, expect.map_err(str::to_owned), "{line}");
    }

    #[test]
    fn arguments() {
        check("a.zip", Ok((0, 1)));
        check("--key k a.zip --key=l b", Ok((2, 2)));
        check("--key k+id+a=b== a", Ok((1, 1)));
        check("--json a -- --json", Ok((0, 2)));
        check("--help", Ok((0, 0)));
        check("-h --what", Ok((0, 0)));
        check("", Err("no file to check"));
        check("--key", Err("--key needs a value"));
        check("--what a", Err("unknown option --what"));
        check("--json=1 a", Err("--json takes no value"));
        check("--policy p --policy p a", Err("--policy is given twice"));
        check(
            "--policy p --key k a",
            Err("--key and --policy exclude each other: a policy names its logs"),
        );
        check(
            "--json --show a",
            Err("--json and --show exclude each other"),
        );
    }

    #[test]
    fn the_help_fits_a_terminal() {
        let help = help("countersign-verify");
        assert!(help.lines().all(|line| line.len() <= 100));
        assert!(help.contains("    countersign-verify [--key KEY]"));
    }
}
