//! CUS-4: arrival order, batches, duplicates and ticks in between do not matter.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::story::{
    Item, Story, batch, class, clock, counting, decimal, define, fence_in, network, place, unit,
};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, ClaimStatus, Index};
use countersign_model::fold::Fold;
use countersign_model::hours::Hours;
use countersign_model::ids::UnitId;
use countersign_model::network::Object;
use countersign_model::time::{Span, Timestamp};
use countersign_reconcile::{Account, Change, ClassBalance, Discrepancy, Ledger, Timeline, Totals};

pub(crate) const UNITS: [&str; 5] = ["u1", "u2", "u3", "u4", "u5"];

fn time() -> impl Strategy<Value = String> {
    (6_u32..16, 0_u32..4).prop_map(|(hour, quarter)| format!("{hour:02}:{:02}", quarter * 15))
}

fn units() -> impl Strategy<Value = String> {
    let one = prop::sample::select(UNITS.to_vec());
    prop::collection::vec(one, 1..4).prop_map(|names| names.join(" "))
}

fn paper() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "", "#m1", "#m2", "#m3", "#k1", "#k2", "#d1"])
}

/// A line with an event, as handhelds and gates send them.
pub(crate) fn event() -> impl Strategy<Value = String> {
    let signer = prop::sample::select(vec![
        "a-dock", "a-zone", "h-dock", "b-dock", "c-store", "x-van", "nobody",
    ]);
    let step = prop::sample::select(vec![
        "storing",
        "storing",
        "departing",
        "departing",
        "shipping",
        "receiving",
        "receiving",
        "accepting",
        "arriving",
        "cycle_counting",
        "commissioning",
        "destroying",
        "void_shipping",
    ]);
    let place = prop::sample::select(vec![
        "A/z1", "A/z2", "A/dock", "H/dock", "B/z1", "C/dock", "D", "",
    ]);
    (time(), signer, step, place, units(), paper()).prop_map(
        |(at, who, step, place, units, paper)| format!("{at} {who} {step} {place} {units} {paper}"),
    )
}

/// A line with a manifest or a count.
pub(crate) fn plan() -> impl Strategy<Value = String> {
    let way = prop::sample::select(vec!["A>H", "A/dock>B/z1", "H>C", "A>C"]);
    let id = prop::sample::select(vec!["m1", "m2", "m3"]);
    let manifest = (time(), id, way, time(), time(), units()).prop_map(
        |(at, id, way, depart, arrive, units)| {
            format!("{at} wms manifest {id} {way} {depart} {arrive} {units}")
        },
    );
    let id = prop::sample::select(vec!["k1", "k2"]);
    let place = prop::sample::select(vec!["A/z1", "A/dock", "B/z1", "A", "A"]);
    let count = (time(), id, place, time(), time()).prop_map(|(at, id, place, opens, due)| {
        format!("{at} wms count {id} {place} {opens} {due}")
    });
    prop_oneof![3 => manifest, 1 => count]
}

/// Everything else that the story knows.
fn rest() -> impl Strategy<Value = String> {
    let pair = (
        prop::sample::select(UNITS.to_vec()),
        prop::sample::select(UNITS.to_vec()),
    );
    let issuer = prop::sample::select(vec!["wms", "a-dock"]);
    let word = prop::sample::select(vec!["alias", "alias", "unalias"]);
    let alias = (time(), issuer, word, pair)
        .prop_map(|(at, who, word, (a, b))| format!("{at} {who} {word} {a} {b}"));
    let key = prop::sample::select(vec!["p1/1/rcs", "p1/1/dlv", "p2/1/rcs"]);
    let one = prop::sample::select(UNITS.to_vec());
    let expect = (time(), key.clone(), one.clone(), time())
        .prop_map(|(at, key, who, due)| format!("{at} wms expect {key} leg {who} {due}"));
    let reached = (time(), key, one.clone())
        .prop_map(|(at, key, who)| format!("{at} wms reached {key} {who}"));
    let scale = prop::sample::select(vec!["a-dock", "a-dock", "h-dock", "b-dock"]);
    let weight = (time(), scale, one.clone(), 1_u32..4)
        .prop_map(|(at, by, who, kg)| format!("{at} {by} inspecting A/dock {who} w={kg}"));
    let way = prop::sample::select(vec![
        "a-dock departing A/dock",
        "h-dock receiving H/dock",
        "c-store receiving C/dock",
        "a-zone stock_taking A/z1",
        "a-zone cycle_counting A/z2",
        "a-zone commissioning A/z1",
        "a-zone destroying A/z1",
    ]);
    let amount = (time(), way, 1_u32..9, paper())
        .prop_map(|(at, way, n, paper)| format!("{at} {way} {n}*c1 {paper}"));
    let amounts = (time(), time(), 1_u32..9).prop_map(|(depart, arrive, n)| {
        format!("06:00 wms manifest m3 A>H {depart} {arrive} {n}*c1 u1")
    });
    let write_off = (time(), one).prop_map(|(at, who)| format!("{at} write_off {who}"));
    let adjust = (time(), -3_i32..4).prop_map(|(at, n)| format!("{at} adjust c1 A/z1 {n}"));
    prop_oneof![
        2 => alias, 2 => expect, 2 => reached, 2 => weight, 2 => amount, 1 => amounts,
        1 => write_off, 1 => adjust,
    ]
}

/// What refers to an earlier line: a declaration, a conflict, a duplicate; or a locked line.
fn about(lines: &[String], picks: &[(usize, u8)]) -> Vec<String> {
    let mut out: Vec<String> = lines
        .iter()
        .zip(0..)
        .map(|(line, n)| format!("e{n}: {line}"))
        .collect();
    for (pick, what) in picks {
        let n = pick % lines.len();
        let line = &lines[n];
        let mut words = line.split_whitespace();
        let (at, who) = (
            words.next().unwrap_or_default(),
            words.next().unwrap_or_default(),
        );
        let is_act = ["suspect", "clock"].contains(&at);
        if is_act || who == "write_off" || who == "adjust" {
            continue;
        }
        let is_plan = [" manifest ", " count ", " document ", " route "]
            .iter()
            .any(|word| line.contains(word));
        if is_plan && what % 5 == 0 {
            let plan = words.nth(1).unwrap_or_default();
            // Behind all that is recorded, which follows the batches.
            out.push(format!("23:59 choose {plan} e{n}"));
            continue;
        }
        if line.contains(" manifest ") && what % 5 == 1 {
            let rest: Vec<&str> = words.collect();
            let (plan, rest) = (rest[1], rest.join(" "));
            let label = out.len();
            out.push(format!("c{label}: {at} {who} conflict e{n} {rest} u4"));
            if pick % 2 == 0 {
                out.push(format!("23:59 choose {plan} c{label}"));
            }
            continue;
        }
        match what % 4 {
            0 => out.push(format!("{} {who} declare e{n}", later(at, pick % 3))),
            1 => out.push(format!("{at} {who} conflict e{n} storing A/z1 u1 u9")),
            2 => out.push(format!("{at} {who} duplicate e{n} storing B/z1 u3")),
            _ => {
                if !out[n].ends_with("locked") {
                    out[n].push_str(" locked");
                }
            }
        }
    }
    out
}

fn later(at: &str, hours: usize) -> String {
    let (hour, minute) = at.split_once(':').expect("a time of the day");
    let hour: usize = hour.parse().expect("an hour");
    format!("{:02}:{minute}", hour + hours)
}

/// Keys that are suspect whatever the time: recorded times follow the batches.
fn doubt() -> impl Strategy<Value = String> {
    let signer = prop::sample::select(vec!["a-dock", "a-zone", "h-dock", "x-van", "wms"]);
    signer.prop_map(|who| format!("suspect {who} 00:00"))
}

/// What is put into a container, is in it, or comes out; any unit may be the container.
fn packing() -> impl Strategy<Value = String> {
    let signer = prop::sample::select(vec!["a-dock", "a-zone", "h-dock"]);
    let step = prop::sample::select(vec!["packing", "packing", "storing", "unpacking"]);
    let place = prop::sample::select(vec!["A/z1", "A/dock", "H/dock"]);
    let container = prop::sample::select(UNITS.to_vec());
    let content = prop_oneof![5 => units(), 1 => Just(String::new())];
    (time(), signer, step, place, content, container).prop_map(
        |(at, who, step, place, content, container)| {
            format!("{at} {who} {step} {place} {content} parent={container}")
        },
    )
}

/// Doors that are said to be open or closed.
fn doors() -> impl Strategy<Value = String> {
    let signer = prop::sample::select(vec!["a-dock", "h-dock", "x-van"]);
    let step = prop::sample::select(vec!["inspecting", "unloading", "departing"]);
    let place = prop::sample::select(vec!["A/dock", "H/dock"]);
    let doors = prop::sample::select(vec!["open", "open", "closed"]);
    (time(), signer, step, place, units(), doors).prop_map(
        |(at, who, step, place, units, doors)| {
            format!("{at} {who} {step} {place} {units} doors={doors}")
        },
    )
}

/// What a tracker says: in the yard of A, beside it, on the road, at H.
fn position() -> impl Strategy<Value = String> {
    let at = prop::sample::select(vec![
        "geo:52,4",
        "geo:52.003,4;u=100",
        "geo:52.2,4.2",
        "geo:52.3,4.3",
        "geo:52.5,4.5",
    ]);
    let step = prop::sample::select(vec![
        "sensor_reporting",
        "sensor_reporting",
        "sensor_reporting",
        "departing",
        "receiving",
        "commissioning",
        "destroying",
        "void_shipping",
    ]);
    (time(), step, at, units(), paper()).prop_map(|(time, step, at, units, paper)| {
        format!("{time} x-gps {step} {at} {units} {paper}")
    })
}

/// What cameras count.
fn tally() -> impl Strategy<Value = String> {
    let camera = prop::sample::select(vec!["a-dock", "a-zone", "h-dock"]);
    let place = prop::sample::select(vec!["A/dock", "A/z1", "H/dock"]);
    (time(), camera, place, 0_u32..4, paper()).prop_map(|(at, who, place, n, paper)| {
        format!("{at} {who} inspecting {place} {n}*things {paper}")
    })
}

/// Documents that are due, perhaps before a load.
fn document() -> impl Strategy<Value = String> {
    let load = prop::sample::select(vec!["", "m1", "m2"]);
    (time(), time(), load).prop_map(|(at, due, load)| format!("{at} wms document d1 {due} {load}"))
}

/// Where a unit must be seen.
fn route() -> impl Strategy<Value = String> {
    let one = prop::sample::select(UNITS.to_vec());
    let stop = (
        prop::sample::select(vec!["A", "H/dock", "C"]),
        6_u32..13,
        0_u32..4,
    );
    let stops = prop::collection::vec(stop, 1..4);
    (time(), one, stops).prop_map(|(at, unit, stops)| {
        let stops = stops
            .iter()
            .map(|(place, opens, hours)| format!("{place},{opens:02}:00,{:02}:30", opens + hours));
        let stops: Vec<String> = stops.collect();
        format!("{at} wms route r1 {unit} {}", stops.join(" "))
    })
}

/// A load with a seal, and seals that come.
fn seals() -> impl Strategy<Value = String> {
    let seal = |number: u32| format!("urn:countersign:key:1:seal:{number}");
    let plan = (time(), time(), time(), units(), 1_u32..3).prop_map(
        move |(at, depart, arrive, units, number)| {
            format!(
                "{at} wms manifest m1 A>H {depart} {arrive} {units} seal:{}",
                seal(number)
            )
        },
    );
    let way = prop::sample::select(vec![
        "a-dock departing A/dock",
        "x-van accepting A/dock",
        "h-dock receiving H/dock",
    ]);
    let comes = (time(), way, 1_u32..3)
        .prop_map(move |(at, way, number)| format!("{at} {way} {} #m1", seal(number)));
    prop_oneof![1 => plan, 2 => comes]
}

/// Clocks that are off, the same for each signer and statement whenever it is said.
fn clock_off() -> impl Strategy<Value = String> {
    let signer = prop::sample::select(vec!["a-dock", "a-zone", "h-dock", "x-van", "wms"]);
    (signer, 1_usize..4).prop_map(|(who, counter)| {
        let minutes = [90, -15, 20][(who.len() + counter) % 3];
        format!("clock {who} {minutes} {counter}")
    })
}

pub(crate) fn world() -> impl Strategy<Value = Vec<String>> {
    let line = prop_oneof![
        12 => event(), 4 => packing(), 4 => plan(), 6 => rest(), 2 => doubt(), 2 => clock_off(), 2 => doors(),
        2 => document(), 3 => seals(), 1 => route(), 2 => position(), 2 => tally(),
    ];
    let lines = prop::collection::vec(line, 1..22);
    let picks = prop::collection::vec((any::<usize>(), any::<u8>()), 0..4);
    (lines, picks).prop_map(|(lines, picks)| about(&lines, &picks))
}

/// All that can be asked of a ledger.
#[derive(Debug, PartialEq)]
pub(crate) struct Answers {
    standing: Vec<Discrepancy>,
    accounts: Vec<(Account, u64)>,
    totals: Totals,
    timelines: Vec<Option<Timeline>>,
    balance: Vec<ClassBalance>,
    digest: Digest,
}

pub(crate) fn answers(ledger: &Ledger) -> Answers {
    ledger.check_conservation();
    let timelines = UNITS.iter().map(|name| ledger.timeline(&unit(name)));
    Answers {
        standing: ledger.standing().cloned().collect(),
        accounts: ledger.accounts(),
        totals: ledger.totals(),
        timelines: timelines.collect(),
        balance: ledger.balance(&class("c1")),
        digest: ledger.state_digest(),
    }
}

/// Runs items in the given order, cut into batches where `cuts` says so, with ticks that rise
/// evenly to `last`; checks that the changes add up to what stands.
fn run(items: &[Item], cuts: &[bool], last: Timestamp, with_ticks: bool) -> Ledger {
    let mut ledger = Ledger::default();
    let mut told = Told::default();
    let mut out = Vec::new();
    let network = vec![define(network_with_graces())];
    ledger.apply(&batch(1, clock("00:00"), network), &mut out);
    let mut statements = Vec::new();
    let step = (last.ms() - clock("00:00").ms()) / (items.len() as i64 + 1);
    for (n, item) in items.iter().enumerate() {
        match item {
            Item::Statement(statement) => statements.push((**statement).clone()),
            Item::Approved(action, at) => {
                let approval = ClaimRef {
                    index: Index(7),
                    ordinal: u32::try_from(at.ms() / 60_000 % 1440).expect("minutes of a day"),
                };
                ledger.apply_approved(action, approval, *at);
            }
            Item::Tick(_) | Item::Defined(_) => {}
        }
        if cuts.get(n).copied().unwrap_or(true) {
            let passed = if with_ticks { step * (n as i64 + 1) } else { 0 };
            let tick = Timestamp::from_ms(clock("00:00").ms() + passed);
            ledger.apply(
                &batch(100 + n as u64, tick, std::mem::take(&mut statements)),
                &mut out,
            );
            told.hear(&mut out, &ledger);
        }
    }
    ledger.apply(&batch(999, last, statements), &mut out);
    told.hear(&mut out, &ledger);
    ledger
}

/// What a listener knows who only hears the changes.
#[derive(Default)]
struct Told {
    standing: BTreeMap<Digest, Discrepancy>,
}

impl Told {
    fn hear(&mut self, changes: &mut Vec<Change>, ledger: &Ledger) {
        for change in changes.drain(..) {
            match change {
                Change::Opened(new) => {
                    let before = self.standing.insert(new.id, new);
                    assert_eq!(before, None, "what opens did not stand");
                }
                Change::Changed(new) => {
                    let before = self.standing.insert(new.id, new.clone());
                    assert_ne!(before, Some(new), "what changes is different");
                }
                Change::Retracted {
                    id, superseded_by, ..
                } => {
                    assert!(
                        self.standing.remove(&id).is_some(),
                        "what is retracted stood"
                    );
                    let stands = |by| self.standing.contains_key(&by);
                    assert!(superseded_by.is_none_or(stands), "what supersedes stands");
                }
            }
        }
        let standing: Vec<&Discrepancy> = ledger.standing().collect();
        assert_eq!(self.standing.values().collect::<Vec<_>>(), standing);
    }
}

/// The same statements under the indexes of another order.
fn renumbered(items: &[Item]) -> Vec<Item> {
    let mut items = items.to_vec();
    for (item, index) in items.iter_mut().zip(500..) {
        if let Item::Statement(statement) = item {
            statement.index = Index(index);
            for claim in &mut statement.claims {
                claim.at.index = Index(index);
            }
        }
    }
    items
}

const fn minutes(n: i64) -> Span {
    Span::from_secs(60 * n)
}

/// The network of the stories, in which some may speak late, some must be heard, and some do not
/// report all that passes; ways have a least and a greatest time, and stays a limit.
pub(crate) fn network_with_graces() -> Vec<Object> {
    let contracts = [
        ("a-dock", 120, Some(30)),
        ("a-zone", 600, None),
        ("x-van", 240, Some(60)),
        ("wms", 60, None),
    ];
    let mut objects = network();
    for object in &mut objects {
        if let Object::Principal(principal) = object
            && let Some((_, grace, heartbeat)) = contracts
                .iter()
                .find(|(name, ..)| *name == principal.id.as_str())
        {
            principal.grace = minutes(*grace);
            principal.heartbeat = heartbeat.map(minutes);
            let hours = Hours::parse("Mon 06:00-09:00, Mon 11:00-14:00");
            principal.hours = hours.ok().filter(|_| principal.id.as_str() == "x-van");
        }
        if let Object::Principal(principal) = object
            && ["h-dock", "a-zone"].contains(&principal.id.as_str())
        {
            principal.read_rate = decimal("0.9");
        }
        match object {
            Object::Lane(lane) => {
                lane.transit_min = Some(minutes(40));
                lane.transit_max = Some(minutes(240));
            }
            Object::Site(site) if site.id == place("H") => site.dwell_max = Some(minutes(90)),
            _ => {}
        }
    }
    objects.push(counting("things"));
    for (site, centre) in [("A", "geo:52,4"), ("H", "geo:52.5,4.5")] {
        let fence = (centre, "250");
        let site = objects
            .iter_mut()
            .find(|object| object.id() == place(site).as_str());
        fence_in(site.expect("a site"), fence);
    }
    objects
}

/// Without a few statements, which are on their way.
fn with_gaps(items: &[Item], keys: &[u32]) -> Vec<Item> {
    let of = keys.iter().copied().cycle().zip(items);
    let came = of.filter(|(key, item)| key % 7 != 0 || !matches!(item, Item::Statement(_)));
    came.map(|(_, item)| item.clone()).collect()
}

pub(crate) fn last_tick(hour: u32) -> Timestamp {
    clock(&format!("{hour:02}:15"))
}

fn shuffled(items: &[Item], keys: &[u32]) -> Vec<Item> {
    let mut order: Vec<(u32, usize)> = keys.iter().copied().cycle().zip(0..items.len()).collect();
    order.sort_by_key(|(key, at)| (*key, at.wrapping_mul(*key as usize | 1)));
    order.into_iter().map(|(_, at)| items[at].clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn order_and_batches_do_not_matter(
        lines in world(),
        keys in prop::collection::vec(any::<u32>(), 30),
        cuts in prop::collection::vec(any::<bool>(), 30),
        hour in 7_u32..24,
    ) {
        let story = Story::read(&lines.join("\n"));
        let last = last_tick(hour);
        let items = with_gaps(&story.items, &keys);
        let straight = answers(&run(&items, &[], last, false));
        let mixed = shuffled(&items, &keys);
        let in_one = answers(&run(&mixed, &[false; 40], last, false));
        prop_assert_eq!(&straight, &in_one);
        let in_parts = answers(&run(&mixed, &cuts, last, false));
        prop_assert_eq!(&straight, &in_parts);
        let with_ticks = answers(&run(&mixed, &cuts, last, true));
        prop_assert_eq!(&straight, &with_ticks);
    }

    #[test]
    fn indexes_are_no_part_of_the_state(lines in world(), keys in prop::collection::vec(any::<u32>(), 30)) {
        let story = Story::read(&lines.join("\n"));
        let last = last_tick(20);
        let straight = run(&story.items, &[], last, true);
        let mixed = run(&renumbered(&shuffled(&story.items, &keys)), &[], last, true);
        prop_assert_eq!(straight.state_digest(), mixed.state_digest());
        let shape = |ledger: &Ledger| -> Vec<(Digest, Vec<UnitId>)> {
            ledger.standing().map(|d| (d.id, d.units.clone())).collect()
        };
        prop_assert_eq!(shape(&straight), shape(&mixed));
    }

    #[test]
    fn what_is_not_effective_changes_nothing(lines in world(), hour in 7_u32..24) {
        let story = Story::read(&lines.join("\n"));
        let last = last_tick(hour);
        let mut more = story.items.clone();
        for item in &story.items {
            if let Item::Statement(statement) = item {
                for status in [ClaimStatus::Unfoldable, ClaimStatus::BodyAbsent] {
                    let mut again = statement.clone();
                    again.claims[0].status = status;
                    more.insert(0, Item::Statement(again.clone()));
                    more.push(Item::Statement(again));
                }
            }
        }
        let one = answers(&run(&story.items, &[], last, true));
        let other = answers(&run(&more, &[], last, true));
        prop_assert_eq!(one, other);
    }
}

/// The network of the stories, with the device at A's dock `offset_ms` ahead.
fn network_with_clock_off(offset_ms: i64) -> Vec<Object> {
    let mut objects = network();
    for object in &mut objects {
        if let Object::Principal(principal) = object
            && principal.id.as_str() == "a-dock"
        {
            principal.clock_offset_ms = offset_ms;
        }
    }
    objects
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn conclusions_follow_the_network_in_force(lines in world(), offset in -2_i64..3, at in 0_usize..20) {
        let story = Story::read(&lines.join("\n"));
        let last = last_tick(20);
        let offset_ms = offset * 900_000;
        let apply = |first: Vec<Object>, then: Option<(usize, Vec<Object>)>| {
            let mut ledger = Ledger::default();
            let mut told = Told::default();
            let mut out = Vec::new();
            ledger.apply(&batch(1, clock("00:00"), vec![define(first)]), &mut out);
            for (item, n) in story.items.iter().zip(0..) {
                if let Some((when, objects)) = &then
                    && *when == n
                {
                    ledger.apply(&batch(50, last, vec![define(objects.clone())]), &mut out);
                }
                if let Item::Statement(statement) = item {
                    ledger.apply(&batch(60, last, vec![(**statement).clone()]), &mut out);
                }
                told.hear(&mut out, &ledger);
            }
            ledger.apply(&batch(70, last, Vec::new()), &mut out);
            told.hear(&mut out, &ledger);
            answers(&ledger)
        };
        let at = at % story.items.len();
        let known_before = apply(network_with_clock_off(offset_ms), None);
        let learned_later = apply(network(), Some((at, network_with_clock_off(offset_ms))));
        prop_assert_eq!(&known_before, &learned_later);
        let after_nothing = apply(Vec::new(), Some((at, network_with_clock_off(offset_ms))));
        prop_assert_eq!(&known_before, &after_nothing);
    }
}
