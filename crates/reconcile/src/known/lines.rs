//! Lines of manifests with a unit: all that were ever said, those of one manifest beside each other.
//!
//! The lines of standing manifests that name one unit are a list through the same table.

use super::manifests::ManifestTerms;
use super::units::LineRef;
use crate::number::{DocNo, LineNo, UnitNo, ValueNo, WordNo};
use crate::packed::money::PackedMoney;
use crate::packed::paged::Paged;
use crate::packed::run::Run;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::coded;
use crate::snapshot::sections::{Keeper, Kept};
use countersign_model::quantity::Money;

/// A line, and the next one of the same unit: sixteen bytes.
#[derive(Clone, Copy, Debug)]
struct Row {
    manifest: DocNo,
    name: WordNo,
    unit: UnitNo,
    next: Option<LineNo>,
}

/// What a manifest says in a line with one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineTerms {
    pub(crate) line: WordNo,
    pub(crate) unit: UnitNo,
    pub(crate) value: Option<PackedMoney>,
    /// The unit is a seal on the load's doors.
    pub(crate) is_seal: bool,
}

impl LineTerms {
    pub(crate) fn value(&self) -> Option<Money> {
        self.value?.money()
    }
}

/// See the module. The list of a unit is known by its first line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    rows: Paged<LineNo, Option<Row>>,
    /// Of the lines of manifests that say a value.
    values: Paged<ValueNo, Option<PackedMoney>>,
}

impl Lines {
    /// Adds the lines of a manifest, its seals last.
    pub(crate) fn say(
        &mut self,
        manifest: DocNo,
        said: &[LineTerms],
    ) -> (Run<LineNo>, Run<ValueNo>) {
        let (mut lines, mut values) = (Run::default(), Run::default());
        for line in said {
            let row = Row {
                manifest,
                name: line.line,
                unit: line.unit,
                next: None,
            };
            lines.add(self.rows.push(Some(row)));
        }
        if said.iter().any(|line| line.value.is_some()) {
            for line in said {
                values.add(self.values.push(line.value));
            }
        }
        (lines, values)
    }

    /// One line of a manifest with these terms.
    pub(crate) fn terms(&self, of: &ManifestTerms, line: LineNo) -> LineTerms {
        let row = self.row(line);
        let value = of.values.beside(of.lines, line);
        LineTerms {
            line: row.name,
            unit: row.unit,
            value: value.and_then(|value| *self.values.row(value)),
            is_seal: of.is_seal(line),
        }
    }

    /// The unit of a line.
    pub(crate) fn unit(&self, line: LineNo) -> UnitNo {
        self.row(line).unit
    }

    /// Puts a line before the list of its unit; returns the new list.
    pub(crate) fn link(&mut self, list: Option<LineNo>, line: LineNo) -> Option<LineNo> {
        self.row_mut(line).next = list;
        Some(line)
    }

    /// Takes the lines of a manifest out of a list; returns what is left.
    pub(crate) fn unlink(&mut self, list: Option<LineNo>, manifest: DocNo) -> Option<LineNo> {
        let kept: Vec<LineRef> = self.of(list).collect();
        let kept = kept.into_iter().rev();
        let kept = kept.filter(|line| line.manifest != manifest);
        kept.fold(None, |list, line| self.link(list, line.line))
    }

    /// The lines of a list.
    pub(crate) fn of(&self, list: Option<LineNo>) -> impl Iterator<Item = LineRef> {
        let mut next = list;
        std::iter::from_fn(move || {
            let line = next?;
            let row = self.row(line);
            next = row.next;
            Some(LineRef {
                manifest: row.manifest,
                line,
            })
        })
    }

    fn row(&self, line: LineNo) -> &Row {
        let row = self.rows.row(line).as_ref();
        row.expect("a number is given out for a line")
    }

    fn row_mut(&mut self, line: LineNo) -> &mut Row {
        let row = self.rows.row_mut(line).as_mut();
        row.expect("a number is given out for a line")
    }
}

coded! {
    Row { manifest, name, unit, next }
}

impl Lines {
    pub(crate) fn keep(&self, out: &mut Keeper) {
        out.rows("lines", &self.rows);
        out.rows("line_values", &self.values);
    }

    pub(crate) fn resume(from: &mut Kept<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            rows: from.rows("lines")?,
            values: from.rows("line_values")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number as _;

    #[test]
    fn lists_share_a_table() {
        let mut lines = Lines::default();
        let (mut one, mut two) = (None, None);
        for at in 0..4 {
            let said = [0, 1].map(|unit| LineTerms {
                line: WordNo::of(unit),
                unit: UnitNo::of(unit),
                value: None,
                is_seal: false,
            });
            let (run, _) = lines.say(DocNo::of(at), &said);
            let numbers: Vec<LineNo> = run.numbers().collect();
            let [first, second] = numbers[..] else {
                panic!("two lines")
            };
            one = lines.link(one, first);
            two = lines.link(two, second);
        }
        one = lines.unlink(one, DocNo::of(2));
        let manifests: Vec<usize> = lines.of(one).map(|line| line.manifest.at()).collect();
        assert_eq!(manifests, [3, 1, 0]);
        assert_eq!(lines.of(two).count(), 4);
        assert_eq!(lines.of(None).count(), 0);
    }
}
