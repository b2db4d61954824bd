//! Statements signed by a passkey: a WebAuthn assertion over a statement (docs/formats/statement.md §6).
//!
//! The browser lets nobody choose what is signed; the statement's Sig_structure goes in as the
//! challenge. What the authenticator signs is `authenticatorData ‖ SHA-256(clientDataJSON)`
//! (WebAuthn Level 3 §6.3.3).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_model::cbor::{Value, Writer};
use countersign_model::digest::Digest;
use countersign_model::json::Doc;

use crate::key::PublicKey;
use crate::limits::{AUTHENTICATOR_DATA_BYTES_MAX, CLIENT_DATA_BYTES_MAX, SIGNATURE_BYTES_MAX};
use crate::refusal::Refusal;
use crate::sign::sig_digest;

/// First element of the array, in the place of a CBOR tag.
pub const WORD: &str = "webauthn";
const VERSION: u64 = 1;
/// rpIdHash, flags, signCount.
const AUTHENTICATOR_DATA_LEN_MIN: usize = 37;
const FLAG_USER_PRESENT: u8 = 0x01;
const FLAG_USER_VERIFIED: u8 = 0x04;
/// Attested credential data or extensions follow the first 37 bytes.
const FLAGS_MORE_FOLLOWS: u8 = 0xc0;

/// What an authenticator and a browser made of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    authenticator_data: Vec<u8>,
    client_data: Vec<u8>,
    signature: Vec<u8>,
    challenge: String,
    origin: String,
}

impl Assertion {
    /// Takes the three values of an `AuthenticatorAssertionResponse`; `signature` is DER.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_statement`: beyond a limit, not of type `webauthn.get`, or no user was present.
    pub fn new(
        authenticator_data: &[u8],
        client_data: &[u8],
        signature: &[u8],
    ) -> Result<Self, Refusal> {
        check_authenticator_data(authenticator_data)?;
        if client_data.len() > CLIENT_DATA_BYTES_MAX || signature.len() > SIGNATURE_BYTES_MAX {
            return Err(wrong("clientDataJSON or signature is too long"));
        }
        let doc = Doc::parse(client_data).map_err(|_| wrong("clientDataJSON is not JSON"))?;
        let root = doc.root();
        if root.str_at("type").as_deref() != Some("webauthn.get") {
            return Err(wrong("clientDataJSON is not of type webauthn.get"));
        }
        let challenge = root
            .str_at("challenge")
            .ok_or_else(|| wrong("clientDataJSON has no challenge"))?;
        let origin = root.str_at("origin").unwrap_or_default();
        Ok(Self {
            authenticator_data: authenticator_data.to_vec(),
            client_data: client_data.to_vec(),
            signature: signature.to_vec(),
            challenge: challenge.into_owned(),
            origin: origin.into_owned(),
        })
    }

    /// SHA-256 of the relying party id. This crate compares it with nothing: which ids a log
    /// allows is the business of whoever enrolled the passkey.
    #[must_use]
    pub fn rp_id_hash(&self) -> Digest {
        let hash = self.authenticator_data.get(..Digest::LEN);
        hash.and_then(Digest::from_slice).unwrap_or(Digest::ZERO)
    }

    /// Whether the authenticator checked who the user is (PIN, finger, face), beyond that one was there.
    #[must_use]
    pub fn user_verified(&self) -> bool {
        flags(&self.authenticator_data) & FLAG_USER_VERIFIED != 0
    }

    /// The web origin that asked for the signature, as the browser gave it.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// True if this is `key`'s assertion over the statement.
    pub(crate) fn verifies(&self, key: &PublicKey, protected: &[u8], payload: &[u8]) -> bool {
        let mut message = self.authenticator_data.clone();
        message.extend(Digest::of(&self.client_data).as_bytes());
        self.challenge == challenge(protected, payload) && key.verify_der(&message, &self.signature)
    }

    /// The statement, which is its own logged form.
    #[must_use]
    pub fn assemble(&self, protected: &[u8], payload: &[u8]) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(7);
        out.text(WORD);
        out.uint(VERSION);
        out.bytes(protected);
        out.bytes(payload);
        out.bytes(&self.authenticator_data);
        out.bytes(&self.client_data);
        out.bytes(&self.signature);
        out.into_bytes()
    }
}

/// What goes into `PublicKeyCredentialRequestOptions.challenge`, as it stands in clientDataJSON:
/// base64url without padding of SHA-256 of the Sig_structure.
#[must_use]
pub fn challenge(protected: &[u8], payload: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(sig_digest(protected, payload).as_bytes())
}

/// Reads the seven elements; returns protected header, payload and assertion.
pub(crate) fn read<'a>(items: &[Value<'a>]) -> Result<(&'a [u8], &'a [u8], Assertion), Refusal> {
    let [
        Value::Text(WORD),
        Value::Uint(VERSION),
        Value::Bytes(protected),
        Value::Bytes(payload),
        Value::Bytes(authenticator_data),
        Value::Bytes(client_data),
        Value::Bytes(signature),
    ] = items
    else {
        return Err(wrong("is not of the documented shape"));
    };
    let assertion = Assertion::new(authenticator_data, client_data, signature)?;
    Ok((protected, payload, assertion))
}

fn check_authenticator_data(bytes: &[u8]) -> Result<(), Refusal> {
    let flags = flags(bytes);
    let fits = if flags & FLAGS_MORE_FOLLOWS == 0 {
        bytes.len() == AUTHENTICATOR_DATA_LEN_MIN
    } else {
        (AUTHENTICATOR_DATA_LEN_MIN + 1..=AUTHENTICATOR_DATA_BYTES_MAX).contains(&bytes.len())
    };
    if !fits {
        return Err(wrong(
            "authenticatorData has a length that its flags do not give",
        ));
    }
    if flags & FLAG_USER_PRESENT == 0 {
        return Err(wrong("no user was present"));
    }
    Ok(())
}

fn flags(authenticator_data: &[u8]) -> u8 {
    authenticator_data.get(32).copied().unwrap_or_default()
}

fn wrong(why: &str) -> Refusal {
    Refusal::statement(format!("WebAuthn statement: {why}"))
}
