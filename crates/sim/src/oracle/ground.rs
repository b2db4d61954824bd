//! Where a position is: at a site, or on the road.

use crate::atlas::Atlas;
use crate::limits::YARD_M;

/// The site of whatever is at none.
pub(super) const ROAD: &str = "on the road";
/// Metres: the Earth as a ball.
const EARTH_M: f64 = 6_371_000.0;

/// A site and the circle around it.
#[derive(Clone, Debug)]
struct Circle {
    site: String,
    at: Point,
    radius_m: f64,
}

/// Radians.
#[derive(Clone, Copy, Debug)]
struct Point {
    north: f64,
    east: f64,
}

/// The circles of a network.
#[derive(Clone, Debug, Default)]
pub(super) struct Ground(Vec<Circle>);

impl Point {
    /// Of a `geo:` URI, and within how many metres that is true.
    fn read(text: &str) -> Option<(Self, f64)> {
        let rest = text.strip_prefix("geo:")?;
        let (degrees, parameters) = rest.split_once(';').unwrap_or((rest, ""));
        let (north, east) = degrees.split_once(',')?;
        let mut parameters = parameters.split(';');
        let uncertain = parameters.find_map(|one| one.strip_prefix("u="));
        let radians = |text: &str| text.parse::<f64>().ok().map(f64::to_radians);
        let point = Self {
            north: radians(north)?,
            east: radians(east)?,
        };
        Some((point, uncertain.map_or(Some(0.0), |u| u.parse().ok())?))
    }

    /// The great circle between two, by the haversine.
    fn metres_to(self, other: Self) -> f64 {
        let half = |a: f64, b: f64| ((a - b) / 2.0).sin().powi(2);
        let north = half(self.north, other.north);
        let east = half(self.east, other.east) * self.north.cos() * other.north.cos();
        2.0 * EARTH_M * (north + east).sqrt().asin()
    }
}

impl Ground {
    pub(super) fn of(atlas: &Atlas) -> Self {
        let radius_m = i32::try_from(YARD_M).map_or(0.0, f64::from);
        let circles = atlas.sites.iter().filter_map(|site| {
            let (at, _) = Point::read(&site.spot?.uri())?;
            Some(Circle {
                site: site.name.link.clone(),
                at,
                radius_m,
            })
        });
        Self(circles.collect())
    }

    /// The site where a position may be, the nearest of them; the road if it is at none for certain, and
    /// nothing if the text is no position.
    pub(super) fn site_of(&self, text: &str) -> Option<String> {
        let (point, uncertain) = Point::read(text)?;
        let away = |circle: &Circle| point.metres_to(circle.at);
        let may_be = self.0.iter();
        let may_be = may_be.filter(|circle| away(circle) - uncertain <= circle.radius_m);
        let nearest = may_be.min_by(|one, other| away(one).total_cmp(&away(other)));
        Some(nearest.map_or_else(|| ROAD.to_owned(), |circle| circle.site.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_at_the_nearest_site_where_it_may_be() {
        let atlas = Atlas::of_world();
        let ground = Ground::of(&atlas);
        let names: Vec<String> = atlas.sites.iter().map(|s| s.name.link.clone()).collect();
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(ground.site_of(text).as_deref(), expect, "{text}");
        };
        check("geo:52.264,4.762", Some(&names[0]));
        // A third of a kilometre to the north of a circle of 300 m.
        check("geo:52.2671,4.762", Some(ROAD));
        check("geo:52.2671,4.762;u=40", Some(ROAD));
        check("geo:52.2671,4.762;u=50", Some(&names[0]));
        check("geo:52.26,4.8;u=100000", Some(&names[0]));
        check("https://id.gs1.org/414/9521234000013", None);
    }
}
