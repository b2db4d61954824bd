//! GS1 keys: one thing, one text, whichever way it was written.
//!
//! A pallet is `urn:epc:id:sscc:4012345.3111111111` to one partner and
//! `https://example.com/sscc/340123451111111111?linkType=all` to another. [`Key::parse`] reads
//! both and keeps the *canonical form*, `https://id.gs1.org/00/340123451111111111`. Keys
//! are compared, hashed and ordered by that text alone, and parsing it again gives it back.
//!
//! What this module never does: guess. A Digital Link does not say how long its company
//! prefix is, so [`Key::company_prefix_len`] is empty for it; a check digit that is wrong
//! stays as it was sent, and [`Key::check_digit_ok`] says so (a receiver warns, the key
//! is still the one its sender used). Identifiers of other systems (`urn:epc:id:gid:`,
//! ordinary web addresses) are [`KeyError::NotGs1`]; the caller may hold them as private
//! keys.
//!
//! The form is written down for strangers in `docs/formats/gs1-keys.md`, with vectors in
//! `testdata/vectors/gs1-keys/v1/`. Sources: EPC Tag Data Standard 1.13 §6 (URNs), GS1
//! Digital Link URI Syntax 1.2 §§4-5, GS1 General Specifications §7.9 (check digits) and
//! §7.11 (character sets).
//!
//! Where to start: [`Key`], then [`Kind`]; `urn` and `digital_link` are the two readers,
//! `canonical` the one writer.

mod canonical;
mod charset;
mod check_digit;
mod digital_link;
mod error;
mod key;
mod kind;
#[cfg(test)]
mod tests;
mod urn;

pub(crate) use canonical::CANONICAL_BASE;
pub use check_digit::{check_digit, ends_in_check_digit};
pub use error::{KeyError, Part};
pub use key::Key;
pub use kind::Kind;

/// Longest text that is read as a key, in bytes, query string included.
///
/// The longest canonical form is 125 bytes (a UPUI of 28 escaped characters); the rest is
/// room for a partner's domain, path and query. Longer texts are refused unread.
pub const KEY_TEXT_BYTES_MAX: usize = 512;
