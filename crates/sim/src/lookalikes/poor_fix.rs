//! Poor fix: between the walls of the yard a tracker sees few satellites, and says a position some way
//! outside before the trailer leaves; it says, too, how far that may be off.

use crate::draft::Draft;
use crate::ground::Fix;
use crate::rng::Chance;
use crate::truth::TruthRow;

pub(crate) fn plant(draft: &mut Draft, chance: &mut Chance) -> Option<TruthRow> {
    let no = draft.take_tracked(chance, |_| true)?;
    let yard = draft.atlas.spot(draft.lane_of(no).from)?;
    // In units of a fifth: three of them one way and four the other are five.
    let fifth = chance.between(80, 600);
    let side = |chance: &mut Chance| if chance.chance(500) { 1 } else { -1 };
    let (north, east) = (3 * fifth * side(chance), 4 * fifth * side(chance));
    let fix = Fix {
        spot: yard.moved((north, east)),
        uncertainty_m: 5 * fifth + chance.between(50, 250),
    };
    draft.load_mut(no).trailer.as_mut()?.poor = Some(fix);
    let units = draft.load(no).everything();
    let mut row = draft.row_of_load(no, "poor_fix", &units);
    row.places.push(fix.spot.cell());
    Some(row)
}
