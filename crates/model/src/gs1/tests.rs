//! Tests over the module as a whole: vectors, properties, hostile input.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use serde_json::Value;

mod properties;

use super::{KEY_TEXT_BYTES_MAX, Key, KeyError, Kind, check_digit, ends_in_check_digit};

fn check(input: &str, expect: Result<&str, &str>) {
    let found = Key::parse(input);
    let found = found.as_ref().map(Key::canonical).map_err(KeyError::code);
    assert_eq!(found, expect, "{input}");
}

fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read_json(path: &PathBuf) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// A file of the third-party test data; `None`, and a line of output, where it is absent.
fn data_file(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("COUNTERSIGN_DATA")
        .map_or_else(|| workspace().join("../shared/data"), PathBuf::from);
    let path = root.join(name);
    if path.exists() {
        return Some(path);
    }
    println!("data absent: {}", path.display());
    None
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} of {row}"))
}

fn hash_of(key: &Key) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// What holds of every key, however it was made.
fn check_invariants(key: &Key) {
    check_round_trip(key);
    assert_ne!(key.is_class(), key.is_instance());
    assert!(key.canonical().len() <= 125);
    assert_eq!(key.to_string(), key.canonical());
    assert!(key.canonical().starts_with("https://id.gs1.org/"));
    assert!(key.serial().is_none() || key.is_instance());
    if let Some(class) = key.class_key() {
        assert!(class.is_class());
        assert!(class < *key);
        assert_eq!(class.number(), key.number());
        assert_eq!(class.class_key(), None);
        check_round_trip(&class);
    }
}

/// Parsing a canonical text is the identity.
fn check_round_trip(key: &Key) {
    let again = Key::parse(key.canonical()).expect("a canonical text parses");
    assert_eq!(again.canonical(), key.canonical());
    assert_eq!(&again, key);
    assert_eq!(hash_of(&again), hash_of(key));
    assert_eq!(again.kind(), key.kind());
    assert_eq!(again.check_digit_ok(), key.check_digit_ok());
    assert_eq!(again.company_prefix_len(), None);
    let parts = |key: &Key| {
        let tails = [key.serial(), key.lot(), key.extension()];
        (
            key.number().into_owned(),
            tails.map(|tail| tail.map(Cow::into_owned)),
        )
    };
    assert_eq!(parts(&again), parts(key));
}

// ---- vectors of this project ----

#[test]
fn own_vectors_of_keys() {
    let vectors = read_json(&workspace().join("testdata/vectors/gs1-keys/v1/keys.json"));
    let mut kinds = BTreeSet::new();
    for row in vectors["keys"].as_array().unwrap() {
        let input = text(row, "in");
        let key = Key::parse(input).unwrap_or_else(|e| panic!("{input}: {e}"));
        assert_eq!(key.canonical(), text(row, "canonical"), "{input}");
        assert_eq!(key.kind().name(), text(row, "kind"), "{input}");
        assert_eq!(key.is_class(), text(row, "level") == "class", "{input}");
        assert_eq!(key.number(), text(row, "number"), "{input}");
        assert_eq!(key.gtin14(), row["gtin14"].as_str(), "{input}");
        assert_eq!(key.serial().as_deref(), row["serial"].as_str(), "{input}");
        assert_eq!(key.lot().as_deref(), row["lot"].as_str(), "{input}");
        assert_eq!(
            key.extension().as_deref(),
            row["extension"].as_str(),
            "{input}"
        );
        let prefix = key.company_prefix_len().map(u64::from);
        assert_eq!(prefix, row["company_prefix_len"].as_u64(), "{input}");
        assert_eq!(
            Some(key.check_digit_ok()),
            row["check_digit_ok"].as_bool(),
            "{input}"
        );
        let class = key.class_key();
        assert_eq!(
            class.as_ref().map(Key::canonical),
            row["class_key"].as_str(),
            "{input}"
        );
        check_invariants(&key);
        kinds.insert((key.kind(), input.starts_with("urn:")));
    }
    for kind in Kind::ALL {
        assert!(kinds.contains(&(kind, true)), "no URN vector of {kind:?}");
        assert!(
            kinds.contains(&(kind, false)),
            "no Digital Link vector of {kind:?}"
        );
    }
}

#[test]
fn own_vectors_of_errors() {
    let vectors = read_json(&workspace().join("testdata/vectors/gs1-keys/v1/keys.json"));
    let mut codes = BTreeSet::new();
    for row in vectors["errors"].as_array().unwrap() {
        let input = text(row, "in");
        let error = Key::parse(input).expect_err(input);
        assert_eq!(error.code(), text(row, "error"), "{input}: {error}");
        let at = row["at"].as_u64().map(|at| usize::try_from(at).unwrap());
        assert_eq!(error.at(), at, "{input}: {error}");
        assert_eq!(
            Some(error.may_be_private()),
            row["may_be_private"].as_bool(),
            "{input}"
        );
        assert!(
            error.to_string().bytes().all(|b| (0x20..0x7f).contains(&b)),
            "{input:?}"
        );
        codes.insert(error.code());
    }
    assert_eq!(codes.len(), 15, "an error without a vector: {codes:?}");
}

// ---- vectors of others ----

/// Row 58 of `canonical` and row 0 of `no_canonical_form` are test source: the file was cut
/// out of a Python test by a pattern that ran from the first quote of one assertion to the
/// last quote of a later one. Of such a row the URI it begins with is judged.
fn leading_uri(row: &str) -> Option<&str> {
    row.split_once("')").map(|(uri, _)| uri)
}

const URI_VECTORS: &str = "epcis/derived/uri_canonicalisation_vectors.json";

#[test]
fn reference_vectors() {
    let Some(path) = data_file(URI_VECTORS) else {
        return;
    };
    let vectors = read_json(&path);
    let canonical = vectors["canonical"].as_array().unwrap();
    assert_eq!(canonical.len(), 62);
    let mut garbled = Vec::new();
    for (index, row) in canonical.iter().enumerate() {
        let (input, output) = (text(row, "in"), text(row, "out"));
        check(output, Ok(output));
        if leading_uri(input).is_some() {
            garbled.push(index);
        } else {
            check(input, Ok(output));
        }
    }
    assert_eq!(garbled, [58]);
    // The row's source says of its first URI that it has no canonical form; the URI that
    // `out` belongs to is the last one in it.
    let row = text(&canonical[58], "in");
    check(leading_uri(row).unwrap(), Err("not_gs1"));
    let (_, last) = row.rsplit_once('\'').unwrap();
    check(last, Ok(text(&canonical[58], "out")));
    check(row, Err("too_long"));
}

#[test]
fn reference_vectors_without_canonical_form() {
    let Some(path) = data_file(URI_VECTORS) else {
        return;
    };
    let vectors = read_json(&path);
    let rows = vectors["no_canonical_form"].as_array().unwrap();
    assert_eq!(rows.len(), 8);
    let codes: Vec<_> = rows
        .iter()
        .map(|row| Key::parse(row.as_str().unwrap()).unwrap_err().code())
        .collect();
    let expect = [
        "too_long",    // row 0, garbled
        "not_gs1",     // 99 is no key
        "qualifier",   // 99 is no qualifier
        "not_gs1",     // an ordinary web address
        "gtin_length", // five digits
        "length",      // an ITIP of fourteen digits
        "not_gs1",     // 42
        "forbidden",   // a blank
    ];
    assert_eq!(codes, expect);
    // Row 0 begins with a URI that is sound and stands in `canonical` too: they agree.
    let leading = leading_uri(rows[0].as_str().unwrap()).unwrap();
    let known = vectors["canonical"].as_array().unwrap();
    let known = known.iter().find(|row| row["in"] == leading).unwrap();
    check(leading, Ok(text(known, "out")));
}

/// Every key of the event-hash documents appears, in our form, in the text that the
/// reference implementation hashed for that document.
#[test]
fn reference_event_hash_texts() {
    let Some(path) = data_file("epcis/derived/event_hash_reference_output.json") else {
        return;
    };
    let reference = read_json(&path);
    let mut seen = BTreeSet::new();
    for (name, output) in reference["files"].as_object().unwrap() {
        let document = format!("epcis/ralphtro-event-hash/tests/examples/{name}");
        let Some(document) = data_file(&document) else {
            continue;
        };
        let document = std::fs::read_to_string(document).unwrap();
        let mut hashed = String::new();
        for prehash in output["prehash"].as_array().unwrap() {
            writeln!(hashed, "{}", prehash.as_str().unwrap()).unwrap();
        }
        let ignored = name.contains("Ignore") || name.contains("Comment");
        for quoted in document
            .split(['"', '<', '>'])
            .filter(|q| q.starts_with("urn:epc:"))
        {
            let key = Key::parse(quoted).unwrap_or_else(|e| panic!("{name} {quoted}: {e}"));
            assert!(
                ignored || hashed.contains(key.canonical()),
                "{name} {quoted} {key}"
            );
            check_invariants(&key);
            seen.insert(key.canonical().to_owned());
        }
    }
    assert!(seen.len() > 100, "only {} keys", seen.len());
}

// ---- tables ----

#[test]
fn check_digits() {
    for (data, digit) in [
        ("", '0'),
        ("0", '0'),
        ("629104150021", '3'),
        ("03600029145", '2'),
        ("9638507", '4'),
        ("37610425002123456", '9'),
        ("9521234543210", '3'),
    ] {
        assert_eq!(check_digit(data), Some(digit), "{data}");
        assert!(ends_in_check_digit(&format!("{data}{digit}")), "{data}");
    }
    assert_eq!(check_digit("12a"), None);
    assert_eq!(check_digit("１２"), None);
    assert!(!ends_in_check_digit(""));
    assert!(!ends_in_check_digit("6291041500214"));
    assert!(!ends_in_check_digit("62910415002é"));
    assert_eq!(check_digit(&"9".repeat(100_000)), Some('0'));
}

#[test]
fn one_thing_one_key() {
    let urn = Key::parse("urn:epc:id:sgtin:9521234.154321.a%2Fb").unwrap();
    let link = Key::parse("http://shop.example/gtin/19521234543210/ser/a%2fb?x=y").unwrap();
    assert_eq!(urn, link);
    assert_eq!(urn.cmp(&link), std::cmp::Ordering::Equal);
    assert_eq!(hash_of(&urn), hash_of(&link));
    assert_eq!(
        (urn.company_prefix_len(), link.company_prefix_len()),
        (Some(7), None)
    );
    assert!(urn.check_digit_ok());
    assert_eq!(size_of::<Key>(), 24);
}

#[test]
fn no_segment_is_taken_for_a_second_key() {
    // A value that is the name of a key, a key inside the host's own path, two keys.
    check(
        "https://x.example/01/09521234543213/21/00",
        Ok("https://id.gs1.org/01/09521234543213/21/00"),
    );
    check(
        "https://x.example/00/01/09521234543213",
        Ok("https://id.gs1.org/01/09521234543213"),
    );
    check(
        "https://x.example/01/09521234543213/414/9521234000426",
        Ok("https://id.gs1.org/414/9521234000426"),
    );
    check(
        "https://x.example/8004/00/395212340000000424",
        Ok("https://id.gs1.org/00/395212340000000424"),
    );
}

#[test]
fn hostile_texts() {
    let long = "https://x/".to_owned() + &"01/".repeat(10_000);
    check(&long, Err("too_long"));
    let segments = "https://x/".to_owned() + &"/".repeat(KEY_TEXT_BYTES_MAX - 10);
    check(&segments, Err("not_gs1"));
    let qualifiers = "https://x/01/09521234543213".to_owned() + &"/22/v".repeat(90);
    check(&qualifiers, Err("qualifier_order"));
    for text in [
        "urn:epc:id:sgtin:９５２.1.1",
        "https://é.example/01/09521234543213",
        "\u{202e}urn:epc:",
    ] {
        check(text, Err("forbidden"));
    }
    for byte in 0..=0x20_u8 {
        check(
            &format!("urn:epc:id:giai:9521234.a{}", char::from(byte)),
            Err("forbidden"),
        );
        check(
            &format!("urn:epc:id:giai:9521234.a%{byte:02x}"),
            Err("character"),
        );
    }
}
