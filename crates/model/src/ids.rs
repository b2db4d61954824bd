//! Identifiers: one type a thing, each the canonical text of its key.
//!
//! A GS1 key in any spelling is kept as its canonical Digital Link ([`crate::gs1`]), so that
//! equality of text is equality of the thing. A thing without a GS1 key (a licence plate, a
//! tracking number) has a private key `urn:countersign:key:1:<scheme>:<value>`; any other
//! absolute URI is taken as it is.

use std::fmt;
use std::sync::Arc;

use crate::digest::Digest;
use crate::gs1;
use crate::limits::ID_BYTES_MAX;

/// Prefix of private keys; the `1` is the version of the scheme.
pub const PRIVATE_KEY_PREFIX: &str = "urn:countersign:key:1:";

/// Why a text is no identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Empty, or longer than [`ID_BYTES_MAX`].
    #[error("an identifier has 1 to {ID_BYTES_MAX} bytes")]
    Length,
    /// White space, a control character, a brace, a quote or an angle bracket.
    #[error(
        "an identifier has no white space, control characters, braces, quotes or angle brackets"
    )]
    Character,
    /// Not an absolute URI.
    #[error("not an absolute URI (like urn:… or https://…)")]
    NotAUri,
    /// It begins like a GS1 key and is none.
    #[error("not a valid GS1 key: {0}")]
    Gs1(#[from] gs1::KeyError),
    /// A private key whose scheme or value is empty or not in its alphabet.
    #[error("a private key is urn:countersign:key:1:<scheme a-z0-9->:<value>")]
    PrivateKey,
}

/// Canonical text of a key: see the module.
///
/// # Errors
/// [`IdError`].
pub fn canonical_uri(text: &str) -> Result<Arc<str>, IdError> {
    check_text(text)?;
    let scheme_ok = text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    if !scheme_ok {
        return Err(IdError::NotAUri);
    }
    if let Some(private) = text.strip_prefix(PRIVATE_KEY_PREFIX) {
        let (scheme, value) = private.split_once(':').ok_or(IdError::PrivateKey)?;
        if !scheme_of_private_key_ok(scheme) || value.is_empty() {
            return Err(IdError::PrivateKey);
        }
        return Ok(text.into());
    }
    match gs1::Key::parse(text) {
        Ok(key) => Ok(key.canonical().into()),
        Err(gs1::KeyError::NotGs1 { .. }) => Ok(text.into()),
        Err(other) if text.starts_with("urn:epc:") => Err(IdError::Gs1(other)),
        // A web address that is no Digital Link is somebody's own key.
        Err(_) => Ok(text.into()),
    }
}

/// The private key for a value of a company's own scheme; reserved bytes are percent-encoded.
///
/// # Errors
/// [`IdError`] for an empty or over-long value or a scheme outside `a-z0-9-`.
pub fn private_key(scheme: &str, value: &str) -> Result<Arc<str>, IdError> {
    use fmt::Write as _;
    if !scheme_of_private_key_ok(scheme) || value.is_empty() {
        return Err(IdError::PrivateKey);
    }
    let mut out = format!("{PRIVATE_KEY_PREFIX}{scheme}:");
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    check_text(&out)?;
    Ok(out.into())
}

fn scheme_of_private_key_ok(scheme: &str) -> bool {
    (1..=32).contains(&scheme.len())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn check_text(text: &str) -> Result<(), IdError> {
    if text.is_empty() || text.len() > ID_BYTES_MAX {
        return Err(IdError::Length);
    }
    let is_bad = if text.is_ascii() {
        text.bytes().any(is_bad_byte)
    } else {
        text.chars().any(is_bad)
    };
    if is_bad {
        Err(IdError::Character)
    } else {
        Ok(())
    }
}

fn is_bad(c: char) -> bool {
    c.is_whitespace() || c.is_control() || u8::try_from(c).is_ok_and(is_bad_byte)
}

/// [`is_bad`] of an ASCII character; `false` of any other byte.
fn is_bad_byte(byte: u8) -> bool {
    static BAD: [bool; 256] = bad_bytes();
    BAD.get(usize::from(byte)).is_some_and(|is_bad| *is_bad)
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses a panic"
)]
const fn bad_bytes() -> [bool; 256] {
    let mut bad = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        bad[byte as usize] = byte <= b' '
            || matches!(
                byte,
                b'{' | b'}' | b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'|' | 0x7f
            );
        byte += 1;
    }
    bad
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads any spelling of the key.
            ///
            /// # Errors
            /// [`IdError`].
            pub fn parse(text: &str) -> Result<Self, IdError> {
                canonical_uri(text).map(Self)
            }

            /// The private key of `value` in a company's own `scheme`.
            ///
            /// # Errors
            /// [`IdError`].
            pub fn private(scheme: &str, value: &str) -> Result<Self, IdError> {
                private_key(scheme, value).map(Self)
            }

            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// An identified thing: an SGTIN, SSCC, GRAI, GIAI, or a private key.
    UnitId
}

impl UnitId {
    /// What sort of key it is: the application identifier of a GS1 key (`8004`), the scheme of a private
    /// one (`plate`). `None` of other URIs, which do not say.
    #[must_use]
    pub fn scheme(&self) -> Option<&str> {
        let private = self.0.strip_prefix(PRIVATE_KEY_PREFIX);
        let (scheme, _) = match private {
            Some(rest) => rest.split_once(':')?,
            None => self.0.strip_prefix(gs1::CANONICAL_BASE)?.split_once('/')?,
        };
        Some(scheme)
    }
}

id! {
    /// A class of things that are counted: a GTIN, a lot (LGTIN), or a private key.
    ClassId
}
id! {
    /// A place: a site, a zone, a dock, a vehicle (SGLN, a `geo:` URI or a private key).
    PlaceId
}
id! {
    /// A party: whoever holds, gives or takes (PGLN or a private key).
    PartyId
}
id! {
    /// A document that a claim points at or a plan is: manifest, order, despatch advice, count.
    DocId
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a short name without white space or control characters.
            ///
            /// # Errors
            /// [`IdError`].
            pub fn parse(text: &str) -> Result<Self, IdError> {
                check_text(text)?;
                Ok(Self(text.into()))
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// A principal who signs: a device, service, person (as pseudonym) or partner; the issuer of a statement.
    PrincipalId
}
name! {
    /// The origin of a log: its name in checkpoints, unique for ever.
    Origin
}

/// Identity of a claim (format law 7), a digest over issuer and event id, or what stands for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ClaimId(pub Digest);

impl ClaimId {
    /// Identity by the issuer's own event id; a declaration of error is a claim of its own.
    #[must_use]
    pub fn of_event(issuer: &PrincipalId, event_id: &str, declared: Option<&str>) -> Self {
        let declared = declared.unwrap_or_default();
        let parts = [
            issuer.as_str().as_bytes(),
            event_id.as_bytes(),
            declared.as_bytes(),
        ];
        Self(Digest::of_parts("countersign/claim-id/event/v1", &parts))
    }

    /// Identity by the key columns that a mapping file names.
    #[must_use]
    pub fn of_columns(issuer: &PrincipalId, format: &str, mapping: Digest, keys: &[&str]) -> Self {
        let mut parts: Vec<&[u8]> = vec![
            issuer.as_str().as_bytes(),
            format.as_bytes(),
            mapping.as_bytes(),
        ];
        parts.extend(keys.iter().map(|key| key.as_bytes()));
        Self(Digest::of_parts("countersign/claim-id/columns/v1", &parts))
    }

    /// Identity by the bytes themselves: the `nth` such bytes in the document (from 0).
    #[must_use]
    pub fn of_bytes(issuer: &PrincipalId, bytes: Digest, document: Digest, nth: u64) -> Self {
        let nth = nth.to_be_bytes();
        let parts = [
            issuer.as_str().as_bytes(),
            bytes.as_bytes(),
            document.as_bytes(),
            &nth,
        ];
        Self(Digest::of_parts("countersign/claim-id/bytes/v1", &parts))
    }
}

/// The thumbprint of a public key: SHA-256 of its COSE_Key in deterministic CBOR (RFC 9679).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId(pub Digest);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<&str>) {
        let got = UnitId::parse(text).ok().map(|id| id.to_string());
        assert_eq!(got.as_deref(), expect, "{text}");
    }

    #[test]
    fn canonical_texts() {
        check(
            "urn:epc:id:sscc:4012345.3111111111",
            Some("https://id.gs1.org/00/340123451111111111"),
        );
        check(
            "https://example.org/00/340123451111111111",
            Some("https://id.gs1.org/00/340123451111111111"),
        );
        check(
            "urn:countersign:key:1:plate:AB-12",
            Some("urn:countersign:key:1:plate:AB-12"),
        );
        check(
            "https://track.example.org/p/1",
            Some("https://track.example.org/p/1"),
        );
        check("urn:countersign:key:1:Plate:AB", None);
        check("no-scheme", None);
        check("urn:x:a b", None);
        check("urn:x:{a}", None);
        check("", None);
    }

    #[test]
    fn bad_bytes_are_the_bad_characters() {
        for byte in 0..=u8::MAX {
            let c = char::from(byte);
            let expect = c.is_whitespace() || c.is_control() || "{}<>\"\\^`|".contains(c);
            assert_eq!(is_bad(c), expect, "{byte}");
            assert_eq!(is_bad_byte(byte), expect && c.is_ascii(), "{byte}");
        }
    }

    #[test]
    fn private_keys_encode_what_is_reserved() {
        let id = UnitId::private("tracking", "JD 01/é").expect("valid");
        assert_eq!(
            id.as_str(),
            "urn:countersign:key:1:tracking:JD%2001%2F%C3%A9"
        );
        assert_eq!(UnitId::parse(id.as_str()), Ok(id));
        assert!(UnitId::private("Tracking", "1").is_err());
    }

    #[test]
    fn claim_identities_differ_by_every_part() {
        let issuer = |s| PrincipalId::parse(s).expect("valid");
        let base = ClaimId::of_event(&issuer("a"), "e", None);
        assert_ne!(base, ClaimId::of_event(&issuer("b"), "e", None));
        assert_ne!(base, ClaimId::of_event(&issuer("a"), "f", None));
        assert_ne!(
            base,
            ClaimId::of_event(&issuer("a"), "e", Some("2026-01-01T00:00:00Z"))
        );
    }
}
