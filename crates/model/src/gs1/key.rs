//! A key in canonical form.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::canonical::{self, CANONICAL_BASE, Parts, TailKind};
use super::charset::unescape;
use super::check_digit::ends_in_check_digit;
use super::error::KeyError;
use super::kind::Kind;
use super::{KEY_TEXT_BYTES_MAX, digital_link, urn};

/// A GS1 key, of one thing or of a class of things, in its canonical form.
///
/// Equality, hash and order are those of [`Key::canonical`]. Parsing the canonical form
/// gives an equal key.
#[derive(Debug, Clone)]
pub struct Key {
    text: Box<str>,
    /// Byte of `text` behind the number.
    number_end: u16,
    /// Byte of `text` where the tail begins; its end if there is none.
    tail_start: u16,
    kind: Kind,
    tail: Option<TailKind>,
    company_prefix_len: Option<u8>,
}

impl Key {
    /// Reads a key from an EPC URN (`urn:epc:id:…`, `urn:epc:class:lgtin:…`,
    /// `urn:epc:idpat:…` of one class) or a GS1 Digital Link on any domain.
    ///
    /// Of a Digital Link the finest key is kept: a serial before a lot before the class;
    /// consumer product variant, query and fragment are dropped. A GTIN of 8, 12 or 13
    /// digits is led by zeros to 14.
    ///
    /// # Errors
    /// [`KeyError`] says what is wrong and at which byte; [`KeyError::may_be_private`]
    /// tells an identifier of another system from a GS1 key that is malformed.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if text.len() > KEY_TEXT_BYTES_MAX {
            let len_bytes = text.len();
            return Err(KeyError::TooLong { len_bytes });
        }
        let forbidden = |byte: &u8| !byte.is_ascii_graphic() || matches!(byte, b'{' | b'}');
        if let Some((byte, at)) = text.bytes().zip(0..).find(|(byte, _)| forbidden(byte)) {
            return Err(KeyError::Forbidden { at, byte });
        }
        if begins_with(text, urn::URN_BASE) {
            return urn::parse(text).map(|parts| Self::from_parts(&parts));
        }
        let Some(scheme) = ["https://", "http://"]
            .into_iter()
            .find(|s| begins_with(text, s))
        else {
            return Err(KeyError::NotGs1 {
                reason: "neither an EPC URN nor a web address",
            });
        };
        digital_link::parse(text, scheme.len()).map(|parts| Self::from_parts(&parts))
    }

    fn from_parts(parts: &Parts) -> Self {
        let (text, number_end, tail_start) = canonical::write(parts);
        let small = |offset| u16::try_from(offset).expect("a canonical text has under 512 bytes");
        Self {
            text: text.into_boxed_str(),
            number_end: small(number_end),
            tail_start: small(tail_start),
            kind: parts.kind,
            tail: parts.tail.as_ref().map(|tail| tail.kind),
            company_prefix_len: parts.company_prefix_len,
        }
    }

    /// The canonical Digital Link, `https://id.gs1.org/…`.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.text
    }

    /// Which key this is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether this names a class: a trade item, a lot of it, or a type of asset, document,
    /// coupon, component or piece without a serial. A class counts goods, it identifies none.
    #[must_use]
    pub const fn is_class(&self) -> bool {
        match self.kind {
            Kind::Gtin | Kind::Lgtin => true,
            Kind::Gdti | Kind::Sgcn | Kind::Grai | Kind::Itip | Kind::Cpi => {
                !matches!(self.tail, Some(TailKind::Serial))
            }
            Kind::Sscc
            | Kind::Sgtin
            | Kind::Upui
            | Kind::Ginc
            | Kind::Gsin
            | Kind::Sgln
            | Kind::Pgln
            | Kind::Giai
            | Kind::Gsrnp
            | Kind::Gsrn => false,
        }
    }

    /// Whether this names exactly one thing, place, party, shipment or relation.
    #[must_use]
    pub const fn is_instance(&self) -> bool {
        !self.is_class()
    }

    /// Value of the primary key, decoded, with its check digit and without an embedded
    /// serial: the 18 digits of an SSCC or ITIP, the 14 of a GTIN or GRAI, the 13 of a GLN.
    #[must_use]
    pub fn number(&self) -> Cow<'_, str> {
        decode(self.raw_number())
    }

    /// The GTIN in 14 digits, of a trade item, a lot of it or a piece of it.
    #[must_use]
    pub fn gtin14(&self) -> Option<&str> {
        match self.kind {
            Kind::Gtin | Kind::Lgtin | Kind::Sgtin | Kind::Upui | Kind::Itip => {
                self.raw_number().get(..14)
            }
            Kind::Sscc
            | Kind::Gdti
            | Kind::Sgcn
            | Kind::Ginc
            | Kind::Gsin
            | Kind::Sgln
            | Kind::Pgln
            | Kind::Grai
            | Kind::Giai
            | Kind::Cpi
            | Kind::Gsrnp
            | Kind::Gsrn => None,
        }
    }

    /// The serial, decoded, of a trade item, piece, asset, document, coupon or component.
    #[must_use]
    pub fn serial(&self) -> Option<Cow<'_, str>> {
        self.tail_of(TailKind::Serial)
    }

    /// The batch or lot, decoded, of a trade item or piece without a serial.
    #[must_use]
    pub fn lot(&self) -> Option<Cow<'_, str>> {
        self.tail_of(TailKind::Lot)
    }

    /// The extension, decoded, of a location: a door, bay or shelf at it.
    #[must_use]
    pub fn extension(&self) -> Option<Cow<'_, str>> {
        self.tail_of(TailKind::Extension)
    }

    /// Length of the company prefix in digits (6 to 12), known only if the key came as a
    /// URN. Two equal keys may differ in it: nothing that must be reproducible may use it.
    #[must_use]
    pub const fn company_prefix_len(&self) -> Option<u8> {
        self.company_prefix_len
    }

    /// Whether the check digit is right; true for GIAI, GINC and CPI, which have none.
    /// A GRAI whose first digit is not its filling zero is never right.
    #[must_use]
    pub fn check_digit_ok(&self) -> bool {
        let number = self.raw_number();
        let filled = self.kind != Kind::Grai || number.starts_with('0');
        match self.kind.checked_digits() {
            0 => true,
            len => filled && number.get(..len).is_some_and(ends_in_check_digit),
        }
    }

    /// The class that this is an instance or a lot of: the key without serial or lot.
    /// `None` for a class without a lot and for kinds that have no class.
    #[must_use]
    pub fn class_key(&self) -> Option<Self> {
        let kind = match self.kind {
            Kind::Sgtin | Kind::Lgtin | Kind::Upui => Kind::Gtin,
            Kind::Gdti | Kind::Sgcn | Kind::Grai | Kind::Itip | Kind::Cpi => self.kind,
            Kind::Sscc
            | Kind::Gtin
            | Kind::Ginc
            | Kind::Gsin
            | Kind::Sgln
            | Kind::Pgln
            | Kind::Giai
            | Kind::Gsrnp
            | Kind::Gsrn => return None,
        };
        self.tail?;
        Some(Self::from_parts(&Parts {
            kind,
            number: self.number().into_owned(),
            tail: None,
            company_prefix_len: self.company_prefix_len,
        }))
    }

    fn raw_number(&self) -> &str {
        let start = CANONICAL_BASE.len() + self.kind.ai().len() + 1;
        let number = self.text.get(start..usize::from(self.number_end));
        number.expect("offsets were taken while the text was written")
    }

    fn tail_of(&self, kind: TailKind) -> Option<Cow<'_, str>> {
        if self.tail != Some(kind) {
            return None;
        }
        self.text.get(usize::from(self.tail_start)..).map(decode)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether `text` begins with `base`, a lower-case scheme, in either case.
fn begins_with(text: &str, base: &str) -> bool {
    text.get(..base.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(base))
}

/// Undoes the escapes of a canonical text.
fn decode(raw: &str) -> Cow<'_, str> {
    if !raw.contains('%') {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let (high, low) = (bytes.next(), bytes.next());
                unescape(high, low).expect("a canonical text has whole escapes only")
            }
            _ => byte,
        };
        value.push(char::from(byte));
    }
    Cow::Owned(value)
}
