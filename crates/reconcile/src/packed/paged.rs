//! Rows by number, in pages that two copies of a table share until one of them writes.
//!
//! A copy of the whole table is a copy of the list of its pages: that is how a snapshot is taken
//! while the ledger goes on. A page that is written afterwards is copied once.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::number::Number;

/// Bytes of a page, if its rows fill it: a copy of one takes two microseconds, and ten million rows of
/// sixteen bytes are a list of ten thousand pages.
const PAGE_BYTES: usize = 16 << 10;

/// Rows of one size by number; see the module.
#[derive(Clone, Debug)]
pub(crate) struct Paged<N, T> {
    pages: Vec<Arc<[T]>>,
    len: usize,
    number: PhantomData<N>,
}

impl<N, T> Default for Paged<N, T> {
    fn default() -> Self {
        Self {
            pages: Vec::new(),
            len: 0,
            number: PhantomData,
        }
    }
}

impl<N, T> Paged<N, T> {
    /// Rows in a page: a power of two.
    const PAGE_ROWS: usize = 1 << (PAGE_BYTES / size_of::<T>()).ilog2();

    pub(crate) const fn len(&self) -> usize {
        self.len
    }
}

impl<N: Number, T: Clone + Default> Paged<N, T> {
    pub(crate) fn push(&mut self, row: T) -> N {
        let number = N::of(self.len);
        self.fill(self.len + 1);
        *self.row_mut(number) = row;
        number
    }

    /// Fills up with empty rows to `len` rows.
    pub(crate) fn fill(&mut self, len: usize) {
        while self.pages.len() * Self::PAGE_ROWS < len {
            let rows = std::iter::repeat_n(T::default(), Self::PAGE_ROWS);
            self.pages.push(rows.collect());
        }
        self.len = self.len.max(len);
    }

    /// The row, or `None` for a number that this table does not follow yet.
    pub(crate) fn get(&self, number: N) -> Option<&T> {
        let at = number.at();
        let page = self.pages.get(at / Self::PAGE_ROWS)?;
        page.get(at % Self::PAGE_ROWS).filter(|_| at < self.len)
    }

    pub(crate) fn row(&self, number: N) -> &T {
        self.get(number)
            .expect("a number is given out by its own table, and rows are never removed")
    }

    pub(crate) fn row_mut(&mut self, number: N) -> &mut T {
        let at = number.at();
        let page = self.pages.get_mut(at / Self::PAGE_ROWS);
        let row = page
            .map(Arc::make_mut)
            .and_then(|page| page.get_mut(at % Self::PAGE_ROWS));
        row.filter(|_| at < self.len)
            .expect("a number is given out by its own table, and rows are never removed")
    }

    pub(crate) const fn pages(&self) -> usize {
        self.pages.len()
    }

    /// The rows of a page that are in use; none of a page that is not there.
    pub(crate) fn page(&self, page: usize) -> &[T] {
        let rows = self.pages.get(page).map_or(&[][..], |rows| rows);
        let used = self.len.saturating_sub(page * Self::PAGE_ROWS);
        rows.get(..used.min(Self::PAGE_ROWS)).unwrap_or_default()
    }

    /// Adds a page; `None` if it has more or fewer rows than a page has. The last one may be begun, and the
    /// only one empty.
    pub(crate) fn push_page(&mut self, mut rows: Vec<T>, is_last: bool) -> Option<()> {
        let is_full = rows.len() == Self::PAGE_ROWS;
        if rows.is_empty() && self.len == 0 && is_last {
            return Some(());
        }
        let is_begun = is_last && (1..Self::PAGE_ROWS).contains(&rows.len());
        if !is_full && !is_begun {
            return None;
        }
        self.len += rows.len();
        rows.resize(Self::PAGE_ROWS, T::default());
        self.pages.push(rows.into());
        Some(())
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = N> + use<N, T> {
        (0..self.len).map(N::of)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = (N, &T)> {
        let rows = self.pages.iter().flat_map(|page| page.iter());
        let rows = rows.take(self.len).enumerate();
        rows.map(|(at, row)| (N::of(at), row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::UnitNo;

    #[test]
    fn a_copy_keeps_what_it_was_copied_from() {
        let mut table: Paged<UnitNo, u64> = Paged::default();
        for row in 0..10_000 {
            table.push(row);
        }
        let copy = table.clone();
        *table.row_mut(UnitNo::of(9999)) = 7;
        table.push(8);
        assert_eq!((*copy.row(UnitNo::of(9999)), copy.len()), (9999, 10_000));
        assert_eq!((*table.row(UnitNo::of(9999)), table.len()), (7, 10_001));
        assert_eq!(copy.get(UnitNo::of(10_000)), None);
        assert!(Arc::ptr_eq(
            copy.pages.first().expect("a page"),
            table.pages.first().expect("a page")
        ));
    }

    #[test]
    fn rows_beyond_the_last_are_none() {
        let mut table: Paged<UnitNo, u8> = Paged::default();
        table.fill(3);
        assert_eq!(table.get(UnitNo::of(2)), Some(&0));
        assert_eq!(table.get(UnitNo::of(3)), None);
    }
}
