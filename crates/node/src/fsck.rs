//! Looks at every file of a data folder, puts right what is derived, and says what it did not read.

mod snapshot;

use std::path::Path;

use countersign_attest::{Register, SecretKey};
use countersign_engine::mend::Mended;
use countersign_engine::{Engine, Fatal, Log};
use countersign_model::entry::Size;
use countersign_ports::StoreError;
use countersign_reconcile::history::claim_in;
use countersign_record::limits::SEGMENT_BYTES;
use countersign_record::segment::{HEADER_LEN, read_record};
use countersign_store_local::folder::listed;
use countersign_store_local::history::check::HistoryCheck;
use countersign_store_local::slots::SlotSeen;
use countersign_store_local::{DigestRuns, DirLock, IndexFolder, SlotFile};

use crate::compose::{OpenError, components};
use crate::data_dir::DataDir;
use crate::key_files::read_secret;
use crate::renew::{are_vkeys_right, write_vkeys};
use snapshot::Snapshot;

/// What `init` and the program itself lay into a data folder.
const OURS: [&str; 7] = [
    "countersign.toml",
    "ground",
    "index",
    "keys",
    "lock",
    "log",
    "run",
];

/// Bytes of a file that say nothing, and were not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The file, relative to the data folder.
    pub file: String,
    /// First byte.
    pub from: u64,
    /// Behind the last byte.
    pub to: u64,
    /// What they are.
    pub why: &'static str,
}

/// What was looked at, besides what the verifier looks at: the folder is owned meanwhile.
#[derive(Debug)]
pub struct Checked {
    /// Verifier keys of the log.
    pub vkeys: Vec<String>,
    /// The published tree; why the ground could not be opened, if it could not: then nothing was
    /// compared with it.
    pub published: Result<Mended, Fatal>,
    /// Every checkpoint that the second place holds, with a name.
    pub second: Vec<(String, Vec<u8>)>,
    /// Of how many entries the snapshot is, if it gives the state that the ground gives.
    pub snapshot: Option<Size>,
    /// What is odd, in sentences.
    pub remarks: Vec<String>,
    /// What was not read.
    pub unread: Vec<Unread>,
    _lock: DirLock,
}

/// Owns the folder and looks at it; writes derived files alone, and none unless `is_writing`.
///
/// # Errors
/// [`OpenError`] when the folder is owned by somebody else or is none, or a file cannot be read.
pub fn check(root: &Path, is_writing: bool) -> Result<Checked, OpenError> {
    let dir = DataDir::open(root)?;
    let lock = DirLock::take(root)?.ok_or_else(|| OpenError::Owned(root.display().to_string()))?;
    let snapshot = Snapshot::read(&dir)?;
    let mut snapshot_size = None;
    let keys = dir.node_keys()?;
    let mut vkeys = keys.checkpoint_vkeys();
    let cell = SlotFile::open(&dir.second())?;
    let slots = cell.slots()?;
    let mut remarks = Vec::new();
    let second = values_of(slots, &mut remarks);
    let mut unread = Vec::new();
    // All of the ground is folded: that is what everything derived is compared with.
    let index = Box::new(IndexFolder::to_read(&dir.index()).without_snapshots());
    let engine = Engine::open_to_read(components(&dir, Box::new(cell), index), keys);
    let published = engine.and_then(|mut engine| {
        // A key file may be of a rotation that never was.
        vkeys = engine.vkeys();
        remarks.extend(administrators_key(&dir, &engine));
        remarks.extend(handed_out_keys(
            &dir,
            &engine.intake().register,
            is_writing,
        )?);
        remarks.extend(places(&dir, &engine, is_writing)?);
        match snapshot.compared(&dir, &engine, is_writing)? {
            Ok(size) => snapshot_size = size,
            Err(wrong) => remarks.push(wrong),
        }
        remarks.extend(history(&dir, &engine, is_writing)?);
        if is_writing {
            remarks.extend(digests(&dir, engine.log())?);
        }
        engine.mend_published(is_writing)
    });
    unread.extend(behind_records(&dir, &mut remarks)?);
    if published.is_err() {
        unread.extend(unread_keys(&dir));
        unread.extend(unread_history(&dir));
    }
    if published.is_err() || !is_writing {
        unread.extend(unread_digests(&dir)?);
    }
    unread.extend(snapshot::unread(&dir, snapshot_size.is_some()));
    unread.extend(strangers(root, &mut remarks)?);
    Ok(Checked {
        vkeys,
        published,
        second,
        snapshot: snapshot_size,
        remarks,
        unread,
        _lock: lock,
    })
}

/// What the slots of the second place hold, with a name each.
fn values_of(slots: Vec<SlotSeen>, remarks: &mut Vec<String>) -> Vec<(String, Vec<u8>)> {
    let mut values = Vec::new();
    for slot in slots {
        match slot.value {
            Some(value) => {
                let name = format!("second place, slot {}", slot.which);
                values.push((name, value));
                if !slot.is_whole {
                    remarks.push(format!(
                        "slot {} of the second place is damaged in one of its two copies, or in \
                         what is free; the value holds, and the commit after the next writes it anew",
                        slot.which
                    ));
                }
            }
            None if slot.is_blank => {}
            None => remarks.push(format!(
                "slot {} of the second place is spoiled: a write that was broken off, or damage; \
                 the other slot holds, and the next commit writes this one anew",
                slot.which
            )),
        }
    }
    values
}

/// What is wrong with the places in `index/`, if anything is.
fn places(dir: &DataDir, engine: &Engine, is_writing: bool) -> Result<Option<String>, Fatal> {
    let log = engine.log();
    let (have, should) = (log.taken_up().0, log.published_size().0);
    if have < should {
        return Ok(Some(format!(
            "index/places has {have} places of {should} that can be taken up; it is derived, and the \
             next start makes it again"
        )));
    }
    let Some(index) = log.wrong_place()? else {
        return Ok(None);
    };
    let path = dir.index().join("places");
    if !is_writing {
        return Ok(Some(format!("index/places is wrong at index {index}")));
    }
    std::fs::remove_file(&path)
        .map_err(|error| StoreError::new(format!("removing {}", path.display()), error))?;
    Ok(Some(format!(
        "index/places was wrong at index {index} and was removed; it is derived, and the next start \
         makes it again"
    )))
}

/// What is wrong with the history in `index/`, if anything is: all of it is read, and compared with what
/// the ground gives.
fn history(dir: &DataDir, engine: &Engine, is_writing: bool) -> Result<Option<String>, Fatal> {
    let path = dir.index().join("history");
    let mut check = HistoryCheck::open(&path, engine.log().id())?;
    let made = engine.folds().ledger().history();
    let (mut record, mut next) = (Vec::new(), made.next(None));
    while let Some(place) = next {
        let read = made.read(place, &mut record).then(|| claim_in(&record));
        let (_, at) = read.flatten().ok_or_else(|| {
            Fatal::Damaged("the history that was made of the ground cannot be read".into())
        })?;
        check.take(at, &record)?;
        next = made.next(Some(place));
    }
    let Some(byte) = check.finish()?.wrong_at else {
        return Ok(None);
    };
    if !is_writing {
        return Ok(Some(format!("index/history is wrong at byte {byte}")));
    }
    std::fs::remove_file(&path)
        .map_err(|error| StoreError::new(format!("removing {}", path.display()), error))?;
    Ok(Some(format!(
        "index/history was wrong at byte {byte} and was removed; it is derived, and the next start \
         makes it again"
    )))
}

/// The history, when there is nothing to compare it with.
fn unread_history(dir: &DataDir) -> Option<Unread> {
    let size = std::fs::metadata(dir.index().join("history")).ok()?.len();
    Some(Unread {
        file: "index/history".to_owned(),
        from: 0,
        to: size,
        why: "derived; looked at when the ground can be read",
    })
}

/// What is wrong with the index of digests, if anything is: every page of it is read. What is wrong is
/// thrown away, at once or by the next start.
fn digests(dir: &DataDir, log: &Log) -> Result<Option<String>, Fatal> {
    let runs = DigestRuns::open(&dir.index().join("digests"), log.id(), |head| log.has(head))?;
    let why = match (runs.thrown_away(), runs.check()) {
        (Some(why), _) => why.to_owned(),
        (None, Err(error)) => error.to_string(),
        (None, Ok(_)) => return Ok(None),
    };
    Ok(Some(format!(
        "index/digests was wrong: {why}; it is derived, and the next start makes it again"
    )))
}

/// The files of the index of digests: to look at it is to throw away what is wrong.
fn unread_digests(dir: &DataDir) -> Result<Vec<Unread>, StoreError> {
    let folder = dir.index().join("digests");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let unread = |name: String| Unread {
        to: std::fs::metadata(folder.join(&name)).map_or(0, |meta| meta.len()),
        file: format!("index/digests/{name}"),
        from: 0,
        why: "derived; looked at when the ground can be read and things may be put right",
    };
    Ok(names(&folder)?.into_iter().map(unread).collect())
}

/// The file of the verification keys, when the log cannot be asked for those in force.
fn unread_keys(dir: &DataDir) -> Option<Unread> {
    let size = std::fs::metadata(dir.vkeys()).ok()?.len();
    Some(Unread {
        file: "keys/log.vkeys".to_owned(),
        from: 0,
        to: size,
        why: "derived; looked at when the ground can be read",
    })
}

/// The verification keys that lie there to be handed on: whoever pins a damaged one trusts nothing of
/// this log. They are written anew as the log names them.
fn handed_out_keys(
    dir: &DataDir,
    register: &Register,
    is_writing: bool,
) -> Result<Option<String>, StoreError> {
    if are_vkeys_right(dir, register)? {
        return Ok(None);
    }
    let wrong = "keys/log.vkeys did not hold the verification keys of this log";
    if !is_writing {
        return Ok(Some(wrong.to_owned()));
    }
    write_vkeys(dir, register.checkpoint_keys())?;
    Ok(Some(format!("{wrong}; it was written anew")))
}

/// The administrator's key, while it lies here: the node itself never reads it.
fn administrators_key(dir: &DataDir, engine: &Engine) -> Option<String> {
    let path = dir.keys().join("administrator.key");
    if !path.exists() {
        return None;
    }
    let read = || {
        let text = read_secret(&path)?;
        let key = SecretKey::parse(text.trim()).map_err(|error| {
            StoreError::other(format!("reading {}", path.display()), error.to_string())
        })?;
        let register = &engine.intake().register;
        Ok::<_, StoreError>(if register.resolve(&key.public().id()).is_none() {
            Some("is no key of this log: it is damaged, or somebody else's")
        } else if text.strip_suffix('\n').unwrap_or(&text) != key.to_text().as_str() {
            Some("holds its key, and something beside it")
        } else {
            None
        })
    };
    match read() {
        Ok(wrong) => wrong.map(|wrong| format!("keys/administrator.key {wrong}")),
        Err(error) => Some(error.to_string()),
    }
}

/// What lies behind the last record of each segment: space that was laid out beforehand.
fn behind_records(dir: &DataDir, remarks: &mut Vec<String>) -> Result<Vec<Unread>, StoreError> {
    let mut out = Vec::new();
    let mut names = names(&dir.ground())?;
    names.sort();
    for name in names {
        let file = format!("ground/{name}");
        let path = dir.ground().join(&name);
        let bytes = std::fs::read(&path)
            .map_err(|error| StoreError::new(format!("reading {}", path.display()), error))?;
        if !name.ends_with(".seg") || bytes.len() > SEGMENT_BYTES {
            remarks.push(format!("{file} is no segment of ours; it was left alone"));
            continue;
        }
        let mut end = HEADER_LEN;
        while let Ok(Some(record)) = read_record(&bytes, end) {
            end = record.end();
        }
        let rest = bytes.get(end..).unwrap_or_default();
        if rest.iter().any(|byte| *byte != 0) {
            remarks.push(format!(
                "{file} has bytes behind its last whole record, at {end}: a write that was broken \
                 off (the next start clears it), or damage"
            ));
        }
        out.push(Unread {
            file,
            from: end as u64,
            to: bytes.len() as u64,
            why: "laid out beforehand, behind the last record",
        });
    }
    Ok(out)
}

/// What lies in the folder and is nothing of ours.
fn strangers(root: &Path, remarks: &mut Vec<String>) -> Result<Vec<Unread>, StoreError> {
    for name in names(root)?
        .iter()
        .filter(|name| !OURS.contains(&name.as_str()))
    {
        remarks.push(format!("{name} is nothing of ours; it was left alone"));
    }
    let index = root.join("index");
    if index.exists() {
        for name in names(&index)? {
            if !["digests", "history", "places", "snapshot"].contains(&name.as_str()) {
                remarks.push(format!(
                    "index/{name} is nothing of ours; it was left alone"
                ));
            }
        }
    }
    let size = |file: &str| std::fs::metadata(root.join(file)).map_or(0, |meta| meta.len());
    Ok(vec![Unread {
        file: "lock".to_owned(),
        from: 0,
        to: size("lock"),
        why: "held by the process that owns the folder; its bytes say nothing",
    }])
}

fn names(folder: &Path) -> Result<Vec<String>, StoreError> {
    let failed = |error| StoreError::new(format!("reading {}", folder.display()), error);
    let mut out = Vec::new();
    for entry in listed(folder).map_err(failed)? {
        out.push(
            entry
                .map_err(failed)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    Ok(out)
}
