//! Refusals: why bytes from outside were not taken, by a stable code and a sentence.

use std::fmt;

/// Every code of this crate that outsiders may meet; each has a page `docs/errors/CODE.md`.
pub const ERROR_CODES: &[&str] = &[
    "bad_body",
    "bad_genesis",
    "bad_key",
    "bad_renewal",
    "bad_signature",
    "bad_statement",
    "bad_submission",
    "body_too_large",
    "chain_missing",
    "envelope_missing",
    "issuer_mismatch",
    "key_taken",
    "last_administrator",
    "mapping_missing",
    "not_authorised",
    "reserved_kind",
    "reserved_name",
    "revoked_key",
    "scenario_clock_late",
    "stray_body",
    "unknown_key",
    "unknown_kind",
    "withheld_part",
    "wrong_audience",
];

/// The codes as constants, so that a misspelt one does not compile.
pub mod code {
    /// The bytes of an envelope or claim are no body, or it does not fit its envelope.
    pub const BAD_BODY: &str = "bad_body";
    /// The genesis is not of the documented form, or not signed by the key that it names.
    pub const BAD_GENESIS: &str = "bad_genesis";
    /// The text of a key is none, or the key is unfit.
    pub const BAD_KEY: &str = "bad_key";
    /// The act does not renew the keys of the log as it may.
    pub const BAD_RENEWAL: &str = "bad_renewal";
    /// A signature does not verify.
    pub const BAD_SIGNATURE: &str = "bad_signature";
    /// The bytes are no statement of the documented form.
    pub const BAD_STATEMENT: &str = "bad_statement";
    /// The bytes are no submission of the documented form.
    pub const BAD_SUBMISSION: &str = "bad_submission";
    /// A claim, an envelope or a mapping file is beyond its limit.
    pub const BODY_TOO_LARGE: &str = "body_too_large";
    /// A device or service signed without a chain.
    pub const CHAIN_MISSING: &str = "chain_missing";
    /// A claim binds an envelope that nobody has.
    pub const ENVELOPE_MISSING: &str = "envelope_missing";
    /// The issuer is not the principal whose key signed.
    pub const ISSUER_MISMATCH: &str = "issuer_mismatch";
    /// The key belongs, or belonged, to somebody.
    pub const KEY_TAKEN: &str = "key_taken";
    /// The act would leave the log without an administrator.
    pub const LAST_ADMINISTRATOR: &str = "last_administrator";
    /// An envelope names a mapping file that nobody has.
    pub const MAPPING_MISSING: &str = "mapping_missing";
    /// The key may not do this act.
    pub const NOT_AUTHORISED: &str = "not_authorised";
    /// Only the node makes statements of this kind.
    pub const RESERVED_KIND: &str = "reserved_kind";
    /// Nobody may define a principal of this name.
    pub const RESERVED_NAME: &str = "reserved_name";
    /// The key was in force once and is not any more.
    pub const REVOKED_KEY: &str = "revoked_key";
    /// A scenario clock is set directly after genesis or never.
    pub const SCENARIO_CLOCK_LATE: &str = "scenario_clock_late";
    /// The submission holds something that its statement does not name.
    pub const STRAY_BODY: &str = "stray_body";
    /// No principal of this log has the key.
    pub const UNKNOWN_KEY: &str = "unknown_key";
    /// This release does not know what to do with the kind.
    pub const UNKNOWN_KIND: &str = "unknown_kind";
    /// A part of a body is not shown.
    pub const WITHHELD_PART: &str = "withheld_part";
    /// The statement is addressed to other logs.
    pub const WRONG_AUDIENCE: &str = "wrong_audience";
}

/// Why something was not taken. A value, not a failure: it is counted and answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    /// One of [`ERROR_CODES`].
    pub code: &'static str,
    /// A sentence for people; its wording is no interface.
    pub reason: String,
}

impl Refusal {
    /// A refusal by a code of [`code`].
    #[must_use]
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }

    pub(crate) fn statement(reason: impl Into<String>) -> Self {
        Self::new(code::BAD_STATEMENT, reason)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.reason)
    }
}
