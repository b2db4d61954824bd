//! The books of a class at a site while people count it there.

use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::time::Timestamp;

use super::{Amounts, at, plus};
use crate::known::View;
use crate::known::class_events::ClassKey;
use crate::number::{EventNo, PlaceNo};

/// What the books have of a class at a site while it is counted.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    /// From the first counting event to the last.
    pub(crate) least: Decimal,
    pub(crate) most: Decimal,
    /// An earlier count counted it there: it is no news that there is any.
    pub(crate) was_counted: bool,
    /// The newest observation before the count.
    pub(crate) since: Option<Timestamp>,
    /// What two people set right at the site behind the count.
    pub(crate) adjusted_since: Decimal,
}

impl Book {
    /// `all` are the observations of the class, `own` the counting events, both in the total order.
    pub(crate) fn during(
        known: View<'_>,
        class: ClassKey,
        all: &[EventNo],
        (site, own): (PlaceNo, &[EventNo]),
    ) -> Self {
        let row = known.classes.row(class);
        let mut adjustments = row.iter().flat_map(|row| &row.adjustments).peekable();
        let mut amounts = Amounts::default();
        let mut book = Self {
            least: Decimal::ZERO,
            most: Decimal::ZERO,
            was_counted: false,
            since: None,
            adjusted_since: Decimal::ZERO,
        };
        let (first, last) = (own.first(), own.last());
        let mut is_open = false;
        for event in all {
            let row = known.event(*event);
            while let Some(adjustment) = adjustments.next_if(|a| a.instant < row.time) {
                amounts.adjust(&known, adjustment);
                book.widen(is_open, at(&amounts.held, site));
            }
            if first == Some(event) {
                is_open = true;
                let now = at(&amounts.held, site);
                (book.least, book.most) = (now, now);
            }
            if !own.contains(event) {
                amounts.observe(known, class, *event);
                let here = known.place_of(row).map(|place| known.atlas.site(place));
                if !is_open && here == Some(site) && known.is_effective(*event) {
                    book.since = Some(row.time);
                    book.was_counted |= row.role == StepRole::Counts;
                }
                book.widen(is_open, at(&amounts.held, site));
            }
            if last == Some(event) {
                break;
            }
        }
        for adjustment in adjustments.filter(|it| known.atlas.site(it.place) == site) {
            book.adjusted_since = plus(book.adjusted_since, adjustment.difference);
        }
        book
    }

    fn widen(&mut self, is_open: bool, now: Decimal) {
        if is_open {
            self.least = self.least.min(now);
            self.most = self.most.max(now);
        }
    }
}
