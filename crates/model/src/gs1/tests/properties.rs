//! Properties: URN and Digital Link of one thing are one key, whatever the thing.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::{KEY_TEXT_BYTES_MAX, Key, Kind, check_digit};
use super::check_invariants;

/// One to sixteen, and one to twenty, of the 82 characters.
const AI82_16: &str = "[!-\"%-?A-Z_a-z]{1,16}";
const AI82_20: &str = "[!-\"%-?A-Z_a-z]{1,20}";

fn escape(value: &str, bare: &str, lower: bool) -> String {
    let mut out = String::new();
    for c in value.chars() {
        if c.is_ascii_alphanumeric() || bare.contains(c) {
            out.push(c);
        } else if lower {
            write!(out, "%{:02x}", u32::from(c)).unwrap();
        } else {
            write!(out, "%{:02X}", u32::from(c)).unwrap();
        }
    }
    out
}

/// One thing, written as the two readers take it.
#[derive(Debug)]
struct Pair {
    urn: String,
    path: String,
    kind: Kind,
}

/// What the two texts of a thing are made from.
#[derive(Debug)]
struct Sample {
    digits: String,
    prefix_len: usize,
    value: String,
    lower: bool,
}

impl Sample {
    /// Company prefix and reference, `len` digits together.
    fn cut(&self, len: usize) -> (&str, &str) {
        self.digits[..len].split_at(self.prefix_len)
    }

    /// URN part and full number of a key whose digits stand in the order of the URN.
    fn number(&self, len: usize) -> (String, String) {
        let (prefix, reference) = self.cut(len);
        let number = with_check(&format!("{prefix}{reference}"));
        (format!("{prefix}.{reference}"), number)
    }

    /// The same for a key whose reference gives its first digit to the front.
    fn led(&self, len: usize) -> (String, String) {
        let (prefix, reference) = self.cut(len);
        let (first, rest) = reference.split_at(1);
        let number = with_check(&format!("{first}{prefix}{rest}"));
        (format!("{prefix}.{reference}"), number)
    }

    /// Escaped for a URN and for a Digital Link.
    fn tail(&self) -> (String, String) {
        let urn = escape(&self.value, "!'()*+,-.:;=_", self.lower);
        (urn, escape(&self.value, "-._", self.lower))
    }

    /// Form and scheme, body and path behind the application identifier.
    fn texts(&self, kind: Kind) -> (&'static str, String, String) {
        let (urn_tail, link_tail) = self.tail();
        let trade_item = |form, qualifier: &str| {
            let (urn, number) = self.led(13);
            (
                form,
                format!("{urn}.{urn_tail}"),
                format!("{number}{qualifier}{link_tail}"),
            )
        };
        let plain = |form, (urn, number): (String, String)| (form, urn, number);
        let typed = |form, fill: &str, joint: &str| {
            let (urn, number) = self.number(12);
            (
                form,
                format!("{urn}.{urn_tail}"),
                format!("{fill}{number}{joint}{link_tail}"),
            )
        };
        let prefixed = |form| {
            let prefix = &self.digits[..self.prefix_len];
            (
                form,
                format!("{prefix}.{urn_tail}"),
                format!("{prefix}{link_tail}"),
            )
        };
        match kind {
            Kind::Sscc => plain("id:sscc", self.led(17)),
            Kind::Gsrn => plain("id:gsrn", self.number(17)),
            Kind::Gsrnp => plain("id:gsrnp", self.number(17)),
            Kind::Gsin => plain("id:gsin", self.number(16)),
            Kind::Pgln => plain("id:pgln", self.number(12)),
            Kind::Sgln => typed("id:sgln", "", "/254/"),
            Kind::Gdti => typed("id:gdti", "", ""),
            Kind::Grai => typed("id:grai", "0", ""),
            Kind::Sgcn => {
                let ((urn, number), serial) = (self.number(12), &self.digits[5..]);
                (
                    "id:sgcn",
                    format!("{urn}.{serial}"),
                    format!("{number}{serial}"),
                )
            }
            Kind::Giai => prefixed("id:giai"),
            Kind::Ginc => prefixed("id:ginc"),
            Kind::Cpi => self.component(),
            Kind::Gtin => {
                let (urn, number) = self.led(13);
                ("idpat:sgtin", format!("{urn}.*"), number)
            }
            Kind::Sgtin => trade_item("id:sgtin", "/22/v/21/"),
            Kind::Upui => trade_item("id:upui", "/235/"),
            Kind::Lgtin => trade_item("class:lgtin", "/10/"),
            Kind::Itip => {
                let (urn, number) = self.led(13);
                let path = format!("{number}0102/10/l/21/{link_tail}");
                ("id:itip", format!("{urn}.01.02.{urn_tail}"), path)
            }
        }
    }

    fn component(&self) -> (&'static str, String, String) {
        let prefix = &self.digits[..self.prefix_len];
        let mut part = self.value.to_uppercase();
        part.retain(|c| c.is_ascii_alphanumeric() || "-/".contains(c));
        let part = escape(&format!("P{part}#"), "-", self.lower);
        (
            "id:cpi",
            format!("{prefix}.{part}.7"),
            format!("{prefix}{part}/8011/7"),
        )
    }
}

fn with_check(digits: &str) -> String {
    format!("{digits}{}", check_digit(digits).unwrap())
}

prop_compose! {
    fn pairs()(
        kind in proptest::sample::select(&Kind::ALL[..]),
        digits in "[0-9]{17}",
        prefix_len in 6_usize..=12,
        value in AI82_16,
        lower: bool,
    ) -> Pair {
        // An extension of 0 stands for none: the one value that two texts share.
        let value = if value == "0" { "1".to_owned() } else { value };
        let sample = Sample { digits, prefix_len, value, lower };
        let (form, body, path) = sample.texts(kind);
        let urn = format!("urn:epc:{form}:{body}");
        let path = format!("{}/{path}", kind.ai());
        Pair { urn, path, kind }
    }
}

proptest! {
    #[test]
    fn urn_and_link_are_one_key(pair in pairs(), stem in "(/[a-z]{1,9}){0,3}", query in "(\\?[a-z]=[0-9]{1,9})?") {
        let urn = Key::parse(&pair.urn).unwrap();
        let link = Key::parse(&format!("https://shop.example{stem}/{}{query}", pair.path)).unwrap();
        prop_assert_eq!(&urn, &link);
        prop_assert_eq!(urn.kind(), pair.kind);
        prop_assert_eq!(link.kind(), pair.kind);
        prop_assert!(urn.check_digit_ok() && link.check_digit_ok());
        prop_assert!((6..=12).contains(&urn.company_prefix_len().unwrap()));
        check_invariants(&urn);
        check_invariants(&link);
    }

    #[test]
    fn order_is_that_of_the_text(a in pairs(), b in pairs()) {
        let (a, b) = (Key::parse(&a.urn).unwrap(), Key::parse(&b.urn).unwrap());
        prop_assert_eq!(a.cmp(&b), a.canonical().cmp(b.canonical()));
        prop_assert_eq!(a == b, a.canonical() == b.canonical());
    }

    #[test]
    fn different_serials_are_different_keys(
        a in AI82_20,
        b in AI82_20,
    ) {
        let key = |serial: &str| {
            let serial = escape(serial, "", false);
            Key::parse(&format!("urn:epc:id:sgtin:9521234.154321.{serial}")).unwrap()
        };
        prop_assert_eq!(key(&a) == key(&b), a == b);
        let key = key(&a);
        prop_assert_eq!(key.serial().unwrap(), a);
    }

    #[test]
    fn one_wrong_digit_is_seen(digits in "[0-9]{17}", place in 0_usize..18, by in 1_u32..10) {
        let sound = with_check(&digits);
        let mut bytes: Vec<u8> = sound.bytes().collect();
        bytes[place] = b'0' + u8::try_from((u32::from(bytes[place] - b'0') + by) % 10).unwrap();
        let wrong = String::from_utf8(bytes).unwrap();
        let key = |n: &str| Key::parse(&format!("https://x.example/00/{n}")).unwrap();
        prop_assert!(key(&sound).check_digit_ok());
        prop_assert!(!key(&wrong).check_digit_ok());
        prop_assert_ne!(key(&sound), key(&wrong));
    }

    #[test]
    fn any_text_is_a_key_or_an_error(text in "\\PC{0,80}") {
        if let Ok(key) = Key::parse(&text) {
            check_invariants(&key);
        }
    }

    #[test]
    fn any_text_that_begins_well(
        base in proptest::sample::select(&[
            "urn:epc:id:", "urn:epc:id:sgtin:", "urn:epc:id:giai:952123.", "urn:epc:idpat:",
            "https://x/", "https://x/01/", "https://x/8004/9521", "http://x/253/",
        ][..]),
        rest in "[!-~]{0,60}|[0-9./%*:a-f]{0,60}",
    ) {
        if let Ok(key) = Key::parse(&format!("{base}{rest}")) {
            check_invariants(&key);
        }
    }

    #[test]
    fn a_damaged_key_is_a_key_or_an_error(
        pair in pairs(), link: bool, at: proptest::sample::Index, byte in 0x20_u8..0x7f,
    ) {
        let text = if link { format!("https://x.example/{}", pair.path) } else { pair.urn };
        let mut bytes = text.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        match Key::parse(&String::from_utf8(bytes).unwrap()) {
            Ok(key) => check_invariants(&key),
            Err(error) => prop_assert!(error.at().is_none_or(|at| at <= KEY_TEXT_BYTES_MAX)),
        }
    }
}
