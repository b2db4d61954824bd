//! Every limit of the ledger, with its unit and where the number comes from.

use countersign_model::decimal::Decimal;
use countersign_model::time::{DAY_MS, Span};

/// Observations kept per key, the newest ones. A pallet that is scanned ten times a day for
/// twenty years has 73,000. What is older is forgotten, counted, and shown in the timeline.
pub const OBSERVATIONS_PER_KEY_MAX: usize = 100_000;
/// Keys that may name one unit through aliases. A parcel has its own number, the shop's, the
/// carrier's, a partner's or two, and a plate. Of a larger heap no alias holds.
pub const KEYS_PER_UNIT_MAX: usize = 16;
/// Containers within each other through which an observation of the outermost speaks for the innermost:
/// item, carton, pallet, cage, trailer, ferry, and two more.
pub const CONTAINERS_DEEP_MAX: usize = 8;
/// Times that a unit is found not to have been in its container, in one judgement. What is odd behind
/// them is told as if nothing had spoken for it.
pub const PARTINGS_MAX: usize = 16;
/// Sources named on each side of one discrepancy: what a person reads.
pub const SOURCES_MAX: usize = 8;
/// Claims under one identity, and plans under one key, that are compared with the first. Whoever
/// says the same thing in more ways is found out by these.
pub const RIVALS_MAX: usize = 16;
/// Events of one document that stand as witnesses for or against in each of its discrepancies.
pub const WITNESSES_MAX: usize = 4;
/// Days on which hours are looked for that end a term: a heartbeat of a month of one hour a week.
pub const OPENING_DAYS_MAX: usize = 10_000;
/// How long behind the last that was counted of a load its giver may sign for it: papers are signed when
/// the doors are closed.
pub const TALLY_GRACE: Span = Span::from_secs(30 * 60);
/// Metres by which a position may be wrong: a large city. One that is less certain says nothing of where
/// it is.
pub const UNCERTAINTY_M_MAX: u32 = 20_000;
/// Whole digits of an amount. A million tonnes in grams has 13; a larger number is a mistake,
/// and is refused so that sums of amounts stay within a decimal's digits.
pub const AMOUNT_DIGITS_MAX: u32 = 12;
/// Digits behind the point of an amount.
pub const AMOUNT_SCALE_MAX: u8 = 6;
/// Gaps of one chain that are known apart. A device that loses every second statement for a shift has
/// a thousand; of more the oldest are taken together, so that more is awaited than need be.
pub const HOLES_MAX: usize = 4_096;
/// Silences of one chain that are known apart, the newest. A camera that is restarted each night has
/// three years of them; of more the oldest is forgotten, and what was found of it is taken back.
pub const SILENCES_MAX: usize = 1_000;
/// Times in which the node did not listen that are known, the newest. One that is restarted each night
/// has three years of them.
pub const OUTAGES_MAX: usize = 1_000;
/// How long after the statement behind it a statement may still come of a source whose contract does
/// not say: a handheld that ran empty is charged and back within a day.
pub const GRACE_UNSAID: Span = Span::from_ms(DAY_MS);
/// What is absent is missing when, by the read rates of those who looked, chance would have hidden it
/// from all of them at most so many times in a million: one in a thousand, where some units in a
/// thousand are lost.
pub const MISSED_BY_CHANCE_PPM_MAX: u64 = 1_000;
/// What is corrected so soon after its time is a slip of the hand: who types a weight sees the finding,
/// looks again, and types it right.
pub const CORRECTED_AT_ONCE: Span = Span::from_ms(15 * 60_000);
/// Counts of whole sites, by class, whose places may still add up. Beyond them the oldest is over: what
/// it said is in the books.
pub const WHOLE_COUNTS_MAX: usize = 8;
/// Claims without effect that are kept for show, the newest ones; all of them are counted.
pub const UNFOLDED_SHOWN_MAX: usize = 1_000;

/// Whether an amount lies within [`AMOUNT_DIGITS_MAX`] and [`AMOUNT_SCALE_MAX`].
///
/// With these, a sum overflows a decimal of 28 digits only beyond ten thousand million amounts
/// of the largest size.
#[must_use]
pub fn amount_fits(value: Decimal) -> bool {
    let bound = Decimal::new(10_i128.pow(AMOUNT_DIGITS_MAX), 0);
    let has_few_places = value
        .checked_mul(Decimal::whole(10_i64.pow(u32::from(AMOUNT_SCALE_MAX))))
        .is_some_and(|lifted| Some(lifted) == lifted.trunc().map(Decimal::whole));
    bound.is_some_and(|bound| value.abs() < bound) && has_few_places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: bool) {
        let value = Decimal::parse(text).expect("decimal");
        assert_eq!(amount_fits(value), expect, "{text}");
    }

    #[test]
    fn amounts() {
        check("0", true);
        check("-12.5", true);
        check("999999999999.999999", true);
        check("0.000001", true);
        check("0.0000001", false);
        check("1e12", false);
        check("9999999999999999999", false);
    }
}
