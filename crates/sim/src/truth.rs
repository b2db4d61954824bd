//! The truth of a day: one row for each act and each look-alike, and its JSON.
//!
//! Only who writes the scenario and who scores it read this file; no device knows a word of it.

use countersign_model::decimal::Decimal;
use countersign_model::time::Timestamp;
use serde_json::{Map, Value, json};

/// What makes an act visible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A claim came that does not fit.
    Claim,
    /// A deadline passed.
    Deadline,
}

/// From when on plans and claims alone show an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detectable {
    /// The instant of the scenario: the deadline, or when the claim was sent.
    pub at: Timestamp,
    /// Which of the two it is.
    pub cause: Cause,
    /// The event id of the claim, or the document whose deadline passed.
    pub of: String,
}

/// One row of `truth.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TruthRow {
    /// Its name in the score.
    pub id: String,
    /// Which kind of act or look-alike: a module of `acts` or `lookalikes`.
    pub family: String,
    /// True for thefts and losses, false for innocent look-alikes.
    pub act: bool,
    /// Canonical keys of the units concerned.
    pub units: Vec<String>,
    /// Canonical keys of the counted lots concerned.
    pub classes: Vec<String>,
    /// Canonical keys of the places and sites concerned.
    pub places: Vec<String>,
    /// Names of the devices that were silenced or misused.
    pub sources: Vec<String>,
    /// When it began: the last moment at which all was well.
    pub from: Timestamp,
    /// When it was over.
    pub until: Timestamp,
    /// Manifests or counts concerned.
    pub manifests: Vec<String>,
    /// Worth in euro cents.
    pub cents: i64,
    /// From when on it can be known; `None` for look-alikes.
    pub detectable_from: Option<Detectable>,
    /// Kinds of findings that count as finding it.
    pub kinds: Vec<String>,
    /// Kinds of findings that are neither found nor false here.
    pub allowed: Vec<String>,
}

/// Why a line is no row of the truth.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: missing or not of the form in docs/formats/scenario.md")]
pub struct TruthError {
    /// The field.
    pub field: &'static str,
}

impl TruthRow {
    /// Its JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let detectable = self.detectable_from.as_ref().map(|detectable| {
            let cause = match detectable.cause {
                Cause::Claim => "claim",
                Cause::Deadline => "deadline",
            };
            json!({"at": detectable.at.to_string(), "cause": cause, "of": detectable.of})
        });
        json!({
            "id": self.id,
            "family": self.family,
            "act": self.act,
            "units": self.units,
            "classes": self.classes,
            "places": self.places,
            "sources": self.sources,
            "interval": {"from": self.from.to_string(), "until": self.until.to_string()},
            "manifests": self.manifests,
            "value": {
                "amount": format!("{}.{:02}", self.cents / 100, self.cents % 100),
                "currency": "EUR",
            },
            "detectable_from": detectable,
            "kinds": self.kinds,
            "allowed": self.allowed,
        })
    }

    /// Reads [`TruthRow::to_json`]; the value and fields that may be absent default to nothing.
    ///
    /// # Errors
    /// [`TruthError`] names the field.
    pub fn from_json(value: &Value) -> Result<Self, TruthError> {
        let row = value.as_object().ok_or(TruthError { field: "row" })?;
        let interval = row.get("interval").and_then(Value::as_object);
        let interval = interval.ok_or(TruthError { field: "interval" })?;
        Ok(Self {
            id: text(row, "id")?,
            family: text(row, "family")?,
            act: row
                .get("act")
                .and_then(Value::as_bool)
                .ok_or(TruthError { field: "act" })?,
            units: texts(row, "units")?,
            classes: texts(row, "classes")?,
            places: texts(row, "places")?,
            sources: texts(row, "sources")?,
            from: time(interval, "from")?,
            until: time(interval, "until")?,
            manifests: texts(row, "manifests")?,
            cents: cents(row)?,
            detectable_from: detectable(row)?,
            kinds: texts(row, "kinds")?,
            allowed: texts(row, "allowed")?,
        })
    }
}

fn text(row: &Map<String, Value>, field: &'static str) -> Result<String, TruthError> {
    let value = row.get(field).and_then(Value::as_str);
    value.map(str::to_owned).ok_or(TruthError { field })
}

/// A list of strings; absent is empty.
fn texts(row: &Map<String, Value>, field: &'static str) -> Result<Vec<String>, TruthError> {
    let Some(list) = row.get(field) else {
        return Ok(Vec::new());
    };
    let list = list.as_array().ok_or(TruthError { field })?;
    let all = list.iter().map(|one| one.as_str().map(str::to_owned));
    all.collect::<Option<_>>().ok_or(TruthError { field })
}

fn time(row: &Map<String, Value>, field: &'static str) -> Result<Timestamp, TruthError> {
    let (at, _) = Timestamp::parse(&text(row, field)?).map_err(|_| TruthError { field })?;
    Ok(at)
}

/// Whole cents; parts of a cent are cut off.
fn cents(row: &Map<String, Value>) -> Result<i64, TruthError> {
    let field = "value";
    let Some(value) = row.get("value") else {
        return Ok(0);
    };
    let amount = value.get("amount").and_then(Value::as_str);
    let amount = amount
        .and_then(Decimal::parse)
        .ok_or(TruthError { field })?;
    // What was taken has a worth: less than nothing is a slip of who wrote it.
    if amount.is_negative() {
        return Err(TruthError { field });
    }
    let cents = amount.checked_mul(Decimal::whole(100));
    cents.and_then(Decimal::trunc).ok_or(TruthError { field })
}

fn detectable(row: &Map<String, Value>) -> Result<Option<Detectable>, TruthError> {
    let field = "detectable_from";
    let detectable = match row.get(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_object().ok_or(TruthError { field })?,
    };
    let cause = match text(detectable, "cause")?.as_str() {
        "claim" => Cause::Claim,
        "deadline" => Cause::Deadline,
        _ => return Err(TruthError { field: "cause" }),
    };
    Ok(Some(Detectable {
        at: time(detectable, "at")?,
        cause,
        of: text(detectable, "of")?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> TruthRow {
        TruthRow {
            id: "T-01".to_owned(),
            family: "pilferage".to_owned(),
            act: true,
            units: vec!["urn:x:1".to_owned()],
            classes: Vec::new(),
            places: vec!["urn:x:p".to_owned()],
            sources: vec!["wa-dock-1".to_owned()],
            from: Timestamp::from_ms(1_000),
            until: Timestamp::from_ms(2_000),
            manifests: vec!["urn:x:m".to_owned()],
            cents: 12_345,
            detectable_from: Some(Detectable {
                at: Timestamp::from_ms(3_000),
                cause: Cause::Deadline,
                of: "urn:x:m".to_owned(),
            }),
            kinds: vec!["missing_units".to_owned()],
            allowed: Vec::new(),
        }
    }

    #[test]
    fn rows_round_trip() {
        let innocent = TruthRow {
            act: false,
            detectable_from: None,
            ..row()
        };
        for row in [row(), innocent] {
            assert_eq!(TruthRow::from_json(&row.to_json()), Ok(row));
        }
    }

    #[test]
    fn a_worth_is_an_amount_from_nothing_on() {
        let check = |amount: &str, expect: Option<i64>| {
            let mut value = row().to_json();
            value["value"] = json!({"amount": amount, "currency": "EUR"});
            let read = TruthRow::from_json(&value).map(|row| row.cents);
            let refused = TruthError { field: "value" };
            assert_eq!(read, expect.ok_or(refused), "{amount}");
        };
        check("0", Some(0));
        check("198.61", Some(19_861));
        check("0.019", Some(1));
        check("-98.61", None);
        check("-0.001", None);
        check("much", None);
        check("9999999999999999999.99", None);
    }

    #[test]
    fn errors_name_the_field() {
        for field in ["id", "family", "act", "interval"] {
            let mut value = row().to_json();
            value.as_object_mut().expect("object").remove(field);
            assert_eq!(TruthRow::from_json(&value), Err(TruthError { field }));
        }
    }
}
