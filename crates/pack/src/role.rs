//! What each file of a pack is, which follows from its name alone.

use std::fmt;

use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_model::ids::KeyId;

use crate::limits::ENROLMENTS_PER_KEY_MAX;

/// Role of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// `manifest.json`.
    Manifest,
    /// `README.txt`: plain words.
    Readme,
    /// `timeline.json`: the maker's account.
    Timeline,
    /// `genesis.statement`: entry 0 of the log.
    Genesis,
    /// `genesis.tlog-proof`: that it is entry 0.
    GenesisProof,
    /// `checkpoint`: the signed note on which every receipt of the pack rests.
    Checkpoint,
    /// `keys/KID/N.receipt`: the N-th act that gave a principal this key.
    Enrolment {
        /// Key id, as statements name it.
        kid: KeyId,
        /// From 0, in the order of the log.
        number: u32,
    },
    /// `receipts/INDEX.ORDINAL.receipt`: a claim that the pack is about.
    Receipt(ClaimRef),
    /// `conclusions/INDEX.ORDINAL.receipt`: a finding that the node recorded.
    Conclusion(ClaimRef),
    /// `bodies/DIGEST.body`: what a claim says.
    Body(Digest),
    /// `envelopes/DIGEST.envelope`: what stood around claims.
    Envelope(Digest),
    /// `blobs/SHA-256`: the mapping file by which a table is read.
    Blob(Digest),
}

/// How a role is described in the manifest: a code, its media type, and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Stable code of what the file is evidence of; `not_evidence` if of nothing.
    pub evidence: &'static str,
    /// IANA media type.
    pub media_type: &'static str,
    /// The same in words.
    pub words: &'static str,
}

const CBOR: &str = "application/cbor";
const TEXT: &str = "text/plain; charset=utf-8";

impl Role {
    /// The role of the file of that name, if the format knows one. A name has one spelling.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let role = Self::read(name)?;
        (role.to_string() == name).then_some(role)
    }

    fn read(name: &str) -> Option<Self> {
        Some(match name {
            "manifest.json" => Self::Manifest,
            "README.txt" => Self::Readme,
            "timeline.json" => Self::Timeline,
            "genesis.statement" => Self::Genesis,
            "genesis.tlog-proof" => Self::GenesisProof,
            "checkpoint" => Self::Checkpoint,
            _ => {
                let (folder, rest) = name.split_once('/')?;
                match folder {
                    "keys" => {
                        let (kid, file) = rest.split_once('/')?;
                        let number = file.strip_suffix(".receipt")?.parse().ok()?;
                        let kid = KeyId(Digest::from_hex(kid)?);
                        let fits = number < ENROLMENTS_PER_KEY_MAX;
                        fits.then_some(Self::Enrolment { kid, number })?
                    }
                    "receipts" => Self::Receipt(claim_ref(rest.strip_suffix(".receipt")?)?),
                    "conclusions" => Self::Conclusion(claim_ref(rest.strip_suffix(".receipt")?)?),
                    "bodies" => Self::Body(Digest::from_hex(rest.strip_suffix(".body")?)?),
                    "envelopes" => {
                        Self::Envelope(Digest::from_hex(rest.strip_suffix(".envelope")?)?)
                    }
                    "blobs" => Self::Blob(Digest::from_hex(rest)?),
                    _ => return None,
                }
            }
        })
    }

    /// What the manifest says of it.
    #[must_use]
    pub const fn description(&self) -> Description {
        let (evidence, media_type, words) = match self {
            Self::Manifest => ("not_evidence", "application/json", "The list of the files."),
            Self::Readme => (
                "not_evidence",
                TEXT,
                "An explanation. Not evidence: nothing proves what it says.",
            ),
            Self::Timeline => (
                "not_evidence",
                "application/json",
                "The maker's account of what happened. Not evidence: nothing proves what it says.",
            ),
            Self::Genesis => (
                "genesis",
                "application/cose",
                "The log's first entry: which keys the log, its node and its administrators have.",
            ),
            Self::GenesisProof => (
                "genesis_logged",
                TEXT,
                "That this was the log's first entry.",
            ),
            Self::Checkpoint => (
                "checkpoint",
                TEXT,
                "What the log signed: how many entries it had, and their root. Everything else rests on it.",
            ),
            Self::Enrolment { .. } => (
                "key_enrolled",
                CBOR,
                "That an administrator gave this key to a principal, and that this was logged.",
            ),
            Self::Receipt(_) => (
                "claim_logged",
                CBOR,
                "That a claim was signed and logged, and what the node concluded of it on receipt.",
            ),
            Self::Conclusion(_) => (
                "conclusion_logged",
                CBOR,
                "That the node concluded this and logged it. Not that it is so.",
            ),
            Self::Body(_) => (
                "claim_said",
                CBOR,
                "What a claim says. Parts may be withheld; the rest proves without them.",
            ),
            Self::Envelope(_) => (
                "claim_context",
                CBOR,
                "What stood around claims in the document that brought them.",
            ),
            Self::Blob(_) => (
                "claim_mapping",
                "application/octet-stream",
                "The mapping file by which a table is read.",
            ),
        };
        Description {
            evidence,
            media_type,
            words,
        }
    }
}

impl fmt::Display for Role {
    /// The name of the file.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Manifest => out.write_str("manifest.json"),
            Self::Readme => out.write_str("README.txt"),
            Self::Timeline => out.write_str("timeline.json"),
            Self::Genesis => out.write_str("genesis.statement"),
            Self::GenesisProof => out.write_str("genesis.tlog-proof"),
            Self::Checkpoint => out.write_str("checkpoint"),
            Self::Enrolment { kid, number } => write!(out, "keys/{kid}/{number}.receipt"),
            Self::Receipt(at) => write!(out, "receipts/{at}.receipt"),
            Self::Conclusion(at) => write!(out, "conclusions/{at}.receipt"),
            Self::Body(digest) => write!(out, "bodies/{digest}.body"),
            Self::Envelope(digest) => write!(out, "envelopes/{digest}.envelope"),
            Self::Blob(digest) => write!(out, "blobs/{digest}"),
        }
    }
}

fn claim_ref(text: &str) -> Option<ClaimRef> {
    let (index, ordinal) = text.split_once('.')?;
    Some(ClaimRef {
        index: Index(index.parse().ok()?),
        ordinal: ordinal.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn check(name: &str, expect: Option<&str>) {
        let role = Role::of_name(name);
        assert_eq!(
            role.as_ref().map(|role| role.description().evidence),
            expect,
            "{name}"
        );
        assert!(role.is_none_or(|role| role.to_string() == name));
    }

    #[test]
    fn names_have_one_spelling() {
        check("manifest.json", Some("not_evidence"));
        check("checkpoint", Some("checkpoint"));
        check("receipts/12.0.receipt", Some("claim_logged"));
        check(
            "receipts/18446744073709551615.4294967295.receipt",
            Some("claim_logged"),
        );
        check("conclusions/12.3.receipt", Some("conclusion_logged"));
        check(&format!("keys/{DIGEST}/0.receipt"), Some("key_enrolled"));
        check(&format!("bodies/{DIGEST}.body"), Some("claim_said"));
        check(
            &format!("envelopes/{DIGEST}.envelope"),
            Some("claim_context"),
        );
        check(&format!("blobs/{DIGEST}"), Some("claim_mapping"));
        for bad in [
            "Manifest.json",
            "checkpoint.txt",
            "receipts/012.0.receipt",
            "receipts/+12.0.receipt",
            "receipts/12.receipt",
            "receipts/18446744073709551616.0.receipt",
            "keys/00ff/0.receipt",
            "keys//0.receipt",
            "receipts/a/12.0.receipt",
            "other/1",
            "",
        ] {
            check(bad, None);
        }
        check(&format!("bodies/{}.body", DIGEST.to_uppercase()), None);
        check(&format!("bodies/{DIGEST}"), None);
        check(&format!("keys/{DIGEST}/1000.receipt"), None);
        check(&format!("keys/{DIGEST}/00.receipt"), None);
    }

    #[test]
    fn the_longest_name_fits() {
        let kid = KeyId(Digest::ZERO);
        let number = ENROLMENTS_PER_KEY_MAX - 1;
        let name = Role::Enrolment { kid, number }.to_string();
        assert!(crate::archive::is_safe_name(&name), "{name}");
    }
}
