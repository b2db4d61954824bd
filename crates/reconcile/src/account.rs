//! Accounts of units, and the basis on which custody stands (CUS-1, CUS-2).

use crate::snapshot::coded::coded_words;
use countersign_model::ids::{PartyId, PlaceId};

/// Why custody is believed to have moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Nobody said it: it follows from a plan, or from where the signer stands.
    Assumed,
    /// Somebody saw the goods there.
    Sighted,
    /// Who gave signed, nobody who took.
    GiverOnly,
    /// Who took signed, nobody who gave.
    ReceiverOnly,
    /// Both signed.
    Countersigned,
}

impl Basis {
    /// The word in records and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assumed => "assumed",
            Self::Sighted => "sighted",
            Self::GiverOnly => "giver_only",
            Self::ReceiverOnly => "receiver_only",
            Self::Countersigned => "countersigned",
        }
    }
}

/// Which account a unit is in. Each known unit is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountKind {
    /// It began here, and nobody said where it is.
    Issued,
    /// It was there before the ledger, and nobody said where it is: a plan names it, or a
    /// claim without a place.
    OpeningStock,
    /// Held by a party at a place.
    Held,
    /// Under way.
    InTransfer,
    /// It left the network at a customer's site.
    Delivered,
    /// It arrived, and nobody there has signed for it though the contract asks for that.
    Unaccepted,
    /// It ended: used up, sold or destroyed.
    Consumed,
    /// Two people agreed that it will not come back.
    WrittenOff,
    /// It is missing: no account that anybody proves.
    Discrepancy,
}

/// Every account with its word, in the order of the enum.
pub const ACCOUNTS: [(AccountKind, &str); 9] = [
    (AccountKind::Issued, "issued"),
    (AccountKind::OpeningStock, "opening_stock"),
    (AccountKind::Held, "held"),
    (AccountKind::InTransfer, "in_transfer"),
    (AccountKind::Delivered, "delivered"),
    (AccountKind::Unaccepted, "unaccepted"),
    (AccountKind::Consumed, "consumed"),
    (AccountKind::WrittenOff, "written_off"),
    (AccountKind::Discrepancy, "discrepancy"),
];

impl AccountKind {
    /// The word in records and output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let row = ACCOUNTS.iter().find(|(kind, _)| *kind == self);
        row.map_or("", |(_, word)| word)
    }
}

/// An account: what, whose, where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// Which.
    pub kind: AccountKind,
    /// Who holds or carries, if that is known; for a discrepancy, who held last.
    pub party: Option<PartyId>,
    /// The place; of a transfer, where it began; for a discrepancy, where it was last.
    pub place: Option<PlaceId>,
}

coded_words! {
    Basis { Assumed, Sighted, GiverOnly, ReceiverOnly, Countersigned }
    AccountKind {
        Issued, OpeningStock, Held, InTransfer, Delivered, Unaccepted, Consumed, WrittenOff,
        Discrepancy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_have_one_word_each_in_the_order_of_the_enum() {
        for (kind, word) in ACCOUNTS {
            assert_eq!(kind.as_str(), word);
        }
        assert!(ACCOUNTS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
