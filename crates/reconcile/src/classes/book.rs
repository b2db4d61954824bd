//! The books of a class at a site while people count it there.

use countersign_model::claim::StepRole;
use countersign_model::decimal::Decimal;
use countersign_model::time::Timestamp;

use super::{Amounts, at, plus, whole_count};
use crate::judge::variance::Counted;
use crate::known::View;
use crate::known::class_events::ClassKey;
use crate::number::{EventNo, PlaceNo};

/// What the books have of a class at a site while it is counted.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    /// From the first counting event to the last.
    pub(crate) least: Decimal,
    pub(crate) most: Decimal,
    /// An earlier count of the whole site counted it: it is no news that there is any.
    pub(crate) was_counted: bool,
    /// The newest observation before the count.
    pub(crate) since: Option<Timestamp>,
    /// What two people set right at the site behind the count.
    pub(crate) adjusted_since: Decimal,
}

impl Book {
    /// `all` are the observations of the class, in the total order.
    pub(crate) fn during(
        known: View<'_>,
        class: ClassKey,
        all: &[EventNo],
        (site, counted): (PlaceNo, &Counted),
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
        let (from, until) = counted.during;
        let mut is_open = false;
        for event in all {
            let row = known.event(*event);
            if row.time > until {
                break;
            }
            while let Some(adjustment) = adjustments.next_if(|a| a.instant < row.time) {
                amounts.adjust(&known, adjustment);
                book.widen(is_open, at(&amounts.held, site));
            }
            if !is_open && row.time >= from {
                is_open = true;
                let now = at(&amounts.held, site);
                (book.least, book.most) = (now, now);
            }
            if counted.has(*event) {
                continue;
            }
            amounts.observe(known, class, *event);
            let here = known.place_of(row).map(|place| known.atlas.site(place));
            if !is_open && here == Some(site) && known.is_effective(*event) {
                book.since = Some(row.time);
                book.was_counted |=
                    row.role == StepRole::Counts && whole_count(known, row, site).is_some();
            }
            book.widen(is_open, at(&amounts.held, site));
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
