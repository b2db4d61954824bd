use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Position {
    Position::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn uris_are_read_and_written() {
    let check = |text: &str, expect: &str| assert_eq!(at(text).to_string(), expect, "{text}");
    // RFC 5870, sections 1 and 6.
    check("geo:13.4125,103.8667", "geo:13.4125,103.8667");
    check("geo:48.2010,16.3695,183", "geo:48.201,16.3695");
    check(
        "geo:48.198634,16.371648;crs=wgs84;u=40",
        "geo:48.198634,16.371648;u=40",
    );
    check("GEO:66,30;U=6.500;FOo=this%2dthat", "geo:66,30;u=7");
    check("geo:-0.00000019,-180", "geo:-0.0000001,-180");
    check("geo:90,180;u=99999999999", "geo:90,180;u=4294967295");
    check("geo:0,0", "geo:0,0");
}

#[test]
fn what_is_no_position_says_why() {
    let check = |text: &str, expect| assert_eq!(Position::parse(text), Err(expect), "{text}");
    for text in [
        "",
        "geo",
        "geo:",
        "geo:1",
        "geo:1,",
        "geo:1,2,",
        "geo:1,2,3,4",
        "geo:+1,2",
        "geo:1e1,2",
        "geo: 1,2",
        "geo:.5,2",
        "geo:5.,2",
        "geo:1,2;u=x",
        "geo:1,2;u=-1",
        "urn:1,2",
        "geo:1;2",
    ] {
        check(text, PositionError::Form);
    }
    for text in ["geo:90.00000001,0", "geo:0,-180.5", "geo:1000000000,0"] {
        check(text, PositionError::Range);
    }
    check("geo:1,2;crs=nad27", PositionError::System);
}

/// Great circles by the haversine formula, with the machine's trigonometry: another way to the same.
fn haversine(a: Position, b: Position) -> f64 {
    let radians = |degrees: i32| (f64::from(degrees) / 1e7).to_radians();
    let [p, q] = [a, b].map(|one| radians(one.latitude));
    let east = (radians(a.longitude) - radians(b.longitude)) / 2.0;
    let north = (p - q) / 2.0;
    let h = north.sin().powi(2) + p.cos() * q.cos() * east.sin().powi(2);
    2.0 * 6_371_008.8 * h.sqrt().asin()
}

#[test]
fn distances_are_those_on_the_ground() {
    let check = |a: &str, b: &str, metres: f64| {
        let found = at(a).distance_m(at(b));
        assert!(
            (found - metres).abs() <= 1.0 + metres / 1000.0,
            "{a} {b}: {found}"
        );
    };
    check("geo:52,4", "geo:52,4", 0.0);
    check("geo:52,4", "geo:53,4", 111_195.0);
    check("geo:0,179.999", "geo:0,-179.999", 222.4);
    // Schiphol to Rotterdam.
    check("geo:52.3105,4.7683", "geo:51.9244,4.4777", 47_250.0);
}

#[test]
fn a_fix_is_outside_when_it_is_certain() {
    let site = at("geo:52,4");
    let check = |text: &str, expect| assert_eq!(at(text).is_outside(site, 250), expect, "{text}");
    check("geo:52.002,4", false);
    check("geo:52.0023,4", true);
    check("geo:52.0023,4;u=20", false);
    check("geo:52,4.0036", false);
    check("geo:52,4.0037", true);
}

#[test]
fn cells_are_hundredths_of_a_degree() {
    let check = |text: &str, expect: &str| assert_eq!(at(text).cell(), expect, "{text}");
    check("geo:52.3105,4.7683", "geo:52.31,4.76");
    check("geo:-0.001,-0.011", "geo:-0.01,-0.02");
    check("geo:52.31,4.76", "geo:52.31,4.76");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "(geo:)?[-0-9.,;=ucrswg84]{0,40}") {
        if let Ok(position) = Position::parse(&text) {
            prop_assert_eq!(Position::parse(&position.to_string()), Ok(position));
        }
    }

    #[test]
    fn near_distances_are_great_circles(
        latitude in -800_000_000_i32..800_000_000,
        longitude in -1_800_000_000_i32..1_800_000_000,
        north in -3_000_000_i32..3_000_000,
        east in -3_000_000_i32..3_000_000,
    ) {
        let one = Position { latitude, longitude, uncertainty_m: 0 };
        let mut other = one;
        other.latitude += north;
        other.longitude = (longitude + east).clamp(-1_800_000_000, 1_800_000_000);
        let (found, expect) = (one.distance_m(other), haversine(one, other));
        prop_assert!((found - expect).abs() <= 0.02 + expect / 500.0, "{} {}", found, expect);
    }
}
