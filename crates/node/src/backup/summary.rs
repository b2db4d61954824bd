//! `backup.toml`: what a copy is of (docs/formats/backup.md).

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use countersign_model::digest::hex;
use countersign_model::time::Timestamp;
use countersign_ports::StoreError;
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::Note;
use serde::{Deserialize, Serialize};

/// Its name in the folder of a copy.
pub const BACKUP_FILE: &str = "backup.toml";
/// Bytes of it: a checkpoint with sixteen ML-DSA-44 signatures takes 54 KiB.
pub const SUMMARY_BYTES_MAX: u64 = 64 * 1024;
/// Version of the format.
const FORMAT: u32 = 1;

/// What a copy is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    format: u32,
    /// Name of the log.
    pub origin: String,
    /// Entries in the copy.
    pub size: u64,
    /// Root of the tree over them, hex.
    pub root: String,
    /// When the newest of them was recorded, by the node's clock; RFC 3339.
    pub recorded: String,
    /// The program that made the copy, and its version.
    pub program: String,
    /// The checkpoint, as a signed note.
    pub checkpoint: String,
}

/// Why the summary of a copy cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SummaryError {
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It is of a version that this program does not know.
    #[error("it is of format {0}, which this program does not know")]
    Format(u32),
    /// It is none, or contradicts itself.
    #[error("{0}")]
    Damaged(String),
}

impl Summary {
    pub(super) fn new(checkpoint: &Checkpoint, note: &str, recorded: Timestamp) -> Self {
        Self {
            format: FORMAT,
            origin: checkpoint.origin().to_owned(),
            size: checkpoint.size().0,
            root: hex(checkpoint.root().as_bytes()),
            recorded: recorded.to_string(),
            program: concat!("countersign ", env!("CARGO_PKG_VERSION")).to_owned(),
            checkpoint: note.to_owned(),
        }
    }

    pub(super) fn to_toml(&self) -> String {
        toml::to_string(self).expect("a table of texts and numbers is TOML")
    }

    /// Reads the summary of a copy. That its checkpoint names the same log, size and root is
    /// checked; signatures are not, and neither is the copy.
    ///
    /// # Errors
    /// [`SummaryError`].
    pub fn read(copy: &Path) -> Result<Self, SummaryError> {
        let path = copy.join(BACKUP_FILE);
        let failed = |error| StoreError::new(format!("reading {}", path.display()), error);
        let file = File::open(&path).map_err(failed)?;
        let mut text = String::new();
        let mut limited = file.take(SUMMARY_BYTES_MAX + 1);
        limited.read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > SUMMARY_BYTES_MAX {
            let why = format!("it has more than {SUMMARY_BYTES_MAX} bytes");
            return Err(SummaryError::Damaged(why));
        }
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, SummaryError> {
        /// The version alone: the other fields are those of its version.
        #[derive(Deserialize)]
        struct Versioned {
            format: u32,
        }
        let damaged = |error: toml::de::Error| SummaryError::Damaged(error.to_string());
        let version: Versioned = toml::from_str(text).map_err(damaged)?;
        if version.format != FORMAT {
            return Err(SummaryError::Format(version.format));
        }
        let summary: Self = toml::from_str(text).map_err(damaged)?;
        let bad = |why: &str| SummaryError::Damaged(why.to_owned());
        let note = Note::parse(summary.checkpoint.as_bytes());
        let note = note.map_err(|error| bad(&format!("the checkpoint: {error}")))?;
        let checkpoint = Checkpoint::parse(note.text());
        let checkpoint = checkpoint.map_err(|error| bad(&format!("the checkpoint: {error}")))?;
        let is_same = checkpoint.origin() == summary.origin
            && checkpoint.size().0 == summary.size
            && hex(checkpoint.root().as_bytes()) == summary.root;
        if !is_same {
            return Err(bad("origin, size and root are not those of the checkpoint"));
        }
        if Timestamp::parse(&summary.recorded).is_err() {
            return Err(bad("`recorded` is no time"));
        }
        Ok(summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_attest::limits::CHECKPOINT_KEYS_MAX;
    use countersign_tlog::cosignature::cosign;
    use countersign_tlog::note::{Ed25519Signer, KeyName, MlDsa44Signer, SignatureType};
    use countersign_tlog::{Hash, TreeSize};

    fn summary() -> Summary {
        let name = KeyName::new("log.example/1").expect("a name");
        let signer = Ed25519Signer::new(name, SignatureType::Ed25519, &[7; 32]);
        let root = Hash::from_bytes([9; 32]);
        let checkpoint = Checkpoint::new("log.example/1", TreeSize(70_000), root).expect("one");
        let note = checkpoint.sign(&[&signer]).expect("signs").to_string();
        Summary::new(&checkpoint, &note, Timestamp::from_ms(1_700_000_000_123))
    }

    fn check(text: &str, expect: Result<(), &str>) {
        let found = Summary::parse(text);
        match (&found, expect) {
            (Ok(_), Ok(())) => {}
            (Err(error), Err(part)) if error.to_string().contains(part) => {}
            _ => panic!("{found:?}, expected {expect:?} of\n{text}"),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let summary = summary();
        let text = summary.to_toml();
        assert_eq!(Summary::parse(&text).expect("reads"), summary);
    }

    /// The checkpoint may have as many lines as a log may have keys, and those are long.
    #[test]
    fn a_checkpoint_of_every_key_fits() {
        let name = "log.example/".to_owned() + &"x".repeat(200);
        let key_name = KeyName::new(&name).expect("a name");
        let classic = Ed25519Signer::new(key_name.clone(), SignatureType::Ed25519, &[7; 32]);
        let others = (1..CHECKPOINT_KEYS_MAX).map(|seed| {
            let seed = [u8::try_from(seed).expect("few keys"); 32];
            MlDsa44Signer::new(key_name.clone(), &seed).expect("makes")
        });
        let root = Hash::from_bytes([9; 32]);
        let checkpoint = Checkpoint::new(&name, TreeSize(u64::MAX / 2), root).expect("one");
        let mut note = checkpoint.sign(&[&classic]).expect("signs");
        for other in others {
            let line = cosign(&checkpoint, 1_700_000_000, &other).expect("signs");
            note.push(line).expect("a key of its own");
        }
        assert_eq!(note.to_string().matches("\n— ").count(), 8);
        let summary = Summary::new(
            &checkpoint,
            &note.to_string(),
            Timestamp::from_ms(1_700_000_000_123),
        );
        let text = summary.to_toml();
        assert!((text.len() as u64) < SUMMARY_BYTES_MAX, "{}", text.len());
        assert_eq!(Summary::parse(&text).expect("reads"), summary);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let text = summary().to_toml();
        check(&text, Ok(()));
        check("", Err("format"));
        check(&text.replace("format = 1", "format = 2"), Err("format 2"));
        check(
            &text.replace("70000\nroot", "70001\nroot"),
            Err("origin, size and root"),
        );
        check(
            &text.replace("root = \"09", "root = \"08"),
            Err("origin, size and root"),
        );
        check(&text.replace("2023-", "20-"), Err("no time"));
        check(&format!("more = 1\n{text}"), Err("more"));
        check(
            &text.replace("\nlog.example/1", "\nlog.example/2"),
            Err("checkpoint"),
        );
    }

    #[test]
    fn a_large_file_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes = vec![b' '; 70_000];
        std::fs::write(folder.path().join(BACKUP_FILE), bytes).expect("writes");
        let error = Summary::read(folder.path()).expect_err("too large");
        assert!(error.to_string().contains("more than 65536"), "{error}");
    }
}
