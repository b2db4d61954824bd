//! A log in memory that signs everything and judges nothing.

mod evidence;
mod ground;

pub use ground::Files;

use std::collections::BTreeMap;

use countersign_attest::genesis::{Terms, node_header};
use countersign_attest::{
    Algorithm, ChainLink, Genesis, Header, Kind, SecretKey, Statement, claims_payload, sign1,
};
use countersign_model::body::{ClaimBody, EnvelopeBody, Format};
use countersign_model::digest::Digest;
use countersign_model::entry::{
    Assurance, Batch, ClaimRef, ClaimStatus, Index, Mark, VerdictRecord, verdict_leaf,
};
use countersign_model::ids::{KeyId, Origin, PrincipalId};
use countersign_model::time::{Span, Timestamp};
use countersign_tlog::Hash;
use countersign_tlog::note::{Ed25519Signer, KeyName, SignatureType, Signer as _};
use countersign_tlog::tree::NodeTable;

use crate::told::{Told, short};

/// First recorded time: 2026-03-02T06:00:00Z. Each batch is a second later.
const START_MS: i64 = 1_772_431_200_000;

/// Somebody who signs.
#[derive(Clone, Debug)]
pub struct Signer {
    /// Principal.
    pub name: String,
    /// Its key.
    pub key: SecretKey,
    /// Whether its statements are numbered.
    pub is_chained: bool,
    chain: Option<(u64, Digest)>,
}

impl Signer {
    /// A signer that has said nothing yet.
    #[must_use]
    pub fn new(name: &str, key: SecretKey, is_chained: bool) -> Self {
        Self {
            name: name.to_owned(),
            key,
            is_chained,
            chain: None,
        }
    }

    /// Id of its key.
    #[must_use]
    pub fn kid(&self) -> KeyId {
        self.key.public().id()
    }

    /// A statement of claims to that log, at the next place of the chain.
    pub fn sign(&mut self, origin: &Origin, now: Timestamp, claims: &[Digest]) -> Vec<u8> {
        let header = self.header(origin, now);
        let payload = claims_payload(claims).expect("1 to 1024 claims, none twice");
        let statement = sign1(&header, &payload, &self.key);
        self.has_said(&statement);
        statement
    }

    /// The chain goes on behind that statement, whoever put it together.
    ///
    /// # Panics
    /// On bytes that are no statement.
    pub fn has_said(&mut self, statement: &[u8]) {
        let parsed = Statement::parse(statement).expect("a statement");
        let counter = self.chain.map_or(1, |(counter, _)| counter + 1);
        self.chain = Some((counter, parsed.sig_digest()));
    }

    /// The header of the next statement to that log.
    #[must_use]
    pub fn header(&self, origin: &Origin, now: Timestamp) -> Header {
        if self.name == "node" {
            return node_header(origin, Kind::claims());
        }
        let issuer = PrincipalId::parse(&self.name).expect("a name");
        let header = Header::new(issuer, "goods", vec![origin.clone()], Kind::claims());
        let header = header.expect("a subject and an audience").with_clock(now);
        if !self.is_chained {
            return header;
        }
        header.with_chain(match self.chain {
            None => ChainLink::first(1),
            Some((counter, previous)) => {
                ChainLink::after(1, counter + 1, previous).expect("a counter from 2")
            }
        })
    }
}

/// A statement that is logged, or will be with the next commit.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its bytes.
    pub statement: Vec<u8>,
    /// The verdict record on it; for a batch statement none.
    pub record: Option<VerdictRecord>,
}

/// A whole log.
#[derive(Debug)]
pub struct TinyLog {
    origin: Origin,
    seed: u64,
    drawn: u64,
    checkpoint_key: Ed25519Signer,
    checkpoint_secret: [u8; 32],
    /// The node's statement key.
    pub node: Signer,
    /// The administrator that genesis names.
    pub admin: Signer,
    tree: NodeTable,
    logged: Vec<Logged>,
    /// For each batch statement its index and what it says.
    batches: BTreeMap<u64, Batch>,
    previous: Option<Digest>,
    bodies: BTreeMap<Digest, ClaimBody>,
    envelopes: BTreeMap<Digest, EnvelopeBody>,
    enrolments: BTreeMap<KeyId, Vec<ClaimRef>>,
}

impl TinyLog {
    /// A log with genesis and its batch. The same origin and seed give the same bytes.
    #[must_use]
    pub fn new(origin: &str, seed: u64) -> Self {
        let name = KeyName::new(origin).expect("an origin is the name of a key");
        let mut drawn = 0;
        let mut key = |algorithm| SecretKey::generate(algorithm, draw(seed, &mut drawn));
        let node = key(Algorithm::Ed25519);
        let admin = key(Algorithm::Es256);
        let receipts = key(Algorithm::Es256);
        let secret = draw(seed, &mut drawn);
        let checkpoint_key = Ed25519Signer::new(name, SignatureType::Ed25519, &secret);
        let genesis = Genesis::new(Terms {
            origin: Origin::parse(origin).expect("a name"),
            fold_version: 1,
            checkpoint_keys: vec![checkpoint_key.key().to_string()],
            receipt_key: receipts.public(),
            node_key: node.public(),
            administrators: vec![admin.public()],
            predecessors: Vec::new(),
            registration_policy: "What the devices of this test say.".to_owned(),
            nonce: short(draw(seed, &mut drawn)),
        });
        let genesis = genesis.expect("terms within the limits");
        let statement = genesis.sign(&node).expect("the key that the terms name");
        let mut log = Self {
            origin: genesis.terms().origin.clone(),
            seed,
            drawn,
            checkpoint_key,
            checkpoint_secret: secret,
            node: Signer::new("node", node, false),
            admin: Signer::new("admin-1", admin, false),
            tree: NodeTable::new(),
            logged: Vec::new(),
            batches: BTreeMap::new(),
            previous: None,
            bodies: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            enrolments: BTreeMap::new(),
        };
        log.put(&statement, |_| ());
        log.commit();
        log
    }

    /// Identity of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.origin.as_str()
    }

    /// The key to pin.
    #[must_use]
    pub fn vkey(&self) -> String {
        self.checkpoint_key.key().to_string()
    }

    /// The secret of that key, for tests that show what a thief of it can do.
    #[must_use]
    pub const fn checkpoint_secret(&self) -> [u8; 32] {
        self.checkpoint_secret
    }

    /// The log goes on under this name with these keys, once an act was said that says so.
    ///
    /// # Panics
    /// On a name that is none.
    pub fn goes_on_as(&mut self, origin: &str, node: SecretKey, checkpoint_secret: [u8; 32]) {
        let name = KeyName::new(origin).expect("an origin is the name of a key");
        let key = Ed25519Signer::new(name, SignatureType::Ed25519, &checkpoint_secret);
        self.origin = Origin::parse(origin).expect("a name");
        self.checkpoint_key = key;
        self.checkpoint_secret = checkpoint_secret;
        self.node = Signer::new("node", node, false);
    }

    /// 32 bytes that no other call gives.
    pub fn entropy(&mut self) -> [u8; 32] {
        draw(self.seed, &mut self.drawn)
    }

    /// A device with an ES256 key, which the administrator defines in a commit of its own.
    pub fn device(&mut self, name: &str) -> Signer {
        let key = SecretKey::generate(Algorithm::Es256, self.entropy());
        let signer = Signer::new(name, key, true);
        self.enrol(&signer, "device");
        signer
    }

    /// The administrator's act that gives a principal its key, in a commit of its own.
    pub fn enrol(&mut self, signer: &Signer, role: &str) -> ClaimRef {
        let mut admin = self.admin.clone();
        let at = self.enrol_by(&mut admin, signer, role);
        self.admin = admin;
        at
    }

    /// The same by somebody else, who may or may not be allowed to.
    pub fn enrol_by(&mut self, by: &mut Signer, signer: &Signer, role: &str) -> ClaimRef {
        let (name, key) = (&signer.name, signer.key.public());
        let act = format!(
            r#"{{"type":"Define","object":"principal","value":{{"id":"{name}","role":"{role}","key":"{key}","assurance":"software_key"}},"reason":"a test"}}"#
        );
        let index = self.say(by, Format::CountersignJson, &[&act]);
        let at = ClaimRef { index, ordinal: 0 };
        self.enrolments.entry(signer.kid()).or_default().push(at);
        self.commit();
        at
    }

    /// Signs claims, JSON objects, and puts the statement into the next commit. Values under
    /// `reason`, `note` and `name` are sealed.
    pub fn say(&mut self, signer: &mut Signer, format: Format, objects: &[&str]) -> Index {
        let told = self.tell(format, objects);
        let statement = self.sign(signer, &told.digests());
        self.keep(&told);
        self.put(&statement, |_| ())
    }

    /// Claims with bodies and an envelope, which are not kept yet.
    pub fn tell(&mut self, format: Format, objects: &[&str]) -> Told {
        let (seed, mut drawn) = (self.seed, self.drawn);
        let told = Told::json(format, objects, &mut || draw(seed, &mut drawn));
        self.drawn = drawn;
        told
    }

    /// Keeps bodies and envelope for packs.
    pub fn keep(&mut self, told: &Told) {
        self.envelopes
            .insert(told.envelope.digest(), told.envelope.clone());
        let bodies = told.bodies.iter().map(|body| (body.digest(), body.clone()));
        self.bodies.extend(bodies);
    }

    /// A statement of claims, at the next place of the signer's chain.
    pub fn sign(&mut self, signer: &mut Signer, claims: &[Digest]) -> Vec<u8> {
        let (origin, now) = (self.origin.clone(), self.now());
        signer.sign(&origin, now, claims)
    }

    /// The header of the signer's next statement.
    #[must_use]
    pub fn header(&self, signer: &Signer) -> Header {
        signer.header(&self.origin, self.now())
    }

    /// Puts any statement into the next commit, with a verdict that `change` may change.
    ///
    /// # Panics
    /// On bytes that are no statement.
    pub fn put(&mut self, statement: &[u8], change: impl FnOnce(&mut VerdictRecord)) -> Index {
        let parsed = Statement::parse(statement).expect("a statement");
        let mut record = VerdictRecord {
            salt: short(self.entropy()),
            assurance: Assurance::SoftwareKey,
            marks: Vec::<Mark>::new(),
            claims: vec![ClaimStatus::Effective; parsed.claim_digests().len()],
        };
        change(&mut record);
        let index = Index(self.logged.len() as u64);
        self.append(parsed.logged_bytes(), Some(record));
        index
    }

    /// Ends the commit with a batch statement over everything since the last one.
    pub fn commit(&mut self) -> Index {
        self.commit_batch(self.next_batch())
    }

    /// Ends the commit with this batch statement, right or wrong.
    pub fn commit_batch(&mut self, batch: Batch) -> Index {
        let node = self.node.key.clone();
        self.commit_batch_by(&node, batch)
    }

    /// The same, signed in the node's name by any key.
    pub fn commit_batch_by(&mut self, key: &SecretKey, batch: Batch) -> Index {
        let index = Index(self.logged.len() as u64);
        let header = node_header(&self.origin, Kind::batch());
        let statement = sign1(&header, &batch.encode(), key);
        self.previous = Some(countersign_model::entry::entry_of(&statement));
        self.batches.insert(index.0, batch);
        self.append(statement, None);
        index
    }

    /// The batch with which [`TinyLog::commit`] would end the commit.
    #[must_use]
    pub fn next_batch(&self) -> Batch {
        let first = self
            .batches
            .last_key_value()
            .map_or(0, |(index, _)| index + 1);
        let recorded = self.now();
        Batch {
            first: Index(first),
            count: self.logged.len() as u64 - first,
            recorded,
            uncertainty_ms: 50,
            tick: recorded,
            previous: self.previous,
            verdict_root: Digest::new(*self.verdicts(first).frontier().root().as_bytes()),
        }
    }

    /// How many entries there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.logged.len() as u64
    }

    /// What is logged at an index.
    #[must_use]
    pub fn entry(&self, index: Index) -> Option<&Logged> {
        self.logged.get(usize::try_from(index.0).ok()?)
    }

    /// The recorded time of the next batch.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let batches = i64::try_from(self.batches.len()).unwrap_or_default();
        Timestamp::from_ms(START_MS).plus(Span::from_secs(batches))
    }

    fn append(&mut self, statement: Vec<u8>, record: Option<VerdictRecord>) {
        let entry = countersign_model::entry::entry_of(&statement);
        self.tree
            .append(Hash::leaf(entry.as_bytes()))
            .expect("a small tree");
        self.logged.push(Logged { statement, record });
    }

    /// The verdict tree of the batch that begins at `first`.
    fn verdicts(&self, first: u64) -> NodeTable {
        let mut table = NodeTable::new();
        let skipped = usize::try_from(first).expect("a small tree");
        let records = self
            .logged
            .iter()
            .skip(skipped)
            .map_while(|logged| logged.record.as_ref());
        for record in records {
            let leaf = verdict_leaf(&record.encode());
            table
                .append(Hash::from_bytes(*leaf.as_bytes()))
                .expect("a small tree");
        }
        table
    }
}

fn draw(seed: u64, drawn: &mut u64) -> [u8; 32] {
    *drawn += 1;
    let parts: [&[u8]; 2] = [&seed.to_be_bytes(), &drawn.to_be_bytes()];
    *Digest::of_parts("countersign/testkit/entropy/v1", &parts).as_bytes()
}
