//! Marks of statements as members of findings.

use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Mark};
use countersign_model::fold::{AdmittedStatement, ChainPosition};
use countersign_model::ids::{KeyId, PrincipalId};
use countersign_model::time::Timestamp;

/// One mark of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MarkSeen {
    pub(crate) mark: Mark,
    pub(crate) index: Index,
    pub(crate) signer: PrincipalId,
    pub(crate) key: KeyId,
    pub(crate) chain: Option<ChainPosition>,
    /// The tick of its batch.
    pub(crate) seen: Timestamp,
}

impl MarkSeen {
    pub(crate) fn of(mark: Mark, statement: &AdmittedStatement, tick: Timestamp) -> Self {
        Self {
            mark,
            index: statement.index,
            signer: statement.issuer.clone(),
            key: statement.key,
            chain: statement.chain,
            seen: tick,
        }
    }

    /// A statement has each mark at most once.
    pub(crate) fn member_id(&self) -> Digest {
        let index = self.index.0.to_be_bytes();
        let parts = [self.mark.as_str().as_bytes(), &index];
        Digest::of_parts("countersign/mark/v1", &parts)
    }
}
