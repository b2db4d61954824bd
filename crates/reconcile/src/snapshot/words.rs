//! How the words of the ledger are written that findings repeat: `detect` keeps them.

use countersign_model::coded::bytes::{Reader, Writer};
use countersign_model::coded::{Coded, put_text, take_text};
use countersign_model::{coded, coded_as, coded_cases, coded_words};

use crate::discrepancy::{
    Amount, Day, Disproof, FactValue, GroupKey, Proof, Scope, SourceWord, Word,
};
use crate::kind::Kind;

coded! {
    GroupKey { kind, scope, day, stage }
    Proof { claim, time, place, party, signer, basis, assurance }
    SourceWord { time, signer, what, at }
    Amount { class, difference }
}

coded_words! {
    Word {
        Planned, Gave, Accepted, Took, Counted, Weighed, Ended, Reached, Saw, Lived, Said, Suspect,
    }
}

coded_cases! {
    Scope {
        0 Plan(0 plan),
        1 Sites(0 from, 1 to),
        2 Site(0 site),
        3 Source(0 source),
        4 Nowhere,
    }
    Disproof {
        0 Claim(claim claim, time time),
        1 Deadline(0 time),
    }
    FactValue {
        0 Word(0 word),
        1 Name(0 name),
        2 Place(0 place),
        3 Party(0 party),
        4 Unit(0 unit),
        5 Plan(0 plan),
        6 Class(0 class),
        7 Time(0 time),
        8 Span(0 span),
        9 Amount(0 amount),
        10 Kilograms(0 weight),
        11 Count(0 count),
    }
}

coded_as! {
    Day: i64, |day| day.0, |days| Some(Self(days));
}

/// By its word, so that another kind changes nothing.
impl Coded for Kind {
    fn put(&self, out: &mut Writer) {
        put_text(self.as_str(), out);
    }

    fn take(from: &mut Reader<'_>) -> Option<Self> {
        take_text(from).and_then(Self::parse)
    }
}
