//! The key files of a data folder: made, read, locked.
//!
//! Each of the node's keys lies in `DIR/keys/NAME.key`, encrypted under one unlock key that does
//! not lie in `DIR` (docs/formats/key-file.md), so that a copy of `DIR` holds nothing to sign or to
//! unseal with. Folders of before have them in the open; they are read as they are, until
//! [`KeyFiles::protect`]. Half and half is refused: whoever can write there could put a key of
//! their own in the place of a locked one.

mod renewed;

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_attest::{Algorithm, PublicKey, SecretKey};
use countersign_engine::{Counted, NodeKeys};
use countersign_ports::{Entropy, StoreError};
use countersign_record::key_file::{KeyFile, KeyFileError, Lock, NONCE_LEN};
use countersign_record::sealing::SealingKey;
use countersign_store_local::folder::{listed, put_secret, replace_secret};
use countersign_tlog::note::{Ed25519Signer, KeyName, MlDsa44Signer, SignatureType};
use zeroize::Zeroizing;

use crate::unlock::{KeyFault, Unlock};

/// The node's keys; the second may be absent. Of those that sign there may be more, with a number
/// behind the name (`checkpoint-2`): those of a rotation.
pub const NAMES: [&str; 6] = [
    "checkpoint",
    "checkpoint-pq",
    "statement",
    "receipt",
    "sealing",
    "fingerprint",
];
/// Those whose line is that of a signing key; of the others it is 32 bytes as base64.
const SIGNING: [&str; 2] = ["statement", "receipt"];
/// Those of which there is one for ever: nothing that is sealed could be read without it.
const SEALING: [&str; 2] = ["sealing", "fingerprint"];

/// The key files of one folder.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    folder: PathBuf,
    origin: String,
}

/// A key that was read: its name and its line.
pub type Open = (String, Zeroizing<String>);

/// A key file as it lies there.
pub struct KeyText {
    /// Its name.
    pub name: String,
    /// Whether what it holds is encrypted.
    pub is_locked: bool,
    /// What it holds.
    pub text: Zeroizing<String>,
}

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyText({})", self.name)
    }
}

/// How many of the files are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// None: a folder of before.
    None,
    /// Some, because a change was broken off or somebody exchanged a file.
    Part,
    /// All.
    All,
}

impl KeyFiles {
    /// The files in `folder`, of the log with this name.
    #[must_use]
    pub fn new(folder: PathBuf, origin: &str) -> Self {
        Self {
            folder,
            origin: origin.to_owned(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.key"))
    }

    /// Makes the keys of a new log, and in the open that of its administrator, which lies here for
    /// the first day.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn make(
        &self,
        unlock: &mut Unlock,
        entropy: &mut dyn Entropy,
    ) -> Result<PublicKey, KeyFault> {
        self.make_keys(&NAMES.map(str::to_owned), unlock, entropy)?;
        let mut seed = Zeroizing::new([0; 32]);
        entropy.fill(&mut *seed)?;
        let administrator = SecretKey::generate(Algorithm::Ed25519, *seed);
        let text = Zeroizing::new(format!("{}\n", *administrator.to_text()));
        put_secret(&self.path("administrator"), &text)?;
        Ok(administrator.public())
    }

    fn make_keys(
        &self,
        names: &[String],
        unlock: &mut Unlock,
        entropy: &mut dyn Entropy,
    ) -> Result<(), KeyFault> {
        let lock = unlock.new_lock(entropy)?;
        for name in names {
            let mut secret = Zeroizing::new([0; 32]);
            entropy.fill(&mut *secret)?;
            let line = if SIGNING.contains(&kind(name)) {
                SecretKey::generate(Algorithm::Ed25519, *secret).to_text()
            } else {
                Zeroizing::new(STANDARD.encode(*secret))
            };
            let text = self.locked(name, &line, (lock, unlock), entropy)?;
            put_secret(&self.path(name), &text)?;
        }
        Ok(())
    }

    /// The text of a locked file.
    fn locked(
        &self,
        name: &str,
        line: &str,
        (lock, unlock): (Lock, &mut Unlock),
        entropy: &mut dyn Entropy,
    ) -> Result<String, KeyFault> {
        let mut nonce = [0; NONCE_LEN];
        entropy.fill(&mut nonce)?;
        let key = unlock.key(lock)?;
        let file = KeyFile::seal((name, &self.origin), line, lock, &key, nonce);
        let file = file.map_err(|error| self.damaged(name, error))?;
        Ok(format!("{}\n", file.to_text()))
    }

    fn damaged(&self, name: &str, error: impl std::fmt::Display) -> KeyFault {
        KeyFault::Damaged(format!("{}: {error}", self.path(name).display()))
    }

    /// The files that are there, each with whether it is locked.
    ///
    /// # Errors
    /// [`KeyFault::Store`].
    pub fn found(&self) -> Result<Vec<(String, bool)>, KeyFault> {
        let texts = self.texts()?.into_iter();
        Ok(texts.map(|file| (file.name, file.is_locked)).collect())
    }

    /// The files that are there, as they are.
    ///
    /// # Errors
    /// [`KeyFault::Store`].
    pub fn texts(&self) -> Result<Vec<KeyText>, KeyFault> {
        let mut out = Vec::new();
        for name in self.names()? {
            let text = self.text(&name)?;
            out.push(KeyText {
                is_locked: KeyFile::is_meant(&text),
                name,
                text,
            });
        }
        Ok(out)
    }

    /// The names of the node's keys that are there; of several of a kind the newest first.
    fn names(&self) -> Result<Vec<String>, StoreError> {
        let doing = || format!("reading {}", self.folder.display());
        let mut out = Vec::new();
        for entry in listed(&self.folder).map_err(|e| StoreError::new(doing(), e))? {
            let file = entry.map_err(|e| StoreError::new(doing(), e))?.file_name();
            let file = file.to_string_lossy();
            let name = file.strip_suffix(".key").unwrap_or_default();
            if NAMES.contains(&kind(name)) {
                out.push(name.to_owned());
            }
        }
        let place = |name: &str| NAMES.iter().position(|one| *one == kind(name));
        out.sort_by_key(|name| (place(name), std::cmp::Reverse(number(name))));
        Ok(out)
    }

    /// The names of one kind.
    fn of_kind(&self, wanted: &str) -> Result<Vec<String>, StoreError> {
        let names = self.names()?.into_iter();
        Ok(names.filter(|name| kind(name) == wanted).collect())
    }

    /// How many of the files are locked.
    ///
    /// # Errors
    /// [`KeyFault::Store`].
    pub fn protection(&self) -> Result<Protection, KeyFault> {
        let found = self.found()?;
        let locked = found.iter().filter(|(_, locked)| *locked).count();
        Ok(if locked == 0 {
            Protection::None
        } else if locked < found.len() {
            Protection::Part
        } else {
            Protection::All
        })
    }

    fn text(&self, name: &str) -> Result<Zeroizing<String>, StoreError> {
        read_secret(&self.path(name))
    }

    /// Reads the node's keys; `unlock` is asked for if they are locked.
    ///
    /// # Errors
    /// [`KeyFault`] with what to do.
    pub fn read(
        &self,
        unlock: impl FnOnce() -> Result<Unlock, KeyFault>,
    ) -> Result<NodeKeys, KeyFault> {
        let unlock = match self.protection()? {
            Protection::None => None,
            Protection::All => Some(unlock()?),
            Protection::Part => {
                return Err(KeyFault::Locked(format!(
                    "some key files in {} are locked and some are not: a `countersign key protect` \
                     was broken off, then give it once more; or somebody put a key of their own there",
                    self.folder.display()
                )));
            }
        };
        self.keys(&mut Lines {
            files: self,
            unlock,
        })
    }

    fn keys(&self, lines: &mut Lines<'_>) -> Result<NodeKeys, KeyFault> {
        let name = KeyName::new(&self.origin).map_err(|error| {
            StoreError::other("reading the settings", format!("origin: {error}"))
        })?;
        let mut checkpoint = Vec::new();
        for file in self.of_kind("checkpoint")? {
            let seed = lines.raw(&file)?;
            let signer = Ed25519Signer::new(name.clone(), SignatureType::Ed25519, &seed);
            checkpoint.push(Counted::new(signer));
        }
        let mut checkpoint_pq = Vec::new();
        for file in self.of_kind("checkpoint-pq")? {
            let signer = MlDsa44Signer::new(name.clone(), &*lines.raw(&file)?);
            let signer = signer.map_err(|error| self.damaged(&file, error))?;
            checkpoint_pq.push(Counted::new(signer));
        }
        let mut statement = Vec::new();
        for file in self.of_kind("statement")? {
            statement.push(Counted::new(lines.signing(&file)?));
        }
        let mut receipt = Vec::new();
        for file in self.of_kind("receipt")? {
            receipt.push(Counted::new(lines.signing(&file)?));
        }
        Ok(NodeKeys {
            checkpoint,
            checkpoint_pq,
            statement,
            receipt,
            sealing: SealingKey::new(*lines.raw("sealing")?),
            fingerprint: lines.raw("fingerprint")?,
        })
    }

    /// The keys that lie in the open; what is locked must open with `unlock`.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn to_protect(&self, unlock: &mut Unlock) -> Result<Vec<Open>, KeyFault> {
        let mut out = Vec::new();
        for (name, locked) in self.found()? {
            if locked {
                self.line(&name, Some(unlock))?;
            } else {
                let line = self.line(&name, None)?;
                out.push((name, line));
            }
        }
        Ok(out)
    }

    /// The keys that `old` opens; what `new` opens was changed before.
    ///
    /// # Errors
    /// [`KeyFault`], also when a file lies in the open.
    pub fn to_change(&self, old: &mut Unlock, new: &mut Unlock) -> Result<Vec<Open>, KeyFault> {
        if self.protection()? != Protection::All {
            let text = "the key files are not all locked; `countersign key protect` does that";
            return Err(KeyFault::Locked(text.to_owned()));
        }
        let mut out = Vec::new();
        for (name, _) in self.found()? {
            if self.line(&name, Some(new)).is_err() {
                let line = self.line(&name, Some(old))?;
                out.push((name, line));
            }
        }
        Ok(out)
    }

    /// Locks keys that were read here. Each file is replaced whole, and what was in it overwritten.
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn lock(
        &self,
        keys: &[Open],
        (lock, unlock): (Lock, &mut Unlock),
        entropy: &mut dyn Entropy,
    ) -> Result<(), KeyFault> {
        for (name, line) in keys {
            let text = self.locked(name, line, (lock, unlock), entropy)?;
            replace_secret(&self.path(name), &text)?;
        }
        Ok(())
    }

    /// The line of a key, checked to be one.
    fn line(&self, name: &str, unlock: Option<&mut Unlock>) -> Result<Zeroizing<String>, KeyFault> {
        let text = self.text(name)?;
        let line = match unlock {
            None => {
                // Files of before were read with any white space around.
                Zeroizing::new(text.trim().to_owned())
            }
            Some(unlock) => self.open(name, &text, unlock)?,
        };
        let is_key = if SIGNING.contains(&kind(name)) {
            SecretKey::parse(&line).is_ok()
        } else {
            raw_key(&line).is_some()
        };
        match is_key {
            true => Ok(line),
            false => Err(self.damaged(name, "not the line of a key")),
        }
    }

    fn open(
        &self,
        name: &str,
        text: &str,
        unlock: &mut Unlock,
    ) -> Result<Zeroizing<String>, KeyFault> {
        let file = KeyFile::parse(text).map_err(|error| self.damaged(name, error))?;
        let key = unlock.key(file.lock())?;
        file.open((name, &self.origin), &key)
            .map_err(|error| match error {
                KeyFileError::Locked => KeyFault::Locked(format!(
                    "{} does not open with the unlock key in {}: it is another one, or the file is \
                     of another log or damaged. If a `countersign key change-unlock` was broken \
                     off, give it once more",
                    self.path(name).display(),
                    unlock.place()
                )),
                other => self.damaged(name, other),
            })
    }
}

/// The lines of a folder's keys.
struct Lines<'a> {
    files: &'a KeyFiles,
    unlock: Option<Unlock>,
}

impl Lines<'_> {
    fn signing(&mut self, name: &str) -> Result<SecretKey, KeyFault> {
        let line = self.files.line(name, self.unlock.as_mut())?;
        SecretKey::parse(&line).map_err(|error| self.files.damaged(name, error))
    }

    fn raw(&mut self, name: &str) -> Result<Zeroizing<[u8; 32]>, KeyFault> {
        let line = self.files.line(name, self.unlock.as_mut())?;
        raw_key(&line).ok_or_else(|| self.files.damaged(name, "not a key of 32 bytes"))
    }
}

/// The kind of a key, by its name: `checkpoint` of `checkpoint-2`.
#[must_use]
pub fn kind(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((kind, number)) if is_number(number) => kind,
        _ => name,
    }
}

/// Which of its kind a key is, by its name: 2 of `checkpoint-2`, 1 of `checkpoint`.
fn number(name: &str) -> u64 {
    let (_, number) = name.rsplit_once('-').unwrap_or_default();
    match number.parse() {
        Ok(read) if is_number(number) => read,
        _ => 1,
    }
}

/// Written as we write it, from 2.
fn is_number(text: &str) -> bool {
    let number: Option<u64> = text.parse().ok();
    number.is_some_and(|number| number >= 2 && number.to_string() == text)
}

fn raw_key(line: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = Zeroizing::new(STANDARD.decode(line).ok()?);
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

/// The text of a secret file, as it lies there.
pub(crate) fn read_secret(path: &Path) -> Result<Zeroizing<String>, StoreError> {
    let doing = || format!("reading {}", path.display());
    let text = fs::read_to_string(path).map_err(|e| StoreError::new(doing(), e))?;
    Ok(Zeroizing::new(text))
}

/// Reads a signing key in a file of its own, in the open: an administrator's, a person's, a
/// device's.
///
/// # Errors
/// [`StoreError`].
pub fn read_secret_key(path: &Path) -> Result<SecretKey, StoreError> {
    let doing = || format!("reading {}", path.display());
    SecretKey::parse(read_secret(path)?.trim())
        .map_err(|error| StoreError::other(doing(), error.to_string()))
}
