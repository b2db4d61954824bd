//! Pages of the history that were read lately: at most so many, each where its number says.

use countersign_ports::StoreError;

use super::PAGE_BYTES;
use crate::limits::HISTORY_CACHE_PAGES_MAX;

/// Pages that were read, each in the one slot where its number may be.
#[derive(Default)]
pub(super) struct PageCache {
    slots: Vec<Option<(u64, Box<[u8; PAGE_BYTES]>)>>,
}

impl PageCache {
    /// A page; `read` fills one that is not there.
    pub(super) fn page(
        &mut self,
        number: u64,
        read: impl FnOnce(&mut [u8]) -> Result<(), StoreError>,
    ) -> Result<&[u8], StoreError> {
        if self.slots.is_empty() {
            self.slots.resize_with(HISTORY_CACHE_PAGES_MAX, || None);
        }
        let slot = number % HISTORY_CACHE_PAGES_MAX as u64;
        let slot = usize::try_from(slot).unwrap_or_default();
        let slot = self.slots.get_mut(slot);
        let slot = slot.expect("there are as many as the divisor");
        let page = match slot.take() {
            Some((there, page)) if there == number => page,
            other => {
                let mut page = other.map_or_else(|| Box::new([0; PAGE_BYTES]), |(_, page)| page);
                read(page.as_mut_slice())?;
                page
            }
        };
        let (_, page) = slot.insert((number, page));
        Ok(page.as_slice())
    }
}

impl std::fmt::Debug for PageCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PageCache({})", self.slots.iter().flatten().count())
    }
}
