//! GS1 Digital Link URIs on any domain (GS1 Digital Link URI Syntax 1.2 §4).
//!
//! A path is read from its end in pairs of name and value: qualifiers first, then the
//! primary key; whatever stands before is the host's own. At most one reading exists:
//! names of keys and of qualifiers are disjoint, and the count of segments behind a key is
//! even, so no value can be mistaken for a second key.

use super::canonical::{Parts, Tail, TailKind};
use super::charset::{Charset, Rule};
use super::error::{KeyError, Part};
use super::kind::{COMPONENT_SERIAL, EXTENSION, Kind, LOT, SERIAL, THIRD_PARTY_SERIAL, VARIANT};
use super::urn::{NO_EXTENSION, refuse_leading_zero};

/// Reads a Digital Link whose bytes are known to be printable ASCII; `scheme_len` is the
/// length of its `http://` or `https://`.
pub(super) fn parse(text: &str, scheme_len: usize) -> Result<Parts, KeyError> {
    let rest = text.get(scheme_len..).unwrap_or_default();
    let hier = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = hier.split_once('/').unwrap_or((hier, ""));
    check_authority(authority, scheme_len)?;
    let path_at = scheme_len + authority.len() + 1;
    let segments = segments(path.strip_suffix('/').unwrap_or(path), path_at);
    let key = locate(&segments).ok_or(KeyError::NotGs1 {
        reason: "a web address without a GS1 key in its path",
    })?;
    read(segments.get(key..).unwrap_or_default())
}

/// One segment of the path and its byte offset in the text.
#[derive(Debug, Clone, Copy)]
struct Segment<'a> {
    raw: &'a str,
    at: usize,
}

fn segments(path: &str, path_at: usize) -> Vec<Segment<'_>> {
    let mut at = path_at;
    path.split('/')
        .map(|raw| {
            let segment = Segment { raw, at };
            at += raw.len() + 1;
            segment
        })
        .collect()
}

/// Host and port only: credentials have no place in a key.
fn check_authority(authority: &str, at: usize) -> Result<(), KeyError> {
    let odd = |b: &u8| !(b.is_ascii_alphanumeric() || b"-._~:[]".contains(b));
    if authority.is_empty() {
        return Err(KeyError::Authority { at });
    }
    match authority.as_bytes().iter().position(odd) {
        Some(offset) => Err(KeyError::Authority { at: at + offset }),
        None => Ok(()),
    }
}

/// What the name of a path pair stands for.
#[derive(Debug, Clone, Copy)]
enum Name {
    /// A primary key, by the kind it is without qualifiers.
    Primary(Kind),
    Qualifier(Qualifier),
    /// A primary key of no kind here.
    OtherPrimary(&'static str),
    /// A qualifier that makes another key than any kind here.
    OtherQualifier(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Qualifier {
    Variant,
    Lot,
    Serial,
    ThirdPartySerial,
    Extension,
    ComponentSerial,
}

/// Application identifier, convenience name and meaning of every name that may stand in a
/// path (GS1 Digital Link URI Syntax 1.2 §4.4-4.6).
static NAMES: [(&str, &str, Name); 24] = [
    ("00", "sscc", Name::Primary(Kind::Sscc)),
    ("01", "gtin", Name::Primary(Kind::Gtin)),
    ("253", "gdti", Name::Primary(Kind::Gdti)),
    ("255", "gcn", Name::Primary(Kind::Sgcn)),
    ("401", "ginc", Name::Primary(Kind::Ginc)),
    ("402", "gsin", Name::Primary(Kind::Gsin)),
    ("414", "gln", Name::Primary(Kind::Sgln)),
    ("417", "party", Name::Primary(Kind::Pgln)),
    ("8003", "grai", Name::Primary(Kind::Grai)),
    ("8004", "giai", Name::Primary(Kind::Giai)),
    ("8006", "itip", Name::Primary(Kind::Itip)),
    ("8010", "cpid", Name::Primary(Kind::Cpi)),
    ("8017", "gsrnp", Name::Primary(Kind::Gsrnp)),
    ("8018", "gsrn", Name::Primary(Kind::Gsrn)),
    ("415", "payTo", Name::OtherPrimary("415")),
    ("8013", "gmn", Name::OtherPrimary("8013")),
    ("22", "cpv", Name::Qualifier(Qualifier::Variant)),
    ("10", "lot", Name::Qualifier(Qualifier::Lot)),
    ("21", "ser", Name::Qualifier(Qualifier::Serial)),
    ("235", "235", Name::Qualifier(Qualifier::ThirdPartySerial)),
    ("254", "glnx", Name::Qualifier(Qualifier::Extension)),
    ("8011", "cpsn", Name::Qualifier(Qualifier::ComponentSerial)),
    ("8019", "srin", Name::OtherQualifier("8019")),
    ("7040", "7040", Name::OtherQualifier("7040")),
];

fn name_of(raw: &str) -> Option<Name> {
    NAMES
        .iter()
        .find(|(ai, alpha, _)| *ai == raw || *alpha == raw)
        .map(|(_, _, name)| *name)
}

/// Index of the segment that names the primary key; `None` for an ordinary web address.
fn locate(segments: &[Segment<'_>]) -> Option<usize> {
    from_the_end(segments).or_else(|| {
        // No sound reading. If some segment still looks like a key, the text claims to be
        // one: reading from there says what is wrong with it.
        segments.windows(2).position(is_plausible)
    })
}

fn from_the_end(segments: &[Segment<'_>]) -> Option<usize> {
    let mut end = segments.len();
    while let Some(start) = end.checked_sub(2) {
        let pair = segments.get(start..end)?;
        match name_of(pair.first()?.raw)? {
            Name::Primary(_) | Name::OtherPrimary(_) => {
                return is_plausible(pair).then_some(start);
            }
            Name::Qualifier(_) | Name::OtherQualifier(_) => end = start,
        }
    }
    None
}

/// A key's name and a value of four digits and one more character, which tells a Digital
/// Link from any other address (GS1 Digital Link URI Syntax 1.2 §6).
fn is_plausible(pair: &[Segment<'_>]) -> bool {
    let [name, value] = pair else { return false };
    let primary = matches!(
        name_of(name.raw),
        Some(Name::Primary(_) | Name::OtherPrimary(_))
    );
    primary && begins_with_prefix(value.raw)
}

fn begins_with_prefix(value: &str) -> bool {
    split_decoded(value, 4).is_some_and(|(prefix, rest)| {
        !rest.is_empty() && Rule::digits(Part::CompanyPrefix, 4).read(prefix, 0).is_ok()
    })
}

/// Reads the primary key, which stands first, and its qualifiers.
fn read(segments: &[Segment<'_>]) -> Result<Parts, KeyError> {
    let [name, value, qualifiers @ ..] = segments else {
        return Err(KeyError::NotGs1 {
            reason: "a path without a key value",
        });
    };
    let kind = match name_of(name.raw) {
        Some(Name::Primary(kind)) => kind,
        Some(Name::OtherPrimary(ai) | Name::OtherQualifier(ai)) => {
            return Err(KeyError::Unsupported { ai, at: name.at });
        }
        Some(Name::Qualifier(_)) | None => return Err(unknown_qualifier(name)),
    };
    let (number, embedded) = read_number(kind, value)?;
    let finest = read_qualifiers(kind, qualifiers)?;
    let kind = match &finest {
        Some((Qualifier::Serial, _)) if kind == Kind::Gtin => Kind::Sgtin,
        Some((Qualifier::Lot, _)) if kind == Kind::Gtin => Kind::Lgtin,
        Some((Qualifier::ThirdPartySerial, _)) => Kind::Upui,
        Some(_) | None => kind,
    };
    let tail = embedded.or_else(|| finest.map(|(_, tail)| tail));
    Ok(Parts {
        kind,
        number,
        tail: tail.filter(|tail| tail.kind != TailKind::Extension || tail.value != NO_EXTENSION),
        company_prefix_len: None,
    })
}

/// The number, and the serial embedded behind it.
fn read_number(kind: Kind, value: &Segment<'_>) -> Result<(String, Option<Tail>), KeyError> {
    if kind == Kind::Gtin {
        return Ok((read_gtin(value)?, None));
    }
    let rule = kind.number_rule();
    let Some(serial_rule) = kind.embedded_serial_rule() else {
        return Ok((rule.read(value.raw, value.at)?, None));
    };
    let Some((digits, serial)) = split_decoded(value.raw, rule.len_min) else {
        return Ok((rule.read(value.raw, value.at)?, None));
    };
    let number = rule.read(digits, value.at)?;
    if serial.is_empty() {
        return Ok((number, None));
    }
    let tail = Tail {
        kind: TailKind::Serial,
        value: serial_rule.read(serial, value.at + digits.len())?,
    };
    Ok((number, Some(tail)))
}

/// Cuts `raw` behind `count` characters, an escape being one; `None` if it has fewer.
fn split_decoded(raw: &str, count: usize) -> Option<(&str, &str)> {
    let mut end = 0;
    for _ in 0..count {
        end += if *raw.as_bytes().get(end)? == b'%' {
            3
        } else {
            1
        };
    }
    raw.split_at_checked(end)
}

/// GTIN-8, -12, -13 and -14, led by zeros to 14 digits.
fn read_gtin(value: &Segment<'_>) -> Result<String, KeyError> {
    let digits = Rule::new(Part::Gtin, Charset::Digits, 0, usize::MAX).read(value.raw, value.at)?;
    match digits.len() {
        8 | 12 | 13 | 14 => Ok(format!("{digits:0>14}")),
        len => Err(KeyError::GtinLength { at: value.at, len }),
    }
}

/// The finest of the qualifiers; the coarser ones are checked and dropped.
fn read_qualifiers(
    kind: Kind,
    segments: &[Segment<'_>],
) -> Result<Option<(Qualifier, Tail)>, KeyError> {
    let mut last: Option<Qualifier> = None;
    let mut finest = None;
    for pair in segments.chunks(2) {
        let [name, values @ ..] = pair else { continue };
        let qualifier = match name_of(name.raw) {
            Some(Name::Qualifier(qualifier)) if takes(kind, qualifier) => qualifier,
            Some(Name::OtherQualifier(ai)) if takes_other(kind, ai) => {
                return Err(KeyError::Unsupported { ai, at: name.at });
            }
            Some(_) | None => return Err(unknown_qualifier(name)),
        };
        let alone = qualifier == Qualifier::ThirdPartySerial && last.is_some();
        if alone || last.is_some_and(|last| last >= qualifier) {
            return Err(KeyError::QualifierOrder { at: name.at });
        }
        last = Some(qualifier);
        let [value] = values else {
            let part = rule_of(qualifier).part;
            let at = name.at + name.raw.len();
            return Err(KeyError::Missing { part, at });
        };
        if let Some(tail) = read_qualifier(qualifier, value)? {
            finest = Some((qualifier, tail));
        }
    }
    Ok(finest)
}

fn unknown_qualifier(name: &Segment<'_>) -> KeyError {
    KeyError::Qualifier {
        at: name.at,
        found: name.raw.into(),
    }
}

/// Which qualifiers may stand behind which key (GS1 Digital Link URI Syntax 1.2 §4.9); their order is
/// that of [`Qualifier`], and AI 235 stands alone.
const fn takes(kind: Kind, qualifier: Qualifier) -> bool {
    match qualifier {
        Qualifier::Variant | Qualifier::Lot | Qualifier::Serial => {
            matches!(kind, Kind::Gtin | Kind::Itip)
        }
        Qualifier::ThirdPartySerial => matches!(kind, Kind::Gtin),
        Qualifier::Extension => matches!(kind, Kind::Sgln),
        Qualifier::ComponentSerial => matches!(kind, Kind::Cpi),
    }
}

/// Service relation instances (AI 8019) and the tobacco law's economic operators,
/// facilities and machines (AI 7040): sound keys of no kind here, and never to be taken
/// for the coarser key before them.
fn takes_other(kind: Kind, ai: &str) -> bool {
    match ai {
        "8019" => matches!(kind, Kind::Gsrn | Kind::Gsrnp),
        _ => matches!(kind, Kind::Sgln | Kind::Pgln | Kind::Giai),
    }
}

const fn rule_of(qualifier: Qualifier) -> Rule {
    match qualifier {
        Qualifier::Variant => VARIANT,
        Qualifier::Lot => LOT,
        Qualifier::Serial => SERIAL,
        Qualifier::ThirdPartySerial => THIRD_PARTY_SERIAL,
        Qualifier::Extension => EXTENSION,
        Qualifier::ComponentSerial => COMPONENT_SERIAL,
    }
}

/// Reads a qualifier's value; a variant is no part of a key.
fn read_qualifier(qualifier: Qualifier, value: &Segment<'_>) -> Result<Option<Tail>, KeyError> {
    let read = rule_of(qualifier).read(value.raw, value.at)?;
    let kind = match qualifier {
        Qualifier::Variant => return Ok(None),
        Qualifier::Lot => TailKind::Lot,
        Qualifier::Extension => TailKind::Extension,
        Qualifier::ComponentSerial => {
            refuse_leading_zero(&read, value.at)?;
            TailKind::Serial
        }
        Qualifier::Serial | Qualifier::ThirdPartySerial => TailKind::Serial,
    };
    Ok(Some(Tail { kind, value: read }))
}
