use countersign_model::body::ClaimBody;
use countersign_model::claim::{Fact, Sighting};
use countersign_model::ids::PrincipalId;
use countersign_model::plan::{Expectation, Goods};
use proptest::prelude::*;

use super::*;
use crate::mapping::Mapping;

fn mapping(text: &str) -> Mapping {
    let map = format!("format = \"countersign-mapping/1\"\n{text}");
    Mapping::parse(map.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn bound(map: &str, header: &str) -> Bound {
    let bound = mapping(map).bind(header.as_bytes());
    bound.unwrap_or_else(|error| panic!("{header}: {error}"))
}

fn decode_nth(bound: &Bound, row: &[u8], nth: u64) -> Result<Claim, Problem> {
    let issuer = PrincipalId::parse("partner:example").expect("a name");
    let from = Provenance {
        issuer: &issuer,
        document: Digest::of(b"document"),
        nth,
    };
    let claim = bound.decode(row, from);
    same(&claim, &bound.decode(&bound.open_view(row), from));
    claim
}

/// LOG-1: the open view says what the row says.
fn same(of_row: &Result<Claim, Problem>, of_view: &Result<Claim, Problem>) {
    assert_eq!(of_row, of_view);
}

fn decode(bound: &Bound, row: &str) -> Result<Claim, Problem> {
    decode_nth(bound, row.as_bytes(), 0)
}

const SCANS: &str = r#"
[table]
absent = ["-"]
[columns]
open = ["note"]
[sighting]
unit = { column = "lpn", scheme = "plate", split = " " }
class = { template = "https://id.gs1.org/01/{gtin}" }
quantity = "qty"
uom = { column = "uom", values = { pcs = "C62", kg = "KGM" } }
time = { column = "at", zone = { column = "tz" } }
step = { column = "act", values = { P = "picking", S = "shipping", D = "destroying", x = "" } }
place = { column = "bin", scheme = "bin", absent = "0" }
from = { column = "giver", values = { us = "urn:example:us" }, otherwise = "urn:example:them" }
document = { template = "urn:example:load:{load}" }
weight = "kg"
value = "worth"
currency = { const = "EUR" }
"#;
const SCANS_HEADER: &str = "lpn,gtin,qty,uom,at,tz,act,bin,giver,load,kg,worth,note,name";

fn sighting(row: &str) -> Result<Sighting, Problem> {
    decode(&bound(SCANS, SCANS_HEADER), row).map(|claim| only(&claim))
}

fn only(claim: &Claim) -> Sighting {
    match claim.facts.as_slice() {
        [Fact::Sighting(sighting)] => sighting.clone(),
        other => panic!("{other:?}"),
    }
}

fn check(row: &str, expect: &str) {
    let got = sighting(row).map_or_else(
        |problem| format!("{}: {problem}", problem.code),
        |s| {
            let units: Vec<&str> = s.units.iter().map(|unit| unit.as_str()).collect();
            let quantity = s.quantities.first().map(|q| {
                let amount = q.quantity.map_or_else(String::new, |q| q.to_string());
                format!("{}={amount}", q.class)
            });
            let weight = s.weights.first().map(|w| w.kilograms.to_string());
            format!(
                "{} {:?} {:?} {} {:?} {} {}",
                units.join("+"),
                s.step.as_ref().map(|step| step.as_str().to_owned()),
                s.action.expect("has one"),
                s.place.map_or_else(String::new, |place| place.to_string()),
                s.documents,
                quantity.or(weight).unwrap_or_default(),
                s.value.map_or_else(String::new, |value| value.to_string()),
            )
        },
    );
    assert_eq!(got, expect, "{row}");
}

#[test]
fn sightings() {
    const AT: &str = "2026-03-02 08:00,Europe/Amsterdam";
    const PLATE: &str = "urn:countersign:key:1:plate:";
    check(
        &format!("A 1,,,,{AT},P,B-1,us,L 7,12.50,3.20,n,Li"),
        &format!(
            "{PLATE}A+{PLATE}1 Some(\"picking\") Observe urn:countersign:key:1:bin:B-1 [urn:example:load:L%207] 12.5 3.2 EUR"
        ),
    );
    check(
        &format!("\"A\"  ,-,-,-,{AT},D,0,who,-,,,,"),
        &format!("{PLATE}A Some(\"destroying\") Delete  []  "),
    );
    check(
        &format!("A  A,,,,{AT},x,\"a,b\",us,,,,,"),
        &format!("{PLATE}A None Observe urn:countersign:key:1:bin:a%2Cb []  "),
    );
    check(
        &format!(",09521234000778,24,kg,{AT},S,,,,,,,"),
        " Some(\"shipping\") Observe  [] https://id.gs1.org/01/09521234000778=24 KGM ",
    );
    check(
        &format!(",09521234000778,,,{AT},S,,,,,,,"),
        " Some(\"shipping\") Observe  [] https://id.gs1.org/01/09521234000778= ",
    );
    let them = sighting(&format!("A,,,,{AT},,,who,,,,,")).expect("is read");
    assert_eq!(them.from.expect("given").as_str(), "urn:example:them");
    assert_eq!(them.time.at.to_string(), "2026-03-02T07:00:00Z");
    let day = sighting("A,,,,2026-03-02,+01:00,,,,,,,,").expect("is read");
    assert_eq!(day.time.until.to_string(), "2026-03-02T22:59:59.999Z");
}

#[test]
fn what_is_wrong_with_a_row() {
    const AT: &str = "2026-03-02 08:00,Z";
    check(
        "A",
        "table_column_count: the row has fewer cells than the table has columns (14)",
    );
    check(
        &",".repeat(14),
        "table_column_count: the row has more cells than the table has columns (14)",
    );
    check(
        &format!(",,,,{AT},,,,,,,,"),
        "table_missing_value: column \"lpn\": is empty: the row names no goods",
    );
    check(
        "A,,,,,Z,,,,,,,,",
        "table_missing_value: column \"at\": is empty, and a row needs the time of the sighting",
    );
    check(
        "A,,,,2026-03-02 08:00,,,,,,,,,",
        "table_missing_value: column \"tz\": is empty, and a row needs the zone of its local time",
    );
    check(
        "A,,,,2026-03-02 08:00,Mars,,,,,,,,",
        "table_bad_time: column \"tz\": \"Mars\" is neither an IANA time zone nor an offset",
    );
    check(
        "A,,,,31/12/2026,Z,,,,,,,,",
        "table_bad_time: column \"at\": \"31/12/2026\" is not an ISO 8601 time with an offset (like 2026-03-02T08:15:00+01:00), or the map names no zone for it",
    );
    check(
        "A,,,,2026-02-30 08:00,Z,,,,,,,,",
        "table_bad_time: column \"at\": \"2026-02-30 08:00\" is no such date or time of day",
    );
    check(
        &format!("A,,,,{AT},Q,,,,,,,"),
        "table_unknown_value: column \"act\": \"Q\" is not in the map's value table",
    );
    check(
        &format!(",0952,1,,{AT},,,,,,,,"),
        "table_bad_key: column \"gtin\": \"https://id.gs1.org/01/0952\" is no GS1 key: not a GS1 key: a web address without a GS1 key in its path",
    );
    check(
        &format!(",09521234000778,-1,,{AT},,,,,,,,"),
        "table_bad_number: column \"qty\": \"-1\" is negative",
    );
    check(
        &format!("A,,,,{AT},,,,,\"1,5\",,,"),
        "table_bad_number: column \"kg\": \"1,5\" is no decimal number",
    );
    check(
        &format!("A\"B,,,,{AT},,,,,,,,"),
        "table_bad_quote: column \"lpn\": has a quote or a line break where none may stand",
    );
    check(
        &format!("A,09521234000778,1,box,{AT},,,,,,,,"),
        "table_unknown_value: column \"uom\": \"box\" is not in the map's value table",
    );
}

#[test]
fn hostile_cells() {
    let bound = bound(SCANS, SCANS_HEADER);
    let code = |row: &[u8]| {
        decode_nth(&bound, row, 0)
            .map_err(|problem| problem.code)
            .err()
    };
    let with = |unit: &[u8], name: &[u8]| [unit, b",,,,2026-03-02 08:00,Z,,,,,,,,", name].concat();
    assert_eq!(code(&with(b"A", b"Li")), None);
    // What is sealed may be anything: nobody reads it.
    for sealed in [
        &b"\xff\xfe"[..],
        b"\0",
        b"12\" pipe",
        b"\"open",
        b"\"a\"b",
        b"x\ny",
    ] {
        assert_eq!(code(&with(b"A", sealed)), None, "{sealed:?}");
    }
    assert_eq!(code(&with(b"\xff", b"")), Some("table_not_utf8"));
    assert_eq!(code(&with(b"a\nb", b"")), Some("table_bad_quote"));
    assert_eq!(code(&with(b"\"a", b"")), Some("table_column_count"));
    assert_eq!(
        code(&with(b"a\0b", b"")),
        None,
        "a private key encodes every byte"
    );
    assert_eq!(code(&with(&b"x".repeat(600), b"")), Some("table_bad_key"));
    let many = (0..20_000).map(|n| format!("{n} ")).collect::<String>();
    assert_eq!(
        code(&with(many.as_bytes(), b"")),
        Some("table_too_many_units")
    );
    assert_eq!(code(&b",".repeat(10_000)), Some("table_column_count"));
    assert!(bound.cut(&b",".repeat(10_000)).sealed().len() <= 3);
    assert_eq!(code(b""), Some("table_column_count"));
}

#[test]
fn keys_of_gs1_are_judged() {
    let map = r#"
[sighting]
unit = "unit"
class = "class"
time = { const = "2026-03-02T08:00:00Z" }
"#;
    let bound = bound(map, "unit,class");
    let say = |row: &str| match decode(&bound, row) {
        Err(problem) => format!("{}: {problem}", problem.code),
        Ok(claim) => format!(
            "{:?}",
            claim.warnings.iter().map(|w| w.code).collect::<Vec<_>>()
        ),
    };
    assert_eq!(say("urn:epc:id:sscc:4012345.3111111111,"), "[]");
    assert_eq!(
        say("https://id.gs1.org/00/395212340000001012,"),
        "[\"table_check_digit\"]"
    );
    assert!(
        say("https://id.gs1.org/00/95212340000001011,")
            .starts_with("table_bad_key: column \"unit\"")
    );
    assert!(say("https://example.com/parcels/17,").starts_with("[]"));
    assert!(say("urn:epc:id:sscc:4012345.31,").contains("not a valid GS1 key"));
    assert!(
        say("https://id.gs1.org/01/09521234000778,")
            .contains("names a class of things, not one unit")
    );
    assert!(
        say(",https://id.gs1.org/01/09521234000778/21/7").contains("names one thing, not a class")
    );
    assert!(say("4711,").contains("the map gives a scheme"));
}

#[test]
fn binding_a_header() {
    let fail = |header: &str| mapping(SCANS).bind(header.as_bytes()).expect_err(header);
    let error = fail("LPN,gtin,qty,uom,when at,tz,act,bin,giver,load,kg,worth,note");
    assert_eq!(
        error.to_string(),
        "the table has no column \"at\" (sighting.time.column); did you mean \"when at\"?\n\
         the table has no column \"lpn\" (sighting.unit.column); did you mean \"LPN\"?"
    );
    assert_eq!(error.code(), "mapping_column_missing");
    let BindError::Missing(missing) = error else {
        panic!("{error}");
    };
    assert_eq!(missing[1].nearest, ["LPN"]);
    let error = fail(&format!("{SCANS_HEADER},lpn"));
    assert_eq!(error.to_string(), "columns 1 and 15 are both named \"lpn\"");
    assert_eq!(error.code(), "table_bad_header");
    assert_eq!(fail("").to_string(), "the table has no header line");
    assert_eq!(fail(&"a,".repeat(10_000)), BindError::TooManyColumns);
    let bad = mapping(SCANS).bind(b"a,\xff").expect_err("is no header");
    assert_eq!(bad.to_string(), "column 2 of the header is not UTF-8");
    assert!(
        fail("a,\"b")
            .to_string()
            .starts_with("column 2 of the header has a quote")
    );
    // Columns that nobody reads may share a name, and names may be quoted and padded.
    let spaced = SCANS_HEADER.replace("lpn", "\" lpn\" ") + ",name";
    assert_eq!(bound(SCANS, &spaced).columns(), 15);
    let bare = "[table]\nheader = false\ncolumns = [\"u\", \"n\"]\n[sighting]\nunit = \"u\"\ntime = { const = \"2026-03-02T08:00:00Z\" }\n";
    assert!(mapping(bare).bind(b"u,n").is_err());
    let bare = bound(bare, "");
    assert!(decode(&bare, "urn:x:1,Li").is_ok());
}

#[test]
fn every_cell_that_is_not_read_is_sealed() {
    let map = "[columns]\nopen = \"o\"\n[sighting]\nunit = \"u\"\ntime = \"t\"\n";
    let bound = bound(map, "a,u,b,t,o,c");
    let cut = |row: &str| {
        let sealed = bound.cut(row.as_bytes());
        let texts = sealed.sealed().iter().map(|range| &row[range.clone()]);
        (
            texts.map(str::to_owned).collect::<Vec<_>>(),
            bound.open_view(row.as_bytes()),
        )
    };
    assert_eq!(
        cut("1,2,\"3,\"\"\" ,4,5,"),
        (
            vec!["1".into(), "\"3,\"\"\" ".into(), String::new()],
            b",2,,4,5,".to_vec()
        )
    );
    assert_eq!(
        cut("1,2,3,4,5,6,7,8"),
        (
            vec!["1".into(), "3".into(), "6".into(), "7,8".into()],
            b",2,,4,5,,".to_vec()
        )
    );
    assert_eq!(cut(""), (vec![String::new()], Vec::new()));
    assert_eq!(cut("1,2"), (vec!["1".into()], b",2".to_vec()));
}

#[test]
fn identities() {
    let keyed = "[columns]\nkey = [\"k\", \"l\"]\n[sighting]\nunit = \"u\"\ntime = \"t\"\n";
    let (keyed, plain) = (
        bound(keyed, "k,l,u,t,n"),
        bound("[sighting]\nunit = \"u\"\ntime = \"t\"\n", "k,l,u,t,n"),
    );
    let id = |bound: &Bound, row: &str, nth| {
        let row = format!("{row},2026-03-02T08:00:00Z,Li");
        decode_nth(bound, row.as_bytes(), nth).expect("is read").id
    };
    assert_eq!(
        id(&keyed, "1,2,urn:x:a", 0),
        id(&keyed, "\"1\", 2,urn:x:b", 5)
    );
    assert_ne!(id(&keyed, "1,2,urn:x:a", 0), id(&keyed, "2,1,urn:x:a", 0));
    assert_ne!(id(&keyed, "1,,urn:x:a", 0), id(&keyed, ",1,urn:x:a", 0));
    let empty = decode(&keyed, ",,urn:x:a,2026-03-02T08:00:00Z,").expect_err("has no key");
    assert_eq!(
        (empty.code, empty.field.as_str()),
        ("table_missing_value", "k")
    );
    // Two equal rows in one table are two claims; sealed cells do not count.
    assert_ne!(id(&plain, "1,2,urn:x:a", 0), id(&plain, "1,2,urn:x:a", 1));
    assert_eq!(id(&plain, "1,2,urn:x:a", 0), id(&plain, "8,9,urn:x:a", 0));
    assert_ne!(
        id(&plain, "1,2,urn:x:a", 0),
        id(&plain, "1,2,\"urn:x:a\"", 0)
    );
}

#[test]
fn a_fingerprint_is_of_what_is_said() {
    let bound = bound(SCANS, SCANS_HEADER);
    let print = |row: &str| decode(&bound, row).expect("is read").fingerprint;
    let base = print("A,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,P,B,us,L,,3,,");
    for same in [
        "\"A\" , 09521234000778,1.5,kg,2026-03-02T07:00:00Z,UTC,P,\"B\",us,L,-,3.0,n,Li",
        "A A,09521234000778,15e-1,kg,2026-03-02 08:00:00.000,+01:00,P,B,us,\" L \",,03,,",
    ] {
        assert_eq!(print(same), base, "{same}");
    }
    for other in [
        "B,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,P,B,us,L,,3,,",
        "A,09521234000778,1.51,kg,2026-03-02 08:00,Europe/Amsterdam,P,B,us,L,,3,,",
        "A,09521234000778,1.50,pcs,2026-03-02 08:00,Europe/Amsterdam,P,B,us,L,,3,,",
        "A,09521234000778,1.50,kg,2026-03-02 08:01,Europe/Amsterdam,P,B,us,L,,3,,",
        "A,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,S,B,us,L,,3,,",
        "A,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,P,0,us,L,,3,,",
        "A,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,P,B,xx,L,,3,,",
        "A,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,P,B,us,,,3,,",
        "A,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,P,B,us,L,1,3,,",
        "A,09521234000778,1.50,kg,2026-03-02 08:00,Europe/Amsterdam,P,B,us,L,,,,",
    ] {
        assert_ne!(print(other), base, "{other}");
    }
}

#[test]
fn ambiguous_times_are_marked_and_warned_of() {
    let bound = bound(SCANS, SCANS_HEADER);
    let claim = |at: &str| {
        let row = format!("A,,,,{at},Europe/Amsterdam,,,,,,,,");
        decode(&bound, &row).expect("is read")
    };
    let twice = claim("2026-10-25 02:30");
    assert!(twice.time.ambiguous);
    assert_eq!(twice.warnings.len(), 1);
    assert_eq!(twice.warnings[0].code, "table_ambiguous_time");
    assert_eq!(twice.warnings[0].field, "at");
    assert!(claim("2026-10-25 03:30").warnings.is_empty());
}

const LOADS: &str = r#"
[table]
separator = "semicolon"
decimal = "comma"
[manifest]
id = { column = "load", scheme = "load" }
line = "line"
unit = { column = "plate", scheme = "plate" }
class = { column = "sku", scheme = "sku" }
quantity = "qty"
from = { const = "urn:example:a" }
to = { column = "to", scheme = "site" }
depart_by = { column = "out", format = "%d.%m.%Y", zone = "+01:00" }
arrive_by = { columns = ["in", "clock"], format = "%d.%m.%Y %H:%M", zone = "+01:00" }
value = "worth"
currency = "cur"
"#;
const LOADS_HEADER: &str = "load;line;plate;sku;qty;to;out;in;clock;worth;cur";

#[test]
fn manifests() {
    let bound = bound(LOADS, LOADS_HEADER);
    let manifest = |row: &str| match decode(&bound, row).map(|claim| (claim.time, claim.facts)) {
        Ok((time, facts)) => match facts.as_slice() {
            [Fact::Manifest(manifest)] => {
                assert_eq!(
                    time.until, manifest.depart_by,
                    "a plan without a time of its own"
                );
                Ok(manifest.clone())
            }
            other => panic!("{other:?}"),
        },
        Err(problem) => Err(problem.to_string()),
    };
    let m = manifest("L1;;P1;;;B;02.03.2026;02.03.2026;18:00;1,5;EUR").expect("is read");
    assert_eq!(m.depart_by.to_string(), "2026-03-02T22:59:59.999Z");
    assert_eq!(m.arrive_by.to_string(), "2026-03-02T17:00:00Z");
    assert_eq!(&*m.lines[0].line, "urn:countersign:key:1:plate:P1");
    assert_eq!(m.lines[0].value.expect("given").to_string(), "1.5 EUR");
    let m = manifest("L1;9;;S;12,5;B;02.03.2026;02.03.2026;18:00;;").expect("is read");
    assert_eq!(&*m.lines[0].line, "9");
    assert!(
        matches!(&m.lines[0].what, Goods::Amount { quantity, .. } if quantity.to_string() == "12.5 C62")
    );
    for (row, expect) in [
        (
            "L1;9;;S;;B;02.03.2026;02.03.2026;18:00;;",
            "column \"qty\": is empty, and a row needs the amount of its class",
        ),
        (
            "L1;9;;;1;B;02.03.2026;02.03.2026;18:00;;",
            "column \"sku\": is empty: the row names no goods",
        ),
        (
            ";9;P;;;B;02.03.2026;02.03.2026;18:00;;",
            "column \"load\": is empty, and a row needs the manifest's key",
        ),
        (
            "L;9;P;;;B;02.03.2026;02.03.2026;;;",
            "column \"clock\": is empty, and a row needs a time to arrive by",
        ),
        (
            "L;9;P;;;B;02.03.2026;02.03.2026;18:00;1;",
            "column \"worth\": is empty, and a row needs the currency of a value",
        ),
        (
            "L;9;P;;;B;02.03.2026;02.03.2026;18:00;1.5;EUR",
            "column \"worth\": \"1.5\" has a point, and the map says that the decimal sign is a comma",
        ),
        (
            "L;9;P;;;B;02.03.2026;02.03.2026;18:00;1;eur",
            "column \"cur\": \"eur\" is not an ISO 4217 code (like EUR)",
        ),
    ] {
        assert_eq!(manifest(row).expect_err(row), expect);
    }
}

/// Stages as `line/stage group due[ reached]`.
fn stages(claim: &Claim) -> Vec<String> {
    let reached = |key: &_| {
        let found = claim.facts.iter().find_map(|fact| match fact {
            Fact::Reached(reached) if reached.stage == *key => Some(reached.time.at),
            _ => None,
        });
        found.map_or_else(String::new, |at| format!(" {at}"))
    };
    let expected = claim.facts.iter().filter_map(|fact| match fact {
        Fact::Expected(expectation) => Some(expectation),
        _ => None,
    });
    expected
        .map(|e: &Expectation| {
            let place = e
                .place
                .as_ref()
                .map_or_else(String::new, |place| format!("@{place}"));
            format!(
                "{}/{} {}{place} {}{}",
                e.key.line,
                e.key.stage,
                e.group,
                e.due.at,
                reached(&e.key)
            )
        })
        .collect()
}

#[test]
fn plans() {
    let map = r#"
[plan]
id = { column = "order", scheme = "order" }
line = "line"
unit = { column = "parcel", scheme = "parcel" }
[[plan.stage]]
name = "pick-up"
group = "carrier"
due = { column = "pick by", zone = "Z" }
reached = { column = "picked", zone = "Z" }
place = { const = "urn:example:a" }
[[plan.stage]]
name = "delivery"
due = { column = "deliver by", zone = "Z" }
grace = "PT2H"
"#;
    let bound = bound(map, "order,line,parcel,pick by,picked,deliver by");
    let claim = decode(
        &bound,
        "O1,1,P1,2026-03-02 10:00,2026-03-02 09:30,2026-03-03",
    );
    let claim = claim.expect("is read");
    assert_eq!(
        stages(&claim),
        [
            "1/pick-up carrier@urn:example:a 2026-03-02T10:00:00Z 2026-03-02T09:30:00Z",
            "1/delivery delivery 2026-03-03T00:00:00Z",
        ]
    );
    assert_eq!(
        claim.time.at.to_string(),
        "2026-03-02T09:30:00Z",
        "the earliest that is said"
    );
    let late = decode(&bound, "O1,1,P1,,2026-03-02 09:30,").expect("is read");
    assert!(matches!(late.facts.as_slice(), [Fact::Reached(_)]));
    let none = decode(&bound, "O1,1,P1,,,").expect_err("says nothing");
    assert_eq!(
        (none.code, none.field.as_str()),
        ("table_missing_value", "pick by")
    );
}

const CHAIN: &str = r#"
[chain]
id = { column = "id", scheme = "journey" }
unit = { column = "id", scheme = "box" }
start = "start"
durations = "hours"
absent = "?"
[[chain.group]]
name = "in"
chains = ["a", "b"]
milestones = ["go", "come"]
planned = "{chain} {milestone} plan"
effective = "{chain} {milestone} real"
[[chain.group]]
name = "out"
after = "in"
chains = "c"
milestones = "end"
planned = "{chain} {milestone} plan"
effective = "{chain} {milestone} real"
place = { column = "{chain} place", scheme = "town", absent = "?" }
"#;
const CHAIN_HEADER: &str = "id,start,a go plan,a go real,a come plan,a come real,b go plan,b go real,b come plan,b come real,c end plan,c end real,c place";

#[test]
fn chains() {
    let bound = bound(CHAIN, CHAIN_HEADER);
    let check = |cells: &str, expect: &[&str]| {
        let row = format!("1,2026-03-02T00:00:00Z,{cells}");
        let claim = decode(&bound, &row).unwrap_or_else(|problem| panic!("{cells}: {problem}"));
        assert_eq!(stages(&claim), expect, "{cells}");
    };
    // The planned start of the last chain comes from one chain, the effective from the other.
    check(
        "1,9,1,1,5,2,?,?,1,1,X",
        &[
            "a/go in 2026-03-02T01:00:00Z 2026-03-02T09:00:00Z",
            "a/come in 2026-03-02T02:00:00Z 2026-03-02T10:00:00Z",
            "b/go in 2026-03-02T05:00:00Z 2026-03-02T02:00:00Z",
            "c/end out@urn:countersign:key:1:town:X 2026-03-02T06:00:00Z 2026-03-02T11:00:00Z",
        ],
    );
    // A milestone that is not reached yet: nothing behind it is either, here or downstream.
    check(
        "1,,1,1,?,?,,,0.5,1,?",
        &[
            "a/go in 2026-03-02T01:00:00Z",
            "a/come in 2026-03-02T02:00:00Z",
            "c/end out 2026-03-02T02:30:00Z",
        ],
    );
    let code = |cells: &str| {
        let row = format!("1,2026-03-02T00:00:00Z,{cells}");
        let problem = decode(&bound, &row).expect_err(cells);
        (problem.code, problem.field)
    };
    assert_eq!(
        code("?,?,?,?,?,?,?,?,?,?,?"),
        ("table_missing_value", String::new())
    );
    assert_eq!(
        code("?,1,?,?,?,?,?,?,?,?,?"),
        ("table_missing_value", "a go plan".into())
    );
    assert_eq!(
        code("-1,1,?,?,?,?,?,?,?,?,?"),
        ("table_bad_number", "a go plan".into())
    );
    assert_eq!(
        code("9e9,1,?,?,?,?,?,?,?,?,?"),
        ("table_bad_time", "a go plan".into())
    );
    assert_eq!(
        code("9e25,1,?,?,?,?,?,?,?,?,?"),
        ("table_bad_time", "a go plan".into())
    );
}

fn cell() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        5 => "[a-zA-Z0-9:.]{0,5}".prop_map(String::into_bytes),
        2 => Just(b"2026-03-02 08:00".to_vec()),
        2 => Just(b"Z".to_vec()),
        1 => Just(b"\"".to_vec()),
        1 => Just(b"\"\"".to_vec()),
        1 => Just(b" ".to_vec()),
        1 => Just(b"\n".to_vec()),
        1 => Just(b"\xff".to_vec()),
        1 => Just(b"\"x,y\"".to_vec()),
    ];
    proptest::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat())
}

fn join(cells: &[Vec<u8>]) -> Vec<u8> {
    cells.join(&b","[..])
}

proptest! {
    #[test]
    fn the_open_view_says_what_the_row_says(cells in proptest::collection::vec(cell(), 10..16)) {
        let bound = bound(SCANS, SCANS_HEADER);
        // `decode` compares the two.
        let _ = decode_nth(&bound, &join(&cells), 0);
        let view = bound.open_view(&join(&cells));
        prop_assert_eq!(bound.open_view(&view), view, "blanking twice is blanking once");
    }

    #[test]
    fn rows_that_are_good_say_the_same_when_written_otherwise(
        unit in "[a-z]{1,6}", qty in 0_u32..1000, name in cell(), blanks in "[ \t]{0,3}",
    ) {
        let bound = bound(SCANS, SCANS_HEADER);
        let row = format!("{unit},09521234000778,{qty},pcs,2026-03-02 08:00,Z,P,{unit},us,,,,,");
        let again = format!(
            "\"{unit}\"{blanks},{blanks}09521234000778,{qty}.0,{blanks}pcs,\"2026-03-02 08:00:00\",Z,P,\"{blanks}{unit}\",us,,,,,"
        );
        let one = decode_nth(&bound, &[row.as_bytes(), &name].concat(), 0);
        let two = decode_nth(&bound, again.as_bytes(), 0).expect("is good");
        if let Ok(one) = one {
            prop_assert_eq!(one.fingerprint, two.fingerprint);
            prop_assert_eq!(one.facts, two.facts);
        }
    }

    #[test]
    fn a_cut_row_keeps_its_bytes(cells in proptest::collection::vec(cell(), 0..20)) {
        let bound = bound(CHAIN, CHAIN_HEADER);
        let row = join(&cells);
        let body = ClaimBody {
            format: "table-row".into(),
            version: 1,
            media_type: "text/csv".into(),
            salt: [0; 16],
            envelope: Digest::ZERO,
            hole: 0,
            parts: bound.cut(&row).apply(&row, &mut || [1; 32]),
        };
        let body = ClaimBody::decode(&body.encode()).expect("is a body");
        prop_assert_eq!(body.cut(), Some(bound.cut(&row)));
        prop_assert_eq!(body.open_view(b""), bound.open_view(&row));
        prop_assert_eq!(body.withheld().open_view(b""), bound.open_view(&row));
        prop_assert_eq!(body.bytes(), Some(row));
    }

    #[test]
    fn no_row_panics(row in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = decode_nth(&bound(SCANS, SCANS_HEADER), &row, 0);
        let _ = decode_nth(&bound(CHAIN, CHAIN_HEADER), &row, 0);
    }
}

/// A history of deliveries: planned and made in one row, weights that are said elsewhere.
const DELIVERIES: &str = r#"[columns]
key = ["ID"]
[sighting]
step = { const = "receiving" }
time = { column = "Delivered", format = "%d-%b-%y", zone = "Z", absent = ["Date Not Captured"] }
unit = { column = "ID", scheme = "order-line" }
class = { column = "Article", scheme = "article" }
quantity = "Packs"
weight = { column = "Weight", absent = ["Weight Captured Separately"], absent_like = ["See * (ID#:*)"] }
[plan]
id = { column = "Order", scheme = "order" }
unit = { column = "ID", scheme = "order-line" }
[[plan.stage]]
name = "delivery"
due = { column = "Scheduled", format = "%d-%b-%y", zone = "Z", absent = ["-"] }
reached = { column = "Delivered", format = "%d-%b-%y", zone = "Z", absent = ["Date Not Captured"] }
"#;

/// The facts of a row by name, and how many weights its sighting has; or its problem.
fn delivery(cells: &str) -> Result<(Vec<&'static str>, usize), String> {
    let bound = bound(
        DELIVERIES,
        "ID,Order,Article,Packs,Scheduled,Delivered,Weight",
    );
    let row = format!("7,SCMS-4,Kit,19,{cells}");
    let claim = decode_nth(&bound, row.as_bytes(), 0).map_err(|problem| problem.to_string())?;
    let mut weights = 0;
    let words = claim.facts.iter().map(|fact| match fact {
        Fact::Sighting(sighting) => {
            weights += sighting.weights.len();
            "sighting"
        }
        Fact::Expected(_) => "expected",
        Fact::Reached(_) => "reached",
        _ => "another",
    });
    let words = words.collect();
    Ok((words, weights))
}

#[test]
fn a_row_says_what_was_planned_and_what_was_done() {
    let all = vec!["sighting", "expected", "reached"];
    let check = |cells: &str, expect: Result<(Vec<&'static str>, usize), String>| {
        assert_eq!(delivery(cells), expect, "{cells}");
    };
    check("2-Jun-06,5-Jun-06,171", Ok((all.clone(), 1)));
    check(
        "2-Jun-06,5-Jun-06,See ASN-93 (ID#:1281)",
        Ok((all.clone(), 0)),
    );
    check("2-Jun-06,5-Jun-06,Weight Captured Separately", Ok((all, 0)));
    check("2-Jun-06,Date Not Captured,171", Ok((vec!["expected"], 0)));
    let wrong = "column \"Weight\": \"See above\" is no decimal number";
    check("2-Jun-06,5-Jun-06,See above", Err(wrong.to_owned()));
    let wrong = "column \"Delivered\": \"soon\" is not written as \"%d-%b-%y\"";
    check("2-Jun-06,soon,171", Err(wrong.to_owned()));
    let wrong = "column \"Scheduled\": is empty, as are the times of all other stages";
    check("-,Date Not Captured,171", Err(wrong.to_owned()));
}
