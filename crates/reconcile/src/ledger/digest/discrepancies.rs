//! What of a discrepancy is part of the state: all but log indexes.

use crate::discrepancy::{Anchor, Discrepancy, Disproof, FactValue, Proof, Scope, SourceWord};

use super::stream::Stream;

pub(super) fn put(out: &mut Stream, what: &Discrepancy) {
    out.bytes(what.id.as_bytes());
    out.text(what.kind.as_str());
    put_anchor(out, &what.anchor);
    put_scope(out, &what.group.scope);
    let day = what.group.day.map(|day| day.0.to_string());
    out.maybe(day.as_deref());
    out.maybe(what.group.stage.as_deref());
    out.maybe(what.plan.as_ref().map(|plan| plan.as_str()));
    out.number(what.units.len() as u64);
    for unit in &what.units {
        out.text(unit.as_str());
    }
    out.number(u64::from(what.amount.is_some()));
    if let Some(amount) = &what.amount {
        out.text(amount.class.as_str());
        out.text(&amount.difference.to_string());
    }
    out.number(what.value.len() as u64);
    for money in &what.value {
        out.text(&money.to_string());
    }
    out.maybe(what.place.as_ref().map(|place| place.as_str()));
    out.maybe(what.site.as_ref().map(|site| site.as_str()));
    out.maybe_time(what.from);
    out.maybe_time(what.until);
    put_evidence(out, what);
    for (name, value) in &what.facts {
        out.text(name);
        put_fact(out, value);
    }
    out.text(what.status.as_str());
}

fn put_evidence(out: &mut Stream, what: &Discrepancy) {
    out.number(u64::from(what.last_proven.is_some()));
    if let Some(proof) = &what.last_proven {
        put_proof(out, proof);
    }
    out.maybe_time(what.first_disproven.as_ref().map(Disproof::time));
    for words in [&what.agreeing, &what.disagreeing] {
        out.number(words.len() as u64);
        for word in words {
            put_word(out, word);
        }
    }
    out.number(what.entries.len() as u64);
}

fn put_anchor(out: &mut Stream, anchor: &Anchor) {
    match anchor {
        Anchor::Stage(key) => {
            out.text(key.plan.as_str());
            out.text(&key.line);
            out.text(&key.stage);
        }
        Anchor::Claim(claim) => out.bytes(claim.0.as_bytes()),
        Anchor::Statement(key, at) => {
            out.bytes(key.0.as_bytes());
            out.number(at.epoch);
            out.number(at.counter);
        }
        Anchor::Chain(key, epoch, day) => {
            out.bytes(key.0.as_bytes());
            out.number(*epoch);
            out.bytes(&day.0.to_be_bytes());
        }
    }
}

fn put_scope(out: &mut Stream, scope: &Scope) {
    let (word, one, two) = match scope {
        Scope::Plan(plan) => ("plan", plan.as_str(), ""),
        Scope::Sites(from, to) => ("sites", from.as_str(), to.as_str()),
        Scope::Site(site) => ("site", site.as_str(), ""),
        Scope::Source(source) => ("source", source.as_str(), ""),
        Scope::Nowhere => ("nowhere", "", ""),
    };
    out.text(word);
    out.text(one);
    out.text(two);
}

fn put_proof(out: &mut Stream, proof: &Proof) {
    out.time(proof.time);
    out.maybe(proof.place.as_ref().map(|place| place.as_str()));
    out.maybe(proof.party.as_ref().map(|party| party.as_str()));
    out.text(proof.signer.as_str());
    out.text(proof.basis.as_str());
    out.text(proof.assurance.as_str());
}

fn put_word(out: &mut Stream, word: &SourceWord) {
    out.time(word.time);
    out.text(word.signer.as_str());
    out.text(word.what.as_str());
}

fn put_fact(out: &mut Stream, value: &FactValue) {
    let (word, text) = match value {
        FactValue::Word(word) => ("word", (*word).to_owned()),
        FactValue::Name(name) => ("name", name.to_string()),
        FactValue::Place(place) => ("place", place.to_string()),
        FactValue::Party(party) => ("party", party.to_string()),
        FactValue::Unit(unit) => ("unit", unit.to_string()),
        FactValue::Plan(plan) => ("plan", plan.to_string()),
        FactValue::Class(class) => ("class", class.to_string()),
        FactValue::Time(time) => ("time", time.to_string()),
        FactValue::Span(span) => ("span", span.ms().to_string()),
        FactValue::Amount(amount) => ("amount", amount.to_string()),
        FactValue::Kilograms(kilograms) => ("kilograms", kilograms.to_string()),
        FactValue::Count(count) => ("count", count.to_string()),
    };
    out.text(word);
    out.text(&text);
}
