//! What the ground holds, read back: commits, and the statements in them with their bodies.

use countersign_model::cbor::{self, Value, Writer};
use countersign_model::entry::Index;

use crate::segment::{self, Kind, Record, SegmentError};

/// Why records do not make commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// The bytes cannot be read as records.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// A statement or batch record is not of the documented shape.
    #[error("the record at offset {0} is not of the documented shape")]
    Shape(usize),
    /// Indexes do not follow one another.
    #[error("the record at offset {0} is out of order")]
    Order(usize),
}

/// One statement in the ground with what came with it.
#[derive(Clone, Debug)]
pub struct StoredStatement<'a> {
    /// Where it stands in the log.
    pub index: Index,
    /// Its logged form.
    pub statement: &'a [u8],
    /// Mapping files that came with it first.
    pub blobs: Vec<&'a [u8]>,
    /// Envelopes that came with it first, encoded, sealed parts withheld.
    pub envelopes: Vec<&'a [u8]>,
    /// Bodies, encoded, sealed parts withheld, in the order of the payload.
    pub bodies: Vec<&'a [u8]>,
    /// Sealed and wiped records.
    pub sealed: Vec<Record<'a>>,
    /// Offset of the first record that belongs to it.
    pub offset: usize,
}

/// One commit: the statements and the batch behind them.
#[derive(Clone, Debug)]
pub struct StoredCommit<'a> {
    /// The statements, in log order.
    pub statements: Vec<StoredStatement<'a>>,
    /// Index of the batch statement.
    pub batch_index: Index,
    /// The batch statement, logged form.
    pub batch: &'a [u8],
    /// The verdict records, one a statement.
    pub verdicts: Vec<&'a [u8]>,
    /// Offset of the batch record.
    pub batch_offset: usize,
    /// Offset behind the commit.
    pub end: usize,
}

/// Payload of a statement record.
#[must_use]
pub fn statement_payload(index: Index, statement: &[u8]) -> Vec<u8> {
    [&index.0.to_be_bytes(), statement].concat()
}

/// Payload of a batch record.
#[must_use]
pub fn batch_payload(index: Index, batch: &[u8], verdicts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Writer::default();
    out.array(3);
    out.uint(index.0);
    out.bytes(batch);
    out.array(verdicts.len());
    for verdict in verdicts {
        out.bytes(verdict);
    }
    out.into_bytes()
}

/// Index and batch statement (logged form) of a batch record's payload; `None` for another shape.
#[must_use]
pub fn batch_in(payload: &[u8]) -> Option<(Index, &[u8])> {
    let value = cbor::decode(payload).ok()?;
    match value.as_array()? {
        [Value::Uint(index), Value::Bytes(batch), _] => Some((Index(*index), batch)),
        _ => None,
    }
}

/// Reads the commit that begins at `offset`; `None` when no whole commit follows.
///
/// # Errors
/// [`StoredError`] for damage; a tail without its batch is `None`.
pub fn read_commit(bytes: &[u8], offset: usize) -> Result<Option<StoredCommit<'_>>, StoredError> {
    next_commit(segment::records(bytes, offset))
}

/// As [`read_commit`], from records that were read; those of later commits are left.
///
/// # Errors
/// As there.
pub fn next_commit<'a>(
    records: impl IntoIterator<Item = Result<Record<'a>, SegmentError>>,
) -> Result<Option<StoredCommit<'a>>, StoredError> {
    let mut statements: Vec<StoredStatement<'a>> = Vec::new();
    let mut open = Open::default();
    for record in records {
        let record = record?;
        open.take(record);
        match record.kind {
            Kind::Blob
            | Kind::Envelope
            | Kind::Body
            | Kind::Sealed
            | Kind::Erasing
            | Kind::Wiped => {}
            Kind::Statement => {
                let read = open
                    .statement(record)
                    .ok_or(StoredError::Shape(record.offset))?;
                let follows = statements
                    .last()
                    .is_none_or(|last| last.index.0 + 1 == read.index.0);
                if !follows {
                    return Err(StoredError::Order(record.offset));
                }
                statements.push(read);
                open = Open::default();
            }
            Kind::Batch => return batch(record, statements).map(Some),
        }
    }
    Ok(None)
}

/// The whole statements from `offset` on, until a batch, free space or damage: what an
/// unacknowledged tail holds. Empty where the first thing is none.
#[must_use]
pub fn read_tail(bytes: &[u8], offset: usize) -> Vec<StoredStatement<'_>> {
    let mut statements = Vec::new();
    let mut open = Open::default();
    for record in segment::records(bytes, offset).map_while(Result::ok) {
        open.take(record);
        match record.kind {
            Kind::Blob
            | Kind::Envelope
            | Kind::Body
            | Kind::Sealed
            | Kind::Erasing
            | Kind::Wiped => {}
            Kind::Statement => {
                statements.extend(open.statement(record));
                open = Open::default();
            }
            Kind::Batch => break,
        }
    }
    statements
}

#[derive(Default)]
struct Open<'a> {
    offset: Option<usize>,
    blobs: Vec<&'a [u8]>,
    envelopes: Vec<&'a [u8]>,
    bodies: Vec<&'a [u8]>,
    sealed: Vec<Record<'a>>,
}

impl<'a> Open<'a> {
    fn take(&mut self, record: Record<'a>) {
        self.offset.get_or_insert(record.offset);
        match record.kind {
            Kind::Blob => self.blobs.push(record.payload),
            Kind::Envelope => self.envelopes.push(record.payload),
            Kind::Body => self.bodies.push(record.payload),
            Kind::Sealed | Kind::Erasing | Kind::Wiped => self.sealed.push(record),
            Kind::Statement | Kind::Batch => {}
        }
    }

    fn statement(&mut self, record: Record<'a>) -> Option<StoredStatement<'a>> {
        let (index, statement) = record.payload.split_first_chunk::<8>()?;
        Some(StoredStatement {
            index: Index(u64::from_be_bytes(*index)),
            statement,
            blobs: std::mem::take(&mut self.blobs),
            envelopes: std::mem::take(&mut self.envelopes),
            bodies: std::mem::take(&mut self.bodies),
            sealed: std::mem::take(&mut self.sealed),
            offset: self.offset?,
        })
    }
}

fn batch<'a>(
    record: Record<'a>,
    statements: Vec<StoredStatement<'a>>,
) -> Result<StoredCommit<'a>, StoredError> {
    let shape = StoredError::Shape(record.offset);
    let value = cbor::decode(record.payload).map_err(|_| shape)?;
    let Some([Value::Uint(index), Value::Bytes(batch), verdicts]) = value.as_array() else {
        return Err(shape);
    };
    let verdicts: Option<Vec<&[u8]>> = verdicts
        .as_array()
        .ok_or(shape)?
        .iter()
        .map(Value::as_bytes)
        .collect();
    let follows = statements
        .last()
        .is_none_or(|last| last.index.0 + 1 == *index);
    if !follows {
        return Err(StoredError::Order(record.offset));
    }
    Ok(StoredCommit {
        statements,
        batch_index: Index(*index),
        batch,
        verdicts: verdicts.ok_or(shape)?,
        batch_offset: record.offset,
        end: record.end(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(first: u64, statements: u64) -> Vec<u8> {
        let mut out = Vec::new();
        for at in 0..statements {
            segment::push_record(&mut out, Kind::Body, b"body");
            segment::push_record(
                &mut out,
                Kind::Statement,
                &statement_payload(Index(first + at), b"statement"),
            );
        }
        let verdicts = vec![b"v".to_vec(); usize::try_from(statements).expect("small")];
        segment::push_record(
            &mut out,
            Kind::Batch,
            &batch_payload(Index(first + statements), b"batch", &verdicts),
        );
        out
    }

    #[test]
    fn commits_follow_one_another() {
        let mut bytes = commit(5, 2);
        let end = bytes.len();
        bytes.extend(commit(8, 0));
        bytes.resize(bytes.len() + 32, 0);
        let first = read_commit(&bytes, 0).expect("reads").expect("is there");
        assert_eq!(
            (first.statements.len(), first.batch_index, first.end),
            (2, Index(7), end)
        );
        assert_eq!(first.statements[1].bodies, [b"body"]);
        let second = read_commit(&bytes, end).expect("reads").expect("is there");
        assert_eq!(second.batch_index, Index(8));
        assert!(read_commit(&bytes, second.end).expect("reads").is_none());
    }

    #[test]
    fn a_tail_without_its_batch_is_no_commit() {
        let bytes = commit(5, 2);
        let mut cut = bytes[..bytes.len() / 2].to_vec();
        cut.truncate(cut.len() / 8 * 8);
        assert!(matches!(
            read_commit(&cut, 0),
            Ok(None) | Err(StoredError::Segment(_))
        ));
        let mut wrong = commit(5, 1);
        let at = wrong.len();
        wrong.extend(commit(9, 1));
        assert!(read_commit(&wrong, at).expect("reads").is_some());
        let mut skipped = Vec::new();
        segment::push_record(
            &mut skipped,
            Kind::Statement,
            &statement_payload(Index(1), b"s"),
        );
        segment::push_record(
            &mut skipped,
            Kind::Statement,
            &statement_payload(Index(3), b"s"),
        );
        assert!(matches!(
            read_commit(&skipped, 0),
            Err(StoredError::Order(_))
        ));
    }
}
