//! A disk with a cache that forgets: what was written is read back at once, and is on the disk only
//! once it was synced. At a power cut any part of what was not synced may have reached the disk, in
//! any order, sector by sector of 512 bytes and name by name; each operation can be made to fail.
//!
//! Files and folders are told apart as POSIX does: the sync of a file makes its bytes and length
//! durable, the sync of a folder the names in it. The stores upon it are in `stores`.

pub(crate) mod random;
pub(crate) mod stores;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use countersign_ports::StoreError;

use crate::world::Shared;

/// What reaches a disk whole or not at all.
pub(crate) const SECTOR_BYTES: usize = 512;

/// A file, by number: names come and go.
pub(crate) type FileNumber = usize;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Writes so many bytes into a file, from this offset on.
    Write { at: usize, len: usize },
    /// Gives a file a length.
    Length,
    /// Syncs a file.
    Sync,
    /// Makes, moves or removes a name.
    Name,
    /// Syncs the names of a folder.
    SyncFolder,
}

/// What becomes of the operation that a plan names. It is reported failed in every case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not done.
    Lost,
    /// Of a write, so many bytes are done; of a sync, so many of the things that wait.
    Prefix(usize),
    /// The nth sector of a write, the nth thing that waits for a sync, is done where bit n mod 64
    /// is set.
    Some(u64),
    /// Done.
    Done,
    /// A sync whose writes will never reach the disk, though they are read back: what Linux makes
    /// of a failed one. Other operations are lost.
    Forgotten,
    /// The power goes before it: nothing is done from here on.
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    File(FileNumber),
    Folder,
}

#[derive(Clone, Debug, Default)]
struct File {
    cached: Vec<u8>,
    durable: Vec<u8>,
}

/// What was done and is not durable yet.
#[derive(Clone, Debug)]
enum Waiting {
    /// Bytes within one sector.
    Sector {
        file: FileNumber,
        at: usize,
        bytes: Vec<u8>,
    },
    Length {
        file: FileNumber,
        len: usize,
    },
    /// A name appears, moves there from another, or goes, all in one folder.
    Name {
        gone: Option<String>,
        there: Option<(String, Entry)>,
    },
}

#[derive(Clone, Debug, Default)]
struct State {
    files: Vec<File>,
    cached: BTreeMap<String, Entry>,
    durable: BTreeMap<String, Entry>,
    waiting: Vec<Waiting>,
    plan: Option<(usize, Fault)>,
    done: Vec<Kind>,
    is_cut: bool,
}

/// How much of an operation is done.
enum Part {
    All,
    None,
    Of(Fault),
}

impl Part {
    /// Whether the nth piece of so many bytes each is done.
    fn holds(&self, n: usize) -> bool {
        match self {
            Self::All => true,
            Self::Of(Fault::Some(mask)) => mask >> (n % 64) & 1 == 1,
            Self::Of(Fault::Prefix(count)) => n < *count,
            Self::None | Self::Of(_) => false,
        }
    }
}

/// A disk that several stores share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    state: Arc<Mutex<State>>,
    /// The places of records, which are derived: after a power cut all of them are there, or as many
    /// as were synced, whatever became of the rest.
    derived: Shared,
}

impl Disk {
    /// An empty disk with these folders.
    pub(crate) fn with_folders(folders: &[&str]) -> Self {
        let this = Self::default();
        this.with(|state| {
            for folder in folders {
                state.cached.insert((*folder).to_owned(), Entry::Folder);
            }
            state.durable = state.cached.clone();
        });
        this
    }

    /// Another disk that holds the same, in its cache too.
    pub(crate) fn copied(&self) -> Self {
        let derived = Shared::default();
        let places = self.derived.with_places(|places| places.clone());
        derived.with_places(|copy| *copy = places);
        Self {
            state: Arc::new(Mutex::new(self.with(|state| state.clone()))),
            derived,
        }
    }

    /// What keeps the places.
    pub(crate) const fn derived(&self) -> &Shared {
        &self.derived
    }

    /// The operation of that number fails, counted from 1 and from here.
    pub(crate) fn fail_at(&self, plan: Option<(usize, Fault)>) {
        self.with(|state| {
            state.done.clear();
            state.plan = plan;
            state.is_cut = false;
        });
    }

    /// What was done since [`Disk::fail_at`].
    pub(crate) fn operations(&self) -> Vec<Kind> {
        self.with(|state| state.done.clone())
    }

    /// The power goes: of what waits, oldest first, only what `keeps` says has reached the disk.
    pub(crate) fn cut_power(&self, keeps: &mut dyn FnMut() -> bool) {
        if !keeps() {
            self.derived.cut_power();
        }
        self.with(|state| {
            for one in std::mem::take(&mut state.waiting) {
                if keeps() {
                    state.settle(&one);
                }
            }
            for file in &mut state.files {
                file.cached = file.durable.clone();
            }
            // What lies in a folder that is not there is not there.
            let names = state.durable.clone();
            let is_folder = |path: &str| names.get(path) == Some(&Entry::Folder);
            state
                .durable
                .retain(|path, _| folders_above(path).all(|above| is_folder(&above)));
            state.cached = state.durable.clone();
        });
    }

    /// The bytes of a file as they are read, and as they lie on the disk.
    pub(crate) fn file(&self, path: &str) -> Option<(Vec<u8>, Vec<u8>)> {
        self.with(|state| {
            let file = state.at(path)?;
            let file = state.files.get(file)?;
            Some((file.cached.clone(), file.durable.clone()))
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().expect("no test panics while it holds it"))
    }

    fn operate<T>(
        &self,
        kind: Kind,
        doing: &str,
        work: impl FnOnce(&mut State, &Part) -> T,
    ) -> Result<T, StoreError> {
        self.with(|state| {
            let part = state.part_of_next(kind);
            let is_whole = matches!(part, Part::All);
            let is_due = state.plan.is_some_and(|(at, _)| at == state.done.len());
            let done = work(state, &part);
            if is_whole && !is_due {
                Ok(done)
            } else {
                Err(StoreError::other(doing, "the disk failed"))
            }
        })
    }
}

/// The operations of a file system.
impl Disk {
    pub(crate) fn open(&self, path: &str) -> Option<FileNumber> {
        self.with(|state| state.at(path))
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.with(|state| state.cached.contains_key(path))
    }

    pub(crate) fn read(&self, file: FileNumber) -> Vec<u8> {
        self.with(|state| {
            let file = state.files.get(file);
            file.map(|file| file.cached.clone()).unwrap_or_default()
        })
    }

    /// Files below a folder, by the rest of their paths.
    pub(crate) fn files_below(&self, folder: &str) -> Vec<String> {
        let below = format!("{folder}/");
        self.with(|state| {
            let files = state
                .cached
                .iter()
                .filter(|(_, entry)| **entry != Entry::Folder);
            let inside = files.filter_map(|(path, _)| path.strip_prefix(&below));
            inside.map(str::to_owned).collect()
        })
    }

    /// Makes a file, or empties the one that is there.
    pub(crate) fn create(&self, path: &str) -> Result<FileNumber, StoreError> {
        match self.open(path) {
            Some(file) => self
                .operate(Kind::Length, "emptying", |state, part| {
                    if part.holds(0) {
                        state.set_length(file, 0);
                    }
                })
                .map(|()| file),
            None => self.operate(Kind::Name, "creating", |state, part| {
                state.files.push(File::default());
                let file = state.files.len() - 1;
                if part.holds(0) {
                    state.rename(None, Some((path.to_owned(), Entry::File(file))));
                }
                file
            }),
        }
    }

    pub(crate) fn make_folder(&self, path: &str) -> Result<(), StoreError> {
        self.operate(Kind::Name, "making a folder", |state, part| {
            if part.holds(0) {
                state.rename(None, Some((path.to_owned(), Entry::Folder)));
            }
        })
    }

    pub(crate) fn set_length(&self, file: FileNumber, len: usize) -> Result<(), StoreError> {
        self.operate(Kind::Length, "reserving", |state, part| {
            if part.holds(0) {
                state.set_length(file, len);
            }
        })
    }

    pub(crate) fn write(
        &self,
        file: FileNumber,
        at: usize,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let len = bytes.len();
        self.operate(
            Kind::Write { at, len },
            "writing",
            |state, part| match part {
                Part::Of(Fault::Prefix(count)) => {
                    state.write(file, at, bytes.get(..*count).unwrap_or(bytes), &mut |_| {
                        true
                    });
                }
                _ => state.write(file, at, bytes, &mut |n| part.holds(n)),
            },
        )
    }

    /// Makes bytes and length of a file durable.
    pub(crate) fn sync(&self, file: FileNumber) -> Result<(), StoreError> {
        self.operate(Kind::Sync, "syncing", |state, part| {
            state.flush(part, &|one| match one {
                Waiting::Sector { file: of, .. } | Waiting::Length { file: of, .. } => *of == file,
                Waiting::Name { .. } => false,
            });
        })
    }

    /// Makes the names in a folder durable.
    pub(crate) fn sync_folder(&self, folder: &str) -> Result<(), StoreError> {
        self.operate(Kind::SyncFolder, "syncing a folder", |state, part| {
            state.flush(part, &|one| match one {
                Waiting::Name { gone, there } => {
                    let path = there.as_ref().map(|(path, _)| path).or(gone.as_ref());
                    path.is_some_and(|path| folder_of(path) == folder)
                }
                Waiting::Sector { .. } | Waiting::Length { .. } => false,
            });
        })
    }

    /// Moves a file to another name in its folder.
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        self.operate(Kind::Name, "renaming", |state, part| {
            if let Some(file) = state.at(from).filter(|_| part.holds(0)) {
                state.rename(
                    Some(from.to_owned()),
                    Some((to.to_owned(), Entry::File(file))),
                );
            }
        })
    }

    /// Removes a name, and what lies below it.
    pub(crate) fn remove(&self, path: &str) -> Result<(), StoreError> {
        self.operate(Kind::Name, "removing", |state, part| {
            let below = format!("{path}/");
            let names = state.cached.keys();
            // What lies deepest goes first.
            let names: Vec<String> = names
                .filter(|name| *name == path || name.starts_with(&below))
                .rev()
                .cloned()
                .collect();
            for (n, name) in names.into_iter().enumerate() {
                if part.holds(n) {
                    state.rename(Some(name), None);
                }
            }
        })
    }
}

impl State {
    fn part_of_next(&mut self, kind: Kind) -> Part {
        if self.is_cut {
            return Part::None;
        }
        self.done.push(kind);
        match self.plan.filter(|(at, _)| *at == self.done.len()) {
            None | Some((_, Fault::Done)) => Part::All,
            Some((_, Fault::Lost)) => Part::None,
            Some((_, Fault::Cut)) => {
                self.is_cut = true;
                Part::None
            }
            Some((_, fault)) => Part::Of(fault),
        }
    }

    fn at(&self, path: &str) -> Option<FileNumber> {
        match self.cached.get(path) {
            Some(Entry::File(file)) => Some(*file),
            Some(Entry::Folder) | None => None,
        }
    }

    fn set_length(&mut self, file: FileNumber, len: usize) {
        if let Some(file) = self.files.get_mut(file) {
            file.cached.resize(len, 0);
        }
        self.waiting.push(Waiting::Length { file, len });
    }

    /// Writes the sectors that `does` names by their number in this write.
    fn write(
        &mut self,
        file: FileNumber,
        at: usize,
        bytes: &[u8],
        does: &mut dyn FnMut(usize) -> bool,
    ) {
        let have = self.files.get(file).map_or(0, |file| file.cached.len());
        if at + bytes.len() > have {
            self.set_length(file, at + bytes.len());
        }
        let mut rest = bytes;
        let mut at = at;
        let mut n = 0;
        while !rest.is_empty() {
            let fits = (SECTOR_BYTES - at % SECTOR_BYTES).min(rest.len());
            let (sector, behind) = rest.split_at(fits);
            if does(n) {
                if let Some(file) = self.files.get_mut(file) {
                    put(&mut file.cached, at, sector);
                }
                self.waiting.push(Waiting::Sector {
                    file,
                    at,
                    bytes: sector.to_vec(),
                });
            }
            (rest, at, n) = (behind, at + fits, n + 1);
        }
    }

    fn rename(&mut self, gone: Option<String>, there: Option<(String, Entry)>) {
        if let Some(path) = &gone {
            self.cached.remove(path);
        }
        if let Some((path, entry)) = &there {
            self.cached.insert(path.clone(), *entry);
        }
        self.waiting.push(Waiting::Name { gone, there });
    }

    /// Makes durable what `is_meant` names, as far as `part` goes.
    fn flush(&mut self, part: &Part, is_meant: &dyn Fn(&Waiting) -> bool) {
        let mut n = 0;
        for one in std::mem::take(&mut self.waiting) {
            if !is_meant(&one) {
                self.waiting.push(one);
                continue;
            }
            if part.holds(n) {
                self.settle(&one);
            } else if !matches!(part, Part::Of(Fault::Forgotten)) {
                self.waiting.push(one);
            }
            n += 1;
        }
    }

    fn settle(&mut self, one: &Waiting) {
        match one {
            Waiting::Sector { file, at, bytes } => {
                if let Some(file) = self.files.get_mut(*file) {
                    put(&mut file.durable, *at, bytes);
                }
            }
            Waiting::Length { file, len } => {
                if let Some(file) = self.files.get_mut(*file) {
                    file.durable.resize(*len, 0);
                }
            }
            Waiting::Name { gone, there } => {
                if let Some(path) = gone {
                    self.durable.remove(path);
                }
                if let Some((path, entry)) = there {
                    self.durable.insert(path.clone(), *entry);
                }
            }
        }
    }
}

/// Writes as far as the file is long: what lies behind its end cannot be read.
fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    let there = file.iter_mut().skip(at);
    there.zip(bytes).for_each(|(old, new)| *old = *new);
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders in which a path lies, the nearest first.
fn folders_above(path: &str) -> impl Iterator<Item = String> {
    let mut path = path.to_owned();
    std::iter::from_fn(move || {
        let (above, _) = path.rsplit_once('/')?;
        let above = above.to_owned();
        path.clone_from(&above);
        Some(above)
    })
}
