//! Public keys: ES256 (ECDSA on P-256 with SHA-256) and Ed25519, their text and thumbprint.
//!
//! Ed25519 is accepted by the strict rule (`verify_strict` of ed25519-dalek) and nothing else
//! (format law 3): implementations differ on hundreds of edge cases, and what the strict rule takes,
//! every other takes too. A batch check is never the rule. The equation is checked by the crypto
//! library, and the conditions that it does not have stand here
//! (docs/adr/0011-ed25519-by-the-crypto-library.md). ES256 signatures have two forms, (r, s) and
//! (r, n − s); both verify, which is why nothing in this crate identifies a statement by its signature.

use std::cmp::Ordering;
use std::fmt;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_model::cbor::Writer;
use countersign_model::digest::Digest;
use countersign_model::ids::KeyId;

/// Bytes of a P-256 point, SEC1 uncompressed: 0x04 ‖ x ‖ y.
pub const ES256_PUBLIC_LEN: usize = 65;
/// Bytes of an Ed25519 public key.
pub const ED25519_PUBLIC_LEN: usize = 32;
/// Bytes of a signature in a statement, of either algorithm.
pub const SIGNATURE_LEN: usize = 64;

/// SubjectPublicKeyInfo of a P-256 key before its point: id-ecPublicKey with secp256r1.
const SPKI_P256: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// The same of an Ed25519 key: id-Ed25519.
const SPKI_ED25519: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];
/// Characters of a line of PEM (RFC 7468 §2).
const PEM_LINE: usize = 64;

/// A signature algorithm, as COSE numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256: devices and passkeys.
    Es256,
    /// Ed25519 (RFC 8032): services and the node.
    Ed25519,
}

/// Why a text or some bytes are no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not `ES256:<base64>` or `Ed25519:<base64>` (public), or not one line
    /// `countersign-secret-key:1:<algorithm>:<base64>` (secret).
    #[error("not the text of a key")]
    Form,
    /// The number of bytes is not that of the algorithm.
    #[error("the key has the wrong length for its algorithm")]
    Length,
    /// Not a point of the curve, a point of small order, or not its one encoding.
    #[error("the key is no valid key of its algorithm")]
    Invalid,
}

/// A public key that is known to be a valid point.
///
/// It keeps its id and the decoded point, because a log checks many signatures of a few keys: to
/// decode the point costs a tenth of a check.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    bytes: Box<[u8]>,
    id: KeyId,
    parsed: Box<ParsedPublicKey>,
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for PublicKey {}

impl PartialOrd for PublicKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PublicKey {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.algorithm, &self.bytes).cmp(&(other.algorithm, &other.bytes))
    }
}

impl Algorithm {
    /// Label in the header `alg`: -7 or -8 (RFC 9053).
    #[must_use]
    pub const fn cose(self) -> i64 {
        match self {
            Self::Es256 => -7,
            Self::Ed25519 => -8,
        }
    }

    /// Reads [`Algorithm::cose`].
    #[must_use]
    pub const fn from_cose(alg: i64) -> Option<Self> {
        match alg {
            -7 => Some(Self::Es256),
            -8 => Some(Self::Ed25519),
            _ => None,
        }
    }

    /// The word in texts of keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Reads [`Algorithm::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Es256, Self::Ed25519]
            .into_iter()
            .find(|algorithm| algorithm.as_str() == text)
    }
}

impl PublicKey {
    /// Takes 65 bytes (SEC1 uncompressed) for ES256 or 32 for Ed25519.
    ///
    /// # Errors
    /// [`KeyError::Length`] and [`KeyError::Invalid`].
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let parsed = match algorithm {
            Algorithm::Es256 => read_es256(bytes)?,
            Algorithm::Ed25519 => read_ed25519(bytes)?,
        };
        let id = KeyId(Digest::of(&cose_key(algorithm, bytes)));
        Ok(Self {
            algorithm,
            bytes: bytes.into(),
            id,
            parsed: Box::new(parsed),
        })
    }

    /// Reads `ES256:<base64 of 65 bytes>` or `Ed25519:<base64 of 32 bytes>`, padded standard base64.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (algorithm, encoded) = text.split_once(':').ok_or(KeyError::Form)?;
        let algorithm = Algorithm::parse(algorithm).ok_or(KeyError::Form)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::Form)?;
        Self::new(algorithm, &bytes)
    }

    /// The algorithm.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// 65 bytes (SEC1 uncompressed) for ES256, 32 for Ed25519.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The key id: SHA-256 of the deterministic COSE_Key with its required members (RFC 9679 §3).
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// `{1: kty, -1: crv, -2: x[, -3: y]}` in deterministic CBOR (RFC 9053 §7).
    #[must_use]
    pub fn cose_key(&self) -> Vec<u8> {
        cose_key(self.algorithm, &self.bytes)
    }

    /// SubjectPublicKeyInfo (RFC 5280; RFC 5480 for P-256, RFC 8410 for Ed25519) in PEM (RFC 7468), as
    /// the tools of others take keys.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let head = match self.algorithm {
            Algorithm::Es256 => SPKI_P256,
            Algorithm::Ed25519 => SPKI_ED25519,
        };
        let text = STANDARD.encode([head, self.as_bytes()].concat());
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(PEM_LINE)
            .filter_map(|line| std::str::from_utf8(line).ok())
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    /// True if `signature` (64 bytes: r ‖ s, or R ‖ S) is this key's over `message`.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let may_hold = match self.algorithm {
            Algorithm::Es256 => true,
            Algorithm::Ed25519 => !is_of_small_order(signature),
        };
        may_hold && self.parsed.verify_sig(message, signature).is_ok()
    }

    /// As [`PublicKey::verify`] of a message whose SHA-256 is at hand; what is not signed by its SHA-256
    /// is read from `message`.
    #[must_use]
    pub(crate) fn verify_hashed(
        &self,
        sha256: Digest,
        message: impl FnOnce() -> Vec<u8>,
        signature: &[u8],
    ) -> bool {
        match self.algorithm {
            Algorithm::Es256 => {
                digest::Digest::import_less_safe(sha256.as_bytes(), &digest::SHA256)
                    .and_then(|sha256| self.parsed.verify_digest_sig(&sha256, signature))
                    .is_ok()
            }
            Algorithm::Ed25519 => self.verify(&message(), signature),
        }
    }

    /// True if `signature` (DER of RFC 3279, as WebAuthn has it) is this ES256 key's over `message`.
    #[must_use]
    pub fn verify_der(&self, message: &[u8], signature: &[u8]) -> bool {
        self.algorithm == Algorithm::Es256
            && UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.bytes)
                .verify(message, signature)
                .is_ok()
    }
}

fn cose_key(algorithm: Algorithm, bytes: &[u8]) -> Vec<u8> {
    let mut out = Writer::default();
    match algorithm {
        Algorithm::Es256 => {
            let (x, y) = bytes.get(1..).unwrap_or_default().split_at(32);
            out.map(4);
            out.uint(1);
            out.uint(2);
            out.int(-1);
            out.uint(1);
            out.int(-2);
            out.bytes(x);
            out.int(-3);
            out.bytes(y);
        }
        Algorithm::Ed25519 => {
            out.map(3);
            out.uint(1);
            out.uint(1);
            out.int(-1);
            out.uint(6);
            out.int(-2);
            out.bytes(bytes);
        }
    }
    out.into_bytes()
}

fn read_es256(bytes: &[u8]) -> Result<ParsedPublicKey, KeyError> {
    if bytes.len() != ES256_PUBLIC_LEN {
        return Err(KeyError::Length);
    }
    if bytes.first() != Some(&4) {
        return Err(KeyError::Invalid);
    }
    parse(&ECDSA_P256_SHA256_FIXED, bytes)
}

fn parse(
    algorithm: &'static dyn VerificationAlgorithm,
    bytes: &[u8],
) -> Result<ParsedPublicKey, KeyError> {
    UnparsedPublicKey::new(algorithm, bytes)
        .parse()
        .map_err(|_| KeyError::Invalid)
}

/// The y of the points of small order in their one encoding, little-endian, without the sign of x:
/// 0 (order 4), 1 and -1 (orders 1 and 2), and the two of order 8.
const SMALL_ORDER_Y: [[u8; 32]; 5] = [
    [0; 32],
    [
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ],
    [
        0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0x7f,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// Whether the R of an Ed25519 signature is a point of small order. The library makes R from the
/// equation and compares bytes, so that other encodings of such a point are refused there.
fn is_of_small_order(signature: &[u8]) -> bool {
    let Some(mut y) = signature.first_chunk::<32>().copied() else {
        return false;
    };
    y[31] &= 0x7f;
    SMALL_ORDER_Y.contains(&y)
}

fn read_ed25519(bytes: &[u8]) -> Result<ParsedPublicKey, KeyError> {
    let key: &[u8; ED25519_PUBLIC_LEN] = bytes.try_into().map_err(|_| KeyError::Length)?;
    let point = ed25519_dalek::VerifyingKey::from_bytes(key).map_err(|_| KeyError::Invalid)?;
    // p = 2^255 - 19: a y of p or more has a second, smaller encoding, and two texts would be one key.
    let beyond_p = match key {
        [low, middle @ .., high] => {
            *low >= 0xed && high & 0x7f == 0x7f && middle.iter().all(|b| *b == 0xff)
        }
    };
    if point.is_weak() || beyond_p {
        return Err(KeyError::Invalid);
    }
    parse(&ED25519, bytes)
}

impl fmt::Display for PublicKey {
    /// `ES256:<base64>` or `Ed25519:<base64>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}",
            self.algorithm.as_str(),
            STANDARD.encode(&self.bytes)
        )
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use countersign_model::digest::hex;
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expect: Result<&str, KeyError>) {
        let got = PublicKey::parse(text).map(|key| key.id().to_string());
        assert_eq!(got.as_deref(), expect.as_ref().map(|id| *id), "{text}");
    }

    fn ed25519(hex: &str) -> String {
        let bytes = countersign_model::digest::hex_decode(hex).expect("hex");
        format!("Ed25519:{}", STANDARD.encode(bytes))
    }

    #[test]
    fn the_pem_of_rfc_8410() {
        // RFC 8410 §10.1: an Ed25519 public key, and its PEM.
        let text = ed25519("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
        let key = PublicKey::parse(&text).expect("a key");
        assert_eq!(
            key.to_pem(),
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
             -----END PUBLIC KEY-----\n"
        );
    }

    #[test]
    fn the_thumbprint_of_rfc_9679() {
        // RFC 9679 §3.3: an EC2 key on P-256 and its thumbprint.
        let point = "0465eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d\
                     1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c";
        let bytes = countersign_model::digest::hex_decode(point).expect("hex");
        check(
            &format!("ES256:{}", STANDARD.encode(bytes)),
            Ok("496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"),
        );
    }

    fn both_say(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        let point = key.as_bytes().try_into().expect("32 bytes");
        let point = ed25519_dalek::VerifyingKey::from_bytes(point).expect("a point");
        let oracle = ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| point.verify_strict(message, &signature).is_ok());
        let held = key.verify(message, signature);
        assert_eq!(held, oracle, "{key}: {}", hex(signature));
        held
    }

    /// R is the neutral element and S fits: whoever has the secret key can make it, and the equation
    /// holds. The strict rule refuses it, others do not.
    #[test]
    fn a_signature_with_r_of_small_order_is_refused() {
        let key = PublicKey::parse(&ed25519(
            "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c",
        ));
        let key = key.expect("a key");
        let signature = countersign_model::digest::hex_decode(
            "0100000000000000000000000000000000000000000000000000000000000000\
             f03eb939fb899fa82cec5f87fc9a0a6d56444412bc07d7c7b98fe359a5022409",
        );
        let signature = signature.expect("hex");
        assert!(key.parsed.verify_sig(b"anything", &signature).is_ok());
        assert!(!both_say(&key, b"anything", &signature));
        for y in SMALL_ORDER_Y {
            for sign in [0, 0x80] {
                let mut signature = signature.clone();
                signature[..32].copy_from_slice(&y);
                signature[31] |= sign;
                assert!(!both_say(&key, b"anything", &signature));
            }
        }
    }

    /// What the order of the base point adds to S changes nothing in the equation.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];

    proptest! {
        #[test]
        fn the_strict_rule_is_that_of_dalek(
            secret: [u8; 32],
            message in proptest::collection::vec(any::<u8>(), 0..80),
            at in 0usize..64,
            bit in 0u8..8,
            len in 0usize..80,
        ) {
            let secret = crate::SecretKey::generate(Algorithm::Ed25519, secret);
            let (key, good) = (secret.public(), secret.sign(&message));
            prop_assert!(both_say(&key, &message, &good));
            let mut flipped = good;
            flipped[at] ^= 1 << bit;
            prop_assert!(!both_say(&key, &message, &flipped));
            let mut second = good;
            let mut carry = 0_u16;
            for (byte, add) in second[32..].iter_mut().zip(ORDER) {
                let sum = u16::from(*byte) + u16::from(add) + carry;
                [*byte, _] = sum.to_le_bytes();
                carry = sum >> 8;
            }
            prop_assert!(!both_say(&key, &message, &second));
            let mut other = good.to_vec();
            other.resize(len, 0);
            prop_assert_eq!(both_say(&key, &message, &other), len == 64);
        }
    }

    #[test]
    fn unfit_keys_are_refused() {
        check("RS256:AAAA", Err(KeyError::Form));
        check("ES256", Err(KeyError::Form));
        check("ES256:!", Err(KeyError::Form));
        check("ES256:AAAA", Err(KeyError::Length));
        check(
            &format!("ES256:{}", STANDARD.encode([4; 65])),
            Err(KeyError::Invalid),
        );
        check(
            &format!("ES256:{}", STANDARD.encode([2; 65])),
            Err(KeyError::Invalid),
        );
        // The neutral element, a point of order 4, and a y beyond p.
        let neutral = format!("01{}", "00".repeat(31));
        check(&ed25519(&neutral), Err(KeyError::Invalid));
        check(&ed25519(&"00".repeat(32)), Err(KeyError::Invalid));
        let beyond = format!("f0{}7f", "ff".repeat(30));
        check(&ed25519(&beyond), Err(KeyError::Invalid));
    }
}
