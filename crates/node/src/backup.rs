//! A copy of a data folder while a node runs on it or not: docs/formats/backup.md.
//!
//! Nothing is locked and nothing in the data folder is written. The committed checkpoint is read
//! first; what it covers never changes any more, but for erasures, so the rest may be copied at
//! leisure. The copy is a data folder that `countersign verify` reads.
//!
//! What is absent: going on from a copy, which is [`crate::restore`].

mod ground;
mod summary;
mod tree;

use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use countersign_ports::{CheckpointCell as _, StoreError};
use countersign_store_local::folder::put_secret;
use countersign_store_local::{NewFolder, SlotFile};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};

use self::tree::TreeFiles;
use crate::data_dir::DataDir;
use crate::request::Request;
use crate::session::Session;
use crate::unlock::KeyFault;

pub use self::summary::{BACKUP_FILE, SUMMARY_BYTES_MAX, Summary, SummaryError};

/// Reads of the second place before its damage is believed: a node may be writing to it.
const SECOND_READS_MAX: usize = 5;
/// How long a node may take to publish what it has committed; it may be in a long commit.
const NODE_ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// What is to be copied where.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The data folder.
    pub data: &'a Path,
    /// The folder to make. It must not exist.
    pub out: &'a Path,
    /// Copy key files that lie in the open, too.
    pub with_open_keys: bool,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Segments are copied.
    Copying,
    /// The copy is read back, and its tree made.
    Checking,
}

/// How far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Entries done in this stage.
    pub entries: u64,
    /// Entries in all.
    pub size: u64,
}

/// A copy that was made and checked.
#[derive(Clone, Debug)]
pub struct Made {
    /// What `backup.toml` says.
    pub summary: Summary,
    /// C2SP verifier keys of the log, as `keys/log.vkeys` has them; without that file, as its genesis
    /// names them.
    pub vkeys: Vec<String>,
    /// Whether every checkpoint key signed its checkpoint. If not, `verify` says so: nothing was
    /// published since the commit, as after a crash.
    pub is_fully_signed: bool,
    /// Segments in it.
    pub segments: u32,
    /// Bytes of all files in it, holes not counted.
    pub bytes: u64,
    /// Sealed records that an erasure in the log asks for and that had not been overwritten yet:
    /// they are in the copy.
    pub erased: u64,
    /// Key files in it: names, and whether they lie in the open.
    pub keys: Vec<(String, bool)>,
    /// What is not in it, in words.
    pub left_out: Vec<String>,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log is not what its checkpoint names.
    #[error("{0}. No backup was made; `countersign verify` on the data folder says more")]
    Damaged(String),
    /// A key file.
    #[error(transparent)]
    Keys(#[from] KeyFault),
}

/// Makes a copy and checks it.
///
/// # Errors
/// [`BackupError`]; nothing of the copy is left then, unless only the sync of its name failed: then it
/// is there, and whole.
pub fn back_up(
    wanted: &Wanted<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Made, BackupError> {
    let dir = DataDir::open(wanted.data)?;
    check_outside(wanted)?;
    // The checkpoint first: the node goes on, and all of what it covers stays.
    let committed = Head::committed(&dir)?;
    let vkeys = vkeys(&dir)?;
    let keys = Keys::read(&vkeys, &committed)?;
    let head = keys.head(&dir, &committed);
    let folder = NewFolder::begin(wanted.out)?;
    let [ground, log, key_files] = ["ground", "log", "keys"].map(|name| folder.path().join(name));
    for folder in [&ground, &log, &key_files] {
        make(folder)?;
    }
    let copied = ground::copy((&dir.ground(), &ground), head.size(), progress)?;
    let mut tree = TreeFiles::new(&log, committed.size());
    let checked = ground::check(&ground, &copied, head.size(), &mut tree, progress)?;
    let made = tree.finish()?;
    if made.root != *head.checkpoint.root() || made.watched != Some(*committed.checkpoint.root()) {
        let text = "the copy has another root than the committed checkpoint names";
        return Err(BackupError::Damaged(text.to_owned()));
    }
    let note = head.note.to_string();
    put(&log.join("checkpoint"), note.as_bytes())?;
    let summary = Summary::new(&head.checkpoint, &note, checked.recorded);
    let text = summary.to_toml();
    put(&folder.path().join(BACKUP_FILE), text.as_bytes())?;
    let settings = dir.settings_text()?;
    put(&folder.path().join("countersign.toml"), settings.as_bytes())?;
    let key_files = copy_keys(&dir, &key_files, wanted.with_open_keys)?;
    let key_bytes: u64 = key_files.iter().map(|key| key.bytes).sum();
    let left_out = left_out(&dir, &key_files);
    folder.finish()?;
    Ok(Made {
        bytes: copied.bytes
            + made.bytes
            + key_bytes
            + (note.len() + text.len() + settings.len()) as u64,
        summary,
        vkeys,
        segments: copied.segments,
        erased: checked.erased,
        is_fully_signed: keys.sign_all(&head.note),
        keys: key_files
            .iter()
            .filter(|key| key.is_copied)
            .map(|key| (key.name.clone(), key.is_open))
            .collect(),
        left_out,
    })
}

/// A copy in the data folder would be something of the log's own, and in the next copy.
fn check_outside(wanted: &Wanted<'_>) -> Result<(), StoreError> {
    let doing = || format!("making {}", wanted.out.display());
    let failed = |error| StoreError::new(doing(), error);
    let data = std::fs::canonicalize(wanted.data).map_err(failed)?;
    let out = std::path::absolute(wanted.out).map_err(failed)?;
    let beside = out.parent().unwrap_or_else(|| Path::new("/"));
    if std::fs::canonicalize(beside)
        .map_err(failed)?
        .starts_with(&data)
    {
        let why = "a backup does not lie in the data folder that it is of";
        return Err(StoreError::other(doing(), why));
    }
    Ok(())
}

/// A checkpoint at which a copy may end.
#[derive(Clone)]
struct Head {
    note: Note,
    checkpoint: Checkpoint,
}

impl Head {
    fn parse(value: &[u8], dir: &DataDir) -> Result<Self, String> {
        let note = Note::parse(value).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
        if checkpoint.origin() != dir.origin() {
            return Err("the checkpoint there is that of another log".to_owned());
        }
        Ok(Self { note, checkpoint })
    }

    /// What lies in the second place.
    fn committed(dir: &DataDir) -> Result<Self, BackupError> {
        let damaged = |why: &str| BackupError::Damaged(format!("the second place: {why}"));
        let cell = SlotFile::open_to_read(&dir.second())?;
        let mut read = cell.read();
        for _ in 1..SECOND_READS_MAX {
            // Two swaps may have passed through one read.
            if read.is_ok() {
                break;
            }
            read = cell.read();
        }
        let value = read?.ok_or_else(|| damaged("it holds no checkpoint"))?;
        Self::parse(&value, dir).map_err(|why| damaged(&why))
    }

    const fn size(&self) -> u64 {
        self.checkpoint.size().0
    }
}

/// The checkpoint keys of the log: as they lie there to be handed out, since a renewal can have
/// changed them; of a folder without that file as genesis names them.
fn vkeys(dir: &DataDir) -> Result<Vec<String>, BackupError> {
    let path = dir.vkeys();
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == ErrorKind::NotFound => ground::checkpoint_keys(&dir.ground()),
        Err(error) => Err(StoreError::new(format!("reading {}", path.display()), error).into()),
    }
}

/// The checkpoint keys of the log.
struct Keys(Vec<VerifierKey>);

impl Keys {
    /// # Errors
    /// [`BackupError::Damaged`] when none of them signed the committed checkpoint.
    fn read(vkeys: &[String], committed: &Head) -> Result<Self, BackupError> {
        let damaged = |why: String| {
            BackupError::Damaged(format!(
                "the keys of the log, in keys/log.vkeys: {why}. `countersign fsck` puts that file right"
            ))
        };
        let keys = vkeys.iter().map(|vkey| VerifierKey::parse(vkey));
        let keys: Result<Vec<VerifierKey>, _> = keys.collect();
        let keys = keys.map_err(|error| damaged(error.to_string()))?;
        match committed.note.verify(&keys) {
            Ok(_) => Ok(Self(keys)),
            Err(error) => Err(damaged(format!(
                "none of its keys signed the committed checkpoint: {error}"
            ))),
        }
    }

    fn sign_all(&self, note: &Note) -> bool {
        let held = note.verify(&self.0);
        held.is_ok_and(|held| held.len() == self.0.len())
    }

    /// Where the copy ends: at a checkpoint that every key signed, and that covers what was
    /// committed. What lies in the second place has the Ed25519 signature alone (ADR 0006); what a
    /// node publishes has all.
    fn head(&self, dir: &DataDir, committed: &Head) -> Head {
        let published = || {
            let value = std::fs::read(dir.log().join("checkpoint")).ok()?;
            let head = Head::parse(&value, dir).ok()?;
            let is_right = head.size() >= committed.size() && self.sign_all(&head.note);
            is_right.then_some(head)
        };
        if self.sign_all(&committed.note) {
            return committed.clone();
        }
        if let Some(head) = published() {
            return head;
        }
        ask_to_publish(dir);
        published().unwrap_or_else(|| committed.clone())
    }
}

/// A running node publishes twice a second; this has it do so now. Without one, or if it does not
/// answer, nothing is lost: what is published is looked at again.
fn ask_to_publish(dir: &DataDir) {
    if let Ok(stream) = UnixStream::connect(dir.socket())
        && stream.set_read_timeout(Some(NODE_ANSWERS_WITHIN)).is_ok()
    {
        let _ = Session::Remote(stream).value(&Request::Publish);
    }
}

/// A key file of the log, and what became of it.
struct Key {
    name: String,
    is_open: bool,
    is_copied: bool,
    bytes: u64,
}

fn copy_keys(dir: &DataDir, to: &Path, with_open: bool) -> Result<Vec<Key>, BackupError> {
    let mut out = Vec::new();
    for file in dir.key_files().texts()? {
        let is_copied = file.is_locked || with_open;
        if is_copied {
            put_secret(&to.join(format!("{}.key", file.name)), &file.text)?;
        }
        out.push(Key {
            name: file.name,
            is_open: !file.is_locked,
            is_copied,
            bytes: if is_copied { file.text.len() as u64 } else { 0 },
        });
    }
    Ok(out)
}

fn left_out(dir: &DataDir, keys: &[Key]) -> Vec<String> {
    let open = keys.iter().filter(|key| !key.is_copied);
    let open = open.map(|key| format!("keys/{}.key, because it lies in the open", key.name));
    let mut out: Vec<String> = open.collect();
    if dir.keys().join("administrator.key").exists() {
        out.push("keys/administrator.key".to_owned());
    }
    if keys.iter().any(|key| !key.is_open) {
        out.push("the unlock key, without which the key files open nothing".to_owned());
    }
    out.push("the second place itself; the checkpoint that lay there is in backup.toml".to_owned());
    out.push("what was committed after this checkpoint".to_owned());
    out
}

fn make(folder: &Path) -> Result<(), StoreError> {
    std::fs::create_dir_all(folder)
        .map_err(|error| StoreError::new(format!("making {}", folder.display()), error))
}

/// Writes a file of the copy; it is synced with all the others at the end.
fn put(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    std::fs::write(path, bytes)
        .map_err(|error| StoreError::new(format!("writing {}", path.display()), error))
}
