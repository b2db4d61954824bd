//! Where sites lie on the ground, found by position.

use std::collections::BTreeMap;

use countersign_model::network::Fence;
use countersign_model::position::Position;

use crate::limits::UNCERTAINTY_M_MAX;
use crate::number::PlaceNo;

/// Ten millionths of a degree in a row of latitude: eleven kilometres.
const ROW: i64 = 1_000_000;
/// So many rows away nothing is in reach of the widest circle and the least certain fix.
const NEAR_ROWS: i64 = 3;

/// Circles, by the row of latitude in which their middle lies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fences {
    rows: BTreeMap<i64, Vec<(Fence, PlaceNo)>>,
}

/// What a position says of where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whereabouts {
    /// At a site: within its circle.
    At(PlaceNo),
    /// It may be at a site, and may be outside.
    Unsure,
    /// Outside of all of them for certain.
    Road,
}

impl Fences {
    pub(crate) fn add(&mut self, fence: Fence, site: PlaceNo) {
        let row = self.rows.entry(row_of(fence.centre)).or_default();
        row.push((fence, site));
    }

    /// Where a position is. Of several circles the one whose middle is nearest, of equally near ones the
    /// one that was added first.
    pub(crate) fn locate(&self, position: Position) -> Whereabouts {
        if position.uncertainty_m > UNCERTAINTY_M_MAX {
            return Whereabouts::Unsure;
        }
        let middle = row_of(position);
        let near = self.rows.range(middle - NEAR_ROWS..=middle + NEAR_ROWS);
        let mut best: Option<(f64, PlaceNo)> = None;
        let mut is_sure = true;
        for (fence, site) in near.flat_map(|(_, fences)| fences) {
            let distance = position.distance_m(fence.centre);
            is_sure &= position.is_outside(fence.centre, fence.radius_m);
            let is_inside = distance <= f64::from(fence.radius_m);
            if is_inside && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, *site));
            }
        }
        match best {
            Some((_, site)) => Whereabouts::At(site),
            None if is_sure => Whereabouts::Road,
            None => Whereabouts::Unsure,
        }
    }
}

fn row_of(position: Position) -> i64 {
    i64::from(position.latitude).div_euclid(ROW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::Number as _;

    #[test]
    fn a_position_is_at_the_nearest_site_or_on_the_road() {
        let at = |text: &str| Position::parse(text).expect("a position");
        let mut fences = Fences::default();
        let sites = [
            ("geo:52,4", 250),
            ("geo:52.002,4", 250),
            ("geo:52.2,4", 5_000),
        ];
        for (no, (centre, radius_m)) in sites.into_iter().enumerate() {
            let centre = at(centre);
            fences.add(Fence { centre, radius_m }, PlaceNo::of(no));
        }
        let check = |text: &str, expect| assert_eq!(fences.locate(at(text)), expect, "{text}");
        check("geo:52,4.0001", Whereabouts::At(PlaceNo::of(0)));
        check("geo:52.0009,4", Whereabouts::At(PlaceNo::of(0)));
        check("geo:52.0011,4", Whereabouts::At(PlaceNo::of(1)));
        check("geo:52.1551,4", Whereabouts::At(PlaceNo::of(2)));
        check("geo:52.1550,4", Whereabouts::Road);
        check("geo:51.995,4", Whereabouts::Road);
        check("geo:51.995,4;u=400", Whereabouts::Unsure);
        check("geo:51.999,4;u=9000", Whereabouts::At(PlaceNo::of(0)));
        check("geo:51.8,4;u=20000", Whereabouts::Road);
        check("geo:51.83,4;u=20000", Whereabouts::Unsure);
        check("geo:10,4;u=20001", Whereabouts::Unsure);
        check("geo:-52,4", Whereabouts::Road);
        assert_eq!(Fences::default().locate(at("geo:52,4")), Whereabouts::Road);
    }
}
