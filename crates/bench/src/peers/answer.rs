//! What a reconciliation is asked, as lines that can be compared.
//!
//! | line | says |
//! |---|---|
//! | `unit\|MANIFEST\|LINE\|STAGE\|UNIT` | it is short: not seen by the deadline of that stage, `depart` or `arrive` |
//! | `amount\|MANIFEST\|LINE\|STAGE\|N` | so much less than said left, or came, by the deadline |
//! | `stock\|SITE\|CLASS\|N` | so much of a class is held at a site |
//! | `held\|SITE\|N` | so many units arrived at a site |

use std::collections::BTreeSet;
use std::path::Path;

use crate::Failure;

/// Differences that are shown.
const SHOWN_MAX: usize = 5;

/// The lines, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer(BTreeSet<String>);

impl Answer {
    /// Of a file with a line each.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path)?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// How many lines there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// How many lines say that something is short.
    pub(crate) fn short(&self) -> usize {
        let is_short = |line: &&String| line.starts_with("unit|") || line.starts_with("amount|");
        self.0.iter().filter(is_short).count()
    }

    /// The same answer, or the first lines that only one of both has.
    pub(crate) fn same_as(&self, other: &Self, whose: &str) -> Result<(), Failure> {
        let only = |a: &Self, b: &Self, sign: &str| -> Vec<String> {
            let lines = a.0.difference(&b.0);
            let shown = lines.map(|line| format!("{sign} {line}"));
            shown.take(SHOWN_MAX).collect()
        };
        let differences = [only(self, other, "-"), only(other, self, "+")].concat();
        if differences.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{whose} answers otherwise (- ours, + theirs):\n{}",
            differences.join("\n")
        )
        .into())
    }
}

impl FromIterator<String> for Answer {
    fn from_iter<I: IntoIterator<Item = String>>(lines: I) -> Self {
        Self(lines.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(lines: &[&str]) -> Answer {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_line_that_one_has_alone_is_a_difference() {
        let ours = answer(&["held|a|1", "unit|m|1|depart|u"]);
        assert!(ours.same_as(&ours.clone(), "it").is_ok());
        assert_eq!((ours.len(), ours.short()), (2, 1));
        let theirs = answer(&["held|a|2", "unit|m|1|depart|u"]);
        let error = ours
            .same_as(&theirs, "it")
            .expect_err("differs")
            .to_string();
        assert!(error.ends_with("- held|a|1\n+ held|a|2"), "{error}");
    }
}
