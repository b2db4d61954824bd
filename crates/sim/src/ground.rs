//! The ground: where sites lie, the ways between them, and what a tracker says of where it is.

use countersign_model::position::Position;

use crate::atlas::Atlas;
use crate::limits::YARD_M;
use crate::names::SiteNo;

/// Where the sites of a world lie, by their codes: near the towns of their labels.
const SITES: [(&str, Spot); 10] = [
    ("wa", Spot::new(5_226_400, 476_200)),
    ("wb", Spot::new(5_161_000, 474_000)),
    ("ha", Spot::new(5_238_000, 526_000)),
    ("hb", Spot::new(5_151_000, 540_000)),
    ("c1", Spot::new(5_215_600, 538_700)),
    ("c2", Spot::new(5_264_200, 506_000)),
    ("c3", Spot::new(5_251_800, 547_100)),
    ("c4", Spot::new(5_144_100, 547_000)),
    ("c5", Spot::new(5_158_000, 506_000)),
    ("c6", Spot::new(5_137_000, 617_000)),
];
/// Where no site is near, and where a trailer goes that nobody is to find.
pub(crate) const ASIDE: [Spot; 4] = [
    Spot::new(5_190_000, 436_000),
    Spot::new(5_196_000, 592_000),
    Spot::new(5_128_000, 478_000),
    Spot::new(5_275_000, 592_000),
];
/// Metres of a degree of latitude, and of a degree of longitude in the Netherlands.
const METRES_PER_DEGREE: (i64, i64) = (111_200, 68_500);
/// Whoever is so many metres away from all sites is on the road, whatever a tracker takes it for.
const ROAD_M: i64 = 1_000;

/// A spot on the ground (WGS 84): north and east, in hundred thousandths of a degree, which is a metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    north: i64,
    east: i64,
}

/// What a tracker takes for the place where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fix {
    pub(crate) spot: Spot,
    /// Within so many metres that is true.
    pub(crate) uncertainty_m: i64,
}

impl Spot {
    const fn new(north: i64, east: i64) -> Self {
        Self { north, east }
    }

    /// Its `geo:` URI (RFC 5870).
    pub(crate) fn uri(self) -> String {
        let degrees = |n: i64| format!("{}.{:05}", n / 100_000, n % 100_000);
        format!("geo:{},{}", degrees(self.north), degrees(self.east))
    }

    /// By which name a ledger calls it where no site is (docs/adr/0021).
    pub(crate) fn cell(self) -> String {
        let position = Position::parse(&self.uri());
        position.expect("spots are on the Earth").cell()
    }

    /// So many thousandths of the straight way to another.
    pub(crate) const fn toward(self, to: Self, per_mille: i64) -> Self {
        Self {
            north: self.north + (to.north - self.north) * per_mille / 1000,
            east: self.east + (to.east - self.east) * per_mille / 1000,
        }
    }

    /// So many metres to the north and to the east.
    pub(crate) const fn moved(self, (north_m, east_m): (i64, i64)) -> Self {
        let (north, east) = METRES_PER_DEGREE;
        Self {
            north: self.north + north_m * 100_000 / north,
            east: self.east + east_m * 100_000 / east,
        }
    }

    /// Closer than so many metres, or nearly.
    const fn is_within(self, other: Self, metres: i64) -> bool {
        let (per_north, per_east) = METRES_PER_DEGREE;
        let north = (self.north - other.north) * per_north / 100_000;
        let east = (self.east - other.east) * per_east / 100_000;
        north * north + east * east < metres * metres
    }
}

impl Fix {
    /// Its `geo:` URI.
    pub(crate) fn uri(self) -> String {
        format!("{};u={}", self.spot.uri(), self.uncertainty_m)
    }
}

impl Atlas {
    /// Puts the sites on the ground.
    pub(crate) fn settle(&mut self) {
        for site in &mut self.sites {
            let own = SITES.iter().find(|(code, _)| *code == site.code);
            site.spot = own.map(|(_, spot)| *spot);
        }
    }

    /// Where a site lies.
    pub(crate) fn spot(&self, site: SiteNo) -> Option<Spot> {
        self.site(site).spot
    }

    /// It is far from all sites.
    pub(crate) fn is_on_road(&self, spot: Spot) -> bool {
        let mut sites = self.sites.iter().filter_map(|site| site.spot);
        sites.all(|site| !spot.is_within(site, ROAD_M + YARD_M))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(spot: Spot) -> Position {
        Position::parse(&spot.uri()).expect("a position")
    }

    #[test]
    fn every_site_lies_by_itself() {
        let atlas = Atlas::of_world();
        let spots: Vec<Spot> = atlas.sites.iter().filter_map(|site| site.spot).collect();
        assert_eq!(spots.len(), atlas.sites.len());
        for (at, one) in spots.iter().enumerate() {
            for other in spots.iter().skip(at + 1).chain(&ASIDE) {
                let apart = position(*one).distance_m(position(*other));
                assert!(apart > 5_000.0, "{} {}", one.uri(), other.uri());
            }
        }
        assert!(Atlas::new().sites.iter().all(|site| site.spot.is_none()));
    }

    /// Whoever drives between two sites, or aside, passes none on his way.
    #[test]
    fn ways_lead_over_the_road() {
        let atlas = Atlas::of_world();
        let spots: Vec<Spot> = atlas.sites.iter().filter_map(|site| site.spot).collect();
        for from in &spots[..2] {
            for to in spots[2..4].iter().chain(&ASIDE) {
                let way = (60..940).map(|share| from.toward(*to, share));
                let near: Vec<Spot> = way.filter(|spot| !atlas.is_on_road(*spot)).collect();
                assert!(near.is_empty(), "{} {}: {near:?}", from.uri(), to.uri());
            }
        }
    }

    #[test]
    fn spots_are_written_and_moved() {
        let spot = Spot::new(5_200_000, 500_003);
        assert_eq!(spot.uri(), "geo:52.00000,5.00003");
        let fix = Fix {
            spot,
            uncertainty_m: 12,
        };
        assert_eq!(fix.uri(), "geo:52.00000,5.00003;u=12");
        assert_eq!(spot.cell(), "geo:52,5");
        let moved = spot.moved((300, -400));
        let metres = position(spot).distance_m(position(moved));
        assert!((495.0..505.0).contains(&metres), "{metres}");
        assert!(spot.is_within(moved, 510) && !spot.is_within(moved, 490));
        let half = spot.toward(Spot::new(5_300_000, 600_003), 500);
        assert_eq!(half, Spot::new(5_250_000, 550_003));
    }
}
