//! Staged loss: at a hub cartons that should go on are said to be damaged and destroyed. The
//! manifest still sends them on, so they are missing from the next truck.

use crate::clock::shifted;
use crate::draft::Draft;
use crate::event::Event;
use crate::load::Begins;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| {
        load.begins == Begins::CrossDock && load.counted.is_empty() && load.units.len() >= 4
    })?;
    let n = chance.count(1, 3);
    let stolen = draft.some_loose(no, n, chance);
    draft.quirks(no).absent.extend(stolen.iter().copied());
    let load = draft.load(no);
    let (place, at) = (load.dock_from, shifted(load.ready, -chance.between(62, 75)));
    let row = TruthRow {
        act: true,
        from: shifted(at, -60),
        kinds: vec!["missing_units".to_owned()],
        ..draft.row_of_load(no, "staged_loss", &stolen)
    };
    let event = Event::seen(draft.atlas.reader(place), at, "destroying", place, &stolen);
    draft.extra.push(event.now_at(place).left_as("damaged"));
    Some(row)
}
