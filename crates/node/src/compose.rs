//! Putting an engine together out of files, a clock and keys.

use std::path::Path;

use countersign_engine::{Components, Engine, Fatal, Founding, NodeKeys, Recovered, Stores, found};
use countersign_model::digest::Digest;
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;
use countersign_ports::{CheckpointCell, IndexStore, StoreError};
use countersign_record::limits::SEGMENT_BYTES;
use countersign_record::segment::header;
use countersign_store_local::{
    DirLock, Folder, IndexFolder, MachineClock, MachineEntropy, Segments, SlotFile,
};

use crate::begun_file::BegunFile;
use crate::data_dir::{DataDir, Settings};
use crate::renew::{are_vkeys_right, write_vkeys};
use crate::sync_times::{SyncTimes, Timed};
use crate::unlock::{KeyFault, Unlock};

/// An engine and the lock on its folder: dropped together.
#[derive(Debug)]
pub struct Opened {
    /// The engine.
    pub engine: Engine,
    /// The folder.
    pub dir: DataDir,
    /// What opening found behind the committed end.
    pub recovered: Recovered,
    /// How long syncs took in this run.
    pub syncs: SyncTimes,
    /// `None` when it is only read.
    lock: Option<DirLock>,
}

impl Opened {
    /// A log that was made just now.
    pub(crate) fn made(engine: Engine, dir: DataDir, lock: DirLock) -> Self {
        Self {
            engine,
            dir,
            recovered: Recovered::default(),
            syncs: SyncTimes::default(),
            lock: Some(lock),
        }
    }

    /// Whether the folder is only read: nothing in it may change.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        self.lock.is_none()
    }
}

/// Why a folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process owns the folder.
    #[error("another process owns {0}")]
    Owned(String),
    /// The world or the ground.
    #[error(transparent)]
    Fatal(#[from] Fatal),
    /// A file.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key file, or what unlocks them.
    #[error(transparent)]
    Keys(#[from] KeyFault),
}

pub(crate) fn components(
    dir: &DataDir,
    second: Box<dyn CheckpointCell>,
    index: Box<dyn IndexStore>,
) -> Components {
    let segment_bytes = SEGMENT_BYTES as u64;
    let head = |number: u32, log: [u8; 32]| header(number, Digest::new(log)).to_vec();
    Components {
        ground: Box::new(Segments::new(&dir.ground(), segment_bytes, head)),
        second,
        published: Box::new(Folder::new(&dir.log())),
        index,
        clock: Box::new(MachineClock),
        entropy: Box::new(MachineEntropy),
    }
}

pub(crate) fn index_of(dir: &DataDir) -> Box<dyn IndexStore> {
    Box::new(IndexFolder::new(&dir.index()))
}

pub(crate) fn index_to_read(dir: &DataDir) -> Box<dyn IndexStore> {
    Box::new(IndexFolder::to_read(&dir.index()))
}

/// Where the log of a folder lies; whoever asks owns the folder.
///
/// # Errors
/// [`OpenError`].
pub fn stores(dir: &DataDir) -> Result<Stores, OpenError> {
    let second = SlotFile::open(&dir.second())?;
    Ok(components(dir, Box::new(second), index_of(dir)).split().0)
}

/// As [`components`], with a ground whose syncs are timed.
fn timed(dir: &DataDir, second: Box<dyn CheckpointCell>, syncs: &SyncTimes) -> Components {
    let world = components(dir, second, index_of(dir));
    Components {
        ground: Box::new(Timed::new(world.ground, syncs)),
        ..world
    }
}

/// Makes a log. Only this does.
///
/// # Errors
/// [`OpenError`]; what was begun is gone again then, so that the same can be tried once more.
pub fn init(
    root: &Path,
    settings: Settings,
    scenario_start: Option<Timestamp>,
) -> Result<Opened, OpenError> {
    let origin = Origin::parse(&settings.origin)
        .map_err(|error| StoreError::other("origin", error.to_string()))?;
    let mut dir = DataDir::create(root, settings)?;
    let lock = DirLock::take(root)?.ok_or_else(|| OpenError::Owned(root.display().to_string()))?;
    let (unlock, made) = dir.begin_unlock(&mut MachineEntropy)?;
    let begun = dir.lay_out()?;
    let engine = begin(&dir, unlock, origin, scenario_start)?;
    begun.keep();
    if let Some(made) = made {
        made.keep();
    }
    Ok(Opened::made(engine, dir, lock))
}

/// Keys, the second place, the first commits; at the end the settings, which make the folder a log.
fn begin(
    dir: &DataDir,
    mut unlock: Unlock,
    origin: Origin,
    scenario_start: Option<Timestamp>,
) -> Result<Engine, OpenError> {
    let files = dir.key_files();
    let administrator = files.make(&mut unlock, &mut MachineEntropy)?;
    let keys = files.read(|| Ok(unlock))?;
    let founding = Founding {
        origin,
        administrators: vec![administrator],
        registration_policy: "every authentic statement of a registered key".to_owned(),
        scenario_start,
    };
    with_second(dir, |second| first_commits(dir, second, keys, &founding))
}

/// Makes the second place of a new log, and then the log. If that fails, the second place is gone
/// again: it names a log that there is not. One that somebody else made stays.
pub(crate) fn with_second<T, E: From<StoreError>>(
    dir: &DataDir,
    make: impl FnOnce(SlotFile) -> Result<T, E>,
) -> Result<T, E> {
    let second = SlotFile::create(&dir.second())?;
    let begun = BegunFile::at(dir.second());
    let made = make(second)?;
    begun.keep();
    Ok(made)
}

fn first_commits(
    dir: &DataDir,
    second: SlotFile,
    keys: NodeKeys,
    founding: &Founding,
) -> Result<Engine, OpenError> {
    let mut world = components(dir, Box::new(second), index_of(dir));
    let (genesis, statement) = found(founding, &mut world, &keys)?;
    let engine = Engine::begin(world, keys, genesis, statement, founding)?;
    dir.write_settings()?;
    Ok(engine)
}

/// Opens a log that `init` made, for work: what is derived is put right, `keys/log.vkeys` too.
///
/// # Errors
/// [`OpenError`].
pub fn open(root: &Path) -> Result<Opened, OpenError> {
    open_with(root, |world| world)
}

/// As [`open`], with some of the world replaced: tests bring stores that fail.
///
/// # Errors
/// [`OpenError`].
pub fn open_with(
    root: &Path,
    replace: impl FnOnce(Components) -> Components,
) -> Result<Opened, OpenError> {
    let dir = DataDir::open(root)?;
    let lock = DirLock::take(root)?.ok_or_else(|| OpenError::Owned(root.display().to_string()))?;
    let keys = dir.node_keys()?;
    let second = SlotFile::open(&dir.second())?;
    let syncs = SyncTimes::default();
    let world = replace(timed(&dir, Box::new(second), &syncs));
    let (engine, recovered) = Engine::open(world, keys)?;
    let register = &engine.intake().register;
    if !are_vkeys_right(&dir, register)? {
        write_vkeys(&dir, register.checkpoint_keys())?;
    }
    Ok(Opened {
        engine,
        dir,
        recovered,
        syncs,
        lock: Some(lock),
    })
}

/// Opens a log to read it alone: nothing in the folder is written, locked or caught up.
///
/// # Errors
/// [`OpenError`].
pub fn open_to_read(root: &Path) -> Result<Opened, OpenError> {
    let dir = DataDir::open(root)?;
    let keys = dir.node_keys()?;
    let second = SlotFile::open_to_read(&dir.second())?;
    let engine = Engine::open_to_read(
        components(&dir, Box::new(second), index_to_read(&dir)),
        keys,
    )?;
    Ok(Opened {
        engine,
        dir,
        recovered: Recovered::default(),
        syncs: SyncTimes::default(),
        lock: None,
    })
}
