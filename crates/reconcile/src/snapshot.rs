//! Snapshots: what the ledger is at one point of the log, in pages that are written while it goes on.
//!
//! A snapshot shares its pages with the ledger until that writes them, so that taking one stops
//! nobody; pages are made into bytes when they are asked for, by whoever writes them. What follows from
//! the rest is not in it: hash slots, shelves, counts, which keys are one unit. Of the discrepancies
//! that stand it says whose judgement they are: they are judged again from the history (CUS-4).
//!
//! What is read back is exact or an error. That a page is the one that was written is for the store to
//! say: but for the heads of lists, numbers in it are not looked up in their tables.

pub(crate) mod sections;
mod words;

/// What tables are written in.
pub(crate) mod coded {
    pub(crate) use countersign_model::coded::Coded;
    pub(crate) use countersign_model::{coded, coded_cases, coded_words};
}

use std::collections::BTreeMap;

use countersign_model::entry::Index;
use countersign_model::fold::Fold as _;

use crate::ledger::Ledger;
pub use sections::Section;

/// How pages are written. Rises with each change of a table or of how it is written.
const FORMAT: u32 = 2;

/// What a ledger is at one point of the log: sections by name, each of some pages.
#[derive(Debug)]
pub struct Snapshot {
    index: Index,
    history: u64,
    sections: Vec<Section>,
}

/// Gives back the pages of a snapshot (a port: the ledger itself has no IO).
pub trait Pages: std::fmt::Debug {
    /// How many pages a section has; `None` if there is none of that name.
    fn pages(&self, section: &str) -> Option<usize>;

    /// Puts a page, counted from 0, into `bytes`, which is emptied first; `false` if it cannot be read.
    fn read(&self, section: &str, page: usize, bytes: &mut Vec<u8>) -> bool;
}

/// Pages in memory: for tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written(pub BTreeMap<String, Vec<Vec<u8>>>);

impl Pages for Written {
    fn pages(&self, section: &str) -> Option<usize> {
        self.0.get(section).map(Vec::len)
    }

    fn read(&self, section: &str, page: usize, bytes: &mut Vec<u8>) -> bool {
        bytes.clear();
        let found = self.0.get(section).and_then(|pages| pages.get(page));
        bytes.extend(found.into_iter().flatten());
        found.is_some()
    }
}

/// A page of a snapshot that is absent, or that no ledger of this version wrote: the ground must be
/// folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The name of its section.
    pub section: &'static str,
    /// Which page, counted from 0.
    pub page: usize,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { section, page } = self;
        write!(
            f,
            "page {page} of the section `{section}` of the snapshot does not read"
        )
    }
}

impl std::error::Error for Unreadable {}

impl Snapshot {
    pub(crate) const fn of(index: Index, history: u64, sections: Vec<Section>) -> Self {
        Self {
            index,
            history,
            sections,
        }
    }

    /// Index of the last batch that it holds.
    #[must_use]
    pub const fn index(&self) -> Index {
        self.index
    }

    /// How many bytes of the history belong to it.
    #[must_use]
    pub const fn history(&self) -> u64 {
        self.history
    }

    /// Its sections, in the order in which they are read.
    #[must_use]
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// All of it as bytes.
    #[must_use]
    pub fn written(&self) -> Written {
        let sections = self.sections.iter().map(|section| {
            let pages = (0..section.pages()).map(|page| section.page(page));
            (section.name().to_owned(), pages.collect())
        });
        Written(sections.collect())
    }
}

/// What the first section says: how the others are written, and of what they are.
#[derive(Debug)]
pub(crate) struct Head {
    format: u32,
    fold: u32,
    pub(crate) index: Index,
    /// Bytes of the history.
    pub(crate) history: u64,
}

coded::coded! {
    Head { format, fold, index, history }
}

impl Head {
    pub(crate) const fn now(index: Index, history: u64) -> Self {
        Self {
            format: FORMAT,
            fold: Ledger::VERSION,
            index,
            history,
        }
    }

    /// Whether it was written by this code, over a history of that length.
    pub(crate) fn fits(&self, history: u64) -> bool {
        (self.format, self.fold, self.history) == (FORMAT, Ledger::VERSION, history)
    }
}
