//! The targets, one file for each family of formats.
//!
//! A target is a function on bytes and a line in the list below. It must be a function of the
//! bytes alone, so that an input that fails fails again.

mod bodies;
mod encodings;
mod events;
mod ground;
mod judge;
mod keys;
mod logs;
mod objects;
mod packs;
mod statements;
mod tables;

use crate::Target;

/// Every target, in the order in which they are run.
pub const TARGETS: &[Target] = &[
    encodings::CBOR,
    encodings::CBOR_ANY_ORDER,
    encodings::JSON,
    keys::GS1_KEY,
    keys::IDENTIFIER,
    keys::NUMBERS_AND_TIMES,
    keys::SIGNER_KEY,
    bodies::CLAIM_BODY,
    bodies::ENVELOPE_BODY,
    events::EVENT,
    events::DOCUMENT,
    events::CONTEXT,
    events::FEED,
    tables::MAPPING,
    tables::TABLE,
    objects::OWN_OBJECT,
    objects::NETWORK,
    objects::NETWORK_OBJECT,
    statements::STATEMENT,
    statements::GENESIS,
    statements::BATCH,
    statements::VERDICT_RECORD,
    statements::SUBMISSION,
    judge::JUDGE,
    logs::SIGNED_NOTE,
    logs::CHECKPOINT,
    logs::TLOG_PROOF,
    logs::TLOG_POLICY,
    logs::TILES,
    logs::TREE_PROOFS,
    packs::CLAIM_RECEIPT,
    packs::COSE_RECEIPT,
    packs::SCITT_STATEMENT,
    packs::ARCHIVE,
    packs::MANIFEST,
    packs::PACK,
    packs::LOOSE_FILES,
    ground::SEGMENT,
    ground::RECORDS,
    ground::LOG,
    ground::SECOND_PLACE,
    ground::FRAME,
    objects::SCENARIO,
    objects::SCENARIO_LINES,
];

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
