//! Lists through one table: each thing that is said of something points to the one said before it.

use super::paged::Paged;
use crate::history::bytes::{Reader, Writer};
use crate::number::Number;
use crate::snapshot::Unreadable;
use crate::snapshot::coded::Coded;
use crate::snapshot::sections::{Keeper, Kept};

/// One thing of a list, and the one before it.
#[derive(Clone, Copy, Debug)]
struct Link<N, T> {
    thing: T,
    before: Option<N>,
}

/// Lists of things, to which one may be added and none taken away. A list is known by the number of its
/// newest thing.
#[derive(Clone, Debug)]
pub(crate) struct Chains<N, T> {
    links: Paged<N, Option<Link<N, T>>>,
}

impl<N, T> Default for Chains<N, T> {
    fn default() -> Self {
        Self {
            links: Paged::default(),
        }
    }
}

impl<N: Number, T: Copy> Chains<N, T> {
    /// Adds to a list, whose new name is put in place of the old one.
    pub(crate) fn add(&mut self, list: &mut Option<N>, thing: T) {
        let before = *list;
        *list = Some(self.links.push(Some(Link { thing, before })));
    }

    /// All things of all lists, in the order in which they were added.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (N, &T)> {
        let rows = self.links.rows();
        rows.filter_map(|(number, link)| Some((number, &link.as_ref()?.thing)))
    }

    /// The things of a list, the newest first.
    pub(crate) fn of(&self, list: Option<N>) -> impl Iterator<Item = &T> + Clone {
        let link = |number: Option<N>| self.links.get(number?)?.as_ref();
        std::iter::successors(link(list), move |one| link(one.before)).map(|one| &one.thing)
    }
}

impl<N: Coded, T: Coded> Coded for Link<N, T> {
    fn put(&self, out: &mut Writer) {
        self.thing.put(out);
        self.before.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            thing: Coded::take(from)?,
            before: Coded::take(from)?,
        })
    }
}

impl<N, T> Chains<N, T>
where
    N: Number + Coded + std::fmt::Debug + Send + Sync + 'static,
    T: Coded + Copy + std::fmt::Debug + Send + Sync + 'static,
{
    pub(crate) fn keep(&self, section: &'static str, out: &mut Keeper) {
        out.rows(section, &self.links);
    }

    /// The lists of a table in which each thing was added behind those before it, as `heads` name them.
    pub(crate) fn resume(
        section: &'static str,
        from: &mut Kept<'_>,
        mut heads: impl Iterator<Item = N>,
    ) -> Result<Self, Unreadable> {
        let links: Paged<N, Option<Link<N, T>>> = from.rows(section)?;
        let is_earlier = |number: N, link: &Link<N, T>| link.before.is_none_or(|at| at < number);
        let ends = links
            .rows()
            .all(|(number, link)| link.as_ref().is_some_and(|link| is_earlier(number, link)));
        match ends && heads.all(|head| head.at() < links.len()) {
            true => Ok(Self { links }),
            false => Err(Unreadable { section, page: 0 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::SaidNo;

    #[test]
    fn lists_share_a_table() {
        let mut chains: Chains<SaidNo, u32> = Chains::default();
        let (mut one, mut two) = (None, None);
        for at in 0..4 {
            chains.add(&mut one, at);
            chains.add(&mut two, 10 + at);
        }
        assert_eq!(chains.of(one).collect::<Vec<_>>(), [&3, &2, &1, &0]);
        assert_eq!(chains.of(two).collect::<Vec<_>>(), [&13, &12, &11, &10]);
        assert_eq!(chains.of(None).count(), 0);
    }
}
