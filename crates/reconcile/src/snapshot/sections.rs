//! The sections of a snapshot: tables by pages, and what is small as one page.

use std::fmt::Debug;

use super::coded::Coded;
use super::{Pages, Unreadable};
use crate::history::bytes::{Reader, Writer};
use crate::number::Number;
use crate::packed::paged::Paged;

/// A part of a snapshot: see [`super::Snapshot::sections`].
#[derive(Debug)]
pub struct Section {
    name: &'static str,
    content: Box<dyn Content>,
}

impl Section {
    /// Its name in the snapshot.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// How many pages it has.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.content.pages()
    }

    /// The bytes of a page, counted from 0; none of one that is not there.
    #[must_use]
    pub fn page(&self, page: usize) -> Vec<u8> {
        let mut out = Writer::default();
        self.content.put(page, &mut out);
        out.bytes
    }
}

/// What is in a section.
trait Content: Debug + Send + Sync {
    fn pages(&self) -> usize;
    fn put(&self, page: usize, out: &mut Writer);
}

#[derive(Debug)]
struct Rows<N, T>(Paged<N, T>);

impl<N, T> Content for Rows<N, T>
where
    N: Number + Debug + Send + Sync,
    T: Coded + Clone + Default + Debug + Send + Sync,
{
    /// A table without rows has an empty page.
    fn pages(&self) -> usize {
        self.0.pages().max(1)
    }

    /// How many rows follow, and whether they are the last ones; then the rows.
    fn put(&self, page: usize, out: &mut Writer) {
        let rows = self.0.page(page);
        let is_last = page + 1 == self.pages();
        ((rows.len() as u64), is_last).put(out);
        for row in rows {
            row.put(out);
        }
    }
}

#[derive(Debug)]
struct Whole<T>(T);

impl<T: Coded + Debug + Send + Sync> Content for Whole<T> {
    fn pages(&self) -> usize {
        1
    }

    fn put(&self, page: usize, out: &mut Writer) {
        if page == 0 {
            self.0.put(out);
        }
    }
}

/// Gathers the sections of a snapshot.
#[derive(Debug, Default)]
pub(crate) struct Keeper {
    pub(crate) sections: Vec<Section>,
}

impl Keeper {
    /// A table, whose pages are shared.
    pub(crate) fn rows<N, T>(&mut self, name: &'static str, table: &Paged<N, T>)
    where
        N: Number + Debug + Send + Sync + 'static,
        T: Coded + Clone + Default + Debug + Send + Sync + 'static,
    {
        self.add(name, Rows(table.clone()));
    }

    /// What is small enough to be copied.
    pub(crate) fn whole<T: Coded + Debug + Send + Sync + 'static>(
        &mut self,
        name: &'static str,
        of: T,
    ) {
        self.add(name, Whole(of));
    }

    fn add(&mut self, name: &'static str, content: impl Content + 'static) {
        let content = Box::new(content);
        self.sections.push(Section { name, content });
    }
}

/// Gives the sections of a snapshot back.
#[derive(Debug)]
pub(crate) struct Kept<'a> {
    pages: &'a dyn Pages,
    bytes: Vec<u8>,
}

impl<'a> Kept<'a> {
    pub(crate) const fn of(pages: &'a dyn Pages) -> Self {
        Self {
            pages,
            bytes: Vec::new(),
        }
    }

    /// A table.
    pub(crate) fn rows<N, T>(&mut self, section: &'static str) -> Result<Paged<N, T>, Unreadable>
    where
        N: Number,
        T: Coded + Clone + Default,
    {
        let pages = self.pages_of(section)?;
        let mut table = Paged::default();
        for page in 0..pages {
            let unreadable = Unreadable { section, page };
            let mut from = self.read(section, page)?;
            let is_last = page + 1 == pages;
            let rows = take_rows(&mut from, is_last).filter(|_| from.is_at_end());
            let added = rows.and_then(|rows| table.push_page(rows, is_last));
            added.ok_or(unreadable)?;
        }
        Ok(table)
    }

    /// What was copied.
    pub(crate) fn whole<T: Coded>(&mut self, section: &'static str) -> Result<T, Unreadable> {
        let unreadable = Unreadable { section, page: 0 };
        if self.pages_of(section)? != 1 {
            return Err(unreadable);
        }
        let mut from = self.read(section, 0)?;
        let whole = T::take(&mut from).filter(|_| from.is_at_end());
        whole.ok_or(unreadable)
    }

    fn pages_of(&self, section: &'static str) -> Result<usize, Unreadable> {
        let pages = self.pages.pages(section).filter(|pages| *pages > 0);
        pages.ok_or(Unreadable { section, page: 0 })
    }

    fn read(&mut self, section: &'static str, page: usize) -> Result<Reader<'_>, Unreadable> {
        match self.pages.read(section, page, &mut self.bytes) {
            true => Ok(Reader::of(&self.bytes)),
            false => Err(Unreadable { section, page }),
        }
    }
}

fn take_rows<T: Coded>(from: &mut Reader<'_>, is_last: bool) -> Option<Vec<T>> {
    let (len, says_last) = <(u64, bool)>::take(from)?;
    // No row takes less than a byte, so that no page asks for more room than it has.
    let mut rows = Vec::with_capacity(
        usize::try_from(len)
            .ok()
            .filter(|len| *len <= from.left())?,
    );
    for _ in 0..len {
        rows.push(T::take(from)?);
    }
    (says_last == is_last).then_some(rows)
}
