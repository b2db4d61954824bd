//! Numbers, and words from a list: units of measure, currencies, business steps, names.

use std::borrow::Cow;
use std::sync::Arc;

use countersign_model::claim::{Action, CBV_STEPS, Step};
use countersign_model::decimal::Decimal;
use countersign_model::ids::canonical_uri;
use countersign_model::limits::ID_BYTES_MAX;
use countersign_model::quantity::{Currency, Money, Quantity, Uom};

use super::text::{Encoding, TextRule};
use super::{Columns, Row, bad, needed};
use crate::mapping::{Fields, MappingError, Node};
use crate::nearest::did_you_mean;
use crate::problem::{BAD_CODE, BAD_NUMBER, Problem, quoted};

/// A word that means something.
pub(crate) trait Code: Clone {
    /// What such a word is called.
    const WHAT: &'static str;
    /// Words that may have been meant.
    const KNOWN: &'static [&'static str] = &[];
    /// Reads it.
    fn of(text: &str) -> Option<Self>;
}

impl Code for Uom {
    const WHAT: &'static str = "a UN/ECE unit code (like KGM or C62)";
    fn of(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Code for Currency {
    const WHAT: &'static str = "an ISO 4217 code (like EUR)";
    fn of(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Code for Step {
    const WHAT: &'static str = "a business step: a short name of the CBV or a URI";
    const KNOWN: &'static [&'static str] = &CBV_STEPS;
    fn of(text: &str) -> Option<Self> {
        match Self::parse(text) {
            Self::Own(own) => canonical_uri(&own).is_ok().then_some(Self::Own(own)),
            cbv => Some(cbv),
        }
    }
}

impl Code for Action {
    const WHAT: &'static str = "an action: add, observe or delete";
    const KNOWN: &'static [&'static str] = &["add", "observe", "delete"];
    fn of(text: &str) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "add" => Some(Self::Add),
            "observe" => Some(Self::Observe),
            "delete" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// A name of somebody's own: of a lane, of a line.
impl Code for Arc<str> {
    const WHAT: &'static str = "a name of at most 512 bytes without control characters";
    fn of(text: &str) -> Option<Self> {
        is_name(text).then(|| text.into())
    }
}

/// A word that is only kept: a disposition.
impl Code for Box<str> {
    const WHAT: &'static str = "a name of at most 512 bytes without control characters";
    fn of(text: &str) -> Option<Self> {
        is_name(text).then(|| text.into())
    }
}

pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_BYTES_MAX && !text.chars().any(char::is_control)
}

/// How a word is read from a row.
#[derive(Clone, Debug)]
pub(crate) enum CodeRule<T> {
    /// The same for every row.
    Fixed(T),
    /// From cells.
    Read(TextRule),
}

impl<T: Code> CodeRule<T> {
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let text = TextRule::read(node, columns)?;
        for fixed in text.fixed_texts() {
            if T::of(fixed).is_none() {
                let hint = did_you_mean(fixed, T::KNOWN.iter().copied());
                return Err(node.error(format!("{} is not {}{hint}", quoted(fixed), T::WHAT)));
            }
        }
        let fixed = match &text {
            TextRule::Const(fixed) => T::of(fixed),
            _ => None,
        };
        Ok(fixed.map_or(Self::Read(text), Self::Fixed))
    }

    /// The word; `None` if the cells say nothing.
    pub(crate) fn value(&self, row: &Row<'_>) -> Result<Option<T>, Problem> {
        let text = match self {
            Self::Fixed(code) => return Ok(Some(code.clone())),
            Self::Read(text) => text,
        };
        let Some(value) = text.value(row, Encoding::Plain)? else {
            return Ok(None);
        };
        let code = T::of(&value);
        let problem = || {
            let hint = did_you_mean(&value, T::KNOWN.iter().copied());
            let why = format!("is not {}{hint}", T::WHAT);
            bad(BAD_CODE, text.blame(row), &value, &why)
        };
        code.ok_or_else(problem).map(Some)
    }
}

/// A decimal that is not negative.
#[derive(Clone, Debug)]
pub(crate) struct NumberRule(TextRule);

impl NumberRule {
    pub(crate) fn read(node: &Node<'_>, columns: &mut Columns) -> Result<Self, MappingError> {
        let text = TextRule::read(node, columns)?;
        for fixed in text.fixed_texts() {
            if Decimal::parse(fixed).is_none_or(Decimal::is_negative) {
                return Err(node.error(format!("{} is no number", quoted(fixed))));
            }
        }
        Ok(Self(text))
    }

    pub(crate) fn value(&self, row: &Row<'_>) -> Result<Option<Decimal>, Problem> {
        let text = self.0.value(row, Encoding::Plain)?;
        text.map(|text| decimal(&text, self.0.blame(row), row))
            .transpose()
    }

    pub(crate) fn blame<'r>(&self, row: &'r Row<'_>) -> &'r str {
        self.0.blame(row)
    }
}

/// Reads a decimal as the table writes it.
pub(crate) fn decimal(text: &str, field: &str, row: &Row<'_>) -> Result<Decimal, Problem> {
    let mut plain = Cow::Borrowed(text);
    if row.settings.decimal_comma {
        if text.contains('.') {
            let why = "has a point, and the map says that the decimal sign is a comma";
            return Err(bad(BAD_NUMBER, field, text, why));
        }
        plain = Cow::Owned(text.replacen(',', ".", 1));
    }
    let value = Decimal::parse(&plain)
        .ok_or_else(|| bad(BAD_NUMBER, field, text, "is no decimal number"))?;
    if value.is_negative() {
        return Err(bad(BAD_NUMBER, field, text, "is negative"));
    }
    Ok(value)
}

/// A number and its unit, from two fields of the map.
#[derive(Clone, Debug)]
pub(crate) struct MeasureRule<U> {
    number: NumberRule,
    unit: Option<CodeRule<U>>,
}

impl<U: Code> MeasureRule<U> {
    /// `None` when the map has neither field; the unit alone is a fault.
    pub(crate) fn read(
        fields: &Fields<'_>,
        number: &'static str,
        unit: &'static str,
        columns: &mut Columns,
    ) -> Result<Option<Self>, MappingError> {
        let Some(node) = fields.node(number) else {
            return match fields.node(unit) {
                None => Ok(None),
                Some(unit) => Err(unit.error(format!("goes with {number} only"))),
            };
        };
        let number = NumberRule::read(&node, columns)?;
        let unit = fields
            .node(unit)
            .map(|node| CodeRule::read(&node, columns))
            .transpose()?;
        Ok(Some(Self { number, unit }))
    }

    fn value(&self, row: &Row<'_>) -> Result<Option<(Decimal, Option<U>)>, Problem> {
        let Some(number) = self.number.value(row)? else {
            return Ok(None);
        };
        let unit = match &self.unit {
            None => None,
            Some(unit) => unit.value(row)?,
        };
        Ok(Some((number, unit)))
    }

    /// Name of the number's column.
    pub(crate) fn blame<'r>(&self, row: &'r Row<'_>) -> &'r str {
        self.number.blame(row)
    }
}

impl MeasureRule<Uom> {
    /// The quantity, in `unit` when the table says no unit.
    pub(crate) fn quantity(&self, row: &Row<'_>, unit: Uom) -> Result<Option<Quantity>, Problem> {
        let measured = self.value(row)?;
        Ok(measured.map(|(value, uom)| Quantity {
            value,
            uom: uom.unwrap_or(unit),
        }))
    }
}

impl MeasureRule<Currency> {
    /// The amount; a value without its currency is a problem.
    pub(crate) fn money(&self, row: &Row<'_>) -> Result<Option<Money>, Problem> {
        let Some((amount, currency)) = self.value(row)? else {
            return Ok(None);
        };
        let currency = needed(currency, || self.blame(row), "the currency of a value")?;
        Ok(Some(Money { amount, currency }))
    }
}
