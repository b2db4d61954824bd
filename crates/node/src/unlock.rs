//! Where the unlock key of a folder's key files comes from.
//!
//! In this order, and the first that is named counts, whether it fits or not:
//! 1. `COUNTERSIGN_UNLOCK_FILE`: a file with the line of an unlock key, or with a passphrase;
//! 2. the systemd credential `countersign-unlock` (`LoadCredential=`), the same;
//! 3. `COUNTERSIGN_PASSPHRASE_FILE`: a file with a passphrase;
//! 4. `unlock` in `DIR/countersign.toml`: a file like the first; `DIR.unlock` by default.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use countersign_ports::{Entropy, StoreError};
use countersign_record::key_file::{KeyFileError, Lock, SALT_LEN, Stretch, UnlockKey};
use countersign_record::limits::{PASSPHRASE_LEN_MAX, PASSPHRASE_LEN_MIN};
use countersign_store_local::folder::put_secret;
use zeroize::Zeroizing;

use crate::begun_file::BegunFile;

/// Names a file with an unlock key or a passphrase.
pub const UNLOCK_FILE: &str = "COUNTERSIGN_UNLOCK_FILE";
/// Names a file with a passphrase.
pub const PASSPHRASE_FILE: &str = "COUNTERSIGN_PASSPHRASE_FILE";
/// Where systemd puts the credentials of a service.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";
/// What the credential is called there.
const CREDENTIAL: &str = "countersign-unlock";

/// Codes that have a page under docs/errors.
pub const ERROR_CODES: [&str; 2] = ["key_file_damaged", "keys_locked"];

/// Why the keys of a folder cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The unlock key is missing or another one.
    #[error("{0}")]
    Locked(String),
    /// A key file is none.
    #[error("{0}")]
    Damaged(String),
    /// A file.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl KeyFault {
    /// Stable code, one of [`ERROR_CODES`], if there is one.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        let [damaged, locked] = ERROR_CODES;
        match self {
            Self::Locked(_) => Some(locked),
            Self::Damaged(_) => Some(damaged),
            Self::Store(_) => None,
        }
    }
}

/// A file that holds an unlock key or a passphrase, and who named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnlockPlace {
    /// The file.
    pub path: PathBuf,
    /// The variable that named it; `None` for the settings.
    named_by: Option<&'static str>,
    /// It can hold nothing but a passphrase.
    passphrase_only: bool,
}

impl UnlockPlace {
    /// A file that the settings or the command line name.
    #[must_use]
    pub const fn file(path: PathBuf) -> Self {
        Self {
            path,
            named_by: None,
            passphrase_only: false,
        }
    }

    /// A file that must hold a passphrase.
    #[must_use]
    pub const fn passphrase(path: PathBuf) -> Self {
        Self {
            path,
            named_by: None,
            passphrase_only: true,
        }
    }

    /// What the environment of the process names, if anything.
    #[must_use]
    pub fn of_environment() -> Option<Self> {
        Self::named_in(&|name| std::env::var_os(name).filter(|value| !value.is_empty()))
    }

    fn named_in(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<Self> {
        let named = |path: PathBuf, by, passphrase_only| Self {
            path,
            named_by: Some(by),
            passphrase_only,
        };
        if let Some(path) = variable(UNLOCK_FILE) {
            return Some(named(path.into(), UNLOCK_FILE, false));
        }
        // A service has credentials for other ends as well.
        let credential = variable(CREDENTIALS).map(|folder| PathBuf::from(folder).join(CREDENTIAL));
        if let Some(path) = credential.filter(|path| path.exists()) {
            return Some(named(path, CREDENTIALS, false));
        }
        variable(PASSPHRASE_FILE).map(|path| named(path.into(), PASSPHRASE_FILE, true))
    }
}

impl std::fmt::Display for UnlockPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.named_by.map_or(Ok(()), |by| write!(f, " (from {by})"))
    }
}

enum Secret {
    Key(UnlockKey),
    Passphrase(Zeroizing<String>),
}

/// An unlock key or a passphrase that was read; what it opens is seen when it is tried.
pub struct Unlock {
    place: UnlockPlace,
    secret: Secret,
    /// What was made of the passphrase, for each lock: that takes a while.
    made: BTreeMap<Lock, UnlockKey>,
}

impl std::fmt::Debug for Unlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Unlock({}, redacted)", self.place)
    }
}

impl Unlock {
    /// Reads it.
    ///
    /// # Errors
    /// [`KeyFault::Locked`] with what to do.
    pub fn read(place: UnlockPlace) -> Result<Self, KeyFault> {
        let locked = |why: String| KeyFault::Locked(format!("the unlock key in {place}: {why}"));
        let text = read_short(&place.path).map_err(|error| {
            locked(format!(
                "{error}. Put the file back; or name where it lies now in {UNLOCK_FILE}, or as \
                 `unlock` in countersign.toml"
            ))
        })?;
        let secret = if text.starts_with("countersign-") {
            if place.passphrase_only {
                return Err(locked(
                    "it holds a key, and a passphrase was asked for".to_owned(),
                ));
            }
            Secret::Key(UnlockKey::parse(&text).map_err(|error| locked(error.to_string()))?)
        } else {
            let line = text.strip_suffix('\n').unwrap_or(&text);
            if line.is_empty() || line.contains(['\n', '\r']) {
                return Err(locked(
                    "neither a key nor one line of passphrase".to_owned(),
                ));
            }
            Secret::Passphrase(Zeroizing::new(line.to_owned()))
        };
        Ok(Self {
            place,
            secret,
            made: BTreeMap::new(),
        })
    }

    /// Makes a file with a new unlock key, which must not exist; the file is gone again unless it
    /// is [kept](BegunFile::keep).
    ///
    /// # Errors
    /// [`KeyFault`].
    pub fn make(path: &Path, entropy: &mut dyn Entropy) -> Result<(Self, BegunFile), KeyFault> {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(&mut *bytes)?;
        let key = UnlockKey::new(&bytes);
        let text = Zeroizing::new(format!("{}\n", *key.to_text()));
        if let Some(folder) = path.parent() {
            let doing = || format!("making {}", folder.display());
            fs::create_dir_all(folder).map_err(|e| StoreError::new(doing(), e))?;
        }
        put_secret(path, &text)?;
        let made = BegunFile::at(path.to_owned());
        let unlock = Self {
            place: UnlockPlace::file(path.to_owned()),
            secret: Secret::Key(key),
            made: BTreeMap::new(),
        };
        Ok((unlock, made))
    }

    /// Where it was read.
    #[must_use]
    pub const fn place(&self) -> &UnlockPlace {
        &self.place
    }

    /// The lock of files that are written now: its salt is new.
    ///
    /// # Errors
    /// [`KeyFault`], also for a passphrase that is too short to guard anything.
    pub fn new_lock(&self, entropy: &mut dyn Entropy) -> Result<Lock, KeyFault> {
        match &self.secret {
            Secret::Key(_) => Ok(Lock::Key),
            Secret::Passphrase(text) if text.len() < PASSPHRASE_LEN_MIN => {
                Err(KeyFault::Locked(format!(
                    "the passphrase in {} has fewer than {PASSPHRASE_LEN_MIN} characters",
                    self.place
                )))
            }
            Secret::Passphrase(_) => {
                let mut salt = [0; SALT_LEN];
                entropy.fill(&mut salt)?;
                Ok(Lock::Passphrase(Stretch::recommended(salt)))
            }
        }
    }

    /// The key for files with this lock.
    ///
    /// # Errors
    /// [`KeyFault::Locked`] when a key was given for a passphrase or the other way round.
    pub fn key(&mut self, lock: Lock) -> Result<UnlockKey, KeyFault> {
        let place = &self.place;
        let locked = |why: String| KeyFault::Locked(format!("{why}, see {place}"));
        match (&self.secret, lock) {
            (Secret::Key(key), Lock::Key) => Ok(key.clone()),
            (Secret::Key(_), Lock::Passphrase(_)) => Err(locked(
                "a passphrase locks the key files, and an unlock key was given".to_owned(),
            )),
            (Secret::Passphrase(_), Lock::Key) => Err(locked(
                "an unlock key locks the key files, and a passphrase was given".to_owned(),
            )),
            (Secret::Passphrase(text), Lock::Passphrase(stretch)) => {
                if let Some(key) = self.made.get(&lock) {
                    return Ok(key.clone());
                }
                let key = UnlockKey::of_passphrase(text.as_bytes(), &stretch)
                    .map_err(|error: KeyFileError| locked(error.to_string()))?;
                self.made.insert(lock, key.clone());
                Ok(key)
            }
        }
    }
}

/// Reads a text of at most the length of a passphrase.
fn read_short(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(PASSPHRASE_LEN_MAX + 2));
    let mut file = fs::File::open(path)?.take(PASSPHRASE_LEN_MAX as u64 + 2);
    file.read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "countersign-unlock-key:1:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n";

    fn check(variables: &[(&str, &str)], expect: Option<(&str, bool)>) {
        let variable = |name: &str| {
            let found = variables.iter().find(|(of, _)| *of == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let found = UnlockPlace::named_in(&variable);
        let found = found.map(|place| (place.path.display().to_string(), place.passphrase_only));
        let expect = expect.map(|(path, only)| (path.to_owned(), only));
        assert_eq!(found, expect, "{variables:?}");
    }

    #[test]
    fn the_order_of_places() {
        let folder = tempfile::tempdir().expect("folder");
        let credential = folder.path().join(CREDENTIAL);
        let folder = folder.path().display().to_string();
        check(&[], None);
        let passphrase = (PASSPHRASE_FILE, "/p");
        check(&[passphrase], Some(("/p", true)));
        check(&[passphrase, (CREDENTIALS, &folder)], Some(("/p", true)));
        fs::write(&credential, KEY).expect("writes");
        let credential = credential.display().to_string();
        let both = [passphrase, (CREDENTIALS, &folder)];
        check(&both, Some((&credential, false)));
        let all = [passphrase, (CREDENTIALS, &folder), (UNLOCK_FILE, "/u")];
        check(&all, Some(("/u", false)));
    }

    fn reads(text: &str, only: bool) -> Result<bool, String> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("unlock");
        fs::write(&path, text).expect("writes");
        let place = if only {
            UnlockPlace::passphrase(path)
        } else {
            UnlockPlace::file(path)
        };
        let read = Unlock::read(place).map_err(|fault| fault.to_string())?;
        Ok(matches!(read.secret, Secret::Passphrase(_)))
    }

    #[test]
    fn debugging_shows_no_secret() {
        let key = Unlock {
            place: UnlockPlace::file(PathBuf::from("/unlock")),
            secret: Secret::Key(UnlockKey::parse(KEY).expect("a key")),
            made: BTreeMap::new(),
        };
        assert_eq!(format!("{key:?}"), "Unlock(/unlock, redacted)");
    }

    #[test]
    fn keys_and_passphrases() {
        assert_eq!(reads(KEY, false), Ok(false));
        assert_eq!(reads("correct horse\n", false), Ok(true));
        assert_eq!(reads("correct horse", true), Ok(true));
        for (bad, only) in [
            (KEY, true),
            (&KEY[..40], false),
            ("countersign-secret-key:1:Ed25519:x", false),
            ("", false),
            ("\n", false),
            ("two\nlines\n", false),
        ] {
            let error = reads(bad, only).expect_err("is refused");
            assert!(
                bad.trim().is_empty() || !error.contains(bad.trim()),
                "{error}"
            );
        }
    }
}
