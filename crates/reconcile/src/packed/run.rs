//! Rows of a table that lie beside each other.

use crate::history::bytes::{Reader, Writer};
use crate::number::Number;
use crate::snapshot::coded::Coded;

/// So many rows from one on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<N> {
    first: Option<N>,
    len: u32,
}

impl<N> Default for Run<N> {
    fn default() -> Self {
        Self {
            first: None,
            len: 0,
        }
    }
}

impl<N: Number> Run<N> {
    /// Adds a row that lies behind all others.
    pub(crate) fn add(&mut self, row: N) {
        self.first.get_or_insert(row);
        self.len += 1;
    }

    pub(crate) const fn len(self) -> usize {
        self.len as usize
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.len == 0
    }

    pub(crate) fn numbers(self) -> impl Iterator<Item = N> {
        let first = self.first.map_or(0, N::at);
        (first..first + self.len()).map(N::of)
    }

    /// How far from the first a row lies; `None` if it is before it.
    pub(crate) fn distance(self, row: N) -> Option<usize> {
        row.at().checked_sub(self.first?.at())
    }

    /// The row that lies as far from the first as `other` does from the first of its own run.
    pub(crate) fn beside<M: Number>(self, run: Run<M>, other: M) -> Option<N> {
        let distance = run.distance(other)?;
        (distance < self.len()).then(|| N::of(self.first.map_or(0, N::at) + distance))
    }
}

impl<N: Coded> Coded for Run<N> {
    fn put(&self, out: &mut Writer) {
        self.first.put(out);
        self.len.put(out);
    }

    /// Rows have a first one.
    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let (first, len) = (<Option<N> as Coded>::take(from)?, u32::take(from)?);
        (first.is_some() == (len > 0)).then_some(Self { first, len })
    }
}
