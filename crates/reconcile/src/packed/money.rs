//! Money in sixteen bytes.

use crate::snapshot::coded::coded;
use countersign_model::decimal::Decimal;
use countersign_model::quantity::{Currency, Money};

/// An amount within `limits::amount_fits`, whose digits fit 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PackedMoney {
    mantissa: i64,
    currency: Currency,
    scale: u8,
}

impl PackedMoney {
    /// `None` for an amount of more digits.
    pub(crate) fn of(money: Money) -> Option<Self> {
        Some(Self {
            mantissa: i64::try_from(money.amount.mantissa()).ok()?,
            currency: money.currency,
            scale: money.amount.scale(),
        })
    }

    pub(crate) fn money(self) -> Option<Money> {
        Some(Money {
            amount: Decimal::new(self.mantissa.into(), self.scale)?,
            currency: self.currency,
        })
    }
}

coded! {
    PackedMoney { mantissa, currency, scale }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_come_back() {
        for text in ["0", "-12.5", "999999999999.999999", "0.000001"] {
            let money = Money {
                amount: Decimal::parse(text).expect("a decimal"),
                currency: Currency::parse("EUR").expect("a currency"),
            };
            let packed = PackedMoney::of(money).expect("it fits");
            assert_eq!(packed.money(), Some(money), "{text}");
        }
    }
}
