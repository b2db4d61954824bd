//! The object that the log keeps of a finding (docs/formats/act.md), and what counts of it.
//!
//! No field is called `reason`, `note` or `name`: those are sealed in every object of ours,
//! and a finding is open throughout. For the same cause arguments are a list, not members
//! under names that come from elsewhere.

use countersign_model::digest::Digest;
use countersign_model::json::{Doc, canonical, quote};
use countersign_model::quantity::Money;
use countersign_model::time::Timestamp;
use countersign_reconcile::discrepancy::{Amount, Disproof, FactValue, Proof, SourceWord};

use crate::finding::{Evidence, Finding};

/// Members that say when and by which rules a finding was made, not what it says.
const ASIDE: [&str; 6] = [
    "type",
    "transition",
    "opened_at",
    "changed_at",
    "rule",
    "fold",
];

/// Digest of what a recorded finding says, whatever its spelling, leaving aside the number and
/// the times of the move and the version of the rules. [`Digest::ZERO`] for what is no object.
pub(crate) fn content_of(json: &str) -> Digest {
    let Ok(doc) = Doc::parse(json.as_bytes()) else {
        return Digest::ZERO;
    };
    let members = doc.root().members();
    let mut members: Vec<(String, String)> = members
        .filter(|(key, _)| !ASIDE.contains(&key.as_ref()))
        .map(|(key, value)| (key.into_owned(), canonical(value)))
        .collect();
    members.sort();
    let parts: Vec<&[u8]> = members
        .iter()
        .flat_map(|(key, value)| [key.as_bytes(), value.as_bytes()])
        .collect();
    Digest::of_parts("countersign/finding-content/v1", &parts)
}

impl Finding {
    /// The finding as one `countersign-json` object, `"type":"Finding"`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = Object::default();
        out.text("type", "Finding");
        out.text("id", &self.id.to_string());
        out.number("transition", self.transition);
        out.text("status", self.status.as_str());
        out.text("kind", self.kind);
        out.text("severity", self.severity.as_str());
        out.text("rule", &self.rule.to_string());
        out.number("fold", u64::from(self.fold));
        out.text("template", self.template);
        let arguments = self.arguments.iter();
        out.list(
            "arguments",
            arguments.map(|(name, value)| argument(name, value)),
        );
        out.list("units", self.units.iter().map(|unit| quote(unit.as_str())));
        out.number("units_more", self.units_more);
        out.list("amounts", self.amounts.iter().map(amount));
        out.list("value", self.value.iter().map(money));
        out.text_if("place", self.place.as_ref().map(|place| place.as_str()));
        out.text_if("site", self.site.as_ref().map(|site| site.as_str()));
        out.raw("interval", &interval(self.from, self.until));
        out.text_if("plan", self.plan.as_ref().map(|plan| plan.as_str()));
        out.text_if("stage", self.stage.as_deref());
        out.time("opened_at", self.opened_at);
        out.time("changed_at", self.changed_at);
        if let Some(proof) = &self.last_proven {
            out.raw("last_proven", &proven(proof));
        }
        if let Some(disproof) = &self.first_disproven {
            out.raw("first_disproven", &disproven(disproof));
        }
        out.list("agreeing", self.agreeing.iter().map(source));
        out.list("disagreeing", self.disagreeing.iter().map(source));
        out.list("entries", self.entries.iter().map(ToString::to_string));
        out.number("entries_more", self.entries_more);
        out.list("evidence", self.evidence.iter().map(Evidence::to_json));
        out.number("evidence_more", self.evidence_more);
        let superseding = self.superseded_by.iter();
        out.list(
            "superseded_by",
            superseding.map(|id| quote(&id.to_string())),
        );
        out.finish()
    }
}

impl Evidence {
    /// One member of `evidence`.
    #[must_use]
    pub(crate) fn to_json(&self) -> String {
        let mut out = Object::default();
        match self {
            Self::Discrepancy {
                id,
                kind,
                is_settled,
                plan,
                stage,
                line,
                units,
                value,
            } => {
                out.text("discrepancy", &id.to_string());
                out.text("discrepancy_kind", kind.as_str());
                out.text("status", if *is_settled { "settled" } else { "open" });
                out.text_if("plan", plan.as_ref().map(|plan| plan.as_str()));
                out.text_if("stage", stage.as_deref());
                out.text_if("line", line.as_deref());
                out.number("units", *units);
                out.list("value", value.iter().map(money));
            }
            Self::Mark {
                mark,
                index,
                signer,
                key,
                chain,
                seen,
            } => {
                out.text("mark", mark.as_str());
                out.number("entry", index.0);
                out.text("signer", signer.as_str());
                out.text("key", &key.to_string());
                if let Some(chain) = chain {
                    out.number("epoch", chain.epoch);
                    out.number("counter", chain.counter);
                }
                out.time("seen", *seen);
            }
        }
        out.finish()
    }
}

fn argument(name: &str, value: &FactValue) -> String {
    let mut out = Object::default();
    out.text("argument", name);
    match value {
        FactValue::Word(word) => out.text("word", word),
        FactValue::Name(text) => out.text("text", text),
        FactValue::Place(place) => out.text("place", place.as_str()),
        FactValue::Party(party) => out.text("party", party.as_str()),
        FactValue::Unit(unit) => out.text("unit", unit.as_str()),
        FactValue::Plan(plan) => out.text("plan", plan.as_str()),
        FactValue::Class(class) => out.text("class", class.as_str()),
        FactValue::Time(time) => out.time("time", *time),
        FactValue::Amount(quantity) => {
            out.text("quantity", &quantity.value.to_string());
            out.text("uom", quantity.uom.as_str());
        }
        FactValue::Kilograms(weight) => out.text("kilograms", &weight.to_string()),
        FactValue::Count(count) => out.number("count", *count),
        FactValue::Span(span) => out.number("milliseconds", span.ms().unsigned_abs()),
    }
    out.finish()
}

fn amount(amount: &Amount) -> String {
    let mut out = Object::default();
    out.text("class", amount.class.as_str());
    out.text("difference", &amount.difference.value.to_string());
    out.text("uom", amount.difference.uom.as_str());
    out.finish()
}

fn money(money: &Money) -> String {
    let mut out = Object::default();
    out.text("amount", &money.amount.to_string());
    out.text("currency", money.currency.as_str());
    out.finish()
}

fn interval(from: Option<Timestamp>, until: Option<Timestamp>) -> String {
    let mut out = Object::default();
    if let Some(from) = from {
        out.time("from", from);
    }
    if let Some(until) = until {
        out.time("until", until);
    }
    out.finish()
}

fn proven(proof: &Proof) -> String {
    let mut out = Object::default();
    out.text_if("party", proof.party.as_ref().map(|party| party.as_str()));
    out.text_if("place", proof.place.as_ref().map(|place| place.as_str()));
    out.text("signer", proof.signer.as_str());
    out.text("basis", proof.basis.as_str());
    out.text("assurance", proof.assurance.as_str());
    out.text("claim", &proof.claim.to_string());
    out.time("time", proof.time);
    out.finish()
}

fn disproven(disproof: &Disproof) -> String {
    let mut out = Object::default();
    match disproof {
        Disproof::Claim { claim, time } => {
            out.text("claim", &claim.to_string());
            out.time("time", *time);
        }
        Disproof::Deadline(time) => out.time("deadline", *time),
    }
    out.finish()
}

fn source(word: &SourceWord) -> String {
    let mut out = Object::default();
    out.time("time", word.time);
    out.text("signer", word.signer.as_str());
    out.text("what", word.what.as_str());
    out.text("claim", &word.at.to_string());
    out.finish()
}

/// A JSON object under construction, members in the order in which they are added.
#[derive(Default)]
struct Object(String);

impl Object {
    fn raw(&mut self, key: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&quote(key));
        self.0.push(':');
        self.0.push_str(value);
    }

    fn text(&mut self, key: &str, value: &str) {
        self.raw(key, &quote(value));
    }

    fn text_if(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn number(&mut self, key: &str, value: u64) {
        self.raw(key, &value.to_string());
    }

    fn time(&mut self, key: &str, value: Timestamp) {
        self.text(key, &value.to_string());
    }

    fn list(&mut self, key: &str, values: impl Iterator<Item = String>) {
        let mut list = String::from("[");
        for (at, value) in values.enumerate() {
            if at > 0 {
                list.push(',');
            }
            list.push_str(&value);
        }
        list.push(']');
        self.raw(key, &list);
    }

    fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, same: bool) {
        assert_eq!(content_of(a) == content_of(b), same, "{a} {b}");
    }

    #[test]
    fn content_leaves_numbers_and_times_of_the_move_aside() {
        let one =
            r#"{"type":"Finding","transition":1,"changed_at":"a","status":"open","units":["u"]}"#;
        check(
            one,
            r#"{"units": ["u"], "status":"op\u0065n", "transition":2,"changed_at":"b","fold":2}"#,
            true,
        );
        check(one, r#"{"status":"retracted","units":["u"]}"#, false);
        check(one, r#"{"status":"open","units":["u","v"]}"#, false);
        check("no object", "nor this", true);
    }
}
