//! What is at stake in a finding, and severity by it, alike for all detectors that judge by
//! value.

use countersign_model::decimal::Decimal;
use countersign_model::entry::Mark;
use countersign_model::quantity::Money;

use crate::finding::Severity;

/// What severity and explanation may depend on.
#[derive(Debug)]
pub(crate) struct Stake<'a> {
    /// What the members are worth, one sum a currency, as far as is known.
    pub(crate) value: &'a [Money],
    /// Units, and pieces of counted classes.
    pub(crate) count: u64,
    /// The milestone that the members have in common.
    pub(crate) stage: Option<&'a str>,
    /// Marks among the members, sorted.
    pub(crate) marks: &'a [Mark],
    /// The most that were silent at one time.
    pub(crate) silent: Silent,
}

/// Sources that were silent at one time, and all that are listened to at their site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Silent {
    pub(crate) together: u64,
    pub(crate) listened: u64,
}

/// From this value on a possible theft asks for attention now, in whole units of any one
/// currency. Ours: about eight valuable cartons, more than a picking mistake explains.
pub(crate) const VALUE_HIGH_MIN: i64 = 5_000;
/// From this value on it asks for attention today, in whole units of any one currency. Ours:
/// one valuable carton.
pub(crate) const VALUE_MEDIUM_MIN: i64 = 500;
/// From so many units on it asks for attention today when nobody said what they are worth.
/// Ours: one layer of a pallet.
pub(crate) const UNITS_MEDIUM_MIN: i64 = 10;

/// The constants above, for rule digests of detectors that use [`by_value`].
pub(crate) const CONSTANTS: &[(&str, i64)] = &[
    ("value_high_min", VALUE_HIGH_MIN),
    ("value_medium_min", VALUE_MEDIUM_MIN),
    ("units_medium_min", UNITS_MEDIUM_MIN),
];

/// Each currency counts for itself: there is no rate that all sides would sign. A value of
/// nothing is taken as not said: planners write zero for what they do not price.
pub(crate) fn by_value(stake: &Stake<'_>) -> Severity {
    let amounts = stake.value.iter().map(|money| money.amount.abs());
    match amounts.filter(|amount| !amount.is_zero()).max() {
        Some(amount) if amount >= Decimal::whole(VALUE_HIGH_MIN) => Severity::High,
        Some(amount) if amount >= Decimal::whole(VALUE_MEDIUM_MIN) => Severity::Medium,
        Some(_) => Severity::Low,
        None if stake.count >= UNITS_MEDIUM_MIN.unsigned_abs() => Severity::Medium,
        None => Severity::Low,
    }
}

/// As [`by_value`], but never `High`: on its own it proves no loss.
pub(crate) fn by_value_at_most_medium(stake: &Stake<'_>) -> Severity {
    by_value(stake).min(Severity::Medium)
}

#[cfg(test)]
mod tests {
    use countersign_model::quantity::Currency;

    use super::*;

    fn check(value: &[(&str, &str)], count: u64, expect: Severity) {
        let money = |(amount, currency): &(&str, &str)| Money {
            amount: Decimal::parse(amount).expect("amount"),
            currency: Currency::parse(currency).expect("currency"),
        };
        let value: Vec<Money> = value.iter().map(money).collect();
        let stake = Stake {
            value: &value,
            count,
            stage: None,
            marks: &[],
            silent: Silent::default(),
        };
        assert_eq!(by_value(&stake), expect, "{value:?} {count}");
        assert_eq!(
            by_value_at_most_medium(&stake),
            expect.min(Severity::Medium)
        );
    }

    #[test]
    fn value_decides_and_only_without_one_the_count() {
        check(&[("5000", "EUR")], 1, Severity::High);
        check(&[("4999.99", "EUR")], 900, Severity::Medium);
        check(&[("500", "EUR")], 1, Severity::Medium);
        check(&[("499.99", "EUR")], 900, Severity::Low);
        check(&[("499", "EUR"), ("4800", "USD")], 1, Severity::Medium);
        check(&[("0", "EUR")], 10, Severity::Medium);
        check(&[], 10, Severity::Medium);
        check(&[], 9, Severity::Low);
    }
}
