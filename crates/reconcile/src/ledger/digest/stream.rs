//! A digest over a stream of pieces.

use countersign_model::decimal::Decimal;
use countersign_model::digest::Digest;
use countersign_model::time::Timestamp;

const DOMAIN: &str = "countersign/ledger-state/v1";
/// Bytes gathered before they are hashed.
const CHUNK_BYTES: usize = 1 << 16;

/// Hashes a stream of pieces, each with its length in front.
pub(super) struct Stream {
    so_far: Digest,
    chunk: Vec<u8>,
}

impl Stream {
    pub(super) fn new() -> Self {
        Self {
            so_far: Digest::of_parts(DOMAIN, &[]),
            chunk: Vec::with_capacity(2 * CHUNK_BYTES),
        }
    }

    pub(super) fn bytes(&mut self, piece: &[u8]) {
        self.chunk
            .extend_from_slice(&(piece.len() as u64).to_be_bytes());
        self.chunk.extend_from_slice(piece);
        if self.chunk.len() >= CHUNK_BYTES {
            self.flush();
        }
    }

    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(super) fn maybe(&mut self, text: Option<&str>) {
        self.number(u64::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    pub(super) fn number(&mut self, number: u64) {
        self.bytes(&number.to_be_bytes());
    }

    pub(super) fn time(&mut self, time: Timestamp) {
        self.bytes(&time.ms().to_be_bytes());
    }

    pub(super) fn maybe_time(&mut self, time: Option<Timestamp>) {
        self.number(u64::from(time.is_some()));
        self.time(time.unwrap_or_default());
    }

    pub(super) fn decimal(&mut self, decimal: Decimal) {
        self.text(&decimal.to_string());
    }

    fn flush(&mut self) {
        self.so_far = Digest::of_parts(DOMAIN, &[self.so_far.as_bytes(), &self.chunk]);
        self.chunk.clear();
    }

    pub(super) fn finish(mut self) -> Digest {
        self.flush();
        self.so_far
    }
}
