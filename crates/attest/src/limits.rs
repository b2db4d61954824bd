//! Limits of this crate, with units and where each number comes from. Those of statements and
//! bodies are in [`countersign_model::limits`].

/// Keys that a statement with several signers may require. A hand-over has a giver, a receiver,
/// and at most a few who watch: driver, guard, customs.
pub const REQUIRED_SIGNERS_MAX: usize = 8;
/// Signers that may stand in one statement, those nobody asked for included.
pub const SIGNERS_MAX: usize = 16;
/// Bytes of the name of a kind.
pub const KIND_BYTES_MAX: usize = 32;
/// Bytes of a WebAuthn `authenticatorData`: 37, and extensions, which are small.
pub const AUTHENTICATOR_DATA_BYTES_MAX: usize = 1024;
/// Bytes of a WebAuthn `clientDataJSON`: browsers write 150 to 300.
pub const CLIENT_DATA_BYTES_MAX: usize = 4096;
/// Bytes of one signature: 64, and up to 72 in DER.
pub const SIGNATURE_BYTES_MAX: usize = 72;
/// How far, in milliseconds, a device clock may be off before its statements are marked.
/// 5 minutes is what Kerberos allows: clocks that are set at all are far better.
pub const CLOCK_OFF_MS_MAX: i64 = 5 * 60 * 1000;
/// Administrators that a genesis may name.
pub const ADMINISTRATORS_MAX: usize = 64;
/// Predecessors that a genesis may name.
pub const PREDECESSORS_MAX: usize = 64;
/// Bytes of the registration policy in a genesis.
pub const POLICY_BYTES_MAX: usize = 4096;
/// The one index at which a scenario clock may be set: directly behind genesis and its batch
/// (format law 9, docs/formats/act.md).
pub const SCENARIO_CLOCK_INDEX: u64 = 2;
/// Bytes of one submission: 1,024 claims of 10 KiB with room, and one long table.
pub const SUBMISSION_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Envelopes of one submission: no more than claims.
pub const ENVELOPES_PER_SUBMISSION_MAX: usize = 1024;
/// Blobs (mapping files) of one submission.
pub const BLOBS_PER_SUBMISSION_MAX: usize = 16;
/// Checkpoint keys that genesis or a renewal names: an overlap of two of each kind, and room.
pub const CHECKPOINT_KEYS_MAX: usize = 8;
