//! EPC URNs: pure identities, the LGTIN class and id patterns of one class
//! (EPC Tag Data Standard 1.13 §§6, 8).

use super::canonical::{Parts, Tail, TailKind};
use super::charset::{Charset, Rule};
use super::check_digit::check_digit;
use super::error::{KeyError, Part};
use super::kind::{
    COMPONENT_SERIAL, EXTENSION, Kind, LOT, NUMBER_LEN_MAX, SERIAL, THIRD_PARTY_SERIAL,
};

/// How every EPC URN begins; scheme and namespace are read in either case (RFC 8141 §3.1).
pub(super) const URN_BASE: &str = "urn:epc:";

/// Reads an EPC URN whose bytes are known to be printable ASCII.
pub(super) fn parse(text: &str) -> Result<Parts, KeyError> {
    let not_gs1 = |reason| KeyError::NotGs1 { reason };
    let rest = text.get(URN_BASE.len()..).unwrap_or_default();
    let (form, rest) = rest
        .split_once(':')
        .ok_or_else(|| not_gs1("an EPC URN without a form"))?;
    let (scheme, body) = rest
        .split_once(':')
        .ok_or_else(|| not_gs1("an EPC URN without a scheme"))?;
    let at = text.len() - body.len();
    let kind = kind_of(form, scheme).ok_or_else(|| not_gs1("an EPC scheme of another system"))?;
    if let Some((found, at)) = body
        .bytes()
        .zip(at..)
        .find(|(b, _)| b"\"&/<>?#".contains(b))
    {
        return Err(KeyError::Unescaped { at, found });
    }
    let body = Body {
        rest: body,
        at,
        pattern: form == "idpat",
        company_prefix_len: 0,
    };
    body.check_pattern(kind)?;
    body.read(kind)
}

/// The kind that a form and a scheme name; `None` for GID, ADI, DOD, BIC, IMOVN, tag
/// encodings and whatever else is not a GS1 key.
fn kind_of(form: &str, scheme: &str) -> Option<Kind> {
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == scheme)?;
    let fits = match (form, kind) {
        (_, Kind::Gtin) => false,
        ("class", _) => kind == Kind::Lgtin,
        ("id" | "idpat", _) => kind != Kind::Lgtin,
        _ => false,
    };
    fits.then_some(kind)
}

/// What is left to read of a URN's body, and what was learnt on the way.
#[derive(Debug)]
struct Body<'a> {
    rest: &'a str,
    /// Byte offset of `rest` in the text.
    at: usize,
    pattern: bool,
    company_prefix_len: usize,
}

impl Body<'_> {
    /// A pattern must be one class: a kind that has classes, and `*` as its last part only.
    fn check_pattern(&self, kind: Kind) -> Result<(), KeyError> {
        if !self.pattern {
            return Ok(());
        }
        let class = self.rest.strip_suffix(".*");
        let one_class = class.is_some_and(|class| !class.contains('*'));
        if one_class && has_pattern(kind) {
            Ok(())
        } else {
            Err(KeyError::Pattern { at: self.at })
        }
    }

    fn read(mut self, kind: Kind) -> Result<Parts, KeyError> {
        match kind {
            Kind::Gtin | Kind::Sgtin => self.trade_item(kind, TailKind::Serial, &SERIAL),
            Kind::Upui => self.trade_item(kind, TailKind::Serial, &THIRD_PARTY_SERIAL),
            Kind::Lgtin => self.trade_item(kind, TailKind::Lot, &LOT),
            Kind::Itip => self.piece(),
            Kind::Sscc => {
                let number = self.unit_number(17, true)?;
                Ok(self.parts(kind, number, None))
            }
            Kind::Gsrn | Kind::Gsrnp => {
                let number = self.unit_number(17, false)?;
                Ok(self.parts(kind, number, None))
            }
            Kind::Gsin => {
                let number = self.unit_number(16, false)?;
                Ok(self.parts(kind, number, None))
            }
            Kind::Pgln => {
                let number = self.unit_number(12, false)?;
                Ok(self.parts(kind, number, None))
            }
            Kind::Sgln => self.location(),
            Kind::Grai | Kind::Gdti | Kind::Sgcn => self.typed(kind),
            Kind::Giai | Kind::Ginc => self.prefixed(kind),
            Kind::Cpi => self.component(),
        }
    }

    /// SGTIN, UPUI, LGTIN: prefix, item reference, serial or lot.
    fn trade_item(
        mut self,
        kind: Kind,
        tail_kind: TailKind,
        tail_rule: &Rule,
    ) -> Result<Parts, KeyError> {
        let number = self.gtin()?;
        let tail = self.tail(tail_kind, tail_rule)?;
        let kind = if tail.is_some() { kind } else { Kind::Gtin };
        Ok(self.parts(kind, number, tail))
    }

    /// ITIP: prefix, item reference, piece, total, serial.
    fn piece(mut self) -> Result<Parts, KeyError> {
        let mut number = self.gtin()?;
        number += &self.field(&Rule::digits(Part::Piece, 2))?;
        number += &self.field(&Rule::digits(Part::Total, 2))?;
        let tail = self.tail(TailKind::Serial, &SERIAL)?;
        Ok(self.parts(Kind::Itip, number, tail))
    }

    /// SGLN: prefix, location reference, extension; an extension of `0` stands for none.
    fn location(mut self) -> Result<Parts, KeyError> {
        let mut number = self.company_prefix()?;
        number += &self.field(&Rule::digits(Part::Reference, 12 - number.len()))?;
        let tail = self
            .tail(TailKind::Extension, &EXTENSION)?
            .filter(|tail| tail.value != NO_EXTENSION);
        Ok(self.parts(Kind::Sgln, with_check_digit(number), tail))
    }

    /// GRAI, GDTI, SGCN: prefix, type, serial. A GRAI is led by a zero.
    fn typed(mut self, kind: Kind) -> Result<Parts, KeyError> {
        let mut number = self.company_prefix()?;
        number += &self.field(&Rule::digits(Part::Reference, 12 - number.len()))?;
        if kind == Kind::Grai {
            number.insert(0, '0');
        }
        let serial = kind.embedded_serial_rule().unwrap_or(SERIAL);
        let tail = self.tail(TailKind::Serial, &serial)?;
        Ok(self.parts(kind, with_check_digit(number), tail))
    }

    /// GIAI, GINC: prefix and a reference of any characters, 30 together.
    fn prefixed(mut self, kind: Kind) -> Result<Parts, KeyError> {
        let mut number = self.company_prefix()?;
        let reference = Rule::ai82(Part::Reference, NUMBER_LEN_MAX - number.len());
        number += &reference.read(self.rest, self.at)?;
        Ok(self.parts(kind, number, None))
    }

    /// CPI: prefix, component reference, serial.
    fn component(mut self) -> Result<Parts, KeyError> {
        let mut number = self.company_prefix()?;
        let len_max = NUMBER_LEN_MAX - number.len();
        number += &self.field(&Rule::new(Part::Reference, Charset::Ai39, 1, len_max))?;
        let at = self.at;
        let tail = self.tail(TailKind::Serial, &COMPONENT_SERIAL)?;
        if let Some(tail) = &tail {
            refuse_leading_zero(&tail.value, at)?;
        }
        Ok(self.parts(Kind::Cpi, number, tail))
    }

    /// Prefix and item reference as a GTIN: indicator digit, prefix, item, check digit.
    fn gtin(&mut self) -> Result<String, KeyError> {
        let prefix = self.company_prefix()?;
        let item = self.field(&Rule::digits(Part::ItemReference, 13 - prefix.len()))?;
        Ok(with_check_digit(lead(&prefix, &item)))
    }

    /// Prefix and reference, `len` digits together, to the end of the body. The extension
    /// digit of an SSCC moves in front, as the indicator of a GTIN does.
    fn unit_number(&mut self, len: usize, extension_digit: bool) -> Result<String, KeyError> {
        let mut number = self.company_prefix()?;
        let rule = Rule::digits(Part::Reference, len - number.len());
        let reference = rule.read(self.rest, self.at)?;
        if extension_digit {
            number = lead(&number, &reference);
        } else {
            number += &reference;
        }
        Ok(with_check_digit(number))
    }

    fn company_prefix(&mut self) -> Result<String, KeyError> {
        let prefix = self.field(&COMPANY_PREFIX)?;
        self.company_prefix_len = prefix.len();
        Ok(prefix)
    }

    /// Reads up to the next dot, which must be there, and steps over it.
    fn field(&mut self, rule: &Rule) -> Result<String, KeyError> {
        let (raw, rest) = self.rest.split_once('.').ok_or(KeyError::Missing {
            part: rule.part,
            at: self.at + self.rest.len(),
        })?;
        let value = rule.read(raw, self.at)?;
        self.at += raw.len() + 1;
        self.rest = rest;
        Ok(value)
    }

    /// Reads the last part, dots included; a pattern has none.
    fn tail(&self, kind: TailKind, rule: &Rule) -> Result<Option<Tail>, KeyError> {
        if !self.pattern {
            let value = rule.read(self.rest, self.at)?;
            return Ok(Some(Tail { kind, value }));
        }
        if self.rest == "*" {
            return Ok(None);
        }
        // More parts than the scheme has: the star is not where the serial belongs.
        Err(KeyError::Pattern { at: self.at })
    }

    fn parts(&self, kind: Kind, number: String, tail: Option<Tail>) -> Parts {
        Parts {
            kind,
            number,
            tail,
            company_prefix_len: u8::try_from(self.company_prefix_len).ok(),
        }
    }
}

/// A company prefix in an EPC URN has 6 to 12 digits (EPC Tag Data Standard 1.13 §7).
const COMPANY_PREFIX: Rule = Rule::new(Part::CompanyPrefix, Charset::Digits, 6, 12);

/// The extension that says there is none (EPC Tag Data Standard 1.13 §6.3.3).
pub(super) const NO_EXTENSION: &str = "0";

/// Kinds whose pattern with an open serial is a class of goods, papers or parts.
const fn has_pattern(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Sgtin | Kind::Grai | Kind::Gdti | Kind::Sgcn | Kind::Cpi | Kind::Itip | Kind::Upui
    )
}

/// First digit of `reference`, then `prefix`, then the other digits of `reference`.
fn lead(prefix: &str, reference: &str) -> String {
    let (first, others) = reference.split_at(reference.len().min(1));
    [first, prefix, others].concat()
}

fn with_check_digit(mut digits: String) -> String {
    digits.extend(check_digit(&digits));
    digits
}

/// A component serial is a number written without leading zeros (EPC Tag Data Standard
/// 1.13 §6.3.11), else one number would have two texts.
pub(super) fn refuse_leading_zero(serial: &str, at: usize) -> Result<(), KeyError> {
    if serial.len() > 1 && serial.starts_with('0') {
        let part = Part::Serial;
        return Err(KeyError::LeadingZero { part, at });
    }
    Ok(())
}
