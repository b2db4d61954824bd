//! Going on from a copy of a log: a new folder, new keys, another name (docs/formats/renewal.md).
//!
//! A log is never continued from a copy under its own name: what was acknowledged behind the copy
//! would be denied, and there would be two histories (LOG-3). Under another name the entries of the
//! copy keep their indexes, the old checkpoint is cited, and what is not here is called lost.

use std::fs;
use std::path::{Path, PathBuf};

use countersign_attest::SecretKey;
use countersign_engine::{Engine, Origins, Recovered};
use countersign_model::act::{Continued, Lost};
use countersign_model::digest::Digest;
use countersign_model::entry::{Index, Size};
use countersign_model::ids::Origin;
use countersign_ports::StoreError;
use countersign_store_local::folder::{listed, sync_folder};
use countersign_store_local::{DirLock, MachineEntropy, SlotFile};
use countersign_tlog::checkpoint::Checkpoint;
use countersign_tlog::note::{Note, VerifierKey};

use crate::compose::{OpenError, Opened, components, index_of};
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
    /// The checkpoint to go on from, if not the one that is published in the copy.
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
}

/// Makes the linked origin.
///
/// # Errors
/// [`RenewError`]; the copy is never changed, and what was begun is gone again.
pub fn restore(wanted: &Restore) -> Result<Restored, RenewError> {
    let copy = DataDir::open(&wanted.copy)?;
    let checkpoint = match &wanted.checkpoint {
        Some(note) => note.clone(),
        None => read(&copy.log().join("checkpoint"))?,
    };
    let copy_lock = DirLock::take(copy.root()).ok().flatten();
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
    let linked = link(&dir, wanted, &checkpoint);
    if linked.is_err() {
        // It was made just now, and names a log that there is not.
        let _ = fs::remove_file(dir.second());
    }
    let (engine, index, continued) = linked?;
    begun.keep();
    if let Some(made) = made {
        made.keep();
    }
    Ok(Restored {
        opened: Opened::made(engine, dir, Recovered::default(), lock),
        index,
        continued,
    })
}

fn link(
    dir: &DataDir,
    wanted: &Restore,
    checkpoint: &[u8],
) -> Result<(Engine, Index, Continued), RenewError> {
    drop(SlotFile::create(&dir.second())?);
    let open = || -> Result<(Engine, Origins), RenewError> {
        let second = SlotFile::open(&dir.second())?;
        let world = components(dir, Box::new(second), index_of(dir));
        Ok(Engine::open_copy(world, dir.node_keys()?, checkpoint).map_err(OpenError::from)?)
    };
    let (mut engine, mut origins) = open()?;
    if remove_behind(&dir.ground(), origins.last_segment)? {
        drop(engine);
        (engine, origins) = open()?;
    }
    let continued = continued(&engine, origins, checkpoint, &wanted.known)?;
    let register = &engine.intake().register;
    let vkeys = dir.node_keys()?.checkpoint_vkeys();
    let name = (dir.origin(), &continued);
    let act = act(
        register,
        engine.keys(),
        (Some(name), &vkeys),
        &wanted.administrator,
    )?;
    let index = engine.link(&act)?;
    dir.write_settings()?;
    write_vkeys(dir, &vkeys)?;
    Ok((engine, index, continued))
}

/// What the new log goes on from, and what is known to be lost.
fn continued(
    engine: &Engine,
    origins: Origins,
    checkpoint: &[u8],
    known: &[Vec<u8>],
) -> Result<Continued, RenewError> {
    let keys: Vec<VerifierKey> = engine
        .vkeys()
        .iter()
        .filter_map(|key| VerifierKey::parse(key).ok())
        .collect();
    let mut furthest = None;
    for note in known {
        let size = size_of(note, &origins.origin, &keys)?;
        furthest = furthest.max(Some(size));
    }
    let from = Index(origins.size.0);
    let lost = match furthest {
        Some(size) if size <= from.0 => None,
        to => Some(Lost {
            from,
            to: to.map(Index),
        }),
    };
    Ok(Continued {
        origin: origins.origin,
        size: Size(origins.size.0),
        root: Digest::new(origins.root),
        checkpoint: String::from_utf8(checkpoint.to_vec()).ok().map(Into::into),
        lost,
    })
}

/// The size of a checkpoint of the old log, which one of its keys must have signed.
fn size_of(note: &[u8], origin: &Origin, keys: &[VerifierKey]) -> Result<u64, StoreError> {
    let bad = |why: &str| StoreError::other("reading a checkpoint that was kept", why);
    let note = Note::parse(note).map_err(|error| bad(&error.to_string()))?;
    note.verify(keys)
        .map_err(|_| bad("no key of the log signed it"))?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(|error| bad(&error.to_string()))?;
    match checkpoint.origin() == origin.as_str() {
        true => Ok(checkpoint.size().0),
        false => Err(bad("it is of another log")),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, StoreError> {
    fs::read(path).map_err(|error| StoreError::new(format!("reading {}", path.display()), error))
}

fn segments(folder: &Path) -> Result<Vec<(u32, PathBuf)>, StoreError> {
    let failed = |error| StoreError::new(format!("reading {}", folder.display()), error);
    let mut out = Vec::new();
    for entry in listed(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let number = name.as_deref().and_then(|name| name.strip_suffix(".seg"));
        if let Some(number) = number.and_then(|number| number.parse().ok()) {
            out.push((number, path));
        }
    }
    out.sort();
    Ok(out)
}

fn copy_ground(from: &Path, to: &Path) -> Result<(), StoreError> {
    for (_, path) in segments(from)? {
        let target = to.join(path.file_name().unwrap_or_default());
        let failed = |error| StoreError::new(format!("copying {}", path.display()), error);
        fs::copy(&path, &target).map_err(failed)?;
        fs::File::open(&target)
            .and_then(|file| file.sync_all())
            .map_err(failed)?;
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
    Ok(removed)
}
