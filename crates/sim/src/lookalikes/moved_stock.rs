//! Moved stock: a pallet's worth stands in another zone than in the morning, because somebody put
//! it there and said so, shortly before its old zone is counted.

use crate::clock::shifted;
use crate::draft::{Draft, Move};
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_count(chance)?;
    let count = draft.counts.get(no)?;
    let (place, at) = (count.place, shifted(count.opens, -chance.between(30, 90)));
    let site = draft.atlas.place(place).site;
    let zones = draft.atlas.site(site).zones.iter().copied();
    let others: Vec<_> = zones.filter(|zone| *zone != place).collect();
    let to = chance.pick(&others).copied()?;
    let n = chance.count(3, 8);
    let units = draft.take_idle(place, n, chance);
    draft.moves.push(Move {
        to,
        at,
        units: units.clone(),
    });
    let mut row = draft.row_of_count(no, "moved_stock", &units);
    row.places.extend(draft.names_of(to));
    Some(row)
}
