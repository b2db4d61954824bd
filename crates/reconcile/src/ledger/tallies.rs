//! Which manifests must be held again against what was counted under them (`judge/tally.rs`).

use super::Ledger;
use crate::known::units::LineRef;
use crate::number::UnitNo;
use crate::touched::Touched;

impl Ledger {
    /// A line stands otherwise than before.
    pub(super) fn line_moved(&mut self, line: LineRef) {
        if self.known.tallied.contains(&line.manifest) {
            self.tallies.insert(line.manifest);
        }
    }

    /// What holds others is no unit that is counted: of these the content is another.
    pub(super) fn touch_tallies(&self, holders: &[UnitNo], touched: &mut Touched) {
        if self.known.tallied.is_empty() {
            return;
        }
        let lines = holders.iter().flat_map(|unit| self.known.lines_of(*unit));
        let docs = lines.map(|line| line.manifest);
        touched
            .amounts
            .extend(docs.filter(|doc| self.known.tallied.contains(doc)));
    }
}
