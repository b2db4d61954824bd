//! Reading a protected header, strictly.

use countersign_model::cbor::{self, Value};
use countersign_model::digest::Digest;
use countersign_model::entry::Size;
use countersign_model::ids::{KeyId, Origin, PrincipalId};
use countersign_model::limits::AUDIENCES_MAX;
use countersign_model::time::Timestamp;

use super::{ChainLink, Header, Kind, SeenCheckpoint, SignerPart, are_required_keys, label};
use crate::key::Algorithm;
use crate::refusal::Refusal;

impl Header {
    /// Reads a protected header and who must sign.
    pub(crate) fn decode(protected: &[u8]) -> Result<(Self, SignerPart), Refusal> {
        let value =
            cbor::decode(protected).map_err(|e| wrong("protected header", &e.to_string()))?;
        let map = value
            .as_map()
            .ok_or_else(|| wrong("protected header", "is not a map"))?;
        for (key, _) in map {
            let known = key.as_i64().is_some_and(is_known);
            if !known {
                return Err(Refusal::statement(
                    "the protected header has a label that this format does not know; \
                     labels of your own are below -80000",
                ));
            }
        }
        let kind = read_kind(value.label(label::KIND))?;
        let content_type = value.label(label::CONTENT_TYPE).and_then(Value::as_text);
        if content_type != Some(kind.content_type().as_str()) {
            return Err(wrong("content type", "does not name the kind"));
        }
        let (issuer, subject, audiences) = read_cwt_claims(value.label(label::CWT_CLAIMS))?;
        let mut header = Self::new(issuer, &subject, audiences, kind)?;
        header.chain = value.label(label::CHAIN).map(read_chain).transpose()?;
        header.seen = value.label(label::SEEN).map(read_seen).transpose()?;
        header.clock = value.label(label::CLOCK).map(read_clock).transpose()?;
        Ok((header, read_signer_part(&value)?))
    }
}

fn is_known(n: i64) -> bool {
    use label::{ALG, CHAIN, CLOCK, CONTENT_TYPE, CWT_CLAIMS, KID, KIND, REQUIRED, SEEN};
    n < label::EXTENSIONS_BELOW
        || [
            ALG,
            CHAIN,
            CLOCK,
            CONTENT_TYPE,
            CWT_CLAIMS,
            KID,
            KIND,
            REQUIRED,
            SEEN,
        ]
        .contains(&n)
}

fn wrong(what: &str, why: &str) -> Refusal {
    Refusal::statement(format!("{what}: {why}"))
}

fn read_kind(value: Option<&Value<'_>>) -> Result<Kind, Refusal> {
    match value.and_then(Value::as_array) {
        Some([Value::Text(name), Value::Uint(version)]) => Kind::new(name, *version),
        _ => None,
    }
    .ok_or_else(|| wrong("kind", "is not [name, version from 1]"))
}

type CwtClaims = (PrincipalId, String, Vec<Origin>);

fn read_cwt_claims(value: Option<&Value<'_>>) -> Result<CwtClaims, Refusal> {
    let Some(
        [
            (Value::Uint(1), Value::Text(issuer)),
            (Value::Uint(2), Value::Text(subject)),
            (Value::Uint(3), audience),
        ],
    ) = value.and_then(Value::as_map)
    else {
        return Err(wrong("CWT claims", "are not {1: iss, 2: sub, 3: aud}"));
    };
    let issuer = PrincipalId::parse(issuer).map_err(|e| wrong("issuer", &e.to_string()))?;
    Ok((issuer, (*subject).to_owned(), read_audiences(audience)?))
}

fn read_audiences(value: &Value<'_>) -> Result<Vec<Origin>, Refusal> {
    let items = match value {
        Value::Text(_) => std::slice::from_ref(value),
        Value::Array(items) if (2..=AUDIENCES_MAX).contains(&items.len()) => items,
        _ => return Err(wrong("audience", "is not one text or an array of 2 to 8")),
    };
    let origins: Option<Vec<Origin>> = items
        .iter()
        .map(|item| Origin::parse(item.as_text()?).ok())
        .collect();
    let origins = origins.ok_or_else(|| wrong("audience", "is not the origin of a log"))?;
    if is_rising(&origins) {
        Ok(origins)
    } else {
        Err(wrong("audience", "is not sorted, each once"))
    }
}

fn is_rising<T: Ord>(items: &[T]) -> bool {
    items.is_sorted_by(|a, b| a < b)
}

fn read_chain(value: &Value<'_>) -> Result<ChainLink, Refusal> {
    match value.as_array() {
        Some([Value::Uint(epoch), Value::Uint(1), Value::Null]) => Some(ChainLink::first(*epoch)),
        Some([Value::Uint(epoch), Value::Uint(counter), previous]) => previous
            .as_bytes()
            .and_then(Digest::from_slice)
            .and_then(|previous| ChainLink::after(*epoch, *counter, previous)),
        _ => None,
    }
    .ok_or_else(|| {
        wrong(
            "chain",
            "is not [epoch, 1, null] or [epoch, counter from 2, 32 bytes]",
        )
    })
}

fn read_seen(value: &Value<'_>) -> Result<SeenCheckpoint, Refusal> {
    match value.as_array() {
        Some([Value::Uint(size), Value::Bytes(root)]) => {
            Digest::from_slice(root).map(|root| SeenCheckpoint {
                size: Size(*size),
                root,
            })
        }
        _ => None,
    }
    .ok_or_else(|| wrong("checkpoint seen", "is not [size, 32 bytes]"))
}

fn read_clock(value: &Value<'_>) -> Result<Timestamp, Refusal> {
    value
        .as_u64()
        .and_then(|ms| i64::try_from(ms).ok())
        .map(Timestamp::from_ms)
        .ok_or_else(|| wrong("device clock", "is not milliseconds since 1970"))
}

/// A key id of the header: 32 bytes.
pub(crate) fn read_key_id(value: &Value<'_>) -> Option<KeyId> {
    value.as_bytes().and_then(Digest::from_slice).map(KeyId)
}

fn read_signer_part(header: &Value<'_>) -> Result<SignerPart, Refusal> {
    let alg = header.label(label::ALG);
    let kid = header.label(label::KID);
    match (alg, kid, header.label(label::REQUIRED)) {
        (Some(alg), Some(kid), None) => {
            let algorithm = read_algorithm(alg)?;
            let key = read_key_id(kid).ok_or_else(|| wrong("kid", "is not 32 bytes"))?;
            Ok(SignerPart::One(algorithm, key))
        }
        (None, None, Some(required)) => {
            let keys: Option<Vec<KeyId>> = required
                .as_array()
                .unwrap_or_default()
                .iter()
                .map(read_key_id)
                .collect();
            keys.filter(|keys| are_required_keys(keys))
                .map(SignerPart::Many)
                .ok_or_else(|| {
                    wrong(
                        "required signers",
                        "are not 2 to 8 key ids, sorted, each once",
                    )
                })
        }
        _ => Err(Refusal::statement(
            "a header has alg and kid (one signer) or the required signers (several)",
        )),
    }
}

/// Reads a value of `alg`.
pub(crate) fn read_algorithm(value: &Value<'_>) -> Result<Algorithm, Refusal> {
    value
        .as_i64()
        .and_then(Algorithm::from_cose)
        .ok_or_else(|| wrong("alg", "is not -7 (ES256) or -8 (Ed25519)"))
}
