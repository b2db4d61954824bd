//! Two keys, one unit, as long as somebody says so.

use super::story::{Story, check, unit};

#[test]
fn histories_of_aliases_are_one() {
    let story = "06:00 wms manifest m1 A>B 10:00 12:00 u1\n09:00 a-dock departing A/dock u1 #m1\n11:00 b-dock receiving B/dock z9\n";
    check(&format!("{story}tick 13:00"), &["missing m1/1/arrive u1"]);
    check(&format!("{story}12:00 wms alias u1 z9\ntick 13:00"), &[]);
    check(
        &format!("{story}12:00 wms alias u1 z9\ntick 13:00\n13:10 wms unalias u1 z9"),
        &["missing m1/1/arrive u1"],
    );
    // The last word counts by event time, whenever it came.
    check(
        &format!("{story}12:30 wms unalias u1 z9\n12:00 wms alias u1 z9\ntick 13:00"),
        &["missing m1/1/arrive u1"],
    );
    // Nobody takes another's word back.
    check(
        &format!("{story}12:00 wms alias u1 z9\n12:30 a-dock unalias u1 z9\ntick 13:00"),
        &[],
    );
}

#[test]
fn a_unit_is_called_by_its_smallest_key() {
    let story =
        Story::read("08:00 a-zone storing A/z1 u5\n08:01 wms alias u5 u2\n08:02 wms alias u5 u7");
    let (ledger, _) = story.run();
    for key in ["u2", "u5", "u7"] {
        assert_eq!(ledger.unit_called(&unit(key)), Some(unit("u2")));
        let timeline = ledger.timeline(&unit(key)).expect("known");
        assert_eq!(timeline.keys, [unit("u2"), unit("u5"), unit("u7")]);
        assert_eq!(timeline.links.len(), 1);
    }
    assert_eq!(ledger.totals().units, 1);
    assert_eq!(
        ledger
            .accounts()
            .iter()
            .map(|(_, count)| count)
            .sum::<u64>(),
        1
    );
    assert_eq!(ledger.unit_called(&unit("u3")), None);
}

#[test]
fn too_many_keys_are_no_unit() {
    let mut text: String = (2..=16)
        .map(|n| format!("08:00 wms alias u1 u{n}\n"))
        .collect();
    let units = |text: &str| Story::read(text).run().0.totals().units;
    assert_eq!(units(&text), 1);
    text.push_str("08:01 wms alias u16 u17\n");
    assert_eq!(units(&text), 17, "17 keys are too many for one unit");
    text.push_str("08:02 wms unalias u16 u17\n");
    assert_eq!(units(&text), 2, "16 again, and one alone");
}
