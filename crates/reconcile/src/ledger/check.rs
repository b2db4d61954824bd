//! What stands, judged once more from every unit's history.

use super::Ledger;
use super::settle::judge_unit;
use crate::bookmark::{Bookmark, Rest};
use crate::judge::Case;
use crate::known::desk::Desk;
use crate::number::UnitNo;
use crate::walk::Walked;

impl Ledger {
    /// # Panics
    /// If what stands of the unit is not what its history gives, naming CUS-4.
    pub(super) fn assert_judged(&self, unit: UnitNo) {
        if self.known.aliases.root(unit) != unit {
            return;
        }
        let (mut desk, mut walked) = (Desk::default(), Walked::default());
        let judged = (unit, &mut walked);
        let judgement = judge_unit(&self.known, &*self.history, &mut desk, judged);
        if desk.is_lacking() {
            return;
        }
        let known = self.known.view(&desk);
        let case = Case::of(known, unit, &walked);
        let name = || known.atlas.names.units.text(unit);
        let bookmark = *self.bookmarks.row(unit);
        assert_eq!(
            self.books.account(unit),
            judgement.account,
            "CUS-4: the account of {} is the one that its history gives; {bookmark:?}",
            name()
        );
        for (line, states) in &judgement.lines {
            assert_eq!(
                self.progress.line(*line),
                *states,
                "CUS-4: {line:?} of {} stands as its history says; {bookmark:?}",
                name()
            );
        }
        if bookmark.rest != Rest::Unread {
            assert_eq!(
                bookmark,
                Bookmark::of(&case, &judgement),
                "CUS-4: the bookmark of {} stands where its history ends",
                name()
            );
        }
    }
}
