//! The grammars of single texts: URIs, times, offsets, units of measure, versions.

use std::net::Ipv6Addr;

use countersign_model::time::{DAY_MS, Timestamp};

const PLAIN: u8 = 1;
const COLON_AT: u8 = 2;
const SLASH: u8 = 4;
const QUESTION: u8 = 8;

/// Whether `text` is an absolute URI with or without a fragment (RFC 3986, rule `URI`).
#[must_use]
pub fn is_uri(text: &str) -> bool {
    is_simple_uri(text.as_bytes()) || is_uri_by_rule(text)
}

/// Whether `text` is a URI as nearly all are: without a query, a fragment or an escape, and of an
/// authority the host alone.
fn is_simple_uri(text: &[u8]) -> bool {
    let is = |classes: u8| move |byte: &u8| class_of(*byte) & classes != 0;
    let Some(colon) = text.iter().position(|byte| *byte == b':') else {
        return false;
    };
    let (scheme, rest) = text.split_at(colon);
    let [b':', rest @ ..] = rest else {
        return false;
    };
    let path = match rest {
        [b'/', b'/', after @ ..] => {
            let host = after.iter().take_while(|byte| is(PLAIN)(byte)).count();
            match after.get(host) {
                None | Some(b'/') => after.get(host..).unwrap_or_default(),
                Some(_) => return false,
            }
        }
        _ => rest,
    };
    scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme.iter().all(|byte| is_of_scheme(*byte))
        && path.iter().all(is(PLAIN | COLON_AT | SLASH))
}

fn is_uri_by_rule(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    if !is_scheme(scheme) {
        return false;
    }
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = match rest.strip_prefix("//") {
        None => rest,
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at(end);
            if !is_authority(authority) {
                return false;
            }
            path
        }
    };
    consists_of(path, PLAIN | COLON_AT | SLASH)
        && consists_of(query, PLAIN | COLON_AT | SLASH | QUESTION)
        && consists_of(fragment, PLAIN | COLON_AT | SLASH | QUESTION)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.bytes().all(is_of_scheme)
}

const fn is_of_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// What a byte may be part of in a URI (RFC 3986 §2).
fn class_of(byte: u8) -> u8 {
    static CLASSES: [u8; 256] = classes();
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// The class of each byte.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses a panic"
)]
const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => PLAIN,
            b'-' | b'.' | b'_' | b'~' => PLAIN,
            b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' => PLAIN,
            b':' | b'@' => COLON_AT,
            b'/' => SLASH,
            b'?' => QUESTION,
            _ => 0,
        };
        byte += 1;
    }
    classes
}

/// Only bytes of these classes, and whole percent escapes.
fn consists_of(text: &str, classes: u8) -> bool {
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if class_of(byte) & classes != 0 {
            continue;
        }
        let escape = byte == b'%'
            && bytes.next().is_some_and(|b| b.is_ascii_hexdigit())
            && bytes.next().is_some_and(|b| b.is_ascii_hexdigit());
        if !escape {
            return false;
        }
    }
    true
}

fn is_authority(text: &str) -> bool {
    let (user, host_port) = match text.split_once('@') {
        Some((user, rest)) => (user, rest),
        None => ("", text),
    };
    let (host_ok, port) = if let Some(literal) = host_port.strip_prefix('[') {
        let Some((address, port)) = literal.split_once(']') else {
            return false;
        };
        (is_ip_literal(address), port)
    } else {
        let end = host_port.find(':').unwrap_or(host_port.len());
        let (host, port) = host_port.split_at(end);
        (!host.contains('@') && consists_of(host, PLAIN), port)
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    let port_ok =
        (port.is_empty() || port.starts_with(':')) && digits.bytes().all(|b| b.is_ascii_digit());
    host_ok && port_ok && !user.contains('@') && consists_of(user, PLAIN | COLON_AT)
}

fn is_ip_literal(text: &str) -> bool {
    let Some(future) = text.strip_prefix(['v', 'V']) else {
        return text.parse::<Ipv6Addr>().is_ok();
    };
    future.split_once('.').is_some_and(|(version, address)| {
        !version.is_empty()
            && version.bytes().all(|b| b.is_ascii_hexdigit())
            && !address.is_empty()
            && !address.contains(['%', '@'])
            && consists_of(address, PLAIN | COLON_AT)
    })
}

/// Reads an `xsd:dateTimeStamp` within the years that we take as event times. A leap second
/// must be the last one of a day in UTC.
#[must_use]
pub fn date_time(text: &str) -> Option<Timestamp> {
    let (at, _) = Timestamp::parse(text).ok()?;
    let leap = text.get(17..19) == Some("60");
    (!leap || at.ms() % DAY_MS < 1000).then_some(at)
}

/// Reads `eventTimeZoneOffset`: `+hh:mm` or `-hh:mm` up to 14:00; minutes east of UTC.
#[must_use]
pub fn zone_offset(text: &str) -> Option<i16> {
    if text.starts_with(['+', '-']) {
        countersign_model::time::parse_offset(text).ok()
    } else {
        None
    }
}

/// A UN/ECE unit in a quantity: two or three capital letters or digits.
#[must_use]
pub fn is_uom(text: &str) -> bool {
    matches!(text.len(), 2 | 3)
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Numbers with dots between them: `2.0`.
#[must_use]
pub fn is_version(text: &str) -> bool {
    text.split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// One or more hexadecimal digits.
#[must_use]
pub fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: bool) {
        assert_eq!(is_uri(text), expect, "{text}");
    }

    proptest::proptest! {
        #[test]
        fn a_simple_uri_is_one_by_the_rule(text in "(urn|https?|1a|a[+.-]|)[:/@]{0,3}[a-z0-9:/@?#%.~é\\[\\] -]{0,12}") {
            let simple = is_simple_uri(text.as_bytes());
            proptest::prop_assert!(!simple || is_uri_by_rule(&text), "{}", text);
        }
    }

    #[test]
    fn uris() {
        check("urn:epc:id:sgtin:0614141.107346.2017", true);
        check("https://id.gs1.org/00/340123451111111111", true);
        check("ni:///sha-256;df7bb3?ver=CBV2.0", true);
        check("geo:52.1,4.2", true);
        check("https://[2001:db8::1]:80/x?y#z", true);
        check("https://user:pw@host:80/%20", true);
        check("cbv:BizStep-shipping", true);
        check("a:", true);
        check("shipping", false);
        check("", false);
        check(":a", false);
        check("1a:b", false);
        check("urn:a b", false);
        check("urn:{a}", false);
        check("urn:a%2", false);
        check("urn:a%zz", false);
        check("urn:a#b#c", false);
        check("urn:[a]", false);
        check("https://[::1/x", false);
        check("https://host:8a/", false);
        check("https://a@b@c/", false);
        check("urn:\u{e9}", false);
        assert!(is_simple_uri(b"https://id.gs1.org/00/340123451111111111"));
        assert!(is_simple_uri(b"urn:epc:id:sgtin:0614141.107346.2017"));
    }

    #[test]
    fn small_grammars() {
        assert!(date_time("2016-12-31T23:59:60Z").is_some());
        assert!(date_time("2016-12-31T22:59:60Z").is_none());
        assert_eq!(zone_offset("-06:00"), Some(-360));
        assert_eq!(zone_offset("+14:00"), Some(840));
        for bad in ["Z", "06:00", "+14:01", "+6:00", "+06:60"] {
            assert_eq!(zone_offset(bad), None, "{bad}");
        }
        assert!(is_uom("KGM") && is_uom("4L") && !is_uom("kg") && !is_uom("KILO"));
        assert!(is_version("2.0") && !is_version("2.") && !is_version("") && !is_version("2.x"));
        assert!(is_hex("f0F0") && !is_hex("") && !is_hex("0x"));
    }
}
