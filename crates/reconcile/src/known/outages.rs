//! When the node did not listen (the act `Outage`): nobody could be heard, so what contracts allow does
//! not run on.

use countersign_model::act::Outage;
use countersign_model::time::{Span, Timestamp};

use crate::history::bytes::{Reader, Writer};
use crate::limits::OUTAGES_MAX;
use crate::snapshot::coded::Coded;

/// By time, apart from each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outages(Vec<Outage>);

impl Outages {
    /// Of too many the oldest is forgotten.
    pub(crate) fn add(&mut self, new: Outage) {
        let begin = self.0.partition_point(|one| one.until < new.from);
        let met = self.0.iter().skip(begin);
        let met = met.take_while(|one| one.from <= new.until).count();
        let range = begin..begin + met;
        let joined = self.0.get(range.clone()).unwrap_or_default().iter();
        let joined = joined.fold(new, |all, one| Outage {
            from: all.from.min(one.from),
            until: all.until.max(one.until),
        });
        self.0.splice(range, [joined]).for_each(drop);
        if self.0.len() > OUTAGES_MAX {
            self.0.remove(0);
        }
    }

    /// When `span` of listening is over that began then.
    pub(crate) fn term(&self, from: Timestamp, span: Span) -> Timestamp {
        let begin = self.0.partition_point(|one| one.until <= from);
        let mut term = from.plus(span);
        for outage in self.0.iter().skip(begin) {
            if outage.from > term {
                break;
            }
            term = term.plus(outage.until.since(outage.from.max(from)));
        }
        term
    }

    /// How much of an interval the node listened.
    pub(crate) fn listened(&self, from: Timestamp, until: Timestamp) -> Span {
        let begin = self.0.partition_point(|one| one.until <= from);
        let meeting = self.0.iter().skip(begin);
        let meeting = meeting.take_while(|one| one.from < until);
        let deaf: i64 = meeting
            .map(|one| one.until.min(until).since(one.from.max(from)).ms())
            .sum();
        Span::from_ms(until.since(from).ms().saturating_sub(deaf))
    }

    /// All, by time.
    pub(crate) fn all(&self) -> &[Outage] {
        &self.0
    }
}

impl Coded for Outages {
    fn put(&self, out: &mut Writer) {
        let all: Vec<(Timestamp, Timestamp)> =
            self.0.iter().map(|one| (one.from, one.until)).collect();
        all.put(out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        let all = Vec::<(Timestamp, Timestamp)>::take(from)?;
        let all = all.into_iter().map(|(from, until)| Outage { from, until });
        Some(Self(all.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn outages(all: &[(i64, i64)]) -> Outages {
        let mut outages = Outages::default();
        for (from, until) in all {
            outages.add(Outage {
                from: at(*from),
                until: at(*until),
            });
        }
        outages
    }

    #[test]
    fn those_that_meet_are_one() {
        let shown = |all: &[(i64, i64)]| -> Vec<(i64, i64)> {
            let outages = outages(all);
            let all = outages.all().iter();
            all.map(|one| (one.from.ms(), one.until.ms())).collect()
        };
        assert_eq!(shown(&[(50, 60), (10, 20)]), [(10, 20), (50, 60)]);
        assert_eq!(shown(&[(50, 60), (10, 20), (15, 50)]), [(10, 60)]);
        assert_eq!(shown(&[(10, 20), (20, 30)]), [(10, 30)]);
        assert_eq!(shown(&[(10, 90), (20, 30)]), [(10, 90)]);
    }

    #[test]
    fn a_term_stands_still_while_nobody_listens() {
        let outages = outages(&[(100, 200), (220, 230)]);
        let check = |from, span, term| {
            let found = outages.term(at(from), Span::from_ms(span));
            assert_eq!(found, at(term), "{from} + {span}");
        };
        check(0, 99, 99);
        check(0, 100, 200);
        check(0, 110, 210);
        check(0, 120, 230);
        check(0, 121, 231);
        check(150, 5, 205);
        check(200, 5, 205);
        check(300, 5, 305);
        let listened = |from, until| outages.listened(at(from), at(until)).ms();
        assert_eq!(listened(0, 100), 100);
        assert_eq!(listened(0, 150), 100);
        assert_eq!(listened(150, 205), 5);
        assert_eq!(listened(0, 300), 190);
        assert_eq!(listened(120, 130), 0);
    }
}
