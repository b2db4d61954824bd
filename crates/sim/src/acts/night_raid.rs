//! Night raid: between the taking of stock and the first picking the camera and the alarm panel of
//! a warehouse are cut off, and racks are carried out. The silence is there to be heard at once; the
//! count in the afternoon finds what is gone.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_count(chance)?;
    let place = draft.counts.get(no)?.place;
    let watchers = draft.atlas.watchers_of(draft.atlas.place(place).site);
    let n = chance.count(8, 25);
    let stolen = draft.take_idle(place, n, chance);
    let from = draft.day.at(2, 42);
    draft.darken(watchers.clone(), from, chance.between(75, 140));
    let count = draft.counts.get_mut(no)?;
    count.gone.extend(stolen.iter().copied());
    Some(TruthRow {
        act: true,
        from,
        sources: draft.atlas.ids_of(&watchers),
        kinds: vec!["missing_units".to_owned(), "source_silent".to_owned()],
        ..draft.row_of_count(no, "night_raid", &stolen)
    })
}
