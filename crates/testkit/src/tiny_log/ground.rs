//! A [`TinyLog`] as the files of a data folder, in memory.

use std::collections::{BTreeMap, BTreeSet};

use countersign_attest::Statement;
use countersign_model::body::Part;
use countersign_model::digest::Digest;
use countersign_model::entry::Index;
use countersign_record::sealing::SealingKey;
use countersign_record::segment::{Kind, header, push_record};
use countersign_record::stored::{batch_payload, statement_payload};
use countersign_tlog::TreeSize;
use countersign_tlog::tile::{TileKind, encode_bundle, encode_hashes, read_tile, tiles_of};

use super::{TinyLog, draw};

/// The files of a data folder by their path in it: `ground/00000000.seg`, `log/checkpoint`, …
pub type Files = BTreeMap<String, Vec<u8>>;

/// Zeros behind the last record of a segment. A real one is filled up to 64 MiB; in memory and a
/// thousand times over, that would be slow.
const FREE_BYTES: usize = 64;
/// Draws that no other call comes to: of the sealing key, and of what is sealed.
const SEALING_DRAW: u64 = u64::MAX - 1;
const SEALED_DRAW: u64 = u64::MAX / 2;

impl TinyLog {
    /// The ground, with this many commits to a segment, and the tree published at `size`.
    ///
    /// # Panics
    /// On a size that the log never had, or under 2.
    #[must_use]
    pub fn files(&self, commits_to_segment: usize, size: u64) -> Files {
        let mut files = self.published(size);
        for (number, bytes) in (0_u32..).zip(self.segments(commits_to_segment)) {
            files.insert(format!("ground/{number:08}.seg"), bytes);
        }
        files
    }

    /// What a node publishes at a size.
    ///
    /// # Panics
    /// On a size that the log never had, or under 2.
    #[must_use]
    pub fn published(&self, size: u64) -> Files {
        let entries: Vec<Digest> = self
            .logged
            .iter()
            .map(|logged| countersign_model::entry::entry_of(&logged.statement))
            .collect();
        let bytes_of = |tile: &countersign_tlog::tile::TileId| match tile.kind() {
            TileKind::Hashes { .. } => encode_hashes(&read_tile(&self.tree, tile).expect("a node")),
            TileKind::Entries => {
                let first = usize::try_from(tile.index() * 256).expect("a small tree");
                let entries = entries.iter().skip(first).take(usize::from(tile.width()));
                let entries: Vec<&[u8; 32]> = entries.map(Digest::as_bytes).collect();
                encode_bundle(&entries).expect("1 to 256 entries")
            }
        };
        let tiles = tiles_of(TreeSize(size));
        let mut files: Files = tiles
            .map(|tile| (format!("log/{tile}"), bytes_of(&tile)))
            .collect();
        files.insert("log/checkpoint".to_owned(), self.checkpoint_at(size));
        files
    }

    /// The segments of the ground, each with some free space behind its last record.
    #[must_use]
    pub fn segments(&self, commits_to_segment: usize) -> Vec<Vec<u8>> {
        let genesis = self.logged.first().map(|genesis| &genesis.statement);
        let log = Digest::of(genesis.map_or(&[], Vec::as_slice));
        let mut drawn = SEALED_DRAW;
        let mut written = BTreeSet::new();
        let mut segments = Vec::new();
        let batches: Vec<u64> = self.batches.keys().copied().collect();
        let mut first = 0;
        for (number, batches) in (0_u32..).zip(batches.chunks(commits_to_segment)) {
            let mut bytes = header(number, log).to_vec();
            for batch in batches {
                self.put_commit(&mut bytes, first..*batch, &mut written, &mut drawn);
                first = batch + 1;
            }
            bytes.resize(bytes.len() + FREE_BYTES, 0);
            segments.push(bytes);
        }
        segments
    }

    fn put_commit(
        &self,
        bytes: &mut Vec<u8>,
        statements: std::ops::Range<u64>,
        written: &mut BTreeSet<Digest>,
        drawn: &mut u64,
    ) {
        let mut verdicts = Vec::new();
        for index in statements.clone() {
            let logged = self.entry(Index(index)).expect("a statement");
            let statement = Statement::parse(&logged.statement).expect("a statement");
            for digest in statement.claim_digests() {
                self.put_body(bytes, *digest, written, drawn);
            }
            let payload = statement_payload(Index(index), &logged.statement);
            push_record(bytes, Kind::Statement, &payload);
            verdicts.extend(logged.record.as_ref().map(|record| record.encode()));
        }
        let index = Index(statements.end);
        let batch = self.entry(index).expect("a batch");
        let payload = batch_payload(index, &batch.statement, &verdicts);
        push_record(bytes, Kind::Batch, &payload);
    }

    fn put_body(
        &self,
        bytes: &mut Vec<u8>,
        digest: Digest,
        written: &mut BTreeSet<Digest>,
        drawn: &mut u64,
    ) {
        let Some(body) = self.bodies.get(&digest) else {
            return;
        };
        if let Some(envelope) = self.envelopes.get(&body.envelope)
            && written.insert(body.envelope)
        {
            push_record(bytes, Kind::Envelope, &envelope.withheld().encode());
        }
        push_record(bytes, Kind::Body, &body.withheld().encode());
        if let Some(sealed) = self.sealed(digest, &body.parts, drawn) {
            push_record(bytes, Kind::Sealed, &sealed);
        }
    }

    fn sealed(&self, owner: Digest, parts: &[Part], drawn: &mut u64) -> Option<Vec<u8>> {
        let key = SealingKey::new(draw(self.seed, &mut { SEALING_DRAW }));
        let mut random = |bytes: &mut [u8]| {
            for chunk in bytes.chunks_mut(32) {
                for (to, from) in chunk.iter_mut().zip(draw(self.seed, drawn)) {
                    *to = from;
                }
            }
        };
        let fingerprint = Digest::of(owner.as_bytes());
        let sealed = key.seal(owner, fingerprint, parts, &mut random);
        sealed.expect("a short part")
    }
}
