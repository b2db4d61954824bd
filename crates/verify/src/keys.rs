//! The keys that the evidence itself proves: genesis names the first, logged acts give the others.
//!
//! Built in log order, so that a statement meets the keys that were given before it, and no other.

use std::collections::BTreeMap;

use countersign_attest::genesis::node_header;
use countersign_attest::header::Kind;
use countersign_attest::judge::{authenticate, conclude};
use countersign_attest::refusal::code;
use countersign_attest::{Fit, Genesis, Refusal, Register, Statement, Verdict, key_given};
use countersign_model::act::Act;
use countersign_model::entry::{Assurance, Index, Mark, VerdictRecord};
use countersign_model::ids::KeyId;
use countersign_model::time::Timestamp;

use crate::reason::Reason;
use crate::report::Fault;
use crate::words::shown;

/// Keys proven so far.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    register: Register,
    /// Index of the act that gave a key; keys of genesis are not in it.
    given_at: BTreeMap<KeyId, Index>,
}

/// Who said something.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// The key of the issuer.
    pub(crate) key: KeyId,
    /// How sure it is, at most.
    pub(crate) assurance: Assurance,
    /// 'this was said by …'.
    pub(crate) claim: String,
    /// How the keys are proven.
    pub(crate) detail: String,
    /// Whether a signature that the header asks for is not there.
    pub(crate) signer_missing: bool,
}

impl Keys {
    /// The keys that genesis names.
    pub(crate) fn new(genesis: &Genesis) -> Self {
        Self {
            register: Register::of_some_acts(genesis),
            given_at: BTreeMap::new(),
        }
    }

    /// Whether a statement is the node's own of this kind: issuer, subject and audience as the
    /// pages of its kinds ask.
    pub(crate) fn is_by_node(&self, statement: &Statement, kind: Kind, said: &Said) -> bool {
        said.key == self.node()
            && *statement.header() == node_header(&self.register.identity().origin, kind)
    }

    /// The register, as far as the acts so far tell.
    pub(crate) fn into_register(self) -> Register {
        self.register
    }

    /// The key with which the node signs batches and findings.
    pub(crate) const fn node(&self) -> KeyId {
        self.register.node_key()
    }

    /// Takes in an act of the statement at `index`, signed by `signer`.
    pub(crate) fn apply(&mut self, index: Index, signer: KeyId, act: &Act) -> Result<(), Refusal> {
        // What only says a key again, as a renewal that keeps it, did not give it.
        let given = key_given(act).filter(|key| self.register.resolve(key).is_none());
        self.register.apply(index, &signer, act)?;
        if let Some(key) = given {
            self.given_at.insert(key, index);
        }
        Ok(())
    }

    /// Who signed a statement.
    pub(crate) fn said(&self, statement: &Statement) -> Result<Said, Fault> {
        if let Some(unknown) = self.unknown(statement) {
            let detail = format!("nothing here proves whose the key {} is", unknown.0.short());
            return Err(Fault::new(Reason::KeyNotProven, detail));
        }
        let authentic = authenticate(&self.register, statement, self.register.identity())
            .map_err(|error| refused(&error))?;
        // Chains and clocks are the node's to judge: it saw the statements between.
        let clock = statement.clock().unwrap_or(Timestamp::from_ms(0));
        let fit = Fit::New(Vec::new());
        match conclude(authentic, &self.register, fit, statement, clock) {
            Verdict::Admit {
                principal,
                key,
                assurance,
                cosigners,
                marks,
            } => {
                let mut claim = format!(
                    "this was said by {}",
                    self.signer(principal.as_str(), key, assurance)
                );
                let mut detail = self.proof_of(key);
                for cosigner in &cosigners {
                    claim.push_str(", and signed by ");
                    let (name, key) = (cosigner.principal.as_str(), cosigner.key);
                    claim.push_str(&self.signer(name, key, cosigner.assurance));
                    detail.push_str("; ");
                    detail.push_str(&self.proof_of(key));
                }
                Ok(Said {
                    key,
                    assurance,
                    claim,
                    detail,
                    signer_missing: marks.contains(&Mark::SignerMissing),
                })
            }
            Verdict::Refuse { code, reason } => {
                let detail = format!("the log's own rules refuse it: {} ({code})", shown(&reason));
                Err(Fault::new(Reason::StatementRefused, detail))
            }
            Verdict::Replay { .. } => Err(Fault::new(
                Reason::StatementRefused,
                "the log's own rules refuse it: it is a replay",
            )),
        }
    }

    fn signer(&self, principal: &str, key: KeyId, assurance: Assurance) -> String {
        let kind = match assurance {
            _ if key == self.node() => "the node's key",
            Assurance::HardwareKey => "hardware key",
            Assurance::SoftwareKey => "software key",
            Assurance::Channel => "authenticated channel",
            Assurance::Import => "import",
        };
        format!(
            "{} with the key {} ({kind})",
            shown(principal),
            key.0.short()
        )
    }

    fn proof_of(&self, key: KeyId) -> String {
        match self.given_at.get(&key) {
            Some(index) => format!("the key was given by an administrator at entry {index}"),
            None => "the key is named in genesis".to_owned(),
        }
    }

    /// A key that must have signed and of which nothing here proves whose it is.
    fn unknown(&self, statement: &Statement) -> Option<KeyId> {
        statement
            .key_ids()
            .into_iter()
            .find(|key| self.register.resolve(key).is_none())
    }
}

/// Whether the node's record agrees with what is proven of the signers.
pub(crate) fn agrees(said: &Said, record: &VerdictRecord) -> Result<(), Fault> {
    if record.assurance > said.assurance {
        // A later act may have said more of the key; only its absence is known here.
        let detail = format!(
            "it calls the signature `{}`; by the acts here the key was given as `{}`",
            record.assurance.as_str(),
            said.assurance.as_str()
        );
        return Err(Fault::new(Reason::AssuranceNotShown, detail));
    }
    if said.signer_missing && !record.marks.contains(&Mark::SignerMissing) {
        let detail = "it does not say that a required signature is missing";
        return Err(Fault::new(Reason::RecordContradicts, detail));
    }
    Ok(())
}

fn refused(error: &Refusal) -> Fault {
    let reason = match error.code {
        code::UNKNOWN_KEY => Reason::KeyNotProven,
        code::BAD_SIGNATURE => Reason::SignatureWrong,
        code::ISSUER_MISMATCH => Reason::SignerNotIssuer,
        _ => Reason::StatementRefused,
    };
    Fault::new(reason, shown(&error.reason))
}
