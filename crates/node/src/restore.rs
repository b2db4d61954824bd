//! Going on from a copy of a log: a new folder, new keys, another name (docs/formats/renewal.md).
//!
//! A log is never continued from a copy under its own name: what was acknowledged behind the copy
//! would be denied, and there would be two histories (LOG-3). Under another name the entries of the
//! copy keep their indexes, the old checkpoint is cited, and what is not here is called lost.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use countersign_attest::{Register, SecretKey};
use countersign_engine::{Engine, Fatal, Origins};
use countersign_model::act::{Continued, Lost};
use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Size};
use countersign_ports::{CheckpointCell as _, StoreError};
use countersign_store_local::folder::{listed, sync_folder};
use countersign_store_local::{DirLock, MachineEntropy, SlotFile, segment_path};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};

use crate::compose::{OpenError, Opened, components, index_of, with_second};
use crate::data_dir::{DataDir, Settings};
use crate::renew::{RenewError, act, write_vkeys};
use crate::unlock::{Unlock, UnlockPlace};

/// What is wanted.
#[derive(Debug)]
pub struct Restore {
    /// The copy: a backup, or a data folder that nobody runs on.
    pub copy: PathBuf,
    /// The folder to be made.
    pub root: PathBuf,
    /// Its settings; the origin is the new name.
    pub settings: Settings,
    /// The key of an administrator of the log.
    pub administrator: SecretKey,
    /// What unlocks the key files of the copy, if not what its settings name.
    pub unlock: Option<PathBuf>,
    /// The checkpoint to go on from, if not the newest that the copy bears out: the one that is
    /// published in it, or that of its second place.
    pub checkpoint: Option<Vec<u8>>,
    /// Checkpoints of the old log that somebody kept: what they cover and the copy has not, is lost.
    pub known: Vec<Vec<u8>>,
}

/// What was made.
#[derive(Debug)]
pub struct Restored {
    /// The log, opened.
    pub opened: Opened,
    /// Index of the renewal.
    pub index: Index,
    /// What it goes on from.
    pub continued: Continued,
    /// The end of what is lost is that of a checkpoint that was kept: there may be more.
    pub is_at_least: bool,
    /// Why the second place of the copy is there and did not say how far the log went.
    pub second_fault: Option<String>,
}

/// Makes the linked origin.
///
/// # Errors
/// [`RenewError`]; the copy is never changed, and what was begun is gone again.
pub fn restore(wanted: &Restore) -> Result<Restored, RenewError> {
    let copy = DataDir::open(&wanted.copy)?;
    let copy_lock = held(&copy)?;
    let notes = Notes::read(&copy, wanted)?;
    let mut dir = DataDir::create(&wanted.root, wanted.settings.clone())?;
    let lock = DirLock::take(dir.root())?;
    let lock = lock.ok_or_else(|| OpenError::Owned(dir.root().display().to_string()))?;
    let (mut unlock, made) = dir.begin_unlock(&mut MachineEntropy)?;
    let begun = dir.lay_out()?;
    let place = wanted.unlock.clone().map(UnlockPlace::file);
    let sealing = copy.key_files().sealing(|| match place {
        Some(place) => Unlock::read(place),
        None => Unlock::read(copy.unlock_place()?),
    })?;
    let files = dir.key_files();
    files.make_linked(&sealing, &mut unlock, &mut MachineEntropy)?;
    copy_ground(&copy.ground(), &dir.ground())?;
    drop(copy_lock);
    let (engine, index, continued, lost) = with_second(&dir, |second| {
        drop(second);
        link(&dir, &wanted.administrator, &notes)
    })?;
    begun.keep();
    if let Some(made) = made {
        made.keep();
    }
    Ok(Restored {
        opened: Opened::made(engine, dir, lock),
        index,
        continued,
        is_at_least: lost.is_at_least,
        second_fault: lost.second_fault,
    })
}

/// Keeps everybody off the copy while it is read.
fn held(copy: &DataDir) -> Result<Option<DirLock>, RenewError> {
    match DirLock::take_to_read(copy.root()) {
        Ok(None) => Err(OpenError::Owned(copy.root().display().to_string()).into()),
        Ok(lock) => Ok(lock),
        // Where nothing can be locked, as on some media and network disks, no node runs either.
        Err(_) => Ok(None),
    }
}

fn link(
    dir: &DataDir,
    administrator: &SecretKey,
    notes: &Notes,
) -> Result<(Engine, Index, Continued, Told), RenewError> {
    let (engine, origins, checkpoint) = open_newest(dir, notes)?;
    let (mut engine, origins) = match remove_behind(&dir.ground(), origins.last_segment)? {
        true => {
            drop(engine);
            open_at(dir, checkpoint)?
        }
        false => (engine, origins),
    };
    let register = &engine.intake().register;
    let told = Told::by(notes, register, origins.size)?;
    let continued = Continued {
        origin: origins.origin,
        size: origins.size,
        root: Digest::new(origins.root),
        checkpoint: String::from_utf8(checkpoint.to_vec()).ok().map(Into::into),
        lost: told.lost,
    };
    let vkeys = dir.node_keys()?.checkpoint_vkeys();
    let name = (dir.origin(), &continued);
    let act = act(register, engine.keys(), (Some(name), &vkeys), administrator)?;
    let index = engine.link(&act)?;
    dir.write_settings()?;
    write_vkeys(dir, &vkeys)?;
    Ok((engine, index, continued, told))
}

fn open_at(dir: &DataDir, checkpoint: &[u8]) -> Result<(Engine, Origins), OpenError> {
    let second = SlotFile::open(&dir.second())?;
    let world = components(dir, Box::new(second), index_of(dir));
    Ok(Engine::open_copy(world, dir.node_keys()?, checkpoint)?)
}

/// Opens the copied ground at the first of the checkpoints that it bears out.
fn open_newest<'a>(
    dir: &DataDir,
    notes: &'a Notes,
) -> Result<(Engine, Origins, &'a [u8]), OpenError> {
    let mut heads = notes.heads.iter();
    let last = heads.next_back();
    for note in heads {
        match open_at(dir, note) {
            Ok((engine, origins)) => return Ok((engine, origins, note)),
            // The copy is older, or no key of it signed this one.
            Err(OpenError::Fatal(Fatal::Damaged(_))) => {}
            Err(error) => return Err(error),
        }
    }
    let last = last.map(Vec::as_slice).unwrap_or_default();
    let (engine, origins) = open_at(dir, last)?;
    Ok((engine, origins, last))
}

/// The checkpoints of the old log that are at hand.
struct Notes {
    /// Those to go on from, the one to be tried first in front.
    heads: Vec<Vec<u8>>,
    /// What the second place holds; `None` where there is none.
    second: Option<Result<Vec<u8>, String>>,
    /// What the copy published, if it is there.
    published: Option<Vec<u8>>,
    /// Those that somebody kept.
    kept: Vec<Vec<u8>>,
}

impl Notes {
    fn read(copy: &DataDir, wanted: &Restore) -> Result<Self, StoreError> {
        let second = second_of(copy);
        let published = read(&copy.log().join("checkpoint"));
        let held = second.as_ref().and_then(|second| second.as_ref().ok());
        let mut heads = Vec::new();
        if let Some(note) = &wanted.checkpoint {
            heads.push(note.clone());
        } else {
            // A node publishes up to half a second behind its commit. The second place has one
            // signature, what is published has all.
            let size = published.as_ref().map_or(0, |note| size_in(note));
            heads.extend(held.filter(|note| size_in(note) > size).cloned());
            heads.extend(published.as_ref().ok().cloned());
        }
        match published {
            Err(error) if heads.is_empty() => Err(error),
            published => Ok(Self {
                heads,
                second,
                published: published.ok(),
                kept: wanted.known.clone(),
            }),
        }
    }
}

/// What the second place of the copy holds; `None` where there is none.
fn second_of(copy: &DataDir) -> Option<Result<Vec<u8>, String>> {
    let cell = match SlotFile::open_to_read(&copy.second()) {
        Err(error) if error.source.kind() == ErrorKind::NotFound => return None,
        cell => cell,
    };
    let value = cell.and_then(|cell| cell.read());
    Some(match value {
        Ok(value) => value.ok_or_else(|| "it holds no checkpoint".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}

/// How much of what is lost is known.
struct Told {
    lost: Option<Lost>,
    is_at_least: bool,
    second_fault: Option<String>,
}

impl Told {
    /// Only the second place knows where the log ended: it is never behind a commit. What somebody
    /// kept, or the copy published, says how far it went at least.
    fn by(notes: &Notes, register: &Register, size: Size) -> Result<Self, StoreError> {
        let bad = |why: String| StoreError::other("reading a checkpoint that was kept", why);
        let mut at_least = size;
        for note in &notes.kept {
            at_least = at_least.max(size_of(note, register).map_err(bad)?);
        }
        if let Some(note) = &notes.published {
            at_least = at_least.max(size_of(note, register).unwrap_or(size));
        }
        let second = notes.second.as_ref().map(|second| {
            let end = size_of(second.as_ref().map_err(Clone::clone)?, register)?;
            match end < at_least {
                true => Err(format!(
                    "it holds a checkpoint of {end} entries, and the log had {at_least}"
                )),
                false => Ok(end),
            }
        });
        let (to, is_exact, second_fault) = match second {
            Some(Ok(end)) => (end, true, None),
            other => (at_least, false, other.and_then(Result::err)),
        };
        let to = Some(Index(to.0)).filter(|_| to > size);
        let from = Index(size.0);
        Ok(Self {
            lost: (to.is_some() || !is_exact).then_some(Lost { from, to }),
            is_at_least: to.is_some() && !is_exact,
            second_fault,
        })
    }
}

/// The size of a checkpoint of the old log, which one of its keys must have signed.
fn size_of(note: &[u8], register: &Register) -> Result<Size, String> {
    let note = Note::parse(note).map_err(|error| error.to_string())?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| error.to_string())?;
    let origin = register.identity().origin.as_str();
    let size = Size(checkpoint.size().0);
    let terms = register.terms_of(origin, size);
    let Some(terms) = terms.filter(|_| checkpoint.origin() == origin) else {
        return Err("it is of another log".to_owned());
    };
    let keys = terms.checkpoint_keys.iter();
    let keys: Vec<VerifierKey> = keys
        .filter_map(|key| VerifierKey::parse(key).ok())
        .collect();
    let signed = note.verify(&keys);
    signed.map_err(|_| "no key of the log that the copy knows signed it".to_owned())?;
    Ok(size)
}

/// The size that a note names; 0 for what is no checkpoint.
fn size_in(note: &[u8]) -> u64 {
    let note = Note::parse(note).ok();
    let checkpoint = note.and_then(|note| Checkpoint::parse(note.text()).ok());
    checkpoint.map_or(0, |checkpoint| checkpoint.size().0)
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).map_err(|error| StoreError::new(format!("reading {}", path.display()), error))
}

/// The segments in a folder, by number.
fn segments(folder: &Path) -> Result<Vec<(u32, PathBuf)>, StoreError> {
    let failed = |error| StoreError::new(format!("reading {}", folder.display()), error);
    let mut out = Vec::new();
    for entry in listed(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let number = path
            .file_stem()
            .and_then(|stem| stem.to_str()?.parse().ok());
        if let Some(number) = number.filter(|number| segment_path(folder, *number) == path) {
            out.push((number, path));
        }
    }
    out.sort();
    Ok(out)
}

/// Copies the segments, with permissions of their own: a copy may be write-protected.
fn copy_ground(from: &Path, to: &Path) -> Result<(), StoreError> {
    for (number, path) in segments(from)? {
        let copied = || {
            let mut target = File::create(segment_path(to, number))?;
            io::copy(&mut File::open(&path)?, &mut target)?;
            target.sync_all()
        };
        copied().map_err(|error| StoreError::new(format!("copying {}", path.display()), error))?;
    }
    sync_folder(to)
}

/// Removes the segments behind the last one; whether there were any.
fn remove_behind(folder: &Path, last: u32) -> Result<bool, StoreError> {
    let mut removed = false;
    for (number, path) in segments(folder)? {
        if number > last {
            let failed = |error| StoreError::new(format!("removing {}", path.display()), error);
            fs::remove_file(&path).map_err(failed)?;
            removed = true;
        }
    }
    if removed {
        sync_folder(folder)?;
    }
    Ok(removed)
}
