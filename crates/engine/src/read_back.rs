//! Claims read back from the ground: when a log is replayed, and to compare a claim with the one that
//! has its identity. Both read the same.

use countersign_attest::Statement;
use countersign_model::body::{ClaimBody, Part};
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_model::fold::Said;
use countersign_model::ids::KeyId;
use countersign_ports::StoreError;
use countersign_record::sealing::fingerprint_of;

use crate::engine::{Fatal, stored_statement};
use crate::envelopes::Reading;
use crate::ground::{Group, SealedRecord};
use crate::identities::{ReadClaim, ReadClaims, SealedValues};
use crate::intake::{Counts, decode};
use crate::log::Log;
use crate::log_index::{Past, ReadGroups};
use crate::state::{Decoded, IntakeState};

impl ReadGroups for Log {
    fn read_group(&self, index: Index) -> Result<Group, StoreError> {
        let group = self.group(index).map_err(failed)?;
        group.ok_or_else(|| {
            let text = format!("no statement is at index {index}");
            StoreError::other(COMPARING, text)
        })
    }
}

const COMPARING: &str = "comparing a submission with the log";

fn failed(fatal: Fatal) -> StoreError {
    match fatal {
        Fatal::Store(error) => error,
        other => StoreError::other(COMPARING, other.to_string()),
    }
}

/// Reads the claims of the statement at an index back.
pub(crate) fn read_back(
    state: &IntakeState,
    past: Past<'_>,
    index: Index,
) -> Result<ReadClaims, StoreError> {
    let group = past.group(index)?;
    let statement = stored_statement(&group.statement).map_err(failed)?;
    let key = issuers_key(state, &statement);
    let claims = decoded(
        state,
        &Reading::of(&state.envelopes, past),
        (index, &statement, &key),
        group.bodies.iter().map(Vec::as_slice),
        group.sealed.iter().filter_map(SealedRecord::payload),
    );
    let identity = |claim: Decoded| match claim.said {
        Some(Said::Claim(said)) => Some(ReadClaim {
            id: said.id,
            open: said.fingerprint,
            sealed: claim.sealed,
        }),
        _ => None,
    };
    Ok(claims.map_err(failed)?.into_iter().map(identity).collect())
}

/// The key of a statement that counts: its issuer's; of the node, where the register knows none.
pub(crate) fn issuers_key(state: &IntakeState, statement: &Statement) -> KeyId {
    let is_issuers = |key: &KeyId| {
        let entry = state.register.resolve(key);
        entry.is_some_and(|entry| entry.principal == *statement.issuer())
    };
    let key = statement.key_ids().into_iter().find(is_issuers);
    key.unwrap_or_else(|| state.register.node_key())
}

/// Decodes the claims of a statement that the ground holds, with its bodies and what is left of
/// their sealed parts.
pub(crate) fn decoded<'a>(
    state: &IntakeState,
    reading: &Reading<'_>,
    (index, statement, key): (Index, &Statement, &KeyId),
    bodies: impl Iterator<Item = &'a [u8]>,
    sealed: impl Iterator<Item = &'a [u8]>,
) -> Result<Vec<Decoded>, Fatal> {
    let (issuer, _) = state.speaker(statement, key);
    let mut read = Vec::new();
    for body in bodies {
        let body = ClaimBody::decode(body)
            .map_err(|_| Fatal::Damaged(format!("a body at index {index} cannot be read")))?;
        read.push((body.digest(), body));
    }
    let sealed: Vec<(Digest, Digest)> = sealed.filter_map(fingerprint_of).collect();
    let mut counts = Counts::of(statement);
    let claim = |digest: &Digest| {
        let body = read.iter().find(|(of, _)| of == digest);
        let body = body.map(|(_, body)| body);
        let said = match body {
            Some(body) => decode(reading, &issuer, body, &mut counts)?.ok(),
            None => None,
        };
        let sealed = match sealed.iter().find(|(owner, _)| owner == digest) {
            Some((_, fingerprint)) => SealedValues::Fingerprint(*fingerprint),
            None if body.is_some_and(is_sealed) => SealedValues::Erased,
            None => SealedValues::None,
        };
        Ok(Decoded {
            digest: *digest,
            said,
            sealed,
        })
    };
    statement.claim_digests().iter().map(claim).collect()
}

fn is_sealed(body: &ClaimBody) -> bool {
    let mut parts = body.parts.iter();
    parts.any(|part| !matches!(part, Part::Open(_)))
}
