//! The outer form that receipts and statements share: a tagged COSE_Sign1 (RFC 9052 §4.2) and the
//! rules for its two headers (§3).

use std::collections::BTreeSet;

use countersign_attest::Algorithm;
use countersign_attest::header::label;
use countersign_attest::sign::TAG_SIGN1;
use countersign_model::cbor::{CborError, Value, decode_any_order};

use super::error::CoseReceiptError as Error;

/// Label of the list of critical parameters (RFC 9052 §3.1).
const CRIT: i64 = 2;

/// A COSE_Sign1, taken apart.
pub(super) struct Sign1<'a> {
    /// The bytes of the protected header, which are what is signed.
    pub(super) protected: &'a [u8],
    /// The protected header: a map whose labels are integers or texts.
    pub(super) header: Value<'a>,
    /// The unprotected header: a map of the same kind, with no label of the protected one.
    pub(super) unprotected: Value<'a>,
    /// `None` if it is detached.
    pub(super) payload: Option<&'a [u8]>,
    pub(super) signature: &'a [u8],
}

impl<'a> Sign1<'a> {
    /// Reads one. `understood` are the labels that `crit` may name.
    pub(super) fn read(bytes: &'a [u8], understood: &[i64]) -> Result<Self, Error> {
        let value = decode_any_order(bytes).map_err(Error::Cbor)?;
        let Value::Tag(TAG_SIGN1, inner) = value else {
            return Err(Error::NotSign1);
        };
        let Value::Array(items) = *inner else {
            return Err(Error::NotSign1);
        };
        let Ok([protected, unprotected, payload, signature]) = <[Value<'a>; 4]>::try_from(items)
        else {
            return Err(Error::NotSign1);
        };
        let (Value::Bytes(protected), Value::Map(_), Value::Bytes(signature)) =
            (protected, &unprotected, signature)
        else {
            return Err(Error::NotSign1);
        };
        let payload = match payload {
            Value::Bytes(payload) => Some(payload),
            Value::Null => None,
            _ => return Err(Error::NotSign1),
        };
        let header = read_protected(protected)?;
        check_labels(&header, &unprotected)?;
        check_critical(&header, &unprotected, understood)?;
        Ok(Self {
            protected,
            header,
            unprotected,
            payload,
            signature,
        })
    }

    /// The algorithm of the protected header.
    pub(super) fn algorithm(&self) -> Result<Algorithm, Error> {
        match self.header.label(label::ALG) {
            None => Err(Error::Header("the protected header has no alg")),
            Some(alg) => alg
                .as_i64()
                .and_then(Algorithm::from_cose)
                .ok_or(Error::UnsupportedAlg),
        }
    }
}

fn read_protected(protected: &[u8]) -> Result<Value<'_>, Error> {
    let header = decode_any_order(protected).map_err(|error| match error {
        // A header of no bytes is a header of no labels, which nothing here can do with.
        CborError::Truncated if protected.is_empty() => {
            Error::Header("the protected header is empty")
        }
        error => Error::Cbor(error),
    })?;
    if header.as_map().is_none() {
        return Err(Error::Header("the protected header is not a map"));
    }
    Ok(header)
}

fn check_labels(protected: &Value<'_>, unprotected: &Value<'_>) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for header in [protected, unprotected] {
        for (label, _) in header.as_map().unwrap_or_default() {
            if !matches!(label, Value::Uint(_) | Value::Nint(_) | Value::Text(_)) {
                return Err(Error::Header("a label is neither an integer nor a text"));
            }
            if !seen.insert(label.encode()) {
                return Err(Error::Header("a label stands in both headers"));
            }
        }
    }
    Ok(())
}

fn check_critical(
    protected: &Value<'_>,
    unprotected: &Value<'_>,
    understood: &[i64],
) -> Result<(), Error> {
    if unprotected.label(CRIT).is_some() {
        return Err(Error::Header("crit is not protected"));
    }
    let Some(critical) = protected.label(CRIT) else {
        return Ok(());
    };
    let labels = critical
        .as_array()
        .filter(|labels| !labels.is_empty())
        .ok_or(Error::Header("crit is not an array of labels"))?;
    for critical in labels {
        let known = critical
            .as_i64()
            .filter(|label| understood.contains(label))
            .ok_or(Error::UnsupportedCrit)?;
        if protected.label(known).is_none() {
            return Err(Error::Header("crit names a label that is not there"));
        }
    }
    Ok(())
}
