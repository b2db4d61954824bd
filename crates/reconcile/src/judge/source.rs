//! Was a source silent, or did anything of its chain never come? Kinds `source_silent` and
//! `suppressed_statement`.
//!
//! Being heard again ends a silence and does not take it back: that nobody was told is a fact. Sources
//! of one site that are silent together are one matter, and each of them says how many they are.

use countersign_model::time::Timestamp;

use super::Draft;
use crate::discrepancy::{Anchor, Day, Discrepancy, FactValue};
use crate::kind::Kind;
use crate::known::View;
use crate::known::sources::{Outstanding, Silence, Withheld};
use crate::number::PrincipalNo;

/// What follows for one source.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    pub(crate) source: PrincipalNo,
    pub(crate) discrepancies: Vec<Discrepancy>,
    /// The next instant at which the conclusions may change by themselves.
    pub(crate) wake: Option<Timestamp>,
    /// It is silent at the tick.
    pub(crate) is_silent: bool,
}

/// Judges a source, and those at its site that must be heard too.
pub(crate) fn judge(known: View<'_>, source: PrincipalNo) -> Vec<Judged> {
    let place = known.atlas.signer(source).place;
    let site = place.map(|place| known.atlas.site(place));
    let beside = site.map_or(&[][..], |site| known.known.atlas.listened_at(site));
    let mut all = beside.to_vec();
    if !all.contains(&source) {
        all.push(source);
    }
    let silences: Vec<Outstanding<Silence>> =
        all.iter().map(|source| known.silences(*source)).collect();
    let listened = beside.len() as u64;
    let judged = all.iter().zip(&silences).map(|(source, own)| {
        let withheld = known.withheld(*source);
        let silent = own.found.iter().map(|silence| {
            let of_all = silences.iter();
            let together = of_all.filter(|other| silence.meets_any(&other.found));
            let counts = (together.count() as u64, listened);
            silent(known, *source, silence, counts)
        });
        let suppressed = withheld.found.iter();
        let suppressed = suppressed.map(|withheld| suppressed_of(known, *source, withheld));
        Judged {
            source: *source,
            discrepancies: silent.chain(suppressed).collect(),
            wake: own.wake.into_iter().chain(withheld.wake).min(),
            is_silent: own.found.last().is_some_and(|last| last.until.is_none()),
        }
    });
    judged.collect()
}

fn silent(
    known: View<'_>,
    source: PrincipalNo,
    silence: &Silence,
    (together, listened): (u64, u64),
) -> Discrepancy {
    let (key, behind, entry) = silence.behind;
    let until = silence.until.map(|(until, _)| until);
    let draft = Draft::of(known, Kind::SourceSilent, Anchor::Statement(key, behind))
        .source(source)
        .on(Day::of(silence.from))
        .interval(Some(silence.from), until)
        .lived(source, silence.from, entry)
        .fact("together", FactValue::Count(together));
    let draft = match known.atlas.signer(source).heartbeat {
        Some(heartbeat) => draft.fact("heartbeat", FactValue::Span(heartbeat)),
        None => draft,
    };
    let draft = match listened {
        0 => draft,
        listened => draft.fact("listened", FactValue::Count(listened)),
    };
    let draft = match silence.until {
        Some((until, entry)) => draft
            .lived(source, until, entry)
            .fact("silent_for", FactValue::Span(until.since(silence.from))),
        None => draft,
    };
    draft.finish()
}

fn suppressed_of(known: View<'_>, source: PrincipalNo, withheld: &Withheld) -> Discrepancy {
    let (first, last) = withheld.counters;
    let anchor = Anchor::Chain(withheld.key, withheld.epoch, withheld.day);
    let counters = match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    Draft::of(known, Kind::SuppressedStatement, anchor)
        .source(source)
        .on(withheld.day)
        .interval(withheld.from, Some(withheld.until))
        .lived(source, withheld.until, withheld.behind)
        .fact("statements", FactValue::Count(withheld.count))
        .fact("counters", FactValue::Name(counters.into()))
        .finish()
}
