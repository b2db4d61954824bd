//! A small log with fixed keys: what the tests of this crate judge against.

use countersign_attest::genesis::{NONCE_LEN, Terms};
use countersign_attest::{
    Algorithm, ChainLink, Chains, Genesis, Header, Kind, LogIdentity, PublicKey, Register,
    SecretKey, Statement, Verdict, claims_payload, judge, sign1,
};
use countersign_model::act::{Act, OwnObject};
use countersign_model::cbor::Writer;
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::json::Doc;
use countersign_model::time::Timestamp;

/// When everything happens: 2026-03-02T08:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_ms(1_772_438_400_000);
pub(crate) const ORIGIN: &str = "log.example/site-1";
pub(crate) const OLD_ORIGIN: &str = "log.example/old";

/// A key of 32 equal bytes.
pub(crate) fn es256(seed: u8) -> SecretKey {
    SecretKey::generate(Algorithm::Es256, [seed; 32])
}

pub(crate) fn ed25519(seed: u8) -> SecretKey {
    SecretKey::generate(Algorithm::Ed25519, [seed; 32])
}

pub(crate) fn node() -> SecretKey {
    ed25519(1)
}

pub(crate) fn admin() -> SecretKey {
    ed25519(2)
}

/// A handheld at the dock.
pub(crate) fn device() -> SecretKey {
    es256(3)
}

/// The carrier's handheld.
pub(crate) fn carrier() -> SecretKey {
    es256(4)
}

/// A warehouse system.
pub(crate) fn service() -> SecretKey {
    ed25519(5)
}

/// A person with a passkey.
pub(crate) fn person() -> SecretKey {
    es256(6)
}

/// A key that nobody enrolled.
pub(crate) fn stranger() -> SecretKey {
    es256(9)
}

pub(crate) fn origin(text: &str) -> Origin {
    Origin::parse(text).unwrap()
}

pub(crate) fn terms() -> Terms {
    Terms {
        origin: origin(ORIGIN),
        fold_version: 1,
        checkpoint_keys: vec![format!("{ORIGIN}+0a1b2c3d+{}", vkey(&ed25519(7).public()))],
        receipt_key: es256(8).public(),
        node_key: node().public(),
        administrators: vec![admin().public()],
        predecessors: vec![origin(OLD_ORIGIN)],
        registration_policy: "https://example.org/policy".to_owned(),
        nonce: [7; NONCE_LEN],
    }
}

/// base64(type ‖ key) of a C2SP verifier key.
pub(crate) fn vkey(key: &PublicKey) -> String {
    use base64::Engine as _;
    let mut bytes = vec![1];
    bytes.extend(key.as_bytes());
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub(crate) fn genesis() -> Genesis {
    Genesis::new(terms()).unwrap()
}

pub(crate) fn identity() -> LogIdentity {
    LogIdentity {
        origin: origin(ORIGIN),
        predecessors: vec![origin(OLD_ORIGIN)],
    }
}

pub(crate) fn act(json: &str) -> Act {
    let doc = Doc::parse(json.as_bytes()).unwrap();
    match OwnObject::from_json(doc.root()).unwrap() {
        OwnObject::Act(act) => act,
        OwnObject::Testimony(_) => panic!("no act: {json}"),
    }
}

pub(crate) fn define(id: &str, role: &str, key: &PublicKey) -> String {
    let value = format!(r#"{{"id":"{id}","role":"{role}","key":"{key}"}}"#);
    format!(r#"{{"type":"Define","object":"principal","value":{value}}}"#)
}

/// The acts that enrol everybody, in order.
pub(crate) fn enrolments() -> Vec<String> {
    vec![
        define("dock-1", "device", &device().public()),
        define("carrier-1", "device", &carrier().public()),
        define("wms", "service", &service().public()),
        define("p-17", "person", &person().public()),
    ]
}

pub(crate) fn register() -> Register {
    let mut register = Register::new(&genesis());
    for json in enrolments() {
        register
            .apply(Index(3), &admin().public().id(), &act(&json))
            .unwrap();
    }
    register
}

/// A header of `issuer` for this log.
pub(crate) fn header(issuer: &str) -> Header {
    header_for(issuer, &[ORIGIN])
}

pub(crate) fn header_for(issuer: &str, audiences: &[&str]) -> Header {
    let audiences = audiences.iter().map(|text| origin(text)).collect();
    let issuer = PrincipalId::parse(issuer).unwrap();
    Header::new(issuer, "urn:example:dock", audiences, Kind::claims()).unwrap()
}

/// A payload with one claim, told from others by its text.
pub(crate) fn payload(text: &str) -> Vec<u8> {
    claims_payload(&[Digest::of(text.as_bytes())]).unwrap()
}

/// The place after `previous` in its chain.
pub(crate) fn next(previous: &[u8]) -> ChainLink {
    let statement = parse(previous);
    let link = statement.chain().unwrap();
    ChainLink::after(link.epoch(), link.counter() + 1, statement.sig_digest()).unwrap()
}

/// A statement of the dock's device at a place of its chain.
pub(crate) fn dock(link: ChainLink, text: &str) -> Vec<u8> {
    sign1(
        &header("dock-1").with_chain(link),
        &payload(text),
        &device(),
    )
}

pub(crate) fn parse(bytes: &[u8]) -> Statement {
    Statement::parse(bytes).unwrap()
}

/// (r, s) turned into (r, n − s), which verifies as well.
pub(crate) fn other_s(signature: &[u8]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_slice(signature).unwrap();
    let (r, s) = (signature.r(), signature.s());
    let other = p256::ecdsa::Signature::from_scalars(r.to_bytes(), (-*s).to_bytes()).unwrap();
    other.to_bytes().to_vec()
}

/// What a software passkey makes of a challenge, in parts: authenticatorData, clientDataJSON, DER.
pub(crate) fn passkey(key: &SecretKey, challenge: &str, flags: u8) -> [Vec<u8>; 3] {
    let mut authenticator = Digest::of(b"example.org").as_bytes().to_vec();
    authenticator.extend([flags, 0, 0, 0, 9]);
    let client = format!(
        r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://example.org","crossOrigin":false}}"#
    );
    let mut message = authenticator.clone();
    message.extend(Digest::of(client.as_bytes()).as_bytes());
    let signature = p256::ecdsa::Signature::from_slice(&key.sign(&message)).unwrap();
    let der = signature.to_der().as_bytes().to_vec();
    [authenticator, client.into_bytes(), der]
}

/// A COSE_Sign1 out of given pieces, right or wrong; `unprotected` is CBOR.
pub(crate) fn cose_sign1(
    protected: &[u8],
    unprotected: &[u8],
    payload: &[u8],
    signature: &[u8],
) -> Vec<u8> {
    let mut out = Writer::default();
    out.tag(18);
    out.array(4);
    out.bytes(protected);
    out.raw(unprotected);
    out.bytes(payload);
    out.bytes(signature);
    out.into_bytes()
}

/// A log as it runs: judges, and records what it admits.
pub(crate) struct Log {
    pub(crate) register: Register,
    pub(crate) chains: Chains,
    pub(crate) next: u64,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self {
            register: register(),
            chains: Chains::default(),
            next: 10,
        }
    }

    pub(crate) fn submit_at(&mut self, bytes: &[u8], received: Timestamp) -> Verdict {
        let statement = match Statement::parse(bytes) {
            Ok(statement) => statement,
            Err(refusal) => {
                return Verdict::Refuse {
                    code: refusal.code,
                    reason: refusal.reason,
                };
            }
        };
        let verdict = judge(
            &self.register,
            &self.chains,
            &statement,
            &identity(),
            received,
        );
        if let Verdict::Admit { key, .. } = &verdict {
            self.chains.record(key, &statement, Index(self.next));
            self.next += 1;
        }
        verdict
    }

    pub(crate) fn submit(&mut self, bytes: &[u8]) -> Verdict {
        self.submit_at(bytes, NOW)
    }
}

/// A verdict in one line: `dock-1 chain_gap clock_off`, `replay 10`, `unknown_key`.
pub(crate) fn line(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Admit {
            principal,
            cosigners,
            marks,
            ..
        } => {
            let with: String = cosigners
                .iter()
                .map(|cosigner| format!(" with {}", cosigner.principal))
                .collect();
            let marks: String = marks
                .iter()
                .map(|mark| format!(" {}", mark.as_str()))
                .collect();
            format!("{principal}{with}{marks}")
        }
        Verdict::Replay { index } => format!("replay {index}"),
        Verdict::Refuse { code, .. } => (*code).to_owned(),
    }
}
