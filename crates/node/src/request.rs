//! What the command line asks of a data folder, and what it gets. The same requests are answered
//! in the process that owns the folder and over a running node's socket.

use serde::{Deserialize, Serialize};

/// A request. Bytes travel beside it as a blob.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// How the log and its folder are.
    Status,
    /// Submissions to be judged and committed together; the blob is a [`crate::wire::join`]ed list.
    Submit {
        /// Moves the scenario's time first, RFC 3339; only in a log that has a scenario clock.
        at: Option<String>,
    },
    /// Sections of an unsigned import: submissions without a statement, which the node signs.
    Import {
        /// What the operator calls the source.
        source: String,
    },
    /// An import of old data begins; the answer has its id.
    ImportOpen,
    /// It ends: what it brought is judged once.
    ImportClose {
        /// From the answer to [`Request::ImportOpen`].
        id: String,
    },
    /// The custody timeline of a unit, or the accounts of a counted class.
    Trace {
        /// The unit in any spelling.
        unit: String,
    },
    /// Findings; retracted ones too if `all`.
    Findings {
        /// Also those that were retracted.
        all: bool,
    },
    /// Accounts and expectations in sums.
    Ledger,
    /// What was due on a day, and what does not add up.
    Day {
        /// `2026-03-02`; without it the one of the ledger's tick.
        day: Option<String>,
        /// IANA time zone in which it is that day.
        zone: String,
    },
    /// The network in force, as the values of its `Define` acts.
    Network,
    /// Whose a key is.
    WhoHas {
        /// Its thumbprint, hex.
        key: String,
    },
    /// A key that the log ever named, in force or not.
    KeyOf {
        /// Its thumbprint, hex, or a principal: then the key in force, or the last one.
        name: String,
    },
    /// Proposals that wait for their second half.
    Proposals,
    /// An evidence pack; the answer's blob is `pack.zip`.
    Pack {
        /// About a unit,
        unit: Option<String>,
        /// or a finding.
        finding: Option<String>,
        /// Disclose sealed parts.
        disclose: bool,
    },
    /// Every document of the log.
    Documents,
    /// A document as it came; the answer's blob.
    Document {
        /// Digest of its head.
        head: String,
    },
    /// Which claim it is; the answer has its place and its digest.
    Claim {
        /// `INDEX.ORDINAL` or the claim's digest.
        claim: String,
    },
    /// The document that a claim came in; the answer names it.
    DocumentOf {
        /// `INDEX.ORDINAL`.
        claim: String,
    },
    /// The receipt of a claim; the answer's blob.
    Receipt {
        /// `INDEX.ORDINAL`.
        claim: String,
    },
    /// The receipt of a claim with what proves it: body, envelope, enrolments, genesis. The answer's
    /// blob is a [`crate::wire::join`]ed list of names and files in turn.
    ReceiptWithAll {
        /// `INDEX.ORDINAL`.
        claim: String,
    },
    /// A COSE receipt of an entry; the answer's blob. The answer has the key that signed it.
    CoseReceipt {
        /// Which entry.
        entry: u64,
        /// Around it the statement, as a transparent one.
        transparent: bool,
    },
    /// The receipts of all claims of some entries, with what proves their keys: genesis and
    /// enrolments. The answer's blob is a [`crate::wire::join`]ed list of names and files in turn.
    Receipts {
        /// First entry.
        from: u64,
        /// How many entries to look at.
        count: u64,
    },
    /// Destroys the sealed parts of a claim.
    Erase {
        /// `INDEX.ORDINAL` or the claim's digest.
        claim: String,
    },
    /// Puts the published tree in order behind the last commit, now.
    Publish,
    /// A person has looked at the clock.
    ConfirmClock,
    /// Ends a running node.
    Stop,
}

/// An answer. A refusal is an answer too.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Answer {
    /// Done.
    Ok {
        /// What was asked for.
        value: serde_json::Value,
    },
    /// Not done; the asker must change something.
    Refused {
        /// Stable code with a page under docs/errors.
        code: String,
        /// A sentence.
        reason: String,
    },
    /// Not done; the node cannot go on and ends.
    Failed {
        /// A sentence.
        reason: String,
    },
}

impl Answer {
    /// Makes a refusal.
    #[must_use]
    pub fn refused(code: &str, reason: impl Into<String>) -> Self {
        Self::Refused {
            code: code.to_owned(),
            reason: reason.into(),
        }
    }
}

/// Codes of refusals that this crate gives; other codes come from the crates below.
pub const ERROR_CODES: [&str; 10] = [
    "bad_argument",
    "document_incomplete",
    "erased",
    "no_cose_receipt",
    "no_scenario_clock",
    "pack_impossible",
    "unknown_claim",
    "unknown_entry",
    "unknown_subject",
    "unknown_unit",
];
