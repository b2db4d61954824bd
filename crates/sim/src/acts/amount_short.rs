//! Amount short: of a counted lot fewer pieces are taken over than were given, or fewer given
//! than were planned.

use crate::draft::Draft;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_load(chance, |load, _| !load.counted.is_empty())?;
    // What comes off a shelf was put behind the load's own lots.
    let own = draft.load(no).counted.iter();
    let own = own.filter(|lot| !lot.from_shelf).count();
    let which = chance.index(own);
    let before_departure = chance.chance(350);
    let load = draft.load_mut(no);
    let lot = load.counted.get_mut(which)?;
    let short = chance.between(3, (lot.planned / 4).max(3));
    lot.taken -= short;
    if before_departure {
        lot.given -= short;
    }
    let (class, cents) = (lot.class.link.clone(), lot.cents * short);
    Some(TruthRow {
        act: true,
        classes: vec![class],
        cents,
        kinds: vec!["quantity_gap".to_owned()],
        ..draft.row_of_load(no, "amount_short", &[])
    })
}
