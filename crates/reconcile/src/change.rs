//! What the ledger tells the next stage: how the standing discrepancies changed.

use countersign_model::digest::Digest;
use countersign_model::ids::{PlaceId, UnitId};

use crate::discrepancy::Discrepancy;
use crate::kind::Kind;

/// One change of the standing discrepancies. A batch gives first what opened and changed, by
/// id, and then what was retracted, by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It did not stand before.
    Opened(Discrepancy),
    /// It stands, and something about it is different.
    Changed(Discrepancy),
    /// It stands no more: later evidence, or a contract, took its ground away.
    Retracted {
        /// Which.
        id: Digest,
        /// Of which kind.
        kind: Kind,
        /// What stands in its place: for the same line of the same plan, or in a later state.
        superseded_by: Option<Digest>,
        /// The units that it named.
        units: Vec<UnitId>,
        /// Where it showed.
        site: Option<PlaceId>,
    },
}

impl Change {
    /// The id of the discrepancy.
    #[must_use]
    pub const fn id(&self) -> Digest {
        match self {
            Self::Opened(discrepancy) | Self::Changed(discrepancy) => discrepancy.id,
            Self::Retracted { id, .. } => *id,
        }
    }
}
