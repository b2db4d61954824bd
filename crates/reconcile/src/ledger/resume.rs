//! The ledger's state into a snapshot, and back.

use std::collections::BTreeSet;

use super::Ledger;
use crate::books::Books;
use crate::history::History;
use crate::known::Known;
use crate::known::desk::Desk;
use crate::packed::hash::Secret;
use crate::progress::Progress;
use crate::snapshot::sections::{Keeper, Kept};
use crate::snapshot::{Head, Pages, Snapshot, Unreadable};
use crate::standing::{Judged, Standing};
use crate::touched::Touched;

impl Ledger {
    /// What the ledger is now, behind one batch and before the next. `None` while an import is open, or
    /// something was approved that the next batch will settle: then not all of it is judged. `None` too
    /// where the history could not be read.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        let is_settled = self.imports.is_empty() && self.touched.is_nothing();
        if !is_settled || self.desk.is_lacking() {
            return None;
        }
        let mut out = Keeper::default();
        let history = self.history.bytes();
        out.whole("head", Head::now(self.index, history));
        self.known.keep(&mut out);
        self.books.keep(&mut out);
        out.whole("class_amounts", self.classes.clone());
        self.progress.keep(&mut out);
        out.rows("bookmarks", &self.bookmarks);
        let judged: Vec<Judged> = self.standing.judged().collect();
        out.whole("standing", judged);
        out.whole("timers", self.timers.clone());
        out.whole("waiting", self.waiting.clone());
        Some(Snapshot::of(self.index, history, out.sections))
    }

    /// The ledger that a snapshot is of, over the history that it had then: it goes on with the batch
    /// behind [`Ledger::index`]. `secret` is random, and may be another one.
    ///
    /// # Errors
    /// [`Unreadable`] names what does not read, or the first page of all (`head`) if it was written by
    /// another version, or is over a longer or shorter history, or `standing` if the history does not read.
    pub fn resume(
        pages: &dyn Pages,
        history: Box<dyn History>,
        secret: u64,
    ) -> Result<Self, Unreadable> {
        let mut from = Kept::of(pages);
        let head: Head = from.whole("head")?;
        if !head.fits(history.bytes()) {
            let section = "head";
            return Err(Unreadable { section, page: 0 });
        }
        let mut ledger = Self {
            known: Known::resume(Secret::new(secret), &mut from)?,
            history,
            desk: Desk::default(),
            books: Books::resume(&mut from)?,
            classes: from.whole("class_amounts")?,
            progress: Progress::resume(&mut from)?,
            bookmarks: from.rows("bookmarks")?,
            standing: Standing::default(),
            timers: from.whole("timers")?,
            waiting: from.whole("waiting")?,
            tallies: BTreeSet::new(),
            // Found again when they are judged.
            silent: BTreeSet::new(),
            touched: Touched::default(),
            imports: BTreeSet::new(),
            index: head.index,
        };
        for pair in ledger.known.aliases.pairs().collect::<Vec<_>>() {
            ledger.known.restand_alias(pair);
        }
        let section = "standing";
        ledger.judge_again(from.whole(section)?);
        // What stands is not what it was if the history does not read.
        match ledger.desk.is_lacking() {
            true => Err(Unreadable { section, page: 0 }),
            false => Ok(ledger),
        }
    }

    /// What stood before stands again.
    fn judge_again(&mut self, standing: Vec<Judged>) {
        let touched = &mut self.touched;
        let mut rivals = Vec::new();
        for judged in standing {
            match judged {
                Judged::Unit(unit) => touched.units.push(unit),
                Judged::Count(doc) | Judged::CountPlan(doc) => drop(touched.counts.insert(doc)),
                Judged::Document(doc) | Judged::DocumentPlan(doc) => {
                    touched.documents.insert(doc);
                }
                Judged::Class(class) => touched.refold(class),
                Judged::Amounts(doc) => drop(touched.amounts.insert(doc)),
                Judged::Claims(id) => drop(touched.conflicts.insert(id)),
                Judged::Source(source) => drop(touched.sources.insert(source)),
                Judged::ManifestPlan(_) | Judged::Milestone(_) => rivals.push(judged),
            }
        }
        let mut conflicts = std::mem::take(&mut self.touched.conflicts);
        for judged in rivals {
            self.judge_rivals(judged, &mut conflicts);
        }
        self.touched.conflicts = conflicts;
        // What is told of it was told when it was first judged.
        self.settle(&mut Vec::new());
    }
}
