//! Statements: bytes in three forms (COSE_Sign1, COSE_Sign, WebAuthn), read strictly.
//!
//! Reading checks form, never who signed: that is [`mod@crate::judge`]. Everything is
//! deterministic CBOR, the unprotected headers too, so a statement that is read has exactly
//! one logged form.

use countersign_model::cbor::{self, Value};
use countersign_model::digest::Digest;
use countersign_model::entry::{Batch, entry_of};
use countersign_model::ids::{KeyId, Origin, PrincipalId};
use countersign_model::limits::STATEMENT_BYTES_MAX;
use countersign_model::time::Timestamp;

use crate::genesis::Genesis;
use crate::header::{
    ChainLink, Header, Kind, SeenCheckpoint, SignerPart, label, read_algorithm, read_key_id,
};
use crate::key::{Algorithm, PublicKey};
use crate::limits::{SIGNATURE_BYTES_MAX, SIGNERS_MAX};
use crate::refusal::Refusal;
use crate::sign::{
    self, Signature, TAG_SIGN, TAG_SIGN1, assemble, assemble_many, sig_digest, sig_digest_of_many,
};
use crate::webauthn::{self, Assertion};

/// A statement of valid form. Nothing is known of its signatures yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    header: Header,
    protected: Vec<u8>,
    payload: Vec<u8>,
    content: Content,
    proof: Proof,
    /// Made once: replay, chains and the log of chains all ask for it.
    sig_digest: Digest,
    checked: Checked,
}

/// Ids of keys whose signatures over this statement were checked and hold. What is remembered says
/// nothing about the statement itself, so all of them are equal.
#[derive(Clone, Debug, Default)]
struct Checked(Vec<KeyId>);

impl PartialEq for Checked {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Checked {}

/// What the payload says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Kind `claims` v1: digests of claim bodies, in order.
    Claims(Vec<Digest>),
    /// Kind `genesis` v1.
    Genesis(Box<Genesis>),
    /// Kind `batch` v1.
    Batch(Batch),
    /// A kind or version that this release does not know: kept, without effect.
    Unknown,
}

/// How it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By one key.
    One(Signature),
    /// By several keys: those required, and the signatures that came.
    Many {
        /// Key ids that the header asks for, rising.
        required: Vec<KeyId>,
        /// What came, in the order of the statement, each key once.
        signatures: Vec<Signature>,
    },
    /// By a passkey.
    Passkey {
        /// The key id of the header.
        key: KeyId,
        /// What the authenticator made.
        assertion: Assertion,
    },
}

impl Statement {
    /// Reads a statement. Unprotected headers are dropped: anybody could have changed them.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_statement`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > STATEMENT_BYTES_MAX {
            return Err(Refusal::statement("it is longer than 61440 bytes"));
        }
        let value = cbor::decode(bytes).map_err(|e| Refusal::statement(e.to_string()))?;
        match &value {
            Value::Tag(TAG_SIGN1, inner) => Self::read_one(inner),
            Value::Tag(TAG_SIGN, inner) => Self::read_many(inner),
            Value::Array(items) => Self::read_passkey(items),
            _ => Err(Refusal::statement(
                "it is neither a COSE_Sign1, a COSE_Sign nor a WebAuthn statement",
            )),
        }
    }

    fn read_one(value: &Value<'_>) -> Result<Self, Refusal> {
        let Some(
            [
                Value::Bytes(protected),
                Value::Map(_),
                Value::Bytes(payload),
                Value::Bytes(signature),
            ],
        ) = value.as_array()
        else {
            return Err(Refusal::statement(
                "the COSE_Sign1 has not its four elements",
            ));
        };
        let (header, part) = Header::decode(protected)?;
        let SignerPart::One(algorithm, key) = part else {
            return Err(Refusal::statement("a COSE_Sign1 has one signer"));
        };
        check_signature_len(signature)?;
        let proof = Proof::One(Signature {
            algorithm,
            key,
            signature: signature.to_vec(),
        });
        Self::with_content(header, protected, payload, proof)
    }

    fn read_many(value: &Value<'_>) -> Result<Self, Refusal> {
        let Some(
            [
                Value::Bytes(protected),
                Value::Map(_),
                Value::Bytes(payload),
                Value::Array(signers),
            ],
        ) = value.as_array()
        else {
            return Err(Refusal::statement(
                "the COSE_Sign has not its four elements",
            ));
        };
        let (header, part) = Header::decode(protected)?;
        let SignerPart::Many(required) = part else {
            return Err(Refusal::statement("a COSE_Sign lists the required signers"));
        };
        let proof = Proof::Many {
            required,
            signatures: read_signers(signers)?,
        };
        Self::with_content(header, protected, payload, proof)
    }

    fn read_passkey(items: &[Value<'_>]) -> Result<Self, Refusal> {
        let (protected, payload, assertion) = webauthn::read(items)?;
        let (header, part) = Header::decode(protected)?;
        let SignerPart::One(Algorithm::Es256, key) = part else {
            return Err(Refusal::statement(
                "a WebAuthn statement is signed by one ES256 key",
            ));
        };
        if header.chain().is_some() {
            return Err(Refusal::statement("a WebAuthn statement has no chain"));
        }
        Self::with_content(
            header,
            protected,
            payload,
            Proof::Passkey { key, assertion },
        )
    }

    fn with_content(
        header: Header,
        protected: &[u8],
        payload: &[u8],
        proof: Proof,
    ) -> Result<Self, Refusal> {
        let content = match (header.kind().name(), header.kind().version()) {
            ("claims", 1) => Content::Claims(read_claims(payload)?),
            ("genesis", 1) => Content::Genesis(Box::new(Genesis::decode(payload)?)),
            ("batch", 1) => Content::Batch(
                Batch::decode(payload)
                    .ok_or_else(|| Refusal::statement("the payload is no batch"))?,
            ),
            _ => Content::Unknown,
        };
        let sig_digest = match &proof {
            Proof::One(_) | Proof::Passkey { .. } => sig_digest(protected, payload),
            Proof::Many { .. } => sig_digest_of_many(protected, payload),
        };
        Ok(Self {
            header,
            protected: protected.to_vec(),
            payload: payload.to_vec(),
            content,
            proof,
            sig_digest,
            checked: Checked::default(),
        })
    }

    /// The protected header, decoded.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Who says so; true only after a judgement.
    #[must_use]
    pub const fn issuer(&self) -> &PrincipalId {
        self.header.issuer()
    }

    /// What about.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.header.subject()
    }

    /// To which logs, sorted.
    #[must_use]
    pub fn audiences(&self) -> &[Origin] {
        self.header.audiences()
    }

    /// What the payload is.
    #[must_use]
    pub const fn kind(&self) -> &Kind {
        self.header.kind()
    }

    /// The place in the signer's chain.
    #[must_use]
    pub const fn chain(&self) -> Option<&ChainLink> {
        self.header.chain()
    }

    /// The newest checkpoint that the signer had seen.
    #[must_use]
    pub const fn seen(&self) -> Option<&SeenCheckpoint> {
        self.header.seen()
    }

    /// The signer's clock.
    #[must_use]
    pub const fn clock(&self) -> Option<Timestamp> {
        self.header.clock()
    }

    /// The payload, decoded.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The claims, in order; empty for another kind.
    #[must_use]
    pub fn claim_digests(&self) -> &[Digest] {
        match &self.content {
            Content::Claims(digests) => digests,
            Content::Genesis(_) | Content::Batch(_) | Content::Unknown => &[],
        }
    }

    /// How it was signed.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }

    /// The protected header's bytes.
    #[must_use]
    pub fn protected(&self) -> &[u8] {
        &self.protected
    }

    /// The payload's bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Ids of the keys that the header names: one, or the required ones.
    #[must_use]
    pub fn key_ids(&self) -> Vec<KeyId> {
        match &self.proof {
            Proof::One(signature) => vec![signature.key],
            Proof::Many { required, .. } => required.clone(),
            Proof::Passkey { key, .. } => vec![*key],
        }
    }

    /// Identity of the statement for replay, equivocation and chains: SHA-256 of its Sig_structure.
    #[must_use]
    pub const fn sig_digest(&self) -> Digest {
        self.sig_digest
    }

    /// The statement with every unprotected header empty: what the log keeps (format law 4).
    #[must_use]
    pub fn logged_bytes(&self) -> Vec<u8> {
        match &self.proof {
            Proof::One(one) => assemble(&self.protected, &self.payload, &one.signature),
            Proof::Many { signatures, .. } => {
                assemble_many(&self.protected, &self.payload, signatures)
            }
            Proof::Passkey { assertion, .. } => assertion.assemble(&self.protected, &self.payload),
        }
    }

    /// The entry of the log: SHA-256 of [`Statement::logged_bytes`].
    #[must_use]
    pub fn entry(&self) -> Digest {
        entry_of(&self.logged_bytes())
    }

    /// Checks signatures before a judge asks for them, on any thread, with the keys that `resolve`
    /// gives. Those that hold are remembered in the statement, which never changes; those that do not
    /// are left to the judge. This says nothing of whose keys they are or whether they are in force:
    /// a key id is the hash of its key, so no other key can be meant.
    pub(crate) fn check_ahead(&mut self, resolve: &dyn Fn(&KeyId) -> Option<PublicKey>) {
        for id in self.key_ids() {
            let holds = resolve(&id)
                .filter(|key| key.id() == id)
                .and_then(|key| self.verify_by(&key));
            if holds == Some(true) {
                self.checked.0.push(id);
            }
        }
    }

    /// What was remembered of the signatures.
    #[cfg(test)]
    pub(crate) fn checked(&self) -> &[KeyId] {
        &self.checked.0
    }

    /// Whether a signature by `key` is there and verifies; `None` if none by it is there.
    #[must_use]
    pub fn verify_by(&self, key: &PublicKey) -> Option<bool> {
        let id = key.id();
        if self.checked.0.contains(&id) {
            return Some(true);
        }
        match &self.proof {
            Proof::One(one) => (one.key == id).then(|| {
                let message = || sign::to_be_signed(&self.protected, &self.payload);
                one.algorithm == key.algorithm()
                    && key.verify_hashed(self.sig_digest, message, &one.signature)
            }),
            Proof::Many { signatures, .. } => {
                let one = signatures.iter().find(|one| one.key == id)?;
                let message =
                    sign::to_be_signed_by(one.algorithm, id, &self.protected, &self.payload);
                Some(one.algorithm == key.algorithm() && key.verify(&message, &one.signature))
            }
            Proof::Passkey {
                key: named,
                assertion,
            } => (*named == id).then(|| assertion.verifies(key, &self.protected, &self.payload)),
        }
    }
}

fn check_signature_len(signature: &[u8]) -> Result<(), Refusal> {
    if signature.len() > SIGNATURE_BYTES_MAX {
        Err(Refusal::statement("a signature is longer than any is"))
    } else {
        Ok(())
    }
}

fn read_signers(signers: &[Value<'_>]) -> Result<Vec<Signature>, Refusal> {
    if !(1..=SIGNERS_MAX).contains(&signers.len()) {
        return Err(Refusal::statement("a COSE_Sign has 1 to 16 signers"));
    }
    let mut out: Vec<Signature> = Vec::with_capacity(signers.len());
    for signer in signers {
        let one = read_signer(signer)?;
        if out.iter().any(|before| before.key == one.key) {
            return Err(Refusal::statement("a key has signed twice"));
        }
        out.push(one);
    }
    Ok(out)
}

fn read_signer(value: &Value<'_>) -> Result<Signature, Refusal> {
    let wrong = || Refusal::statement("a signer is not [{1: alg, 4: kid}, {}, signature]");
    let Some(
        [
            Value::Bytes(protected),
            Value::Map(_),
            Value::Bytes(signature),
        ],
    ) = value.as_array()
    else {
        return Err(wrong());
    };
    check_signature_len(signature)?;
    let header = cbor::decode(protected).map_err(|_| wrong())?;
    let (Some(alg), Some(kid), Some(2)) = (
        header.label(label::ALG),
        header.label(label::KID),
        header.as_map().map(<[_]>::len),
    ) else {
        return Err(wrong());
    };
    Ok(Signature {
        algorithm: read_algorithm(alg)?,
        key: read_key_id(kid).ok_or_else(wrong)?,
        signature: signature.to_vec(),
    })
}

fn read_claims(payload: &[u8]) -> Result<Vec<Digest>, Refusal> {
    let value = cbor::decode(payload).map_err(|e| Refusal::statement(format!("payload: {e}")))?;
    let digests: Option<Vec<Digest>> = value
        .as_array()
        .unwrap_or_default()
        .iter()
        .map(|item| item.as_bytes().and_then(Digest::from_slice))
        .collect();
    let digests =
        digests.ok_or_else(|| Refusal::statement("the payload is not an array of digests"))?;
    sign::check_claims(&digests)?;
    Ok(digests)
}
