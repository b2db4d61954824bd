//! Genesis: the first entry of a log, which names its keys and rules (docs/formats/genesis.md).

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_model::cbor::{self, Value, Writer};
use countersign_model::ids::{KeyId, Origin, PrincipalId};

use crate::header::{Header, Kind};
use crate::key::{Algorithm, PublicKey};
use crate::limits::{ADMINISTRATORS_MAX, CHECKPOINT_KEYS_MAX, POLICY_BYTES_MAX, PREDECESSORS_MAX};
use crate::refusal::{Refusal, code};
use crate::secret::SecretKey;
use crate::sign::sign1;
use crate::statement::{Content, Statement};

/// Version of a genesis that names one checkpoint key.
const VERSION_ONE_KEY: u64 = 1;
/// Version of a genesis that names two checkpoint keys or more.
const VERSION_SEVERAL_KEYS: u64 = 2;
/// The issuer of the node's own statements.
pub const NODE_NAME: &str = "node";
/// Bytes of the nonce.
pub const NONCE_LEN: usize = 16;
/// Type of an Ed25519 key in a C2SP verifier key.
const VKEY_ED25519: u8 = 1;

/// What the first entry of a log says. Valid by construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    terms: Terms,
}

/// The fields of a genesis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Name of the log for ever, never a shared default.
    pub origin: Origin,
    /// Version of the folds that read it.
    pub fold_version: u64,
    /// C2SP verifier keys of the checkpoints, 1 to 8, one of them Ed25519 at least; their name is
    /// the origin.
    pub checkpoint_keys: Vec<String>,
    /// Key of the COSE receipts.
    pub receipt_key: PublicKey,
    /// Key of the node's statements.
    pub node_key: PublicKey,
    /// Keys of the administrators, 1 to 64: principals `admin-1`, `admin-2`, … in this order.
    pub administrators: Vec<PublicKey>,
    /// Logs whose audience this log accepts too, in any order, up to 64.
    pub predecessors: Vec<Origin>,
    /// What the log registers: a URI or a sentence, 1 to 4096 bytes.
    pub registration_policy: String,
    /// Random, so that two logs never begin alike.
    pub nonce: [u8; NONCE_LEN],
}

impl Genesis {
    /// Checks the terms: keys that differ, a checkpoint key named like the origin, all within limits.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_genesis`.
    pub fn new(mut terms: Terms) -> Result<Self, Refusal> {
        terms.predecessors.sort();
        terms.predecessors.dedup();
        if terms.predecessors.len() > PREDECESSORS_MAX || terms.predecessors.contains(&terms.origin)
        {
            return Err(bad(
                "there are at most 64 predecessors, and the log is none of them",
            ));
        }
        if !(1..=POLICY_BYTES_MAX).contains(&terms.registration_policy.len()) {
            return Err(bad("the registration policy has 1 to 4096 bytes"));
        }
        if !(1..=ADMINISTRATORS_MAX).contains(&terms.administrators.len()) {
            return Err(bad("there are 1 to 64 administrators"));
        }
        check_keys(&terms)?;
        Ok(Self { terms })
    }

    /// The fields.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Key ids of the Ed25519 checkpoint keys: no principal may have one.
    pub fn checkpoint_key_ids(&self) -> impl Iterator<Item = KeyId> {
        let keys = self.terms.checkpoint_keys.iter();
        let read = |key: &String| checkpoint_key(&self.terms.origin, key).ok().flatten();
        keys.filter_map(move |key| read(key).map(|key| key.id()))
    }

    /// The payload: deterministic CBOR of docs/formats/genesis.md.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let terms = &self.terms;
        let mut out = Writer::default();
        out.map(10);
        out.uint(1);
        out.text(terms.origin.as_str());
        out.uint(2);
        match terms.checkpoint_keys.as_slice() {
            [only] => {
                out.uint(VERSION_ONE_KEY);
                out.uint(3);
                out.uint(terms.fold_version);
                out.uint(4);
                out.text(only);
            }
            several => {
                out.uint(VERSION_SEVERAL_KEYS);
                out.uint(3);
                out.uint(terms.fold_version);
                out.uint(4);
                out.array(several.len());
                for key in several {
                    out.text(key);
                }
            }
        }
        out.uint(5);
        out.text(&terms.receipt_key.to_string());
        out.uint(6);
        out.text(&terms.node_key.to_string());
        out.uint(7);
        out.array(terms.administrators.len());
        for key in &terms.administrators {
            out.text(&key.to_string());
        }
        out.uint(8);
        out.array(terms.predecessors.len());
        for origin in &terms.predecessors {
            out.text(origin.as_str());
        }
        out.uint(9);
        out.text(&terms.registration_policy);
        out.uint(10);
        out.bytes(&terms.nonce);
        out.into_bytes()
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_genesis`.
    pub fn decode(payload: &[u8]) -> Result<Self, Refusal> {
        let value = cbor::decode(payload).map_err(|e| bad(&e.to_string()))?;
        let field = |label| value.label(label).ok_or_else(|| bad("a field is missing"));
        if value.as_map().map(<[_]>::len) != Some(10) {
            return Err(bad("it is not a map of its ten fields"));
        }
        let checkpoint_keys = match field(2)?.as_u64() {
            Some(VERSION_ONE_KEY) => vec![text(field(4)?)?.to_owned()],
            Some(VERSION_SEVERAL_KEYS) => {
                texts(field(4)?)?.into_iter().map(str::to_owned).collect()
            }
            _ => return Err(bad("its format version is neither 1 nor 2")),
        };
        if field(2)?.as_u64() == Some(VERSION_SEVERAL_KEYS) && checkpoint_keys.len() < 2 {
            return Err(bad("of version 2 there are two checkpoint keys or more"));
        }
        let predecessors = texts(field(8)?)?
            .into_iter()
            .map(|text| Origin::parse(text).map_err(|e| bad(&e.to_string())))
            .collect::<Result<Vec<_>, _>>()?;
        if !predecessors.is_sorted_by(|a, b| a < b) {
            return Err(bad("the predecessors are not sorted, each once"));
        }
        let administrators = texts(field(7)?)?
            .into_iter()
            .map(key)
            .collect::<Result<Vec<_>, _>>()?;
        let nonce = field(10)?
            .as_bytes()
            .and_then(|bytes| bytes.try_into().ok());
        Self::new(Terms {
            origin: Origin::parse(text(field(1)?)?).map_err(|e| bad(&e.to_string()))?,
            fold_version: field(3)?
                .as_u64()
                .ok_or_else(|| bad("the fold version is no number"))?,
            checkpoint_keys,
            receipt_key: key(text(field(5)?)?)?,
            node_key: key(text(field(6)?)?)?,
            administrators,
            predecessors,
            registration_policy: text(field(9)?)?.to_owned(),
            nonce: nonce.ok_or_else(|| bad("the nonce is not 16 bytes"))?,
        })
    }

    /// The genesis statement, signed by the node's statement key.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_genesis` if `node_key` is not the one that the terms name.
    pub fn sign(&self, node_key: &SecretKey) -> Result<Vec<u8>, Refusal> {
        if node_key.public() != self.terms.node_key {
            return Err(bad("it is signed by the node key that it names"));
        }
        let header = node_header(&self.terms.origin, Kind::genesis());
        Ok(sign1(&header, &self.encode(), node_key))
    }

    /// The genesis in a statement, once it is known to be issued by `node`, addressed to its own
    /// log and signed by the key that it names. Whether that is the right log only a pinned
    /// origin or key can say.
    ///
    /// # Errors
    /// [`Refusal`] with `bad_genesis`.
    pub fn open(statement: &Statement) -> Result<Self, Refusal> {
        let Content::Genesis(genesis) = statement.content() else {
            return Err(bad("the statement is not of kind genesis"));
        };
        let header = node_header(&genesis.terms.origin, Kind::genesis());
        if *statement.header() != header {
            return Err(bad(
                "issuer, subject or audience are not those of a genesis",
            ));
        }
        if statement.verify_by(&genesis.terms.node_key) == Some(true) {
            Ok((**genesis).clone())
        } else {
            Err(bad("it is not signed by the node key that it names"))
        }
    }
}

/// The header of the node's own statements: issuer `node`, about and addressed to its log.
#[must_use]
pub fn node_header(origin: &Origin, kind: Kind) -> Header {
    let node = PrincipalId::parse(NODE_NAME).expect("`node` is a name");
    Header::new(node, origin.as_str(), vec![origin.clone()], kind)
        .expect("an origin is a subject, and one audience is enough")
}

fn check_keys(terms: &Terms) -> Result<(), Refusal> {
    let mut seen: BTreeSet<KeyId> = BTreeSet::new();
    let named = [&terms.receipt_key, &terms.node_key];
    let keys = &terms.checkpoint_keys;
    if !(1..=CHECKPOINT_KEYS_MAX).contains(&keys.len()) {
        return Err(bad("there are 1 to 8 checkpoint keys"));
    }
    let texts: BTreeSet<&String> = keys.iter().collect();
    let mut distinct = texts.len() == keys.len();
    for key in keys {
        let ed25519 = checkpoint_key(&terms.origin, key)?;
        distinct &= ed25519.is_none_or(|key| seen.insert(key.id()));
    }
    if seen.is_empty() && keys.len() > 1 {
        return Err(bad("of several checkpoint keys one is Ed25519 at least"));
    }
    for key in named.into_iter().chain(&terms.administrators) {
        distinct &= seen.insert(key.id());
    }
    if distinct {
        Ok(())
    } else {
        Err(bad("a key stands for two things"))
    }
}

/// The key in a C2SP verifier key `name+hash+base64(type ‖ key)`, if it is Ed25519. Whether the
/// hash is right is for whoever reads checkpoints.
pub(crate) fn checkpoint_key(origin: &Origin, key: &str) -> Result<Option<PublicKey>, Refusal> {
    let wrong = || bad("a checkpoint key is not <origin>+<8 hex digits in lower case>+<base64>");
    let rest = key
        .strip_prefix(origin.as_str())
        .and_then(|rest| rest.strip_prefix('+'))
        .ok_or_else(wrong)?;
    let (hash, encoded) = rest.split_once('+').ok_or_else(wrong)?;
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_hash = hash.len() == 8 && hash.bytes().all(is_digit);
    let bytes = STANDARD.decode(encoded).map_err(|_| wrong())?;
    match bytes.split_first() {
        Some((&VKEY_ED25519, key)) if is_hash => PublicKey::new(Algorithm::Ed25519, key)
            .map(Some)
            .map_err(|e| bad(&format!("the checkpoint key: {e}"))),
        Some(_) if is_hash => Ok(None),
        _ => Err(wrong()),
    }
}

fn text<'a>(value: &Value<'a>) -> Result<&'a str, Refusal> {
    value.as_text().ok_or_else(|| bad("a field is not a text"))
}

fn texts<'a>(value: &Value<'a>) -> Result<Vec<&'a str>, Refusal> {
    let items = value
        .as_array()
        .ok_or_else(|| bad("a field is not an array"))?;
    items.iter().map(text).collect()
}

fn key(text: &str) -> Result<PublicKey, Refusal> {
    PublicKey::parse(text).map_err(|e| bad(&e.to_string()))
}

fn bad(why: &str) -> Refusal {
    Refusal::new(code::BAD_GENESIS, why)
}
